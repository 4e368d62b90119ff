"""After a decline: what counts, just causes, and a ban that only people decide on."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from allocation import bans, causes, declining, lapsing, offering, offers, states
from allocation.models import BanProposal, JustCause, Offer
from applications import periods
from applications.models import Ban, Decision
from applications.models.decision import Decision as Letter
from core import clock
from core.models import Notice
from tests.factories import accounts
from tests.factories import allocation as make
from tests.factories import declining as after

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
BY = offers.SYSTEM


def told(code: str) -> bool:
    return Notice.objects.filter(code=code).exists()


def policy(monkeypatch, **changes):
    """The policy's numbers, but for these."""
    true = {"declines": 2, "years": 2, "silence_counts": False, **changes}
    monkeypatch.setattr(bans, "limits", lambda: bans.Limits(**true))


# -- counting -------------------------------------------------------------------------------


def test_the_number_comes_from_the_policy_pack(monkeypatch):
    offer = after.declined()
    assert declining.count(offer.entrant.application) == declining.Count(1, 2, 2)
    policy(monkeypatch, declines=1, years=5)
    household = after.declined().entrant.application
    assert BanProposal.objects.get(application=household).years == 5


def test_a_claimed_cause_does_not_count_until_it_is_decided():
    household = make.waiting()
    after.declined(household)
    household.refresh_from_db()
    second = after.declined(household, after.ILL)
    assert second.cause.state == states.J_CLAIMED
    assert offers.times_declined(second) == 1
    assert not BanProposal.objects.exists()


def test_a_cause_may_be_claimed_afterwards_once_and_in_time():
    offer = after.declined()
    causes.claim(offer, after.ILL, by=BY)
    assert offers.times_declined(offer) == 0
    with pytest.raises(causes.CauseRefused, match="已经说明过"):
        causes.claim(Offer.objects.get(pk=offer.pk), after.ILL, by=BY)
    late = after.declined()
    clock.advance(timedelta(days=30))
    with pytest.raises(causes.CauseRefused, match="时间到"):
        causes.claim(late, after.ILL, by=BY)
    assert JustCause.objects.count() == 1


@pytest.mark.parametrize(
    ("said", "field"),
    [(causes.Claim("no such", "有原因"), "code"), (causes.Claim("illness", "  "), "text")],
)
def test_a_claim_without_cause_or_words_declines_nothing(said, field):
    offer = make.opened()
    with pytest.raises(causes.CauseRefused) as refusal:
        offers.decline(offer, by=BY, via="phone", cause=said)
    assert refusal.value.field == field
    offer.refresh_from_db()
    assert offer.state == states.O_OPEN and not JustCause.objects.exists()


# -- causes ---------------------------------------------------------------------------------


def test_one_person_accepts_a_cause():
    cause = causes.accept(after.declined(cause=after.ILL).cause, by=after.district())
    assert cause.state == states.J_ACCEPTED and told("cause_accepted")
    assert offers.times_declined(cause.offer) == 0


def test_a_refusal_takes_two_persons():
    first = after.district()
    cause = causes.propose_refusal(
        after.declined(cause=after.ILL).cause, by=first, reason="没有证明"
    )
    with pytest.raises(causes.CauseRefused, match="不能自己确认"):
        causes.refuse(cause, by=first)
    cause.refresh_from_db()
    assert cause.state == states.J_PROPOSED and not told("cause_refused")
    assert causes.refuse(cause, by=after.district()).state == states.J_REFUSED
    assert told("cause_refused")


def test_the_database_refuses_a_refusal_by_one_person():
    cause = after.declined(cause=after.ILL).cause
    one = after.district()
    with pytest.raises(IntegrityError, match="cause_refused_by_two"), transaction.atomic():
        JustCause.objects.filter(pk=cause.pk).update(
            state=states.J_REFUSED, proposed_by=one, decided_by=one
        )


