"""Verification (核对): asks the registers about a household and lets the rules read the answers.

The front of the step: which questions a case has, who asks for them, how they stand. The work
itself is done in ``asking`` (lease, ask, write back), ``settling`` (clock, rules, next desk),
``reports`` (what is ordered and comes later) and ``archive`` (every answer, kept).
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from applications import archive, asking, authority, evaluation, inquiries, reports, settling
from applications.archive import DisputeRefused
from applications.asking import LEASE, MATTER, WORKER
from applications.evaluation import assess_now, case_at, case_of
from applications.models import Application, Correction, Evidence, EvidenceAnswer, Material, Member
from applications.models.evidence import (
    APPLY,
    CHANGE_ROUND,
    CLUE_ROUND,
    PRE_ALLOTMENT,
    RENEWAL_ROUND,
)
from applications.outcomes import ANSWERED, OPEN, RETRIES
from applications.settling import go_on_without, settle, silent
from core import audit, clock, locks
from datashare import catalogue

__all__ = [
    "APPLY", "CHANGE_ROUND", "LEASE", "MATTER", "RECHECK_SOURCES", "RETRIES", "WORKER",
    "DisputeRefused", "ask_about", "ask_again", "assess_now", "case_at", "case_of", "dispute",
    "forget", "go_on_without", "is_complete", "pump", "request_checks", "settle", "silent",
    "stop", "sweep",
]  # fmt: skip

BULK = "bulk"  # the queue of work that nobody waits for
_NEVER = timedelta(days=36500)
_QUICK = 2  # silences after which a retry is sent for at once
# every register there is; how many apply to a person depends on age and role
RECHECK_SOURCES = tuple(entry.code for entry in catalogue.entries())


# -- Which questions ---------------------------------------------------------------------------


def request_checks(
    application: Application,
    *,
    round: str = APPLY,
    by: Any,
    max_age: timedelta | None = None,
    fresh_of: str = "",
) -> int:
    """Writes one row per consenting member and register that applies; returns how many are new.

    Asked twice it adds nothing. A report that is still valid serves a later round as it is; with
    ``max_age`` so does every answer that is no older, and with ``fresh_of`` those of rounds whose
    name begins so, for as long as the register's own answers count as fresh.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        now = clock.now()
        wanted = list(_questions(row, round, now))
        known = set(row.evidence.filter(round=round).values_list("member_id", "source"))
        new = [one for one in wanted if (one.member_id, one.source) not in known]
        taken = _taken_over(row, new, _serving(now, max_age, fresh_of))
        made = Evidence.objects.bulk_create(new)  # the lock on the case keeps others out
        _keep_taken(made, taken, now)
        if new:
            audit.record(
                "checks.requested", by=by, thing=row, round=round, questions=len(new),
                subjects={one.member.id_index for one in new},
            )  # fmt: skip
        if not asking.of_a_campaign(round):  # which asks at its own pace
            _kick(row.pk, round)
        return len(new)


def ask_again(application: Application, *, round: str = APPLY, by: Any) -> int:
    """Makes every silent register of the round due now; returns how many."""
    with transaction.atomic():
        row = locks.fresh(application)
        silent_rows = row.evidence.filter(round=round, status=Evidence.Status.UNAVAILABLE)
        ids = _held(silent_rows)
        Evidence.objects.filter(pk__in=ids).update(
            status=Evidence.Status.PENDING, due_at=clock.now(), lease=""
        )
        audit.record("checks.repeated", by=by, thing=row, round=round, questions=len(ids))
        _kick(row.pk, round)
        return len(ids)


