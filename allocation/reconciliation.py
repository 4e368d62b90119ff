"""The daily reconciliation (对账): each side's list against the other, differences as work.

A difference that gives somebody what is owed repairs itself by a new message. One that would take
something away waits for a person: to have the end told again, which needs the recorded ground like
any end, or to say why it stays. A list that cannot be fetched is a failed run, never an empty one.
"""

import json
import urllib.request
from collections.abc import Callable
from datetime import date, timedelta
from http.client import HTTPException
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.models import User
from allocation import access_ends, comparing, handover, states
from allocation.comparing import Found, Held
from allocation.models import AccessEnd, AccessGrant, Difference, Lease, Push, Reconciliation
from core import audit, clock, locks, webhooks
from core.models import OutboxMessage
from core.refusals import Refusal

State, Kind = Difference.State, Difference.Kind
STANDING = (State.OPEN, State.SENT)
_TIMEOUT = 30  # seconds for a whole list
_MOST_GIVEN = 500  # households repaired by themselves in one run; more is a question for a person
_LOST = timedelta(minutes=30)  # after which a run without an end is begun again


class RepairRefused(Refusal):
    """The difference cannot be repaired like this."""


def run_due() -> int:
    """Compares what was not yet compared today; returns how many lists were."""
    today = clock.today()
    return sum(run(destination, today) is not None for destination in handover.PUSHES)


def run(
    destination: str, day: date, *, fetch: Callable[[str], Any] | None = None
) -> Reconciliation | None:
    """Compares one system's list once a day; a failed run may be tried again. None: it was done.

    ``fetch`` brings the rows that the other system holds; over the network unless told otherwise.
    """
    row = _begin(destination, day)
    if row is None:
        return None
    try:
        theirs = comparing.read((fetch or fetched)(destination))
    except (OSError, ValueError, HTTPException) as error:
        return _end(row, state=row.State.FAILED, error=type(error).__name__)
    ours = held_by_us(destination)
    with transaction.atomic():
        _note(row, ours, theirs)
        return _end(row, state=row.State.DONE, ours=len(ours), theirs=len(theirs))


def fetched(destination: str) -> Any:
    """The rows that the other system holds. Raises OSError, ValueError, HTTPException."""
    address = settings.OUTBOX_DESTINATIONS[destination]
    headers = webhooks.headers(f"list-{clock.real_seconds()}", b"", settings.OUTBOX_SECRET)
    request = urllib.request.Request(f"{address}list", headers=headers)
    with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:
        told = json.loads(response.read())
    if not isinstance(told, dict):
        raise ValueError("the list is not an object")
    return told.get("rows")


def held_by_us(destination: str) -> list[Held]:
    """Who should be there: everybody of a lease in force of which that system was ever told.

    Households of before the platform are known there by other marks; those whose messages are
    under way are left out, too.
    """
    told = Push.objects.filter(lease=OuterRef("lease"), message__destination=destination)
    grants = AccessGrant.objects.filter(Exists(told), lease__state__in=states.L_IN_FORCE)
    rows = grants.exclude(state=AccessGrant.State.REVOKED).select_related("lease", "member")
    busy = _under_way(destination)
    return [
        Held(
            one.lease.number, one.member.id_index, one.lease.term.lower,
            one.valid_to if destination == handover.ACCESS else one.lease.term.upper,
        )
        for one in rows
        if one.lease_id not in busy
    ]  # fmt: skip


def repair(difference: Difference, *, by: Any) -> Difference:
    """Tells the other system again what is right. Raises RepairRefused, AccessKept.

    Whoever should be gone is told gone only on the recorded ground.
    """
    with transaction.atomic():
        row = _open(difference)
        if row.lease is None:
            raise RepairRefused(_("我们没有这份合同，不能替对方改。由对方核对后删除，再写明结果。"))
        lease = locks.fresh(row.lease)
        if row.kind == Kind.SHOULD_BE_GONE or lease.state not in states.L_IN_FORCE:
            access_ends.refuse_groundless(lease)
            _tell_end_again(lease, row.destination)
        else:
            handover.tell_again(lease, row.destination)
        return _settle(row, State.SENT, by)


def keep(difference: Difference, *, by: User, reason: str) -> Difference:
    """A person leaves it as it is and says why. Raises RepairRefused."""
    if not reason.strip():
        raise RepairRefused(_("请写明为什么不改。"), "reason")
    with transaction.atomic():
        row = _open(difference)
        row.reason = reason.strip()[:300]
        return _settle(row, State.KEPT, by)


def standing() -> QuerySet[Difference]:
    """What is to be worked on: people who lack what is owed come first."""
    rows = Difference.objects.filter(state__in=STANDING).select_related("lease__home__estate")
    return rows.order_by("state", "pk")


