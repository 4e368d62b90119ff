"""Parts that pass by themselves where the registers agree, and the check afterwards."""

import pytest
from django.db import IntegrityError, transaction

from accounts.roles import BureauKind, Role
from applications import auto_pass, duties, inquiry_answers, periods, review, states
from applications.auto_pass import CheckRefused
from applications.models import AutoPass, Change, Commitment, HouseholdClaim, Inquiry, Opinion
from applications.models.review import Stage
from core import clock
from core.models import AuditEntry
from tests.applications.test_batches import FAULTS
from tests.factories import accounts
from tests.factories import applications as build
from tests.factories import clocks as make
from tests.factories import inquiries as asked
from tests.factories import review as desk

pytestmark = pytest.mark.django_db


def with_period(monkeypatch, name: str, value) -> None:
    row = periods.of(name)
    rows = periods.table() | {name: periods.Period(name, row.text, value, row.unit)}
    monkeypatch.setattr(periods, "table", lambda: rows)


@pytest.fixture(autouse=True)
def _the_desk_of_these_tests_may_pass(monkeypatch):
    with_period(monkeypatch, f"auto_{make.KIND}", value=True)


def passed(monkeypatch, *, share: int = 100) -> AutoPass:
    """One part that passed; drawn for the check unless told."""
    with_period(monkeypatch, "auto_check_share", share)
    return auto_pass.pass_one(make.agreeing().pk)


# -- What passes ---------------------------------------------------------------------------------


def test_a_part_whose_registers_all_answered_and_agree_passes_by_itself():
    task = make.agreeing()
    assert auto_pass.why_not(task) == ""
    row = auto_pass.pass_one(task.pk)
    task.refresh_from_db()
    opinion = task.opinion
    assert (opinion.by, opinion.automatic, opinion.verdict) == (None, True, "agree")
    assert task.state == states.TASK_DONE
    told = task.application.evidence.filter(source__in=duties.sources_of(make.KIND))
    assert set(row.answers) == set(told.values_list("pk", flat=True)) and len(row.digest) == 64
    entry = AuditEntry.objects.get(verb="review.opinion", thing_id=str(task.pk))
    assert (entry.actor_kind, entry.actor) == ("system", "review rule")


def test_the_sweep_passes_each_once_and_leaves_the_other_desks_alone():
    task = make.agreeing()
    assert auto_pass.sweep() == 1
    assert auto_pass.sweep() == 0
    others = task.application.tasks.filter(stage=Stage.JOINT).exclude(pk=task.pk)
    assert {one.state for one in others} == {states.TASK_OPEN}


def test_the_last_part_hands_the_case_to_the_district_exactly_once():
    task = make.agreeing()
    case = task.application
    for kind in duties.DEPARTMENTS:
        if kind != make.KIND:
            desk.agree(desk.task_of(case, Stage.JOINT, kind))
    auto_pass.pass_one(task.pk)
    case.refresh_from_db()
    assert case.state == states.DISTRICT_REVIEW
    assert case.tasks.filter(stage=Stage.DISTRICT).count() == 1
    assert auto_pass.sweep() == 0  # a closing is never automatic
    assert case.tasks.get(stage=Stage.DISTRICT).state == states.TASK_OPEN


def test_a_streets_opening_is_never_automatic():
    case = desk.under_review()
    task = desk.task_of(case, Stage.STREET)
    assert auto_pass.pass_one(task.pk) is None
    with pytest.raises(review.TaskRefused, match="要由人办理"):
        review.agree_by_rule(task, text="x")
    assert not Opinion.objects.exists()


def test_a_department_that_policy_leaves_out_goes_to_people(monkeypatch):
    with_period(monkeypatch, "auto_real_estate", value=False)
    task = make.agreeing()
    assert "由人办理" in auto_pass.why_not(task)
    assert auto_pass.sweep() == 0


@pytest.mark.parametrize("kind", duties.DEPARTMENTS)
def test_every_department_has_its_line_in_the_table_and_is_marked_unverified(kind):
    row = periods.of(f"auto_{kind}")
    assert isinstance(row.value, bool) and not row.verified
    assert auto_pass.may_pass(kind) is row.value
    assert not auto_pass.may_pass(BureauKind.STREET) and not auto_pass.may_pass(BureauKind.CENTRE)


def promised(task):
    Commitment.objects.create(
        application=task.application, fact="income", text="x", text_digest="0", given_at=clock.now()
    )


def claimed(task):
    HouseholdClaim.objects.create(
        application=task.application, member=task.application.applicant, kind="name", reason="x",
        made_at=clock.now(), made_by="x",
    )  # fmt: skip


