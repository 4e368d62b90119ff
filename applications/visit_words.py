"""A visit in the family's own pages (时间线): that somebody came, when, and what follows."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from applications.models import Application


@dataclass(frozen=True)
class Told:
    """One visit as the family reads it."""

    at: datetime
    title: str
    line: str
    office: str


def of(application: Application) -> list[Told]:
    """The visits of a case, oldest first."""
    rows = application.home_visits.only("visited_at", "outcome", "application_id")
    street = application.street.name if application.street else ""
    return [Told(one.visited_at, *_words(one.nobody), street) for one in rows]


def _words(nobody: bool) -> tuple[str, str]:
    if nobody:
        return (
            _("上门没有遇到"),
            _("不影响您的申请。我们会再来，或者打电话约时间，现在不用您办理。"),
        )
    return _("已上门核实"), _("看到的情况由工作人员核对，现在不用您办理。")
