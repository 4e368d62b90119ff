"""The waiting list (轮候): who stands on it, in which order, and what moves a household.

Every verb appends its move (`wait_moves`) in the same transaction. A place never gets worse without
a person's decision, which the table refuses too, and the family is told of it.
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from accounts.roles import Role
from applications import conclusion, periods, promises, releases, states, wait_forecast, wait_moves
from applications.models import (
    Application,
    Assessment,
    Change,
    Decision,
    Member,
    WaitEntry,
    WaitMove,
)
from applications.wait_forecast import Estimate
from applications.wait_moves import Kind, Reason
from core import audit, clock, locks, notices, workflow
from core.refusals import Refusal

__all__ = ["Estimate", "estimate_of", "place_of", "register"]

MAY_MOVE = (Role.DISTRICT, Role.ADMIN)
_FEWEST_WORDS = 5

REGISTERED = notices.Template(
    "waiting.registered",
    _("已进入轮候"),
    _("您家已进入轮候，现在第{n}位。现在不用您办理，有房源会按顺序通知您。"),
    sms=_("您家已进入轮候，现在第{n}位，现在不用您办理。我们不会在短信里要您转账或点链接"),
)
MOVED = notices.Template(
    "waiting.moved",
    _("轮候次序有变动"),
    _("{what}：{words}。您家现在第{n}位。不同意的话，可以申请复核，我们{days}个工作日内书面答复；"
      "全部变动在「轮候」页可以查到。"),
    sms=_("您家的轮候次序有变动，原因和办法见「轮候」页。我们不会在短信里要您转账或点链接"),
)  # fmt: skip


class MoveRefused(Refusal):
    """The household cannot be moved on the waiting list now."""


# -- Verbs ---------------------------------------------------------------------------------------


def register(application: Application, *, by: Any) -> WaitEntry:
    """Puts an approved household on the waiting list, in the order of today."""
    with transaction.atomic():
        row = locks.fresh(application)
        workflow.advance(row, states.WAITLISTED, by=by)
        entry = _entered(row, by)
        audit.record(
            "waiting.registered", by=by, thing=row, tier=entry.tier, draw_tier=entry.draw_tier
        )
        promises.schedule(row)
        _tell(row, entry, by)
        application.refresh_from_db()
        return entry


def new_terms(
    application: Application, assessment: Assessment, *, by: Any, change: Change | None = None
) -> WaitEntry | None:
    """Brings tier and kinds of home up to date after the household has changed.

    The date of registration is never touched, and a place only ever gets better here: what would
    move a household back is a person's decision at the check before allotment. None if it does
    not wait.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        entry = WaitEntry.objects.filter(application=row, ended_at=None).first()
        result = assessment.result
        if entry is None or assessment.outcome not in ("eligible", "conditional"):
            return None
        before, terms = wait_moves.place(entry), (entry.tier, entry.unit_types)
        entry.tier = result.get("tier") or entry.tier
        entry.unit_types = result.get("unit_types") or entry.unit_types
        draw_tier = draw_tier_of(result.get("priority") or [], clock.today())
        if draw_tier <= entry.draw_tier:
            entry.draw_tier, entry.priority = draw_tier, result.get("priority") or []
        better = draw_tier < before[0]
        if better or terms != (entry.tier, entry.unit_types):
            wait_moves.move(
                entry, Kind.MOVED_UP if better else Kind.TERMS, Reason.CHANGE, by=by, was=before,
                to=wait_moves.place(entry), suspended=_is_suspended(row), change=change,
            ).save()  # fmt: skip
        entry.save(update_fields=["tier", "unit_types", "draw_tier", "priority"])
        audit.record("waiting.terms", by=by, thing=row, tier=entry.tier, draw_tier=entry.draw_tier)
        return entry


def suspend(application: Application, *, by: Staff, words: str) -> WaitEntry:
    """暂停轮候: no home is allotted meanwhile, and the place is kept. Raises MoveRefused."""
    return _halted(application, states.WAIT_SUSPENDED, Kind.SUSPENDED, by, words)


