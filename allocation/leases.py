"""Leases: prepared, explained, signed, filed, ended (令11号 §16–18, §31)."""

import json
from datetime import date, timedelta
from decimal import Decimal
from hashlib import sha256
from typing import Any

from django.db import IntegrityError, transaction
from django.db.backends.postgresql.psycopg_any import DateRange
from django.utils.translation import gettext_lazy as _

from allocation import handover, states
from allocation.models import Lease, Offer
from applications import consent, periods, waiting
from applications import states as application_states
from applications.models import Application, Benefit
from core import audit, clock, locks
from core.identity.masking import mask_name
from core.workflow import Refusal, advance

_ONE_BENEFIT = "one_benefit_in_force_per_person"
DEPOSIT = Decimal("1000.00")  # 元, unverified: taken from a comparable city


class LeaseRefused(Refusal):
    """The lease cannot be changed like this now."""


def prepare(offer: Offer, *, by: Any) -> Lease:
    """The lease of an accepted home, ready to be explained and signed."""
    application = offer.entrant.application
    today, now = clock.today(), clock.now()
    lease = Lease.objects.create(
        number=f"YZ-ZL-{today.year}-{offer.pk:06d}",
        application=application,
        offer=offer,
        home=offer.home,
        tier=application.wait_entry.tier,
        term=DateRange(today, periods.of("lease_term").after(today)),
        rent_monthly=offer.rent_monthly,
        deposit=DEPOSIT,
        state_since=now,
        created_at=now,
    )
    audit.record("lease.prepared", by=by, thing=lease, number=lease.number)
    return lease


def explain(lease: Lease, *, by: Any) -> Lease:
    """Notes that liability and return clauses were explained before signing (§16)."""
    with transaction.atomic():
        row = locks.fresh(lease)
        if row.explained_at is None:
            row.explained_at = clock.now()
            row.save(update_fields=["explained_at"])
            audit.record("lease.explained", by=by, thing=row)
        return row


def sign(lease: Lease, *, by: Any) -> Lease:
    """Signs; the benefit begins, the home is let, operator and access system are told.

    Raises LeaseRefused, also where another benefit began in the same moment.
    """
    try:
        with transaction.atomic():
            return _sign(lease, by)
    except IntegrityError as error:
        if _ONE_BENEFIT in str(error):
            _refuse_other_benefit(lease)
        raise


def start_move_out(lease: Lease, *, until: date, by: Any) -> Lease:
    """搬迁期 (§31): the household stays at the contract's rent; access is untouched."""
    return advance(lease, states.L_ENDING, by=by, reason=f"{until:%Y-%m-%d}")


def end(lease: Lease, *, on: date, by: Any) -> Lease:
    """Ends a lease at the signed hand-back: benefit and access end on that day, not before."""
    with transaction.atomic():
        row = locks.fresh(lease)
        if row.state == states.L_ENDED:
            return row
        row = advance(row, states.L_ENDED, by=by)
        # the range's end is exclusive: the day of the hand-back still belongs to the lease
        row.term = DateRange(row.term.lower, max(on, row.term.lower) + timedelta(days=1))
        row.save(update_fields=["term"])
        Benefit.objects.filter(case_no=row.case_no, ended_on=None).update(ended_on=on)
        consent.lapse(row.application)  # given until the housing ends
        advance(row.home, states.H_VACATING, by=by)
        handover.withdraw(row)
        return row


def terms(lease: Lease) -> dict[str, Any]:
    """What is agreed, for the paper, the push and the digest (§17)."""
    home = lease.home
    return {
        "number": lease.number,
        "case_no": lease.case_no,
        "home": home.code,
        "estate": home.estate.name,
        "address": home.estate.address,
        "area": f"{home.area:.2f}",
        "unit_type": home.unit_type,
        "starts_on": lease.term.lower.isoformat(),
        "ends_on": (lease.term.upper - timedelta(days=1)).isoformat(),
        "rent_monthly": f"{lease.rent_monthly:.2f}",
        "deposit": f"{lease.deposit:.2f}",
    }


def digest(lease: Lease) -> str:
    """SHA-256 over the terms: the paper in the household's hand can be checked against it."""
    text = json.dumps(terms(lease), ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()


def _sign(lease: Lease, by: Any) -> Lease:
    row = locks.fresh(lease)
    if row.state in states.L_IN_FORCE:
        return row
    if row.explained_at is None:
        raise LeaseRefused(_("签名之前，请先看完合同里的责任和退出条款。"))
    _refuse_other_benefit(row)
    today = clock.today()
    row.term = DateRange(today, periods.of("lease_term").after(today))
    row.signed_by = audit.label(by)[:80]
    row.text_digest = digest(row)
    row.save(update_fields=["term", "signed_by", "text_digest"])
    row = advance(row, states.L_SIGNED, by=by)
    advance(row.home, states.H_LET, by=by)
    _begin_benefit(row.application, row, by)
    handover.push(row)
    return row


def _refuse_other_benefit(lease: Lease) -> None:
    people = lease.application.members.filter(excluded=False)
    indexes = {member.id_index: member.name for member in people}
    other = Benefit.objects.filter(person_index__in=indexes, ended_on=None).first()
    if other is not None:
        raise LeaseRefused(
            _("%(name)s已在另一份申请或保障中，同一个人不能同时参加两份。请拨0574-12345。")
            % {"name": mask_name(indexes[other.person_index])}
        )


def _begin_benefit(application: Application, lease: Lease, by: Any) -> None:
    members = list(application.members.filter(excluded=False))
    Benefit.objects.bulk_create(
        Benefit(
            person_index=member.id_index,
            kind=Benefit.Kind.HOME,
            case_no=lease.case_no,
            began_on=lease.term.lower,
        )
        for member in members
    )
    application.members.update(holding=False)
    advance(application, application_states.CLOSED, by=by)
    waiting.end(application.wait_entry)
