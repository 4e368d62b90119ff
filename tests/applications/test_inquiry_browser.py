"""核实单 as a browser shows it: axe and width, wide and narrow."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.roles import BureauKind
from applications.models.review import Stage
from tests.factories import applications
from tests.factories import inquiries as desk
from tests.factories import review as tasks

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]


@pytest.mark.parametrize("width", [1440, 360])
def test_the_desks_pages_pass_axe_and_fit_their_width(live_server, page, width):
    case = desk.accepted(applications.couple_with_child())
    desk.answered(case, "low_income_aid", [desk.aid(case.applicant)])
    desk.answered(case, "social_assistance")
    desk.silent(case, "marriage")
    tasks.agree(tasks.task_of(desk.opened(case), Stage.STREET))
    client = Client()
    client.force_login(desk.at_desk().user)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    page.context.add_cookies(
        [{"name": settings.SESSION_COOKIE_NAME, "value": cookie, "url": live_server.url}]
    )
    page.set_viewport_size({"width": width, "height": 900})
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
        page.goto(live_server.url + address, wait_until="networkidle")
        found = Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found] == [], address
        root = "document.documentElement"
        assert page.evaluate(f"{root}.scrollWidth <= {root}.clientWidth"), address
