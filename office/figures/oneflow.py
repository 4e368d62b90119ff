"""一体化: how long it takes, against 45 and 15 working days."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from applications import deadlines, states
from applications.models import Pause
from core import workdays
from office.figures.figure import Figure, Moment
from office.figures.onestop import reached
from office.figures.populations import APPLICATIONS

# cases whose fifteen or forty-five days still run: nobody has answered them yet
RUNNING = (
    states.ACCEPTED, states.CORRECTION, states.STREET_REVIEW, states.JOINT_REVIEW,
    states.DISTRICT_REVIEW, states.PUBLICITY, states.OBJECTION_CHECK,
)  # fmt: skip
NEAR = 3  # working days before a due date from which a case counts as close to it


def _near(name: str, moment: Moment) -> Q:
    last = workdays.add_workdays(moment.day, NEAR)
    due = Q(**{f"{name}__gte": moment.day, f"{name}__lte": last})
    return Q(state__in=RUNNING, accepted_at__isnull=False) & due & ~_paused()


def _late(name: str, moment: Moment) -> Q:
    due = Q(**{f"{name}__lt": moment.day})
    return Q(state__in=RUNNING, accepted_at__isnull=False) & due & ~_paused()


def _paused() -> Q:
    standing = Pause.objects.filter(
        application=OuterRef("pk"), ended_at__isnull=True, reason__in=deadlines.stopping_reasons()
    )
    return Q(Exists(standing))


ANSWERED = Figure(
    "answered", _("已答复"), _("登记了轮候，或签发了不符合条件决定的申请。办理时间只统计这些。"),
    APPLICATIONS,
    lambda moment: reached(states.WAITLISTED, states.REFUSED)
    & Q(accepted_at__isnull=False)
    & (Q(decided_at__isnull=False) | Q(closed_at__isnull=False)),
)  # fmt: skip
IN_PROGRESS = Figure(
    "in_progress", _("正在办理"), _("已受理、还没有答复的申请。"),
    APPLICATIONS, lambda moment: Q(state__in=RUNNING, accepted_at__isnull=False),
)  # fmt: skip
PAUSED = Figure(
    "paused", _("计时暂停"), _("正在办理，但因等部门答复、补正、公示等原因暂停计时的申请。"),
    APPLICATIONS,
    lambda moment: Q(state__in=RUNNING, accepted_at__isnull=False) & _paused(),
)  # fmt: skip
NEAR_PROMISED = Figure(
    "near_promised", _("接近15个工作日"), _("没有暂停，承诺期限在3个工作日内到的申请。"),
    APPLICATIONS, lambda moment: _near("promised_due", moment),
)  # fmt: skip
LATE_PROMISED = Figure(
    "late_promised", _("超过15个工作日"), _("没有暂停，承诺期限已过、还没有答复的申请。"),
    APPLICATIONS, lambda moment: _late("promised_due", moment),
)  # fmt: skip
NEAR_STATUTORY = Figure(
    "near_statutory", _("接近45个工作日"), _("没有暂停，法定期限在3个工作日内到的申请。"),
    APPLICATIONS, lambda moment: _near("statutory_due", moment),
)  # fmt: skip
LATE_STATUTORY = Figure(
    "late_statutory", _("超过45个工作日"), _("没有暂停，法定期限已过、还没有答复的申请。"),
    APPLICATIONS, lambda moment: _late("statutory_due", moment),
)  # fmt: skip

RISKS = (LATE_STATUTORY, NEAR_STATUTORY, LATE_PROMISED, NEAR_PROMISED)
FIGURES = (ANSWERED, IN_PROGRESS, PAUSED, *RISKS)
