"""What each desk misses, gathered into the one notice that the law allows."""

from datetime import timedelta

import pytest

from accounts.roles import BureauKind
from applications import (
    correction,
    correction_lists,
    deadlines,
    opinions,
    review,
    states,
    tasks_review,
)
from applications.correction import CorrectionRefused
from applications.models import AcceptanceLetter, MissingList, Pause
from applications.models.review import Stage
from core import clock, workdays
from core.models import AuditEntry, Notice
from tests.factories import applications
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
CIVIL, HOUSING, LAND = BureauKind.CIVIL_AFFAIRS, BureauKind.HOUSING, BureauKind.REAL_ESTATE
PEOPLE, WORK = BureauKind.FLOATING_POPULATION, BureauKind.HUMAN_RESOURCES


def task_at(case, kind):
    return desk.task_of(case, Stage.JOINT, kind)


def lists(case, kind, *what, **fields):
    task = task_at(case, kind)
    items = [one | fields for one in desk.missing(*what)]
    return correction_lists.write(task, by=desk.reviewer_for(task), items=items)


def nothing(case, *kinds):
    for kind in kinds:
        task = task_at(case, kind)
        correction_lists.nothing_missing(task, by=desk.reviewer_for(task))


def state_of(case) -> str:
    case.refresh_from_db()
    return case.state


def snapshot(case) -> tuple:
    return (
        state_of(case),
        list(MissingList.objects.order_by("pk").values_list("pk", "withdrawn_at", "sent_at")),
        case.supplements.count(),
        Notice.objects.count(),
        AuditEntry.objects.count(),
    )


def test_the_street_stands_alone_and_its_list_goes_out_at_once():
    case = desk.under_review()
    task = desk.task_of(case, Stage.STREET)
    correction_lists.write(task, by=desk.reviewer_for(task), items=desk.missing("结婚证"))
    assert state_of(case) == states.CORRECTION
    assert Notice.objects.filter(code="correction.asked").count() == 1


def test_one_departments_list_waits_for_the_others():
    case = desk.in_joint_review()
    lists(case, CIVIL, "结婚证")
    assert state_of(case) == states.JOINT_REVIEW
    assert not Notice.objects.filter(code="correction.asked").exists()
    found = correction_lists.gathering(case)
    assert len(found.waiting) == 4 and found.clear == []
    assert found.last_day == workdays.add_workdays(clock.today(), 2)


def test_the_last_answer_of_any_kind_sends_one_merged_notice_by_itself():
    case = desk.in_joint_review()
    lists(case, CIVIL, "结婚证", "离婚协议")
    lists(case, LAND, "结婚 证", "购房合同")
    desk.agree(task_at(case, WORK))
    nothing(case, PEOPLE)
    assert state_of(case) == states.JOINT_REVIEW
    nothing(case, HOUSING)
    assert state_of(case) == states.CORRECTION
    items = [one.text for one in correction.open_items(case)]
    assert len(items) == 3
    both = [task_at(case, kind).bureau.name for kind in (CIVIL, LAND)]
    assert items[0] == f"结婚证（登记没有查到；{both[0]}、{both[1]}提出）"
    assert "购房合同" in items[2] and both[0] not in items[2]
    assert deadlines.clock_of(case, clock.today()).paused.reason == Pause.Reason.CORRECTION
    letter = AcceptanceLetter.objects.get(application=case)
    assert letter.items == items
    assert Notice.objects.filter(code="correction.asked").count() == 1
    assert not MissingList.objects.filter(sent_at=None).exists()


def test_a_list_of_many_things_loses_none_in_the_notice():
    case = desk.in_joint_review()
    for n, kind in enumerate((CIVIL, HOUSING, LAND)):
        lists(case, kind, *(f"第{n}组材料{m}" for m in range(8)))
    nothing(case, PEOPLE, WORK)
    assert correction.open_items(case).count() == 24
    text = Notice.objects.get(code="correction.asked").text
    assert "㉔第2组材料7" in text and "还差24样" in text


def test_a_slow_department_holds_the_family_up_no_longer_than_the_period():
    case = desk.in_joint_review()
    last = lists(case, CIVIL, "结婚证").due_on
    clock.advance(clock.local_midnight(last) + timedelta(hours=10) - clock.now())
    tasks_review.send_gathered_corrections()
    assert state_of(case) == states.JOINT_REVIEW  # the last day still counts
    clock.advance(timedelta(days=1))
    tasks_review.send_gathered_corrections()
    assert state_of(case) == states.CORRECTION
    tasks_review.send_gathered_corrections()
    assert Notice.objects.filter(code="correction.asked").count() == 1


def test_a_list_whose_notice_was_lost_in_a_crash_is_sent_by_the_periodic_task():
    case = desk.in_joint_review()
    for kind in (HOUSING, LAND, PEOPLE, WORK):
        desk.agree(task_at(case, kind))
    task = task_at(case, CIVIL)
    MissingList.objects.create(
        task=task, items=[{"key": "", "what": "结婚证", "why": "外省登记"}], count=1,
        due_on=clock.today(), by=desk.reviewer_for(task), at=clock.now(),
    )  # fmt: skip
    tasks_review.send_gathered_corrections()
    assert state_of(case) == states.CORRECTION
    assert correction.open_items(case).get().text.startswith("结婚证（外省登记；")


def test_a_listed_material_is_called_as_the_table_calls_it():
    case = desk.in_joint_review()
    lists(case, CIVIL, "", key="MEMBERS")
    lists(case, LAND, "随便怎么写", key="MEMBERS")
    nothing(case, HOUSING, PEOPLE, WORK)
    assert correction.open_items(case).get().text.startswith("结婚证、离婚证或者离婚判决书（")


