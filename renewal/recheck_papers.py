"""Papers to a question of the re-check (复核材料): added by the household or at the window."""

from typing import Any

from django.utils.translation import gettext as _

from accounts.roles import Role
from applications import further_papers, material_permissions, permissions
from applications.models import Application
from renewal import questions
from renewal.models import HouseholdQuestion

PREFIX = "recheck-"
HELPERS = {Role.WINDOW, Role.STREET, Role.DISTRICT}


def why_not_add(application: Application, item: str, by: Any) -> str:
    """Why this person may not add a paper to that question."""
    asked = _question(application, item)
    if asked is None or asked.kind == HouseholdQuestion.Kind.CONSENT:
        return _("这一样现在不用交材料。")
    if why := questions.why_not_answer(asked, asked.recheck):
        return why
    if by.as_citizen is not None:
        handles = material_permissions.hands_in(by, application)
        return "" if handles else _("材料由申请人上传。")
    return why_not_help(application, by)


def why_not_help(application: Application, by: Any) -> str:
    """Why this member of staff may not fill it in for the household."""
    staff = by.as_staff
    if staff is None or not HELPERS & set(staff.roles):
        return _("材料由申请人或者受理窗口上传。")
    if Role.WINDOW not in staff.roles and not (
        permissions.applications_visible_to(staff).filter(pk=application.pk).exists()
    ):
        return _("这个办件由别的单位办理。")
    return permissions.why_not_free(staff, application)


def title(application: Application, item: str) -> str:
    """What they are called in a list of papers."""
    asked = _question(application, item)
    if asked is None:
        return _("年度复核的材料")
    return _("年度复核的材料：%(title)s") % {"title": questions.title_of(asked)}


def register() -> None:
    """Lets the papers in."""
    further_papers.register(PREFIX, further_papers.Kind(why_not_add, title))


def _question(application: Application, item: str) -> HouseholdQuestion | None:
    number = item.removeprefix(PREFIX)
    if not number.isdecimal():
        return None
    rows = HouseholdQuestion.objects.filter(recheck__lease__application=application)
    return rows.select_related("recheck__lease__application").filter(pk=int(number[:18])).first()
