"""Verification (核对): asks the registers about a household and lets the rules read the answers.

Each question is an Evidence row and at the same time the work item. A worker leases rows that are
due, asks outside any transaction and writes back only where the lease is still its own; a killed
worker's rows are due again when their lease ends. Nothing waits for a worker's memory, so nothing
is lost with it, and a task delivered twice finds nothing left to do.
"""

import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from applications import authority, deadlines, evaluation, notice_texts, states
from applications.evaluation import assess_now, case_of
from applications.models import Application, Assessment, Evidence, Member, Pause
from applications.models.evidence import APPLY, PRE_ALLOTMENT, RECHECK_ROUND
from core import audit, clock, display, locks, notices, workdays
from core.refusals import Refusal
from datashare import catalogue, queries
from datashare.queries import Person, Purpose, Question

__all__ = [
    "APPLY", "RECHECK_SOURCES", "ask_again", "assess_now", "case_of", "dispute", "forget",
    "is_complete", "pump", "request_checks", "settle", "sweep",
]  # fmt: skip

WORKER = audit.System("worker")
LEASE = timedelta(seconds=60)  # longer than the slowest batch: a task is stopped after 50 s
# waits after the first, second … silence of a register: quick, then minutes, then hours
RETRIES = (
    timedelta(seconds=5),
    timedelta(seconds=20),
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=20),
    timedelta(hours=1),
    timedelta(hours=4),
)
BULK = "bulk"  # the queue of work that nobody waits for
_QUICK = 2  # silences after which a retry is sent for at once
# working days after which people go on by hand where a register stays silent
BY_HAND_AFTER = 2
# every register there is; how many apply to a person depends on age and role
RECHECK_SOURCES = tuple(entry.code for entry in catalogue.entries())
MATTER = "公共服务-00610-000-002"
_OPEN = (Evidence.Status.PENDING, Evidence.Status.UNAVAILABLE)
_WRITTEN = ("status", "rows", "error", "fetched_at", "attempts", "due_at", "lease", "leased_until")
_ANSWERED = (Evidence.Status.FOUND, Evidence.Status.NO_RECORD)


class DisputeRefused(Refusal):
    """The line cannot be disputed like this."""


# -- Which questions ---------------------------------------------------------------------------


def request_checks(
    application: Application, *, round: str = APPLY, by: Any, max_age: timedelta | None = None
) -> int:
    """Writes one row per consenting member and register that applies; returns how many are new.

    Asked twice it adds nothing. With ``max_age`` answers of an earlier round that are no older are
    taken over instead of asking again.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        wanted = list(_questions(row, round, clock.now()))
        if max_age is not None:
            _take_over(row, wanted, clock.now() - max_age)
        known = set(row.evidence.filter(round=round).values_list("member_id", "source"))
        new = [one for one in wanted if (one.member_id, one.source) not in known]
        Evidence.objects.bulk_create(new, ignore_conflicts=True)
        if new:
            audit.record(
                "checks.requested", by=by, thing=row, round=round, questions=len(new),
                subjects={one.member.id_index for one in new},
            )  # fmt: skip
        if not _of_a_campaign(round):  # which asks at its own pace
            _kick(row.pk, round)
        return len(new)


def ask_again(application: Application, *, round: str = APPLY, by: Any) -> int:
    """Makes every silent register of the round due now; returns how many."""
    with transaction.atomic():
        row = locks.fresh(application)
        silent = row.evidence.filter(round=round, status=Evidence.Status.UNAVAILABLE)
        count = silent.update(status=Evidence.Status.PENDING, due_at=clock.now(), lease="")
        audit.record("checks.repeated", by=by, thing=row, round=round, questions=count)
        _kick(row.pk, round)
        return count


def forget(member: Member) -> int:
    """Drops what is still unanswered about a member who no longer agrees to be asked about."""
    gone, _kinds = member.evidence.filter(status__in=_OPEN).delete()
    return gone


def is_complete(application: Application, round: str = APPLY) -> bool:
    """Whether every register of the round has answered and nobody's consent is outstanding."""
    rows = application.evidence.filter(round=round)
    return (
        rows.exists()
        and not rows.filter(status__in=_OPEN).exists()
        and not authority.pending(application)
    )


