"""What the database itself refuses when verbs are passed by, or all call at the same instant."""

import pytest
from django.db import Error, connection, transaction

from allocation import handover, intentions, offers, states
from allocation.models import Assignment, Home, Lease, Offer, Reveal
from core import clock
from core.models import Notice, Transition
from tests.concurrency.test_reveal import at_once, refused
from tests.factories import allocation as make

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("_checked")]
BY = offers.SYSTEM
AT_ONCE = 10


@pytest.fixture
def _checked(monkeypatch):
    monkeypatch.setattr(intentions, "settle", lambda *_args, **_kwargs: "eligible")


def one_remains(rows, *acts):
    """All at once, straight into the table: one row more than before, every other act refused."""
    before = rows.count()
    results = at_once(*(_straight(act) for act in acts))
    assert rows.count() == before + 1
    assert len(refused(results)) == len(acts) - 1


def _straight(act):
    """An insert of its own transaction; whatever the server refuses it with is an answer."""

    def run():
        try:
            with transaction.atomic():
                return act()
        except Error as error:  # a constraint, or a deadlock that it led to
            return error

    return run


def lease_of(home, application, number, term):
    now = clock.now()
    return lambda: Lease.objects.create(
        number=number, application=application, home=home, tier="ZPX", term=term, rent_monthly=1,
        deposit=1, state_since=now, created_at=now,
    )  # fmt: skip


def offer_of(entrant, home, state=states.O_UNOPENED):
    now = clock.now()
    return lambda: Offer.objects.create(
        entrant=entrant, home=home, state=state, state_since=now, rent_monthly=1, due_at=now
    )


def test_one_current_lease_per_home():
    term, home = make.signed().term, make.home()
    people = [make.waiting() for _n in range(4)]
    acts = [lease_of(home, one, f"H{n}", term) for n, one in enumerate(people)]
    one_remains(Lease.objects.filter(home=home), *acts)


def test_one_current_lease_per_household():
    term, household = make.signed().term, make.waiting()
    homes = [make.home() for _n in range(4)]
    acts = [lease_of(one, household, f"P{n}", term) for n, one in enumerate(homes)]
    one_remains(Lease.objects.filter(application=household), *acts)


def test_a_cancelled_lease_leaves_room_for_another():
    lease = make.to_sign()
    Lease.objects.filter(pk=lease.pk).update(state=states.L_CANCELLED)
    lease_of(lease.home, lease.application, "AGAIN", lease.term)()
    assert Lease.objects.filter(home=lease.home).count() == 2


def test_one_assignment_per_ticket_and_per_home_and_position():
    round_ = make.frozen(AT_ONCE, AT_ONCE)
    entrants, homes = list(round_.entrants.all()), list(round_.homes.all())

    def row(entrant, position, home):
        return lambda: Assignment.objects.create(
            round=round_, entrant=entrant, position=position, home=home
        )

    rows = Assignment.objects.all()
    one_remains(rows, *(row(entrants[0], n + 1, homes[n]) for n in range(AT_ONCE)))
    taken = rows.get()
    one_remains(
        rows.exclude(pk=taken.pk),
        *(row(entrants[n], 100 + n, homes[-1 if taken.home != homes[-1] else 0])
          for n in range(1, AT_ONCE)),
    )  # fmt: skip
    fresh = [one for one in entrants if not Assignment.objects.filter(entrant=one).exists()]
    one_remains(rows, *(row(one, 500, None) for one in fresh))


def test_one_reveal_per_round_and_nobody_changes_it():
    round_ = make.frozen(3, 1)

    def row(n):
        return lambda: Reveal.objects.create(
            round=round_, entropy=f"{n:040d}", seed="0" * 64, text="{}", at=clock.now(), by="x"
        )

    one_remains(Reveal.objects.filter(round=round_), *map(row, range(AT_ONCE)))
    for statement in ("UPDATE %s SET seed = 'f'", "DELETE FROM %s"):
        with pytest.raises(Error), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement % Reveal._meta.db_table)


def test_one_open_offer_per_home_and_per_household():
    round_ = make.frozen(AT_ONCE, AT_ONCE)
    entrants, homes = list(round_.entrants.all()), list(round_.homes.all())
    one_remains(Offer.objects.all(), *(offer_of(one, homes[0]) for one in entrants))
    mine = Offer.objects.get().entrant
    free = [one for one in entrants if one != mine]
    one_remains(Offer.objects.filter(entrant=free[0]), *(offer_of(free[0], h) for h in homes[1:]))
    closed = [offer_of(mine, homes[0], state=states.O_LAPSED)() for _n in range(2)]
    assert len(closed) == 2  # what is over takes nobody's place


def test_a_home_offered_by_the_verb_to_ten_households_at_once_goes_to_one():
    round_ = make.revealed(AT_ONCE + 1, 1)
    held = Offer.objects.get(entrant__round=round_)
    Offer.objects.filter(pk=held.pk).update(state=states.O_LAPSED)
    Home.objects.update(state=states.H_AVAILABLE)
    others = list(round_.entrants.exclude(pk=held.entrant_id))
    one_remains(
        Offer.objects.filter(state=states.O_UNOPENED),
        *(lambda e=one: offers.make(e, Home.objects.get(), origin="reserve", by=BY)
          for one in others),
    )  # fmt: skip
    told = Notice.objects.filter(code="offer_made", case_no__in=[one.case_no for one in others])
    assert told.count() == 1  # who got nothing was told nothing


def test_twenty_machines_open_one_result_once():
    offer = Offer.objects.get(entrant__round=make.revealed(2, 1))
    results = at_once(
        *(lambda n=n: offers.open_result(offer, by=BY, via=f"KIOSK-{n}") for n in range(20))
    )
    assert refused(results) == []
    opened = Transition.objects.filter(thing_id=str(offer.pk), to_state=states.O_OPEN)
    assert opened.count() == 1
    assert len({one.opened_via for one in results}) == 1


def test_an_answer_at_the_deadline_and_the_lapse_never_both_happen():
    offer = make.opened(make.revealed(2, 1))
    make.wait_for(offer.due_at - clock.now().resolution)
    results = at_once(
        offers.lapse_due, offers.lapse_due, lambda: offers.accept(offer, by=BY, via="phone")
    )
    offer.refresh_from_db()
    assert offer.state == states.O_LAPSED and len(refused(results)) == 1
    assert Offer.objects.filter(origin="reserve").count() == 1
    assert not Lease.objects.exists()


def test_ten_signatures_at_once_tell_the_operator_once():
    offer = make.opened(make.revealed(1, 1))
    offers.accept(offer, by=BY, via="phone")
    make.sign_accepted(offer)
    results = at_once(*([lambda: make.sign_accepted(offer)] * AT_ONCE))
    assert refused(results) == []
    lease = Lease.objects.get()
    assert set(handover.messages(lease)) == {"lease", "grant"}
    assert lease.grants.count() == lease.application.members.filter(excluded=False).count()
