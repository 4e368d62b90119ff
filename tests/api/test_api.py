"""The API: the permissions of the pages, masked numbers, documented answers."""

import json

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.roles import BureauKind, Role
from applications import review, states
from applications.models import Member, Opinion
from applications.models.review import Stage
from core import clock
from core.models import AuditEntry
from datashare.models import Call
from tests.factories import accounts, applications
from tests.factories import review as desk

pytestmark = pytest.mark.django_db


def signed_in(staff) -> Client:
    client = Client()
    client.force_login(staff.user)
    return client


def send(client: Client, address: str, body: dict) -> tuple[int, dict]:
    response = client.post(address, json.dumps(body), content_type="application/json")
    return response.status_code, response.json()


def case_numbers(client: Client, **query) -> list[str]:
    return [one["case_no"] for one in client.get("/api/v1/cases/", query).json()["results"]]


# -- Who sees what -------------------------------------------------------------------------------


@pytest.mark.parametrize("address", ["/api/v1/cases/", "/api/v1/queue/", "/api/v1/calls/"])
def test_nobody_is_let_in_without_signing_in(client, address):
    response = client.get(address)
    assert response.status_code == 401
    assert response["Content-Type"] == "application/json"


@pytest.mark.parametrize("address", ["/api/v1/cases/", "/api/v1/queue/", "/api/v1/calls/"])
def test_a_citizen_is_refused(client, address):
    client.force_login(accounts.citizen().user)
    assert client.get(address).status_code == 403


def test_a_street_sees_its_territory_a_department_its_tasks_the_district_all():
    here = desk.in_joint_review(street=accounts.bureau("330212101"))
    there = desk.under_review(street=accounts.bureau("330212102"))
    street = signed_in(accounts.staff(Role.STREET, bureau=here.street))
    department = signed_in(accounts.staff(Role.REVIEWER))
    district = signed_in(desk.district())
    assert case_numbers(street) == [here.case_no]
    assert case_numbers(department) == [here.case_no]
    assert set(case_numbers(district)) == {here.case_no, there.case_no}


def test_a_draft_is_nobodys_but_the_familys():
    applications.application(state=states.DRAFT)
    assert case_numbers(signed_in(desk.district())) == []


def test_a_case_out_of_sight_is_not_there():
    case = desk.under_review()
    client = signed_in(accounts.staff(Role.REVIEWER))
    assert client.get(f"/api/v1/cases/{case.case_no}/").status_code == 404


def test_kin_are_refused_the_case():
    case = desk.under_review(members=2)
    kin = desk.district()
    kin.id_index = Member.objects.get(application=case, position=1).id_index
    kin.save()
    assert signed_in(kin).get(f"/api/v1/cases/{case.case_no}/").status_code == 403


def test_one_case_masks_numbers_and_records_the_look():
    people = applications.couple_with_child()
    case = desk.under_review([desk.OFFPLAN], members=people)
    response = signed_in(desk.district()).get(f"/api/v1/cases/{case.case_no}/")
    body = response.json()
    assert len(body["members"]) == 3
    assert body["assessment"]["findings"][0]["rule"] == "HOUSING_OFFPLAN"
    said = body["assessment"]["findings"][0]
    assert said["sentence"] and said["difference"] == "11.83"
    assert all(one.id_number not in response.content.decode() for one in people)
    assert AuditEntry.objects.filter(verb="looked", case_no=case.case_no).count() == 1


def test_a_department_reads_of_anothers_rule_the_verdict_alone_as_on_its_page():
    income = applications.finding(
        "INCOME", "fail", actual="62345.00", limit="54406.40", op="<=", evidence=["income_check"]
    )
    case = desk.in_joint_review([desk.OFFPLAN, income])
    task = desk.task_of(case, Stage.JOINT, BureauKind.HOUSING)
    address = f"/api/v1/cases/{case.case_no}/"

    def read(staff):
        found = signed_in(staff).get(address).json()["assessment"]["findings"]
        return {one["rule"]: one for one in found}

    seen = read(desk.reviewer_for(task))
    assert seen["INCOME"] == {
        "rule": "INCOME", "result": "fail", "person": None, "actual": None, "limit": None,
        "basis": "", "change": "", "difference": "",
        "op": None, "citation": "", "evidence": [], "sentence": "",
    }  # fmt: skip
    assert seen["HOUSING_OFFPLAN"]["actual"] == "29.83" and seen["HOUSING_OFFPLAN"]["sentence"]
    for staff in (desk.district(), accounts.staff(Role.STREET, bureau=case.street)):
        whole = read(staff)
        assert whole["INCOME"]["actual"] == "62345.00" and whole["INCOME"]["sentence"]


def test_cases_are_filtered_like_the_pages():
    case = desk.under_review()
    client = signed_in(desk.district())
    assert case_numbers(client, state="street_review") == [case.case_no]
    assert case_numbers(client, state="publicity") == []
    assert case_numbers(client, q=case.case_no[-4:]) == [case.case_no]
    assert client.get("/api/v1/cases/", {"state": "nonsense"}).status_code == 400


def test_pages_follow_by_cursor():
    cases = {desk.under_review().case_no for _n in range(3)}
    client = signed_in(desk.district())
    seen, address = [], "/api/v1/cases/?page_size=2"
    while address:
        body = client.get(address).json()
        seen += [one["case_no"] for one in body["results"]]
        address = body["next"]
    assert len(seen) == 3 and set(seen) == cases


# -- The queue -----------------------------------------------------------------------------------


