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
K_NOTED, K_SKIPPED = "noted", "skipped"

RECHECK = StateTable(
    "recheck",
    (
        State(K_CHECKING, _("年度复核中"), _("不用您办理"), GOING, _PLATFORM,
              (K_CLEAN, K_CHANGED, K_QUESTION, K_SUSPECT, K_NOTED, K_SKIPPED)),
        # a person who looks at the sample may find a question, never an end
        State(K_CLEAN, _("年度复核完成"), _("继续保障到{date}"), DONE, _PLATFORM, (K_QUESTION,),
              stamp="settled_at", open=False),
        State(K_CHANGED, _("标准有调整"), _("从{month}起，月租{old}→{new}元"), YOURS, _CENTRE,
              (K_SETTLED,)),
        # a register is silent or away: never a reason to end anything
        State(K_QUESTION, _("请回答{n}项"), _("{due}前"), WAITING, _CENTRE,
              (K_CHECKING, K_SETTLED, K_SUSPECT)),
        State(K_SUSPECT, _("核对中"), _("有一项信息需要核对"), WAITING, _CENTRE, (K_SETTLED,)),
        State(K_SETTLED, _("核对已完成"), _("见核对结果"), DONE, _CENTRE,
              stamp="settled_at", open=False),
        # not housed any more when the campaign was planned: counted, and nothing follows
        State(K_NOTED, _("仅供统计"), _("保障已经结束，不再办理"), ENDED, _PLATFORM,
              stamp="settled_at", open=False),
        # planned, and over before it was looked at
        State(K_SKIPPED, _("不再复核"), _("保障已经结束，或者复核已取消"), ENDED, _PLATFORM,
              stamp="settled_at", open=False),
    ),
)  # fmt: skip

# -- 线索 -----------------------------------------------------------------------------------
L_FOUND, L_LOOKING, L_TO_CASE, L_EXPLAINED, L_HANDED, L_EXPIRED = (
    "found", "looking", "to_case", "explained", "handed", "expired",
)  # fmt: skip

# a clue changes nothing for the household, in none of these states
CLUE = StateTable(
    "clue",
    (
        State(L_FOUND, _("待核实"), _("到{date}没有人核实就过期"), YOURS, _CENTRE,
              (L_LOOKING, L_EXPIRED)),
        State(L_LOOKING, _("核实中"), _("{who}在核实"), GOING, _CENTRE,
              (L_FOUND, L_TO_CASE, L_EXPLAINED, L_HANDED)),
        State(L_TO_CASE, _("已转退出核对"), _("见退出核对"), WAITING, _CENTRE,
              stamp="closed_at", open=False),
        State(L_EXPLAINED, _("已说明"), _("不影响这一户"), DONE, _CENTRE,
              stamp="closed_at", open=False),
        State(L_HANDED, _("已转家庭变化"), _("按家庭变化办理"), DONE, _CENTRE,
              stamp="closed_at", open=False),
        State(L_EXPIRED, _("已过期"), _("没有核实，什么都没有改变"), ENDED, _PLATFORM,
              stamp="closed_at", open=False),
    ),
)  # fmt: skip

# -- 线索 → 退出 ------------------------------------------------------------------------------
X_FLAGGED, X_VERIFYING, X_NOTICE, X_HEARD, X_CLEARED = (
    "flagged", "verifying", "notice_served", "heard", "cleared",
)  # fmt: skip
X_DECIDED, X_MOVING, X_HANDED_BACK, X_COURT = "end_decided", "move_out", "handed_back", "court"
X_RELATIVES, X_LEAVING = "relatives", "leaving"

