"""Reported changes under way (办理中的家庭变化): what every step may ask of them.

The verbs stand in ``changes``, above the steps of the procedure; what those need of it is here.
"""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.roles import Role
from applications import permissions, states
from applications.models import Application, Change, ReviewTask
from core import clock, display, workflow

UNDER_WAY = tuple(states.CHANGE.open_ids)
Waits = Change.Waits
# where the case stands while nothing of it may be changed: announced, on a roster, in its home
ON_NOTICE = (states.PUBLICITY, states.OBJECTION_CHECK)
FROZEN = (states.IN_ROUND, states.ALLOTTED)
IN_FORCE = (states.CLOSED,)
DESKS = (Role.STREET, Role.DISTRICT)
REFUSED = "refused"  # why a change was put away, where the case may be taken up again
_SEE_ALL = (Role.DISTRICT, Role.ADMIN, Role.LEADER, Role.AUDITOR)


def waits_of(application: Application) -> str:
    """What the change waits for: the end of the notice or the round, the re-check, or nothing.

    What is on public notice is what was decided; what is on a roster was published.
    """
    if application.state in ON_NOTICE:
        return str(Waits.NOTICE)
    if application.state in FROZEN:
        return str(Waits.ROUND)
    return str(Waits.RENEWAL) if application.state in IN_FORCE else str(Waits.NOTHING)


def why_later(waits: str) -> str:
    """The sentence that says why a change is looked at later; '' if it is looked at now."""
    if waits == Waits.NOTICE:
        return _("公示期间不改公示的内容；公示结束后马上办理。")
    if waits == Waits.ROUND:
        return _("摇号名单已经公布，这一轮结束前不改名单；这一轮结束后马上办理。")
    if waits == Waits.RENEWAL:
        return _("您家已在保障中，由区住房保障管理中心在复核时一并办理，在此之前一切照旧。")
    return ""


def of(application: Application) -> QuerySet[Change]:
    """Every change of a case, newest first."""
    return Change.objects.filter(application=application).select_related("member", "settled_by")


def under_way(application: Application) -> QuerySet[Change]:
    """Those that are not settled yet."""
    return of(application).filter(state__in=UNDER_WAY)


def since(task: ReviewTask) -> QuerySet[Change]:
    """What has changed since the desk got the case, or is still being checked."""
    news = Q(reported_at__gte=task.opened_at) | Q(state__in=UNDER_WAY)
    gone = Q(state=states.CHANGE_RETRACTED)
    return of(task.application).filter(news).exclude(gone)


def holding(application: Application) -> QuerySet[Change]:
    """What somebody has to look at before the case is decided; a birthday holds nothing up."""
    rows = under_way(application).exclude(state=states.CHANGE_REPORTED)
    return rows.exclude(kind=Change.Kind.MAJORITY)


def why_not_decide(application: Application) -> str:
    """Why nothing is decided or signed about the case yet; '' if nothing stands in the way."""
    told = [one.get_kind_display() for one in holding(application)]
    if not told:
        return ""
    return _("家里报告的变化还没有核对：%(kinds)s。核对以后再作决定。") % {
        "kinds": display.listed(told)
    }


def for_renewal(application: Application) -> QuerySet[Change]:
    """What a household in force has reported: the yearly re-check looks at it."""
    if application.state in IN_FORCE:
        return under_way(application)
    return under_way(application).filter(waits_for=Waits.RENEWAL)


def visible_to(staff: Staff) -> QuerySet[Change]:
    """A street sees its own cases, the district all, a department none: it has its findings."""
    rows = Change.objects.select_related("application__street", "member", "settled_by")
    roles = set(staff.roles)
    if not staff.user.is_active:
        return rows.none()
    if roles & set(_SEE_ALL):
        return rows
    if Role.STREET in roles:
        return rows.filter(application__street_id=staff.bureau_id)
    return rows.none()


def waiting_for_desk(staff: Staff) -> QuerySet[Change]:
    """What a person has to look at, the most urgent first."""
    rows = (
        visible_to(staff)
        .filter(state=states.CHANGE_CHECKING, application__state__in=states.APPLICATION.open_ids)
        .exclude(application__state__in=(*ON_NOTICE, *FROZEN))
    )
    return rows.order_by("due_on", "pk")


def why_not_settle(change: Change, staff: Staff) -> str:
    """Why this person may not settle the change; '' if they may."""
    if change.state not in (states.CHANGE_CHECKING, states.CHANGE_EXPLAIN):
        return _("这件事现在的状态是「%(state)s」，不用核对。") % {
            "state": change.STATES[change.state].tag
        }
    if why := _why_not_now(change.application):
        return why
    roles, street = set(staff.roles), change.application.street_id
    own = Role.STREET in roles and street == staff.bureau_id
    if not (own or Role.DISTRICT in roles):
        return _("家庭变化由办件所在的镇街或者区住房保障管理中心核对。")
    return permissions.why_not_free(staff, change.application)


def leave(application: Application, *, by: Any, reason: str = "") -> int:
    """Closes what is open about a case that ended elsewhere; returns how many."""
    rows = list(Change.objects.filter(application=application, state__in=UNDER_WAY))
    for one in rows:
        Change.objects.filter(pk=one.pk).update(settled_at=clock.now())
        workflow.advance(one, states.CHANGE_RETRACTED, by=by, reason=reason)
    return len(rows)


def take_up(application: Application, *, by: Any, waits_for: str) -> int:
    """A refusal was overturned: what had been put away with it is under way again.

    The family has told it once and is not asked to tell it twice. Returns how many.
    """
    rows = list(Change.objects.filter(application=application, state=states.CHANGE_RETRACTED))
    rows = [one for one in rows if _closed_by(one) == REFUSED]
    for one in rows:
        workflow.advance(one, states.CHANGE_REPORTED, by=by)
        Change.objects.filter(pk=one.pk).update(settled_at=None, waits_for=waits_for)
    return len(rows)


def _why_not_now(application: Application) -> str:
    """Why nobody writes into the case now, whoever they are."""
    if application.state in IN_FORCE:
        return _("这户已在保障中，在年度复核时一并办理。")
    if not application.is_open:
        return _("这份申请已经结束。")
    return why_later(waits_of(application))


def _closed_by(change: Change) -> str:
    last = workflow.history(change).last()
    return last.reason if last else ""
