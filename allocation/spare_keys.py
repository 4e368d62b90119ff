"""Cards and one-time codes (备用卡、一次性密码): nobody depends on a smartphone or on a face.

Issued by a person of the operating company, logged, with an end. A card that ends is no end of
access: who relies on a card gets another before the old one stops. A code is said once and kept
as a keyed hash alone.
"""

import secrets
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import handover
from allocation.models import AccessGrant, Lease, SpareKey
from applications import periods
from core import audit, clock, locks
from core.identity.ciphers import keyed_digest
from core.refusals import Refusal

Kind, State = SpareKey.Kind, SpareKey.State


class SpareRefused(Refusal):
    """No card or code can be issued or ended like this."""


def issue_card(
    grant: AccessGrant, *, by: Staff, number: str, reason: str, spare: bool = True
) -> SpareKey:
    """Gives a card out: ``spare`` for some days, else for as long as the lease. SpareRefused."""
    if not number.strip():
        raise SpareRefused(_("请写卡号，卡面上印着。"), "number")
    kind = Kind.SPARE if spare else Kind.CARD
    return _issue(grant, by, kind, reason, number=number.strip()[:40])


def issue_code(grant: AccessGrant, *, by: Staff, reason: str) -> tuple[SpareKey, str]:
    """A code that opens once, and its digits to be said now and never again. SpareRefused."""
    digits = f"{secrets.randbelow(10**8):08d}"
    return _issue(grant, by, Kind.CODE, reason, digits=digits), digits


def give_back(spare: SpareKey, *, by: Staff) -> SpareKey:
    """A spare card came back. SpareRefused for the card somebody lives with."""
    with transaction.atomic():
        row = _valid(spare)
        if row.kind == Kind.CARD:
            raise SpareRefused(_("这是本人常用的卡，请先补一张新卡，旧卡随之停用。"))
        return _end(row, State.RETURNED, by.user)


def replace(spare: SpareKey, *, by: Staff, number: str, reason: str) -> SpareKey:
    """A lost or broken card: the new one is issued first, then the old one stops."""
    with transaction.atomic():
        row = _valid(spare)
        if row.kind == Kind.CODE:
            raise SpareRefused(_("一次性密码不用补，请直接发一个新的。"))
        made = issue_card(
            row.grant, by=by, number=number, reason=reason, spare=row.kind == Kind.SPARE
        )
        _end(row, State.REPLACED, by.user)
        return made


def expire_due(limit: int = 200) -> int:
    """Notes the end of spare cards and codes whose time is over; returns how many."""
    due = SpareKey.objects.filter(state=State.VALID, expires_at__lte=clock.now())
    keys = due.exclude(kind=Kind.CARD).order_by("expires_at").values_list("pk", flat=True)
    return sum(_expire(pk) for pk in keys[:limit])


def of_lease(lease: Lease) -> QuerySet[SpareKey]:
    """Every card and code of a household, the newest first."""
    rows = SpareKey.objects.filter(grant__lease=lease)
    return rows.select_related("grant__member", "issued_by")


def _issue(
    grant: AccessGrant, by: Staff, kind: str, reason: str, *, number: str = "", digits: str = ""
) -> SpareKey:
    if not reason.strip():
        raise SpareRefused(_("请写为什么发，例如「老人不用手机」。"), "reason")
    try:
        with transaction.atomic():
            lease = locks.fresh(grant.lease)
            row = locks.fresh(grant)
            if row.state == AccessGrant.State.REVOKED:
                raise SpareRefused(_("这户已经交房，不能再发卡或者密码。"))
            made = SpareKey.objects.create(
                grant=row, kind=kind, number=number, reason=reason.strip()[:200],
                code_index=_index(row, digits) if digits else "",
                issued_by=by, issued_at=clock.now(), expires_at=_until(kind, row),
            )  # fmt: skip
            handover.post(handover.ACCESS, "spare", lease, _payload(made, row, digits))
            audit.record(
                "spare.issued", by=by.user, thing=made, case_no=lease.case_no, kind=kind,
                subjects=[row.member.id_index],
            )  # fmt: skip
            return made
    except IntegrityError as error:
        if "card_in_one_hand" in str(error):
            raise SpareRefused(_("这张卡正在别人手里用，请核对卡号。"), "number") from error
        raise


def _index(grant: AccessGrant, digits: str) -> str:
    return keyed_digest(f"{grant.pk}:{digits}", kind="door-code")


def _until(kind: str, grant: AccessGrant) -> datetime:
    if kind == Kind.CODE:
        return periods.of("door_code").later(clock.now())
    last = grant.valid_to
    if kind == Kind.SPARE:
        last = periods.of("spare_card").after(clock.today())
    return clock.local_midnight(last)


def _payload(spare: SpareKey, grant: AccessGrant, digits: str) -> dict[str, Any]:
    told = {
        "contractNo": grant.lease.number,
        "spareNo": f"{spare.pk}",
        "type": spare.kind,
        "idHash": grant.member.id_index,
        "validTo": spare.expires_at.isoformat(),
        # a card that somebody lives with ends with the contract, not by a day
        "endsWithContract": spare.kind == Kind.CARD,
    }
    return told | ({"code": digits, "uses": 1} if digits else {"card": spare.number})


def _valid(spare: SpareKey) -> SpareKey:
    lease = locks.fresh(spare.grant.lease)
    row = locks.fresh(spare)
    if row.state != State.VALID:
        raise SpareRefused(_("这张卡或者密码已经停用，不用再办。"))
    row.grant.lease = lease
    return row


def _end(row: SpareKey, state: str, by: Any) -> SpareKey:
    row.state, row.ended_at = state, clock.now()
    row.save(update_fields=["state", "ended_at"])
    told = {"contractNo": row.grant.lease.number, "spareNo": f"{row.pk}"}
    handover.post(handover.ACCESS, "spare_ended", row.grant.lease, told)
    audit.record("spare.ended", by=by, thing=row, state=state)
    return row


def _expire(pk: int) -> bool:
    with transaction.atomic():
        spare = SpareKey.objects.select_related("grant__lease").get(pk=pk)
        locks.fresh(spare.grant.lease)
        row = locks.fresh(spare)
        if row.state != State.VALID or row.expires_at > clock.now():
            return False
        _end(row, State.EXPIRED, handover.SYSTEM)
        return True
