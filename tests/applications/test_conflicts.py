"""回避: kin named by registers or declared, and one's own word, keep a case away."""

import pytest
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from accounts.roles import BureauKind, Role
from applications import archive, conflicts, hand_overs, permissions, review, states, tasks_queue
from applications.models import EvidenceAnswer, Kin, NamedPerson, Recusal, ReviewTask
from applications.models.review import Stage
from core import clock
from core.identity import ciphers
from core.models import AuditEntry
from tests.factories import accounts, applications
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
BROTHER = "330212197303039928"


def signed_in(staff):
    client = Client()
    client.force_login(staff.user)
    return client


def answered(case, source, content):
    """An answer kept as a worker keeps it."""
    line = applications.evidence(case, source, status="found", rows=content["rows"])
    now = clock.now()
    archive.write(
        [
            EvidenceAnswer(
                evidence=line, status="found", content=content, digest="a" * 40, asked_at=now,
                fetched_at=now, recorded_at=now,
            )
        ]
    )  # fmt: skip
    return line


def register(case, number=BROTHER):
    """The household register names somebody of the same 户 who stands in no application."""
    rows = [{"czrkxm": case.applicant.name, "czrkhcy": [{"czrkxm": "某人", "czrkgmsfhm": number}]}]
    return answered(case, "household_register", {"rows": rows, "records": []})


def brother_at(task):
    staff = desk.reviewer_for(task)
    staff.id_index = ciphers.blind_index(BROTHER)
    staff.save()
    return staff


@pytest.fixture
def task():
    return desk.task_of(desk.under_review(), Stage.STREET)


def kept_away_by_register(task):
    register(task.application)
    return brother_at(task)


def kept_away_by_kin(task):
    staff = desk.reviewer_for(task)
    number = task.application.applicant.id_number
    conflicts.declare_kin(staff, id_number=number, relation="sibling", by=staff)
    return staff


def kept_away_by_kin_in_the_register(task):
    register(task.application)
    staff = desk.reviewer_for(task)
    conflicts.declare_kin(staff, id_number=BROTHER, relation="spouse", by=staff)
    return staff


def kept_away_by_own_word(task):
    staff = desk.reviewer_for(task)
    conflicts.recuse(task.application, by=staff, reason="申请人是我的邻居")
    return staff


KEPT_AWAY = [
    kept_away_by_register, kept_away_by_kin, kept_away_by_kin_in_the_register,
    kept_away_by_own_word,
]  # fmt: skip


@pytest.mark.parametrize("how", KEPT_AWAY)
def test_the_case_is_nowhere_for_that_person_and_there_for_colleagues(task, how):
    staff, colleague = how(task), desk.reviewer_for(task)
    other = desk.task_of(desk.under_review(), Stage.STREET)
    case_no = task.application.case_no
    for query in ({}, {"q": case_no[-6:]}, {"holder": "me"}, {"urgency": "later"}):
        page = signed_in(staff).get(reverse("review_queue"), query)
        assert case_no not in page.content.decode().replace(f'value="{case_no[-6:]}"', "")
    page = signed_in(staff).get(reverse("review_queue"))
    assert page.context["total"] == 1 and page.context["first_task"].endswith(f"/{other.pk}/")
    body = signed_in(staff).get("/api/v1/queue/").json()
    assert [one["id"] for one in body["results"]] == [other.pk]
    assert body["counts"]["total"] == 1
    cases = signed_in(staff).get("/api/v1/cases/").json()["results"]
    assert case_no not in [one["case_no"] for one in cases]
    assert signed_in(colleague).get(reverse("review_queue")).context["total"] == 2


@pytest.mark.parametrize("how", KEPT_AWAY)
def test_a_direct_link_answers_with_the_sentence_and_no_verb_works(task, how):
    staff = how(task)
    client = signed_in(staff)
    for name in ("review_task", "review_give", "review_recuse"):
        answer = client.get(reverse(name, args=[task.pk]))
        assert answer.status_code == 403 and "回避" in answer.content.decode(), name
    assert client.get(reverse("queue-detail", args=[task.pk])).status_code == 403
    assert client.post(reverse("queue-claim", args=[task.pk])).status_code == 409
    with pytest.raises(review.TaskRefused, match="回避"):
        review.opine(task, by=staff, verdict="agree")
    assert ReviewTask.objects.get(pk=task.pk).state == states.TASK_OPEN


@pytest.mark.parametrize("how", KEPT_AWAY)
def test_a_conflict_that_comes_to_light_after_a_claim_gives_the_task_back(task, how, monkeypatch):
    """As it comes to light, or by the sweeper where somebody else's hand wrote it."""
    staff = desk.reviewer_for(task)
    review.claim(task, by=staff)
    monkeypatch.setattr(desk, "reviewer_for", lambda _task: staff)
    how(task)
    tasks_queue.free_claims()
    row = ReviewTask.objects.get(pk=task.pk)
    assert (row.state, row.claimed_by, row.claim_expires_at) == (states.TASK_OPEN, None, None)
    assert Recusal.objects.filter(staff=staff, application=task.application).count() == 1
    assert AuditEntry.objects.filter(verb="review.recused").count() == 1


