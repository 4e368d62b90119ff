"""Renewal (续租, 令11号 §30): reminded, asked for, decided by a person, signed, handed on.

A request after the last day of §30 is taken, too, and shown as late. Silence ends nothing: a lease
that ran out without a request stands on a list for a person to call.
"""

import logging
from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import DateField, F, Func, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from allocation import handover, rent_sums, states
from allocation.leases import preparing, texts
from allocation.leases.preparing import last_day
from allocation.leases.requests import refuse_decision, tell
from allocation.leases.terms import LeaseRefused
from allocation.models import Lease, LeaseRequest, LeaseText, RenewalReminder
from applications import periods, permissions
from core import audit, clock, display, locks, notices
from core.refusals import Refusal
from core.workflow import advance

log = logging.getLogger(__name__)
SYSTEM = audit.System("续租提醒")
RUNNING = (states.L_SIGNED, states.L_FILED)
REMINDERS = ("lease_remind_first", "lease_remind_second", "lease_remind_last")

ENDS = notices.Template(
    "lease.ends",
    gettext_lazy("租期快到了，请选择是否续租"),
    gettext_lazy(
        "您家的租期到{end}。想接着住，请在{due}前提出续租，在手机上或到窗口都可以。"
        "晚了也收，由工作人员联系您；没有提出，也不会自动收回住房。"
    ),
    sms=gettext_lazy(
        "您家租期快到了，请在{due_short}前选择是否续租。我们不会在短信里要您转账或点链接"
    ),
)
APPROVED = notices.Template(
    "lease.renewal_approved",
    gettext_lazy("同意续租，请签合同"),
    gettext_lazy("您家可以续租，从{start}到{end}，月租{rent}元。请在租期到期前签字。"),
    sms=gettext_lazy("您家可以续租，请在租期到期前签字。我们不会在短信里要您转账或点链接"),
)

# -- Reminders -----------------------------------------------------------------------------------


def remind_due(limit: int = 500) -> int:
    """Tells households whose lease ends in so many days, each of the three times once."""
    today, told = clock.today(), 0
    for name in reversed(REMINDERS):  # the nearest one speaks for those before it
        days = periods.of(name).value
        rows = ending_by(today + timedelta(days=days)).exclude(reminders__days__lte=days)
        for lease in rows.exclude(requests__kind="renewal")[: limit - told]:
            told += _remind(lease, days)
    return told


def ending_by(day: date) -> QuerySet[Lease]:
    """Running leases without a successor whose last day is not after ``day``."""
    rows = Lease.objects.filter(state__in=RUNNING, successor=None)
    rows = rows.annotate(until=_UPPER).filter(until__lte=day + timedelta(days=1))
    return rows.order_by("until", "pk")


def silent(today: date) -> QuerySet[Lease]:
    """Leases past their last day with nothing asked: a person calls, nothing ends by itself."""
    rows = ending_by(today - timedelta(days=1))
    return rows.exclude(requests__state__in=states.LEASE_REQUEST.open_ids)


def ask_until(lease: Lease) -> date:
    """The last day on which a renewal is asked for in time (§30)."""
    return periods.months_later(last_day(lease), -periods.of("lease_renewal_ask").value)


def opens_on(lease: Lease) -> date:
    """The first day on which a renewal can be asked for: that of the first reminder."""
    return last_day(lease) - timedelta(days=periods.of("lease_remind_first").value)


def _remind(lease: Lease, days: int) -> bool:
    try:
        with transaction.atomic():
            RenewalReminder.objects.create(lease=lease, days=days, at=clock.now())
            end, due = last_day(lease), ask_until(lease)
            tell(
                lease, ENDS, by=SYSTEM, end=end, due=due,
                due_short=lambda: display.day_short(due),
            )  # fmt: skip
            return True
    except IntegrityError:  # told by another worker in the same moment
        return False


# -- What is checked elsewhere first -----------------------------------------------------------

_CHECKS: list[Callable[[LeaseRequest], str]] = []


def check_first(why_not: Callable[[LeaseRequest], str]) -> None:
    """Lets an app above say why a renewal cannot be agreed to yet; called once when it is ready."""
    if why_not not in _CHECKS:
        _CHECKS.append(why_not)


# -- The request -----------------------------------------------------------------------------


def ask(lease: Lease, *, by: Any, reason: str = "") -> LeaseRequest:
    """The household wants to stay; late is taken, too, and goes to a person.

    Raises LeaseRefused.
    """
    with transaction.atomic():
        row = locks.fresh(lease)
        if open_ := open_for(row):
            return open_
        if why := why_not_ask(row):
            raise LeaseRefused(why)
        now = clock.now()
        made = LeaseRequest.objects.create(
            kind=LeaseRequest.Kind.RENEWAL, lease=row, state_since=now, asked_at=now,
            asked_by=audit.label(by)[:80], reason=reason.strip(),
            late=clock.today() > ask_until(row),
        )  # fmt: skip
        audit.record("lease.renewal_asked", by=by, thing=made, late=made.late)
        return made


def open_for(lease: Lease) -> LeaseRequest | None:
    """The renewal of a lease that is under way."""
    rows = lease.requests.filter(kind="renewal", state__in=states.LEASE_REQUEST.open_ids)
    return rows.first()


