"""What people settled sets tier, home, rent and subsidy by the same rules, and can be replayed."""

from decimal import Decimal

import pytest
import yaml
from django.test import Client
from django.urls import reverse

from accounts.roles import BureauKind
from applications import (
    conclusion,
    evaluation,
    findings,
    inquiry_answers,
    review,
    rule_preview,
    settlements,
    states,
    waiting,
)
from applications.models import Assessment
from applications.models.evidence import CONCLUDED
from applications.models.review import Stage
from core.models import AuditEntry
from tests.applications.test_review_real import CAST
from tests.factories import applications
from tests.factories import inquiries as questions
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
CIVIL = BureauKind.CIVIL_AFFAIRS


def household(name, *, without=(), silent=()):
    """A household of the cast under review; ``without``: these sources know nothing of it;
    ``silent``: these give no answer."""
    (cast,) = [one for one in yaml.safe_load(CAST.read_text()) if one["case"] == name]
    people = [
        applications.Person(one["name"], str(one["id_number"]), one["relation"])
        for one in cast["household"]
    ]
    case = applications.application(people, state=states.ACCEPTED)
    members = {one.id_number: one for one in case.members.all()}
    for source, answers in cast["records"].items():
        for number, rows in answers.items():
            if str(number) in members:
                rows = [] if source in (*without, *silent) else rows
                status = "found" if rows else "no_record"
                applications.evidence(
                    case, source, member=members[str(number)], rows=rows,
                    status="unavailable" if source in silent else status,
                )  # fmt: skip
    read = evaluation.assess_now(case, round="apply", on=cast["as_of"], by=desk.WORKER)
    review.open_review(case, by=desk.WORKER)
    return case, read


def to_public_notice(case, **how):
    """Every desk agrees; what it doubts is settled as told, else as verified."""
    desk.agree(desk.task_of(case, Stage.STREET))
    for row in case.inquiries.filter(state=states.INQUIRY_OPEN).select_related("bureau"):
        inquiry_answers.answer(
            row, by=questions.at_desk(row.bureau.kind), outcome=how.get("inquiry", "left"),
            reason_code="other_office", text="已电话核实",
        )  # fmt: skip
    for task in case.tasks.filter(stage=Stage.JOINT).select_related("bureau"):
        desk.settle(task, {rule: how.get(rule, "verified_pass") for rule in task.findings})
    desk.agree(desk.task_of(case, Stage.DISTRICT))
    case.refresh_from_db()
    return case


def concluded(case):
    return case.assessments.get(round=CONCLUDED)


def differences():
    return [found for _row, found in evaluation.replay() if found is not None]


@pytest.mark.parametrize(
    ("outcome", "tier", "first"),
    [("left", "DB", "DB"), ("is_TK", "TK", "TK"), ("is_none", "ZPX", None)],
)
def test_aid_that_civil_affairs_settled_sets_tier_rent_and_priority(outcome, tier, first):
    case, read = household("H02", without=["social_assistance"])
    assert (read.outcome, read.tier) == ("manual_review", "")
    to_public_notice(case, inquiry=outcome)
    made = concluded(case)
    assert (made.outcome, made.tier) == ("eligible", tier)
    assert made.result["rent_monthly"] and made.result["unit_types"] == ["2R"]
    entry = waiting.register(case, by=desk.WORKER)
    assert (entry.tier, entry.unit_types) == (tier, ["2R"])
    assert (first is None) or first in entry.priority
    assert differences() == []


def test_the_other_route_prevails_where_the_department_says_so():
    case, _read = household("H02", without=["social_assistance"])
    to_public_notice(case, inquiry="right")
    assert concluded(case).tier == "ZPX"  # without aid its income counts, within the limit


def test_the_sum_that_a_department_found_sets_the_tier():
    case, read = household("H03", without=["income_check"])
    assert read.tier == ""
    to_public_notice(case, INCOME={"how": "verified_pass", "reason": "看过流水", "amount": "90000"})
    made = concluded(case)
    assert (made.outcome, made.tier) == ("eligible", "DSR")
    income = next(one for one in made.result["findings"] if one["rule"] == "INCOME")
    assert (income["result"], income["actual"]) == ("pass", "90000.00")
    assert differences() == []


def test_without_a_sum_the_last_tier_within_the_limit_holds():
    case, _read = household("H03", without=["income_check"])
    to_public_notice(case)
    made = concluded(case)
    assert (made.outcome, made.tier) == ("eligible", "ZPX")
    income = next(one for one in made.result["findings"] if one["rule"] == "INCOME")
    assert (income["result"], income["reason"]) == ("pass", "SETTLED_MET")


def test_income_taken_on_a_commitment_houses_the_family_by_the_last_tier():
    case, _read = household("H03", without=["income_check"])
    to_public_notice(case, INCOME="on_commitment")
    made = concluded(case)
    assert (made.outcome, made.tier) == ("conditional", "ZPX")
    assert made.result["rent_monthly"] and made.result["subsidy_monthly"]
    entry = waiting.register(case, by=desk.WORKER)
    assert (entry.tier, entry.unit_types) == ("ZPX", ["2R"])  # a roster takes it
    assert differences() == []


