"""Joint review: who does what, in which order, and what is refused."""

from datetime import timedelta

import pytest

from accounts.roles import BureauKind, Role
from applications import decision, duties, findings, review, states
from applications.models import Member, Opinion, ReviewTask
from applications.models.review import Stage
from core import clock, workdays
from core.models import AuditEntry, Transition
from tests.factories import accounts, applications
from tests.factories import review as desk

pytestmark = pytest.mark.django_db


def state_of(case) -> str:
    case.refresh_from_db()
    return case.state


def snapshot(case) -> tuple:
    """Everything that a refused action must leave alone."""
    tasks = ReviewTask.objects.filter(application=case)
    return (
        state_of(case),
        list(tasks.order_by("pk").values()),
        Opinion.objects.count(),
        AuditEntry.objects.count(),
        Transition.objects.count(),
    )


# -- The street opens ----------------------------------------------------------------------------


def test_an_accepted_case_goes_to_its_street_alone():
    case = desk.under_review()
    assert state_of(case) == states.STREET_REVIEW
    task = case.tasks.get()
    assert (task.stage, task.bureau) == (Stage.STREET, case.street)
    assert task.due_on == workdays.add_workdays(clock.today(), 3)


def test_opening_twice_opens_once():
    case = desk.under_review()
    assert review.open_review(case, by=desk.WORKER) is None
    assert case.tasks.count() == 1


def test_a_case_without_street_starts_at_the_centre():
    case = applications.application(state=states.ACCEPTED)
    case.street = None
    case.save()
    assert review.open_review(case, by=desk.WORKER).bureau.kind == BureauKind.CENTRE


def test_the_streets_opinion_opens_five_desks_at_once():
    case = desk.in_joint_review()
    assert state_of(case) == states.JOINT_REVIEW
    tasks = case.tasks.filter(stage=Stage.JOINT)
    assert {task.bureau.kind for task in tasks} == set(duties.DEPARTMENTS)
    assert {task.due_on for task in tasks} == {workdays.add_workdays(clock.today(), 5)}
    assert review.progress_of(case) == (0, 5)


def test_each_desk_gets_the_doubtful_rules_it_owns():
    case = desk.in_joint_review(
        [desk.OFFPLAN, desk.NO_INCOME_REPORT, applications.finding("STUDENT")]
    )
    rules = {task.bureau.kind: task.findings for task in case.tasks.filter(stage=Stage.JOINT)}
    assert rules[BureauKind.HOUSING] == ["HOUSING_OFFPLAN"]
    assert rules[BureauKind.CIVIL_AFFAIRS] == ["INCOME"]
    assert rules[BureauKind.HUMAN_RESOURCES] == []


def test_every_rule_and_source_of_the_contract_has_a_department():
    assert set(duties.RULES.values()) <= set(duties.DEPARTMENTS)
    assert set(duties.SOURCES.values()) == set(duties.DEPARTMENTS)
    assert duties.department_of("SOMETHING_NEW") == BureauKind.HOUSING


# -- Claims --------------------------------------------------------------------------------------


def test_a_claim_reserves_the_task_for_some_hours():
    task = desk.task_of(desk.under_review(), Stage.STREET)
    who = desk.reviewer_for(task)
    claimed = review.claim(task, by=who)
    assert claimed.state == states.TASK_CLAIMED
    assert claimed.claimed_by == who
    assert claimed.claim_expires_at - clock.now() > timedelta(hours=3)


def test_a_colleague_cannot_take_a_claimed_task():
    case = desk.under_review()
    task = desk.task_of(case, Stage.STREET)
    review.claim(task, by=desk.reviewer_for(task))
    before = snapshot(case)
    colleague = desk.reviewer_for(task)
    with pytest.raises(review.TaskRefused, match="正在办理"):
        review.claim(task, by=colleague)
    with pytest.raises(review.TaskRefused, match="正在办理"):
        review.opine(task, by=colleague, verdict="agree")
    assert snapshot(case) == before


