"""What is common to requests for another lease: told, refused, withdrawn; the held home freed."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from allocation import states
from allocation.leases import texts
from allocation.leases.terms import LeaseRefused
from allocation.models import Lease, LeaseRequest
from applications import permissions
from applications.letters import PHONE
from core import clock, locks, notices
from core.workflow import advance

REFUSED = notices.Template(
    "lease.request_refused",
    gettext_lazy("这份请求没有同意"),
    gettext_lazy("{what}没有同意：{reason}。原来的租约不受影响，有疑问请打{office_phone}。"),
)


def lock(request: LeaseRequest) -> tuple[LeaseRequest, list[Lease]]:
    """The request and its leases, locked in one order whoever asks; the asking one first."""
    both = [request.lease, request.other] if request.other else [request.lease]
    locked = {one.pk: locks.fresh(one) for one in sorted(both, key=lambda one: one.pk)}
    return locks.fresh(request), [locked[one.pk] for one in both]


def refuse(request: LeaseRequest, *, by: Staff, reason: str) -> LeaseRequest:
    """A person does not agree, and says why. The lease and the home are untouched: an end has a
    procedure of its own, with notice and hearing (§31)."""
    with transaction.atomic():
        row, households = lock(request)
        refuse_decision(row, by)
        if not reason.strip():
            raise LeaseRefused(_("请写明理由，承租人会看到。"), "reason")
        row.decided_by, row.decided_at = by, clock.now()
        row.decision = reason.strip()[:400]
        row.save(update_fields=["decided_by", "decided_at", "decision"])
        row = advance(row, states.Q_REFUSED, by=by.user, reason=row.decision)
        _free(row, by.user)
        for one in households:
            tell(
                one, REFUSED, by=by.user, what=lambda: str(row.get_kind_display()),
                reason=row.decision, office_phone=PHONE,
            )  # fmt: skip
        return row


def withdraw(request: LeaseRequest, *, by: Any) -> LeaseRequest:
    """A household does not want it any more; the present leases stay as they are."""
    with transaction.atomic():
        row, _households = lock(request)
        if why := why_not_withdraw(row):
            raise LeaseRefused(why)
        row = advance(row, states.Q_WITHDRAWN, by=by)
        _free(row, by)
        return row


def why_not_withdraw(request: LeaseRequest) -> str:
    """Why the request cannot be taken back: it is closed, or everything is signed."""
    if not LeaseRequest.STATES[request.state].open:
        return _("这份请求已经办结。")
    if request.state == states.Q_APPROVED and request.kind == LeaseRequest.Kind.RENEWAL:
        return _("续租已经同意。不想续租的，不签合同就可以，也可以打%(phone)s。") % {"phone": PHONE}
    signed = request.texts.filter(state=states.T_IN_FORCE).exists()
    return _("协议已经签好，请打%(phone)s和我们商量。") % {"phone": PHONE} if signed else ""


def refuse_decision(request: LeaseRequest, by: Staff) -> None:
    """Raises LeaseRefused where this person cannot decide on the request now."""
    if request.state != states.Q_ASKED:
        raise LeaseRefused(_("这份请求现在不能审核，请刷新页面看最新进度。"))
    households = [request.lease, request.other] if request.other else [request.lease]
    for one in households:
        if why := permissions.why_not_free(by, one.application):
            raise LeaseRefused(why)


def tell(lease: Lease, template: notices.Template, *, by: Any, **values: Any) -> None:
    """Tells the tenant."""
    tenant = texts.tenant_of(lease)
    notices.tell(
        tenant.id_index, template, by=by, case_no=lease.case_no, phone=tenant.phone or "", **values
    )


def _free(request: LeaseRequest, by: Any) -> None:
    for text in request.texts.filter(state=states.T_TO_SIGN):
        advance(text, states.T_WITHDRAWN, by=by)
    if request.home is not None:
        advance(request.home, states.H_AVAILABLE, by=by)
