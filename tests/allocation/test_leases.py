"""From the accepted home to the signed hand-back."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange

from allocation import leases, offers, states
from allocation.models import AccessGrant, Lease
from applications import periods
from applications import states as application_states
from applications.models import Benefit
from core import clock
from core.models import OutboxMessage
from tests.factories import allocation as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
BY = offers.SYSTEM


def test_nobody_signs_what_was_not_explained():
    offer = make.opened()
    offers.accept(offer, by=BY, via="phone")
    with pytest.raises(leases.LeaseRefused, match="先看完"):
        leases.sign(offer.lease, by=BY)
    offer.lease.refresh_from_db()
    assert offer.lease.state == states.L_TO_SIGN
    assert not OutboxMessage.objects.filter(destination__in=["operator", "access"]).exists()


def test_the_signature_begins_benefit_lease_and_keys_at_once():
    lease = make.signed()
    people = lease.application.members.count()
    assert lease.state == states.L_SIGNED and lease.signed_at
    assert lease.home.state == states.H_LET
    lease.application.refresh_from_db()
    assert lease.application.state == application_states.CLOSED
    assert lease.application.wait_entry.ended_at is not None
    benefits = Benefit.objects.filter(case_no=lease.case_no)
    assert (benefits.count(), benefits.first().began_on) == (people, clock.today())
    assert lease.grants.filter(state=AccessGrant.State.QUEUED).count() == people
    keys = OutboxMessage.objects.filter(destination__in=["operator", "access"])
    assert set(keys.values_list("destination", "key")) == {
        ("operator", f"lease-{lease.number}"),
        ("access", f"grant-{lease.number}"),
    }


def test_a_second_signature_finds_it_done():
    lease = make.signed()
    again = leases.sign(lease, by=BY)
    assert again.signed_at == lease.signed_at
    assert OutboxMessage.objects.filter(destination="access").count() == 1


def test_the_term_is_that_of_the_table_and_never_above_five_years():
    lease = make.signed()
    assert lease.term.upper == periods.of("lease_term").after(lease.term.lower)
    assert lease.term.upper <= lease.term.lower + timedelta(days=5 * 366)


def test_the_digest_covers_what_was_agreed():
    lease = make.signed()
    assert leases.digest(lease) == lease.text_digest
    lease.rent_monthly += 1
    assert leases.digest(lease) != lease.text_digest


def test_the_push_tells_no_income_health_or_id_number():
    lease = make.signed()
    for message in OutboxMessage.objects.filter(destination__in=["operator", "access"]):
        text = str(message.payload)
        for member in lease.application.members.all():
            assert member.id_number not in text
        for word in ("income", "tier", "ZPX", "declared", "health"):
            assert word not in text


def test_somebody_in_another_benefit_is_named_by_half_and_nothing_changes():
    lease = make.to_sign()
    member = lease.application.members.last()
    Benefit.objects.create(
        person_index=member.id_index, kind="home", case_no="OTHER", began_on=clock.today()
    )
    with pytest.raises(leases.LeaseRefused, match="已在另一份") as refused:
        leases.sign(lease, by=BY)
    assert member.name not in str(refused.value)
    lease.refresh_from_db()
    assert lease.state == states.L_TO_SIGN


def test_the_database_lets_a_home_and_a_household_once_at_a_time():
    lease = make.signed()
    other = make.waiting()
    fields = {
        "tier": "ZPX", "rent_monthly": 1, "deposit": 1, "state_since": clock.now(),
        "created_at": clock.now(), "term": lease.term,
    }  # fmt: skip
    with pytest.raises(IntegrityError, match="one_lease_per_home"), transaction.atomic():
        Lease.objects.create(number="A", application=other, home=lease.home, **fields)
    with pytest.raises(IntegrityError, match="one_lease_per_household"), transaction.atomic():
        Lease.objects.create(number="B", application=lease.application, home=make.home(), **fields)
    later = DateRange(lease.term.upper, lease.term.upper + timedelta(days=30))
    Lease.objects.create(
        number="C", application=other, home=lease.home, **{**fields, "term": later}
    )


def test_access_and_benefit_end_at_the_hand_back_and_not_before():
    lease = make.signed()
    lease = leases.start_move_out(lease, until=clock.today() + timedelta(days=90), by=BY)
    assert lease.state == states.L_ENDING
    assert not lease.grants.filter(state=AccessGrant.State.REVOKED).exists()
    assert not OutboxMessage.objects.filter(kind="revoke").exists()
    clock.advance(timedelta(days=10))
    on = clock.today()
    make.handed_back(lease)
    ended = leases.end(lease, on=on, by=BY)
    assert ended.term.upper == on + timedelta(days=1)
    assert set(Benefit.objects.values_list("ended_on", flat=True)) == {on}
    assert ended.home.state == states.H_VACATING
    assert set(lease.grants.values_list("state", flat=True)) == {AccessGrant.State.REVOKED}
    told = OutboxMessage.objects.filter(key__endswith=lease.number)
    assert {one.kind for one in told} == {"lease", "grant", "lease_ended", "revoke"}
    assert leases.end(lease, on=on, by=BY).state == states.L_ENDED


def test_a_benefit_that_begins_in_the_same_moment_is_refused_in_words(monkeypatch):
    lease = make.to_sign()
    looks = iter([None, leases.LeaseRefused("已在另一份")])  # before and after the signature

    def look(_lease):
        if refusal := next(looks):
            raise refusal

    def begin(*_args):
        raise IntegrityError("one_benefit_in_force_per_person")

    monkeypatch.setattr(leases.beginning, "refuse_other_benefit", look)
    monkeypatch.setattr(leases.beginning, "begin_benefit", begin)
    with pytest.raises(leases.LeaseRefused, match="另一份"):
        leases.sign(lease, by=BY)
    lease.refresh_from_db()
    assert lease.state == states.L_TO_SIGN and not Benefit.objects.exists()
