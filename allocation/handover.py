"""What the operating company and the access system are told, and what they answered.

The message is written with the signature, in one transaction, and delivered by the outbox until
it is confirmed. What is told is what is needed: no income, no health, no reasons.
"""

from typing import Any

from django.db import transaction
from django.db.models import Q

from allocation import states
from allocation.models import AccessGrant, Lease
from core import audit, clock, outbox
from core.models import OutboxMessage
from core.workflow import advance

SYSTEM = audit.System("入住联动")
_OPEN = (AccessGrant.State.QUEUED, AccessGrant.State.FAILED)


def push(lease: Lease) -> None:
    """Tells the operator of the lease and the access system of its people."""
    members = list(lease.application.members.filter(excluded=False))
    AccessGrant.objects.bulk_create(
        AccessGrant(
            lease=lease,
            member=member,
            valid_from=lease.term.lower,
            valid_to=lease.term.upper,
            changed_at=clock.now(),
        )
        for member in members
    )
    people = [_person(member) for member in members]
    place = _place(lease)
    _post(
        "operator",
        "lease",
        lease,
        {**place, "rent": f"{lease.rent_monthly:.2f}", "persons": people},
    )
    _post("access", "grant", lease, {**place, "persons": people})


def withdraw(lease: Lease) -> None:
    """Tells both that the lease ended; called at the signed hand-back only."""
    lease.grants.update(state=AccessGrant.State.REVOKED, changed_at=clock.now())
    _post("operator", "lease_ended", lease, _place(lease))
    _post("access", "revoke", lease, _place(lease))


def note_receipts(limit: int = 200) -> int:
    """Reads the receipts of confirmed pushes: access is open, the lease is filed."""
    open_grants = Q(grants__state__in=_OPEN)
    waiting = Lease.objects.filter(open_grants | Q(state=states.L_SIGNED)).distinct()
    return sum(_note(lease) for lease in waiting.order_by("id")[:limit])


def messages(lease: Lease) -> dict[str, OutboxMessage]:
    """The pushes of a lease by kind, for pages that show their state."""
    keys = [_key(kind, lease) for kind in ("lease", "grant", "lease_ended", "revoke")]
    return {row.kind: row for row in OutboxMessage.objects.filter(key__in=keys)}


def _note(lease: Lease) -> bool:
    with transaction.atomic():
        row = Lease.objects.select_for_update(no_key=True).get(pk=lease.pk)
        sent = messages(row)
        done = False
        if _confirmed(sent.get("grant")):
            done = _set_grants(row, _OPEN, AccessGrant.State.CONFIRMED)
        elif _dead(sent.get("grant")):
            done = _set_grants(row, (AccessGrant.State.QUEUED,), AccessGrant.State.FAILED)
        if _confirmed(sent.get("lease")) and row.state == states.L_SIGNED:
            advance(row, states.L_FILED, by=SYSTEM)
            done = True
    return done


def _confirmed(message: OutboxMessage | None) -> bool:
    return message is not None and message.state == OutboxMessage.State.CONFIRMED


def _dead(message: OutboxMessage | None) -> bool:
    return message is not None and message.state == OutboxMessage.State.DEAD


def _set_grants(lease: Lease, now: tuple[str, ...], to: str) -> bool:
    changed = lease.grants.filter(state__in=now).update(state=to, changed_at=clock.now())
    return bool(changed)


def _post(destination: str, kind: str, lease: Lease, payload: dict[str, Any]) -> None:
    outbox.post(destination, kind, key=_key(kind, lease), payload=payload, case_no=lease.case_no)


def _key(kind: str, lease: Lease) -> str:
    return f"{kind}-{lease.number}"


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


def _person(member: Any) -> dict[str, str]:
    # the blind index, not the number: enough to tell people apart, useless to anyone else
    return {
        "name": member.name,
        "idHash": member.id_index,
        "mobile": member.phone or "",
        "role": "tenant" if member.is_applicant else "member",
    }
