"""The office's pages: who comes in, what they say, and that they cost the same for any number."""

import pytest

from accounts.roles import Role
from applications import states
from core import audit
from core.models import AuditEntry, OutboxMessage
from tests.factories import accounts
from tests.factories import applications as make
from tests.factories.calls import call
from tests.office.conftest import answered

pytestmark = pytest.mark.django_db

LEADERS = [
    "/office/",
    "/office/onestop/",
    "/office/onestop/?wall=1",
    "/office/oneflow/",
    "/office/onenet/",
    "/office/cases/?figure=submitted",
    "/office/search/?q=试",
]


def signed_in(client, *roles):
    staff = accounts.staff(list(roles))
    client.force_login(staff.user)
    return staff


@pytest.mark.parametrize("role", [Role.ADMIN, Role.LEADER])
@pytest.mark.parametrize("path", LEADERS)
def test_administrators_and_leaders_see_the_dashboards(client, role, path):
    signed_in(client, role)
    assert client.get(path).status_code == 200


@pytest.mark.parametrize("path", [*LEADERS[1:], "/office/sources/", "/office/ops/", "/audit/"])
def test_other_staff_do_not(client, path):
    signed_in(client, Role.REVIEWER)
    assert client.get(path).status_code == 403


def test_guardians_land_on_their_own_desk(client):
    signed_in(client, Role.SYSTEM)
    assert client.get("/office/").url == "/office/ops/"
    signed_in(client, Role.SECURITY)
    assert client.get("/office/").url == "/office/people/"
    assert client.get("/office/people/").status_code == 200


@pytest.mark.parametrize("path", LEADERS[:5])
@pytest.mark.usefixtures("district")
def test_a_page_costs_the_same_number_of_queries_for_more_cases(
    client, path, django_assert_max_num_queries, streets
):
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    signed_in(client, Role.ADMIN)
    client.get(path)
    with CaptureQueriesContext(
        connection,
    ) as before:
        client.get(path)
    for number in range(8):
        answered(30, 4, streets[number % 2])
        make.application(state=states.JOINT_REVIEW, street=streets[number % 2])
        call("property", "found")
    with django_assert_max_num_queries(len(before)):
        client.get(path)
    assert len(before) <= 20


@pytest.mark.usefixtures("district")
def test_the_landing_lists_decisions_risks_and_who_waits_longest(client):
    signed_in(client, Role.ADMIN)
    context = client.get("/office/").context
    waiting = {item.href.rsplit("=", 1)[1]: item.number for item in context["decisions"]}
    assert waiting["objections"] == 1
    assert waiting["clues"] == 1
    assert waiting["ends_to_sign"] == 1
    assert waiting["rounds_to_reveal"] == 1
    titles = [str(item.title) for item in context["risks"]]
    assert "婚姻登记没有答复" in titles
    assert "超过45个工作日" in titles
    days = [line.since for line in context["in_review"]]
    assert days == sorted(days)


def test_a_calm_day_says_so(client):
    signed_in(client, Role.LEADER)
    page = client.get("/office/").content.decode()
    assert "没有要决定的事" in page
    assert "一切正常" in page


@pytest.mark.usefixtures("district")
def test_the_articles_figures_stand_beside_and_are_dated(client):
    signed_in(client, Role.LEADER)
    page = client.get("/office/onenet/").content.decode()
    assert "7994户" in page
    assert "2021年公开报道" in page


def test_a_look_at_a_case_is_recorded_with_its_people(client):
    case = make.application(2, state=states.JOINT_REVIEW)
    signed_in(client, Role.ADMIN)
    page = client.get(f"/office/cases/{case.case_no}/").content.decode()
    entry = AuditEntry.objects.get(verb="looked")
    assert entry.case_no == case.case_no
    assert set(entry.subjects) == {one.id_index for one in case.members.all()}
    for member in case.members.all():
        assert member.id_number not in page
        assert member.name not in page


def test_a_case_is_found_by_number_name_and_pinyin_and_shown_masked(client):
    family = [make.person(name="测广福")]
    case = make.application(family, state=states.JOINT_REVIEW)
    make.application([make.person(name="另一人")], state=states.JOINT_REVIEW)
    signed_in(client, Role.ADMIN)
    for text in (case.case_no, case.case_no[-4:], "测广", "guang fu", "cgf"):
        lines = client.get("/office/search/", {"q": text}).context["lines"]
        assert [line.case_no for line in lines] == [case.case_no], text
        assert lines[0].who == "*广福"
    assert not AuditEntry.objects.filter(detail__icontains="广福").exists()


def dead_message() -> OutboxMessage:
    from core import clock

    return OutboxMessage.objects.create(
        destination="operator", kind="lease", key="k", payload={}, state="dead", attempts=30,
        created_at=clock.now(), next_attempt_at=clock.now(), error="URLError",
    )  # fmt: skip


def test_a_dead_message_is_brought_back_by_the_system_administrator_alone(client):
    message = dead_message()
    address = f"/office/ops/outbox/{message.pk}/retry/"
    signed_in(client, Role.ADMIN)
    assert client.post(address).status_code == 403
    message.refresh_from_db()
    assert message.state == "dead"
    signed_in(client, Role.SYSTEM)
    assert "重新推送" in client.get("/office/ops/").content.decode()
    client.post(address)
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("pending", 0)
    assert AuditEntry.objects.filter(verb="outbox.retried").exists()


class TestAudit:
    """The auditor's face: reading, and the proof of the chain."""

    def test_entries_are_filtered_by_act_case_and_person(self, client):
        case = make.application(state=states.JOINT_REVIEW)
        audit.record("thing.done", by=audit.System("worker"), case_no=case.case_no)
        audit.record("thing.other", by=audit.System("sweeper"))
        signed_in(client, Role.AUDITOR)
        for query in ({"verb": "thing.done"}, {"case": case.case_no}, {"actor": "work"}):
            page = client.get("/audit/", query).context["page"]
            assert [row.entry.verb for row in page.object_list] == ["thing.done"], query

    def test_the_chain_is_walked_and_a_touched_row_is_named(self, client):
        from django.db import connection

        audit.record("thing.done", by=audit.System("worker"))
        entry = audit.record("thing.other", by=audit.System("worker"))
        audit.seal()
        signed_in(client, Role.AUDITOR)
        assert "已核对到第2条" in client.post("/audit/verify/", follow=True).content.decode()
        with connection.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")
            cursor.execute("UPDATE core_auditentry SET actor='x' WHERE id=%s", [entry.pk])
            cursor.execute("SET session_replication_role = DEFAULT")
        page = client.post("/audit/verify/", follow=True).content.decode()
        assert f"第2条与封存时不一致（记录{entry.pk}）" in page

    def test_who_looked_at_a_case(self, client):
        case = make.application(state=states.JOINT_REVIEW)
        signed_in(client, Role.ADMIN)
        client.get(f"/office/cases/{case.case_no}/")
        signed_in(client, Role.AUDITOR)
        page = client.get("/audit/looks/", {"case": case.case_no}).context["page"]
        assert [one.purpose for one in page.object_list] == ["业务管理"]

    def test_nobody_else_reads_the_log(self, client):
        for role in (Role.ADMIN, Role.SYSTEM, Role.SECURITY):
            signed_in(client, role)
            assert client.get("/audit/").status_code == 403
            assert client.post("/audit/verify/").status_code == 403