def test_the_second_person_may_send_it_back():
    cause = causes.propose_refusal(
        after.declined(cause=after.ILL).cause, by=after.district(), reason="没有证明"
    )
    back = causes.send_back(cause, by=after.district())
    assert (back.state, back.proposed_by, back.reason) == (states.J_CLAIMED, None, "")


def test_only_the_district_decides_and_never_on_its_own_household():
    cause = after.declined(cause=after.ILL).cause
    with pytest.raises(causes.CauseRefused, match="复审人员"):
        causes.accept(cause, by=make.administrator())
    kin = after.district()
    kin.id_index = cause.offer.entrant.application.applicant.id_index
    kin.save(update_fields=["id_index"])
    with pytest.raises(causes.CauseRefused, match="回避"):
        causes.accept(cause, by=kin)


def test_a_refused_cause_counts_only_after_the_time_to_object():
    cause = after.refused()
    assert offers.times_declined(cause.offer) == 0
    assert causes.close_due() == 0
    make.wait_for(make.noon(cause.objection_due + timedelta(days=1)))
    assert causes.close_due() == 1
    assert causes.close_due() == 0
    assert offers.times_declined(cause.offer) == 1 and told("cause_upheld")


def test_an_objection_is_answered_by_a_third_person():
    cause = causes.object_to(after.refused(), by=BY, text="证明上周交到窗口了")
    for earlier in (cause.proposed_by, cause.decided_by):
        with pytest.raises(causes.CauseRefused, match="另一位同事"):
            causes.accept(cause, by=earlier)
    make.wait_for(make.noon(cause.objection_due + timedelta(days=1)))
    assert causes.close_due() == 0  # it waits for a person, however long
    assert offers.times_declined(cause.offer) == 0
    assert causes.accept(cause, by=after.district()).state == states.J_ACCEPTED


def test_an_objection_that_does_not_hold_makes_the_decline_count():
    cause = causes.object_to(after.refused(), by=BY, text="我不同意")
    causes.uphold(cause, by=after.district(), reason="证明的日期在放弃之后")
    assert offers.times_declined(cause.offer) == 1
    with pytest.raises(causes.CauseRefused, match="不能提出异议"):
        causes.object_to(cause, by=BY, text="再来一次")


# -- bans -----------------------------------------------------------------------------------


def test_from_the_count_to_the_ban_by_people_alone():
    first, second = after.district(), after.district()
    row = after.proposal()
    assert not told("ban_notice")
    row = bans.serve_notice(row, by=first)
    assert row.hearing_due == periods.of("hearing").after(clock.today())
    assert "2次" in Notice.objects.get(code="ban_notice").text
    row = bans.hear(row, by=BY, channel="online", text="第二套太远了")
    bans.draft(row, by=first, text="两次放弃，没有正当理由。")
    with pytest.raises(bans.BanRefused, match="拟稿人"):
        bans.sign(row, by=first)
    row = bans.sign(row, by=second)
    assert row.state == states.B_HEARD and not Ban.objects.exists()  # nobody has the letter yet
    assert bans.take_effect_due() == 0
    letter = row.decision
    letter.refresh_from_db()
    letter.served_at = clock.now()
    letter.save(update_fields=["served_at"])
    assert bans.take_effect_due() == 1
    assert bans.take_effect_due() == 0
    row.refresh_from_db()
    assert row.state == states.B_DECIDED and told("ban_decided")
    assert Ban.objects.count() == 2  # every member
    ban = Ban.objects.first()
    assert (ban.reason, ban.until, ban.decided_by) == (
        "decline_twice", row.until, second.audit_label,
    )  # fmt: skip
    assert ban.until.year == ban.starts_on.year + 2


def test_the_letter_names_the_ways_to_object():
    row = after.heard()
    letter = bans.draft(row, by=after.district(), text="两次放弃，没有正当理由。")
    assert letter.kind == Letter.Kind.BAN
    from applications import decision_letter

    assert decision_letter.title_of(letter) == "限制申请决定书"
    assert "行政复议" in decision_letter.remedies(letter.kind)[0]
    assert decision_letter.pdf(letter)[:5] == b"%PDF-"


