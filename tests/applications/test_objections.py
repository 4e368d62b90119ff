"""Objections are tasks with a clock; clues hold nobody up; who objected reads the checker alone."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from accounts.roles import Role
from applications import (
    after_objection,
    deadlines,
    decision,
    legal_days,
    objections,
    periods,
    publicity,
    states,
    submission,
)
from applications.models import Application, Objection
from applications.models.review import Stage
from core import clock, workdays
from core.models import AuditEntry, Notice, OutboxMessage, Transition
from tests.factories import accounts
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
CONTACT = "举报人甲乙 13911112222"
WORDS = "他家在别的区还有一套住房，请核查。"


def posted():
    case = desk.at_district()
    desk.agree(desk.task_of(case, Stage.DISTRICT))
    return case.publicities.get()


def state_of(notice) -> str:
    return Application.objects.get(pk=notice.application_id).state


def paused(notice) -> str:
    case = Application.objects.get(pk=notice.application_id)
    reasons = case.pauses.filter(ended_at=None).values_list("reason", flat=True)
    return ",".join(sorted(reasons))


def counts() -> tuple[int, ...]:
    tables = (Objection, AuditEntry, Transition, Notice, OutboxMessage)
    return tuple(table.objects.count() for table in tables)


def named(notice, more="") -> Objection:
    return publicity.object_to(notice, text=WORDS + more, contact=CONTACT)


def clue(notice, more="") -> Objection:
    return publicity.object_to(notice, text=WORDS + more, contact="")


# -- By name ------------------------------


def test_an_objection_with_a_contact_is_a_task_with_a_day_and_stops_the_clock():
    notice = posted()
    made = named(notice)
    assert made.due_on == workdays.add_workdays(clock.today(), periods.of("objection").value)
    assert state_of(notice) == states.OBJECTION_CHECK
    assert paused(notice) == "objection,publicity"
    assert list(objections.unanswered(desk.district())) == [made]


def test_the_day_of_several_objections_is_that_of_the_last(monkeypatch):
    notice = posted()
    first = named(notice)
    later = clock.now() + timedelta(days=3)
    monkeypatch.setattr(clock, "now", lambda: later)
    second = named(notice, "又一件")
    clue(notice)
    case = Application.objects.get(pk=notice.application_id)
    assert first.due_on < second.due_on == legal_days.answer_due(case)


def test_the_same_words_sent_twice_are_one_objection():
    notice = posted()
    first, before = named(notice), counts()
    assert named(notice) == first
    assert counts() == before


# -- Clues ------------------------------


def test_a_clue_is_kept_and_holds_nothing_up(monkeypatch):
    notice = posted()
    made = clue(notice)
    assert not made.named and made.due_on is not None
    assert (state_of(notice), paused(notice)) == (states.PUBLICITY, "publicity")
    assert not Transition.objects.filter(to_state=states.OBJECTION_CHECK).exists()
    after = notice.ends_on + timedelta(days=1)
    moment = clock.local_midnight(after) + timedelta(hours=8)
    monkeypatch.setattr(clock, "now", lambda: moment)
    assert publicity.close_due(after) == 1
    assert state_of(notice) == states.WAITLISTED
    row = publicity.answer(made, by=desk.district(), upheld=False, text="了解过，是他父母的房子")
    assert row.answered_at and state_of(notice) == states.WAITLISTED


@pytest.mark.parametrize("upheld", [True, False])
def test_the_answer_to_a_clue_changes_no_state_and_no_clock(upheld):
    notice = posted()
    made = clue(notice)
    publicity.answer(made, by=desk.district(), upheld=upheld, text="打电话问过物业")
    assert (state_of(notice), paused(notice)) == (states.PUBLICITY, "publicity")


def test_an_open_clue_does_not_hold_a_case_whose_objection_is_answered():
    notice = posted()
    made = named(notice)
    clue(notice)
    publicity.answer(made, by=desk.district(), upheld=False, text="不属实")
    assert (state_of(notice), paused(notice)) == (states.PUBLICITY, "publicity")


def test_a_person_may_take_up_a_clue_that_was_found_true_in_the_offices_name():
    notice = posted()
    made = clue(notice)
    by, before = desk.district(), counts()
    with pytest.raises(publicity.AnswerRefused, match="查实"):
        publicity.take_up(made, by=by, fact="另有住房一套")
    assert counts() == before
    publicity.answer(made, by=by, upheld=True, text="不动产登记查实")
    opened = publicity.take_up(made, by=by, fact="在别的区登记有住房一套，89平方米")
    assert opened.named and opened.raised_by == by and opened.contact == ""
    assert state_of(notice) == states.OBJECTION_CHECK
    before = counts()
    with pytest.raises(publicity.AnswerRefused, match="已经由工作人员"):
        publicity.take_up(made, by=by, fact="再来一次")
    assert counts() == before


def test_a_flood_of_clues_ends_at_a_number_and_turns_no_named_objection_away():
    notice = posted()
    most = periods.of("objection_clues").value
    for n in range(most):
        clue(notice, f"第{n}条")
    before = counts()
    with pytest.raises(publicity.ObjectionRefused, match="匿名线索"):
        clue(notice, "还有一条")
    assert (state_of(notice), counts()) == (states.PUBLICITY, before)
    named(notice)
    assert state_of(notice) == states.OBJECTION_CHECK


# -- Who checks ------------------------------


def test_one_person_checks_and_a_colleague_waits_until_the_claim_runs_out(monkeypatch):
    made = named(posted())
    first, second = desk.district(), desk.district()
    objections.claim(made, by=first)
    before = counts()
    with pytest.raises(objections.ClaimRefused, match="正在核查"):
        objections.claim(made, by=second)
    with pytest.raises(publicity.AnswerRefused, match="正在核查"):
        publicity.answer(made, by=second, upheld=False, text="不属实")
    with pytest.raises(objections.ClaimRefused):
        objections.release(made, by=second)
    assert counts() == before
    later = clock.now() + timedelta(hours=periods.of("objection_claim").value, minutes=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert objections.claim(made, by=second).claimed_by == second


def test_the_contact_is_shown_to_the_checker_alone():
    made = named(posted())
    checker, other = Client(), Client()
    checker.force_login(desk.district().user)
    other.force_login(desk.district().user)
    address = reverse("review_objection", args=[made.pk])
    assert CONTACT not in checker.get(address).content.decode()
    checker.post(reverse("objection_claim", args=[made.pk]))
    assert CONTACT in checker.get(address).content.decode()
    page = other.get(address).content.decode()
    assert CONTACT not in page and "正在核查" in page
    checker.post(reverse("objection_release", args=[made.pk]))
    assert CONTACT not in checker.get(address).content.decode()


def test_kin_of_the_household_read_no_objection():
    made = named(posted())
    kin = desk.district()
    kin.id_index = made.publicity.application.applicant.id_index
    kin.save(update_fields=["id_index"])
    client = Client()
    client.force_login(kin.user)
    for name in ("review_objection", "review_refuse"):
        page = client.get(reverse(name, args=[made.pk]))
        assert page.status_code == 403 and WORDS not in page.content.decode()


def test_the_list_shows_day_urgency_and_owner_and_the_queue_counts(monkeypatch):
    notice = posted()
    made = named(notice)
    clue(notice)
    who = desk.district()
    objections.claim(made, by=who)
    later = clock.local_midnight(workdays.add_workdays(made.due_on, 1)) + timedelta(hours=9)
    monkeypatch.setattr(clock, "now", lambda: later)
    client = Client()
    client.force_login(who.user)
    page = client.get(reverse("review_notices")).content.decode()
    assert "超期" in page and "匿名线索，公示照常" in page and "待核查，已暂停计时" in page
    assert "公示异议和线索2件" in client.get(reverse("review_queue")).content.decode()
    street = accounts.staff(Role.STREET, bureau=notice.application.street)
    client.force_login(street.user)
    assert "公示异议和线索" not in client.get(reverse("review_queue")).content.decode()


def test_the_list_costs_no_more_for_more_objections(django_assert_max_num_queries):
    notice = posted()
    named(notice)
    client = Client()
    client.force_login(desk.district().user)
    client.get(reverse("review_notices"))
    with django_assert_max_num_queries(60) as first:
        client.get(reverse("review_notices"))
    for n in range(4):
        named(notice, f"第{n}件")
    with django_assert_max_num_queries(len(first)):
        client.get(reverse("review_notices"))


# -- Never the household ------------------------------


def test_nothing_of_the_objector_reaches_the_household_or_the_letter():
    notice = posted()
    made = named(notice)
    checker = desk.district()
    objections.claim(made, by=checker)
    publicity.answer(made, by=checker, upheld=True, text="查实另有住房一套")
    before = counts()
    for fact in ("甲乙 举报人甲乙说的", "见13911112222的来电"):
        with pytest.raises(publicity.ObjectionRefused, match="反映人"):
            after_objection.draft(made, by=checker, rule="HOUSING_AREA", fact=fact)
    assert counts() == before
    draft = after_objection.draft(made, by=checker, rule="HOUSING_AREA", fact="另有住房一套")
    desk.agrees_to_electronic_service(notice.application)
    letter = decision.sign(draft, by=desk.district())
    assert state_of(notice) == states.REFUSED
    family = Client()
    family.force_login(notice.application.created_by)
    case_no = letter.case_no
    pages = [
        reverse("my_case", args=[case_no]), reverse("my_data"), reverse("my_notices"),
        reverse("my_papers", args=[case_no]), reverse("my_reconsider", args=[case_no]),
    ]  # fmt: skip
    told = "".join(family.get(page).content.decode() for page in pages)
    told += letter.text + str(letter.reasons) + str(list(Notice.objects.values_list("text")))
    told += str(list(AuditEntry.objects.values_list("detail", "purpose")))
    told += str(list(Transition.objects.values_list("reason")))
    for secret in (CONTACT, "13911112222", "举报人甲乙", WORDS):
        assert secret not in told


def test_the_api_tells_staff_nothing_of_objections_and_citizens_have_none():
    notice = posted()
    named(notice)
    client = Client()
    address = f"/api/v1/cases/{notice.case_no}/"
    client.force_login(desk.district().user)
    told = client.get(address).content.decode()
    assert notice.case_no in told and "13911112222" not in told and WORDS not in told
    client.force_login(notice.application.created_by)
    assert client.get(address).status_code == 403


# -- The objector ------------------------------


def test_the_objector_gets_a_number_and_an_answer_that_tells_nothing_of_the_family(client):
    notice = posted()
    made = named(notice)
    (sms,) = OutboxMessage.objects.filter(kind="objection.received")
    assert objections.grouped(made.number) in sms.payload["text"]
    address = reverse("public_follow")
    page = client.post(address, {"number": objections.grouped(made.number).lower()})
    assert "正在核查" in page.content.decode()
    publicity.answer(made, by=desk.district(), upheld=False, text="测家的房子是他父母的")
    page = client.post(address, {"number": made.number}).content.decode()
    assert "没有发现影响申请条件" in page and "父母" not in page
    (sms,) = OutboxMessage.objects.filter(kind="objection.answered")
    assert sms.payload["phone"] == "13911112222" and "父母" not in sms.payload["text"]
    assert objections.grouped(made.number) in sms.payload["text"]
    assert len(sms.payload["text"]) <= 70
    assert "没有找到" in client.post(address, {"number": "AAAAA-BBBBB"}).content.decode()


def test_the_receipt_of_a_clue_says_that_the_notice_goes_on(client):
    notice = posted()
    sent = client.post(reverse("public_object", args=[notice.pk]), {"text": WORDS})
    page = client.get(sent.url).content.decode()
    assert "公示照常进行" in page
    assert objections.grouped(Objection.objects.get().number) in page
    assert not OutboxMessage.objects.filter(kind__startswith="objection").exists()


def test_who_withdraws_ends_the_check_and_the_objector_hears_of_it():
    notice = posted()
    made = named(notice)
    case = Application.objects.get(pk=notice.application_id)
    submission.withdraw(case, by=case.created_by)
    made.refresh_from_db()
    assert made.answered_at is not None and made.upheld is None and made.answered_by is None
    assert OutboxMessage.objects.filter(kind="objection.answered").count() == 1
    before = counts()
    with pytest.raises(publicity.AnswerRefused):
        publicity.answer(made, by=desk.district(), upheld=False, text="不属实")
    with pytest.raises(publicity.ObjectionRefused, match="结束"):
        named(notice, "又一件")
    assert (state_of(notice), counts()) == (states.WITHDRAWN, before)
    assert deadlines.clock_of(case, clock.today()).paused is None


def test_one_address_may_object_a_few_times_only(client):
    notice = posted()
    address = reverse("public_object", args=[notice.pk])
    most = periods.of("objection_most").value
    for n in range(most):
        sent = client.post(address, {"text": f"{WORDS}第{n}次", "contact": CONTACT})
        assert sent.status_code == 302
    assert client.post(address, {"text": f"{WORDS}再一次"}).status_code == 429
    assert Objection.objects.count() == most
