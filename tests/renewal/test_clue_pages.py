"""/office/clues/: the list by key with constant queries, one clue with its steps, looks kept."""

from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from core.models import AuditEntry
from renewal import clue_list, clues, states
from renewal.models import Clue
from tests.browsing import enter, faults_of, width_of
from tests.factories import accounts, tenancies

pytestmark = pytest.mark.django_db

LIST = "/office/clues/"


def noted(lease, n=0, kind="home"):
    return clues.note(
        lease, kind=kind, source="property", evidence={"key": str(n), "what": "89㎡ 存量房买卖"},
        on=date(2027, 3, 1), by=clues.SYSTEM, person_index=lease.application.applicant.id_index,
    )  # fmt: skip


@pytest.fixture
def staff(client):
    made = accounts.staff("district")
    client.force_login(made.user)
    return made


def page_of(row):
    return reverse("office_clue", args=[row.pk])


def test_the_list_is_filtered_paged_by_key_and_asks_as_often_however_long(
    client, staff, monkeypatch
):
    monkeypatch.setattr(clue_list, "PAGE", 3)
    lease = tenancies.lease(1)
    noted(lease)
    client.get(LIST)  # what is looked up once a process
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(LIST)
    for n in range(1, 7):
        noted(lease, n, kind="company" if n % 2 else "home")
    with CaptureQueriesContext(connection) as many:
        first = client.get(LIST)
    assert len(many) == len(few)
    found = first.context["found"]
    assert found.total == 7 and len(found.rows) == 3 and found.next_href
    second = client.get(LIST + found.next_href).context["found"]
    assert second.previous_href and second.rows[0][0].pk > found.rows[-1][0].pk
    narrowed = client.get(LIST + "?kind=company&age=week").context["found"]
    assert narrowed.total == 3 and narrowed.narrowed
    assert client.get(LIST + "?kind=nothing&age=x&after=x").context["found"].total == 0


def test_a_clue_is_taken_asked_about_and_explained_on_its_page(client, staff):
    row = noted(tenancies.lease(1), kind="company")
    assert "认领核实" in client.get(page_of(row)).content.decode()
    assert client.post(page_of(row), {"do": "take"}).status_code == 302
    body = client.get(page_of(row)).content.decode()
    assert "向部门核实" in body and "请先核实第二个来源" in body
    client.post(page_of(row), {"do": "ask"})
    assert "等部门答复" in client.get(page_of(row)).content.decode()
    assert client.post(page_of(row), {"do": "explain", "words": ""}).status_code == 422
    client.post(page_of(row), {"do": "explain", "words": "是挂名，已注销"})
    row.refresh_from_db()
    assert row.state == states.L_EXPLAINED
    body = client.get(page_of(row)).content.decode()
    assert "是挂名，已注销" in body and staff.name in body


def test_each_look_is_recorded_for_everybody_of_the_household(client, staff):
    row = noted(tenancies.lease(2))
    client.get(page_of(row))
    looks = AuditEntry.objects.filter(verb="looked")
    people = set(row.lease.application.members.values_list("id_index", flat=True))
    assert looks.count() == 1 and set(looks.get().subjects) == people


def test_kin_and_others_are_kept_out(client, staff):
    row = noted(tenancies.lease(1))
    staff.id_index = row.lease.application.applicant.id_index
    staff.save(update_fields=["id_index"])
    assert client.get(page_of(row)).status_code == 403
    assert client.post(page_of(row), {"do": "take"}).status_code == 403
    client.force_login(accounts.staff("operator").user)
    assert {client.get(one).status_code for one in (LIST, page_of(row))} == {403}
    assert Clue.objects.get().state == states.L_FOUND


@pytest.mark.browser
@pytest.mark.django_db(transaction=True)
def test_the_pages_of_clues_fit_a_phone_and_work_by_keyboard(page, client, live_server):
    staff = accounts.staff("district")
    row = noted(tenancies.lease(2), kind="report")
    enter(page, client, live_server, staff.user)
    page.set_viewport_size({"width": 360, "height": 740})
    for address in (LIST, page_of(row)):
        page.goto(live_server.url + address)
        assert faults_of(page) == [] and width_of(page) <= 0
    page.get_by_role("button", name="认领核实").press("Enter")
    page.get_by_label("核实情况").fill("上门看过，是亲戚来住几天")
    assert faults_of(page) == [] and width_of(page) <= 0
    page.get_by_role("button", name="已说明").press("Enter")
    page.get_by_text("不影响这一户").or_(page.get_by_text("已说明")).first.wait_for()
    row.refresh_from_db()
    assert row.state == states.L_EXPLAINED
