"""One desk asks another: who may, what is seen, how it ends, and that it blocks nobody."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import BureauKind, Role
from applications import referrals, review, states, tasks_review
from applications.models import Member, Referral
from applications.models.review import Stage
from applications.referrals import ReferralRefused
from core import clock, workdays
from core.models import AuditEntry
from tests.factories import accounts, applications
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
CIVIL, HOUSING, LAND = BureauKind.CIVIL_AFFAIRS, BureauKind.HOUSING, BureauKind.REAL_ESTATE


def asked(case=None, *, to=LAND, question="他家在某路还有住房吗"):
    """A question of the housing office to another department."""
    case = case or desk.in_joint_review()
    task = desk.task_of(case, Stage.JOINT, HOUSING)
    by = desk.reviewer_for(task)
    bureau = accounts.bureau(to)
    made = referrals.ask(task, by=by, bureau=bureau, question=question, reason="邻居这样说")
    return case, task, by, made


def answerer(made):
    return accounts.staff(Role.REVIEWER, bureau=made.bureau)


def signed_in(staff) -> Client:
    client = Client()
    client.force_login(staff.user)
    return client


def snapshot() -> tuple:
    return list(Referral.objects.order_by("pk").values()), AuditEntry.objects.count()


def test_a_question_names_the_desk_and_has_its_day():
    case, _task, _by, made = asked()
    assert made.due_on == workdays.add_workdays(clock.today(), 3)
    assert list(referrals.to_answer(answerer(made))) == [made]
    assert not referrals.to_answer(accounts.staff(Role.REVIEWER)).exists()
    assert AuditEntry.objects.get(verb="referral.asked").case_no == case.case_no
    assert not case.pauses.exists()


def test_the_answer_stands_on_both_sides_with_its_verdict():
    case, task, by, made = asked()
    who = answerer(made)
    referrals.answer(made, by=who, text="登记里没有", verdict="differs")
    made.refresh_from_db()
    assert (made.state, made.answered_by) == (states.REFERRAL_ANSWERED, who)
    page = signed_in(by).get(reverse("review_task", args=[task.pk])).content.decode()
    assert "登记里没有" in page and "不符" in page
    own = desk.task_of(case, Stage.JOINT, LAND)
    assert (
        "登记里没有" in signed_in(who).get(reverse("review_task", args=[own.pk])).content.decode()
    )
    third = desk.task_of(case, Stage.JOINT, CIVIL)
    other = signed_in(desk.reviewer_for(third))
    assert "登记里没有" not in other.get(reverse("review_task", args=[third.pk])).content.decode()


@pytest.mark.parametrize(
    ("to", "question", "reason", "sentence"),
    [
        (HOUSING, "有吗", "想知道", "另一个部门"),
        (BureauKind.CENTRE, "有吗", "想知道", "另一个部门"),
        (LAND, "  ", "想知道", "要问什么"),
        (LAND, "有吗", "", "为什么要问"),
    ],
)
def test_a_question_to_nobody_or_about_nothing_is_not_asked(to, question, reason, sentence):
    task = desk.task_of(desk.in_joint_review(), Stage.JOINT, HOUSING)
    by, before = desk.reviewer_for(task), snapshot()
    with pytest.raises(ReferralRefused, match=sentence):
        referrals.ask(task, by=by, bureau=accounts.bureau(to), question=question, reason=reason)
    assert snapshot() == before


def test_one_question_at_a_time_to_the_same_desk_and_the_database_says_so_too():
    case, _task, _by, made = asked()
    before = snapshot()
    with pytest.raises(ReferralRefused, match="还没有答复"):
        asked(case)
    assert snapshot()[0] == before[0]
    with pytest.raises(IntegrityError, match="referral_open_once"), transaction.atomic():
        Referral.objects.filter(pk=made.pk).update(state="open")
        made.pk = None
        made.save()
    referrals.answer(Referral.objects.get(), by=answerer(made), text="没有")
    _case, _task, _by, second = asked(case)
    assert second.state == states.REFERRAL_OPEN


def test_a_street_is_asked_and_asks():
    case = desk.under_review()
    task = desk.task_of(case, Stage.STREET)
    assert task.bureau not in referrals.may_be_asked(task)
    made = referrals.ask(
        task,
        by=desk.reviewer_for(task),
        bureau=accounts.bureau(LAND),
        question="有吗",
        reason="核对",
    )
    referrals.answer(made, by=answerer(made), text="没有")
    case = desk.in_joint_review()
    _case, _task, _by, made = asked(case, to=case.street.code)
    referrals.answer(made, by=accounts.staff(Role.STREET, bureau=case.street), text="一起住")
    assert Referral.objects.get(pk=made.pk).answer == "一起住"


def test_only_the_asked_desk_answers_and_kin_keep_away():
    case = desk.in_joint_review(members=2)
    _case, _task, by, made = asked(case)
    kin = answerer(made)
    kin.id_index = Member.objects.get(application=case, position=1).id_index
    kin.save()
    before = snapshot()
    for who, why in (
        (by, "答复"),
        (accounts.staff(Role.WINDOW, bureau=made.bureau), "岗位"),
        (kin, "回避"),
    ):
        with pytest.raises(ReferralRefused, match=why):
            referrals.answer(made, by=who, text="有")
    with pytest.raises(ReferralRefused, match="查到了什么"):
        referrals.answer(made, by=answerer(made), text=" ")
    with pytest.raises(ReferralRefused, match="确认、不符"):
        referrals.answer(made, by=answerer(made), text="有", verdict="perhaps")
    assert snapshot() == before
    assert signed_in(kin).get(reverse("review_asked_one", args=[made.pk])).status_code == 403


def test_an_answer_is_given_once():
    _case, _task, _by, made = asked()
    referrals.answer(made, by=answerer(made), text="没有")
    before = snapshot()
    with pytest.raises(ReferralRefused, match="已于"):
        referrals.answer(made, by=answerer(made), text="有")
    assert snapshot() == before


def test_the_desk_that_asked_may_wait_or_go_on_with_a_reason():
    case, task, by, made = asked()
    with pytest.raises(review.OpinionRefused, match="还有征询没有答复") as why:
        review.opine(task, by=by, verdict="agree", text="符合")
    assert why.value.field == "despite"
    task.refresh_from_db()
    assert task.state == states.TASK_OPEN
    review.opine(task, by=by, verdict="agree", text="符合", despite="本部门已另外查清")
    made.refresh_from_db()
    assert (made.state, made.left_reason) == (states.REFERRAL_LEFT, "本部门已另外查清")
    assert made.left_with == task.opinion
    referrals.answer(made, by=answerer(made), text="晚了，没有")
    made.refresh_from_db()
    assert made.state == states.REFERRAL_ANSWERED
    for kind in (CIVIL, LAND):  # others were never held up
        desk.agree(desk.task_of(case, Stage.JOINT, kind))


def test_an_answered_question_needs_no_reason_to_go_on():
    _case, task, by, made = asked()
    referrals.answer(made, by=answerer(made), text="没有")
    review.opine(task, by=by, verdict="agree", text="符合")
    task.refresh_from_db()
    assert task.state == states.TASK_DONE


def test_a_late_desk_is_reminded_once_a_day_and_both_sides_see_it():
    _case, task, by, made = asked()
    assert referrals.remind_due(clock.today()) == 0
    clock.advance(clock.local_midnight(made.due_on) + timedelta(hours=33) - clock.now())
    tasks_review.remind_of_referrals()
    tasks_review.remind_of_referrals()
    made.refresh_from_db()
    assert made.reminded_on == clock.today()
    assert AuditEntry.objects.filter(verb="referral.reminded").count() == 1
    client = signed_in(answerer(made))
    assert "征询1件" in client.get(reverse("review_queue")).content.decode()
    assert "1件已过期" in client.get(reverse("review_queue")).content.decode()
    assert "催办" in client.get(reverse("review_asked")).content.decode()
    assert "已催办" in signed_in(by).get(reverse("review_task", args=[task.pk])).content.decode()


def test_a_case_that_ends_takes_its_questions_with_it():
    case, _task, _by, made = asked()
    review.leave(case, by=desk.WORKER)
    made.refresh_from_db()
    assert made.state == states.REFERRAL_LAPSED
    who = answerer(made)
    assert not referrals.to_answer(who).exists()
    with pytest.raises(ReferralRefused, match="不用再答复"):
        referrals.answer(made, by=who, text="没有")


def test_the_asked_desk_reads_its_own_registers_and_nothing_else():
    income = applications.finding("INCOME", "fail", actual="62345.00", limit="54406.40")
    area = applications.finding("HOUSING_AREA", "pass", actual="21.37", limit="54.00")
    people = applications.couple_with_child()
    case = desk.in_joint_review([income, area], members=people)
    applications.evidence(case, "income_check", status="found", rows=[{"sr": "4321.00"}])
    applications.evidence(case, "property", status="found", rows=[{"mj": "21.37"}])
    _case, _task, _by, made = asked(case)
    page = signed_in(answerer(made)).get(reverse("review_asked_one", args=[made.pk]))
    page = page.content.decode()
    assert "他家在某路还有住房吗" in page and "21.37" in page
    assert "62345" not in page and "4321.00" not in page
    assert all(one.id_number not in page for one in people)
    look = AuditEntry.objects.get(verb="looked", purpose="答复征询")
    assert set(look.subjects) == {one.id_index for one in case.members.all()}


def test_a_stranger_finds_no_question():
    _case, _task, _by, made = asked()
    stranger = accounts.staff(Role.REVIEWER)
    assert signed_in(stranger).get(reverse("review_asked_one", args=[made.pk])).status_code == 404


def test_asking_and_answering_on_the_pages():
    case = desk.in_joint_review()
    task = desk.task_of(case, Stage.JOINT, HOUSING)
    client = signed_in(desk.reviewer_for(task))
    ask = reverse("review_refer", args=[task.pk])
    assert ask in client.get(reverse("review_task", args=[task.pk])).content.decode()
    assert client.get(ask).status_code == 200
    empty = client.post(ask, {"question": ""})
    assert empty.status_code == 422 and "为什么要问" in empty.content.decode()
    words = {"bureau": accounts.bureau(LAND).pk, "question": "有住房吗", "reason": "核对"}
    assert client.post(ask, words).status_code == 302
    again = client.post(ask, words)
    assert again.status_code == 422 and "还没有答复" in again.content.decode()
    page = client.get(reverse("review_task", args=[task.pk])).content.decode()
    assert "有住房吗" in page and 'name="despite"' in page
    made = Referral.objects.get()
    other = signed_in(answerer(made))
    one = reverse("review_asked_one", args=[made.pk])
    assert made.case_no in other.get(reverse("review_asked")).content.decode()
    assert other.post(one, {"text": ""}).status_code == 422
    assert other.post(one, {"text": "没有", "verdict": "confirmed"}).status_code == 302
    assert "没有要答复的征询" in other.get(reverse("review_asked")).content.decode()
    assert "没有" in client.get(reverse("review_asked")).content.decode()


def test_the_lists_cost_the_same_however_long():
    _case, _task, _by, made = asked()
    client = signed_in(answerer(made))
    client.get(reverse("review_asked"))
    with CaptureQueriesContext(connection) as few:
        client.get(reverse("review_asked"))
    for _n in range(3):
        asked()
    with CaptureQueriesContext(connection) as many:
        client.get(reverse("review_asked"))
    assert len(many) == len(few)
