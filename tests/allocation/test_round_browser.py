"""The pages around a round in a real browser: axe finds nothing, and they fit every width."""

import pytest
from django.urls import reverse

from accounts.roles import Role
from allocation import intentions, re_reviews, roster_objections
from allocation.models import ReReview
from tests.browsing import enter, faults_of, width_of
from tests.factories import accounts
from tests.factories import allocation as make

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("checked"),
]


def planned(checked):
    """A round with a household that needs a person, and one at the window."""
    row, household, other = make.planned(2, 3), make.waiting(), make.waiting()
    intentions.register(
        household, row, by=household.created_by, preferences=["EST-A"], any_estate=True,
        needs_accessible=True,
    )  # fmt: skip
    checked[household.pk] = "manual_review"
    re_reviews.look_at_due()
    return row, other


def objected():
    row = make.frozen(3, 2)
    said = roster_objections.Said(about="homes", text="名单里少了一套已经公布的房源",
                                  contact="周明 13800001111")  # fmt: skip
    return row, roster_objections.raise_(row, said)


def test_every_page_is_accessible_and_fits(page, client, live_server, checked):
    row, other = planned(checked)
    frozen, made = objected()
    check = ReReview.objects.get()
    admin, clerk = make.administrator().user, accounts.staff(Role.WINDOW).user

    def at(name, *args):
        return reverse(name, args=list(args))

    visits = [
        (None, at("public_plan", row.code)),
        (None, at("public_roster", frozen.code)),
        (None, at("public_roster_object", frozen.code)),
        (None, at("public_draw", frozen.code)),
        (admin, at("office_round", row.code)),
        (admin, at("office_round", frozen.code)),
        (admin, at("office_round_plan")),
        (admin, at("office_round_preview", row.code)),
        (admin, at("office_round_checks", row.code)),
        (admin, at("office_round_check", row.code, check.pk)),
        (admin, at("office_objections", frozen.code)),
        (admin, at("office_objection", frozen.code, made.pk)),
        (clerk, at("window_wishes", other.ref)),
    ]
    for user, address in visits:
        enter(page, client, live_server, user)
        page.set_viewport_size({"width": 1440, "height": 900})
        page.goto(live_server.url + address)
        assert (address, faults_of(page)) == (address, [])
        for width in (1440, 768, 360):
            page.set_viewport_size({"width": width, "height": 800})
            assert (address, width, width_of(page)) == (address, width, 0)
