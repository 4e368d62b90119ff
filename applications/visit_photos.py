"""Photos of a visit (入户照片): papers like any other, under a key of their visit.

They go through the one pipeline of papers: scanned, drawn anew without the phone's data, sealed
outside the web root, looked at only with a record. Street and district read them; departments and
the family's own list of papers do not hold them.
"""

from typing import Any
from uuid import UUID

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.roles import Role
from applications import permissions
from applications.models import Application, MaterialPage, Visit
from core import display

_PREFIX = "visit-"


def item_of(visit: Visit) -> str:
    """The key under which the photos of a visit stand."""
    return f"{_PREFIX}{visit.key}"


def is_photos(item: str) -> bool:
    """Whether a key of papers belongs to a visit."""
    return item.startswith(_PREFIX)


def of(visit: Visit) -> QuerySet[MaterialPage]:
    """The pages of a visit's photos, in their order."""
    rows = visit.application.pages.filter(item=item_of(visit)).select_related("material")
    return rows.order_by("position")


def title(application: Application, item: str) -> str:
    """What they are called in a list of papers."""
    visit = _visit(application, item)
    if visit is None:
        return _("入户照片")
    return _("入户照片（%(day)s）") % {"day": display.day_short(visit.visited_at)}


def takes(staff: Staff, application: Application) -> bool:
    """Whether this person may have photos to add to the case at all."""
    return (
        Role.STREET in staff.roles
        and application.street_id == staff.bureau_id
        and not permissions.why_not_free(staff, application)
        and application.home_visits.exists()
    )


def why_not_add(application: Application, item: str, by: Any) -> str:
    """Why this person may not add photos to that visit; also after the case has gone on."""
    staff = by.as_staff
    visit = _visit(application, item)
    if visit is None or staff is None:
        return _("没有这次上门核实的记录。")
    if not takes(staff, application):
        return _("照片由上门的镇街添加。")
    return ""


def _visit(application: Application, item: str) -> Visit | None:
    try:
        key = UUID(item.removeprefix(_PREFIX))
    except ValueError:
        return None
    return application.home_visits.filter(key=key).first()
