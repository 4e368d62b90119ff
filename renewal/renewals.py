"""Renewal of a lease tied to the re-check (续租核对, 令11号 §30).

A household asks on one page. The year's re-check serves if it is young enough; else the household
alone is checked by the same rules. A person then agrees for a new term, or, where facts speak
against it, the way of every exit begins: reasons, notice, hearing. Asking late or not at all leads
to reminders, a call and a visit, and never to an end.
"""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Staff
from allocation import states as allocation_states
from allocation.leases import renewing
from allocation.models import LeaseRequest
from applications import periods, permissions, verification
from applications.models import Evidence
from core import audit, clock, locks
from core.workflow import Refusal
from renewal import exits, recheck, states
from renewal.models import ExitCase, Recheck, RenewalCheck

SYSTEM = audit.System("续租核对")
DONE = (states.K_CLEAN, states.K_SETTLED)
_SWEPT = 100


class RenewalRefused(Refusal):
    """The renewal cannot be decided like this now."""


# -- The check ---------------------------------------------------------------------------------


def take_up_due(limit: int = _SWEPT) -> int:
    """Ties each asked renewal to a re-check, and makes one where none serves; returns how many."""
    asked = LeaseRequest.objects.filter(
        kind="renewal", state=allocation_states.Q_ASKED, renewal_check=None
    ).order_by("pk")
    return sum(begin(one, by=SYSTEM) is not None for one in asked[:limit])


def begin(request: LeaseRequest, *, by: Any, anew: bool = False) -> RenewalCheck | None:
    """The re-check on which this renewal is decided; None where another worker was first.

    With ``anew`` the household is checked again though the year's re-check would serve.
    """
    try:
        with transaction.atomic():
            locks.fresh(request.lease)
            row = locks.fresh(request)
            if row.state != allocation_states.Q_ASKED or RenewalCheck.objects.filter(request=row):
                return None
            serves = None if anew else _serving(row, clock.today())
            check = RenewalCheck.objects.create(
                request=row, recheck=serves or _alone(row), reused=serves is not None,
                at=clock.now(),
            )  # fmt: skip
            audit.record("renewal.check", by=by, thing=check.recheck, reused=check.reused)
            if not check.reused:
                _ask(check.recheck, by)
            return check
    except IntegrityError:
        return None


def look_at_due(limit: int = _SWEPT) -> int:
    """Settles households checked for a renewal alone whose registers have answered, or were silent
    for as long as anybody waits; returns how many."""
    rows = Recheck.objects.filter(campaign=None, state=states.K_CHECKING).order_by("pk")
    return sum(_look_at(one) for one in rows.select_related("lease__application")[:limit])


def _look_at(row: Recheck) -> bool:
    evidence = row.lease.application.evidence.filter(round=row.round)
    if evidence.filter(recheck.UNANSWERED).exists():
        return False
    return recheck.settle(row, by=SYSTEM)


def reopen_answered(limit: int = _SWEPT) -> int:
    """Reads again what a silent register has answered meanwhile; returns how many households."""
    waiting = Recheck.objects.filter(
        campaign=None, state=states.K_QUESTION, assessment__outcome="pending_source"
    ).order_by("pk")
    return sum(_reopen(one) for one in waiting.select_related("lease__application")[:limit])


def _reopen(row: Recheck) -> bool:
    evidence = row.lease.application.evidence.filter(round=row.round)
    assert row.assessment is not None  # the constraint says so
    news = evidence.filter(fetched_at__gt=row.assessment.created_at)
    if not news.exists() or evidence.exclude(status__in=recheck.ANSWERED).exists():
        return False
    with transaction.atomic():
        fresh = locks.fresh(row)
        recheck.go_on(fresh, by=SYSTEM)
        return True


# -- Deciding ----------------------------------------------------------------------------------


def waiting() -> QuerySet[LeaseRequest]:
    """Renewals that nobody has decided, the oldest first, with what speaks to them."""
    case = ExitCase.objects.filter(lease=OuterRef("lease"), state__in=states.EXIT.open_ids)
    rows = LeaseRequest.objects.filter(kind="renewal", state=allocation_states.Q_ASKED)
    related = ("lease__application", "lease__home__estate", "renewal_check__recheck__assessment")
    return rows.select_related(*related).annotate(in_case=Exists(case)).order_by("asked_at", "pk")


def check_of(request: LeaseRequest) -> Recheck | None:
    """The re-check a renewal stands on."""
    check = RenewalCheck.objects.filter(request=request).select_related("recheck").first()
    return check.recheck if check else None


def why_not_agree(request: LeaseRequest, staff: Staff) -> str:
    """Why this renewal cannot be agreed to now: the check is under way, or a case is open."""
    if why := permissions.why_not_free(staff, request.lease.application):
        return why
    if request.state != allocation_states.Q_ASKED:
        return _("这份续租已经审核过。")
    if exits.open_of(request.lease) is not None:
        return _("这一户有一件事还在核对，核对清楚以后再决定续租。")
    row = check_of(request)
    if row is None:
        return _("续租核对还没有完成，各部门答复以后再决定。")
    return _why_not_yet(row)