def dispute(evidence: Evidence, *, reason: str, by: Any) -> Evidence:
    """Marks a register's line as wrong in the person's eyes; a department looks at it.

    Until then the applicant's own paper prevails (浙江省保障最多跑一次改革规定 §7).
    """
    with transaction.atomic():
        row = locks.fresh(evidence)
        if not reason.strip():
            raise DisputeRefused(_("请写一句哪里不对。"), "reason")
        row.disputed, row.disputed_reason = True, reason.strip()[:400]
        row.save(update_fields=["disputed", "disputed_reason"])
        audit.record(
            "evidence.disputed", by=by, thing=row, case_no=row.application.case_no or "",
            subjects=[row.member.id_index], source=row.source,
        )  # fmt: skip
        return row


# -- Asking ------------------------------------------------------------------------------------


def pump(round: str | None = None, limit: int = 200, *, application_id: int | None = None) -> int:
    """Leases up to ``limit`` rows that are due, asks, writes back; returns how many it leased.

    Opens its own transactions: the registers are asked outside of any.
    """
    token = secrets.token_hex(16)
    rows = _lease(token, round, limit, application_id)
    if not rows:
        return 0
    answers = _ask(rows)
    touched = _write_back(token, rows, answers)
    for one, asked_round in touched:
        settle(one, round=asked_round)
    return len(rows)


def sweep(limit: int = 50) -> int:
    """What the scheduler runs: due rows first, then cases that a lost worker left."""
    asked = 0
    for round in _rounds_due():
        while (count := pump(round=round)) and asked < limit * 200:
            asked += count
    for application in _unsettled()[:limit]:
        settle(application, round=APPLY)
    return asked


def settle(application: Application, *, round: str = APPLY) -> Assessment | None:
    """Draws the consequences of the answers so far; harmless to repeat.

    The rules read a round once every register was asked at least once and every member is heard.
    A register that stays silent pauses the clock and never refuses anybody.
    """
    if round != APPLY:
        return None  # the campaign that asked draws the consequences
    with transaction.atomic():
        row = locks.fresh(application)
        rows = list(row.evidence.filter(round=round).order_by("id"))
        if any(one.status == Evidence.Status.PENDING for one in rows):
            return None
        if not rows and (row.state == states.DRAFT or _may_be_asked(row)):
            return None
        _overlay(row, rows)
        if authority.pending(row):
            return None
        assessment = _newest_or_assess(row)
        _hand_on(row)
        return assessment


# -- Parts of asking ---------------------------------------------------------------------------


def _questions(row: Application, round: str, now: datetime) -> Iterable[Evidence]:
    people = list(row.members.filter(excluded=False).prefetch_related("consents"))
    for member in people:
        if authority.word_of(member) != "given":
            continue
        for source in evaluation.sources_about(row, member, round, alone=len(people) == 1):
            yield Evidence(application=row, member=member, source=source, round=round, due_at=now)


def _take_over(row: Application, wanted: list[Evidence], since: datetime) -> None:
    earlier = row.evidence.filter(status__in=_ANSWERED, fetched_at__gte=since)
    earlier = earlier.order_by("fetched_at")
    latest = {(one.member_id, one.source): one for one in earlier}
    for one in wanted:
        if answer := latest.get((one.member_id, one.source)):
            for name in ("status", "rows", "asked_at", "fetched_at", "call_ref"):
                setattr(one, name, getattr(answer, name))


def _lease(token: str, round: str | None, limit: int, application_id: int | None) -> list[Evidence]:
    """Takes rows that are due, for as long as ``LEASE``."""
    now = clock.now()
    with transaction.atomic():
        due = Evidence.objects.filter(status__in=_OPEN, due_at__lte=now).filter(
            Q(leased_until=None) | Q(leased_until__lte=now)
        )
        if round is not None:
            due = due.filter(round=round)
        if application_id is not None:
            due = due.filter(application_id=application_id)
        locked = due.select_for_update(skip_locked=True, of=("self",)).order_by("due_at", "id")
        rows = list(locked.select_related("application", "member")[:limit])
        Evidence.objects.filter(pk__in=[one.pk for one in rows]).update(
            lease=token, leased_until=now + LEASE, asked_at=now
        )
        return rows