def reported(task):
    now = clock.now()
    Change.objects.create(
        application=task.application, kind=Change.Kind.choices[0][0], state=states.CHANGE_UPDATED,
        state_since=now, reported_at=now, happened_on=now.date(), case_state="joint_review",
        settled_at=now,
    )  # fmt: skip


def waived(task):
    task.application.evidence.filter(source="property").update(waived_at=clock.now())


def unasked(task):
    task.application.evidence.filter(source__in=duties.sources_of(make.KIND)).delete()


def newer(task):
    task.application.evidence.filter(source="property").update(fetched_at=clock.now())


def corrected(task):
    row = task.application.evidence.filter(source="property").get()
    row.corrections.create(reason="已卖掉", by="x", at=clock.now())


def second_round(task):
    task.round = 2
    task.save()


def taken(task):
    review.claim(task, by=make.reviewer())


def doubted(task):
    build.assessment(task.application, findings=[build.finding("HOUSING_AREA", "unknown")])


@pytest.mark.parametrize(
    "fault",
    [*FAULTS, promised, claimed, reported, waived, unasked, newer, corrected, second_round, taken,
     doubted],
)  # fmt: skip
def test_whatever_needs_a_person_never_passes_by_itself(fault):
    task = make.agreeing()
    fault(task)
    task.refresh_from_db()
    assert auto_pass.why_not(task) != ""
    assert auto_pass.pass_one(task.pk) is None and auto_pass.sweep() == 0
    assert not Opinion.objects.filter(task=task).exists()


def test_two_routes_that_disagree_go_to_people_even_after_they_were_settled():
    case = asked.disputed_aid()
    one = asked.only(case)
    desk.agree(desk.task_of(case, Stage.STREET))
    inquiry_answers.answer(
        one, by=asked.at_desk(), outcome=inquiry_answers.outcomes_of(one)[0][0],
        reason_code="lag", text="已核对",
    )  # fmt: skip
    assert not Inquiry.objects.filter(application=case, state__in=["open", "waiting"]).exists()
    task = desk.task_of(case, Stage.JOINT, BureauKind.CIVIL_AFFAIRS)
    task.findings = []
    task.save()
    assert auto_pass.pass_one(task.pk) is None


# -- What is written and shown -------------------------------------------------------------------


def test_the_database_wants_a_person_or_the_mark():
    task = make.agreeing()
    for wrong in (
        {"by": None, "automatic": False},
        {"by": make.reviewer(), "automatic": True},
        {"by": None, "automatic": True, "verdict": "object"},
    ):
        values = {"verdict": "agree", **wrong}
        with pytest.raises(IntegrityError, match="opinion_by"), transaction.atomic():
            Opinion.objects.create(task=task, text="x", at=clock.now(), **values)


def test_every_page_that_names_who_gave_an_opinion_bears_one_that_nobody_gave(client):
    task = make.agreeing()
    auto_pass.pass_one(task.pk)
    client.force_login(make.reviewer().user)
    own = client.get(f"/review/{task.pk}/").content.decode()
    assert "自动通过（登记一致）" in own and "这件任务已由系统于" in own
    client.force_login(accounts.staff(Role.DISTRICT).user)
    assert "自动通过（登记一致）" in client.get(f"/review/{task.pk}/").content.decode()
    client.force_login(make.admin())
    assert client.get(f"/office/cases/{task.application.case_no}/").status_code == 200
    with pytest.raises(review.TaskRefused, match="系统"):
        review.opine(task, by=make.reviewer(), verdict="agree", text="x")


def test_an_automatic_opinion_is_told_as_such_by_the_api():
    from applications.api.serializers import OpinionSerializer

    task = make.agreeing()
    auto_pass.pass_one(task.pk)
    task.refresh_from_db()
    told = OpinionSerializer(task.opinion).data
    assert (told["by"], told["automatic"]) == (None, True)


def test_they_are_counted_apart(monkeypatch, client):
    row = passed(monkeypatch)
    assert auto_pass.counts(row.bureau_id) == {"passed": 1, "sampled": 1, "right": 0, "wrong": 0}
    client.force_login(make.reviewer().user)
    page = client.get("/review/batch/").content.decode()
    assert "自动通过1件，抽查1件" in page
    assert "自动通过抽查1件" in client.get("/review/").content.decode()


# -- The check afterwards ------------------------------------------------------------------------


