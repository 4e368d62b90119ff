"""Whatever fails or stays silent, in whatever order: nobody is ended without the whole chain."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from allocation import access_ends, leases
from allocation import states as allocation_states
from allocation.leases import deposits
from allocation.models import AccessEnd
from applications import reconsiderations, service_consents, serving
from applications.models import Benefit
from core import clock
from core.refusals import Refusal
from renewal import exits, states
from renewal.exits import deaths, extending
from renewal.models import ExitCase
from tests.factories import accounts, tenancies
from tests.renewal.test_exits import FLAG

pytestmark = pytest.mark.django_db
ENDS = (states.X_DECIDED, states.X_MOVING, states.X_COURT, states.X_HANDED_BACK)
WORDS = "说明"


class World:
    """One household, three of the office, and a clock that only runs on."""

    def __init__(self, ground, electronic):
        self.lease = tenancies.lease(2)
        self.family = self.lease.application.created_by
        self.first, self.second, self.third = (accounts.staff("district") for _n in range(3))
        if electronic:
            service_consents.give(self.lease.application.applicant.id_index, by=self.family)
        self.case = exits.open_case(self.lease, ground=ground, flags=[FLAG], by=self.first.user)
        self.now = clock.now()

    def letter(self, name):
        self.case.refresh_from_db()
        found = getattr(self.case, name)
        if found is None:
            raise exits.ExitRefused("no letter")
        return found

    def request(self):
        return self.letter("decision").reconsideration


# machines: the sweeps, and a register, a worker or a household that is silent while time passes
MACHINES = {
    "a day passes": lambda w: None,
    "a month passes": lambda w: None,
    "half a year passes": lambda w: None,
    "notices": lambda w: exits.served_due(),
    "decisions": lambda w: exits.take_effect_due(),
    "answers": lambda w: exits.settle_answers(),
    "reminders": lambda w: exits.reminding.remind_due(clock.today()),
}
PEOPLE = {
    "confirm": lambda w: exits.confirm(w.case, by=w.first, second_route=WORDS),
    "notice": lambda w: exits.serve_notice(w.case, by=w.first),
    "notice handed over": lambda w: serving.hand_over(w.letter("notice"), by=w.first, note=WORDS),
    "family speaks": lambda w: exits.hear(w.case, by=w.family, channel="online", text=WORDS),
    "family says all": lambda w: exits.hear(
        w.case, by=w.first.user, channel="phone", text=WORDS, all_said=True
    ),
    "nobody spoke": lambda w: exits.close_hearing(w.case, by=w.first),
    "more time": lambda w: extending.ask(w.case, of="hearing", by=w.family, reason=WORDS),
    "time to move": lambda w: extending.ask(w.case, of="move_out", by=w.family, reason=WORDS),
    "no more time": lambda w: extending.answer(
        w.case.extensions.filter(granted=None).last() or refuse(), by=w.first, granted=False,
        text=WORDS,
    ),
    "meeting": lambda w: exits.ask_meeting(w.case, by=w.family),
    "draft": lambda w: exits.draft_end(w.case, by=w.first, text=WORDS),
    "sign own": lambda w: exits.sign_end(w.case, by=w.first),
    "sign": lambda w: exits.sign_end(w.case, by=w.second),
    "decision handed over": lambda w: serving.hand_over(
        w.letter("decision"), by=w.second, note=WORDS
    ),
    "look again": lambda w: reconsiderations.ask(w.letter("decision"), by=w.family, text=WORDS),
    "upheld": lambda w: reconsiderations.answer(
        w.request(), by=w.third, overturned=False, text=WORDS
    ),
    "overturned": lambda w: reconsiderations.answer(
        w.request(), by=w.third, overturned=True, text=WORDS
    ),
    "market rent": lambda w: exits.start_market_rent(w.case, by=w.first),
    "refer": lambda w: exits.refer(w.case, by=w.first, court="区法院", reason=WORDS),
    "filing": lambda w: exits.note_filing(w.case, by=w.first, filing_no="民初1号"),
    "enforce": lambda w: exits.enforce(w.case, by=w.first, document="执1号"),
    "hand back": lambda w: exits.hand_back(w.case, by=w.first.user, note="交房单1号"),
    "lease alone": lambda w: leases.end(w.lease, on=clock.today(), by=w.first.user),
    "clear": lambda w: exits.clear(w.case, by=w.first, reason=WORDS),
    "relatives": lambda w: deaths.to_relatives(w.case, by=w.first),
    "forced state": lambda w: ExitCase.objects.filter(pk=w.case.pk).update(
        state=states.X_MOVING
    ),
}  # fmt: skip
PASSING = {"a day passes": 1, "a month passes": 31, "half a year passes": 190}
FAITHFUL = (
    "confirm", "notice", "notice handed over", "notices", "family says all", "draft", "sign",
    "decision handed over", "decisions", "half a year passes", "refer", "filing", "hand back",
)  # fmt: skip
STEPS = {**MACHINES, **PEOPLE}


def refuse():
    raise exits.ExitRefused("nothing asked")


def attempt(world, name):
    """One step; refused by a sentence or by the database, it changes nothing."""
    if name in PASSING:
        world.now += timedelta(days=PASSING[name])
        return
    with clock.held_at(world.now):
        try:
            with transaction.atomic():
                STEPS[name](world)
        except (Refusal, DatabaseError, ExitCase.DoesNotExist):
            pass
        except Exception as error:  # a decision that nobody has asked about again
            if "RelatedObjectDoesNotExist" not in type(error).__name__:
                raise
    world.case.refresh_from_db()
    world.lease.refresh_from_db()


def check(world):
    case, lease = world.case, world.lease
    ended = lease.state == allocation_states.L_ENDED
    ground = AccessEnd.objects.filter(lease=lease).first()
    revoked = lease.grants.filter(state="revoked").exists()
    if case.state in ENDS:
        whole_chain(case)
    else:
        assert lease.state in (allocation_states.L_SIGNED, allocation_states.L_FILED)
    assert ended == (case.state == states.X_HANDED_BACK)
    if ended or revoked:
        assert ground is not None
        assert ground.signed_by or (case.filing_no and case.enforcement_no == ground.document)
    if not ended:
        assert not revoked
        assert Benefit.objects.filter(case_no=lease.case_no, ended_on=None).count() == 2
    if case.rent_after_from is not None:
        assert case.rent_after == "market" and case.decision is not None


def whole_chain(case):
    letter, notice = case.decision, case.notice
    assert case.confirmed_by is not None and case.second_route.strip()
    assert notice is not None and notice.signed_at and case.notice_served_at
    proved = notice.served_at or case.hearings.filter(channel="online").exists()
    assert proved and case.hearings.exists()
    drafted = letter.drafted_at.astimezone(clock.LOCAL).date()
    assert drafted > case.hearing_due or case.hearings.filter(all_said=True).exists()
    assert letter.signed_by is not None and letter.signed_by != letter.drafted_by
    assert letter.served_at is not None and case.decided_at and case.rent_after
    assert letter.deliveries.filter(state="served").exists()
    assert not letter.replaced or case.state != states.X_COURT


@given(
    steps=st.lists(st.sampled_from(sorted(STEPS)), max_size=24),
    kept=st.integers(0, len(FAITHFUL)),
    electronic=st.booleans(),
    ground=st.sampled_from(["not_entitled", "arrears"]),
)
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
def test_nobody_is_ended_without_the_whole_chain(steps, kept, electronic, ground):
    with transaction.atomic():
        world = World(ground, electronic)
        for name in (*FAITHFUL[:kept], *steps):
            attempt(world, name)
            check(world)
        transaction.set_rollback(True)


@given(steps=st.lists(st.sampled_from(sorted(MACHINES)), max_size=30), kept=st.integers(0, 3))
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
def test_machines_and_silence_alone_never_move_a_case(steps, kept):
    with transaction.atomic():
        world = World("not_entitled", electronic=True)
        for name in ("confirm", "notice", "family speaks")[:kept]:
            attempt(world, name)
        before = world.case.state
        for name in steps:
            attempt(world, name)
            assert world.case.state == before
            check(world)
        transaction.set_rollback(True)


def test_the_faithful_way_reaches_its_end():
    """So that the property above is not true of a way that leads nowhere."""
    world = World("arrears", electronic=False)
    seen = []
    for name in FAITHFUL:
        attempt(world, name)
        check(world)
        seen.append(world.case.state)
    assert seen[-1] == states.X_HANDED_BACK
    assert states.X_MOVING in seen and states.X_COURT in seen
    assert access_ends.ground_of(world.lease) and deposits.due_back(world.lease)
