"""What the operating company and the access system are told, and what they answered.

The message is written with the signature, in one transaction, and delivered by the outbox until
it is confirmed, each household's messages in their order. What is told is what is needed: no
income, no health, no reasons. Access is opened by these messages and ended by one alone, which
needs a signed hand-back or a recorded enforcement (allocation.access_ends). A day in a device is
no ground: ``keep_open`` moves it on for as long as the household has the home.
"""

from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F

from allocation import access_ends, states
from allocation.models import AccessGrant, Lease, Push, ReceivedReceipt, SpareKey
from applications import periods
from core import audit, clock, locks, outbox
from core.models import OutboxMessage
from core.workflow import advance

SYSTEM = audit.System("入住联动")
OPERATOR, ACCESS = "operator", "access"
PUSHES = (OPERATOR, ACCESS)
_OPEN = (AccessGrant.State.QUEUED, AccessGrant.State.FAILED)
# the kind that tells the present list, by receiver
WHOLE = {OPERATOR: "lease", ACCESS: "grant"}


class Replayed(Exception):
    """The same signed call came twice."""


def push(lease: Lease) -> None:
    """Tells the operator of the lease and the access system of its people."""
    _grant_everybody(lease)
    for destination in PUSHES:
        tell_again(lease, destination)


def tell_again(lease: Lease, destination: str) -> OutboxMessage:
    """Tells one receiver the whole present list again: a newer message replaces what it holds.

    Called after a correction, a change of the household or of the term, and by the
    reconciliation; inside the caller's transaction.
    """
    if destination == ACCESS:
        _grant_everybody(lease)
    grants = lease.grants.exclude(state=AccessGrant.State.REVOKED).select_related("member")
    payload = {**_place(lease), "persons": [_person(one) for one in grants.order_by("pk")]}
    if destination == OPERATOR:
        payload["rent"] = f"{lease.rent_monthly:.2f}"
    else:
        payload["validTo"] = _open_until(lease).isoformat()
    return post(destination, WHOLE[destination], lease, payload)


def withdraw(lease: Lease) -> None:
    """Tells both that the lease ended; called at the signed hand-back only.

    Raises access_ends.AccessKept where neither a hand-back nor an enforcement is recorded.
    """
    access_ends.refuse_groundless(lease)
    now = clock.now()
    lease.grants.update(state=AccessGrant.State.REVOKED, changed_at=now)
    spares = SpareKey.objects.filter(grant__lease=lease, state=SpareKey.State.VALID)
    spares.update(state=SpareKey.State.ENDED, ended_at=now)
    post(OPERATOR, "lease_ended", lease, _place(lease))
    post(ACCESS, "revoke", lease, _place(lease))


def note_receipts(limit: int = 200) -> int:
    """Reads the receipts of ended pushes: access is open, the lease is filed."""
    # the limit is on what has news: pushes that wait or failed long ago must not fill it
    news = Push.objects.exclude(message__state=OutboxMessage.State.PENDING).exclude(
        noted=F("message__state")
    )
    return sum(_note(pk) for pk in news.order_by("pk").values_list("pk", flat=True)[:limit])


def receipt_called(
    destination: str, message_id: str, receipt: dict[str, Any]
) -> OutboxMessage | None:
    """A receipt that the other system called in; None for a message it never got from us.

    Raises Replayed for an id that was here before.
    """
    try:
        with transaction.atomic():
            ReceivedReceipt.objects.create(
                destination=destination, message_id=message_id[:80], at=clock.now()
            )
            return outbox.receipt_came(destination, receipt)
    except IntegrityError as error:
        if "receipt_once" in str(error):
            raise Replayed(message_id) from error
        raise


def keep_open(limit: int = 200) -> int:
    """Moves the last day on where it comes near and the home was not handed back; how many."""
    soon = clock.today() + timedelta(days=periods.of("access_renew").value)
    near = Lease.objects.filter(
        state__in=states.L_IN_FORCE, grants__valid_to__lte=soon, access_end=None
    ).exclude(grants__state=AccessGrant.State.REVOKED)
    keys = near.order_by("pk").distinct().values_list("pk", flat=True)[:limit]
    return sum(_keep_open(pk, soon) for pk in keys)


def messages(lease: Lease) -> dict[str, OutboxMessage]:
    """The pushes of a lease by kind, the newest of each, for pages that show their state."""
    pushes = lease.pushes.select_related("message").order_by("pk")
    return {one.kind: one.message for one in pushes}