def ask_about(
    application: Application, wanted: Iterable[tuple[Member, str]], *, round: str, by: Any
) -> int:
    """Asks these registers anew about these members; returns how many questions go out.

    The answer at hand stays in the archive, and on its row until the new one has come. Of a member
    who has not agreed nothing is asked.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        now, ids = clock.now(), []
        for member, source in wanted:
            if not authority.may_be_asked(member):
                continue
            one, _new = Evidence.objects.get_or_create(
                application=row, member=member, source=source, round=round,
                defaults={"due_at": now},
            )  # fmt: skip
            ids.append(one.pk)
        held = _held(Evidence.objects.filter(pk__in=ids).exclude(status=Evidence.Status.ORDERED))
        Evidence.objects.filter(pk__in=held).update(
            status=Evidence.Status.PENDING, due_at=now, lease="", attempts=0, error="",
            receipt="", ordered_at=None, expected_on=None, silent_since=None, waived_at=None,
        )  # fmt: skip
        if held:
            audit.record("checks.anew", by=by, thing=row, round=round, questions=len(held))
            _kick(row.pk, round)
        return len(held)


def forget(member: Member) -> int:
    """Drops what is still unanswered about a member who no longer agrees to be asked about."""
    with transaction.atomic():
        gone = _held(member.evidence.filter(status__in=OPEN))
        if gone:
            with archive.erasing("consent", by=WORKER, thing=member):
                Evidence.objects.filter(pk__in=gone).delete()
    return len(gone)


def stop(application: Application) -> int:
    """Asks nothing more about a case that ended; what was answered stays. Returns how many."""
    with transaction.atomic():
        held = _held(application.evidence.filter(status__in=OPEN))
        rows = Evidence.objects.filter(pk__in=held)
        kept = Exists(EvidenceAnswer.objects.filter(evidence=OuterRef("pk")))
        said = Exists(Correction.objects.filter(evidence=OuterRef("pk")))
        rows.filter(kept | said).update(due_at=clock.now() + _NEVER)
        rows.exclude(kept | said).delete()
    return len(held)


def is_complete(application: Application, round: str = APPLY) -> bool:
    """Whether every register of the round has answered and nobody's consent is outstanding."""
    rows = application.evidence.filter(round=round)
    return (
        rows.exists()
        and not rows.filter(status__in=OPEN).exists()
        and not authority.pending(application)
    )


def dispute(
    evidence: Evidence, *, reason: str, by: Any, claim: str = "", document: Material | None = None
) -> Evidence:
    """Marks a register's line as wrong in the person's eyes; the correction stands beside it.

    Once the review is open, the department that owns the register is asked (核实单), item by item.
    Raises DisputeRefused.
    """
    with transaction.atomic():
        row = locks.fresh(evidence.application)
        if inquiries.is_over(row):
            raise DisputeRefused(_("这份申请已经结束，不再核对。可以重新申请。"))
        made: Correction = archive.correct(
            evidence, reason=reason, by=by, claim=claim, document=document
        )
        inquiries.refresh(row)
        return made.evidence


# -- Work --------------------------------------------------------------------------------------


def pump(
    round: str | None = None, limit: int = asking.BATCH, *, application_id: int | None = None
) -> int:
    """Leases up to ``limit`` rows that are due, asks, writes back; returns how many it leased.

    Opens its own transactions: the registers are asked outside of any.
    """
    if round is not None and application_id is None and asking.of_a_campaign(round):
        return asking.Stream(round, limit=limit).run()
    done = asking.stride(round, limit, application_id=application_id)
    first_checks = [pk for pk, name in done.touched if name == APPLY]
    for one in Application.objects.filter(pk__in=first_checks).order_by("pk"):
        settle(one)
    _kick_again(done)
    return done.asked


def sweep(limit: int = 50) -> int:
    """What the scheduler runs: due rows first, then cases that a lost worker left."""
    asked = 0
    for round in _rounds_due():
        while (count := pump(round=round)) and asked < limit * asking.BATCH:
            asked += count
    for application in settling.unsettled()[:limit]:
        settle(application)
    return asked


# -- Parts -------------------------------------------------------------------------------------


def _held(rows: QuerySet[Evidence]) -> list[int]:
    """Locks rows in the workers' order; what a worker is writing to just now is looked at again."""
    return list(rows.order_by("id").select_for_update().values_list("id", flat=True))


def _questions(row: Application, round: str, now: datetime) -> Iterable[Evidence]:
    people = list(row.members.filter(excluded=False).prefetch_related("consents"))
    for member in people:
        if not authority.may_be_asked(member):
            continue
        for source in evaluation.sources_about(row, member, round, alone=len(people) == 1):
            yield Evidence(application=row, member=member, source=source, round=round, due_at=now)