def test_a_register_that_answers_late_gives_the_task_back(task, django_capture_on_commit_callbacks):
    staff = brother_at(task)
    review.claim(task, by=staff)
    with django_capture_on_commit_callbacks(execute=True):
        register(task.application)
    assert ReviewTask.objects.get(pk=task.pk).state == states.TASK_OPEN
    assert Recusal.objects.get().cause == Recusal.Cause.REGISTER


def test_registers_of_families_alone_name_people_and_only_by_index(task):
    couple = {"manCardId": BROTHER, "womanCardId": task.application.applicant.id_number}
    answered(task.application, "marriage", {"rows": [couple], "records": []})
    answered(task.application, "property", {"rows": [{"qlrzjh": BROTHER}], "records": []})
    indexes = {ciphers.blind_index(one) for one in couple.values()}
    named = NamedPerson.objects.filter(application=task.application)
    assert {(one.person_index, one.source) for one in named} == {
        (index, "marriage") for index in indexes
    }


def test_what_was_kept_before_is_noted_by_the_command(task, capsys):
    case = task.application
    rows = [{"czrkhcy": [{"czrkgmsfhm": BROTHER}]}]
    applications.evidence(case, "household_register", status="found", rows=rows)
    assert not NamedPerson.objects.exists()
    for _again in range(2):
        call_command("note_named_people")
        assert NamedPerson.objects.get().person_index == ciphers.blind_index(BROTHER)
    assert permissions.has_conflict(brother_at(task), case)


def test_of_kin_index_and_relation_alone_are_kept(task):
    staff = desk.reviewer_for(task)
    kin = conflicts.declare_kin(staff, id_number=f" {BROTHER[:6]} {BROTHER[6:]}",
                                relation="sibling", by=staff)  # fmt: skip
    assert kin.person_index == ciphers.blind_index(BROTHER)
    names = {one.name for one in Kin._meta.get_fields()}
    assert names == {"id", "staff", "person_index", "relation", "declared_at", "ended_at"}
    said = str(list(AuditEntry.objects.values()))
    assert BROTHER not in said and kin.person_index not in said


@pytest.mark.parametrize("number", ["", "12", "33021219730303992Z", "330212198505059"])
def test_a_number_that_is_none_is_refused(task, number):
    staff = desk.reviewer_for(task)
    with pytest.raises(conflicts.ConflictRefused, match="号码"):
        conflicts.declare_kin(staff, id_number=number, relation="sibling", by=staff)
    assert not Kin.objects.exists()


def test_a_relative_is_declared_once_and_may_end(task):
    staff = kept_away_by_kin(task)
    number = task.application.applicant.id_number
    with pytest.raises(conflicts.ConflictRefused, match="已经申报"):
        conflicts.declare_kin(staff, id_number=number, relation="spouse", by=staff)
    conflicts.end_kin(staff.kin.get(), by=staff)
    assert not permissions.has_conflict(staff, task.application)
    with pytest.raises(conflicts.ConflictRefused, match="本人"):
        conflicts.end_kin(Kin.objects.get(), by=desk.reviewer_for(task))


def test_ones_own_word_needs_a_reason_and_is_not_said_twice(task):
    staff = desk.reviewer_for(task)
    with pytest.raises(conflicts.ConflictRefused, match="关系"):
        conflicts.recuse(task.application, by=staff, reason="  ")
    conflicts.recuse(task.application, by=staff, reason="邻居")
    with pytest.raises(conflicts.ConflictRefused, match="已经"):
        conflicts.recuse(task.application, by=staff, reason="邻居")
    assert Recusal.objects.count() == 1


def test_whoever_keeps_away_receives_nothing_by_hand_over_or_spreading(task):
    staff = kept_away_by_own_word(task)
    lead = accounts.staff([Role.STREET, Role.ADMIN], bureau=task.bureau)
    with pytest.raises(hand_overs.NotHanded, match="回避"):
        hand_overs.give(task, by=lead, to=staff)
    assert hand_overs.give_next(5, by=lead, to=staff) == 0
    assert hand_overs.spread(by=lead) == 1
    assert ReviewTask.objects.get(pk=task.pk).claimed_by == lead


def test_the_district_keeps_away_in_every_scope(task):
    staff = desk.district()
    conflicts.recuse(task.application, by=staff, reason="邻居")
    page = signed_in(staff).get(reverse("review_queue"), {"scope": "all"})
    assert page.context["total"] == 0 and not page.context["rows"]
    body = signed_in(staff).get("/api/v1/queue/").json()
    assert body["results"] == [] and body["counts"]["total"] == 0


def test_the_auditor_reads_who_kept_away_and_why(task):
    kept_away_by_own_word(task)
    page = signed_in(accounts.staff(Role.AUDITOR)).get(reverse("audit_recusals"))
    text = page.content.decode()
    assert task.application.case_no in text and "申请人是我的邻居" in text
    assert "330212" not in text.replace(task.application.case_no, "")
    assert signed_in(desk.district()).get(reverse("audit_recusals")).status_code == 403


def test_inquiries_of_a_case_to_keep_away_from_are_not_counted():
    case = desk.in_joint_review([desk.OFFPLAN])
    task = desk.task_of(case, Stage.JOINT, BureauKind.HOUSING)
    staff = desk.reviewer_for(task)
    conflicts.recuse(case, by=staff, reason="邻居")
    assert signed_in(staff).get(reverse("review_queue")).context["checks"] == 0
