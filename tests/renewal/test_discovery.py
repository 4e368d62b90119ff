"""Proactive discovery: who is found, who is passed over, and how little is kept."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import IntegrityError, connection, transaction

from applications import states as case_states
from applications.models import Benefit
from core import clock
from core.identity import ciphers
from core.models import AuditEntry
from datashare.models import FreshAnswer
from renewal import discovery, outreach, states
from renewal.models import DiscoveryRun, NoContact, Outreach
from tests.factories import accounts, tenancies
from tests.factories import applications as make
from tests.factories import discovery as found

pytestmark = pytest.mark.django_db


def search(feed: found.Feed) -> DiscoveryRun:
    """A whole search, stride by stride."""
    run = discovery.begin(today=clock.today())
    assert run is not None
    while discovery.step(run.pk, feed):
        pass
    run.refresh_from_db()
    return run


def test_a_new_entrant_without_home_and_case_becomes_a_task_of_the_street(registers):
    number, street = accounts.id_number(), accounts.bureau("street")
    found.known_to(registers, number, street=street)
    run = search(found.Feed(found.granted(number)))
    row = Outreach.objects.get()
    assert (row.person_number, row.name, row.street) == (number, "试主动", street)
    assert (row.state, row.home) == (states.O_FOUND, Outreach.Known.NO)
    assert row.evidence["provincial"] == row.evidence["civil_affairs"] == "yes"
    assert row.evidence["kind"] == "DB"
    assert run.finished_at
    assert run.counts == {"seen": 1, "found": 1}


def test_every_question_stands_on_the_named_duty_and_asks_about_nobody_else(registers):
    number, relative = accounts.id_number(), accounts.id_number()
    other = {"czrkxm": "试家人", "czrkgmsfhm": relative, "czrkyhzgx": "10"}
    found.known_to(registers, number, members=[other])
    search(found.Feed(found.granted(number)))
    assert {purpose.basis for _question, purpose in registers.asked} == {discovery.BASIS}
    assert {question.person.id_number for question, _purpose in registers.asked} == {number}
    assert {question.source for question, _purpose in registers.asked} == {
        "household_register", "social_assistance", "low_income_aid", "property", "public_tenancy",
        "housing_benefit",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("source", "row", "word"),
    [
        ("property", {"zl": "鄞州区测试路2号", "jzmj": "60"}, "has_home"),
        ("public_tenancy", {"htbh": "GF-1", "fwzl": "鄞州区测试路3号"}, "has_home"),
        ("housing_benefit", {"bzfs": "租赁补贴", "qsrq": "20200101"}, "helped_elsewhere"),
    ],
)
def test_who_has_a_home_or_help_elsewhere_is_not_found_and_nothing_of_them_is_kept(
    registers, source, row, word
):
    number = accounts.id_number()
    found.known_to(registers, number)
    registers.rows[source, number] = [row]
    run = search(found.Feed(found.granted(number)))
    assert run.counts == {"seen": 1, word: 1}
    assert not Outreach.objects.exists()
    assert not FreshAnswer.objects.exists()
    index = ciphers.blind_index(number)
    assert not AuditEntry.objects.filter(subjects__contains=[index]).exists()


def test_a_silent_register_leaves_the_household_in_with_the_mark_unknown(registers):
    number = accounts.id_number()
    found.known_to(registers, number)
    registers.silent["property"] = "timeout"
    assert search(found.Feed(found.granted(number))).counts == {"seen": 1, "found_unsure": 1}
    assert Outreach.objects.get().home == Outreach.Known.UNKNOWN


def test_both_routes_are_compared_and_a_difference_is_shown_not_judged(registers):
    number = accounts.id_number()
    found.known_to(registers, number)
    del registers.rows["social_assistance", number]
    search(found.Feed(found.granted(number)))
    evidence = Outreach.objects.get().evidence
    assert (evidence["provincial"], evidence["civil_affairs"]) == ("no", "yes")


def test_aid_that_neither_route_confirms_is_no_match(registers):
    number = accounts.id_number()
    found.known_to(registers, number, aid=False)
    assert search(found.Feed(found.granted(number))).counts == {"seen": 1, "not_confirmed": 1}


@pytest.mark.parametrize("place", ["person", "register", "aid"])
def test_a_person_in_a_household_in_force_is_never_contacted(registers, place):
    lease = tenancies.lease(2)
    tenant = lease.application.applicant
    number = tenant.id_number if place == "person" else accounts.id_number()
    other = {"czrkxm": "试家人", "czrkgmsfhm": tenant.id_number, "czrkyhzgx": "10"}
    found.known_to(
        registers, number, members=[other] if place == "register" else None,
        head=tenant.id_number if place == "aid" else "",
    )  # fmt: skip
    run = search(found.Feed(found.granted(number)))
    assert run.counts == {"seen": 1, "housed": 1}
    assert not Outreach.objects.exists()
    if place == "person":
        assert not registers.asked
    assert "property" not in {question.source for question, _purpose in registers.asked}


def test_who_stands_with_us_is_passed_over_before_any_register_is_asked(registers):
    applying = make.application(state=case_states.JOINT_REVIEW).applicant.id_number
    in_hand = found.outreach().person_number
    said_no = found.outreach(state=states.O_NOT_WANTED).person_number
    never = accounts.id_number()
    outreach.do_not_contact(ciphers.blind_index(never), by=discovery.WORKER)
    feed = found.Feed(*map(found.granted, (applying, in_hand, said_no, never)))
    assert search(feed).counts == {"seen": 4, "applying": 1, "in_hand": 1, "not_wanted": 2}
    assert not registers.asked


def test_a_no_counts_for_months_and_not_for_ever(registers):
    number = accounts.id_number()
    long_ago = clock.now() - timedelta(days=400)
    found.outreach(number=number, state=states.O_NOT_WANTED, closed_at=long_ago)
    found.known_to(registers, number)
    assert search(found.Feed(found.granted(number))).counts == {"seen": 1, "found": 1}


def test_a_family_newly_granted_aid_is_one_task(registers):
    head, spouse = accounts.id_number(), accounts.id_number(male=False)
    found.known_to(registers, head)
    found.known_to(registers, spouse, head=head)
    search(found.Feed(found.granted(head), found.granted(spouse)))
    assert Outreach.objects.count() == 1


def test_for_a_child_the_head_of_the_household_is_spoken_to(registers):
    child, parent = accounts.id_number(born=make.CHILD_BORN), accounts.id_number()
    head = {"czrkxm": "试家长", "czrkgmsfhm": parent, "czrkyhzgx": "02"}
    found.known_to(registers, child, members=[head], head=parent)
    search(found.Feed(found.granted(child)))
    row = Outreach.objects.get()
    assert (row.person_number, row.name) == (parent, "试家长")


def test_a_search_done_twice_finds_once_and_asks_once(registers):
    number = accounts.id_number()
    found.known_to(registers, number)
    feed = found.Feed(found.granted(number))
    search(feed)
    assert discovery.begin(today=clock.today()) is None
    later = discovery.begin(today=clock.today() + timedelta(days=1))
    asked = len(registers.asked)
    while discovery.step(later.pk, feed):
        pass
    later.refresh_from_db()
    assert later.finished_at
    assert later.counts == {"seen": 1, "in_hand": 1}
    assert Outreach.objects.count() == 1
    assert len(registers.asked) == asked


def test_the_first_search_looks_back_a_month_and_no_further(registers):
    old = found.granted(accounts.id_number(), on=clock.today() - timedelta(days=40))
    run = search(found.Feed(old))
    assert run.last_day - run.first_day == timedelta(days=29)
    assert run.counts == {}


def test_a_night_asks_about_so_many_people_and_goes_on_the_next_night(registers, monkeypatch):
    numbers = [accounts.id_number() for _n in range(5)]
    for number in numbers:
        found.known_to(registers, number)
    monkeypatch.setattr(discovery, "BATCH", 2)
    few = discovery.periods.Period("discovery_nightly", "", 2, "people")
    real = discovery.periods.of
    monkeypatch.setattr(
        discovery.periods, "of", lambda name: few if name == few.name else real(name)
    )
    feed = found.Feed(*map(found.granted, numbers))
    run = discovery.begin(today=clock.today())
    nights = 0
    while run.finished_at is None:
        nights += 1
        while discovery.step(run.pk, feed):
            pass
        run.refresh_from_db()
        assert Outreach.objects.count() == min(2 * nights, 5)
        DiscoveryRun.objects.update(night=clock.today() - timedelta(days=1))
    assert nights == 3


def test_a_search_killed_in_the_middle_loses_nothing_and_doubles_nothing(registers, monkeypatch):
    numbers = [accounts.id_number() for _n in range(4)]
    for number in numbers:
        found.known_to(registers, number)
    monkeypatch.setattr(discovery, "BATCH", 2)
    feed = found.Feed(*map(found.granted, numbers))
    run = discovery.begin(today=clock.today())
    write, calls = discovery._write, []

    def killed(*args, **kwargs):
        calls.append(1)
        if len(calls) == 2:
            raise SystemExit  # after asking, before writing
        write(*args, **kwargs)

    monkeypatch.setattr(discovery, "_write", killed)
    with pytest.raises(SystemExit):
        while discovery.step(run.pk, feed):
            pass
    assert Outreach.objects.count() == 2
    monkeypatch.setattr(discovery, "_write", write)
    while discovery.step(run.pk, feed):
        pass
    run.refresh_from_db()
    assert run.counts == {"seen": 4, "found": 4}
    assert Outreach.objects.count() == 4


def test_while_the_household_register_is_away_the_search_waits_and_goes_on_after(registers):
    number = accounts.id_number()
    found.known_to(registers, number)
    registers.silent["household_register"] = "timeout"
    feed = found.Feed(found.granted(number))
    run = discovery.begin(today=clock.today())
    while discovery.step(run.pk, feed):
        pass
    run.refresh_from_db()
    assert run.waits_since
    assert not run.counts
    assert not discovery.step(run.pk, feed)  # rests a while
    registers.silent.clear()
    DiscoveryRun.objects.update(held_until=None)
    while discovery.step(run.pk, feed):
        pass
    run.refresh_from_db()
    assert run.counts == {"seen": 1, "found": 1}
    assert run.waits_since is None


def test_away_for_more_than_a_day_it_goes_on_and_the_district_gets_the_nameless_task(registers):
    number = accounts.id_number()
    registers.silent["household_register"] = "timeout"
    feed = found.Feed(found.granted(number))
    run = discovery.begin(today=clock.today())
    DiscoveryRun.objects.update(waits_since=clock.now() - timedelta(days=2))
    while discovery.step(run.pk, feed):
        pass
    row = Outreach.objects.get()
    assert (row.name, row.street, row.home) == ("", None, Outreach.Known.UNKNOWN)


def test_the_database_keeps_one_open_task_for_a_person_and_for_a_household():
    row = found.outreach()
    with pytest.raises(IntegrityError), transaction.atomic():
        found.outreach(number=row.person_number)
    with pytest.raises(IntegrityError), transaction.atomic():
        found.outreach(household_key=row.household_key)
    NoContact.objects.create(person_index="a", since=clock.now(), said_by="x")
    with pytest.raises(IntegrityError), transaction.atomic():
        NoContact.objects.create(person_index="a", since=clock.now(), said_by="x")


@pytest.mark.django_db(transaction=True)
def test_two_searches_at_once_make_one_task(registers):
    number = accounts.id_number()
    found.known_to(registers, number)
    feed = found.Feed(found.granted(number))

    def night() -> None:
        try:
            run = discovery.begin(today=clock.today())
            while run is not None and discovery.step(run.pk, feed):
                pass
        finally:
            connection.close()

    with ThreadPoolExecutor(3) as pool:
        list(pool.map(lambda _n: night(), range(3)))
    assert DiscoveryRun.objects.count() == 1
    assert Outreach.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_same_match_written_by_two_processes_is_one_task(registers):
    number = accounts.id_number()
    found.known_to(registers, number)
    feed = [found.granted(number)]
    asking = discovery.discovery_asking.Asking(
        discovery.entrants(feed), case_no="ZDFX-1", by=discovery.WORKER
    )
    told = next(iter(asking.answers()))

    def write(_n: int) -> bool:
        try:
            return discovery.note(told, by=discovery.WORKER) is not None
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as pool:
        assert sum(pool.map(write, range(4))) == 1
    assert Outreach.objects.count() == 1


def test_a_person_housed_between_asking_and_writing_is_not_written(registers):
    number = accounts.id_number()
    found.known_to(registers, number)
    feed = [found.granted(number)]
    asking = discovery.discovery_asking.Asking(
        discovery.entrants(feed), case_no="ZDFX-1", by=discovery.WORKER
    )
    told = next(iter(asking.answers()))
    Benefit.objects.create(
        person_index=ciphers.blind_index(number), kind="home", case_no="x",
        began_on=clock.today(),
    )  # fmt: skip
    assert discovery.note(told, by=discovery.WORKER) is None
