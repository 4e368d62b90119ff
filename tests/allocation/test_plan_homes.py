"""Before the roster: homes that cannot be let, checks past their day, where an estate is."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from accounts.roles import Role
from allocation import facts, plan_homes, re_review_days, standards, states, whereabouts
from allocation.models import HomeHold, ReReview
from allocation.tasks import look_at_checks
from applications import periods
from core import clock
from core.models import AuditEntry, Notice
from office import agenda
from office.figures.figure import Moment
from tests.allocation.test_pages import text
from tests.allocation.test_re_reviews import registered
from tests.factories import accounts
from tests.factories import allocation as make
from tests.factories import homes as stock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
REPAIR = HomeHold.Kind.REPAIR


def with_a_repair(until=None, homes=2):
    """A planned round one of whose homes went into repair, and that home."""
    row = make.planned(1, homes)
    home = row.homes.order_by("code")[0]
    stock.held(home, kind=REPAIR, until=until)
    return row, home


def told(template):
    return Notice.objects.filter(code=template.code)


def test_the_round_shows_it_with_the_ways_out(client):
    row, home = with_a_repair()
    other, small = make.home(), make.home(unit_type="1R")
    client.force_login(row.created_by)
    page = text(client.get(reverse("office_round", args=[row.code])))
    assert facts.address(home) in page and "卫生间渗水" in page
    assert "定名单之前修不好" in page and other.code in page and small.code not in page
    row, home = with_a_repair(until=clock.today())
    client.force_login(row.created_by)
    page = text(client.get(reverse("office_round", args=[row.code])))
    assert "定名单之前能修好" in page


def test_another_of_the_same_kind_takes_its_place_and_households_are_told(client):
    row, home = with_a_repair()
    other = make.home()
    client.force_login(row.created_by)
    address = reverse("office_round_home", args=[row.code, home.pk])
    client.post(address, {"do": "replace"})
    assert home in row.homes.all()
    client.post(address, {"do": "replace", "instead": other.pk})
    assert home not in row.homes.all() and other in row.homes.all()
    assert facts.address(other) in told(plan_homes.REPLACED).get().text
    row.refresh_from_db()
    assert row.plan_table and not told(plan_homes.TAKEN_OUT).exists()
    assert make.freeze(row, by=row.created_by).state == states.R_FROZEN


def test_it_is_taken_out_but_for_the_last_and_fit_homes_stay():
    row, home = with_a_repair()
    fit = row.homes.exclude(pk=home.pk).get()
    with pytest.raises(plan_homes.PlanRefused, match="可以配租"):
        plan_homes.take_out(row, fit, by=row.created_by)
    for bad in (make.home(unit_type="1R"), make.home(accessible=True), fit):
        with pytest.raises(plan_homes.PlanRefused, match="户型不一样"):
            plan_homes.replace(row, home, bad, by=row.created_by)
    plan_homes.take_out(row, home, by=row.created_by)
    assert list(row.homes.all()) == [fit] and told(plan_homes.TAKEN_OUT).count() == 1
    with pytest.raises(plan_homes.PlanRefused, match="已经不在"):
        plan_homes.take_out(row, home, by=row.created_by)
    alone, home = with_a_repair(homes=1)
    with pytest.raises(plan_homes.PlanRefused, match="最后一套"):
        plan_homes.take_out(alone, home, by=alone.created_by)


def test_a_check_near_its_day_is_reminded_of_and_past_it_escalated_once():
    _household, check = registered(make.planned(0, 1))
    assert re_review_days.remind_due() == (0, 0)
    near = check.due_on - timedelta(days=1)
    ReReview.objects.update(due_on=periods.of("re_review_reminder").after(clock.today()))
    assert re_review_days.remind_due() == (1, 0)
    assert re_review_days.remind_due() == (0, 0) and near
    assert AuditEntry.objects.get(verb="re_review.reminded").detail["owner"]
    ReReview.objects.update(due_on=clock.today() - timedelta(days=1))
    assert re_review_days.remind_due() == (0, 1)
    assert re_review_days.remind_due() == (0, 0)
    check.refresh_from_db()
    assert check.state == states.C_WAITING  # the day ends nothing
    assert "轮候位置不变" in told(re_review_days.LATE).get().text


def test_the_desks_see_what_is_late(client, checked):
    row = make.planned(0, 1)
    household, _check = registered(row)
    checked[household.pk] = "pending_source"
    ReReview.objects.update(due_on=clock.today() - timedelta(days=1))
    look_at_checks()
    client.force_login(row.created_by)
    assert "有核对已过期限" in text(client.get(reverse("office_round_checks", args=[row.code])))
    assert "核对已过期限的1户" in text(client.get(reverse("office_round", args=[row.code])))
    risks = agenda.today_page(Moment.now())["risks"]
    assert [one.number for one in risks if one.title == "配租前核对已过期限"] == [1]


def test_where_an_estate_is_stands_on_its_page_and_the_households(client):
    offer = make.opened()
    estate, admin = offer.home.estate, make.administrator()
    address = reverse("office_estate_way", args=[estate.code])
    client.force_login(admin.user)
    assert client.post(address, {"latitude": "29.8"}).status_code == 422
    assert client.post(address, {"latitude": "121.5", "longitude": "29.8"}).status_code == 422
    client.post(address, {"metro": "3号线2号口", "latitude": "29.81", "longitude": "121.54"})
    estate.refresh_from_db()
    assert whereabouts.geo(estate).startswith("geo:29.810000,121.540000?q=")
    assert whereabouts.qr(estate).startswith("data:image/svg+xml")
    with pytest.raises(standards.StandardRefused):
        whereabouts.set_way(estate, whereabouts.Way(), by=accounts.staff(Role.LEADER))
    whereabouts.set_way(estate, whereabouts.Way(latitude=None), by=admin)
    estate.refresh_from_db()
    assert whereabouts.geo(estate) == "" == whereabouts.qr(estate)
    assert whereabouts.Way(latitude=Decimal(1)) != whereabouts.Way()
