"""有异议 after sending: asked of the department that owns the register, answered on the case."""

import pytest

from accounts.roles import BureauKind
from applications import (
    archive,
    disputes,
    inquiries,
    inquiry_answers,
    receipts,
    states,
    verification,
)
from applications.inquiries import Kind
from applications.models import EvidenceAnswer
from applications.models.review import Stage
from core import clock, workdays
from core.models import Notice
from tests.factories import applications
from tests.factories import inquiries as desk
from tests.factories import review as tasks

pytestmark = pytest.mark.django_db
HOME = [{"zl": "白鹤街道某小区", "mj": "89.50"}]


def in_review():
    case = desk.accepted()
    desk.answered(case, "property", HOME)
    desk.opened(case)
    return case, case.evidence.get(source="property")


def dispute(line, **words):
    case = line.application
    said = {"reason": "去年已经卖掉", "claim": "有买卖合同"} | words
    return verification.dispute(line, by=case.created_by, **said)


def answer(row, outcome, text="已查档案，登记未及时注销"):
    by = desk.at_desk(row.bureau.kind)
    return inquiry_answers.answer(row, by=by, outcome=outcome, reason_code="wrong_entry", text=text)


def only(case, **more):
    return desk.only(case, kind=Kind.DISPUTE, **more)


def test_a_dispute_after_sending_asks_the_owner_of_the_register():
    case, line = in_review()
    dispute(line)
    row = only(case)
    assert (row.bureau.kind, row.evidence, row.member) == (
        BureauKind.REAL_ESTATE, line, case.applicant,
    )  # fmt: skip
    assert row.due_on == workdays.add_workdays(clock.today(), 5)
    assert row.facts["reason"] == "去年已经卖掉" and row.facts["claim"] == "有买卖合同"


def test_a_dispute_while_drafting_is_asked_once_the_review_opens():
    case = desk.accepted()
    line = desk.answered(case, "property", HOME)
    dispute(line)
    assert not case.inquiries.exists()
    desk.opened(case)
    assert only(case).state == states.INQUIRY_OPEN


def test_each_line_is_a_question_of_its_own():
    case, line = in_review()
    other = desk.answered(case, "vehicle", [{"hphm": "浙B00000"}])
    dispute(line)
    dispute(other, reason="车早就报废")
    kinds = dict(case.inquiries.filter(kind=Kind.DISPUTE).values_list("subject", "bureau__kind"))
    assert kinds == {"property": BureauKind.REAL_ESTATE, "vehicle": BureauKind.CIVIL_AFFAIRS}


def test_a_second_thought_goes_to_the_same_desk():
    case, line = in_review()
    dispute(line)
    dispute(line, reason="前年就卖掉了")
    assert only(case).facts["reason"] == "前年就卖掉了"


def test_the_desk_sees_what_stands_in_the_register_beside_what_the_person_says(client):
    case, line = in_review()
    dispute(line)
    row = only(case)
    client.force_login(desk.at_desk(row.bureau.kind).user)
    page = client.get(f"/review/checks/{row.pk}/").content.decode()
    for word in (
        "登记的内容",
        receipts.line(line).value,
        "去年已经卖掉",
        "有买卖合同",
        "登记有误，以当事人的材料为准",
    ):
        assert word in page, word
    said = {"outcome": "register_wrong", "reason_code": "wrong_entry", "text": "已注销"}
    assert client.post(f"/review/checks/{row.pk}/", said).status_code == 302
    row.refresh_from_db()
    assert row.state == states.INQUIRY_SETTLED


def test_nothing_is_decided_before_the_answer():
    case, line = in_review()
    dispute(line)
    tasks.agree(tasks.task_of(case, Stage.STREET))
    assert inquiries.holding_departments(case).count() == 1
    answer(only(case), inquiry_answers.REGISTER_WRONG)
    assert not inquiries.holding_departments(case).exists()


@pytest.mark.parametrize(
    ("outcome", "word"),
    [
        (inquiry_answers.REGISTER_WRONG, "登记有误，以当事人的材料为准"),
        (inquiry_answers.REGISTER_RIGHT, "登记无误（写明依据）"),
    ],
)
def test_the_person_is_told_what_was_found_and_why(outcome, word):
    case, line = in_review()
    dispute(line)
    answer(only(case), outcome)
    line.refresh_from_db()
    assert not line.disputed
    told = Notice.objects.get(person_index=case.applicant.id_index, code="dispute.answered")
    assert word in told.text and "已查档案" in told.text
    (shown,) = disputes.of(case, reader=case.created_by)
    assert (shown.word, shown.answer) == (word, "已查档案，登记未及时注销")


