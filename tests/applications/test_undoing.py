"""An opinion taken back within minutes: what may, what comes back, what the family hears."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import BureauKind
from applications import (
    correction_lists,
    deadlines,
    decision,
    duties,
    findings,
    publicity,
    referrals,
    review,
    seconding,
    states,
    undoing,
)
from applications.models import Opinion, ReviewTask
from applications.models.review import Stage
from applications.undoing import UndoRefused
from core import clock
from core.models import AuditEntry, Notice, Transition
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
HOUSING = BureauKind.HOUSING


def given(case, stage, kind="", verdict="agree", **fields):
    """Somebody's opinion; returns the task and who gave it."""
    task = desk.task_of(case, stage, kind)
    by = desk.reviewer_for(task)
    review.opine(task, by=by, verdict=verdict, text="符合", **fields)
    task.refresh_from_db()
    case.refresh_from_db()
    return task, by


def at_district_by(case):
    """All departments agree; the last of them with the person who gave it."""
    *first, last = duties.DEPARTMENTS
    for kind in first:
        desk.agree(desk.task_of(case, Stage.JOINT, kind))
    return given(case, Stage.JOINT, last)


def undone(task, by, reason="点错了"):
    again = undoing.undo(task, by=by, reason=reason)
    task.refresh_from_db()
    task.application.refresh_from_db()
    return again


def refused(task, by, why):
    """The refusal, and that it changed nothing."""

    def now():
        tasks = ReviewTask.objects.filter(application=task.application_id)
        return (
            list(tasks.order_by("pk").values()), Opinion.objects.filter(undone_at=None).count(),
            AuditEntry.objects.count(), Transition.objects.count(), Notice.objects.count(),
        )  # fmt: skip

    before = now()
    with pytest.raises(UndoRefused, match=why):
        undoing.undo(task, by=by, reason="点错了")
    assert now() == before


def test_the_street_takes_back_what_no_department_has_touched():
    case = desk.under_review()
    task, by = given(case, Stage.STREET)
    again = undone(task, by)
    case.refresh_from_db()
    assert case.state == states.STREET_REVIEW
    assert (again.round, again.state, again.claimed_by) == (2, states.TASK_CLAIMED, by)
    assert task.state == states.TASK_UNDONE
    joint = case.tasks.filter(stage=Stage.JOINT)
    assert {one.state for one in joint} == {states.TASK_CANCELLED} and joint.count() == 5
    opinion = Opinion.objects.get(task=task)
    assert (opinion.undone_by, opinion.undone_reason) == (by, "点错了") and opinion.undone_at
    review.opine(again, by=by, verdict="agree", text="符合")
    case.refresh_from_db()
    assert case.state == states.JOINT_REVIEW and review.progress_of(case) == (0, 5)


def test_the_last_department_takes_back_and_the_districts_task_is_gone():
    case = desk.in_joint_review()
    task, by = at_district_by(case)
    assert case.state == states.DISTRICT_REVIEW
    undone(task, by)
    case.refresh_from_db()
    assert case.state == states.JOINT_REVIEW and review.progress_of(case) == (4, 5)
    assert desk.task_of(case, Stage.DISTRICT).state == states.TASK_CANCELLED
    desk.agree_as(desk.task_of(case, Stage.JOINT, duties.DEPARTMENTS[-1]), by)
    case.refresh_from_db()
    assert case.state == states.DISTRICT_REVIEW
    assert desk.task_of(case, Stage.DISTRICT).round == 2


def test_an_earlier_department_may_take_back_too_while_nobody_acted():
    case = desk.in_joint_review()
    task, by = given(case, Stage.JOINT, duties.DEPARTMENTS[0])
    for kind in duties.DEPARTMENTS[1:]:
        desk.agree(desk.task_of(case, Stage.JOINT, kind))
    undone(task, by)
    case.refresh_from_db()
    assert case.state == states.JOINT_REVIEW and review.progress_of(case) == (4, 5)