def test_the_queue_gives_my_desk_only():
    case = desk.in_joint_review([desk.OFFPLAN])
    task = desk.task_of(case, Stage.JOINT, BureauKind.HOUSING)
    body = signed_in(desk.reviewer_for(task)).get("/api/v1/queue/").json()
    assert [one["id"] for one in body["results"]] == [task.pk]
    assert body["results"][0]["findings"] == ["HOUSING_OFFPLAN"]
    assert body["results"][0]["urgency"] == "later"


def test_an_opinion_is_given_once():
    case = desk.in_joint_review([desk.OFFPLAN])
    task = desk.task_of(case, Stage.JOINT, BureauKind.HOUSING)
    address = reverse("queue-opinion", args=[task.pk])
    answer = {
        "verdict": "object", "text": "合同在备案",
        "reason_codes": ["HOUSING_OFFPLAN.contract_counts", "paper_seen"],
        "settled": {"HOUSING_OFFPLAN": {"how": "confirmed_fail"}},
    }  # fmt: skip
    status, body = send(signed_in(desk.reviewer_for(task)), address, answer)
    assert status == 201 and body["verdict"] == "object" and body["by"]
    status, body = send(signed_in(desk.reviewer_for(task)), address, answer)
    assert status == 409 and "已由" in body["detail"]
    assert Opinion.objects.filter(task=task).count() == 1


def test_an_opinion_that_leaves_something_open_is_refused_with_its_field():
    case = desk.in_joint_review([desk.OFFPLAN])
    task = desk.task_of(case, Stage.JOINT, BureauKind.HOUSING)
    address = reverse("queue-opinion", args=[task.pk])
    status, body = send(signed_in(desk.reviewer_for(task)), address, {"verdict": "agree"})
    assert (status, body["field"]) == (409, "settled")


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"verdict": "perhaps"},
        {"verdict": "agree", "settled": {"INCOME": {"how": "?"}}},
        {"verdict": "agree", "settled": []},
        {"verdict": "agree", "settled": {"INCOME": "x"}},
    ],
)
def test_what_is_not_understood_is_a_400(body):
    task = desk.task_of(desk.under_review(), Stage.STREET)
    address = reverse("queue-opinion", args=[task.pk])
    assert send(signed_in(desk.reviewer_for(task)), address, body)[0] == 400


def test_claim_and_release():
    task = desk.task_of(desk.under_review(), Stage.STREET)
    client = signed_in(desk.reviewer_for(task))
    status, body = send(client, reverse("queue-claim", args=[task.pk]), {})
    assert status == 200 and body["state"] == states.TASK_CLAIMED and body["claimed_by"]
    other = signed_in(desk.reviewer_for(task))
    assert send(other, reverse("queue-claim", args=[task.pk]), {})[0] == 409
    assert send(client, reverse("queue-release", args=[task.pk]), {})[0] == 200
    assert send(client, reverse("queue-release", args=[task.pk]), {})[0] == 409


def test_another_desks_task_is_not_there():
    task = desk.task_of(desk.under_review(), Stage.STREET)
    client = signed_in(accounts.staff(Role.REVIEWER))
    assert client.get(reverse("queue-detail", args=[task.pk])).status_code == 404


def test_a_post_without_its_token_is_refused():
    task = desk.task_of(desk.under_review(), Stage.STREET)
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(desk.reviewer_for(task).user)
    response = strict.post(reverse("queue-claim", args=[task.pk]))
    assert response.status_code == 403
    assert review.ReviewTask.objects.get(pk=task.pk).state == states.TASK_OPEN


# -- Calls ---------------------------------------------------------------------------------------


def test_calls_tell_everything_but_about_whom():
    Call.objects.create(
        source="property", case_no="YZ2026-000001", purpose="公共服务-00610-000-002",
        basis="consent:x", by="worker", person_index="f" * 64, started_at=clock.now(),
        duration_ms=12, outcome="found", row_count=1,
    )  # fmt: skip
    client = signed_in(accounts.staff(Role.ADMIN, bureau=accounts.bureau(BureauKind.CENTRE)))
    (one,) = client.get("/api/v1/calls/", {"source": "property"}).json()["results"]
    assert one["duration_ms"] == 12 and "f" * 64 not in str(one)
    assert client.get("/api/v1/calls/", {"source": "vehicle"}).json()["results"] == []


def test_a_reviewer_does_not_read_the_call_log():
    assert signed_in(accounts.staff(Role.REVIEWER)).get("/api/v1/calls/").status_code == 403


# -- The description -----------------------------------------------------------------------------


def test_the_schema_is_generated_without_a_warning(tmp_path):
    call_command("spectacular", "--fail-on-warn", "--validate", "--file", tmp_path / "schema.yaml")


def test_schema_and_documentation_are_open_and_come_from_here(client):
    assert client.get("/api/v1/schema/").status_code == 200
    page = client.get("/api/v1/docs/").content.decode()
    assert "<style" not in page and "http" not in page.replace("http-equiv", "")
    assert client.get("/api/v1/docs/?script").status_code == 200


def test_every_operation_documents_its_refusals(client):
    schema = client.get("/api/v1/schema/", {"format": "json"}).json()
    for address, methods in schema["paths"].items():
        if not any(name in address for name in ("/cases/", "/queue/", "/calls/")):
            continue
        for method, operation in methods.items():
            codes = set(operation["responses"])
            assert {"401", "403"} <= codes, (address, method)
            assert method != "post" or "409" in codes, (address, method)
