"""等部门: cases that wait for what a register has not said yet."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from applications import states
from applications.models import Evidence
from applications.models.evidence import RECHECK_ROUND
from office.figures.figure import Figure
from office.figures.populations import APPLICATIONS

SILENT, ORDERED = Evidence.Status.UNAVAILABLE, Evidence.Status.ORDERED
_ENDED = tuple(one.id for one in states.APPLICATION if not one.open)
_NOT_WAIVED = Q(waived_at=None)  # where people go on by hand nobody waits any more
_RECHECK = Q(round__startswith=RECHECK_ROUND)


def counts() -> Q:
    """Which pieces of evidence somebody still waits for: of a case sent and under way, or of a
    household in its annual re-check."""
    under_way = ~Q(application__state__in=(states.DRAFT, *_ENDED))
    return (_RECHECK | under_way) & _NOT_WAIVED


def cases(status: str, source: str = "") -> Q:
    """The applications that wait in this way, for one source or for any."""
    waits = Evidence.objects.filter(_NOT_WAIVED, application=OuterRef("pk"), status=status)
    if source:
        waits = waits.filter(source=source)
    under_way = Q(Exists(waits)) & ~Q(state__in=_ENDED)
    return under_way | Q(Exists(waits.filter(_RECHECK)))


WAITING = Figure(
    "waiting_source", _("等部门答复"),
    _("有部门没有给出可用答复的申请和复核；平台会自动再查，不会因此被拒绝。"),
    APPLICATIONS, lambda moment: cases(SILENT),
)  # fmt: skip
REPORTS = Figure(
    "reports_ordered", _("核对报告在途"),
    _("民政核对报告已委托、还没有出具的申请和复核；不暂停计时，承诺期限已包含这段时间。"),
    APPLICATIONS, lambda moment: cases(ORDERED),
)  # fmt: skip

FIGURES = (WAITING, REPORTS)
BY_SOURCE = {WAITING.key: SILENT, REPORTS.key: ORDERED}
