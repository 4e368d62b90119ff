"""维修和保留: a home is kept out of rounds and offers, with a reason, an end date and an owner.

A hold whose end has come returns to stock unless somebody objected. A repair is never over by the
calendar: its owner is reminded, and the home returns when it was inspected and released.
"""

from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import has_role
from accounts.models import Staff
from accounts.roles import Role
from allocation import states
from allocation.models import Home, HomeHold
from applications import periods, staff_notices
from applications.models import StaffNotice
from core import audit, clock, display, locks
from core.refusals import Refusal
from core.workflow import advance

SYSTEM = audit.System("房源保留")
Kind = HomeHold.Kind
_STATE = {Kind.REPAIR: states.H_REPAIR, Kind.HOLD: states.H_HELD}
_AT_ONCE = 500


class HoldRefused(Refusal):
    """The home cannot be held back, or the hold not changed, like this."""


# -- Who may ---------------------------------------------------------------------------------


def why_not_hold(home: Home, kind: str, staff: Staff) -> str:
    """Why this person may not take this home out of stock. Button and verb ask this."""
    if why := _why_not_role(kind, staff):
        return why
    if home.state not in _STATE.values() and states.HOME.allows(home.state, _STATE[Kind(kind)]):
        return ""
    if kind == Kind.REPAIR and home.state == states.H_HELD:
        return ""
    return _("这套房现在是「%(state)s」，不能转为%(kind)s。") % {
        "state": states.HOME[home.state].tag,
        "kind": Kind(kind).label,
    }


def why_not_end(row: HomeHold, staff: Staff) -> str:
    """Why this person may not end this hold now."""
    if row.ended_at is not None:
        return _("已经结束。")
    if why := _why_not_role(row.kind, staff):
        return why
    if row.kind == Kind.REPAIR:
        return _("维修完了先验收，验收合格再放行。")
    return ""


def why_not_change(row: HomeHold, staff: Staff) -> str:
    """Why this person may not prolong this hold or object to its end."""
    if row.ended_at is not None:
        return _("已经结束，不能再改。")
    return _why_not_role(row.kind, staff)


def _why_not_role(kind: str, staff: Staff) -> str:
    roles = (Role.ADMIN, Role.OPERATOR) if kind == Kind.REPAIR else (Role.ADMIN,)
    if has_role(staff.user, *roles):
        return ""
    if kind == Kind.REPAIR:
        return _("维修由业务管理岗位或运营公司登记。")
    return _("保留由住房保障管理中心的业务管理岗位登记。")


# -- Verbs -----------------------------------------------------------------------------------


def hold(
    home: Home, *, by: Staff, kind: str, reason: str, until: date, owner: Staff | None = None
) -> HomeHold:
    """Takes a home out of stock until the end of a day; ``owner`` looks after it, else who asks.

    A home that is held back may go into repair: its hold ends with that. Raises HoldRefused.
    """
    try:
        with transaction.atomic():
            row = locks.fresh(home)
            if why := why_not_hold(row, kind, by):
                raise HoldRefused(why)
            _refuse_incomplete(reason, until, owner)
            close_standing(row, by=by.user, reason=_("转为维修"))
            made = HomeHold.objects.create(
                home=row, kind=kind, reason=reason.strip()[:400], starts_on=clock.today(),
                until=until, owner=owner or by, opened_by=by, opened_at=clock.now(),
            )  # fmt: skip
            advance(row, _STATE[Kind(kind)], by=by.user, reason=made.reason)
            audit.record(
                "home.held", by=by.user, thing=row, kind=kind, until=until,
                owner=made.owner.audit_label,
            )  # fmt: skip
            home.state = row.state
            return made
    except IntegrityError as error:
        if "home_held_once" in str(error):
            raise HoldRefused(_("这套房已经在维修或保留。")) from error
        raise


def prolong(row: HomeHold, *, by: Staff, until: date, reason: str) -> HomeHold:
    """Sets a later end with a reason; an objection is answered by that. Raises HoldRefused."""
    with transaction.atomic():
        here = _open(row, by)
        if until <= here.until:
            raise HoldRefused(
                _("新的结束日要晚于%(day)s。") % {"day": display.day(here.until)}, "until"
            )
        if not reason.strip():
            raise HoldRefused(_("请写明为什么要延长。"), "reason")
        before, here.until = here.until, until
        here.objection, here.objected_by, here.objected_at = "", None, None
        here.save(update_fields=["until", "objection", "objected_by", "objected_at"])
        audit.record(
            "home.hold_prolonged", by=by.user, thing=here.home, before=before, until=until,
            reason=reason.strip()[:400],
        )  # fmt: skip
        return here


def object_to_end(row: HomeHold, *, by: Staff, reason: str) -> HomeHold:
    """A person says why the hold must not end by itself; a person ends it then."""
    with transaction.atomic():
        here = _open(row, by)
        if here.kind == Kind.REPAIR:
            raise HoldRefused(_("维修不会到期自动放回，不用提出。"))
        if not reason.strip():
            raise HoldRefused(_("请写明为什么到期不能放回。"), "reason")
        here.objection, here.objected_by = reason.strip()[:400], by
        here.objected_at = clock.now()
        here.save(update_fields=["objection", "objected_by", "objected_at"])
        audit.record("home.hold_objected", by=by.user, thing=here.home, reason=here.objection)
        return here


def end(row: HomeHold, *, by: Staff, reason: str) -> HomeHold:
    """Ends a hold before its day: the home may be let again. Ended before, it is returned."""
    with transaction.atomic():
        home = locks.fresh(row.home)
        here = locks.fresh(row)
        if here.ended_at is not None:
            return here
        if why := why_not_end(here, by):
            raise HoldRefused(why)
        if not reason.strip():
            raise HoldRefused(_("请写明为什么提前放回。"), "reason")
        _close(here, by.user, reason.strip())
        advance(home, states.H_AVAILABLE, by=by.user, reason=reason.strip())
        return here