def test_an_answer_needs_its_reason():
    case, line = in_review()
    dispute(line)
    with pytest.raises(inquiry_answers.InquiryRefused, match="核实的经过"):
        answer(only(case), inquiry_answers.REGISTER_RIGHT, text=" ")
    line.refresh_from_db()
    assert line.disputed and only(case).state == states.INQUIRY_OPEN


def test_what_was_answered_is_asked_again_only_for_something_new():
    case, line = in_review()
    dispute(line)
    answer(only(case), inquiry_answers.REGISTER_RIGHT)
    desk.opened(case)
    assert case.inquiries.filter(kind=Kind.DISPUTE).count() == 1
    line.refresh_from_db()
    dispute(line, reason="找到了过户的票据")
    assert only(case, state=states.INQUIRY_OPEN).facts["reason"] == "找到了过户的票据"


def test_after_the_review_a_wrong_record_goes_to_the_district():
    case = tasks.at_district()
    line = applications.evidence(case, "property", status="found", rows=HOME)
    type(case).objects.filter(pk=case.pk).update(state=states.WAITLISTED)
    dispute(line)
    answer(only(case), inquiry_answers.REGISTER_WRONG)
    late = desk.only(case, kind=Kind.LATE)
    assert late.bureau.kind == BureauKind.CENTRE and late.facts["told"].startswith("已查档案")


def test_a_case_that_ended_is_not_looked_at_again():
    case, line = in_review()
    type(case).objects.filter(pk=case.pk).update(state=states.WITHDRAWN)
    with pytest.raises(verification.DisputeRefused, match="已经结束"):
        dispute(line)
    line.refresh_from_db()
    assert not line.disputed and not case.inquiries.exists()


def test_a_child_hears_through_who_applied():
    case = desk.accepted(applications.couple_with_child())
    child = case.members.get(relation="31")
    desk.answered(case, "household_register", [{"x": "1"}], member=child)
    desk.opened(case)
    line = case.evidence.get(source="household_register", member=child)
    dispute(line, reason="户口已迁来")
    answer(only(case), inquiry_answers.REGISTER_RIGHT)
    assert Notice.objects.filter(
        person_index=case.applicant.id_index, code="dispute.answered"
    ).exists()


def test_the_case_page_shows_code_fingerprint_and_the_way_to_dispute(client):
    case, line = in_review()
    now = clock.now()
    EvidenceAnswer.objects.create(
        evidence=line, status="found", content={}, digest="abcdef0123456789ff", asked_at=now,
        request_id="REQ-20260701-77", fetched_at=now, recorded_at=now,
    )  # fmt: skip
    client.force_login(case.created_by)
    page = client.get(f"/my/case/{case.case_no}/").content.decode()
    assert "查询编号REQ-20260701-77" in page and "abcdef0123456789" in page
    assert f"/apply/dispute/{line.pk}/" in page
    said = {"reason": "去年已经卖掉", "claim": ""}
    assert client.post(f"/apply/dispute/{line.pk}/", said).status_code == 302
    page = client.get(f"/my/case/{case.case_no}/").content.decode()
    assert "您提出的异议" in page and "正在核实" in page


def test_a_licence_shows_its_own_code_without_an_id_number():
    case = desk.accepted()
    number = case.applicant.id_number
    row = desk.answered(case, "identity_card", [{"ELC_LICENCE_CODE": number}])
    (shown,) = receipts.lines([row])
    assert shown.code.startswith("证照编码") and number not in shown.code


def test_the_answer_named_is_the_newest_kept_one(django_assert_num_queries):
    _case, line = in_review()
    now = clock.now()
    for digest in ("a" * 20, "b" * 20):
        EvidenceAnswer.objects.create(
            evidence=line, status="found", content={}, digest=digest, asked_at=now,
            fetched_at=now, recorded_at=now,
        )  # fmt: skip
    with django_assert_num_queries(1):
        assert archive.newest_kept([line])[line.pk]["digest"] == "b" * 20
