"""Overrides take two persons: who may be the second, what counts when, and what is refused."""

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import BureauKind, Role
from applications import conclusion, findings, review, seconding, states
from applications.models import Member, Opinion
from applications.models.review import Second, Stage
from core import audit, clock
from core.models import AuditEntry
from tests.factories import accounts, applications
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
CIVIL = BureauKind.CIVIL_AFFAIRS
MET = {"INCOME": {"how": "verified_pass", "reason": "看过流水，低于规定"}}
AGAINST = {"HOUSING_OFFPLAN": {"how": "overridden_pass", "reason": "合同已注销"}}


def waiting(found=None, kind=CIVIL, how=None, **fields):
    """An override given by one person, waiting for the other."""
    case = desk.in_joint_review([found or desk.NO_INCOME_REPORT], **fields)
    task = desk.task_of(case, Stage.JOINT, kind)
    first = desk.reviewer_for(task)
    review.opine(task, by=first, verdict="agree", settled=how or MET, text="核实符合")
    task.refresh_from_db()
    return case, task, first


def unsettled(case):
    return findings.unsettled(case, findings.latest_assessment(case))


def snapshot(case, task) -> tuple:
    case.refresh_from_db()
    task.refresh_from_db()
    return (
        case.state, task.state, case.tasks.count(), AuditEntry.objects.count(),
        list(Opinion.objects.order_by("pk").values_list("second", "second_by", "undone_at")),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("found", "kind", "how"),
    [
        (desk.NO_INCOME_REPORT, CIVIL, MET),
        (desk.OFFPLAN, BureauKind.HOUSING, AGAINST),
    ],
)
def test_an_override_waits_for_a_second_person_and_settles_nothing_yet(found, kind, how):
    case, task, first = waiting(found, kind, how)
    assert task.state == states.TASK_SECOND and task.opinion.second == Second.WAITING
    assert unsettled(case) == list(how)
    for other in case.tasks.filter(stage=Stage.JOINT).exclude(pk=task.pk):
        desk.agree(other)
    case.refresh_from_db()
    assert case.state == states.JOINT_REVIEW and review.progress_of(case) == (4, 5)
    assert case.tasks.filter(stage=Stage.JOINT).count() == 5  # nobody is asked again meanwhile
    desk.confirm(task)
    case.refresh_from_db()
    assert case.state == states.DISTRICT_REVIEW and unsettled(case) == []
    held = next(iter(findings.settled_of(case, findings.latest_assessment(case)).values()))
    assert held.by == first.name and held.second and held.second != held.by


@pytest.mark.parametrize("how", ["on_commitment", "confirmed_fail"])
def test_a_promise_and_a_confirmed_failure_need_no_second_person(how):
    case = desk.in_joint_review([desk.NO_INCOME_REPORT])
    task = desk.task_of(case, Stage.JOINT, CIVIL)
    failed = how == "confirmed_fail"
    review.opine(
        task, by=desk.reviewer_for(task), verdict="object" if failed else "agree", text="见理由",
        settled={"INCOME": {"how": how, "reason": "问过单位"}},
        reason_codes=["INCOME.over_limit"] if failed else [],
    )  # fmt: skip
    task.refresh_from_db()
    assert task.state == states.TASK_DONE and unsettled(case) == []


def test_an_unknown_found_to_be_met_needs_its_reason():
    case = desk.in_joint_review([desk.NO_INCOME_REPORT])
    task = desk.task_of(case, Stage.JOINT, CIVIL)
    for reason in ("", "  "):
        with pytest.raises(review.OpinionRefused, match="写明怎么核实"):
            review.opine(
                task, by=desk.reviewer_for(task), verdict="agree",
                settled={"INCOME": {"how": "verified_pass", "reason": reason}},
            )  # fmt: skip
    assert not Opinion.objects.filter(task=task).exists()


def test_the_first_person_cannot_be_the_second():
    case, task, first = waiting()
    before = snapshot(case, task)
    with pytest.raises(seconding.SecondRefused, match="另一位同事"):
        seconding.confirm(task, by=first)
    with pytest.raises(seconding.SecondRefused, match="另一位同事"):
        seconding.send_back(task, by=first, reason="不对")
    assert snapshot(case, task) == before