def _ask(rows: list[Evidence]) -> dict[int, Any]:
    """The reply to each leased row: all of them go out together, each with its own authority."""
    bases = authority.bases({one.member_id for one in rows})
    asked = [one for one in rows if one.member_id in bases]  # the rest was withdrawn meanwhile
    sponsors = _sponsors({one.application_id for one in asked})
    pairs = [
        (_question(one), _purpose(one, bases[one.member_id], sponsors[one.application_id]))
        for one in asked
    ]
    replies = queries.ask_each(pairs, by=WORKER)
    return {one.pk: reply for one, reply in zip(asked, replies, strict=True)}


def _question(one: Evidence) -> Question:
    return Question(one.source, _person(one.member))


def _purpose(one: Evidence, basis: str, sponsor: Person) -> Purpose:
    case, kind = authority.asked_as(one.application), evaluation.purpose_of(one.round)
    return Purpose(MATTER, case, basis, kind=kind, sponsor=sponsor)


def _sponsors(application_ids: set[int]) -> dict[int, Person]:
    """Who applies in each case: a department stores on whose application it was asked."""
    rows = Member.objects.filter(application__in=application_ids, is_applicant=True)
    return {one.application_id: _person(one) for one in rows}


def _person(member: Member) -> Person:
    return Person(member.name, member.id_number)


def _write_back(
    token: str, rows: list[Evidence], answers: dict[int, Any]
) -> list[tuple[Application, str]]:
    """Writes the answers where the lease still holds; returns the cases and rounds touched."""
    touched = []
    rows = sorted(rows, key=lambda one: (one.application_id, one.round))
    for (_pk, round), group in groupby(rows, key=lambda one: (one.application_id, one.round)):
        mine = list(group)
        with transaction.atomic():
            held = Evidence.objects.select_for_update(of=("self",)).filter(
                pk__in=[one.pk for one in mine], lease=token
            )
            written = [_filled(one, answers.get(one.pk)) for one in held.order_by("id")]
            # the rows are there and locked: an upsert is the cheapest way to write many at once
            Evidence.objects.bulk_create(
                written, update_conflicts=True, unique_fields=["id"], update_fields=_WRITTEN
            )
            _kick_again(written)
        touched.append((mine[0].application, round))
    return touched


def _filled(one: Evidence, reply: Any) -> Evidence:
    """The row with its answer, or with the time of its next try."""
    now = clock.now()
    one.lease, one.leased_until = "", None
    one.attempts += 1
    if reply is None or reply.unavailable:
        one.status = Evidence.Status.UNAVAILABLE
        one.error = (reply.error if reply else "consent")[:60]
        one.due_at = now + RETRIES[min(one.attempts, len(RETRIES)) - 1]
    else:
        one.status = Evidence.Status.FOUND if reply.rows else Evidence.Status.NO_RECORD
        one.rows, one.error = [dict(row) for row in reply.rows], ""
        one.fetched_at = reply.fetched_at or now
    return one


# -- What follows from the answers --------------------------------------------------------------


def _overlay(row: Application, rows: list[Evidence]) -> None:
    """The tag 等部门答复 and the clock, while a register is silent."""
    silent = [one for one in rows if one.status == Evidence.Status.UNAVAILABLE]
    if row.pending_sources != bool(silent):
        row.pending_sources = bool(silent)
        row.save(update_fields=["pending_sources"])
    if row.state == states.DRAFT or not row.is_open:
        return
    if silent:
        _pause(row, sorted({one.source for one in silent}))
    else:
        deadlines.resume(row, Pause.Reason.SOURCE, by=WORKER)