def resume(application: Application, *, by: Staff, words: str) -> WaitEntry:
    """Ends a suspension; the household stands where it stood. Raises MoveRefused."""
    return _halted(application, states.WAITLISTED, Kind.RESUMED, by, words)


def reorder(
    application: Application,
    *,
    by: Staff,
    words: str,
    draw_tier: int | None = None,
    order_on: date | None = None,
    decision: Decision | None = None,
) -> WaitEntry:
    """A person's decision on a place: another tier, another date, or both. Raises MoveRefused.

    ``registered_at`` stays what it was; better or worse, the family is told with the reason.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        if why := why_not_move(by, row) or _why_not_words(words):
            raise MoveRefused(why)
        entry = WaitEntry.objects.select_for_update().get(application=row)
        before = wait_moves.place(entry)
        after = (
            draw_tier or entry.draw_tier,
            clock.local_midnight(order_on) if order_on else before[1],
        )
        if after == before:
            raise MoveRefused(_("位置和现在的一样，没有可以变动的。"))
        kind = Kind.MOVED_UP if after < before else Kind.MOVED_DOWN
        wait_moves.move(
            entry, kind, Reason.PERSON, by=by, was=before, to=after, words=words.strip(),
            suspended=_is_suspended(row), decision=decision,
        ).save()  # fmt: skip
        entry.draw_tier, entry.order_at = after
        entry.save(update_fields=["draw_tier", "order_at"])
        audit.record(
            "waiting.moved", by=by.user, thing=row, kind=kind, draw_tier=after[0],
            order_at=after[1].isoformat(),
        )  # fmt: skip
        _tell_move(row, entry, kind, words, by)
        return entry


def end(entry: WaitEntry, *, by: Any, reason: str = Reason.HOUSED, unit_type: str = "") -> None:
    """Takes a household off the list, inside the verb that housed it or ended its case."""
    if entry.ended_at is not None:
        return
    at = clock.now()
    wait_moves.last(entry, by=by, reason=reason, at=at, unit_type=unit_type).save()
    entry.ended_at = at
    entry.save(update_fields=["ended_at"])


def end_for(application: Application, *, by: Any, reason: str = Reason.ENDED) -> None:
    """Takes a case off the list if it stands there."""
    for entry in WaitEntry.objects.filter(application=application, ended_at=None):
        end(entry, by=by, reason=reason)


# -- Who may ---------------------------------------------------------------------------------------


def why_not_move(staff: Staff | None, application: Application) -> str:
    """Why this person may not suspend or move this household on the list; empty if they may."""
    if staff is None or not set(MAY_MOVE) & set(staff.roles):
        return str(_("轮候次序由区住房保障管理中心决定。"))
    if application.state not in (states.WAITLISTED, states.WAIT_SUSPENDED):
        return str(_("这户现在不在轮候中，或者已经报名参加摇号，位置不能变动。"))
    return ""


def _why_not_words(words: str) -> str:
    if len(words.strip()) >= _FEWEST_WORDS:
        return ""
    return str(_("请写明原因，至少5个字；家庭会看到这段话。"))


# -- Reading ---------------------------------------------------------------------------------------


def place_of(entry: WaitEntry) -> int:
    """The household's place: 1 is next. Order is draw tier, then order key: one query, one index.

    Who is suspended keeps the place, so that nobody moves back when they go on.
    """
    own = wait_moves.order_of(entry)
    before = Q(draw_tier__lte=entry.draw_tier) & (
        Q(draw_tier__lt=entry.draw_tier) | Q(order_at__lt=own) | Q(order_at=own, pk__lt=entry.pk)
    )
    return WaitEntry.objects.filter(before, ended_at=None).count() + 1


def why_suspended(application: Application) -> str:
    """What the person wrote who suspended the household; empty where it is not suspended."""
    if not _is_suspended(application):
        return ""
    last = WaitMove.objects.filter(entry__application=application, kind=Kind.SUSPENDED).last()
    return (last.words or "") if last else ""


def estimate_of(entry: WaitEntry, today: date) -> Estimate | None:
    """A range of months more, by tier and kinds of home; None if not known."""
    return wait_forecast.of(entry, today)


def draw_tier_of(priority: list[str], on: date) -> int:
    """The tier of the draw by the policy of the day; the best of several priorities counts."""
    tiers = releases.in_force(on).draw_tiers
    return min([tiers[name] for name in priority if name in tiers], default=tiers["none"])


# -- Parts of the verbs --------------------------------------------------------------------------


def _entered(application: Application, by: Any) -> WaitEntry:
    """The household's entry: new, or the old one again with its date."""
    assessment = conclusion.of(application)
    result = assessment.result if assessment else {}
    priority = result.get("priority") or []
    terms = {
        "tier": result.get("tier") or "",
        "draw_tier": draw_tier_of(priority, clock.today()),
        "priority": priority,
        "unit_types": result.get("unit_types") or [],
    }
    entry = WaitEntry.objects.filter(application=application).first()
    if entry is not None:
        return _returned(entry, terms, by)
    at = _kept_date(application) or clock.now()
    entry = WaitEntry.objects.create(
        application=application, registered_at=at, order_at=at, **terms
    )
    made = wait_moves.first(entry, by=by)
    made.at = clock.now()  # a kept date is where it stands, not when it came
    made.save()
    return entry


