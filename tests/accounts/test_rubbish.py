"""What no honest browser sends is refused in words, never with a broken page."""

import pytest

from tests.factories import accounts
from tests.factories import applications as make
from tests.factories import review as desk

pytestmark = pytest.mark.django_db

NUL = {
    "citizen": ["/my/case/%00/", "/letter/?code=%00", "/public/draws/%00/"],
    "district": ["/review/?q=%00", "/api/v1/cases/?q=%00", "/api/v1/queue/?bureau=%00"],
    "admin": ["/office/search/?q=%00", "/office/cases/%00/", "/api/v1/homes/?estate=%00"],
    "auditor": ["/audit/?actor=%00", "/audit/looks/?case=%00"],
}


def user_of(kind):
    return accounts.citizen().user if kind == "citizen" else accounts.staff(kind).user


@pytest.mark.parametrize("kind", NUL)
def test_a_nul_in_an_address_is_a_bad_request(client, kind):
    client.force_login(user_of(kind))
    assert {path: client.get(path).status_code for path in NUL[kind]} == dict.fromkeys(
        NUL[kind], 400
    )


def test_a_nul_in_a_form_is_a_bad_request(client):
    answer = client.post("/letter/", {"code": "AB\0CD"})
    assert answer.status_code == 400


def test_a_key_of_another_list_is_no_page(client):
    client.force_login(desk.district().user)
    # p=2026, where the list of cases goes by time
    assert client.get("/api/v1/cases/?cursor=cD0yMDI2").status_code == 404


def test_a_month_with_none_after_it_is_no_figure(client):
    client.force_login(user_of("admin"))
    assert client.get("/office/cases/?figure=calls&month=9999-12").status_code == 404


def test_a_member_that_is_no_number_is_not_found(client):
    clerk = accounts.staff("window", bureau=accounts.bureau("street"))
    row = make.application(1, state="draft", channel="window")
    row.created_by = clerk.user
    row.save(update_fields=["created_by"])
    client.force_login(clerk.user)
    assert client.post(f"/window/{row.ref}/consent/", {"member": "x"}).status_code == 404


def test_a_rule_that_does_not_exist_is_not_settled(client):
    case = desk.in_joint_review()
    task = desk.task_of(case, "joint", "housing")
    client.force_login(desk.reviewer_for(task).user)
    body = {"verdict": "object", "text": "x", "settled": {"\0": {"how": "confirmed_fail"}}}
    path = f"/api/v1/queue/{task.pk}/opinion/"
    assert client.post(path, body, content_type="application/json").status_code == 400
    task.refresh_from_db()
    assert task.state == "open"