def close_standing(home: Home, *, by: Any, reason: str) -> None:
    """Ends what stands when the home goes on; called under the home's lock."""
    for standing in in_force().filter(home=home).select_for_update(of=("self",)):
        _close(standing, by, reason)


# -- What the scheduler does -----------------------------------------------------------------


def look_after(today: date) -> tuple[int, int]:
    """Reminds owners of ends that come near and returns holds whose end has passed; how many.

    Nothing else follows from a day: a repair stays a repair, a hold with an objection a hold.
    """
    soon = periods.of("home_hold_reminder").after(today)
    near = in_force().filter(until__lte=soon).exclude(reminded_for=F("until"))
    reminded = sum(_remind(pk) for pk in near.values_list("pk", flat=True)[:_AT_ONCE])
    _tell_overdue(today)
    over = in_force().filter(kind=Kind.HOLD, until__lt=today, objected_at__isnull=True)
    returned = sum(_return(pk, today) for pk in over.values_list("pk", flat=True)[:_AT_ONCE])
    return reminded, returned


def in_force() -> QuerySet[HomeHold]:
    """Repairs and holds that have not ended."""
    return HomeHold.objects.filter(ended_at__isnull=True).order_by("until", "pk")


def to_look_after(today: date) -> QuerySet[HomeHold]:
    """Those that a person has to do something about: reminded of, or overdue."""
    soon = periods.of("home_hold_reminder").after(today)
    rows = in_force().filter(until__lte=soon)
    return rows.select_related("home__estate", "owner", "objected_by")


def _remind(pk: int) -> bool:
    """Once for each end; a prolonged hold is reminded of again."""
    with transaction.atomic():
        row = HomeHold.objects.select_for_update(of=("self",)).get(pk=pk)
        if row.ended_at is not None or row.reminded_for == row.until:
            return False
        row.reminded_for = row.until
        row.save(update_fields=["reminded_for"])
        audit.record(
            "home.hold_reminded", by=SYSTEM, thing=row.home, until=row.until,
            owner=row.owner.audit_label,
        )  # fmt: skip
        _tell_owner(row, StaffNotice.Kind.HOLD)
        return True


def _tell_overdue(today: date) -> None:
    """Owners of what should be over hear of it once for each end: a repair, a hold kept on."""
    over = in_force().filter(until__lt=today)
    rows = list(over.select_related("home__estate", "owner__user")[:_AT_ONCE])
    known = StaffNotice.objects.filter(kind=StaffNotice.Kind.OVERDUE, key__in=map(_key, rows))
    told = set(known.values_list("key", flat=True))
    for row in rows:
        if _key(row) not in told and (row.kind == Kind.REPAIR or row.objected_at is not None):
            _tell_owner(row, StaffNotice.Kind.OVERDUE)


def _tell_owner(row: HomeHold, kind: str) -> None:
    """A message on the owner's own page, with the way to the home."""
    of_company = has_role(row.owner.user, Role.OPERATOR)
    page = "operator_home" if of_company else "office_home"
    about = f"{row.home.estate.name} {row.home.code} · {row.get_kind_display()}"
    staff_notices.tell(
        [row.owner], kind, key=_key(row), by=SYSTEM, about=about[:120], day=row.until,
        path=reverse(page, args=[row.home.code]),
    )  # fmt: skip


def _key(row: HomeHold) -> str:
    """Once for each end of a hold."""
    return f"hold-{row.pk}-{row.until:%Y%m%d}"


def _return(pk: int, today: date) -> bool:
    with transaction.atomic():
        row = HomeHold.objects.select_related("home").get(pk=pk)
        home = locks.fresh(row.home)
        here = locks.fresh(row)
        if here.ended_at is not None or here.until >= today or here.objected_at is not None:
            return False
        if not states.HOME.allows(home.state, states.H_AVAILABLE):
            return False
        said = _("保留到%(day)s为止，没有人提出不放回") % {"day": display.day_short(here.until)}
        _close(here, SYSTEM, said)
        advance(home, states.H_AVAILABLE, by=SYSTEM, reason=said)
        return True


# -- Parts -----------------------------------------------------------------------------------


def _refuse_incomplete(reason: str, until: date, owner: Staff | None) -> None:
    if not reason.strip():
        raise HoldRefused(_("请写明原因。"), "reason")
    if until < clock.today():
        raise HoldRefused(_("结束日已经过去，请填今天或以后的一天。"), "until")
    latest = periods.of("home_hold_longest").after(clock.today())
    if until > latest:
        raise HoldRefused(
            _("一次最长到%(day)s，到期前可以延长。") % {"day": display.day(latest)}, "until"
        )
    if owner is not None and not has_role(owner.user, Role.ADMIN, Role.OPERATOR):
        raise HoldRefused(_("负责人要在业务管理岗位或运营公司。"), "owner")


def _open(row: HomeHold, by: Staff) -> HomeHold:
    """The hold under its home's lock, still in force, and this person's to change."""
    locks.fresh(row.home)
    here = locks.fresh(row)
    if why := why_not_change(here, by):
        raise HoldRefused(why)
    return here


def _close(row: HomeHold, by: Any, reason: str) -> None:
    row.ended_at, row.ended_by = clock.now(), audit.label(by)[:80]
    row.end_reason = reason[:400]
    row.save(update_fields=["ended_at", "ended_by", "end_reason"])
    audit.record("home.hold_ended", by=by, thing=row.home, kind=row.kind, reason=reason[:400])