def proposal(difference: Difference) -> str:
    """The repair that is proposed, in words."""
    if difference.kind in comparing.GIVES:
        return _("把这户的名单再发一次，补上应有的门禁。")
    if difference.kind == Kind.SHOULD_BE_GONE:
        return _("交房或者强制执行已有记录，可以再发一次停用。")
    if difference.lease is None:
        return _("请对方核对这份合同从哪里来。")
    return _("把我们的名单再发一次，以我们的为准。会减少对方给的权限，请先核实。")


# -- Parts ---------------------------------------------------------------------------------------


def _begin(destination: str, day: date) -> Reconciliation | None:
    try:
        with transaction.atomic():
            return Reconciliation.objects.create(
                day=day, destination=destination, started_at=clock.now()
            )
    except IntegrityError:
        pass
    with transaction.atomic():
        row = Reconciliation.objects.select_for_update().get(day=day, destination=destination)
        lost = row.state == row.State.RUNNING and row.started_at < clock.now() - _LOST
        if row.state != row.State.FAILED and not lost:
            return None
        row.state, row.started_at, row.error = row.State.RUNNING, clock.now(), ""
        row.save(update_fields=["state", "started_at", "error"])
        return row


def _end(row: Reconciliation, **values: Any) -> Reconciliation:
    for name, value in values.items():
        setattr(row, name, value)
    row.ended_at = clock.now()
    row.save()
    return row


def _under_way(destination: str) -> set[int]:
    """Leases whose messages still travel or lie dead: they are on another list already."""
    waiting = (OutboxMessage.State.PENDING, OutboxMessage.State.DEAD)
    rows = Push.objects.filter(message__destination=destination, message__state__in=waiting)
    return set(rows.values_list("lease_id", flat=True))


def _note(row: Reconciliation, ours: list[Held], theirs: list[Held]) -> None:
    busy = set(
        Lease.objects.filter(pk__in=_under_way(row.destination)).values_list("number", flat=True)
    )
    ended = set(AccessEnd.objects.values_list("lease__number", flat=True))
    found = [one for one in comparing.differences(ours, theirs, ended) if one.contract not in busy]
    numbers = {one.contract for one in found}
    leases = {one.number: one for one in Lease.objects.filter(number__in=numbers)}
    seen = [_note_one(row, one, leases.get(one.contract)) for one in found]
    # what no list shows any more has come right
    rows = Difference.objects.filter(destination=row.destination, state__in=STANDING)
    for gone in rows.exclude(pk__in=[one.pk for one in seen]).exclude(contract__in=busy):
        _settle(gone, State.REPAIRED, handover.SYSTEM)
    _give(seen)


def _note_one(row: Reconciliation, found: Found, lease: Lease | None) -> Difference:
    """The one standing difference; one that was kept for a reason is not brought up again."""
    same = Difference.objects.filter(
        destination=row.destination, kind=found.kind, contract=found.contract, person=found.person
    )
    last = same.order_by("-pk").first()
    days = {"ours_until": found.ours_until, "theirs_until": found.theirs_until}
    unchanged = last is not None and last.theirs_until == found.theirs_until
    known = last is not None and last.state == State.KEPT and unchanged
    if last is not None and (known or last.state in STANDING):
        Difference.objects.filter(pk=last.pk).update(last_seen=row, **days)
        return last
    return Difference.objects.create(
        destination=row.destination, kind=found.kind, contract=found.contract,
        person=found.person, lease=lease, first_seen=row, last_seen=row, **days,
    )  # fmt: skip


def _give(seen: list[Difference]) -> None:
    """Repairs by itself what only gives, one message for a household; everything else waits."""
    told: set[tuple[int, str]] = set()
    for one in seen:
        gives = one.kind in comparing.GIVES and one.state in STANDING
        if not gives or one.lease is None:
            continue
        if (one.lease.pk, one.destination) not in told:
            if len(told) >= _MOST_GIVEN or _would_take(one, seen):
                continue  # the same list would also shorten somebody: a person looks first
            handover.tell_again(locks.fresh(one.lease), one.destination)
            told.add((one.lease.pk, one.destination))
        _settle(one, State.SENT, handover.SYSTEM)


def _would_take(one: Difference, seen: list[Difference]) -> bool:
    """Whether the household's whole list, told again, would also take something away."""
    return any(
        other.contract == one.contract and other.kind not in comparing.GIVES for other in seen
    )


def _tell_end_again(lease: Lease, destination: str) -> None:
    kind = "lease_ended" if destination == handover.OPERATOR else "revoke"
    handover.post(destination, kind, lease, {"contractNo": lease.number})


def _open(difference: Difference) -> Difference:
    row = locks.fresh(difference)
    if row.state not in STANDING:
        raise RepairRefused(_("这项差异已经处理过。"))
    return row


def _settle(row: Difference, state: str, by: Any) -> Difference:
    row.state, row.settled_at, row.settled_by = state, clock.now(), audit.label(by)[:80]
    row.save(update_fields=["state", "settled_at", "settled_by", "reason"])
    audit.record("difference.settled", by=by, thing=row, kind=row.kind, to=state, reason=row.reason)
    return row