EXIT = StateTable(
    "exit",
    (
        State(X_FLAGGED, _("核对中"), _("有一项信息需要核对"), WAITING, _CENTRE,
              (X_VERIFYING, X_LEAVING, X_CLEARED)),
        State(X_VERIFYING, _("核对中"), _("正在向第二个部门核实"), WAITING, _CENTRE,
              (X_NOTICE, X_RELATIVES, X_CLEARED), stamp="confirmed_at"),
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
              (X_HANDED_BACK, X_CLEARED)),
        # nobody is left: relatives have long to clear the home, and nothing is asked of them
        State(X_RELATIVES, _("亲属整理住房"), _("到{date}，不着急"), WAITING, _CENTRE,
              (X_HANDED_BACK, X_CLEARED)),
        # their own signed wish, which they may take back
        State(X_LEAVING, _("自愿退出中"), _("到{date}，可以收回"), YOURS, _HOUSEHOLD,
              (X_HANDED_BACK, X_CLEARED)),
        State(X_HANDED_BACK, _("已交还"), _("押金{date}前退还"), DONE, _CENTRE,
              stamp="closed_at", open=False),
    ),
)  # fmt: skip

# -- 主动发现: a household found in the registers, a task of its street --------------------------
_STREET = "street"
O_FOUND, O_ASSIGNED, O_TRYING, O_REACHED, O_DRAFT = (
    "found", "assigned", "trying", "reached", "draft_begun",
)  # fmt: skip
O_APPLIED, O_NOT_WANTED, O_NOT_FOUND, O_EXPIRED, O_HELPED = (
    "applied", "not_wanted", "not_found", "expired", "helped_already",
)  # fmt: skip
_O_ENDS = (O_APPLIED, O_NOT_WANTED, O_NOT_FOUND, O_EXPIRED, O_HELPED)

OUTREACH = StateTable(
    "outreach",
    (
        State(O_FOUND, _("待认领"), _("{due}前联系"), YOURS, _STREET, (O_ASSIGNED, *_O_ENDS)),
        State(O_ASSIGNED, _("待联系"), _("{due}前联系"), YOURS, _STREET,
              (O_FOUND, O_TRYING, O_REACHED, *_O_ENDS)),
        State(O_TRYING, _("还没联系上"), _("{due}再联系"), WAITING, _STREET,
              (O_REACHED, *_O_ENDS)),
        State(O_REACHED, _("已联系上"), _("{due}前再问一次"), WAITING, _STREET,
              (O_DRAFT, *_O_ENDS), stamp="reached_at"),
        # the person deletes the draft: the task is where it was before
        State(O_DRAFT, _("草稿已备好"), _("等本人填完提交"), WAITING, _HOUSEHOLD,
              (O_REACHED, *_O_ENDS)),
        State(O_APPLIED, _("已申请"), _("进展见办件"), DONE, _PLATFORM,
              stamp="closed_at", open=False),
        State(O_NOT_WANTED, _("暂不需要"), _("本人表示不需要"), ENDED, _HOUSEHOLD,
              stamp="closed_at", open=False),
        State(O_NOT_FOUND, _("没有找到"), _("试过的办法都没有联系上"), ENDED, _STREET,
              stamp="closed_at", open=False),
        State(O_EXPIRED, _("已过期"), _("联系过，一直没有答复"), ENDED, _PLATFORM,
              stamp="closed_at", open=False),
        State(O_HELPED, _("已有保障"), _("已经有公租房或租赁补贴"), DONE, _PLATFORM,
              stamp="closed_at", open=False),
    ),
)  # fmt: skip

# -- 复核时问家庭的一项: asked by rule, answered by the household, looked at by a person ----------
Q_OPEN, Q_ANSWERED, Q_ACCEPTED, Q_DROPPED = "open", "answered", "accepted", "dropped"

QUESTION = StateTable(
    "household_question",
    (
        State(Q_OPEN, _("请回答"), _("{due}前"), YOURS, _HOUSEHOLD, (Q_ANSWERED, Q_DROPPED)),
        State(Q_ANSWERED, _("已回答"), _("工作人员核对，不用您办理"), WAITING, _CENTRE,
              (Q_ACCEPTED, Q_OPEN, Q_DROPPED)),
        State(Q_ACCEPTED, _("已核对"), _("不用再回答"), DONE, _CENTRE, stamp="settled_at",
              open=False),
        State(Q_DROPPED, _("不用回答了"), _("部门已经答复，或者复核已经办结"), DONE, _PLATFORM,
              stamp="settled_at", open=False),
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
