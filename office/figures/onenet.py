"""一张网: what the registers were asked, who is housed, who left and who was found."""

from datetime import timedelta

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from allocation import states as allocation_states
from allocation.models import Lease
from datashare.models import Call
from office.figures.figure import Figure, everyone
from office.figures.populations import APPLICATIONS, CALLS, EXITS, LEASES, OUTREACH
from renewal import states

ALL_CALLS = Figure(
    "calls", _("部门数据调用"), _("向各部门发出的查询，一问一次；重试不另计。"), CALLS, everyone
)
CALLS_MONTH = Figure(
    "calls_month", _("近30天调用"), _("最近30天发出的查询。"),
    CALLS, lambda moment: Q(started_at__gte=moment.at - timedelta(days=30)),
)  # fmt: skip
CALLS_FAILED = Figure(
    "calls_failed", _("没有答复的调用"), _("部门没有给出可用答复的查询；会自动再查，不影响家庭。"),
    CALLS, lambda moment: Q(outcome=Call.Outcome.UNAVAILABLE),
)  # fmt: skip
SHARED = Figure(
    "shared", _("共享信息"), _("各部门答复中的记录条数合计，与调用记录逐条对应。"),
    CALLS, lambda moment: Q(outcome=Call.Outcome.FOUND), total="row_count", unit=_("条"),
)  # fmt: skip

IN_FORCE = Figure(
    "in_force", _("在保"), _("租赁合同已签、还没有交还住房的家庭，搬迁期内也算。"),
    LEASES, lambda moment: Q(state__in=allocation_states.L_IN_FORCE),
)  # fmt: skip
EVER = Figure(
    "ever", _("累计保障"), _("签过租赁合同的家庭，一户只算一次，包括已经退出的。"),
    APPLICATIONS,
    lambda moment: Q(
        Exists(Lease.objects.filter(application=OuterRef("pk"), signed_at__isnull=False))
    ),
    unit=_("户"),
)  # fmt: skip
MOVED_IN = Figure(
    "moved_in", _("今年签约入住"), _("今年1月1日以来签订租赁合同的家庭。"),
    LEASES, lambda moment: Q(signed_at__gte=moment.new_year),
)  # fmt: skip
FROM_DRAW = Figure(
    "from_draw", _("今年摇号入住"), _("今年通过摇号或候补得到住房并签约的家庭。"),
    LEASES, lambda moment: Q(signed_at__gte=moment.new_year, offer__isnull=False),
)  # fmt: skip

FLAGGED = Figure(
    "flagged", _("核对中的线索"), _("部门数据有一项不同、还没有人确认或解除的家庭；不是结论。"),
    EXITS, lambda moment: Q(state__in=[states.X_FLAGGED, states.X_VERIFYING]),
)  # fmt: skip
HEARINGS = Figure(
    "hearings", _("听取说明中"), _("已送达书面通知，正在或已经听取家庭说明、还没有决定。"),
    EXITS, lambda moment: Q(state__in=[states.X_NOTICE, states.X_HEARD]),
)  # fmt: skip
CLEARED = Figure(
    "cleared", _("核对后无影响"), _("核对清楚、不影响保障的家庭。"),
    EXITS, lambda moment: Q(state=states.X_CLEARED),
)  # fmt: skip
ENDED = Figure(
    "ended", _("终止保障"), _("核实、告知、听取说明并由两人签发后终止保障的家庭。"),
    EXITS, lambda moment: Q(decided_at__isnull=False) & ~Q(state=states.X_CLEARED),
)  # fmt: skip
ENDED_YEAR = Figure(
    "ended_year", _("今年终止保障"), _("今年签发终止决定的家庭。"),
    EXITS, lambda moment: Q(decided_at__gte=moment.new_year) & ~Q(state=states.X_CLEARED),
)  # fmt: skip
DISCOVERED = Figure(
    "discovered", _("主动发现"), _("从部门数据中发现、可能需要帮助而没有申请的家庭。"),
    OUTREACH, everyone,
)  # fmt: skip
DISCOVERED_APPLIED = Figure(
    "discovered_applied", _("发现后已申请"), _("主动发现后，家庭已提出申请。"),
    OUTREACH, lambda moment: Q(application__submitted_at__isnull=False),
)  # fmt: skip
DISCOVERED_HOUSED = Figure(
    "discovered_housed", _("发现后已入住"), _("主动发现后提出申请，并已签订租赁合同的家庭。"),
    OUTREACH,
    lambda moment: Q(
        Exists(
            Lease.objects.filter(application=OuterRef("application"), signed_at__isnull=False)
        )
    ),
)  # fmt: skip

HEADLINE = (CALLS_MONTH, SHARED, IN_FORCE, EVER, MOVED_IN, FROM_DRAW)
IN_AND_OUT = (FLAGGED, HEARINGS, CLEARED, ENDED_YEAR, DISCOVERED, DISCOVERED_APPLIED,
              DISCOVERED_HOUSED)  # fmt: skip
FIGURES = (ALL_CALLS, CALLS_FAILED, ENDED, *HEADLINE, *IN_AND_OUT)