@pytest.mark.parametrize(
    ("item", "sentence"),
    [
        ({"what": "", "why": "没有"}, "请写明缺什么"),
        ({"what": "结婚证", "why": " "}, "为什么要"),
        ({"what": "", "why": "没有", "key": "homes"}, "不能向家庭要"),
        ({"what": "户口簿", "why": "没有", "key": "nonsense"}, "不能向家庭要"),
    ],
)
def test_what_cannot_be_asked_of_a_family_changes_nothing(item, sentence):
    case = desk.in_joint_review()
    task = task_at(case, CIVIL)
    before = snapshot(case)
    with pytest.raises(CorrectionRefused, match=sentence):
        correction_lists.write(task, by=desk.reviewer_for(task), items=[item])
    assert snapshot(case) == before


def test_a_list_is_withdrawn_before_it_is_sent_and_not_after():
    case = desk.in_joint_review()
    lists(case, CIVIL, "结婚证")
    task = task_at(case, CIVIL)
    with pytest.raises(CorrectionRefused, match="先撤回再写"):
        lists(case, CIVIL, "离婚证")
    correction_lists.withdraw(task, by=desk.reviewer_for(task))
    assert correction_lists.gathering(case) is None
    nothing(case, HOUSING, LAND, PEOPLE, WORK)
    assert state_of(case) == states.JOINT_REVIEW
    lists(case, CIVIL, "离婚证")
    assert state_of(case) == states.CORRECTION
    before = snapshot(case)
    with pytest.raises(CorrectionRefused, match="不能再撤回"):
        correction_lists.withdraw(task, by=desk.reviewer_for(task))
    assert snapshot(case) == before


def test_a_desk_with_a_list_gives_no_opinion_until_it_is_sent():
    case = desk.in_joint_review()
    lists(case, CIVIL, "结婚证")
    task = task_at(case, CIVIL)
    before = snapshot(case)
    with pytest.raises(review.OpinionRefused, match="补正清单还没有发出"):
        review.opine(task, by=desk.reviewer_for(task), verdict="agree", text="符合")
    assert snapshot(case) == before
    assert "补正清单" in opinions.why_not_yet(task)


def test_a_desk_that_said_nothing_is_missing_may_think_again():
    case = desk.in_joint_review()
    lists(case, CIVIL, "结婚证")
    nothing(case, HOUSING)
    lists(case, HOUSING, "购房合同")
    desk.agree(task_at(case, LAND))
    nothing(case, PEOPLE, WORK)
    assert [one.text[:4] for one in correction.open_items(case)] == ["结婚证（", "购房合同"]


def test_the_district_cannot_close_over_a_list_that_waits():
    case = desk.at_district()
    task = desk.task_of(case, Stage.DISTRICT)
    by = desk.reviewer_for(task)
    MissingList.objects.create(
        task=task, items=[{"key": "", "what": "结婚证", "why": "外省"}], count=1,
        due_on=clock.today(), by=by, at=clock.now(),
    )  # fmt: skip
    before = snapshot(case)
    with pytest.raises(review.OpinionRefused, match="补正清单没有发给家庭"):
        review.opine(task, by=by, verdict="agree", text="同意")
    assert snapshot(case) == before


def test_nobody_asks_a_family_twice_and_the_sentence_says_what_remains():
    case = desk.in_joint_review()
    lists(case, CIVIL, "结婚证")
    nothing(case, HOUSING, LAND, PEOPLE, WORK)
    answers = {one.pk: "已寄出" for one in correction.open_items(case)}
    correction.answer(case, by=case.created_by, answers=answers)
    assert state_of(case) == states.JOINT_REVIEW
    before = snapshot(case)
    with pytest.raises(CorrectionRefused, match=r"只能一次告知.*承诺.*核实单.*征询"):
        lists(case, LAND, "购房合同")
    assert snapshot(case) == before
    desk.agree(task_at(case, CIVIL))  # what was sent keeps nobody from the opinion


def test_a_colleague_or_another_desk_writes_no_list_over_a_claim():
    case = desk.in_joint_review()
    task = task_at(case, CIVIL)
    review.claim(task, by=desk.reviewer_for(task))
    before = snapshot(case)
    with pytest.raises(CorrectionRefused, match="正在办理"):
        lists(case, CIVIL, "结婚证")
    with pytest.raises(CorrectionRefused, match="办理"):
        correction_lists.write(
            task, by=desk.reviewer_for(task_at(case, LAND)), items=desk.missing("结婚证")
        )
    assert snapshot(case) == before


def test_a_list_of_a_case_that_ended_is_never_sent():
    case = desk.in_joint_review()
    lists(case, CIVIL, "结婚证")
    review.leave(case, by=desk.WORKER)
    case.state = states.WITHDRAWN
    case.save()
    clock.advance(timedelta(days=9))
    assert correction_lists.send_due() == 0
    assert not Notice.objects.filter(code="correction.asked").exists()


def test_an_opinion_that_waits_for_its_second_person_has_answered():
    case = desk.in_joint_review([applications.finding("INCOME", "unknown")])
    lists(case, HOUSING, "购房合同")
    nothing(case, LAND, PEOPLE, WORK)
    task = task_at(case, CIVIL)
    how = {"INCOME": {"how": "verified_pass", "reason": "看过流水"}}
    review.opine(task, by=desk.reviewer_for(task), verdict="agree", settled=how, text="符合")
    assert state_of(case) == states.CORRECTION
    with pytest.raises(Exception, match="暂时不能确认"):
        desk.confirm(task)
