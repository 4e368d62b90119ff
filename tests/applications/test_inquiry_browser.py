"""核实单 as a browser shows it: axe and width, wide and narrow."""

import pytest
from django.urls import reverse

from accounts.roles import BureauKind
from applications.models.review import Stage
from tests.browsing import enter, look_at
from tests.factories import applications
from tests.factories import inquiries as desk
from tests.factories import review as tasks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


def test_the_desks_pages_pass_axe_and_fit_their_width(live_server, page, client):
    case = desk.accepted(applications.couple_with_child())
    desk.answered(case, "low_income_aid", [desk.aid(case.applicant)])
    desk.answered(case, "social_assistance")
    desk.silent(case, "marriage")
    tasks.agree(tasks.task_of(desk.opened(case), Stage.STREET))
    enter(page, client, live_server, desk.at_desk().user)
    task = tasks.task_of(case, Stage.JOINT, BureauKind.CIVIL_AFFAIRS)
    one = case.inquiries.filter(kind="two_routes").first()
    row = case.evidence.get(source="low_income_aid")
    for address in (
        reverse("review_queue"),
        reverse("review_inquiries"),
        reverse("review_inquiry", args=[one.pk]),
        reverse("review_task", args=[task.pk]),
        reverse("review_history", args=[task.pk, row.pk]),
    ):
        look_at(page, live_server, address)