def test_a_claim_that_ran_out_is_free_for_a_colleague():
    task = desk.task_of(desk.under_review(), Stage.STREET)
    review.claim(task, by=desk.reviewer_for(task))
    ReviewTask.objects.update(claim_expires_at=clock.now() - timedelta(minutes=1))
    colleague = desk.reviewer_for(task)
    assert review.claim(task, by=colleague).claimed_by == colleague


def test_releasing_gives_the_task_back():
    task = desk.task_of(desk.under_review(), Stage.STREET)
    who = desk.reviewer_for(task)
    review.claim(task, by=who)
    released = review.release(task, by=who)
    assert (released.state, released.claimed_by) == (states.TASK_OPEN, None)
    with pytest.raises(review.TaskRefused, match="没有认领"):
        review.release(task, by=who)


def test_another_bureau_cannot_touch_the_task():
    case = desk.under_review()
    task = desk.task_of(case, Stage.STREET)
    before = snapshot(case)
    elsewhere = accounts.staff(Role.STREET, bureau=accounts.bureau("330212101"))
    with pytest.raises(review.TaskRefused, match="办理"):
        review.claim(task, by=elsewhere)
    assert snapshot(case) == before


def test_a_clerk_of_the_street_cannot_review_for_it():
    case = desk.under_review()
    task = desk.task_of(case, Stage.STREET)
    with pytest.raises(review.TaskRefused, match="岗位"):
        review.opine(task, by=accounts.staff(Role.WINDOW, bureau=task.bureau), verdict="agree")


def test_nobody_reviews_a_case_of_their_own_household():
    case = desk.under_review(members=2)
    task = desk.task_of(case, Stage.STREET)
    kin = desk.reviewer_for(task)
    kin.id_index = Member.objects.get(application=case, position=1).id_index
    kin.save()
    before = snapshot(case)
    with pytest.raises(review.TaskRefused, match="回避"):
        review.opine(task, by=kin, verdict="agree")
    assert snapshot(case) == before


# -- Opinions ------------------------------------------------------------------------------------


def test_one_task_takes_one_opinion():
    case = desk.under_review()
    task = desk.task_of(case, Stage.STREET)
    desk.agree(task)
    before = snapshot(case)
    with pytest.raises(review.TaskRefused, match="已由"):
        review.opine(task, by=desk.reviewer_for(task), verdict="agree")
    assert snapshot(case) == before


def test_a_doubtful_rule_must_be_settled():
    case = desk.in_joint_review([desk.OFFPLAN])
    task = desk.task_of(case, Stage.JOINT, BureauKind.HOUSING)
    before = snapshot(case)
    with pytest.raises(review.OpinionRefused, match="期房合同"):
        review.opine(task, by=desk.reviewer_for(task), verdict="agree")
    assert snapshot(case) == before


@pytest.mark.parametrize(
    ("how", "verdict", "text", "sentence"),
    [
        ("overridden_pass", "agree", "", "写明理由"),
        ("verified_pass", "agree", "", "只能核实不符"),
        ("confirmed_fail", "agree", "", "意见不能是同意"),
        ("confirmed_fail", "object", "", "写明理由"),
        ("perhaps", "agree", "", "选择核实结果"),
    ],
)
def test_an_opinion_that_does_not_fit_the_finding_is_refused(how, verdict, text, sentence):
    case = desk.in_joint_review([desk.OFFPLAN])
    task = desk.task_of(case, Stage.JOINT, BureauKind.HOUSING)
    before = snapshot(case)
    with pytest.raises(review.OpinionRefused, match=sentence):
        review.opine(
            task,
            by=desk.reviewer_for(task),
            verdict=verdict,
            settled={"HOUSING_OFFPLAN": how},
            text=text,
        )
    assert snapshot(case) == before


def test_a_department_objects_only_on_a_rule_it_confirmed():
    case = desk.in_joint_review()
    task = desk.task_of(case, Stage.JOINT, BureauKind.REAL_ESTATE)
    with pytest.raises(review.OpinionRefused, match="至少一项"):
        review.opine(task, by=desk.reviewer_for(task), verdict="object", text="不同意")


