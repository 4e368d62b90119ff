"""Papers to a just cause (正当理由的材料): optional, added until it is decided: by the household,
or where somebody brings them by the district's desk.
"""

from typing import Any

from django.utils.translation import gettext as _

from accounts.roles import Role
from allocation import states
from allocation.models import JustCause
from applications import further_papers, material_permissions, permissions
from applications.models import Application
from core import display

PREFIX = "cause-"
TAKES = (states.J_CLAIMED, states.J_PROPOSED, states.J_REFUSED, states.J_OBJECTED)


def why_not_add(application: Application, item: str, by: Any) -> str:
    """Why this person may not add a paper to that cause."""
    if why := _why_not_by(application, by):
        return why
    cause = _cause(application, item)
    if cause is None or cause.state not in TAKES:
        return _("这一样现在不用交材料。")
    return ""


def _why_not_by(application: Application, by: Any) -> str:
    if by.as_citizen is not None:
        return "" if material_permissions.hands_in(by, application) else _("材料由申请人上传。")
    staff = by.as_staff
    if staff is None or Role.DISTRICT not in staff.roles:
        return _("材料由申请人上传。")
    return permissions.why_not_free(staff, application)


def title(application: Application, item: str) -> str:
    """What they are called in a list of papers."""
    cause = _cause(application, item)
    if cause is None:
        return _("放弃选房的材料")
    return _("放弃选房的材料（%(day)s）") % {"day": display.day_short(cause.claimed_at)}


def register() -> None:
    """Lets the papers in."""
    further_papers.register(PREFIX, further_papers.Kind(why_not_add, title))


def _cause(application: Application, item: str) -> JustCause | None:
    number = item.removeprefix(PREFIX)
    if not number.isdecimal():
        return None
    rows = JustCause.objects.filter(offer__entrant__application=application)
    return rows.filter(offer_id=int(number[:18])).first()