def post(destination: str, kind: str, lease: Lease, payload: dict[str, Any]) -> OutboxMessage:
    """Queues a message about a lease; later ones of a kind get a number behind their key."""
    with transaction.atomic():
        locks.fresh(lease)  # turn and number are counted: one after the other
        before = Push.objects.filter(lease=lease, kind=kind).count()
        key = f"{kind}-{lease.number}" + (f".{before + 1}" if before else "")
        turn = Push.objects.filter(
            lease__application=lease.application_id, message__destination=destination
        ).count()
        message = outbox.post(
            destination, kind, key=key, payload={**payload, "seq": turn + 1}, case_no=lease.case_no
        )
        Push.objects.create(lease=lease, kind=kind, message=message)
        return message


def _keep_open(lease_id: int, soon: date) -> bool:
    with transaction.atomic():
        row = Lease.objects.select_for_update(no_key=True).get(pk=lease_id)
        ends = row.state not in states.L_IN_FORCE or hasattr(row, "access_end")
        if ends or not row.grants.filter(valid_to__lte=soon).exists():
            return False
        tell_again(row, ACCESS)
        audit.record("access.kept_open", by=SYSTEM, thing=row, until=_open_until(row).isoformat())
        return True


def _note(push_id: int) -> bool:
    with transaction.atomic():
        # the lease first, as everybody does who writes a message about it
        lease_id = Push.objects.values_list("lease_id", flat=True).get(pk=push_id)
        row = Lease.objects.select_for_update(no_key=True).get(pk=lease_id)
        push = (
            Push.objects.select_for_update(of=("self",)).select_related("message").get(pk=push_id)
        )
        if push.noted == push.message.state:
            return False
        push.noted = push.message.state
        push.save(update_fields=["noted"])
        return _settle(push, row)


def _settle(push: Push, lease: Lease) -> bool:
    state, kind = push.message.state, push.kind
    if kind == "grant" and state == OutboxMessage.State.CONFIRMED:
        return _opened(lease, push.message)
    if kind == "grant" and not _newer(push):
        return _set_grants(lease, (AccessGrant.State.QUEUED,), AccessGrant.State.FAILED)
    filed = kind == "lease" and state == OutboxMessage.State.CONFIRMED
    if filed and lease.state == states.L_SIGNED:
        advance(lease, states.L_FILED, by=SYSTEM)
        return True
    return False


def _newer(push: Push) -> bool:
    later = push.lease.pushes.filter(kind=push.kind, pk__gt=push.pk)
    return later.exclude(message__state=OutboxMessage.State.GIVEN_UP).exists()


def _opened(lease: Lease, message: OutboxMessage) -> bool:
    """Opens those whom the message named: who was added later waits for the next receipt."""
    named = {one["idHash"] for one in message.payload.get("persons", [])}
    grants = lease.grants.filter(state__in=_OPEN, member__id_index__in=named)
    return bool(grants.update(state=AccessGrant.State.CONFIRMED, changed_at=clock.now()))


def _set_grants(lease: Lease, now: tuple[str, ...], to: str) -> bool:
    changed = lease.grants.filter(state__in=now).update(state=to, changed_at=clock.now())
    return bool(changed)


def _grant_everybody(lease: Lease) -> None:
    """A grant for each member who holds the home; the days follow the lease, nobody is left out."""
    known = set(lease.grants.values_list("member_id", flat=True))
    now, first, last = clock.now(), lease.term.lower, _open_until(lease)
    AccessGrant.objects.bulk_create(
        AccessGrant(lease=lease, member=member, valid_from=first, valid_to=last, changed_at=now)
        for member in lease.application.members.filter(excluded=False)
        if member.pk not in known
    )
    lease.grants.exclude(state=AccessGrant.State.REVOKED).update(valid_from=first, valid_to=last)


def _open_until(lease: Lease) -> date:
    """The day after the last on which the devices open; never before the household is out."""
    ahead = clock.today() + timedelta(days=periods.of("access_ahead").value)
    return max(lease.term.upper, ahead)


def _place(lease: Lease) -> dict[str, Any]:
    home = lease.home
    return {
        "contractNo": lease.number,
        "communityId": home.estate.code,
        "buildingNo": home.building,
        "unitNo": home.unit,
        "roomNo": home.room,
        "validFrom": lease.term.lower.isoformat(),
        "validTo": lease.term.upper.isoformat(),
    }


def _person(grant: AccessGrant) -> dict[str, str]:
    # the blind index, not the number: enough to tell people apart, useless to anyone else
    return {
        "name": grant.name,
        "idHash": grant.member.id_index,
        "mobile": grant.mobile,
        "role": "tenant" if grant.member.is_applicant else "member",
    }