def test_a_department_settles_only_its_own_rules():
    case = desk.in_joint_review([desk.OFFPLAN])
    task = desk.task_of(case, Stage.JOINT, BureauKind.CIVIL_AFFAIRS)
    with pytest.raises(review.OpinionRefused, match="不归本部门"):
        review.opine(
            task, by=desk.reviewer_for(task), verdict="object",
            settled={"HOUSING_OFFPLAN": "confirmed_fail"}, text="不符",
        )  # fmt: skip


def test_a_department_may_fail_a_rule_that_the_registers_pass_with_its_reason():
    case = desk.in_joint_review(
        [applications.finding("HOUSING_AREA", actual="0.00", limit="54.00")]
    )
    task = desk.task_of(case, Stage.JOINT, BureauKind.REAL_ESTATE)
    settled = {"HOUSING_AREA": {"how": "confirmed_fail", "reason": "另查到一套未登记住房"}}
    review.opine(
        task, by=desk.reviewer_for(task), verdict="object", settled=settled, text="见附件",
        reason_codes=["HOUSING_AREA.unregistered_home"],
    )  # fmt: skip
    assessment = findings.latest_assessment(case)
    assert [one.rule for one in findings.confirmed_fails(case, assessment)] == ["HOUSING_AREA"]


def test_the_last_opinion_hands_the_case_to_the_district():
    case = desk.in_joint_review()
    *first, last = duties.DEPARTMENTS
    for kind in first:
        desk.agree(desk.task_of(case, Stage.JOINT, kind))
        assert state_of(case) == states.JOINT_REVIEW
    desk.agree(desk.task_of(case, Stage.JOINT, last))
    assert state_of(case) == states.DISTRICT_REVIEW
    task = case.tasks.get(stage=Stage.DISTRICT)
    assert task.bureau.kind == BureauKind.CENTRE
    assert task.due_on == workdays.add_workdays(clock.today(), 3)


def test_no_opinion_is_taken_after_the_family_withdrew():
    case = desk.in_joint_review()
    task = desk.task_of(case, Stage.JOINT, BureauKind.HOUSING)
    assert review.leave(case, by=desk.WORKER) == 5
    with pytest.raises(review.TaskRefused, match="不再需要"):
        review.opine(task, by=desk.reviewer_for(task), verdict="agree")


# -- The district closes -------------------------------------------------------------------------


def test_the_district_approves_to_public_notice():
    case = desk.at_district([desk.NO_INCOME_REPORT], {"INCOME": "verified_pass"})
    desk.agree(desk.task_of(case, Stage.DISTRICT))
    assert state_of(case) == states.PUBLICITY
    assert case.decisions.get().kind == "approve"


def test_the_district_cannot_approve_what_a_department_confirmed_as_failed():
    case = desk.at_district([desk.OFFPLAN], {"HOUSING_OFFPLAN": "confirmed_fail"})
    task = desk.task_of(case, Stage.DISTRICT)
    before = snapshot(case)
    with pytest.raises(review.OpinionRefused, match="不能同意"):
        review.opine(task, by=desk.district(), verdict="agree")
    assert snapshot(case) == before


def test_no_refusal_without_a_rule_that_a_person_confirmed():
    case = desk.at_district([desk.NO_INCOME_REPORT], {"INCOME": "verified_pass"})
    task = desk.task_of(case, Stage.DISTRICT)
    before = snapshot(case)
    with pytest.raises(review.OpinionRefused, match="没有一项经人核实"):
        review.opine(task, by=desk.district(), verdict="object", text="不同意")
    assert snapshot(case) == before


def test_an_overridden_failure_can_be_approved():
    how = {"HOUSING_OFFPLAN": {"how": "overridden_pass", "reason": "合同已于昨日注销，系统未更新"}}
    case = desk.at_district([desk.OFFPLAN], how)
    desk.agree(desk.task_of(case, Stage.DISTRICT))
    assert state_of(case) == states.PUBLICITY


