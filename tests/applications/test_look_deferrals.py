"""A deferral: two people, a document, an end; it hides what it names and nothing else."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from applications import look_deferrals, looks, states
from applications.look_deferrals import Asked, DeferralRefused
from applications.models import LookDeferral
from core import audit, clock
from core.models import AuditEntry
from datashare.models import Call
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db
DOCUMENT = "甬鄞监查〔2026〕7号"


@pytest.fixture
def me(client):
    citizen = accounts.citizen(name="林一")
    client.force_login(citizen.user)
    return citizen


@pytest.fixture
def case(me):
    return make.application(applicant=me, state=states.JOINT_REVIEW)


@pytest.fixture
def crew():
    """Who looks, who asks for the deferral, who approves."""
    return (
        accounts.staff("reviewer", name="查一"),
        accounts.staff("district", name="请二"),
        accounts.staff("security", name="准三"),
    )


def asked(case, looker, **fields):
    today = clock.today()
    return Asked(
        **{
            "member": case.applicant, "staff": (looker,), "looks_from": today,
            "ends_on": today + timedelta(days=30), "office": "区监察机关",
            "legal_basis": "监察法第18条", "document_no": DOCUMENT, "reason": "核查线索",
            **fields,
        }
    )  # fmt: skip


@pytest.fixture
def running(case, crew):
    """A deferral in force, and one look by each of two people."""
    looker, requester, approver = crew
    made = look_deferrals.request(asked(case, looker), by=requester.user)
    made = look_deferrals.approve(made, by=approver.user)
    index = case.applicant.id_index
    audit.looked(case, by=looker.user, purpose="核查", subjects=[index])
    other = accounts.staff("reviewer", name="平四")
    audit.looked(case, by=other.user, purpose="联审", subjects=[index])
    return made


def seen(index):
    page = looks.page(index, looks.Wanted(), 1)
    return [one for day in page.object_list for one in day.looks]


def call(case, **fields):
    return Call.objects.create(
        **{
            "source": "property", "case_no": case.case_no, "purpose": "核查", "by": "worker",
            "basis": "duty:annual_recheck", "person_index": case.applicant.id_index,
            "started_at": clock.now(), "duration_ms": 1, "outcome": "found", **fields,
        }
    )  # fmt: skip


# -- What it hides ---------------------------------------------------------------------------------


def test_in_force_it_hides_the_named_persons_looks_and_no_others(client, case, running):
    who = [one.who for one in seen(case.applicant.id_index)]
    assert len(who) == 1 and "平四" in who[0]
    text = client.get("/my/data/").content.decode()
    assert "平四" in text and "查一" not in text and DOCUMENT not in text


def test_the_platforms_own_questions_of_the_case_are_never_hidden(case, running):
    call(case)
    assert [one.machine for one in seen(case.applicant.id_index) if one.kind == "call"] == [True]


def test_what_is_asked_under_the_documents_number_is_hidden(case, running):
    call(case, case_no=DOCUMENT)
    assert all(one.case_no == case.case_no for one in seen(case.applicant.id_index))


def test_looks_before_the_first_day_stay(case, crew):
    looker, requester, approver = crew
    index = case.applicant.id_index
    audit.looked(case, by=looker.user, purpose="联审", subjects=[index])
    later = asked(case, looker, looks_from=clock.today() + timedelta(days=1))
    made = look_deferrals.request(later, by=requester.user)
    look_deferrals.approve(made, by=approver.user)
    assert len(seen(index)) == 1


def test_looks_in_another_case_of_the_person_stay(case, running, crew):
    other = make.application(2, state=states.JOINT_REVIEW)
    audit.looked(other, by=crew[0].user, purpose="联审", subjects=[case.applicant.id_index])
    assert other.case_no in {one.case_no for one in seen(case.applicant.id_index)}


def test_another_members_page_is_not_touched(crew):
    case = make.application(2, state=states.JOINT_REVIEW)
    looker, requester, approver = crew
    made = look_deferrals.request(asked(case, looker), by=requester.user)
    look_deferrals.approve(made, by=approver.user)
    everybody = list(case.members.values_list("id_index", flat=True))
    audit.looked(case, by=looker.user, purpose="核查", subjects=everybody)
    shown = {index: len(seen(index)) for index in everybody}
    assert shown == {case.applicant.id_index: 0, everybody[1]: 1}


def test_a_hidden_line_cannot_be_reached_by_its_address(client, case, running):
    entry = AuditEntry.objects.get(verb="looked", actor__startswith="查一")
    assert client.get(f"/my/data/ask/entry/{entry.pk}/").status_code == 404


def test_after_the_last_day_the_lines_appear_with_the_reason(client, case, running, monkeypatch):
    after = running.ends_on + timedelta(days=1)
    monkeypatch.setattr(clock, "today", lambda: running.ends_on)
    assert len(seen(case.applicant.id_index)) == 1
    monkeypatch.setattr(clock, "today", lambda: after)
    text = client.get("/my/data/").content.decode()
    assert "查一" in text and DOCUMENT in text and "核查线索" in text and "监察法第18条" in text
    assert text.count("曾经暂缓展示") == 1


def test_the_person_is_told_that_something_is_deferred_unless_that_itself_would_harm(
    client, case, running, crew
):
    assert "暂不显示" in client.get("/my/data/").content.decode()
    LookDeferral.objects.update(quiet=True)
    assert "暂不显示" not in client.get("/my/data/").content.decode()


def test_auditors_see_every_look_with_the_deferral_beside_it(client, case, running):
    client.force_login(accounts.staff("auditor").user)
    text = client.get(f"/audit/looks/?case={case.case_no}").content.decode()
    assert "查一" in text and "平四" in text and text.count("暂缓展示到") == 1
    assert client.get(f"/office/deferrals/{running.pk}/").status_code == 200
    assert client.post(f"/office/deferrals/{running.pk}/lift/").status_code == 403


def test_lifted_early_the_lines_are_there_at_once(case, running, crew):
    look_deferrals.lift(running, by=crew[2].user)
    lines = seen(case.applicant.id_index)
    assert len(lines) == 2 and [one.deferred is not None for one in lines].count(True) == 1


# -- By two people ---------------------------------------------------------------------------------


def test_asked_for_it_hides_nothing_yet(case, crew):
    looker, requester, _approver = crew
    look_deferrals.request(asked(case, looker), by=requester.user)
    audit.looked(case, by=looker.user, purpose="核查", subjects=[case.applicant.id_index])
    assert len(seen(case.applicant.id_index)) == 1


def test_nobody_approves_what_they_asked_for(case, crew):
    looker, _requester, security = crew
    made = look_deferrals.request(asked(case, looker), by=security.user)
    with pytest.raises(DeferralRefused, match="自己提出"):
        look_deferrals.approve(made, by=security.user)
    with pytest.raises(IntegrityError), transaction.atomic():
        LookDeferral.objects.update(approved=True, decided_by=security.user, decided_at=clock.now())
    made.refresh_from_db()
    assert made.approved is None


def test_who_only_asks_does_not_approve(case, crew):
    looker, requester, _approver = crew
    made = look_deferrals.request(asked(case, looker), by=requester.user)
    with pytest.raises(DeferralRefused, match="安全管理员"):
        look_deferrals.approve(made, by=accounts.staff("district").user)
    with pytest.raises(DeferralRefused, match="岗位"):
        look_deferrals.request(asked(case, looker), by=accounts.staff("admin").user)
    assert LookDeferral.objects.count() == 1


def test_it_is_decided_once(case, crew):
    looker, requester, approver = crew
    made = look_deferrals.request(asked(case, looker), by=requester.user)
    look_deferrals.refuse(made, by=approver.user, why="文书不全")
    with pytest.raises(DeferralRefused, match="处理过"):
        look_deferrals.approve(made, by=approver.user)
    with pytest.raises(DeferralRefused, match="没有在暂缓"):
        look_deferrals.lift(made, by=requester.user)


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"legal_basis": " "}, "legal_basis"),
        ({"document_no": ""}, "document_no"),
        ({"reason": ""}, "reason"),
        ({"office": ""}, "office"),
        ({"staff": ()}, "staff"),
    ],
)
def test_it_needs_a_document_a_law_a_reason_and_names(case, crew, fields, field):
    with pytest.raises(DeferralRefused) as refused:
        look_deferrals.request(asked(case, crew[0], **fields), by=crew[1].user)
    assert refused.value.field == field
    assert not LookDeferral.objects.exists()


@pytest.mark.parametrize("days", [-1, 181])
def test_it_ends_within_the_longest_time(case, crew, days):
    wrong = asked(case, crew[0], ends_on=clock.today() + timedelta(days=days))
    with pytest.raises(DeferralRefused) as refused:
        look_deferrals.request(wrong, by=crew[1].user)
    assert refused.value.field == "ends_on"
    longest = asked(case, crew[0], ends_on=clock.today() + timedelta(days=180))
    assert look_deferrals.request(longest, by=crew[1].user).approved is None


def test_a_case_number_is_no_documents_number(case, crew):
    other = make.application(state=states.JOINT_REVIEW)
    for number in (case.case_no, other.case_no):
        with pytest.raises(DeferralRefused, match="办件编号"):
            look_deferrals.request(asked(case, crew[0], document_no=number), by=crew[1].user)
    assert not LookDeferral.objects.exists()


def test_the_platform_itself_cannot_be_deferred(case, crew):
    made = look_deferrals.request(asked(case, crew[0]), by=crew[1].user)
    with pytest.raises(IntegrityError), transaction.atomic():
        LookDeferral.objects.filter(pk=made.pk).update(actors=["worker"])


def test_every_step_is_in_the_audit(case, running, crew):
    look_deferrals.lift(running, by=crew[1].user)
    verbs = AuditEntry.objects.filter(verb__startswith="look_deferral.").order_by("id")
    assert list(verbs.values_list("verb", flat=True)) == [
        "look_deferral.requested", "look_deferral.approved", "look_deferral.lifted",
    ]  # fmt: skip
    assert "核查线索" not in str(list(verbs.values("detail", "purpose")))


# -- On its pages ----------------------------------------------------------------------------------


def posted(case, looker, **fields):
    ends = clock.today() + timedelta(days=30)
    today = clock.today()
    return {
        "member": case.applicant.pk, "staff": [looker.pk], "office": "区监察机关",
        "legal_basis": "监察法第18条", "document_no": DOCUMENT, "reason": "核查线索",
        "looks_from_year": today.year, "looks_from_month": today.month, "looks_from_day": today.day,
        "ends_on_year": ends.year, "ends_on_month": ends.month, "ends_on_day": ends.day, **fields,
    }  # fmt: skip


def test_one_asks_and_another_approves_on_the_pages(client, case, crew):
    looker, requester, approver = crew
    client.force_login(requester.user)
    path = f"/office/deferrals/ask/?case={case.case_no}"
    assert looker.name in client.get(path).content.decode()
    assert client.post(path, posted(case, looker, reason="")).status_code == 422
    assert client.post(path, posted(case, looker)).status_code == 302
    row = LookDeferral.objects.get()
    assert client.post(f"/office/deferrals/{row.pk}/approve/").status_code == 302
    row.refresh_from_db()
    assert row.approved is None
    client.force_login(approver.user)
    assert "批准" in client.get(f"/office/deferrals/{row.pk}/").content.decode()
    assert client.post(f"/office/deferrals/{row.pk}/refuse/", {"why": ""}).status_code == 422
    client.post(f"/office/deferrals/{row.pk}/approve/")
    row.refresh_from_db()
    assert row.approved is True
    assert DOCUMENT in client.get("/office/deferrals/").content.decode()
    client.post(f"/office/deferrals/{row.pk}/lift/")
    row.refresh_from_db()
    assert row.lifted_at is not None


def test_an_unknown_case_is_said_to_be_unknown(client, crew):
    client.force_login(crew[1].user)
    assert "没有这个办件" in client.get("/office/deferrals/ask/?case=X").content.decode()
    assert client.get("/office/deferrals/ask/").status_code == 200


@pytest.mark.parametrize("role", ["admin", "leader", "reviewer", "window", "system"])
def test_the_pages_are_closed_to_other_roles(client, role):
    client.force_login(accounts.staff(role).user)
    assert client.get("/office/deferrals/").status_code == 403
    assert client.get("/office/data/").status_code == 403
