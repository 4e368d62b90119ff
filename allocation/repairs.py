"""Repairs (报修): reported by the tenant, promised for a time, done when the tenant says so."""

from datetime import datetime, time
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from allocation import states
from allocation.models import Lease, Repair
from applications import periods
from core import audit, clock, display, locks, notices
from core.refusals import Refusal
from core.workflow import advance

Matter = Repair.Matter
# what cannot wait whatever the tenant ticks: gas, and a door that does not open
URGENT = (Matter.GAS, Matter.LOCK)
OPEN = (states.J_REPORTED, states.J_PROMISED)
PROMISED = notices.Template(
    "repair.promised",
    _("报修已约时间"),
    _("您报修的「{what}」，{name}会在{time}前上门。时间不合适，请打电话{office_phone}改约。"),
    sms=_("报修已约{day}上门，时间不合适请来电改约。我们不会在短信里要您转账或点链接"),
)
DONE = notices.Template(
    "repair.done",
    _("修好了吗？"),
    _("运营公司说「{what}」已经修好。请在报修页确认；没有修好，写一句，会再来。"),
)


class RepairRefused(Refusal):
    """The repair cannot be reported or moved on like this."""


def report(lease: Lease, *, by: Any, matter: str, text: str, urgent: bool = False) -> Repair:
    """A tenant reports what is broken. Raises RepairRefused."""
    if matter not in Matter.values:
        raise RepairRefused(_("请选择哪里要修。"), "matter")
    if matter == Matter.OTHER and not text.strip():
        raise RepairRefused(_("请写明哪里要修。"), "text")
    with transaction.atomic():
        row = locks.fresh(lease)
        if row.state not in states.L_IN_FORCE:
            raise RepairRefused(_("签约以后才能报修。"))
        now = clock.now()
        made = Repair.objects.create(
            lease=row, matter=matter, text=text.strip()[:1000],
            urgent=urgent or matter in URGENT, state_since=now, reported_at=now,
            reported_by=audit.label(by)[:80],
        )  # fmt: skip
        audit.record("repair.reported", by=by, thing=made, matter=matter, urgent=made.urgent)
        return made


def promise(repair: Repair, *, by: Any, at: datetime, worker: str) -> Repair:
    """Promises a time, or another one; the tenant is told. Raises RepairRefused."""
    if at <= clock.now():
        raise RepairRefused(_("约的时间已经过了，请写一个以后的时间。"), "at")
    if not worker.strip():
        raise RepairRefused(_("请写谁上门。"), "worker")
    with transaction.atomic():
        row = locks.fresh(repair)
        row.promised_at, row.worker = at, worker.strip()[:60]
        row.save(update_fields=["promised_at", "worker"])
        row = advance(row, states.J_PROMISED, by=by)
        _tell(row, PROMISED, by, time=at, day=lambda: display.day_short(at), name=row.worker)
        return row


def done(repair: Repair, *, by: Any, text: str) -> Repair:
    """The company says it is done; the tenant has the last word. Raises RepairRefused."""
    if not text.strip():
        raise RepairRefused(_("请写明修了什么。"), "text")
    with transaction.atomic():
        row = locks.fresh(repair)
        row.done_text = text.strip()[:1000]
        row.save(update_fields=["done_text"])
        row = advance(row, states.J_DONE, by=by)
        _tell(row, DONE, by)
        return row


def confirm(repair: Repair, *, by: Any) -> Repair:
    """The tenant: it is done."""
    return advance(repair, states.J_CONFIRMED, by=by)


def not_done(repair: Repair, *, by: Any, text: str) -> Repair:
    """The tenant: it is not done; it stands in front of the list again. RepairRefused."""
    if not text.strip():
        raise RepairRefused(_("请写明还有什么问题。"), "text")
    with transaction.atomic():
        row = locks.fresh(repair)
        row.not_done_text, row.promised_at = text.strip()[:1000], None
        row.rounds += 1
        row.state_since = clock.now()
        return _reopened(row, by)


def withdraw(repair: Repair, *, by: Any) -> Repair:
    """The tenant does not need it any more."""
    return advance(repair, states.J_WITHDRAWN, by=by)


def due(repair: Repair) -> datetime:
    """By when somebody should be there: what was promised, else the period of its kind."""
    if repair.promised_at is not None:
        return repair.promised_at
    if repair.urgent:
        return periods.of("repair_urgent").later(repair.reported_at)
    last = periods.of("repair").after(repair.reported_at.astimezone(clock.LOCAL).date())
    return datetime.combine(last, time(23, 59), tzinfo=clock.LOCAL)


def open_ones() -> QuerySet[Repair]:
    """What the company has to do: urgent first, then the oldest."""
    rows = Repair.objects.filter(state__in=OPEN).select_related("lease__home__estate")
    return rows.order_by("-urgent", "reported_at", "pk")


def _reopened(row: Repair, by: Any) -> Repair:
    advance(row, states.J_REPORTED, by=by, reason=row.not_done_text[:100])
    row.save(update_fields=["not_done_text", "promised_at", "rounds"])
    return row


def _tell(row: Repair, template: notices.Template, by: Any, **values: Any) -> None:
    tenant = row.lease.application.applicant
    notices.tell(
        tenant.id_index, template, by=by, case_no=row.case_no, phone=tenant.phone or "",
        what=row.get_matter_display, office_phone=row.lease.home.estate.phone, **values,
    )  # fmt: skip