def test_a_drafted_refusal_leaves_the_case_where_it_is():
    draft = desk.refusal_drafted()
    assert state_of(draft.application) == states.DISTRICT_REVIEW
    assert draft.signed_at is None
    assert [one["rule"] for one in draft.reasons] == ["HOUSING_OFFPLAN"]


def test_a_returned_draft_opens_the_districts_task_again():
    draft = desk.refusal_drafted()
    task = review.return_draft(draft, by=desk.district(), reason="依据不全")
    draft.refresh_from_db()
    assert draft.replaced and (task.stage, task.round) == (Stage.DISTRICT, 2)


# -- Late evidence -------------------------------------------------------------------------------


def test_late_evidence_fills_an_open_task():
    case = desk.in_joint_review()
    applications.assessment(case, "ineligible", findings=[desk.OFFPLAN])
    review.refresh_findings(case)
    assert desk.task_of(case, Stage.JOINT, BureauKind.HOUSING).findings == ["HOUSING_OFFPLAN"]
    assert case.tasks.filter(stage=Stage.JOINT).count() == 5


def test_late_evidence_asks_a_department_again_that_has_answered():
    case = desk.in_joint_review()
    desk.agree(desk.task_of(case, Stage.JOINT, BureauKind.HOUSING))
    applications.assessment(case, "ineligible", findings=[desk.OFFPLAN])
    review.refresh_findings(case)
    again = desk.task_of(case, Stage.JOINT, BureauKind.HOUSING)
    assert (again.round, again.findings) == (2, ["HOUSING_OFFPLAN"])


def test_late_evidence_calls_a_case_back_from_the_district():
    case = desk.at_district()
    applications.assessment(case, "ineligible", findings=[desk.OFFPLAN])
    review.refresh_findings(case)
    assert state_of(case) == states.JOINT_REVIEW
    assert desk.task_of(case, Stage.DISTRICT).state == states.TASK_CANCELLED
    desk.settle(
        desk.task_of(case, Stage.JOINT, BureauKind.HOUSING), {"HOUSING_OFFPLAN": "confirmed_fail"}
    )
    assert state_of(case) == states.DISTRICT_REVIEW


def test_a_contract_cancelled_later_frees_the_way():
    case = desk.at_district([desk.OFFPLAN], {"HOUSING_OFFPLAN": "confirmed_fail"})
    applications.assessment(case, "eligible", findings=[applications.finding("HOUSING_OFFPLAN")])
    review.refresh_findings(case)
    assert state_of(case) == states.DISTRICT_REVIEW
    desk.agree(desk.task_of(case, Stage.DISTRICT))
    assert state_of(case) == states.PUBLICITY


def test_a_settlement_holds_only_for_the_value_it_was_given_on():
    case = desk.at_district([desk.NO_INCOME_REPORT], {"INCOME": "verified_pass"})
    late = applications.finding("INCOME", "fail", actual="62000.00", limit="54406.40")
    applications.assessment(case, "ineligible", findings=[late])
    assert findings.unsettled(case, findings.latest_assessment(case)) == ["INCOME"]


def test_refreshing_a_case_that_is_not_in_review_changes_nothing():
    case = applications.application(state=states.WAITLISTED)
    before = snapshot(case)
    review.refresh_findings(case)
    assert snapshot(case) == before


def test_a_refusal_drafted_on_what_no_longer_fails_is_taken_back_and_looked_at_again():
    draft = desk.refusal_drafted()
    case = draft.application
    applications.assessment(case, outcome="eligible")
    review.refresh_findings(case)
    draft.refresh_from_db()
    assert draft.replaced and draft.signed_at is None
    task = case.tasks.get(stage=Stage.DISTRICT, state=states.TASK_OPEN)
    with pytest.raises(decision.DecisionRefused):
        decision.sign(draft, by=desk.district())
    assert review.opine(task, by=desk.reviewer_for(task), verdict="agree", text="同意").task == task