def test_another_desk_another_role_and_kin_cannot_be_the_second():
    case, task, _first = waiting(members=2)
    desk.reviewer_for(task)  # the desk has a colleague
    kin = desk.reviewer_for(task)
    kin.id_index = Member.objects.get(application=case, position=1).id_index
    kin.save()
    before = snapshot(case, task)
    for who, why in (
        (accounts.staff(Role.REVIEWER, bureau=accounts.bureau(BureauKind.HOUSING)), "另一位同事"),
        (accounts.staff(Role.WINDOW, bureau=task.bureau), "另一位同事"),
        (desk.district(), "区中心不代替"),
        (kin, "回避"),
    ):
        with pytest.raises(seconding.SecondRefused, match=why):
            seconding.confirm(task, by=who)
        assert task not in seconding.to_second(who)
    assert snapshot(case, task) == before


def test_the_centre_stands_in_where_the_desk_has_nobody_else():
    case, task, first = waiting(members=2)
    centre = desk.district()
    assert list(seconding.to_second(centre)) == [task]
    colleague = desk.reviewer_for(task)
    assert list(seconding.to_second(centre)) == []
    assert list(seconding.to_second(colleague)) == [task]
    assert list(seconding.to_second(first)) == []
    colleague.id_index = Member.objects.get(application=case, position=1).id_index
    colleague.save()  # kin: cannot help either
    assert list(seconding.to_second(centre)) == [task]
    colleague.id_index = ""
    colleague.save()
    colleague.user.is_active = False
    colleague.user.save()
    seconding.confirm(task, by=centre)
    assert Opinion.objects.get(task=task).second_by == centre


def test_sent_back_the_first_person_has_the_task_again_and_nothing_counts():
    case, task, first = waiting()
    colleague = desk.reviewer_for(task)
    before = snapshot(case, task)
    with pytest.raises(seconding.SecondRefused, match="为什么退回"):
        seconding.send_back(task, by=colleague, reason=" ")
    assert snapshot(case, task) == before
    again = seconding.send_back(task, by=colleague, reason="流水不全")
    task.refresh_from_db()
    assert task.state == states.TASK_RETURNED and task.opinion.second_text == "流水不全"
    assert (again.round, again.state, again.claimed_by) == (2, states.TASK_CLAIMED, first)
    assert again.findings == ["INCOME"] and unsettled(case) == ["INCOME"]
    review.opine(again, by=first, verdict="agree", settled=MET, text="补看了流水")
    desk.confirm(again)
    assert unsettled(case) == []
    assert review.progress_of(case) == (1, 5)


def test_sent_back_to_somebody_who_left_the_task_is_open_for_the_desk():
    _case, task, first = waiting()
    first.user.is_active = False
    first.user.save()
    again = seconding.send_back(task, by=desk.reviewer_for(task), reason="流水不全")
    assert (again.state, again.claimed_by) == (states.TASK_OPEN, None)


def test_an_opinion_is_confirmed_once():
    case, task, _first = waiting()
    desk.confirm(task)
    before = snapshot(case, task)
    with pytest.raises(seconding.SecondRefused, match="不用第二人"):
        desk.confirm(task)
    assert snapshot(case, task) == before


def test_the_clock_runs_and_the_case_that_ends_takes_the_override_with_it():
    case, task, _first = waiting()
    assert not case.pauses.exists()
    assert review.leave(case, by=desk.WORKER) == 5
    task.refresh_from_db()
    assert task.state == states.TASK_CANCELLED


def test_an_answer_of_the_register_meanwhile_is_asked_about_again():
    case, task, _first = waiting()
    late = applications.finding("INCOME", "fail", actual="62000.00", limit="54406.40")
    applications.assessment(case, "ineligible", findings=[late])
    review.refresh_findings(case)
    desk.confirm(task)
    again = desk.task_of(case, Stage.JOINT, CIVIL)
    assert (again.round, again.findings, again.state) == (2, ["INCOME"], states.TASK_OPEN)


def test_an_override_that_waits_sets_no_income_for_the_conclusion():
    how = {"INCOME": {"how": "verified_pass", "reason": "看过流水", "amount": "41000"}}
    case, task, _first = waiting(how=how)
    assessment = findings.latest_assessment(case)
    assert conclusion.settled_of(case, assessment).income is None
    desk.confirm(task)
    assert conclusion.settled_of(case, assessment).income == 41000