def why_not_approve(request: LeaseRequest) -> str:
    """Why a renewal may not be agreed to on any page: its check, once begun, comes first."""
    row = check_of(request)
    if row is not None and exits.open_of(request.lease) is not None:
        return _("这一户有一件事还在核对，核对清楚以后再决定续租。")
    return _why_not_yet(row) if row is not None else ""


def _why_not_yet(row: Recheck) -> str:
    if row.state == states.K_CHECKING:
        return _("续租核对还没有完成，各部门答复以后再决定。")
    if row.state == states.K_CHANGED:
        return _("标准有调整，请先核对新的档次和租金。")
    if row.state == states.K_QUESTION:
        return _("还有问题没有核对清楚，请先核对。")
    return "" if row.state in DONE else _("有一项信息需要核对，核对清楚以后再决定续租。")


def agree(request: LeaseRequest, *, by: Staff, months: int, note: str = "") -> LeaseRequest:
    """A person agrees to a new term, at the tier that the re-check has found.

    Raises RenewalRefused, LeaseRefused, NoRentStandard.
    """
    with transaction.atomic():
        lease = locks.fresh(request.lease)
        if why := why_not_agree(request, by):
            raise RenewalRefused(why)
        return renewing.approve(
            request, by=by, months=months, tier=tier_of(request, lease.term.upper), note=note
        )


def tier_of(request: LeaseRequest, first: date) -> str:
    """The tier of the new lease: as agreed for its first day, which a settled re-check has changed
    where it found another."""
    tier: str = request.lease.agreed(first)[0]
    return tier


def why_not_doubt(request: LeaseRequest, staff: Staff) -> str:
    """Why no refusal can be begun: facts must speak against it, silence and lateness never do."""
    if why := permissions.why_not_free(staff, request.lease.application):
        return why
    if request.state != allocation_states.Q_ASKED:
        return _("这份续租已经审核过。")
    row = check_of(request)
    if row is None:
        return _("续租核对还没有完成，各部门答复以后再决定。")
    if row.state == states.K_SUSPECT:
        return ""
    return recheck.why_not_find_against(row)


def doubt(request: LeaseRequest, *, by: Staff, reasons: str) -> ExitCase:
    """Facts speak against the renewal: the reasons are written down, then notice and hearing.

    The request stays open until the case is decided, and so does the lease. Raises RenewalRefused.
    """
    with transaction.atomic():
        if (row := check_of(request)) is not None:
            row = locks.fresh(row)  # before the lease, as everybody who settles a re-check does
        locks.fresh(request.lease)
        if why := why_not_doubt(request, by):
            raise RenewalRefused(why)
        if not reasons.strip():
            raise RenewalRefused(_("请写明拟不同意续租的事实和依据。"), "reasons")
        assert row is not None  # why_not_doubt has seen it
        if row.state == states.K_QUESTION:
            recheck.find_against(row, by=by.user, note=reasons)
            row.refresh_from_db()
        return exits.open_case(
            request.lease, ground=exits.Ground.NO_RENEWAL, flags=row.flags, by=by.user,
            recheck=row if not ExitCase.objects.filter(recheck=row).exists() else None,
            note=reasons,
        )  # fmt: skip


# -- Parts -------------------------------------------------------------------------------------


def _serving(request: LeaseRequest, today: date) -> Recheck | None:
    """The newest finished re-check of the lease, if it is young enough."""
    since = clock.local_midnight(periods.months_later(today, -periods.of("renewal_reuse").value))
    rows = Recheck.objects.filter(lease=request.lease, state__in=DONE, settled_at__gte=since)
    newest = rows.order_by("-settled_at").first()
    later = Recheck.objects.filter(lease=request.lease, state__in=states.RECHECK.open_ids)
    return None if newest is None or later.exists() else newest


def _alone(request: LeaseRequest) -> Recheck:
    """The re-check under way of the lease, or one of its own."""
    open_ = Recheck.objects.filter(lease=request.lease, state__in=states.RECHECK.open_ids)
    known = open_.order_by("-pk").first()
    if known is not None:
        return known
    return Recheck.objects.create(
        lease=request.lease, alone_on=clock.today(), state_since=clock.now()
    )


def _ask(row: Recheck, by: Any) -> None:
    if row.campaign_id is not None or row.state != states.K_CHECKING:
        return
    made = verification.request_checks(row.lease.application, round=row.round, by=by)
    if (
        not made
        and not Evidence.objects.filter(
            application=row.lease.application_id, round=row.round
        ).exists()
    ):
        recheck.settle(row, by=by)  # nobody there agrees to be asked about: a person must ask
