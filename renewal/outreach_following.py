"""What becomes of a household that was found (后续): read from its case, which never calls back."""

from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from applications import periods
from applications import states as case_states
from applications.models import Application, Benefit, Member
from core import audit, clock, locks
from core.workflow import advance
from renewal import states
from renewal.models import Outreach

WORKER = audit.System("worker")


def follow(row: Outreach) -> Outreach:
    """Reads what became of the person's case and of their support; safe to repeat."""
    with transaction.atomic():
        fresh = locks.fresh(row)
        if not fresh.is_open:
            return fresh
        if (sent := _sent_case(fresh)) is not None:
            fresh.application = sent
            fresh.save(update_fields=["application"])
            return close(fresh, states.O_APPLIED, by=WORKER)
        if Benefit.objects.filter(person_index=fresh.person_index, ended_on=None).exists():
            return close(fresh, states.O_HELPED, by=WORKER)
        case = fresh.application
        if fresh.state == states.O_DRAFT and (case is None or not case.is_open):
            fresh.application, fresh.began_here = None, False
            fresh.save(update_fields=["application", "began_here"])
            fresh = advance(fresh, states.O_REACHED, by=WORKER, reason="draft deleted")
        return fresh


def follow_all(limit: int = 500) -> int:
    """Follows the open tasks of which something became; returns how many moved."""
    rows = list(_moved().order_by("pk")[:limit])
    return sum(follow(row).state != row.state for row in rows) + expire_due()


def expire_due() -> int:
    """Ends tasks past their last day where somebody was reached or every try was made.

    One that nobody has worked on stays: it is late, and the district sees that.
    """
    rows = Outreach.objects.filter(
        state__in=[states.O_TRYING, states.O_REACHED], expires_on__lt=clock.today()
    )
    return sum(map(_expire, rows.order_by("pk")))


def forget_old() -> int:
    """Deletes who it was from tasks that ended without a case long ago; the counts stay.

    A "do not contact me again" stands in its own table and is kept.
    """
    since = periods.months_later(clock.today(), -periods.of("outreach_kept").value)
    ended = [state.id for state in states.OUTREACH if not state.open]
    rows = Outreach.objects.filter(
        state__in=ended, application=None, forgotten_at=None,
        closed_at__lt=clock.local_midnight(since),
    )  # fmt: skip
    return sum(map(_forget, rows.order_by("pk")[:500]))


def close(row: Outreach, state: str, *, by: Any, note: str = "") -> Outreach:
    """Ends a task that the caller holds locked."""
    row = advance(row, state, by=by)
    if note.strip():
        row.note = note.strip()[:500]
        row.save(update_fields=["note"])
    return row


def _forget(row: Outreach) -> bool:
    with transaction.atomic():
        fresh = locks.fresh(row)
        if fresh.forgotten_at is not None:
            return False
        fresh.person_number = fresh.name = fresh.address = fresh.note = ""
        fresh.person_index = fresh.household_key = f"forgotten {fresh.pk}"
        fresh.evidence, fresh.forgotten_at = {}, clock.now()
        fresh.save()
        fresh.attempts.update(note="")
        audit.record("outreach.forgotten", by=WORKER, thing=fresh)
        return True


def _moved() -> QuerySet[Outreach]:
    """Open tasks whose person sent a case, is helped by now, or deleted the draft."""
    sent = Member.objects.filter(
        id_index=OuterRef("person_index"), excluded=False,
        application__submitted_at__gte=OuterRef("found_at"),
    )  # fmt: skip
    helped = Benefit.objects.filter(person_index=OuterRef("person_index"), ended_on=None)
    gone = Q(state=states.O_DRAFT) & (
        Q(application=None) | ~Q(application__state__in=case_states.APPLICATION.open_ids)
    )
    return Outreach.objects.filter(
        Q(Exists(sent)) | Q(Exists(helped)) | gone, state__in=states.OUTREACH.open_ids
    )


def _sent_case(row: Outreach) -> Application | None:
    """The case that the person sent since they were found, through us or not."""
    mine = Member.objects.filter(id_index=row.person_index, excluded=False)
    rows = Application.objects.filter(
        Q(outreach=None) | Q(outreach=row),
        pk__in=mine.values("application"), submitted_at__gte=row.found_at,
    )  # fmt: skip
    return rows.order_by("submitted_at").first()


def _expire(row: Outreach) -> bool:
    with transaction.atomic():
        fresh = locks.fresh(row)
        if fresh.state not in (states.O_TRYING, states.O_REACHED):
            return False
        enough = fresh.attempts.count() >= periods.of("outreach_tries").value
        if fresh.state == states.O_TRYING and not enough:
            return False
        close(fresh, states.O_EXPIRED, by=WORKER)
        return True
