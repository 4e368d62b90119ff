"""审核统计 and 轮候 at size: 100,000 answered cases, 100,000 households on the list.

Written by the database in a transaction that is undone at the end: cases with seven changes of
state, five desks, two pauses each, spread over five years; entries with their first moves.
"""

import statistics
import time
from collections.abc import Iterator

from django.db import transaction

from accounts.models import Bureau, Staff
from accounts.roles import BureauKind
from applications import states, wait_moves, waiting
from applications.models import (
    Application,
    Opinion,
    Pause,
    ReviewTask,
    WaitEntry,
    WaitMove,
)
from benchmarks import copies
from benchmarks.figures import Figure
from core import clock
from core.models import Transition
from datashare.mock_gateway.city import City
from office import review_numbers, review_page
from office.figures.figure import Moment
from office.models import NumbersRun, ReviewedCase

CASES = 100_000
PAGE_LIMIT, PASS_LIMIT, PLACE_LIMIT, ORDER_LIMIT = 2.0, 300.0, 50.0, 3.0
_STEPS = (
    (0, states.ACCEPTED), (1, states.STREET_REVIEW), (3, states.JOINT_REVIEW),
    (8, states.DISTRICT_REVIEW), (10, states.PUBLICITY), (17, states.WAITLISTED),
)  # fmt: skip
_KINDS = (
    BureauKind.REAL_ESTATE, BureauKind.CIVIL_AFFAIRS, BureauKind.HUMAN_RESOURCES,
    BureauKind.FLOATING_POPULATION, BureauKind.HOUSING,
)  # fmt: skip


def figures(city: City) -> Iterator[Figure]:
    """The first pass, the page, the next pass, a place, the list of a day."""
    with transaction.atomic():
        _cases()
        _analyse()  # the planner has never seen these tables full
        NumbersRun.objects.all().delete()
        first = _seconds(review_numbers.refresh)
        counted = ReviewedCase.objects.count()
        assert counted >= CASES
        yield _figure("review_first_pass", first, "s", PASS_LIMIT,
                      f"{counted:,} answered cases counted, once")  # fmt: skip
        _analyse()
        page = min(_seconds(lambda: review_page.page(Moment.now())) for _ in range(5))
        yield _figure("review_page", page, "s", PAGE_LIMIT, "every figure of /office/review/")
        yield _figure("review_next_pass", _seconds(review_numbers.refresh), "s", PAGE_LIMIT,
                      "nothing has changed since")  # fmt: skip
        _waiting()
        _analyse()
        entries = list(WaitEntry.objects.filter(ended_at=None).order_by("?")[:60])
        for name, verb in (
            ("wait_place", waiting.place_of),
            ("wait_estimate", lambda one: waiting.estimate_of(one, clock.today())),
            ("wait_since", lambda one: wait_moves.since(one, list(wait_moves.of(one)))),
        ):
            times = [_seconds(lambda one=one, verb=verb: verb(one)) * 1000 for one in entries]
            limit = PLACE_LIMIT if name == "wait_place" else 6 * PLACE_LIMIT
            yield _figure(name, statistics.quantiles(times, n=20)[-1], "ms", limit,
                          f"p95 among {CASES:,} households, median "
                          f"{statistics.median(times):.1f} ms")  # fmt: skip
        yield _figure("wait_order", _seconds(lambda: wait_moves.order_on(clock.today())), "s",
                      ORDER_LIMIT, f"the list of a day from {CASES:,} moves")  # fmt: skip
        transaction.set_rollback(True)


def _figure(name: str, value: float, unit: str, goal: float, note: str) -> Figure:
    return Figure(name, value, unit, goal, value / goal, 1.0, "low", f"{note}; reference: the goal")


def _seconds(work: object) -> float:
    started = time.perf_counter()
    work()  # type: ignore[operator]
    return time.perf_counter() - started