def test_both_names_stand_in_the_record():
    case, task, first = waiting()
    desk.confirm(task)
    entry = AuditEntry.objects.get(verb="review.seconded", case_no=case.case_no)
    second = task.opinion.second_by
    labels = (audit.label(first.user), audit.label(second.user))
    assert (entry.detail["first"], entry.detail["second"]) == labels
    assert entry.detail["settled"] == {"INCOME": "verified_pass"}
    street = desk.task_of(case, Stage.STREET)
    client = Client()
    client.force_login(desk.reviewer_for(street).user)
    page = client.get(reverse("review_task", args=[street.pk])).content.decode()
    assert first.name in page and f"第二人{second.name}" in page
    body = client.get(f"/api/v1/cases/{case.case_no}/").json()
    given = next(one for one in body["opinions"] if one["bureau"]["kind"] == CIVIL)
    assert (given["by"], given["second_by"]) == (first.name, second.name)


def test_the_database_refuses_a_first_person_as_second():
    _case, task, first = waiting()
    with pytest.raises(IntegrityError, match="opinion_second_is_another"), transaction.atomic():
        Opinion.objects.filter(task=task).update(
            second=Second.CONFIRMED, second_by=first, second_at=clock.now()
        )
    with pytest.raises(IntegrityError, match="opinion_second_says_who"), transaction.atomic():
        Opinion.objects.filter(task=task).update(second=Second.CONFIRMED)


def test_the_auditor_lists_every_override_with_both_persons_and_the_look_is_recorded():
    case, task, first = waiting()
    auditor = accounts.staff(Role.AUDITOR)
    client = Client()
    client.force_login(auditor.user)
    address = reverse("audit_overrides")
    page = client.get(address).content.decode()
    assert case.case_no in page and first.name in page and "待第二人确认" in page
    assert AuditEntry.objects.filter(verb="looked", case_no=case.case_no).exists()
    desk.confirm(task)
    page = client.get(address, {"outcome": "confirmed", "case": case.case_no}).content.decode()
    assert Opinion.objects.get(task=task).second_by.name in page
    assert case.case_no not in client.get(address, {"outcome": "returned"}).content.decode()
    client.force_login(first.user)
    assert client.get(address).status_code == 403


def test_the_queue_tells_whom_it_concerns_and_the_pages_confirm():
    case, task, first = waiting()
    colleague = desk.reviewer_for(task)
    client = Client()
    client.force_login(first.user)
    assert "待第二人确认1件" not in client.get(reverse("review_queue")).content.decode()
    own = client.get(reverse("review_task", args=[task.pk])).content.decode()
    assert "您提的意见由另一位同事确认" in own and "opinion-form" not in own
    client.force_login(colleague.user)
    assert "待第二人确认1件" in client.get(reverse("review_queue")).content.decode()
    assert case.case_no in client.get(reverse("review_seconds")).content.decode()
    page = client.get(reverse("review_task", args=[task.pk])).content.decode()
    assert "看过流水，低于规定" in page and "提交结论" in page
    send = reverse("review_second", args=[task.pk])
    refused = client.post(send, {"act": "return", "text": ""}, follow=True).content.decode()
    assert "为什么退回" in refused
    assert "请选择确认或者退回" in client.post(send, {}, follow=True).content.decode()
    assert client.post(send, {"act": "confirm"}).status_code == 302
    task.refresh_from_db()
    assert task.state == states.TASK_DONE


def test_the_list_of_what_waits_costs_the_same_however_long():
    _case, task, _first = waiting()
    client = Client()
    client.force_login(desk.reviewer_for(task).user)
    address = reverse("review_seconds")
    client.get(address)  # what is read once
    with CaptureQueriesContext(connection) as few:
        assert len(client.get(address).context["page_obj"]) == 1
    for _n in range(3):
        waiting()
    with CaptureQueriesContext(connection) as many:
        assert len(client.get(address).context["page_obj"]) == 4
    assert len(many) == len(few)


def test_the_centre_pays_no_more_for_many_desks():
    waiting()
    centre = desk.district()
    with CaptureQueriesContext(connection) as few:
        assert len(seconding.to_second(centre)) == 1
    for _n in range(2):
        waiting(desk.OFFPLAN, BureauKind.HOUSING, AGAINST)
    with CaptureQueriesContext(connection) as many:
        assert len(seconding.to_second(centre)) == 1  # the housing desk has two by now
    assert len(many) == len(few) == 1