def _returned(entry: WaitEntry, terms: dict[str, Any], by: Any) -> WaitEntry:
    was = wait_moves.place(entry) if entry.ended_at is None else None
    wait_moves.move(
        entry, Kind.RETURNED, Reason.OVERTURNED, by=by, was=was,
        to=(terms["draw_tier"], wait_moves.order_of(entry)),
    ).save()  # fmt: skip
    for name, value in terms.items():
        setattr(entry, name, value)
    entry.ended_at = None
    entry.save(update_fields=[*terms, "ended_at"])
    return entry


def _halted(application: Application, to: str, kind: str, by: Staff, words: str) -> WaitEntry:
    with transaction.atomic():
        row = locks.fresh(application)
        if why := why_not_move(by, row) or _why_not_words(words):
            raise MoveRefused(why)
        if row.state == to:
            raise MoveRefused(_("这户已经是这个状态了。"))
        entry = WaitEntry.objects.select_for_update().get(application=row)
        place = wait_moves.place(entry)
        wait_moves.move(
            entry, kind, Reason.PERSON, by=by, was=place, to=place, words=words.strip(),
            suspended=kind == Kind.SUSPENDED,
        ).save()  # fmt: skip
        workflow.advance(row, to, by=by.user)
        audit.record("waiting.halted", by=by.user, thing=row, kind=kind)
        _tell_move(row, entry, kind, words, by)
        application.refresh_from_db()
        return entry


def _is_suspended(application: Application) -> bool:
    return application.state == states.WAIT_SUSPENDED


def _kept_date(application: Application) -> Any:
    """The date of a household that the applicant left by divorce, where the rule lets it be kept.

    See periods.yaml, divorce_keeps_date.
    """
    if not periods.of("divorce_keeps_date").value:
        return None
    left = Member.objects.filter(id_index=application.applicant.id_index, left_because="divorce")
    entry = WaitEntry.objects.filter(application__members__in=left).order_by("registered_at")
    return entry.values_list("registered_at", flat=True).first()


def _tell(application: Application, entry: WaitEntry, by: Any) -> None:
    applicant = application.applicant
    notices.tell(
        applicant.id_index, REGISTERED, by=by, case_no=application.case_no or "",
        phone=applicant.phone or "", n=place_of(entry),
    )  # fmt: skip


def _tell_move(
    application: Application, entry: WaitEntry, kind: str, words: str, by: Staff
) -> None:
    applicant = application.applicant
    notices.tell(
        applicant.id_index, MOVED, by=by.user, case_no=application.case_no or "",
        phone=applicant.phone or "", what=lambda: str(Kind(kind).label), words=words.strip(),
        n=place_of(entry), days=periods.of("reconsideration").value,
    )  # fmt: skip
