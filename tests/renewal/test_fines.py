"""A fine is proposed by one, told, heard, decided by another, and never by itself."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from applications import decision as letters
from applications import periods, service_consents
from applications.models import Decision
from core import clock
from core.models import Notice
from core.refusals import Refusal
from renewal import violation_states as states
from renewal.models import Fine
from renewal.violations import fines
from tests.factories import tenancies
from tests.factories import violations as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return make.officer()


@pytest.fixture
def other():
    return make.officer()


@pytest.fixture
def established(officer, other):
    lease = tenancies.lease(2)
    service_consents.give(lease.application.applicant.id_index, by=lease.application.created_by)
    return make.confirmed(make.found(lease, by=officer), officer, other)


def drafted(row, officer, **said):
    row = fines.notice(row, by=officer)
    fines.speak(row, by=officer.user, channel="phone", text="愿意改", **said)
    return Fine.objects.get(pk=row.pk)


def after_speaking(row):
    return make.on(row.speak_until + timedelta(days=1))


def test_nothing_is_fined_before_it_is_established(officer):
    row = make.ordered(make.found(by=officer), officer)
    with pytest.raises(fines.FineRefused):
        make.fine(row, officer)
    assert not Fine.objects.exists()


def test_the_sum_stays_within_the_policy(established, officer):
    assert fines.most(Decimal(0)) == 1000
    assert fines.most(Decimal(2000)) == 6000 and fines.most(Decimal(20000)) == 30000
    for amount, gain in (("1000.01", 0), ("0", 0), ("6001", 2000), ("1", -1)):
        with pytest.raises(fines.FineRefused):
            fines.propose(
                established, amount=Decimal(amount), gain=Decimal(gain), grounds="x", by=officer
            )
    row = make.fine(established, officer, "1000")
    assert row.decide_by == periods.of("fine_decide").after(row.proposed_on)
    with pytest.raises(fines.FineRefused):  # the same matter is fined once
        make.fine(established, officer)


def test_the_whole_way_of_a_fine(established, officer, other):
    row = drafted(make.fine(established, officer), officer)
    with after_speaking(row):
        letter = fines.draft(row, by=officer, text="罚款500元")
        with pytest.raises(fines.FineRefused):
            fines.sign(row, by=officer)
        with pytest.raises(letters.DecisionRefused):  # by its own procedure alone
            letters.sign(letter, by=other)
        row = fines.sign(row, by=other)
        assert row.state == states.P_DECIDED and row.decided_by == other
        row = Fine.objects.get(pk=row.pk)
        assert fines.pay_by(row) == periods.of("fine_pay").after(clock.today())
        assert letters.pdf(row.decision).startswith(b"%PDF")
        row = fines.paid(row, on=clock.today(), receipt="J-1", by=officer)
    assert row.state == states.P_PAID
    established.lease.refresh_from_db()
    assert established.lease.state == "filed"


def test_no_step_of_a_fine_can_be_skipped(established, officer, other):
    row = make.fine(established, officer)
    for step in (
        lambda: fines.speak(row, by=officer.user, channel="phone", text="x"),
        lambda: fines.draft(row, by=officer, text="x"),
        lambda: fines.sign(row, by=other),
        lambda: fines.paid(row, on=clock.today(), receipt="x", by=officer),
    ):
        with pytest.raises(Refusal):
            step()
    assert not Decision.objects.exists()
    for state in (states.P_DECIDED, states.P_PAID):
        with pytest.raises(IntegrityError), transaction.atomic():
            Fine.objects.filter(pk=row.pk).update(state=state)
    with pytest.raises(IntegrityError), transaction.atomic():
        Fine.objects.filter(pk=row.pk).update(decided_by=officer)


def test_a_hearing_that_was_asked_for_is_held_by_somebody_else_first(established, officer, other):
    row = drafted(make.fine(established, officer), officer, wants_hearing=True)
    with after_speaking(row):
        with pytest.raises(fines.FineRefused):
            fines.draft(row, by=officer, text="x")
        with pytest.raises(fines.FineRefused):
            fines.hold_hearing(row, on=clock.today(), minutes="笔录", by=officer)
        fines.hold_hearing(row, on=clock.today(), minutes="笔录", by=other)
        fines.draft(row, by=officer, text="罚款500元")
        row = fines.sign(row, by=other)
    assert row.state == states.P_DECIDED


def test_the_days_to_speak_are_kept_and_the_ninety_days_are_shown(established, officer):
    row = drafted(make.fine(established, officer), officer)
    with pytest.raises(fines.FineRefused):
        fines.draft(row, by=officer, text="x")
    assert not fines.is_late(row, row.decide_by)
    assert fines.is_late(row, row.decide_by + timedelta(days=1))


def test_a_fine_can_be_dropped_until_it_is_paid(established, officer, other):
    row = drafted(make.fine(established, officer), officer)
    with after_speaking(row):
        fines.draft(row, by=officer, text="x")
        fines.sign(row, by=other)
        row = fines.drop(row, reason="情况轻微并已改正", by=other)
    assert row.state == states.P_DROPPED and Decision.objects.get().replaced
    assert Notice.objects.filter(code="fine_dropped").count() == 1
