"""Return for correction: one notice, a paused clock, one answer."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import BureauKind
from applications import correction, correction_lists, deadlines, review, states
from applications.models.review import Stage
from core import clock, workdays
from core.models import Notice
from tests.factories import applications
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
ITEMS = ["结婚证复印件", "收入证明（单位盖章）"]


def returned(stage: str = Stage.STREET):
    """The family was told: at the street at once, in the joint stage when all have answered."""
    case = desk.under_review() if stage == Stage.STREET else desk.in_joint_review()
    kind = "" if stage == Stage.STREET else BureauKind.CIVIL_AFFAIRS
    task = desk.task_of(case, stage, kind)
    correction_lists.write(task, by=desk.reviewer_for(task), items=desk.missing(*ITEMS))
    for other in case.tasks.filter(stage=Stage.JOINT).exclude(pk=task.pk):
        correction_lists.nothing_missing(other, by=desk.reviewer_for(other))
    case.refresh_from_db()
    return case, task


def answers(case) -> dict[int, str]:
    return {one.pk: "已寄出" for one in correction.open_items(case)}


def test_one_notice_lists_everything_and_the_clock_stands():
    case, _task = returned()
    assert case.state == states.CORRECTION
    due = workdays.add_workdays(clock.today(), 10)
    assert {one.due_on for one in correction.open_items(case)} == {due}
    assert deadlines.clock_of(case, clock.today()).paused.reason == "correction"
    told = Notice.objects.get(code="correction.asked")
    assert "①结婚证复印件（登记没有查到；" in told.text and "；②收入证明" in told.text


@pytest.mark.parametrize("stage", [Stage.STREET, Stage.JOINT])
def test_the_answer_brings_the_case_back_to_where_it_was(stage):
    case, _task = returned(stage)
    correction.answer(case, by=case.created_by, answers=answers(case))
    assert case.state == review.STATE_OF_STAGE[stage]
    assert deadlines.clock_of(case, clock.today()).paused is None
    told = correction.told_by_family(case)
    assert [answer for _asked, answer in told] == ["已寄出", "已寄出"]
    assert [asked.startswith(one) for (asked, _told), one in zip(told, ITEMS, strict=True)] == [
        True, True,
    ]  # fmt: skip


def test_no_opinion_is_taken_while_the_family_answers():
    case, task = returned()
    with pytest.raises(review.TaskRefused, match="请补材料"):
        review.opine(task, by=desk.reviewer_for(task), verdict="agree")
    assert case.state == states.CORRECTION


def test_it_is_asked_only_once():
    case, task = returned()
    correction.answer(case, by=case.created_by, answers=answers(case))
    with pytest.raises(correction.CorrectionRefused, match="只能一次"):
        correction_lists.write(task, by=desk.reviewer_for(task), items=desk.missing("再来一样"))
    case.refresh_from_db()
    assert case.state == states.STREET_REVIEW


@pytest.mark.parametrize("items", [[], ["  "], [str(n) for n in range(11)]])
def test_an_empty_or_endless_list_changes_nothing(items):
    case = desk.under_review()
    task = desk.task_of(case, Stage.STREET)
    with pytest.raises(correction.CorrectionRefused):
        correction_lists.write(task, by=desk.reviewer_for(task), items=desk.missing(*items))
    assert not task.missing_lists.exists()
    case.refresh_from_db()
    assert case.state == states.STREET_REVIEW and not case.pauses.exists()


def test_half_an_answer_is_refused():
    case, _task = returned()
    first = correction.open_items(case)[0]
    with pytest.raises(correction.CorrectionRefused, match="一次补齐"):
        correction.answer(case, by=case.created_by, answers={first.pk: "已寄出"})
    case.refresh_from_db()
    assert case.state == states.CORRECTION and correction.open_items(case).count() == 2


def test_unanswered_it_counts_as_withdrawn_after_the_last_day():
    case, _task = returned()
    due = correction.open_items(case)[0].due_on
    assert correction.lapse_due(due) == 0
    assert correction.lapse_due(due + timedelta(days=1)) == 1
    assert correction.lapse_due(due + timedelta(days=1)) == 0
    case.refresh_from_db()
    assert case.state == states.DEEMED_WITHDRAWN
    assert not case.members.filter(holding=True).exists()
    assert not case.tasks.filter(state=states.TASK_OPEN).exists()


def test_the_pages_of_both_sides():
    case = desk.under_review()
    task = desk.task_of(case, Stage.STREET)
    reviewer, family = Client(), Client()
    reviewer.force_login(desk.reviewer_for(task).user)
    address = reverse("review_return", args=[task.pk])
    assert reviewer.get(address).status_code == 200
    lines = {"form-TOTAL_FORMS": 10, "form-INITIAL_FORMS": 0, "act": "write"}
    for n, one in enumerate(ITEMS):
        lines |= {f"form-{n}-what": one, f"form-{n}-why": "登记没有查到"}
    assert reviewer.post(address, lines).status_code == 302
    family.force_login(case.created_by)
    mine = reverse("my_correct", args=[case.case_no])
    assert ITEMS[0] in family.get(mine).content.decode()
    assert mine in family.get(reverse("my_case", args=[case.case_no])).content.decode()
    boxes = {f"item_{one.pk}": "已寄出" for one in correction.open_items(case)}
    assert family.post(mine, boxes).status_code == 302
    case.refresh_from_db()
    assert case.state == states.STREET_REVIEW
    assert "已寄出" in reviewer.get(reverse("review_task", args=[task.pk])).content.decode()
    assert family.get(mine).status_code == 200


def test_what_a_register_answered_meanwhile_is_asked_of_its_department():
    case, _task = returned(Stage.JOINT)
    applications.assessment(case, "ineligible", findings=[desk.OFFPLAN])
    review.refresh_findings(case)
    correction.answer(case, by=case.created_by, answers=answers(case))
    assert desk.task_of(case, Stage.JOINT, BureauKind.HOUSING).findings == ["HOUSING_OFFPLAN"]
