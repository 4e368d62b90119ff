"""States of campaigns, clues and exits (年度复核与退出): tables only."""

from django.utils.translation import gettext_lazy as _

from core.workflow import DONE, ENDED, GOING, WAITING, YOURS, State, StateTable

_CENTRE = "district centre"
_PLATFORM = "platform"
_HOUSEHOLD = "household"

C_PLANNED, C_RUNNING, C_PAUSED, C_DONE, C_CANCELLED = (
    "planned", "running", "paused", "done", "cancelled",
)  # fmt: skip

CAMPAIGN = StateTable(
    "campaign",
    (
        State(C_PLANNED, _("待开始"), _("共{n}户"), YOURS, _CENTRE, (C_RUNNING, C_CANCELLED)),
        State(C_RUNNING, _("复核中"), _("已完成{k}/{n}户"), GOING, _PLATFORM,
              (C_PAUSED, C_DONE, C_CANCELLED), stamp="started_at"),
        State(C_PAUSED, _("已暂停"), _("已完成{k}/{n}户"), WAITING, _CENTRE, (C_RUNNING, C_CANCELLED)),
        State(C_DONE, _("已完成"), _("见报告"), DONE, _CENTRE, stamp="finished_at", open=False),
        State(C_CANCELLED, _("已取消"), _("已完成的保留"), ENDED, _CENTRE,
              stamp="finished_at", open=False),
    ),
)  # fmt: skip

# -- 一户的年度复核: three lanes ------------------------------------------------------------
K_CHECKING, K_CLEAN, K_CHANGED, K_QUESTION, K_SUSPECT, K_SETTLED = (
    "checking", "clean", "changed", "question", "suspect", "settled",
)  # fmt: skip

RECHECK = StateTable(
    "recheck",
    (
        State(K_CHECKING, _("年度复核中"), _("不用您办理"), GOING, _PLATFORM,
              (K_CLEAN, K_CHANGED, K_QUESTION, K_SUSPECT)),
        State(K_CLEAN, _("年度复核完成"), _("继续保障到{date}"), DONE, _PLATFORM,
              stamp="settled_at", open=False),
        State(K_CHANGED, _("标准有调整"), _("从{month}起，月租{old}→{new}元"), YOURS, _CENTRE,
              (K_SETTLED,)),
        # a register is silent or away: never a reason to end anything
        State(K_QUESTION, _("请回答{n}项"), _("{due}前"), WAITING, _CENTRE,
              (K_CHECKING, K_SETTLED, K_SUSPECT)),
        State(K_SUSPECT, _("核对中"), _("有一项信息需要核对"), WAITING, _CENTRE, (K_SETTLED,)),
        State(K_SETTLED, _("核对已完成"), _("见核对结果"), DONE, _CENTRE,
              stamp="settled_at", open=False),
    ),
)  # fmt: skip

# -- 线索 → 退出 ------------------------------------------------------------------------------
X_FLAGGED, X_VERIFYING, X_NOTICE, X_HEARD, X_CLEARED = (
    "flagged", "verifying", "notice_served", "heard", "cleared",
)  # fmt: skip
X_DECIDED, X_MOVING, X_HANDED_BACK, X_COURT = "end_decided", "move_out", "handed_back", "court"

EXIT = StateTable(
    "exit",
    (
        State(X_FLAGGED, _("核对中"), _("有一项信息需要核对"), WAITING, _CENTRE,
              (X_VERIFYING, X_CLEARED)),
        State(X_VERIFYING, _("核对中"), _("正在向第二个部门核实"), WAITING, _CENTRE,
              (X_NOTICE, X_CLEARED), stamp="confirmed_at"),
        State(X_NOTICE, _("听取说明中"), _("{due}前可说明"), YOURS, _HOUSEHOLD,
              (X_HEARD, X_CLEARED), stamp="noticed_at"),
        State(X_HEARD, _("已听取"), _("等待决定"), WAITING, _CENTRE, (X_DECIDED, X_CLEARED),
              stamp="heard_at"),
        State(X_CLEARED, _("核对已完成"), _("不影响您家"), DONE, _CENTRE,
              stamp="closed_at", open=False),
        State(X_DECIDED, _("保障终止"), _("搬迁期到{date}"), ENDED, _CENTRE, (X_MOVING, X_CLEARED),
              stamp="decided_at"),
        State(X_MOVING, _("搬迁期"), _("到{date}，月租{rent}元"), YOURS, _HOUSEHOLD,
              (X_HANDED_BACK, X_COURT, X_CLEARED)),
        State(X_COURT, _("司法程序中"), _("{court}，援助电话{phone}"), ENDED, _CENTRE,
              (X_HANDED_BACK,)),
        State(X_HANDED_BACK, _("已交还"), _("押金{date}前退还"), DONE, _CENTRE,
              stamp="closed_at", open=False),
    ),
)  # fmt: skip

# -- 存量导入 --------------------------------------------------------------------------------
S_UPLOADED, S_CHECKED, S_RUNNING, S_STOPPED = "uploaded", "checked", "running", "stopped"
S_DONE, S_UNDONE, S_DISCARDED = "done", "undone", "discarded"

STOCK_IMPORT = StateTable(
    "stock import",
    (
        State(S_UPLOADED, _("待对应列"), _("还没有核对"), YOURS, _CENTRE,
              (S_CHECKED, S_DISCARDED)),
        State(S_CHECKED, _("待确认"), _("逐行核对过，还没有导入任何家庭"), YOURS, _CENTRE,
              (S_RUNNING, S_CHECKED, S_DISCARDED)),
        State(S_RUNNING, _("导入中"), _("可以随时停下，已导入的保留"), GOING, _PLATFORM,
              (S_STOPPED, S_DONE), stamp="started_at"),
        State(S_STOPPED, _("已停下"), _("已导入的保留，可以继续或者撤销"), WAITING, _CENTRE,
              (S_RUNNING, S_UNDONE)),
        State(S_DONE, _("已导入"), _("没有通知任何家庭"), DONE, _CENTRE, (S_UNDONE,),
              stamp="finished_at", open=False),
        State(S_UNDONE, _("已撤销"), _("导入的内容已全部删去"), ENDED, _CENTRE,
              stamp="undone_at", open=False),
        State(S_DISCARDED, _("已作废"), _("没有导入任何家庭"), ENDED, _CENTRE, open=False),
    ),
)  # fmt: skip