def _serving(now: datetime, max_age: timedelta | None, fresh_of: str) -> Q:
    """Which answers of earlier rounds are taken over; see `request_checks`."""
    found = Q(pk=None)
    if max_age is not None:
        found |= Q(status__in=ANSWERED, fetched_at__gte=now - max_age)
    if fresh_of:
        found |= Q(round__startswith=fresh_of) & _fresh(now)
    return found


def _fresh(now: datetime) -> Q:
    """Answers that are no older than each register's own count as fresh."""
    lasting = defaultdict(list)
    for entry in catalogue.entries():
        lasting[entry.ttl].append(entry.code)
    found = Q(pk=None)
    for days, codes in lasting.items():
        found |= Q(source__in=codes, fetched_at__gte=now - timedelta(days=days))
    return found & Q(status__in=ANSWERED)


def _taken_over(
    row: Application, wanted: list[Evidence], serves: Q
) -> dict[tuple[int, str], Evidence]:
    """Fills questions with answers of earlier rounds that still serve; those answers by question.

    A report in its validity always does: ordering it again would cost a person days for nothing.
    """
    valid = Q(source__in=reports.sources(), valid_to__gte=clock.today(), status="found")
    earlier = row.evidence.filter(valid | serves).order_by("fetched_at")
    latest = {(one.member_id, one.source): one for one in earlier}
    taken = {}
    for one in wanted:
        if found := latest.get((one.member_id, one.source)):
            for name in _SAME:
                setattr(one, name, getattr(found, name))
            taken[one.member_id, one.source] = found
    return taken


_SAME = ("status", "rows", "asked_at", "fetched_at", "call_ref", "valid_to", "receipt",
         "ordered_at", "expected_on")  # fmt: skip


def _keep_taken(
    made: list[Evidence], taken: dict[tuple[int, str], Evidence], now: datetime
) -> None:
    """An answer taken over belongs to the file of the later round, too."""
    newest = EvidenceAnswer.objects.filter(
        evidence__in=[one.pk for one in taken.values()], status__in=ANSWERED
    )
    kept = {one.evidence_id: one for one in newest.order_by("pk")}
    entries = []
    for one in made:
        found = taken.get((one.member_id, one.source))
        if found is not None and (answer := kept.get(found.pk)) is not None:
            answer.pk, answer.evidence_id, answer.recorded_at = None, one.pk, now
            answer._state.adding = True
            entries.append(answer)
    archive.write(entries)


def _rounds_due() -> list[str]:
    """The first check, those before an allotment, after a change or a clue, or for a renewal; a
    campaign asks its own."""
    due = Evidence.objects.filter(status__in=OPEN, due_at__lte=clock.now())
    later = due.filter(
        Q(round__startswith=PRE_ALLOTMENT)
        | Q(round__startswith=CHANGE_ROUND)
        | Q(round__startswith=CLUE_ROUND)
        | Q(round__startswith=RENEWAL_ROUND)
    ).order_by("round")
    return [APPLY, *later.values_list("round", flat=True).distinct()]


def _kick(application_id: int, round: str, *, wait: float = 0) -> None:
    """Asks as soon as this is committed; a campaign's questions never queue before a citizen's.

    A broker that is away loses nothing: the row is there, and the sweeper finds it.
    """
    from applications import tasks  # tasks import this module

    queue = BULK if asking.of_a_campaign(round) else None
    transaction.on_commit(
        lambda: tasks.check_application.apply_async(
            (application_id, round), countdown=wait, queue=queue
        ),
        robust=True,
    )


def _kick_again(done: asking.Stride) -> None:
    """A quick retry does not wait for the sweeper; later ones do, and a campaign's."""
    waiting = [(pk, name) for pk, name in done.touched if not asking.of_a_campaign(name)]
    if not waiting:
        return
    soon = Evidence.objects.filter(
        application__in={pk for pk, _name in waiting},
        status=Evidence.Status.UNAVAILABLE,
        attempts__range=(1, _QUICK),
    )
    tried = {
        (pk, name): attempts
        for pk, name, attempts in soon.values_list("application", "round", "attempts")
    }
    for (pk, name), attempts in tried.items():
        if (pk, name) in done.touched:
            _kick(pk, name, wait=RETRIES[attempts - 1].total_seconds() + 0.5)