def test_what_was_taken_back_settles_nothing_and_stays_in_the_file():
    case = desk.in_joint_review([desk.OFFPLAN])
    how = {"HOUSING_OFFPLAN": {"how": "confirmed_fail", "reason": "合同在备案"}}
    task, by = given(
        case, Stage.JOINT, HOUSING, "object", settled=how,
        reason_codes=["HOUSING_OFFPLAN.contract_counts"],
    )  # fmt: skip
    assessment = findings.latest_assessment(case)
    assert findings.confirmed_fails(case, assessment)
    again = undone(task, by)
    assert not findings.confirmed_fails(case, assessment)
    assert findings.unsettled(case, assessment) == ["HOUSING_OFFPLAN"]
    assert again.findings == ["HOUSING_OFFPLAN"]
    client = Client()
    client.force_login(by.user)
    page = client.get(reverse("review_task", args=[again.pk])).content.decode()
    assert "未生效的意见（1条）" in page and "已撤回" in page and "点错了" in page
    body = client.get(f"/api/v1/cases/{case.case_no}/").json()
    assert [one["stage"] for one in body["opinions"]] == ["street"]


def test_an_override_that_waits_is_taken_back_by_who_gave_it():
    case = desk.in_joint_review([desk.NO_INCOME_REPORT])
    how = {"INCOME": {"how": "verified_pass", "reason": "看过流水"}}
    task, by = given(case, Stage.JOINT, BureauKind.CIVIL_AFFAIRS, settled=how)
    undone(task, by)
    with pytest.raises(seconding.SecondRefused):
        desk.confirm(task)


def test_a_confirmed_override_is_not_taken_back():
    case = desk.in_joint_review([desk.NO_INCOME_REPORT])
    how = {"INCOME": {"how": "verified_pass", "reason": "看过流水"}}
    task, by = given(case, Stage.JOINT, BureauKind.CIVIL_AFFAIRS, settled=how)
    desk.confirm(task)
    task.refresh_from_db()
    refused(task, by, "第二人已经确认")


def test_the_notice_comes_down_the_clock_runs_and_the_family_is_told():
    case = desk.at_district()
    due = case.promised_due
    task, by = given(case, Stage.DISTRICT)
    assert case.state == states.PUBLICITY and deadlines.clock_of(case, clock.today()).paused
    again = undone(task, by)
    case.refresh_from_db()
    assert case.state == states.DISTRICT_REVIEW and again.claimed_by == by
    assert not publicity.visible(clock.today()).exists()
    assert deadlines.clock_of(case, clock.today()).paused is None and case.promised_due == due
    assert case.decisions.get().replaced
    told = list(Notice.objects.order_by("pk").values_list("code", flat=True))
    assert told[-2:] == ["publicity.posted", "publicity.taken_back"]
    review.opine(again, by=by, verdict="agree", text="同意")
    case.refresh_from_db()
    assert case.state == states.PUBLICITY
    assert publicity.visible(clock.today()).count() == 1
    assert case.decisions.filter(replaced=False).count() == 1


def test_a_drafted_refusal_is_taken_back_and_the_family_heard_nothing():
    case = desk.at_district([desk.OFFPLAN], {"HOUSING_OFFPLAN": "confirmed_fail"})
    before = Notice.objects.count()
    task, by = given(case, Stage.DISTRICT, verdict="object")
    undone(task, by)
    assert case.decisions.get().replaced and Notice.objects.count() == before
    assert desk.task_of(case, Stage.DISTRICT).claimed_by == by


def test_only_in_time_only_by_who_gave_it_and_only_with_a_reason():
    case = desk.under_review()
    task, by = given(case, Stage.STREET)
    refused(task, desk.reviewer_for(task), "提出的人撤回")
    with pytest.raises(UndoRefused, match="为什么撤回"):
        undoing.undo(task, by=by, reason=" ")
    clock.advance(timedelta(minutes=10, seconds=1))
    refused(task, by, "10分钟内可以撤回")


def test_ten_minutes_are_still_in_time():
    task, by = given(desk.under_review(), Stage.STREET)
    clock.advance(timedelta(minutes=9, seconds=50))
    assert undoing.why_not_undo(task, by) == ""


def test_nothing_is_taken_back_twice_or_before_it_was_given():
    case = desk.under_review()
    refused(desk.task_of(case, Stage.STREET), desk.district(), "没有可以撤回")
    task, by = given(case, Stage.STREET)
    undone(task, by)
    refused(task, by, "没有可以撤回")


def claims(case):
    task = desk.task_of(case, Stage.JOINT, HOUSING)
    review.claim(task, by=desk.reviewer_for(task))


def opines(case):
    desk.agree(desk.task_of(case, Stage.JOINT, HOUSING))


