"""Who may hand papers in and who may look at them (材料权限)."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.roles import Role
from applications import (
    duties,
    further_papers,
    mandates,
    material_list,
    permissions,
    receipts,
    states,
    visit_photos,
)
from applications.material_items import AUTHORISATION, UPLOAD
from applications.material_list import AGAIN, CORRECTION
from applications.models import Application, MaterialPage
from applications.models.application import Channel

# 办案照片: what the office photographs itself (a poster, a letter left at a door), never the family
OFFICE = "office-"
_PHOTOGRAPHERS = {Role.STREET, Role.DISTRICT, Role.WINDOW}
# figures and rules need no papers: leaders and administrators open none
_READERS = {Role.WINDOW, Role.STREET, Role.REVIEWER, Role.DISTRICT, Role.AUDITOR}


def may_still_change(application: Application, item: str, by: Any) -> str:
    """Why this person may not change the papers of an item now; empty if they may."""
    if visit_photos.is_photos(item):
        return visit_photos.why_not_add(application, item, by)
    if item.startswith(OFFICE):
        return _why_not_photograph(application, by)
    if (kind := further_papers.of(item)) is not None:
        return kind.why_not_add(application, item, by)
    if not application.is_open:
        return _("这份申请已经办结，不能再交材料。")
    if why := _why_not_this_person(application, by):
        return why
    if not takes_papers(application, item):
        return _("这一样现在不用交材料。")
    return ""


def takes_papers(application: Application, item: str) -> bool:
    """Whether something is still asked under this key, or may be kept of what was signed."""
    if item == AUTHORISATION.key:
        return application.channel == Channel.WINDOW
    row = application.supplements.filter(item=item).first()
    if application.state == states.DRAFT:
        return any(
            one.item.key == item and UPLOAD in one.item.ways
            for one in material_list.left(application)
        )
    return row is not None and row.received_at is None


def hands_in(user: Any, application: Application) -> bool:
    """Whether this citizen handles the case: who applied, who typed it for them, or who acts for
    the applicant under a mandate."""
    if user.as_citizen is None or not receipts.may_see(user, application):
        return False
    typed = application.created_by_id == user.pk
    return typed or application.applicant.id_index == mandates.index_of(user)


def may_see_as_family(user: Any, page: MaterialPage) -> bool:
    """Papers of a family are its own: whoever handles the case sees the pages, nobody else."""
    if visit_photos.is_photos(page.item) or page.item.startswith(OFFICE):
        return False  # taken by the office, kept for those who weigh the case
    return hands_in(user, page.application)


def readable_items(staff: Staff, application: Application, items: list[str]) -> list[str]:
    """The items whose papers this person may read: a department those that prove its own facts.

    What was asked in a correction is read by every desk of the case, as its answers are.
    """
    kind = permissions.confined_to(staff)
    if not kind:
        return items
    return [key for key in items if key.startswith((CORRECTION, AGAIN)) or _department(key) == kind]


def count_readable(staff: Staff, application: Application) -> int:
    """How many pages this desk may read."""
    keys = list(application.pages.values_list("item", flat=True))
    readable = set(readable_items(staff, application, sorted(set(keys))))
    return sum(key in readable for key in keys)


def may_see_as_staff(staff: Staff, page: MaterialPage) -> bool:
    """Whether this desk may read this page."""
    case = page.application
    if not _READERS & set(staff.roles) or permissions.why_not_free(staff, case):
        return False
    mine = permissions.applications_visible_to(staff).filter(pk=case.pk).exists()
    if not mine and Role.WINDOW in staff.roles:
        mine = permissions.window_cases_of(staff).filter(pk=case.pk).exists()
    return mine and bool(readable_items(staff, case, [page.item]))


def _why_not_this_person(application: Application, by: Any) -> str:
    if by.as_citizen is not None:
        return "" if hands_in(by, application) else _("材料由申请人上传。")
    staff = by.as_staff
    if staff is None or Role.WINDOW not in staff.roles:
        return _("材料由申请人或者受理窗口上传。")
    if not permissions.window_cases_of(staff).filter(pk=application.pk).exists():
        return _("这个办件由别的窗口办理。")
    return permissions.why_not_free(staff, application)


def _why_not_photograph(application: Application, by: Any) -> str:
    """Letters go out and posters come down after a case has ended, too."""
    staff = by.as_staff
    if staff is None or not _PHOTOGRAPHERS & set(staff.roles):
        return _("办案照片由工作人员上传。")
    mine = permissions.applications_visible_to(staff).filter(pk=application.pk).exists()
    if not mine and not permissions.window_cases_of(staff).filter(pk=application.pk).exists():
        return _("这个办件由别的单位办理。")
    return permissions.why_not_free(staff, application)


def _department(key: str) -> str:
    item = material_list.of(key)
    return duties.department_of(item.proves) if item else ""
