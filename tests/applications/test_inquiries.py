"""Questions of fact to the departments: when they open, who answers, what they hold up."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.roles import BureauKind
from applications import duties, inquiries, inquiry_answers, opinions, review, states
from applications.inquiries import Kind
from applications.inquiry_answers import InquiryRefused
from applications.models import Inquiry, Supplement
from applications.models.review import Stage
from core import clock, notices, workdays
from core.models import AuditEntry
from tests.factories import accounts, applications
from tests.factories import inquiries as desk
from tests.factories import review as tasks

pytestmark = pytest.mark.django_db
CIVIL, LAND = BureauKind.CIVIL_AFFAIRS, BureauKind.REAL_ESTATE


def settle(row, outcome="left", **more):
    words = {"reason_code": "other_office", "text": "已电话核实"} | more
    return inquiry_answers.answer(row, by=desk.at_desk(row.bureau.kind), outcome=outcome, **words)


def joint(case):
    """The street agrees: the departments are at work."""
    tasks.agree(tasks.task_of(case, Stage.STREET))
    case.refresh_from_db()
    return case


def give_opinions(case, kinds=duties.DEPARTMENTS):
    for kind in kinds:
        task = tasks.task_of(case, Stage.JOINT, kind)
        tasks.settle(task, dict.fromkeys(task.findings, "verified_pass"))
    case.refresh_from_db()


# -- Two routes ----------------------------------------------------------------------------------


def test_a_disagreement_is_a_question_to_the_department_that_answers_for_the_pair():
    case = desk.disputed_aid()
    row = desk.only(case)
    assert (row.kind, row.subject, row.state) == (Kind.ROUTES, "aid", states.INQUIRY_OPEN)
    assert (row.bureau.kind, row.member) == (CIVIL, case.applicant)
    assert row.due_on == workdays.add_workdays(clock.today(), 5)
    assert case.state == states.STREET_REVIEW


def test_each_person_has_a_row_and_the_rows_are_not_doubled():
    case = desk.disputed_aid(applications.couple_with_child())
    named = set(case.inquiries.values_list("member__relation", flat=True))
    assert named == {"01", "10"}  # the couple is one family; the child is named by neither side
    desk.opened(case)
    assert case.inquiries.count() == 2


def test_agreement_opens_nothing():
    case = desk.accepted(applications.couple_with_child())
    for member in case.members.all():
        row = {"sfzh": member.id_number, "jzlx": "低保"}
        desk.answered(case, "low_income_aid", [desk.aid(member)], member=member)
        desk.answered(case, "social_assistance", [row], member=member)
    desk.opened(case)
    assert not case.inquiries.exists()


def test_a_side_that_is_away_is_no_disagreement():
    case = desk.accepted()
    desk.answered(case, "low_income_aid", [desk.aid(case.applicant)])
    applications.evidence(case, "social_assistance", status="unavailable")
    desk.opened(case)
    assert not case.inquiries.filter(kind=Kind.ROUTES).exists()


def test_a_tax_without_an_entry_asks_the_land_registry_about_the_household():
    case = desk.accepted()
    paid = clock.today() - timedelta(days=400)
    tax = {"NSRSBH": case.applicant.id_number, "ZSPMMC": "存量房", "NSRQ": paid.isoformat(),
           "KSSL": "20.00"}  # fmt: skip
    desk.answered(case, "deed_tax", [tax])
    row = desk.only(desk.opened(case))
    assert (row.subject, row.bureau.kind, row.member) == ("home", LAND, None)


def test_the_departments_stage_ends_only_when_the_question_is_settled():
    case = joint(desk.disputed_aid())
    give_opinions(case, [kind for kind in duties.DEPARTMENTS if kind != CIVIL])
    task = tasks.task_of(case, Stage.JOINT, CIVIL)
    before = AuditEntry.objects.count()
    assert "核实单" in opinions.why_not_yet(task)
    with pytest.raises(review.OpinionRefused, match="核实单"):
        tasks.settle(task, dict.fromkeys(task.findings, "verified_pass"))
    assert AuditEntry.objects.count() == before
    settle(desk.only(case))
    assert opinions.why_not_yet(task) == ""
    give_opinions(case, [CIVIL])
    assert case.state == states.DISTRICT_REVIEW


def test_a_question_that_comes_after_the_opinions_still_holds_the_case():
    case = desk.accepted()
    for source in ("low_income_aid", "social_assistance", "death", "cremation"):
        desk.answered(case, source)
    register = {"czrkxm": case.applicant.name, "czrkgmsfhm": case.applicant.id_number}
    desk.answered(case, "household_register", [register])
    desk.opened(case)
    joint(case)
    give_opinions(case, [kind for kind in duties.DEPARTMENTS if kind != LAND])
    desk.answered(case, "low_income_aid", [desk.aid(case.applicant)])
    desk.opened(case)
    give_opinions(case, [LAND])
    civil = tasks.task_of(case, Stage.JOINT, CIVIL)
    assert case.state == states.JOINT_REVIEW
    settle(desk.only(case))
    if civil.state != states.TASK_DONE:
        give_opinions(case, [CIVIL])
    case.refresh_from_db()
    assert case.state == states.DISTRICT_REVIEW


def test_the_last_answer_hands_the_case_to_the_district():
    case = joint(desk.disputed_aid())
    row = desk.only(case)
    Inquiry.objects.filter(pk=row.pk).update(state=states.INQUIRY_SETTLED, outcome="left",
        reason_code="lag", settled_by=desk.at_desk(), settled_at=clock.now())  # fmt: skip
    give_opinions(case)
    case.refresh_from_db()
    assert case.state == states.DISTRICT_REVIEW
    late = Inquiry.objects.create(
        application=case, kind=Kind.LATE, subject="property", bureau=accounts.bureau(LAND),
        state_since=clock.now(), opened_at=clock.now(), due_on=clock.today(),
        facts={"key": "x", "answered": "found"},
    )  # fmt: skip
    task = tasks.task_of(case, Stage.DISTRICT)
    assert accounts.bureau(LAND).name in opinions.why_not_yet(task)
    with pytest.raises(review.OpinionRefused, match="核实单"):
        review.opine(task, by=tasks.district(), verdict="agree", text="同意")
    settle(late, "no_effect")
    review.opine(task, by=tasks.district(), verdict="agree", text="同意")
    case.refresh_from_db()
    assert case.state == states.PUBLICITY


def test_the_same_facts_never_ask_again_after_they_were_settled():
    case = joint(desk.disputed_aid())
    settle(desk.only(case))
    desk.opened(case)
    assert case.inquiries.count() == 1


def test_a_changed_fact_asks_again_in_a_row_of_its_own():
    case = joint(desk.disputed_aid())
    settle(desk.only(case))
    desk.answered(case, "low_income_aid", [desk.aid(case.applicant, "低保边缘")])
    desk.opened(case)
    states_ = list(case.inquiries.order_by("pk").values_list("state", flat=True))
    assert states_ == [states.INQUIRY_SETTLED, states.INQUIRY_OPEN]


def test_a_disagreement_that_ends_by_itself_is_taken_off_the_desk():
    case = desk.disputed_aid()
    row = {"sfzh": case.applicant.id_number, "jzlx": "低保"}
    desk.answered(case, "social_assistance", [row])
    desk.opened(case)
    assert desk.only(case).state == states.INQUIRY_LAPSED


def test_a_side_that_falls_silent_leaves_the_question_on_the_desk():
    case = desk.disputed_aid()
    case.evidence.filter(source="social_assistance").update(status="unavailable")
    desk.opened(case)
    assert desk.only(case, kind=Kind.ROUTES).state == states.INQUIRY_OPEN


def test_a_case_that_ends_takes_its_questions_along():
    case = desk.disputed_aid()
    review.leave(case, by=tasks.WORKER, reason="withdrawn")
    assert desk.only(case).state == states.INQUIRY_LAPSED


def test_one_answer_may_serve_the_whole_family():
    case = desk.disputed_aid(applications.couple_with_child())
    first, second = case.inquiries.select_related("bureau").order_by("pk")
    done = settle(first, also=[second.pk])
    assert [one.state for one in done] == [states.INQUIRY_SETTLED] * 2


def test_what_was_answered_by_whom_stands_in_the_log_about_the_person():
    case = desk.disputed_aid()
    settle(desk.only(case))
    entry = AuditEntry.objects.filter(verb="inquiry.answered").get()
    assert case.applicant.id_index in entry.subjects
    assert entry.detail["outcome"] == "left"
    assert case.applicant.id_number not in str(entry.detail)


# -- Refusals ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        ({"outcome": "sideways"}, "outcome"),
        ({"outcome": "supplement"}, "outcome"),  # there is no paper for two routes
        ({"reason_code": "because"}, "reason_code"),
        ({"text": "  "}, "text"),
    ],
)
def test_an_answer_says_what_how_and_in_words(answer, field):
    row = desk.only(desk.disputed_aid())
    with pytest.raises(InquiryRefused) as refused:
        settle(row, **({"outcome": "left"} | answer))
    assert refused.value.field == field
    row.refresh_from_db()
    assert (row.state, row.outcome) == (states.INQUIRY_OPEN, "")


def test_another_department_cannot_answer():
    row = desk.only(desk.disputed_aid())
    with pytest.raises(InquiryRefused, match="由"):
        inquiry_answers.answer(
            row, by=desk.at_desk(LAND), outcome="left", reason_code="lag", text="x"
        )


def test_who_belongs_to_the_household_cannot_answer():
    case = desk.disputed_aid()
    kin = desk.at_desk(CIVIL)
    kin.id_index = case.applicant.id_index
    kin.save()
    with pytest.raises(InquiryRefused, match="回避"):
        inquiry_answers.answer(desk.only(case), by=kin, outcome="left", reason_code="lag", text="x")


def test_a_settled_question_cannot_be_answered_twice():
    row = desk.only(desk.disputed_aid())
    settle(row)
    with pytest.raises(InquiryRefused, match="办完"):
        settle(row, "right")


def test_the_database_wants_a_settled_row_to_say_how():
    row = desk.only(desk.disputed_aid())
    with pytest.raises(IntegrityError), transaction.atomic():
        Inquiry.objects.filter(pk=row.pk).update(state=states.INQUIRY_SETTLED)


# -- A silent register ---------------------------------------------------------------------------


def by_hand(source="property", members=1):
    case = desk.accepted(members)
    desk.silent(case, source)
    return desk.opened(case)


def test_a_register_that_stays_silent_is_an_item_of_its_department_for_each_person():
    case = desk.accepted(2)
    for member in case.members.all():
        desk.silent(case, "property", member=member)
    desk.opened(case)
    rows = case.inquiries.select_related("bureau")
    assert {(one.kind, one.subject, one.bureau.kind) for one in rows} == {
        (Kind.SILENT, "property", LAND)
    }
    assert {one.member_id for one in rows} == set(case.members.values_list("pk", flat=True))


def test_asked_by_hand_the_case_waits_for_the_register_no_longer():
    case = by_hand()
    case.pending_sources = True
    case.save()
    settle(desk.only(case), "found_none")
    row = case.evidence.get()
    case.refresh_from_db()
    assert row.waived_at is not None and row.status == "unavailable"
    assert not case.pending_sources
    desk.opened(case)
    assert case.inquiries.count() == 1


def test_a_paper_may_follow_only_where_the_list_says_so():
    row = desk.only(by_hand("property"))
    assert "supplement" not in dict(inquiry_answers.choices_of(row))
    with pytest.raises(InquiryRefused):
        settle(row, "supplement")
    assert not Supplement.objects.exists()


def test_a_paper_that_follows_has_a_day_and_the_family_hears_of_it():
    case = by_hand("marriage")
    row = settle(desk.only(case), "supplement", text="")[0]
    assert row.state == states.INQUIRY_WAITING
    supplement = case.supplements.get()
    assert supplement.due_on == workdays.add_workdays(clock.today(), 10) == row.due_on
    assert case.applicant.name in supplement.text
    told = notices.Notice.objects.filter(person_index=case.applicant.id_index)
    assert "结婚证" in told.latest("pk").text


def test_the_departments_go_on_while_a_paper_follows_and_the_district_waits_for_it():
    case = joint(by_hand("marriage"))
    settle(desk.only(case), "supplement")
    give_opinions(case)
    assert case.state == states.DISTRICT_REVIEW
    task = tasks.task_of(case, Stage.DISTRICT)
    assert "核实单" in opinions.why_not_yet(task)
    (paper,) = inquiry_answers.open_supplements(case)
    inquiry_answers.bring(case, by=case.created_by, answers={paper.pk: "结婚证 J330212-2014"})
    row = desk.only(case)
    assert row.state == states.INQUIRY_OPEN
    assert inquiry_answers.brought(row) == "结婚证 J330212-2014"
    settle(row, "found_record")
    assert opinions.why_not_yet(task) == ""


def test_a_paper_that_does_not_come_is_a_question_again_and_no_refusal():
    case = by_hand("marriage")
    row = settle(desk.only(case), "supplement")[0]
    assert inquiries.open_again_due(row.due_on) == 0
    assert inquiries.open_again_due(row.due_on + timedelta(days=1)) == 1
    case.refresh_from_db()
    assert desk.only(case).state == states.INQUIRY_OPEN
    assert case.state == states.STREET_REVIEW


def test_waiting_asks_the_register_again_and_holds_the_desk():
    case = joint(by_hand("property"))
    settle(desk.only(case), "wait", reason_code="", text="")
    assert case.evidence.get().status == "pending"
    assert "核实单" in opinions.why_not_yet(tasks.task_of(case, Stage.JOINT, LAND))


def test_a_register_that_answers_takes_its_item_off_the_desk_and_the_paper_with_it():
    case = by_hand("marriage")
    settle(desk.only(case), "supplement")
    desk.answered(case, "marriage")
    desk.opened(case)
    assert desk.only(case).state == states.INQUIRY_LAPSED
    assert not case.supplements.exists()


@pytest.mark.parametrize(("hand", "asked"), [("found_none", 1), ("found_record", 0)])
def test_a_late_answer_is_compared_with_what_was_found_by_hand(hand, asked):
    case = joint(by_hand("property"))
    settle(desk.only(case), hand)
    home = {"zl": "某路1号", "jzmj": "10.00", "qlrzjh": case.applicant.id_number}
    desk.answered(case, "property", [home])
    desk.opened(case)
    desk.opened(case)
    assert case.inquiries.filter(kind=Kind.LATE, state=states.INQUIRY_OPEN).count() == asked


def closed(case):
    """The district has agreed; the case is on public notice."""
    give_opinions(joint(case))
    review.opine(
        tasks.task_of(case, Stage.DISTRICT), by=tasks.district(), verdict="agree", text="同意"
    )
    case.refresh_from_db()
    return case


def test_an_answer_after_the_decision_puts_a_clue_on_a_desk_and_ends_nothing():
    case = by_hand("property")
    settle(desk.only(case), "found_record")
    closed(case)
    home = {"zl": "某路1号", "jzmj": "150.00", "qlrzjh": case.applicant.id_number}
    desk.answered(case, "property", [home])
    desk.opened(case)
    clue = desk.only(case, kind=Kind.LATE)
    assert clue.bureau.kind == LAND
    assert case.state == states.PUBLICITY
    settle(clue, "matters", text="登记显示另有住房")
    passed = desk.only(case, kind=Kind.LATE, state=states.INQUIRY_OPEN)
    assert passed.bureau.kind == BureauKind.CENTRE
    assert passed.facts["told"] == "登记显示另有住房"


def test_an_answer_after_the_decision_that_changes_nothing_troubles_nobody():
    case = by_hand("property")
    settle(desk.only(case), "found_none")
    closed(case)
    desk.answered(case, "property")
    desk.opened(case)
    assert not case.inquiries.filter(kind=Kind.LATE).exists()


# -- The re-check --------------------------------------------------------------------------------


def test_the_rechecks_questions_are_of_their_own_round_and_end_nothing():
    from applications import evaluation

    case = applications.application(state=states.CLOSED)
    for source, rows in (("low_income_aid", [desk.aid(case.applicant)]), ("social_assistance", [])):
        applications.evidence(case, source, status="found" if rows else "no_record", rows=rows,
                              round="recheck-2027")  # fmt: skip
    evaluation.assess_now(case, round="recheck-2027", on=clock.today(), by=tasks.WORKER)
    assert inquiries.open_for(case, "recheck-2027") == 1
    assert inquiries.open_for(case, "recheck-2027") == 1
    row = desk.only(case, round="recheck-2027")
    settle(row)
    assert inquiries.open_for(case, "recheck-2027") == 0
    case.refresh_from_db()
    assert case.state == states.CLOSED
