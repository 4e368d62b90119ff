"""A letter is served by proof, never by a signature, and nothing adverse happens before."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from applications import (
    decision,
    deliveries,
    legal_days,
    materials,
    periods,
    reconsiderations,
    review,
    seals,
    service_consents,
    serving,
    states,
    submission,
    waiting,
)
from applications.models import Application, Change, Decision, Delivery, Reconsideration
from applications.models.review import Stage
from core import clock, workdays
from core.models import AuditEntry, Notice, Transition
from tests.applications.test_materials import photo
from tests.factories import accounts
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
HOME = {"channel": "post", "address": "鄞州区某路1号", "tracking_no": "EM123456789CN"}


def on_paper() -> Decision:
    """A refusal signed by two people, for a family that gets paper."""
    return decision.sign(desk.refusal_drafted(electronic=False), by=desk.district())


def state_of(letter) -> str:
    case = Application.objects.get(pk=deliveries.application_of(letter).pk)
    return case.state


def counts() -> tuple[int, ...]:
    tables = (Delivery, Decision, Reconsideration, AuditEntry, Transition, Notice)
    return tuple(table.objects.count() for table in tables)


def at(monkeypatch, moment) -> None:
    monkeypatch.setattr(clock, "now", lambda: moment)


def sent(letter, **fields) -> Delivery:
    return serving.send(letter, by=desk.district(), **{**HOME, **fields})


def failed(letter, **fields) -> Delivery:
    row = sent(letter, **fields)
    proof = "absent" if row.channel == "visit" else "returned"
    return serving.record(row, by=desk.district(), proof=proof, on=clock.today(), note="查无此人")


def family_page(letter) -> str:
    client = Client()
    client.force_login(deliveries.application_of(letter).created_by)
    return client.get(reverse("my_case", args=[letter.case_no])).content.decode()


# -- Between signature and service ------------------------------


def test_the_signature_alone_changes_nothing_for_the_family():
    letter = on_paper()
    assert letter.signed_at is not None and letter.served_at is None
    assert state_of(letter) == states.DISTRICT_REVIEW
    assert letter.application.members.filter(holding=True).exists()
    assert not Notice.objects.filter(code="decision.served").exists()
    assert deliveries.word_of(letter) == "已签发"


def test_the_family_reads_neither_kind_nor_text_before_it_has_the_letter():
    letter = on_paper()
    sent(letter)
    page = family_page(letter)
    assert letter.letter_no in page and "送达中" in page and "一份决定书" in page
    assert "不符合住房保障条件决定书" not in page and "您家这次不符合条件" not in page
    assert "区里审核中" in page and "申请复核" not in page
    client = Client()
    client.force_login(letter.application.created_by)
    for name in ("my_decision_pdf", "my_reconsider"):
        arguments = [letter.case_no, letter.pk][: 2 if name == "my_decision_pdf" else 1]
        assert client.get(reverse(name, args=arguments)).status_code == 404


def test_the_staff_read_that_the_decision_waits_for_service():
    letter = on_paper()
    task = desk.task_of(letter.application, Stage.DISTRICT)
    client = Client()
    client.force_login(desk.district().user)
    assert "决定待送达" in client.get(reverse("review_task", args=[task.pk])).content.decode()


def test_no_period_runs_before_service():
    letter = on_paper()
    assert legal_days.of(letter, today=clock.today()) == []
    with pytest.raises(ValueError, match="before service"):
        legal_days.last_day("litigation", letter)
    before = counts()
    with pytest.raises(reconsiderations.ReconsiderationRefused, match="不能申请复核"):
        reconsiderations.ask(letter, by=letter.application.created_by, text="合同已经退了")
    assert counts() == before


def test_a_late_register_does_not_call_a_signed_case_back():
    letter = on_paper()
    case = letter.application
    before = counts()
    review.refresh_findings(case)
    assert (state_of(letter), counts()) == (states.DISTRICT_REVIEW, before)


def test_no_second_refusal_is_drafted_while_one_is_on_its_way():
    letter = on_paper()
    before = counts()
    with pytest.raises(decision.DecisionRefused, match="正在送达"):
        decision.draft_refusal(letter.application, by=desk.district())
    assert counts() == before


def test_who_waits_keeps_the_place_until_the_letter_is_served():
    case = desk.at_district()
    desk.agree(desk.task_of(case, Stage.DISTRICT))
    entry = waiting.register(case, by=desk.WORKER)
    draft = decision.draft_refusal(case, by=desk.district(), confirmed={"HOUSING_AREA": "另有住房"})
    letter = decision.sign(draft, by=desk.district())
    entry.refresh_from_db()
    assert (state_of(letter), entry.ended_at) == (states.WAITLISTED, None)
    serving.hand_over(letter, by=desk.district(), note="本人，身份证")
    entry.refresh_from_db()
    assert state_of(letter) == states.REFUSED and entry.ended_at is not None


def test_a_wrong_decision_is_taken_back_before_it_is_served():
    letter = on_paper()
    row = sent(letter)
    before = counts()
    for by, reason in ((accounts.staff(Role.REVIEWER), "x"), (desk.district(), " ")):
        with pytest.raises(decision.DecisionRefused):
            review.take_back(letter, by=by, reason=reason)
    assert counts() == before
    task = review.take_back(letter, by=desk.district(), reason="合同已在签发前注销")
    row.refresh_from_db()
    letter.refresh_from_db()
    assert (row.state, letter.replaced) == (states.DELIVERY_STOPPED, True)
    assert task.stage == Stage.DISTRICT and state_of(letter) == states.DISTRICT_REVIEW
    assert letter.letter_no not in family_page(letter)
    served = decision.sign(desk.refusal_drafted(), by=desk.district())
    with pytest.raises(decision.DecisionRefused, match="送达以前"):
        review.take_back(served, by=desk.district(), reason="x")


def test_a_change_reported_on_the_way_is_looked_at_before_the_refusal_takes_effect():
    letter = on_paper()
    case = letter.application
    row = Change.objects.create(
        application=case, kind="work", state=states.CHANGE_CHECKING, state_since=clock.now(),
        reported_at=clock.now(), reported_by=case.created_by, due_on=clock.today(),
        happened_on=clock.today(), case_state=case.state,
    )  # fmt: skip
    serving.hand_over(letter, by=desk.district(), note="本人，身份证")
    assert state_of(letter) == states.DISTRICT_REVIEW
    with pytest.raises(decision.DecisionRefused, match="报告的变化"):
        decision.carry_out(letter, by=desk.district())
    Change.objects.filter(pk=row.pk).update(state=states.CHANGE_NO_EFFECT, settled_at=clock.now())
    decision.carry_out(letter, by=desk.district())
    assert state_of(letter) == states.REFUSED


def test_who_withdraws_before_service_is_served_nothing():
    letter = on_paper()
    row = sent(letter)
    submission.withdraw(letter.application, by=letter.application.created_by)
    row.refresh_from_db()
    letter.refresh_from_db()
    assert (row.state, letter.replaced) == (states.DELIVERY_STOPPED, True)
    before = counts()
    with pytest.raises(serving.ServingRefused):
        serving.record(row, by=desk.district(), proof="signed", on=clock.today(), note="本人")
    assert (state_of(letter), counts()) == (states.WITHDRAWN, before)
    assert deliveries.waiting() == []


# -- Electronic service ------------------------------


def test_who_agreed_is_served_with_the_arrival_of_the_letter():
    letter = decision.sign(desk.refusal_drafted(), by=desk.district())
    row = letter.deliveries.get()
    assert (row.channel, row.proof, row.state) == ("electronic", "arrived", states.DELIVERY_SERVED)
    assert row.consent.text_digest == service_consents.text_digest()
    assert letter.served_at is not None and state_of(letter) == states.REFUSED
    assert deliveries.word_of(letter) == "已送达"
    page = family_page(letter)
    assert "您家这次不符合条件" in page and "到" in page and "为止" in page


def test_opening_the_letter_is_noted_once_and_starts_nothing():
    letter = decision.sign(desk.refusal_drafted(), by=desk.district())
    client = Client()
    client.force_login(letter.application.created_by)
    address = reverse("my_decision_pdf", args=[letter.case_no, letter.pk])
    assert client.get(address).content.startswith(b"%PDF")
    first = letter.deliveries.get().opened_at
    client.get(address)
    row = letter.deliveries.get()
    letter.refresh_from_db()
    assert first is not None and row.opened_at == first and letter.served_at < first


def test_after_a_withdrawal_letters_go_on_paper_again():
    draft = desk.refusal_drafted()
    case = draft.application
    service_consents.withdraw(case.applicant.id_index, by=case.created_by)
    letter = decision.sign(draft, by=desk.district())
    assert letter.served_at is None and not letter.deliveries.exists()
    with pytest.raises(service_consents.ServiceConsentRefused):
        service_consents.withdraw(case.applicant.id_index, by=case.created_by)


def test_who_agrees_later_can_be_served_electronically_after_all():
    letter = on_paper()
    before = counts()
    with pytest.raises(serving.ServingRefused, match="没有确认电子送达"):
        serving.send(letter, by=desk.district(), channel="electronic")
    assert counts() == before
    desk.agrees_to_electronic_service(letter.application)
    serving.send(letter, by=desk.district(), channel="electronic")
    assert state_of(letter) == states.REFUSED


def test_the_consent_is_given_and_taken_back_on_its_page(client):
    me = accounts.citizen()
    client.force_login(me.user)
    address = reverse("my_service")
    assert client.post(address, {}).status_code == 422
    assert service_consents.in_force(me.id_index) is None
    client.post(address, {"read": "on"})
    assert service_consents.in_force(me.id_index).text_version == service_consents.VERSION
    assert "现在是电子送达" in client.get(address).content.decode()
    client.post(address, {"paper": "1"})
    assert service_consents.in_force(me.id_index) is None


def test_a_clerk_records_a_signed_agreement_with_the_card_in_hand(client):
    letter = on_paper()
    person = letter.application.applicant
    clerk = accounts.staff(Role.WINDOW, bureau=letter.application.street)
    client.force_login(clerk.user)
    sent = {"id_number": person.id_number, "name": person.name, "phone": "", "address": "某路1号",
            "seen": "on"}  # fmt: skip
    assert client.post(reverse("window_contact"), sent).status_code == 302
    assert service_consents.in_force(person.id_index) is None
    client.post(reverse("window_contact"), {**sent, "electronic": "on"})
    given = service_consents.in_force(person.id_index)
    assert given.method == "window" and clerk.name in given.recorded_by


# -- Paper ------------------------------


def test_a_signed_receipt_serves_and_the_periods_run_from_its_day(monkeypatch):
    letter = on_paper()
    row = sent(letter)
    day = clock.today() + timedelta(days=3)
    at(monkeypatch, clock.local_midnight(day) + timedelta(days=2, hours=9))
    serving.record(row, by=desk.district(), proof="signed", on=day, note="本人签收")
    letter.refresh_from_db()
    assert letter.served_at.astimezone(clock.LOCAL).date() == day
    assert state_of(letter) == states.REFUSED
    assert Notice.objects.filter(code="decision.served").count() == 1
    until = legal_days.last_day("administrative_review", letter)
    assert until >= day + timedelta(days=60)
    assert reconsiderations.last_day_to_ask(letter) >= day + timedelta(days=60)


@pytest.mark.parametrize("wrong", [{"address": " "}, {"tracking_no": ""}, {"channel": "pigeon"}])
def test_a_letter_without_address_or_number_does_not_leave(wrong):
    letter = on_paper()
    before = counts()
    with pytest.raises(serving.ServingRefused):
        sent(letter, **wrong)
    assert counts() == before


@pytest.mark.parametrize("days", [-1, 1])
def test_a_proof_of_an_impossible_day_is_refused(days):
    letter = on_paper()
    row = sent(letter)
    before = counts()
    with pytest.raises(serving.ServingRefused, match="日期"):
        serving.record(
            row, by=desk.district(), proof="signed", on=clock.today() + timedelta(days=days),
            note="本人",
        )  # fmt: skip
    assert (state_of(letter), counts()) == (states.DISTRICT_REVIEW, before)


def test_one_try_at_a_time_and_one_proof():
    letter = on_paper()
    row = sent(letter)
    before = counts()
    with pytest.raises(serving.ServingRefused, match="正在送达"):
        sent(letter)
    assert counts() == before
    serving.record(row, by=desk.district(), proof="signed", on=clock.today(), note="本人")
    before = counts()
    for again in ("signed", "returned"):
        with pytest.raises(serving.ServingRefused, match="已经记录"):
            serving.record(row, by=desk.district(), proof=again, on=clock.today(), note="x")
    assert counts() == before


def test_a_returned_letter_is_tried_another_way_and_the_family_is_told_neutrally():
    letter = on_paper()
    failed(letter)
    assert deliveries.word_of(letter) == "没送到，正在联系"
    assert state_of(letter) == states.DISTRICT_REVIEW
    (row,) = deliveries.waiting()
    assert row.failed and row.last.proof == "returned"
    told = Notice.objects.get(code="letter.undelivered")
    assert "不符合" not in told.text and "窗口" in told.text
    page = family_page(letter)
    assert "没送到，正在联系" in page and "您家这次不符合条件" not in page
    again = sent(letter, address="鄞州区另一处2号", tracking_no="EM2")
    assert again.attempt == 2


def test_the_window_hands_over_what_was_in_the_mail():
    letter = on_paper()
    mailed = sent(letter)
    clerk = accounts.staff(Role.WINDOW, bureau=letter.application.street)
    before = counts()
    with pytest.raises(serving.ServingRefused, match="证件"):
        serving.hand_over(letter, by=clerk, note=" ")
    assert counts() == before
    serving.hand_over(letter, by=clerk, note="本人，身份证")
    mailed.refresh_from_db()
    assert mailed.state == states.DELIVERY_STOPPED and state_of(letter) == states.REFUSED


def test_a_clerk_of_another_window_and_a_department_have_nothing_to_do_with_it():
    letter = on_paper()
    before = counts()
    elsewhere = accounts.another_street(letter.application.street)
    for by in (accounts.staff(Role.WINDOW, bureau=elsewhere), accounts.staff(Role.REVIEWER)):
        with pytest.raises(serving.ServingRefused):
            serving.hand_over(letter, by=by, note="本人，身份证")
    kin = desk.district()
    kin.id_index = letter.application.applicant.id_index
    kin.save(update_fields=["id_index"])
    with pytest.raises(serving.ServingRefused, match="回避"):
        serving.send(letter, by=kin, **HOME)
    assert (state_of(letter), counts()) == (states.DISTRICT_REVIEW, before)


def test_a_letter_left_at_the_door_needs_a_witness_and_a_photo():
    letter = on_paper()
    row = sent(letter, channel="visit", tracking_no="")
    by, witness = desk.district(), desk.district()
    proof = {"proof": "left", "on": clock.today(), "note": "本人拒签，留在门上"}
    before = counts()
    for second, word in ((None, "见证"), (by, "见证"), (witness, "照片")):
        with pytest.raises(serving.ServingRefused, match=word):
            serving.record(row, by=by, second=second, **proof)
    assert (state_of(letter), counts()) == (states.DISTRICT_REVIEW, before)
    materials.add(row.application, serving.photo_key(row), photo(), by=by.user)
    serving.record(row, by=by, second=witness, **proof)
    assert state_of(letter) == states.REFUSED and letter.deliveries.get().second_by == witness


def test_the_photos_of_the_office_are_not_among_the_familys_papers():
    letter = on_paper()
    row = sent(letter, channel="visit", tracking_no="")
    by = desk.district()
    materials.add(row.application, serving.photo_key(row), photo(), by=by.user)
    client = Client()
    client.force_login(letter.application.created_by)
    page = client.get(reverse("my_papers", args=[letter.case_no])).content.decode()
    (kept,) = serving.photos_of(row)
    picture_href = reverse("paper_picture", args=[kept.pk])
    assert picture_href not in page and client.get(picture_href).status_code == 404
    with pytest.raises(materials.PaperRefused):
        materials.add(
            row.application, serving.photo_key(row), photo(), by=letter.application.created_by
        )
    client.force_login(by.user)
    assert client.get(picture_href).status_code == 200


# -- The last way ------------------------------


def announced() -> Delivery:
    letter = on_paper()
    failed(letter)
    failed(letter, channel="visit", tracking_no="")
    return serving.announce(letter, by=desk.district(), place="区政务服务中心公告栏")


def test_an_announcement_comes_last():
    letter = on_paper()
    failed(letter)
    before = counts()
    with pytest.raises(serving.ServingRefused, match="最后的办法"):
        serving.announce(letter, by=desk.district(), place="公告栏")
    assert counts() == before


def test_an_announcement_needs_two_people_and_its_days(monkeypatch):
    row = announced()
    letter = row.decision
    before = counts()
    with pytest.raises(serving.ServingRefused, match="另一位"):
        serving.confirm_announcement(row, by=row.sent_by)
    with pytest.raises(serving.ServingRefused, match="确认"):
        serving.record(row, by=desk.district(), proof="announced", on=clock.today(), note="x")
    assert counts() == before
    row = serving.confirm_announcement(row, by=desk.district())
    assert row.due_on == clock.today() + timedelta(days=periods.of("delivery_notice").value)
    before = counts()
    with pytest.raises(serving.ServingRefused, match="期满"):
        serving.record(row, by=desk.district(), proof="announced", on=clock.today(), note="x")
    assert (state_of(letter), counts()) == (states.DISTRICT_REVIEW, before)
    after = row.due_on + timedelta(days=1)
    at(monkeypatch, clock.local_midnight(after) + timedelta(hours=9))
    serving.record(row, by=desk.district(), proof="announced", on=after, note="公告期满")
    assert state_of(letter) == states.REFUSED


def test_the_database_refuses_service_without_proof_and_one_person_for_both():
    row = announced()
    for wrong in (
        {"state": states.DELIVERY_SERVED},
        {"state": states.DELIVERY_SERVED, "proof": "announced", "proved_on": clock.today()},
    ):
        with pytest.raises(IntegrityError, match="service_is_proven"), transaction.atomic():
            Delivery.objects.filter(pk=row.pk).update(**wrong)
    with pytest.raises(IntegrityError, match="second_is_another"), transaction.atomic():
        Delivery.objects.filter(pk=row.pk).update(second_by=row.sent_by)
    with pytest.raises(IntegrityError, match="after_signature"), transaction.atomic():
        draft = desk.refusal_drafted()
        Decision.objects.filter(pk=draft.pk).update(served_at=clock.now())


# -- A case in a round ------------------------------


def test_service_finds_the_case_in_a_round_and_a_person_carries_it_out_later():
    case = desk.at_district()
    desk.agree(desk.task_of(case, Stage.DISTRICT))
    waiting.register(case, by=desk.WORKER)
    draft = decision.draft_refusal(case, by=desk.district(), confirmed={"HOUSING_AREA": "另有住房"})
    letter = decision.sign(draft, by=desk.district())
    Application.objects.filter(pk=case.pk).update(state=states.IN_ROUND)
    serving.hand_over(letter, by=desk.district(), note="本人，身份证")
    letter.refresh_from_db()
    assert letter.served_at is not None and state_of(letter) == states.IN_ROUND
    before = counts()
    with pytest.raises(decision.DecisionRefused, match="等这一步结束"):
        decision.carry_out(letter, by=desk.district())
    assert counts() == before
    Application.objects.filter(pk=case.pk).update(state=states.WAITLISTED)
    client = Client()
    client.force_login(desk.district().user)
    assert "还没有生效" in client.get(reverse("review_signing")).content.decode()
    address = reverse("review_deliver", args=["decision", letter.pk])
    client.post(address, {"act": "carry"})
    assert state_of(letter) == states.REFUSED


# -- The answer to a re-consideration ------------------------------


def asked_on_paper() -> Reconsideration:
    letter = on_paper()
    serving.hand_over(letter, by=desk.district(), note="本人，身份证")
    letter.refresh_from_db()
    return reconsiderations.ask(letter, by=letter.application.created_by, text="合同已经退了")


def test_an_upheld_answer_is_a_letter_that_takes_effect_when_served():
    asked = asked_on_paper()
    row = reconsiderations.answer(asked, by=desk.district(), overturned=False, text="合同仍在备案")
    assert row.letter_no.startswith("鄞住复〔") and row.served_at is None
    assert state_of(row) == states.RECONSIDERATION
    assert "复核后维持" not in family_page(row)
    assert legal_days.answer_due(row.decision.application) == row.due_on
    (waits,) = deliveries.waiting()
    assert (waits.kind, waits.letter) == ("answer", row)
    serving.hand_over(row, by=desk.district(), note="本人，身份证")
    assert state_of(row) == states.UPHELD
    page = family_page(row)
    assert "复核后维持原来的决定" in page and "提起行政诉讼" in page
    assert {one.name for one in legal_days.of(row.decision, today=clock.today())} == {
        "administrative_review", "litigation",
    }  # fmt: skip


def test_an_overturned_answer_helps_at_once_and_is_served_too():
    asked = asked_on_paper()
    row = reconsiderations.answer(asked, by=desk.district(), overturned=True, text="合同已注销")
    assert state_of(row) == states.PUBLICITY and row.served_at is None
    serving.hand_over(row, by=desk.district(), note="本人，身份证")
    row.refresh_from_db()
    assert row.served_at is not None and state_of(row) == states.PUBLICITY


def test_whoever_reviewed_the_case_before_does_not_answer():
    letter = decision.sign(desk.refusal_drafted(), by=desk.district())
    asked = reconsiderations.ask(letter, by=letter.application.created_by, text="合同已经退了")
    before = counts()
    for task in letter.application.tasks.filter(opinion__isnull=False):
        earlier = task.opinion.by
        earlier.roles = [*earlier.roles, Role.DISTRICT]
        earlier.save(update_fields=["roles"])
        with pytest.raises(reconsiderations.ReconsiderationRefused, match="另一位"):
            reconsiderations.answer(asked, by=earlier, overturned=False, text="维持")
    assert (state_of(letter), counts()) == (states.RECONSIDERATION, before)


def test_the_answer_prints_with_remedies_number_and_code(client):
    letter = decision.sign(desk.refusal_drafted(), by=desk.district())
    asked = reconsiderations.ask(letter, by=letter.application.created_by, text="合同已经退了")
    row = reconsiderations.answer(asked, by=desk.district(), overturned=False, text="合同仍在备案")
    client.force_login(letter.application.created_by)
    sheet = client.get(reverse("my_answer_pdf", args=[row.case_no, row.pk]))
    assert sheet.content.startswith(b"%PDF")
    told = client.post(reverse("letter_check"), {"code": decision.grouped(row.check_code)})
    assert row.letter_no in told.content.decode()
    stranger = Client()
    stranger.force_login(accounts.citizen().user)
    address = reverse("my_answer_pdf", args=[row.case_no, row.pk])
    assert stranger.get(address).status_code == 404


def test_an_answer_near_its_day_is_shown_first_with_a_warning(monkeypatch):
    letter = decision.sign(desk.refusal_drafted(), by=desk.district())
    asked = reconsiderations.ask(letter, by=letter.application.created_by, text="合同已经退了")
    client = Client()
    who = desk.district()
    client.force_login(who.user)
    assert "有复核快到期" not in client.get(reverse("review_signing")).content.decode()
    late = workdays.add_workdays(asked.due_on, 1)
    at(monkeypatch, clock.local_midnight(late) + timedelta(hours=9))
    client.force_login(who.user)
    page = client.get(reverse("review_signing")).content.decode()
    assert "有复核快到期" in page and "超期" in page
    assert "快到期的复核" in client.get(reverse("review_queue")).content.decode()


@pytest.mark.parametrize("anew", [False, True])
def test_whether_periods_run_anew_from_an_answer_is_a_setting(monkeypatch, anew):
    letter = decision.sign(desk.refusal_drafted(), by=desk.district())
    asked = reconsiderations.ask(letter, by=letter.application.created_by, text="合同已经退了")
    later = clock.now() + timedelta(days=10)
    at(monkeypatch, later)
    reconsiderations.answer(asked, by=desk.district(), overturned=False, text="合同仍在备案")
    first = legal_days.last_day("litigation", Decision.objects.get(pk=letter.pk))
    table = dict(periods.table())
    table["remedies_from_answer"] = type(table["claim"])("remedies_from_answer", "x", anew, "flag")
    monkeypatch.setattr(periods, "table", lambda: table)
    assert (legal_days.last_day("litigation", Decision.objects.get(pk=letter.pk)) > first) is anew


# -- The seal ------------------------------


class Stamp:
    """A seal service for this test."""

    def slot(self) -> str:
        return "（电子印章）"

    def sealed(self, content: bytes, *, number: str) -> bytes:
        return content + f"\n%sealed {number}".encode()


def test_a_seal_service_seals_what_is_signed_and_never_a_draft(settings):
    assert "盖章" in seals.configured().slot()
    settings.LETTER_SEAL = f"{__name__}.Stamp"
    draft = desk.refusal_drafted()
    assert b"%sealed" not in decision.pdf(draft)
    letter = decision.sign(draft, by=desk.district())
    assert decision.pdf(letter).endswith(f"%sealed {letter.letter_no}".encode())


# -- The pages ------------------------------


def test_the_whole_way_of_a_paper_letter_on_its_page():
    letter = on_paper()
    client = Client()
    who = desk.district()
    client.force_login(who.user)
    address = reverse("review_deliver", args=["decision", letter.pk])
    assert letter.letter_no in client.get(reverse("review_signing")).content.decode()
    assert client.post(address, {"act": "send", "channel": "post"}).status_code == 422
    assert client.post(address, {"act": "send", **HOME}).status_code == 302
    page = client.get(address).content.decode()
    assert "EM123456789CN" in page and "记录结果" in page
    answers = {"act": "record", "proof": "signed", "on": clock.today().isoformat(), "note": "本人"}
    assert client.post(address, answers).status_code == 302
    assert state_of(letter) == states.REFUSED
    assert "期限从第二天算起" in client.get(address).content.decode()


def test_the_windows_list_shows_its_own_letters_alone():
    letter = on_paper()
    own = accounts.staff(Role.WINDOW, bureau=letter.application.street)
    client = Client()
    client.force_login(own.user)
    assert letter.letter_no in client.get(reverse("window_letters")).content.decode()
    address = reverse("review_deliver", args=["decision", letter.pk])
    page = client.get(address).content.decode()
    assert "本人到窗口领取" in page and "送达方式" not in page
    elsewhere = accounts.another_street(letter.application.street)
    client.force_login(accounts.staff(Role.WINDOW, bureau=elsewhere).user)
    assert letter.letter_no not in client.get(reverse("window_letters")).content.decode()
    assert client.get(address).status_code == 403


def test_the_signing_page_costs_no_more_for_more_letters(django_assert_max_num_queries):
    client = Client()
    client.force_login(desk.district().user)
    on_paper()
    client.get(reverse("review_signing"))
    with django_assert_max_num_queries(40) as first:
        client.get(reverse("review_signing"))
    for _n in range(2):
        sent(on_paper())
    with django_assert_max_num_queries(len(first)):
        client.get(reverse("review_signing"))