def _pause(row: Application, sources: list[str]) -> None:
    if row.pauses.filter(reason=Pause.Reason.SOURCE, ended_at=None).exists():
        return
    words = "、".join(catalogue.entry(code).name for code in sources)
    deadlines.pause(row, Pause.Reason.SOURCE, detail=words[:200], by=WORKER)
    notices.tell(
        row.applicant.id_index, notice_texts.SOURCE_SILENT, by=WORKER, case_no=row.case_no or "",
        source=words, time=display.day_time(clock.now()),
    )  # fmt: skip


def _newest_or_assess(row: Application) -> Assessment:
    """The stored assessment, unless an answer or a consent came after it."""
    newest = row.assessments.filter(round=APPLY).first()
    if newest is not None and evaluation.same_inputs(newest, row):
        return newest
    made = assess_now(row, round=APPLY, on=clock.today(), by=WORKER)
    if made.category and row.category != made.category:
        row.category = made.category
        row.save(update_fields=["category"])
    return made


def _hand_on(row: Application) -> None:
    """The first whole answer opens the review; later ones bring its findings up to date."""
    from applications import review  # the next step of the procedure; it reads what we store

    if row.state == states.DRAFT or not row.is_open:
        return
    if row.state != states.ACCEPTED:
        review.refresh_findings(row)
    elif not row.pending_sources or _waited_enough(row):
        notices.tell(
            row.applicant.id_index, notice_texts.CHECKED, by=WORKER, case_no=row.case_no or "",
            due=display.day(row.promised_due),
        )  # fmt: skip
        review.open_review(row, by=WORKER)


def _waited_enough(row: Application) -> bool:
    if row.accepted_at is None:
        return False
    accepted = row.accepted_at.astimezone(clock.LOCAL).date()
    return workdays.workdays_between(accepted, clock.today()) >= BY_HAND_AFTER


def _rounds_due() -> list[str]:
    """The first check and checks before an allotment; a campaign asks its own questions."""
    due = Evidence.objects.filter(status__in=_OPEN, due_at__lte=clock.now())
    later = due.filter(round__startswith=PRE_ALLOTMENT).order_by("round")
    return [APPLY, *later.values_list("round", flat=True).distinct()]


def _may_be_asked(row: Application) -> bool:
    """Whether anybody of the household agrees to be asked about."""
    people = row.members.filter(excluded=False).prefetch_related("consents")
    return any(authority.word_of(one) in ("given", "none") for one in people)


def _unsettled() -> QuerySet[Application]:
    """Accepted cases whose questions were all put and whose consequences nobody drew.

    Left out are those that rightly wait: for a consent, or for a silent register not long enough.
    """
    asked = Evidence.objects.filter(application=OuterRef("pk"), round=APPLY)
    # without a single question everybody has refused: people go on by hand
    waits = Pause.objects.filter(
        application=OuterRef("pk"), reason=Pause.Reason.CONSENT, ended_at=None
    )
    long_ago = clock.now() - timedelta(days=BY_HAND_AFTER)
    return (
        Application.objects.in_state(states.ACCEPTED)
        .filter(~Exists(asked.filter(status=Evidence.Status.PENDING)))
        .filter(~Exists(waits), Q(pending_sources=False) | Q(accepted_at__lte=long_ago))
        .order_by("accepted_at")
    )


def _kick(application_id: int, round: str, *, wait: float = 0) -> None:
    """Asks as soon as this is committed; a campaign's questions never queue before a citizen's."""
    from applications import tasks  # tasks import this module

    queue = BULK if _of_a_campaign(round) else None
    transaction.on_commit(
        lambda: tasks.check_application.apply_async(
            (application_id, round), countdown=wait, queue=queue
        )
    )


def _kick_again(written: list[Evidence]) -> None:
    """A quick retry does not wait for the sweeper; later ones do."""
    silent = [one for one in written if one.status == Evidence.Status.UNAVAILABLE]
    soon = [one for one in silent if one.attempts <= _QUICK]
    if soon:
        wait = min(RETRIES[one.attempts - 1] for one in soon).total_seconds() + 0.5
        _kick(soon[0].application_id, soon[0].round, wait=wait)


def _of_a_campaign(round: str) -> bool:
    return round.startswith(RECHECK_ROUND)