def lists_(case):
    task = desk.task_of(case, Stage.JOINT, HOUSING)
    correction_lists.write(task, by=desk.reviewer_for(task), items=desk.missing("结婚证"))


def asks(case):
    task = desk.task_of(case, Stage.JOINT, HOUSING)
    referrals.ask(
        task, by=desk.reviewer_for(task), bureau=case.street, question="住在一起吗", reason="核对"
    )


@pytest.mark.parametrize("act", [claims, opines, lists_, asks])
def test_what_a_department_has_touched_stays(act):
    case = desk.under_review()
    task, by = given(case, Stage.STREET)
    act(case)
    refused(task, by, "已经接着办理")


def test_a_claimed_district_task_stays():
    case = desk.in_joint_review()
    task, by = at_district_by(case)
    district = desk.task_of(case, Stage.DISTRICT)
    review.claim(district, by=desk.reviewer_for(district))
    refused(task, by, "已经接着办理")


def test_an_objection_or_a_signature_stays():
    case = desk.at_district()
    task, by = given(case, Stage.DISTRICT)
    made = publicity.object_to(
        case.publicities.get(), text="他家在别的区还有一套住房，请核查。", contact="0574-00000000"
    )
    refused(task, by, "不能再撤回")
    publicity.answer(made, by=desk.district(), upheld=False, text="查过，没有")
    refused(task, by, "提出异议")
    other = desk.at_district([desk.OFFPLAN], {"HOUSING_OFFPLAN": "confirmed_fail"})
    task, by = given(other, Stage.DISTRICT, verdict="object")
    decision.sign(other.decisions.get(), by=desk.district())
    task = ReviewTask.objects.get(pk=task.pk)
    refused(task, by, "不能再撤回")


def test_a_draft_that_the_signer_sent_back_stays():
    case = desk.at_district([desk.OFFPLAN], {"HOUSING_OFFPLAN": "confirmed_fail"})
    task, by = given(case, Stage.DISTRICT, verdict="object")
    review.return_draft(case.decisions.get(), by=desk.district(), reason="依据不全")
    refused(task, by, "不能再撤回|已经接着办理")


def test_an_opinion_after_which_the_family_was_asked_stays():
    case = desk.in_joint_review()
    task = desk.task_of(case, Stage.JOINT, HOUSING)
    correction_lists.write(task, by=desk.reviewer_for(task), items=desk.missing("结婚证"))
    *first, last = [kind for kind in duties.DEPARTMENTS if kind != HOUSING]
    for kind in first:
        desk.agree(desk.task_of(case, Stage.JOINT, kind))
    task, by = given(case, Stage.JOINT, last)
    assert case.state == states.CORRECTION
    refused(task, by, "请补材料")


def test_a_question_left_open_waits_again():
    case = desk.in_joint_review()
    task = desk.task_of(case, Stage.JOINT, HOUSING)
    by = desk.reviewer_for(task)
    asked = referrals.ask(task, by=by, bureau=case.street, question="住在一起吗", reason="核对")
    review.opine(task, by=by, verdict="agree", text="符合", despite="期限到了")
    asked.refresh_from_db()
    assert asked.state == states.REFERRAL_LEFT
    undone(task, by)
    asked.refresh_from_db()
    assert (asked.state, asked.left_reason, asked.left_with) == (states.REFERRAL_OPEN, None, None)


def test_the_pages_offer_it_until_the_minute_and_take_it_back():
    case = desk.under_review()
    task = desk.task_of(case, Stage.STREET)
    by = desk.reviewer_for(task)
    client = Client()
    client.force_login(by.user)
    address = reverse("review_task", args=[task.pk])
    after = client.post(address, {"verdict": "agree", "text": "符合"}, follow=True)
    assert "撤回这条意见（到" in after.content.decode()
    page = client.get(address).content.decode()
    assert 'id="undo"' in page and "撤回意见" in page
    send = reverse("review_undo", args=[task.pk])
    assert "为什么撤回" in client.post(send, {"reason": ""}, follow=True).content.decode()
    back = client.post(send, {"reason": "点错了"})
    again = desk.task_of(case, Stage.STREET)
    assert back.url == reverse("review_task", args=[again.pk])
    assert "撤回意见" not in client.get(address).content.decode()
    assert "撤回这条意见（到" not in client.get(reverse("review_queue")).content.decode()
