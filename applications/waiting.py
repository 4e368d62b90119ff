"""The waiting list (轮候): its order and an honest guess of how long."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications import findings, releases, states
from applications.models import Application, WaitEntry
from core import audit, clock, locks, notices, workflow

_QUARTERS, _QUARTER = 4, timedelta(days=91)
_FEWEST = 3  # leavings in a quarter below which a guess would pretend to know

REGISTERED = notices.Template(
    "waiting.registered",
    _("已进入轮候"),
    _("您家已进入轮候，现在第{n}位。现在不用您办理，有房源会按顺序通知您。"),
    sms=_("您家已进入轮候，现在第{n}位，现在不用您办理。我们不会在短信里要您转账或点链接"),
)


@dataclass(frozen=True)
class Estimate:
    """How many months more, from the last ``months`` months: an estimate, not a promise."""

    lo: int
    hi: int
    months: int


def register(application: Application, *, by: Any) -> WaitEntry:
    """Puts an approved household on the waiting list, in the order of today."""
    with transaction.atomic():
        row = locks.fresh(application)
        workflow.advance(row, states.WAITLISTED, by=by)
        entry = _entry(row)
        audit.record(
            "waiting.registered", by=by, thing=row, tier=entry.tier, draw_tier=entry.draw_tier
        )
        _tell(row, entry, by)
        application.refresh_from_db()
        return entry


def end(entry: WaitEntry) -> None:
    """Takes a household off the list, inside the verb that housed it or ended its case."""
    entry.ended_at = entry.ended_at or clock.now()
    entry.save(update_fields=["ended_at"])


def end_for(application: Application) -> None:
    """Takes a case off the list if it stands there."""
    WaitEntry.objects.filter(application=application, ended_at=None).update(ended_at=clock.now())


def place_of(entry: WaitEntry) -> int:
    """The household's place: 1 is next. Order is draw tier, then time of registration."""
    before = Q(draw_tier__lt=entry.draw_tier) | Q(draw_tier=entry.draw_tier) & (
        Q(registered_at__lt=entry.registered_at)
        | Q(registered_at=entry.registered_at, pk__lt=entry.pk)
    )
    return WaitEntry.objects.filter(before, ended_at=None).count() + 1


def estimate_of(entry: WaitEntry, today: date) -> Estimate | None:
    """A range from the slowest and the fastest quarter of the last year; None if not known."""
    left = [_left_between(*quarter) for quarter in _last_quarters(today)]
    if min(left) < _FEWEST:
        return None
    place = place_of(entry)
    lo, hi = (-(-place * 3 // per_quarter) for per_quarter in (max(left), min(left)))
    return Estimate(lo=lo, hi=hi, months=3 * _QUARTERS)


def draw_tier_of(priority: list[str], on: date) -> int:
    """The tier of the draw by the policy of the day; the best of several priorities counts."""
    tiers = releases.in_force(on).draw_tiers
    return min([tiers[name] for name in priority if name in tiers], default=tiers["none"])


def _entry(application: Application) -> WaitEntry:
    assessment = findings.latest_assessment(application)
    result = assessment.result if assessment else {}
    priority = result.get("priority") or []
    entry, _made = WaitEntry.objects.update_or_create(
        application=application,
        defaults={
            "tier": result.get("tier") or "",
            "draw_tier": draw_tier_of(priority, clock.today()),
            "priority": priority,
            "unit_types": result.get("unit_types") or [],
            "ended_at": None,
        },
        create_defaults={
            "registered_at": clock.now(),
            "tier": result.get("tier") or "",
            "draw_tier": draw_tier_of(priority, clock.today()),
            "priority": priority,
            "unit_types": result.get("unit_types") or [],
        },
    )
    return entry


def _tell(application: Application, entry: WaitEntry, by: Any) -> None:
    applicant = application.applicant
    notices.tell(
        applicant.id_index, REGISTERED, by=by, case_no=application.case_no or "",
        phone=applicant.phone or "", n=place_of(entry),
    )  # fmt: skip


def _last_quarters(today: date) -> list[tuple[date, date]]:
    return [(today - _QUARTER * (n + 1), today - _QUARTER * n) for n in range(_QUARTERS)]


def _left_between(first: date, last: date) -> int:
    return WaitEntry.objects.filter(
        ended_at__gte=clock.local_midnight(first), ended_at__lt=clock.local_midnight(last)
    ).count()