def test_a_share_is_drawn_and_the_seed_tells_which(monkeypatch):
    from applications import sampling

    with_period(monkeypatch, "auto_check_share", 50)
    rows = [auto_pass.pass_one(make.agreeing().pk) for _n in range(12)]
    for row in rows:
        assert row.share == 50
        assert row.sampled is sampling.is_drawn(row.seed, row.opinion.task_id, share=50)
    assert len({row.seed for row in rows}) == 12


def test_a_case_is_opened_before_it_is_judged(monkeypatch):
    row, me = passed(monkeypatch), make.reviewer()
    with pytest.raises(CheckRefused, match="先打开"):
        auto_pass.check(row, by=me, right=True)
    auto_pass.look(row, by=me)
    assert auto_pass.check(row, by=me, right=True).outcome == "right"
    assert list(auto_pass.to_check(me)) == []
    with pytest.raises(CheckRefused, match="已经抽查过"):
        auto_pass.check(row, by=me, right=True)


def test_another_desk_does_not_check(monkeypatch):
    row = passed(monkeypatch)
    other = make.reviewer(BureauKind.CIVIL_AFFAIRS)
    assert list(auto_pass.to_check(other)) == []
    with pytest.raises(CheckRefused, match="抽查"):
        auto_pass.check(auto_pass.look(row, by=make.reviewer()), by=other, right=True)


def test_not_right_opens_the_part_again_while_the_case_is_under_review(monkeypatch):
    row, me = passed(monkeypatch), make.reviewer()
    auto_pass.look(row, by=me)
    with pytest.raises(CheckRefused, match="哪里有问题"):
        auto_pass.check(row, by=me, right=False, text="")
    auto_pass.check(row, by=me, right=False, text="面积登记有误")
    task = row.opinion.task
    again = desk.task_of(task.application, Stage.JOINT, make.KIND)
    assert (again.round, again.state) == (2, states.TASK_OPEN)
    assert auto_pass.pass_one(again.pk) is None  # this time a person
    assert Opinion.objects.get(task=task).automatic  # what was said stays


def test_a_case_at_the_district_comes_back_to_the_department(monkeypatch):
    row, me = passed(monkeypatch), make.reviewer()
    case = row.opinion.task.application
    for kind in duties.DEPARTMENTS:
        if kind != make.KIND:
            desk.agree(desk.task_of(case, Stage.JOINT, kind))
    auto_pass.look(row, by=me)
    auto_pass.check(row, by=me, right=False, text="面积登记有误")
    case.refresh_from_db()
    assert case.state == states.JOINT_REVIEW
    assert case.tasks.get(stage=Stage.DISTRICT).state == states.TASK_CANCELLED


def test_of_a_case_that_is_past_the_review_it_becomes_a_question(monkeypatch, client):
    row, me = passed(monkeypatch), make.reviewer()
    case = row.opinion.task.application
    case.state = states.WAITLISTED
    case.decided_at = clock.now()
    case.save()
    auto_pass.look(row, by=me)
    auto_pass.check(row, by=me, right=False, text="面积登记有误")
    one = case.inquiries.get()
    assert (one.kind, one.bureau, one.facts["told"]) == ("checked", row.bureau, "面积登记有误")
    client.force_login(me.user)
    page = client.get(f"/review/checks/{one.pk}/").content.decode()
    assert "面积登记有误" in page and "事后抽查有疑问" in page
    inquiry_answers.answer(one, by=me, outcome="no_effect", reason_code="other_office", text="已核")
    one.refresh_from_db()
    assert one.state == states.INQUIRY_SETTLED
    case.refresh_from_db()
    assert case.state == states.WAITLISTED


def test_a_checker_goes_through_the_pages(monkeypatch, client):
    row = passed(monkeypatch)
    me = make.reviewer()
    client.force_login(me.user)
    case_no = row.opinion.task.case_no
    assert case_no in client.get("/review/batch/checks/").content.decode()
    address = f"/review/batch/checks/{row.pk}/"
    assert "打开办件" in client.get(address).content.decode()
    assert case_no in client.get(f"{address}open/", follow=True).content.decode()
    assert client.post(address, {}).status_code == 422
    assert client.post(address, {"outcome": "wrong", "text": ""}).status_code == 422
    client.post(address, {"outcome": "right", "text": ""})
    row.refresh_from_db()
    assert row.outcome == "right" and row.checked_by == me
    assert "没有要抽查的" in client.get("/review/batch/checks/").content.decode()


def test_ones_own_family_is_not_checked(monkeypatch, client):
    row = passed(monkeypatch)
    me = make.reviewer()
    me.id_index = row.opinion.task.application.applicant.id_index
    me.save()
    client.force_login(me.user)
    assert "回避" in client.get(f"/review/batch/checks/{row.pk}/").content.decode()
