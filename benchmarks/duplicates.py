"""疑似重复: how sure the likeness is, and how fast, beside 100,000 households.

The labelled set of `likeness_set` is written beside the demo's own cases, with registers' answers
and all, and taken away again at the end. What is measured are the platform's own verbs: the check
of one case as a submission runs it, and the night's run over everybody. Precision and recall are
those of the run's rows against the labels.
"""

import random
import statistics
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice

from django.db import connection

from accounts.models import Bureau, User
from applications import duplicate_run, duplicates, likeness_keys, likeness_table
from applications.models import (
    Application,
    DuplicateRun,
    Evidence,
    LikenessKey,
    Member,
    PossibleDuplicate,
)
from benchmarks import likeness_set
from benchmarks.figures import Figure
from benchmarks.likeness_set import Entry, LabelledSet
from core import clock
from core.identity import ciphers
from datashare.mock_gateway.city import City

HOUSEHOLDS = 100_000
CHECKS = 400
CHECK_LIMIT, BULK_LIMIT = 200.0, 10.0  # milliseconds, seconds
PRECISION, RECALL = 0.95, 0.85
_PORTION = 5_000
_MARK = "BENCH"  # the case numbers of what is written here
_OURS = f"""
    SELECT one.id FROM applications_member one
    JOIN applications_application home ON home.id = one.application_id
    WHERE home.case_no LIKE '{_MARK}%'
"""
_AWAY = (
    f"DELETE FROM applications_possibleduplicate WHERE low_id IN ({_OURS}) OR high_id IN ({_OURS})",
    f"DELETE FROM applications_likenesskey WHERE member_id IN ({_OURS})",
    f"DELETE FROM applications_evidence WHERE member_id IN ({_OURS})",
    "DELETE FROM applications_searchword WHERE application_id IN"
    f" (SELECT id FROM applications_application WHERE case_no LIKE '{_MARK}%')",
    f"DELETE FROM applications_member WHERE id IN ({_OURS})",
    f"DELETE FROM applications_application WHERE case_no LIKE '{_MARK}%'",
)


def figures(city: City) -> Iterator[Figure]:
    """Precision and recall, the check of one case, the run over everybody."""
    _take_away()  # what a run that was stopped has left
    taken = [one.id_number for one in Member.objects.only("id_number")]
    labelled = likeness_set.make(HOUSEHOLDS, taken=taken)
    with _beside_the_demo(labelled) as first_keys:
        run, took, joined = _the_night()
        yield _bulk(run, took, first_keys)
        yield Figure(
            name="duplicates_of_join", value=took, unit="s", reference=joined,
            ratio=took / joined, goal=3, better="low",
            note="the whole run beside the bare self-join of the keys in PostgreSQL",
        )  # fmt: skip
        yield from _sureness(labelled)
        yield from _check()


# -- Figures -------------------------------------------------------------------------------------


def _sureness(labelled: LabelledSet) -> Iterator[Figure]:
    rows = PossibleDuplicate.objects.values_list("low_index", "high_index")
    found = {frozenset(pair) for pair in rows}
    indexed = {frozenset(map(ciphers.blind_index, pair)) for pair in labelled.same}
    known = {ciphers.blind_index(one.id_number) for home in labelled.households for one in home}
    found = {pair for pair in found if pair <= known}  # the demo's own pairs have no label
    right = len(found & indexed)
    note = f"{len(found)} found, {right} of {len(indexed)} labelled"
    for name, value, goal in (
        ("duplicates_precision", right / len(found), PRECISION),
        ("duplicates_recall", right / len(indexed), RECALL),
    ):
        yield Figure(name=name, value=value, unit="", reference=1, ratio=value, goal=goal,
                     better="high", note=note)  # fmt: skip


