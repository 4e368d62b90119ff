"""Who looked (谁查过我的数据): questions to registers and readings of the file."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from applications import registers
from core import display
from core.models import AuditEntry
from datashare.models import Call

_MACHINES = {"worker"}
_MOST = 400  # entries looked through for a page


@dataclass(frozen=True)
class Look:
    """One line: who, what, why, and what came of it."""

    at: datetime
    who: str
    what: str
    why: str
    effect: str
    machine: bool = False


@dataclass(frozen=True)
class Day:
    """The looks of one day for one case, newest first."""

    title: str
    case_no: str
    looks: list[Look]

    @property
    def by_people(self) -> list[Look]:
        return [one for one in self.looks if not one.machine]

    @property
    def by_machine(self) -> list[Look]:
        return [one for one in self.looks if one.machine]


def about(person_index: str, own_label: str = "") -> list[Day]:
    """Everything about one person, newest first, gathered by day and case.

    ``own_label`` is how the log calls the person themselves.
    """
    looks = [*_calls(person_index, own_label), *_readings(person_index)]
    looks.sort(key=lambda pair: pair[1].at, reverse=True)
    days: dict[tuple[str, str], list[Look]] = {}
    for case_no, look in looks:
        days.setdefault((display.day(look.at), case_no), []).append(look)
    return [Day(title, case_no, found) for (title, case_no), found in days.items()]


def _calls(person_index: str, own_label: str) -> Iterable[tuple[str, Look]]:
    for call in Call.objects.about(person_index)[:_MOST]:
        yield (
            call.case_no,
            Look(
                call.started_at,
                _("您本人申请时") if call.by == own_label else _who(call.by),
                _("查询%(register)s（%(owner)s）")
                % {
                    "register": registers.name_of(call.source),
                    "owner": registers.owner_of(call.source),
                },
                _("审核住房保障申请，依据您的授权")
                if call.basis.startswith("consent")
                else _("履行法定职责"),
                str(call.get_outcome_display()),
                machine=call.by in _MACHINES,
            ),
        )


def _readings(person_index: str) -> Iterable[tuple[str, Look]]:
    rows = AuditEntry.objects.filter(verb="looked", subjects__contains=[person_index])
    for row in rows.order_by("-at")[:_MOST]:
        yield row.case_no, Look(row.at, _who(row.actor), _("查看您的办件"), row.purpose, "")


def _who(actor: str) -> str:
    return _("平台自动核对") if actor in _MACHINES else actor
