"""Many machines, impatient households, processes killed at random: no home twice, nothing lost."""

import random
import re
from collections import Counter
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import connection
from django.http import HttpResponse

from allocation import intentions, kiosks, ledger, ledgers, rounds, states, verify
from allocation.models import Assignment, Home, Lease, Offer
from core.models import Notice, OutboxMessage, Transition
from tests import stack as parts
from tests.chaos.kiosks import Hall, Kiosk
from tests.factories import allocation as make

pytestmark = pytest.mark.django_db(transaction=True)

SEED = 20261201
RECEIVERS = ("operator", "access", "sms")
# households, homes, machines, how often something is killed
SIZES = [
    pytest.param((40, 26, 4, 2), id="small"),
    pytest.param((2000, 1300, 20, 40), id="full", marks=pytest.mark.soak),
]


@pytest.fixture
def site(transactional_db, tmp_path, monkeypatch):
    monkeypatch.setattr(intentions, "settle", lambda *_args, **_kwargs: "eligible")
    running = parts.Stack(tmp_path)
    parts.declare_queues()
    try:
        with parts.ticking():
            running.start_receivers()
            running.start_web()
            running.start_worker()
            yield running
    finally:
        running.stop()


@pytest.mark.parametrize("size", SIZES)
def test_every_home_has_one_household_and_every_message_arrives_once(site, size):
    households, homes, machines, kills = size
    round_ = make.revealed(households, homes)
    hall = Hall(site.url("web"), SEED)
    tokens = [paired(f"KIOSK-{n}") for n in range(machines)]
    site.wait_for("web", "receivers")
    before = deadlocks()
    waiting = visitors(round_)
    while waiting:  # a home that was declined brings somebody of the reserve to the hall
        for one in waiting:
            hall.waiting.put(one)
        for one in hall.chance.sample(waiting, len(waiting) // 10):
            hall.waiting.put(one)  # wife and husband at two machines
        serve(site, hall, tokens, kills)
        assert hall.broken == [], site.tell()
        waiting, kills = [one for one in visitors(round_) if has_an_answer_open(one)], 0

    everything_is_delivered(site)
    no_home_went_to_two(hall)
    what_is_published_still_verifies(round_)
    every_message_was_applied_once(site)
    assert deadlocks() == before
    call_command("audit_verify")
    print(f"{households} households, {machines} machines, seed {SEED}: {dict(hall.seen)}")


def paired(name):
    """The secret that a machine's browser holds once it was bound by its setup code."""
    make.kiosk(name, f"setup-of-{name}")
    browser = HttpResponse()
    kiosks.pair(browser, f"setup-of-{name}")
    return browser.cookies[kiosks.COOKIE].value


def visitors(round_):
    """Everybody with a code: who has a home drawn, and who is on the reserve list."""
    codes = {}
    for person, text in Notice.objects.filter(code="appointment_booked").values_list(
        "person_index", "text"
    ):
        codes[person] = re.search(r"摇号码是(\d{6})", text)[1]
    return [
        {"entrant": one, "ticket": one.ticket, "number": one.application.applicant.id_number,
         "code": codes[one.application.applicant.id_index]}
        for one in round_.entrants.select_related("application").order_by("ticket")
    ]  # fmt: skip


def has_an_answer_open(visitor):
    return visitor["entrant"].offers.filter(state__in=states.OFFER.open_ids).exists()


def serve(site, hall, tokens, kills):
    """All machines at once; each time another share of the hall is through, something is killed."""
    chance = random.Random(SEED)
    wanted = hall.done + hall.waiting.qsize()
    start, total = hall.done, hall.waiting.qsize()
    threads = [Kiosk(hall, n, token) for n, token in enumerate(tokens)]
    for one in threads:
        one.start()
    for n in range(kills):
        share = start + total * (n + 1) / (kills + 1)
        site.until(lambda share=share: hall.done >= share or not alive(threads), 600)
        kill_something(site, chance, n)
    mend(site)
    site.until(lambda: not alive(threads), 1800)
    assert hall.done == wanted or hall.broken


def alive(threads):
    return any(one.is_alive() for one in threads)


def kill_something(site, chance, n):
    """-9 for the web server, for the worker, or both; until the next time a receiver is away."""
    victims = [("web",), ("worker",), ("web", "worker")][n % 3]
    mend(site)
    away(site, chance.choice(RECEIVERS), chance.choice(["http_500", "down", "garbage"]))
    site.stop(*victims)
    if "web" in victims:
        site.start_web()
    if "worker" in victims:
        site.start_worker()


def away(site, receiver, mode):
    parts._json(f"{site.url('receivers')}/_mock/faults", {"name": receiver, "mode": mode})


def mend(site):
    for receiver in RECEIVERS:
        away(site, receiver, "ok")


def deadlocks():
    with connection.cursor() as cursor:
        cursor.execute("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")
        return cursor.fetchone()[0]


# -- What must be true at the end -------------------------------------------------------------


def everything_is_delivered(site):
    """Receivers are well, time passes, and the queue runs empty by itself."""
    mend(site)
    open_ = OutboxMessage.objects.exclude(state="confirmed").filter(destination__in=RECEIVERS)

    def empty():
        if not open_.exists():
            return True
        site.pass_time(timedelta(seconds=40))
        return False

    site.until(empty, 900)
    unfiled = Lease.objects.exclude(state=states.L_FILED)
    site.until(lambda: not unfiled.exists(), 600)  # receipts are read so many at a time


def no_home_went_to_two(hall):
    accepted = Offer.objects.filter(state=states.O_ACCEPTED).select_related("home", "entrant")
    for who in ("home_id", "entrant_id"):
        assert max(Counter(getattr(one, who) for one in accepted).values()) == 1
    assert hall.accepted == {one.entrant.ticket for one in accepted}  # what a slip said is so
    assert Offer.objects.filter(state__in=states.OFFER.open_ids).count() == 0
    leases = Lease.objects.all()
    assert sorted(one.offer_id for one in leases) == sorted(one.pk for one in accepted)
    assert {one.home.state for one in accepted} == {states.H_LET}
    let = Home.objects.filter(state=states.H_LET).count()
    free = Home.objects.filter(state=states.H_AVAILABLE).count()
    assert (let, let + free) == (len(accepted), Home.objects.count())
    moves = Transition.objects.filter(thing_type="allocation.offer")
    once = Counter(moves.values_list("thing_id", "to_state"))
    assert max(once.values()) == 1


def what_is_published_still_verifies(round_):
    round_.refresh_from_db()
    assert verify.passed(verify.verify_files(rounds.files(round_)))
    assert ledger.verify_ledger(ledgers.file(round_)) == []
    lines = Counter(re.search(r'"event":"(\w+)"', one.text)[1] for one in round_.ledger.all())
    offers = Counter(Offer.objects.values_list("state", flat=True))
    assert lines["accepted"] == offers[states.O_ACCEPTED]
    assert lines["declined"] == offers[states.O_DECLINED]
    assert lines["reserve_offer"] == Offer.objects.filter(origin="reserve").count()
    assert Assignment.objects.filter(round=round_).count() == round_.entrants.count()


def every_message_was_applied_once(site):
    """A receiver applies a key once, however often it comes: each key is there, and no other."""
    told = parts._json(f"{site.url('receivers')}/_mock/received")
    leases = set(Lease.objects.values_list("number", flat=True))
    for name in RECEIVERS:
        queued = set(OutboxMessage.objects.filter(destination=name).values_list("key", flat=True))
        assert set(told["messages"].get(name, {})) == queued
        assert told["posts"].get(name, 0) >= len(queued)
    for name, kind in (("operator", "lease"), ("access", "grant")):
        applied = Counter(one["contractNo"] for one in told["messages"][name].values())
        assert applied == dict.fromkeys(leases, 1)
        assert {key.partition("-")[0] for key in told["messages"][name]} == {kind}