@pytest.mark.parametrize("amount", ["163219.21", "-1"])
def test_a_sum_that_contradicts_the_settlement_is_refused_and_changes_nothing(amount):
    case, _read = household("H03", without=["income_check"])
    desk.agree(desk.task_of(case, Stage.STREET))
    task = desk.task_of(case, Stage.JOINT, CIVIL)
    before = AuditEntry.objects.count()
    told = {"how": "verified_pass", "reason": "看过流水"}
    settled = {rule: dict(told) for rule in task.findings}
    settled["INCOME"]["amount"] = amount
    with pytest.raises(review.OpinionRefused, match="金额"):
        review.opine(task, by=desk.reviewer_for(task), verdict="agree", settled=settled)
    task.refresh_from_db()
    assert task.state == states.TASK_OPEN and AuditEntry.objects.count() == before


def amount_of(amount, how="verified_pass"):
    return {"INCOME": {"how": how, "reason": "看过流水", "amount": amount}}


@pytest.mark.parametrize("how", ["verified_pass", "on_commitment"])
def test_a_sum_over_the_limit_is_refused_where_the_doubt_itself_names_no_limit(how):
    _case, read = household("H03", silent=["income_check"])
    (income,) = [one for one in read.result["findings"] if one["rule"] == "INCOME"]
    assert (income["result"], income["limit"]) == ("unknown", None)
    with pytest.raises(review.OpinionRefused, match=r"163,219\.21元.*163,219\.20元"):
        settlements.checked(amount_of("163219.21", how), read)
    assert settlements.checked(amount_of("163219.20", how), read)
    assert settlements.checked(amount_of("163219.21", "confirmed_fail"), read)


@pytest.mark.parametrize(("outcome", "refused"), [("is_none", True), ("left", False)])
def test_a_sum_counts_where_civil_affairs_found_no_aid_and_not_where_it_found_some(
    outcome, refused
):
    case, read = household("H02", without=["social_assistance"])
    assert settlements.checked(amount_of("900000"), read)  # of aid nothing is settled yet
    for row in case.inquiries.filter(state=states.INQUIRY_OPEN).select_related("bureau"):
        inquiry_answers.answer(
            row, by=questions.at_desk(row.bureau.kind), outcome=outcome,
            reason_code="other_office", text="已电话核实",
        )  # fmt: skip
    if refused:
        with pytest.raises(review.OpinionRefused, match="不能核实为符合"):
            settlements.checked(amount_of("900000"), read)
    else:
        assert settlements.checked(amount_of("900000"), read)


def test_the_sum_is_asked_for_on_the_page_and_kept_from_it():
    case, _read = household("H03", without=["income_check"])
    desk.agree(desk.task_of(case, Stage.STREET))
    task = desk.task_of(case, Stage.JOINT, CIVIL)
    client = Client()
    client.force_login(desk.reviewer_for(task).user)
    address = reverse("review_task", args=[task.pk])
    page = client.get(address).content.decode()
    assert 'name="amount__INCOME"' in page
    sent = {f"how__{rule}": "verified_pass" for rule in task.findings}
    sent |= {f"reason__{rule}": "看过流水" for rule in task.findings}
    sent |= {"verdict": "agree", "text": "已核实", "amount__INCOME": "81000.50"}
    client.post(address, sent)
    desk.confirm(task)
    task.refresh_from_db()
    assert task.state == states.TASK_DONE
    assert task.opinion.settled["INCOME"]["amount"] == "81000.50"


def test_a_household_without_a_doubt_is_housed_by_the_rules_own_reading():
    case, read = household("H02")
    to_public_notice(case)
    assert not case.assessments.filter(round=CONCLUDED).exists()
    assert conclusion.of(case) == read
    assert waiting.register(case, by=desk.WORKER).tier == "DB"


def test_a_later_reading_of_the_registers_makes_the_conclusion_old():
    case, _read = household("H03", without=["income_check"])
    to_public_notice(case)
    drawn = conclusion.of(case)
    assert drawn.round == CONCLUDED
    later = evaluation.assess_now(case, round="apply", on=drawn.on, by=desk.WORKER)
    assert conclusion.of(case) == later


def test_drawing_twice_keeps_one_and_the_doubts_stay_what_they_were():
    case, read = household("H03", without=["income_check"])
    to_public_notice(case)
    made = conclusion.draw(case, by=desk.WORKER)
    assert made == concluded(case)
    assert findings.latest_assessment(case) == read
    assert findings.doubtful(read) == ["INCOME"]


def test_a_preview_of_rules_counts_a_concluded_case_once():
    case, _read = household("H03", without=["income_check"])
    to_public_notice(case)
    assert [Assessment.objects.get(pk=pk).round for pk in rule_preview._newest()] == [CONCLUDED]


def test_the_area_of_a_home_that_no_register_told_leaves_the_subsidy_open():
    case, _read = household("H03")
    read = findings.latest_assessment(case)
    housing = ("HOUSING_AREA", "HOUSING_OFFPLAN", "TRANSFER_LOOKBACK", "DIVORCE_LOOKBACK")
    inputs = {
        **read.inputs,
        "faults": {"property": [{"mode": "timeout"}]},
        "settled": {"rules": [{"rule": rule, "result": "pass"} for rule in housing]},
    }
    result = evaluation.rules.assess(
        evaluation.Case.from_dict(inputs), on=read.on,
        policy=evaluation.policies.load(read.policy.text),
    )  # fmt: skip
    assert result.outcome == "eligible" and result.subsidy is None
    assert result.rent is not None and result.rent.monthly > Decimal(0)