def test_no_step_is_left_out():
    row = after.proposal()
    one = after.district()
    with pytest.raises(bans.BanRefused, match="听取说明之后"):
        bans.draft(row, by=one, text="理由")
    with pytest.raises(bans.BanRefused, match="听取说明的阶段"):
        bans.hear(row, by=BY, channel="online", text="我想说")
    with pytest.raises(bans.BanRefused, match="还没有拟好"):
        bans.sign(row, by=one)
    row = bans.serve_notice(row, by=one)
    with pytest.raises(bans.BanRefused, match="不能提前结束"):
        bans.close_hearing(row, by=one)
    make.wait_for(make.noon(row.hearing_due + timedelta(days=1)))
    assert bans.close_hearing(row, by=one).state == states.B_HEARD
    assert not Decision.objects.filter(kind="ban").exists()


def test_the_database_refuses_a_ban_that_skipped_a_step():
    row = after.proposal()
    with pytest.raises(IntegrityError, match="ban_only_by_the_book"), transaction.atomic():
        BanProposal.objects.filter(pk=row.pk).update(state=states.B_DECIDED)


def test_a_cause_claimed_meanwhile_stops_the_ban():
    row = after.heard()
    bans.draft(row, by=after.district(), text="两次放弃")
    causes.claim(row.declines.first(), after.ILL, by=BY)
    with pytest.raises(bans.BanRefused, match="还在核实"):
        bans.sign(row, by=after.district())
    assert not Ban.objects.exists()


def test_a_dropped_proposal_comes_back_only_with_a_further_decline():
    row = bans.drop(after.noticed(), by=after.district(), reason="当时没有收到通知")
    assert row.state == states.B_DROPPED and told("ban_dropped")
    household = row.application
    household.refresh_from_db()
    assert bans.propose_if_due(household) is None
    after.declined(household)
    assert BanProposal.objects.filter(application=household).count() == 2


# -- silence --------------------------------------------------------------------------------


def near_its_end():
    offer = make.opened(make.revealed(2, 1))
    make.wait_for(make.noon(offering.last_day(offer)))
    return offer


def test_a_reminder_goes_out_once_before_the_last_day():
    offer = make.opened()
    assert offers.remind_due() == 0
    make.wait_for(make.noon(offering.last_day(offer)))
    assert offers.remind_due() > 0
    assert offers.remind_due() == 0
    assert told("offer_reminder")


def test_who_is_silent_is_called_first():
    offer = near_its_end()
    assert lapsing.to_call() == [offer]
    lapsing.log_call(offer, by=after.district(), reached=False, note="没有人接")
    assert lapsing.to_call() == [offer]
    lapsing.log_call(offer, by=after.district(), reached=True, note="说再想想")
    assert lapsing.to_call() == []


@pytest.mark.parametrize(
    ("counts", "reached", "expected"),
    [(False, True, 0), (True, None, 0), (True, False, 0), (True, True, 1)],
)
def test_silence_counts_only_by_policy_and_after_a_call(monkeypatch, counts, reached, expected):
    policy(monkeypatch, silence_counts=counts)
    offer = near_its_end()
    if reached is not None:
        lapsing.log_call(offer, by=after.district(), reached=reached, note="电话")
    make.wait_for(offer.due_at)
    assert offers.lapse_due() == 1
    offer.refresh_from_db()
    assert offer.state == states.O_LAPSED
    assert offers.times_declined(offer) == expected
    assert told("offer_lapsed_counted") == bool(expected)


def test_a_call_is_noted_by_who_may_and_with_words():
    offer = near_its_end()
    with pytest.raises(lapsing.CallRefused, match="岗位"):
        lapsing.log_call(offer, by=accounts.staff("street"), reached=True, note="电话")
    with pytest.raises(lapsing.CallRefused, match="写下"):
        lapsing.log_call(offer, by=after.district(), reached=True, note=" ")
    assert not offer.calls.exists()
