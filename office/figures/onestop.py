"""一站式: one visit or none, few papers, the way from application to keys."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from allocation.models import Lease
from applications import states
from applications.models import Application
from applications.models.application import Channel
from core.models import Transition
from office.figures.figure import Figure, Moment, everyone
from office.figures.populations import APPLICATIONS


def reached(*state_ids: str) -> Q:
    """Applications that were in one of these states at any time, by their log of states."""
    log = Transition.objects.filter(
        thing_type=Application._meta.label_lower, thing_id=OuterRef("pk"), to_state__in=state_ids
    )
    return Q(Exists(log))


def _housed(moment: Moment) -> Q:
    return Q(Exists(Lease.objects.filter(application=OuterRef("pk"), signed_at__isnull=False)))


SUBMITTED = Figure(
    "submitted", _("收到申请"), _("已提交并有办件编号的申请，草稿不算。"), APPLICATIONS, everyone
)
ACCEPTED = Figure(
    "accepted", _("已受理"), _("有受理时间的申请，包括后来撤回的。"),
    APPLICATIONS, lambda moment: Q(accepted_at__isnull=False),
)  # fmt: skip
REVIEWED = Figure(
    "reviewed", _("部门审完"), _("各部门都提交了意见，到过区级复审的申请。"),
    APPLICATIONS, lambda moment: reached(states.DISTRICT_REVIEW),
)  # fmt: skip
APPROVED = Figure(
    "approved", _("审核通过"), _("区级复审同意，进入过公示的申请。"),
    APPLICATIONS, lambda moment: reached(states.PUBLICITY),
)  # fmt: skip
WAITLISTED = Figure(
    "waitlisted", _("登记轮候"), _("公示期满、登记过轮候的申请。"),
    APPLICATIONS, lambda moment: reached(states.WAITLISTED),
)  # fmt: skip
HOUSED = Figure("housed", _("签约入住"), _("已签租赁合同的申请。"), APPLICATIONS, _housed)

FUNNEL = (SUBMITTED, ACCEPTED, REVIEWED, APPROVED, WAITLISTED, HOUSED)

ONLINE = Figure(
    "online", _("网上申请"), _("由申请人自己在网上提交的申请。"),
    APPLICATIONS, lambda moment: Q(channel=Channel.ONLINE),
)  # fmt: skip
WINDOW = Figure(
    "window", _("窗口申请"), _("由窗口工作人员录入的申请。"),
    APPLICATIONS, lambda moment: Q(channel=Channel.WINDOW),
)  # fmt: skip
VISITS = Figure(
    "visits", _("家庭来访"), _("所有申请的来访次数合计：网上0次，窗口受理1次，补交另计。"),
    APPLICATIONS, everyone, total="visits", unit=pgettext_lazy("visits", "次"),
)  # fmt: skip
PAPERS = Figure(
    "papers", _("家庭提交的材料"), _("所有申请由家庭自己带来的纸质或上传材料合计；部门数据不算。"),
    APPLICATIONS, everyone, total="papers", unit=_("份"),
)  # fmt: skip
MANY_VISITS = Figure(
    "many_visits", _("来访超过一次"), _("家庭到窗口超过一次的申请。"),
    APPLICATIONS, lambda moment: Q(visits__gt=1),
)  # fmt: skip
REFUSED = Figure(
    "refused", _("不符合条件"), _("签发过不符合条件决定的申请，包括复核后改为符合的。"),
    APPLICATIONS, lambda moment: reached(states.REFUSED),
)  # fmt: skip
WITHDRAWN = Figure(
    "withdrawn", _("撤回"), _("申请人撤回，或到期未补齐按撤回处理的申请。"),
    APPLICATIONS, lambda moment: Q(state__in=[states.WITHDRAWN, states.DEEMED_WITHDRAWN]),
)  # fmt: skip

FIGURES = (*FUNNEL, ONLINE, WINDOW, VISITS, PAPERS, MANY_VISITS, REFUSED, WITHDRAWN)