def _cases() -> None:
    """Answered cases: accepted over five years, the longer the later in their number."""
    case = Application.objects.filter(state=states.WAITLISTED).order_by("pk")[0]
    accepted = "now() - (60 + g % 1800) * interval '1 day'"
    copies.applications(
        case, CASES, accepted_at=accepted, submitted_at=accepted,
        decided_at=f"{accepted} + (17 + g % 40) * interval '1 day'", closed_at="NULL",
    )  # fmt: skip
    copies_ = f"{_table(Application)} c WHERE c.case_no LIKE '{copies.PREFIX}%'"
    label = Application._meta.label_lower
    for days, state in _STEPS:
        copies.run(
            f"INSERT INTO {_table(Transition)} "
            "(thing_type, thing_id, case_no, from_state, to_state, by, reason, at) "
            f"SELECT '{label}', c.id, c.case_no, '', '{state}', 'bench', '', "
            f"c.accepted_at + {days} * interval '1 day' FROM {copies_}"
        )
    for reason, first, last in (("publicity", 10, 17), ("source", 4, 6)):
        copies.run(
            f"INSERT INTO {_table(Pause)} (application_id, reason, detail, began_at, ended_at) "
            f"SELECT c.id, '{reason}', '', c.accepted_at + {first} * interval '1 day', "
            f"c.accepted_at + {last} * interval '1 day' FROM {copies_}"
        )
    _desks(copies_)


def _desks(copies_: str) -> None:
    opinion = Opinion.objects.order_by("pk")[0]
    staff = Staff.objects.order_by("pk")[0]
    for kind in _KINDS:
        bureau = Bureau.objects.filter(kind=kind).order_by("pk")[0]
        copies.run(
            f"INSERT INTO {_table(ReviewTask)} (application_id, stage, bureau_id, round, state, "
            "state_since, opened_at, due_on, findings, street_id, channel, doubt) "
            f"SELECT c.id, 'joint', {bureau.pk}, 1, 'done', c.accepted_at, "
            "c.accepted_at + 3 * interval '1 day', c.accepted_at::date + 9, '[]', c.street_id, "
            "c.channel, false "
            f"FROM {copies_}"
        )
    copies.run(
        f"INSERT INTO {_table(Opinion)} "
        "(task_id, verdict, settled, reason_codes, text, by_id, at) "
        f"SELECT t.id, 'agree', o.settled, '[]', o.text, {staff.pk}, "
        "t.opened_at + (1 + t.id % 5) * interval '1 day' "
        f"FROM {_table(ReviewTask)} t JOIN {_table(Application)} c ON c.id = t.application_id, "
        f"{_table(Opinion)} o WHERE o.id = {opinion.pk} AND c.case_no LIKE '{copies.PREFIX}%'"
    )


def _waiting() -> None:
    """Every copied case on the list, one in twenty of a better tier, with its move."""
    entry = WaitEntry.objects.order_by("pk")[0]
    copies.run(
        f"INSERT INTO {_table(WaitEntry)} "
        "(application_id, registered_at, order_at, tier, draw_tier, priority, unit_types) "
        "SELECT c.id, c.decided_at, c.decided_at, e.tier, CASE WHEN c.id % 20 = 0 THEN 1 ELSE 3 "
        f"END, e.priority, e.unit_types FROM {_table(WaitEntry)} e, {_table(Application)} c "
        f"WHERE e.id = {entry.pk} AND c.case_no LIKE '{copies.PREFIX}%'"
    )
    copies.run(
        f"INSERT INTO {_table(WaitMove)} (entry_id, at, kind, to_draw_tier, to_order_at, suspended,"
        " unit_type, reason, by) "
        "SELECT e.id, e.registered_at, 'registered', e.draw_tier, e.order_at, false, '', "
        f"'approved', 'bench' FROM {_table(WaitEntry)} e JOIN {_table(Application)} c "
        f"ON c.id = e.application_id WHERE c.case_no LIKE '{copies.PREFIX}%'"
    )


def _analyse() -> None:
    copies.run("ANALYZE")


def _table(model: type) -> str:
    return model._meta.db_table  # type: ignore[attr-defined,no-any-return]
