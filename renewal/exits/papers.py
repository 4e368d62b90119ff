"""Papers to what a household says in an exit (陈述申辩的材料): added while it may speak."""

from typing import Any

from django.utils.translation import gettext as _

from applications import further_papers, material_permissions
from applications.models import Application
from renewal.exits import hearing
from renewal.models import ExitCase

PREFIX = "exit-"


def key_of(case: ExitCase) -> str:
    """Under which item the papers of a case lie."""
    return f"{PREFIX}{case.pk}"


def why_not_add(application: Application, item: str, by: Any) -> str:
    """Why this person may not add a paper to that case."""
    own = by.as_citizen is not None and material_permissions.hands_in(by, application)
    if not own and by.as_staff is None:
        return _("材料由申请人上传。")
    case = _case(application, item)
    if case is None or case.noticed_at is None or hearing.why_not_speak(case):
        return _("这一样现在不用交材料。")
    return ""


def title(application: Application, item: str) -> str:
    """What they are called in a list of papers."""
    return _("说明情况的材料")


def register() -> None:
    """Lets the papers in."""
    further_papers.register(PREFIX, further_papers.Kind(why_not_add, title))


def _case(application: Application, item: str) -> ExitCase | None:
    number = item.removeprefix(PREFIX)
    if not number.isdecimal():
        return None
    rows = ExitCase.objects.filter(lease__application=application)
    return rows.filter(pk=int(number[:18])).first()
