"""今天要定的事: what waits for a person's decision."""

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from allocation import states as allocation_states
from applications.models import Decision, Objection, Reconsideration
from office.figures.figure import Figure
from office.figures.populations import APPLICATIONS, EXITS, ROUNDS
from renewal import states


def _open_objection() -> Q:
    open_ = Objection.objects.filter(
        publicity__application=OuterRef("pk"), answered_at__isnull=True
    )
    return Q(Exists(open_))


def _unsigned(kind: str) -> Q:
    drafts = Decision.objects.filter(
        application=OuterRef("pk"), kind=kind, signed_at__isnull=True, replaced=False
    )
    return Q(Exists(drafts))


def _asked_again() -> Q:
    open_ = Reconsideration.objects.filter(
        decision__application=OuterRef("pk"), answered_at__isnull=True
    )
    return Q(Exists(open_))


OBJECTIONS = Figure(
    "objections", _("公示异议待核查"), _("公示期间有人提出、还没有答复的异议。"),
    APPLICATIONS, lambda moment: _open_objection(),
)  # fmt: skip
REFUSALS = Figure(
    "refusals_to_sign", _("不符合条件的决定待签发"), _("已拟稿，等另一位同事签发。"),
    APPLICATIONS, lambda moment: _unsigned(Decision.Kind.REFUSE),
)  # fmt: skip
APPROVALS = Figure(
    "approvals_to_sign", _("准予轮候的决定待签发"), _("已拟稿，等另一位同事签发。"),
    APPLICATIONS, lambda moment: _unsigned(Decision.Kind.APPROVE),
)  # fmt: skip
RECONSIDERATIONS = Figure(
    "reconsiderations", _("复核申请待答复"), _("当事人不同意决定，15个工作日内要书面答复。"),
    APPLICATIONS, lambda moment: _asked_again(),
)  # fmt: skip
CLUES = Figure(
    "clues", _("退出线索待核实"), _("年度复核发现一项不同，等人用第二个部门的信息核实。"),
    EXITS, lambda moment: Q(state=states.X_FLAGGED),
)  # fmt: skip
NOTICES = Figure(
    "notices_to_serve", _("核实后待告知"), _("两路信息一致，等送达书面通知、听取说明。"),
    EXITS, lambda moment: Q(state=states.X_VERIFYING),
)  # fmt: skip
HEARD = Figure(
    "heard", _("听取后待决定"), _("家庭已经说明，等拟定决定或解除。"),
    EXITS, lambda moment: Q(state=states.X_HEARD, decision__isnull=True),
)  # fmt: skip
ENDS = Figure(
    "ends_to_sign", _("终止决定待签发"), _("已拟稿，等另一位同事签发。"),
    EXITS, lambda moment: Q(state=states.X_HEARD, decision__signed_at__isnull=True,
                            decision__isnull=False),
)  # fmt: skip
FREEZE = Figure(
    "rounds_to_freeze", _("摇号名单待确定"), _("意向登记已截止，名单还没有确定。"),
    ROUNDS, lambda moment: Q(state=allocation_states.R_PLANNED, intention_until__lt=moment.day),
)  # fmt: skip
REVEAL = Figure(
    "rounds_to_reveal", _("待揭晓的轮次"), _("公开事件的时间已到，等录入公开值。"),
    ROUNDS, lambda moment: Q(state=allocation_states.R_FROZEN, entropy_at__lte=moment.at),
)  # fmt: skip

FIGURES = (
    OBJECTIONS, REFUSALS, APPROVALS, RECONSIDERATIONS, CLUES, NOTICES, HEARD, ENDS, FREEZE, REVEAL,
)  # fmt: skip