def why_not_ask(lease: Lease) -> str:
    """Why a renewal cannot be asked for now."""
    if lease.state == states.L_ENDING:
        return _("您家在搬迁期里。想接着住，请打0574-12345和我们商量。")
    if lease.state not in RUNNING:
        return _("租约生效以后才能续租。")
    if hasattr(lease, "successor"):
        return _("续租的合同已经有了，请看合同。")
    if clock.today() < opens_on(lease):
        return _("还早，从%(day)s起可以提出续租，到时会提醒您。") % {
            "day": display.day(opens_on(lease))
        }
    return ""


def approve(
    request: LeaseRequest, *, by: Staff, months: int, tier: str, note: str = ""
) -> LeaseRequest:
    """A person agrees: the next lease follows on the old one, same home, at most five years.

    Its rent is that of ``tier`` by the policy and standard of today, or of its first day if that
    has passed. Raises LeaseRefused, NoRentStandard.
    """
    with transaction.atomic():
        old = locks.fresh(request.lease)
        row = locks.fresh(request)
        refuse_decision(row, by)
        if old.state not in RUNNING or hasattr(old, "successor"):
            raise LeaseRefused(_("租约已经不在履行，或者已有下一份合同，不能续租。"))
        if why := next((why for check in _CHECKS if (why := check(row))), ""):
            raise LeaseRefused(why)
        longest = periods.of("lease_longest").value
        if not 1 <= months <= longest:
            raise LeaseRefused(_("租期最长%(n)d个月。") % {"n": longest}, "months")
        first = old.term.upper
        if tier not in rent_sums.tiers(clock.today()):
            raise LeaseRefused(_("请选择租金档次。"), "tier")
        rent = rent_sums.of(old.home, tier, min(first, clock.today()))
        locks.advisory("lease of home", old.home_id)
        until = periods.months_later(first, months)
        new = preparing.follow(
            old, old.home, first=first, until=until, tier=tier, rent=rent.monthly, by=by.user
        )
        texts.open_text(
            new, LeaseText.Kind.CONTRACT, by=by.user, content=texts.contract_content(new)
        )
        row.decided_by, row.decision = by, note.strip()[:400]
        row.save(update_fields=["decided_by", "decision"])
        row = advance(row, states.Q_APPROVED, by=by.user)
        tell(
            old, APPROVED, by=by.user, start=first, end=last_day(new),
            rent=f"{new.rent_monthly:.2f}",
        )  # fmt: skip
        return row


def cancel(request: LeaseRequest, *, by: Staff, reason: str) -> LeaseRequest:
    """Takes an approved renewal back before its contract is in force: the tenant has changed, or
    does not want it any more. The present lease stays. Raises LeaseRefused."""
    with transaction.atomic():
        old = locks.fresh(request.lease)
        row = locks.fresh(request)
        if why := permissions.why_not_free(by, old.application):
            raise LeaseRefused(why)
        new = Lease.objects.filter(previous=old, state=states.L_TO_SIGN).first()
        if row.state != states.Q_APPROVED or new is None:
            raise LeaseRefused(_("续租的合同已经签好，不能取消。"))
        if not reason.strip():
            raise LeaseRefused(_("请写明理由，承租人会看到。"), "reason")
        for text in new.texts.filter(state=states.T_TO_SIGN):
            advance(text, states.T_WITHDRAWN, by=by.user, reason=reason.strip()[:400])
        new = advance(new, states.L_CANCELLED, by=by.user, reason=reason.strip()[:400])
        new.previous = None  # another may follow in its place
        new.save(update_fields=["previous"])
        row.decision = reason.strip()[:400]
        row.save(update_fields=["decision"])
        return advance(row, states.Q_WITHDRAWN, by=by.user, reason=row.decision)


# -- From one lease to the next ------------------------------------------------------------------


def agreed(lease: Lease, *, by: Any) -> Lease:
    """The renewed contract is signed; it begins on its first day. The caller holds its lock."""
    row = advance(lease, states.L_AGREED, by=by)
    if row.term.lower <= clock.today():
        return hand_on(row, by=by)
    return row


def hand_on_due() -> int:
    """Begins the renewed leases whose first day has come; returns how many."""
    due = Lease.objects.filter(state=states.L_AGREED, term__startswith__lte=clock.today())
    return sum(_handed_on(lease) for lease in due.order_by("pk")[:200])


def _handed_on(lease: Lease) -> bool:
    try:
        with transaction.atomic():
            row = locks.fresh(lease)
            if row.state != states.L_AGREED:
                return False
            return hand_on(row, by=SYSTEM).state == states.L_SIGNED
    except Refusal as refusal:  # one household's trouble must not hold up the others
        log.error("lease %s is not handed on: %s", lease.pk, refusal)
        return False


def hand_on(lease: Lease, *, by: Any) -> Lease:
    """The old lease ends in the renewed one: nobody moves out and no key stops working.

    An old lease in its move-out period stays there, and the renewed one waits for a person.
    """
    assert lease.previous is not None  # only a renewed lease is handed on
    old = locks.fresh(lease.previous)
    if old.state not in RUNNING:
        return lease
    old.ended_by = Lease.Ending.SUCCEEDED
    old.save(update_fields=["ended_by"])
    advance(old, states.L_RENEWED, by=by)
    row = advance(lease, states.L_SIGNED, by=by)
    handover.push(row)
    request = old.requests.filter(kind="renewal", state=states.Q_APPROVED).first()
    if request is not None:
        advance(request, states.Q_DONE, by=by)
    return row


_UPPER = Func(F("term"), function="upper", output_field=DateField())