def _check() -> Iterator[Figure]:
    """`duplicates.check` of cases drawn by lot, each beside its bare look-up by index."""
    rows = Application.objects.filter(case_no__startswith=_MARK).order_by("pk")
    ids = random.Random(likeness_set.SEED).sample(list(rows.values_list("pk", flat=True)), CHECKS)
    times, bare = [], []
    for one in Application.objects.filter(pk__in=ids).order_by("?"):
        bare.append(_bare_look(one))
        began = time.perf_counter()
        duplicates.check(one)
        times.append((time.perf_counter() - began) * 1000)
    value, reference = _p95(times), _p95(bare)
    note = (
        f"p95 of {CHECKS} beside {HOUSEHOLDS:,} households, median {statistics.median(times):.1f}"
    )
    yield Figure(name="duplicates_check", value=value, unit="ms", reference=CHECK_LIMIT,
                 ratio=value / CHECK_LIMIT, goal=1, better="low", note=note)  # fmt: skip
    yield Figure(
        name="duplicates_of_lookup", value=value, unit="ms", reference=reference,
        ratio=value / reference, goal=30, better="low",
        note="the same beside PostgreSQL's bare look-up of the same keys",
    )  # fmt: skip


def _bulk(run: DuplicateRun, took: float, first_keys: float) -> Figure:
    return Figure(
        name="duplicates_bulk", value=took, unit="s", reference=BULK_LIMIT,
        ratio=took / BULK_LIMIT, goal=1, better="low",
        note=f"{run.pairs:,} pairs compared; the first night makes all keys in {first_keys:.0f} s",
    )  # fmt: skip


def _the_night() -> tuple[DuplicateRun, float, float]:
    """A run with every key in its place; its seconds, and those of the bare join."""
    began = time.perf_counter()
    duplicate_run.pairs(likeness_table.on(clock.today()).block_limit)
    joined = time.perf_counter() - began
    DuplicateRun.objects.filter(day=clock.today()).delete()
    began = time.perf_counter()
    run = duplicate_run.run(clock.today())
    return run, time.perf_counter() - began, joined


def _bare_look(application: Application) -> float:
    held = LikenessKey.objects.filter(member__application=application)
    keys = sorted({key for found in held.values_list("keys", flat=True) for key in found})
    began = time.perf_counter()
    likeness_keys.holders_of(keys)
    return (time.perf_counter() - began) * 1000


def _p95(values: list[float]) -> float:
    return statistics.quantiles(values, n=20)[-1]


# -- The set beside the demo's own cases ---------------------------------------------------------


@contextmanager
def _beside_the_demo(labelled: LabelledSet) -> Iterator[float]:
    """Writes the set; yields the seconds that the first keys of everybody took."""
    try:
        _write(labelled)
        began = time.perf_counter()
        for members in likeness_keys.stale():
            likeness_keys.write_of(members)
        took = time.perf_counter() - began
        _analyse()
        yield took
    finally:
        _take_away()


def _write(labelled: LabelledSet) -> None:
    by, street, now = User.objects.get(username="admin"), Bureau.objects.streets()[0], clock.now()
    coming = iter(labelled.households)
    number = 0
    while homes := list(islice(coming, _PORTION)):
        cases = Application.objects.bulk_create(
            Application(
                case_no=f"{_MARK}{number + n:08d}", channel="online", state="accepted",
                state_since=now, created_at=now, submitted_at=now, accepted_at=now,
                created_by=by, street=street,
            )
            for n, _home in enumerate(homes)
        )  # fmt: skip
        number += len(homes)
        members = Member.objects.bulk_create(
            _member(case, place, one)
            for case, home in zip(cases, homes, strict=True)
            for place, one in enumerate(home)
        )
        entries = [one for home in homes for one in home]
        Evidence.objects.bulk_create(
            _told(member, one, now)
            for member, one in zip(members, entries, strict=True)
            if one.address and not one.excluded
        )


def _member(case: Application, place: int, one: Entry) -> Member:
    return Member(
        application=case, position=place, name=one.name,
        id_number=one.id_number, id_index=ciphers.blind_index(one.id_number),
        relation=one.relation, is_applicant=place == 0, phone=one.phone or None,
        excluded=one.excluded, holding=not one.excluded,
    )  # fmt: skip


def _told(member: Member, one: Entry, now: datetime) -> Evidence:
    row = {"czrkgmsfhm": one.id_number, "czrkxm": one.name, "czrkzz": one.address}
    return Evidence(
        application=member.application, member=member, source="household_register",
        status=Evidence.Status.FOUND, rows=[row], asked_at=now, fetched_at=now, due_at=now,
    )  # fmt: skip


def _analyse() -> None:
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE applications_likenesskey, applications_member")
        cursor.execute("ANALYZE applications_application, applications_evidence")


def _take_away() -> None:
    with connection.cursor() as cursor:
        for statement in _AWAY:
            cursor.execute(statement)
