"""The order of the waiting list as its moves tell it (轮候次序): on any day, and for one household.

Every verb of `waiting` appends a move before it changes the entry. The table refuses UPDATE and
DELETE, so what stood on the list on a day can be read again at any later time.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Staff
from applications.models import Change, Decision, WaitEntry, WaitMove
from core import audit, clock

Kind, Reason = WaitMove.Kind, WaitMove.Reason
_ONE = timedelta(days=1)
_OUT = (Kind.LEFT,)
_IN = (Kind.REGISTERED, Kind.RETURNED)


@dataclass(frozen=True, order=True)
class Standing:
    """Where a household stood: tier of the draw, then order key, then entry."""

    draw_tier: int
    order_at: datetime
    entry_id: int
    suspended: bool = False


@dataclass(frozen=True)
class Since:
    """What changed before a household since it last came onto the list."""

    left: int  # stood before it and left
    fell: int  # stood before it and were moved behind it
    came: int  # came, or were moved, before it


def order_on(day: date) -> list[Standing]:
    """The list as it stood at the end of a day, the next household first: one query."""
    newest = (
        WaitMove.objects.filter(at__lt=clock.local_midnight(day + _ONE))
        .order_by("entry_id", "-at", "-id")
        .distinct("entry_id")
        .values_list("to_draw_tier", "to_order_at", "entry_id", "suspended")
    )
    return sorted(
        Standing(tier, at, entry, suspended)
        for tier, at, entry, suspended in newest
        if tier is not None and at is not None
    )


def of(entry: WaitEntry) -> QuerySet[WaitMove]:
    """The moves of one household, the newest first."""
    moves = WaitMove.objects.filter(entry=entry)
    return moves.select_related("decision", "change", "by_staff").order_by("-at", "-id")


def since(entry: WaitEntry, moves: Sequence[WaitMove]) -> Since:
    """Who came and went before a household since it came onto the list. ``moves``: its own."""
    began = next((one.at for one in moves if one.kind in _IN), entry.registered_at)
    before_from = _before(entry, "from")
    before_to = _before(entry, "to")
    was_behind = Q(from_draw_tier=None) | ~before_from
    others = WaitMove.objects.filter(at__gt=began).exclude(entry=entry)
    counts = others.aggregate(
        left=Count("pk", filter=Q(kind=Kind.LEFT) & before_from),
        fell=Count("pk", filter=~Q(kind__in=(*_OUT, *_IN)) & before_from & ~before_to),
        came=Count("pk", filter=(Q(kind__in=_IN) | was_behind) & ~Q(kind=Kind.LEFT) & before_to),
    )
    return Since(**counts)


def _before(entry: WaitEntry, side: str) -> Q:
    """Moves whose place (``from`` or ``to``) lies before the household's own."""
    tier, order = f"{side}_draw_tier", f"{side}_order_at"
    own = order_of(entry)
    same_tier = Q(**{tier: entry.draw_tier})
    earlier = Q(**{f"{order}__lt": own}) | Q(**{order: own}, entry_id__lt=entry.pk)
    known = Q(**{f"{tier}__isnull": False})
    return known & (Q(**{f"{tier}__lt": entry.draw_tier}) | same_tier & earlier)


def order_of(entry: WaitEntry) -> datetime:
    """The time by which the household stands within its tier."""
    return entry.order_at or entry.registered_at


# -- What a verb appends ---------------------------------------------------------------------------


def move(
    entry: WaitEntry,
    kind: str,
    reason: str,
    *,
    by: Any,
    was: tuple[int, datetime] | None = None,
    to: tuple[int, datetime] | None = None,
    suspended: bool = False,
    words: str = "",
    unit_type: str = "",
    decision: Decision | None = None,
    change: Change | None = None,
    at: datetime | None = None,
) -> WaitMove:
    """An unsaved move; ``was`` and ``to`` are tier and order key. The verb saves it."""
    return WaitMove(
        entry=entry, at=at or clock.now(), kind=kind, reason=reason, suspended=suspended,
        from_draw_tier=was[0] if was else None, from_order_at=was[1] if was else None,
        to_draw_tier=to[0] if to else None, to_order_at=to[1] if to else None,
        words=words or None, unit_type=unit_type, by=audit.label(by)[:80], by_staff=_staff(by),
        decision=decision, change=change,
    )  # fmt: skip


def place(entry: WaitEntry) -> tuple[int, datetime]:
    """Tier and order key of a household."""
    return entry.draw_tier, order_of(entry)


def first(entry: WaitEntry, *, by: Any, reason: str = Reason.APPROVED) -> WaitMove:
    """The move that brought a new household onto the list."""
    return move(
        entry, Kind.REGISTERED, reason, by=by, to=place(entry), at=entry.registered_at
    )  # fmt: skip


def last(entry: WaitEntry, *, by: Any, reason: str, at: datetime, unit_type: str = "") -> WaitMove:
    """The move that took a household off the list."""
    return move(
        entry, Kind.LEFT, reason, by=by, was=place(entry), unit_type=unit_type, at=at
    )  # fmt: skip


def _staff(by: Any) -> Staff | None:
    if isinstance(by, Staff):
        return by
    found: Staff | None = getattr(by, "as_staff", None)
    return found


# -- In words --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Told:
    """A move as the family and the staff read it."""

    at: datetime
    title: Any
    reason: str
    place: str
    by: str


def told(moves: Iterable[WaitMove], *, to_staff: bool = False) -> list[Told]:
    """The moves in words; who did it is named to staff only."""
    return [
        Told(
            at=one.at,
            title=Kind(one.kind).label,
            reason=_reason(one),
            place=_place_words(one) if to_staff else "",
            by=one.by if to_staff else "",
        )
        for one in moves
    ]


def _reason(one: WaitMove) -> str:
    said = str(Reason(one.reason).label)
    if one.decision is not None:
        said = _("%(reason)s（决定书%(number)s）") % {
            "reason": said, "number": one.decision.letter_no,
        }  # fmt: skip
    return _("%(reason)s：%(words)s") % {"reason": said, "words": one.words} if one.words else said


def _place_words(one: WaitMove) -> str:
    def words(tier: int | None, at: datetime | None) -> str:
        if tier is None or at is None:
            return "—"
        day = at.astimezone(clock.LOCAL).date()
        return _("第%(tier)s档，%(day)s") % {"tier": tier, "day": day.isoformat()}

    return (
        f"{words(one.from_draw_tier, one.from_order_at)} → "
        f"{words(one.to_draw_tier, one.to_order_at)}"
    )
