"""States of homes, rounds, offers and leases (配租): tables only."""

from django.utils.translation import gettext_lazy as _

from core.workflow import DONE, ENDED, GOING, WAITING, YOURS, State, StateTable

_CENTRE = "district centre"
_OPERATOR = "operator"
_HOUSEHOLD = "household"
_PUBLIC_EVENT = "public event"

# -- 房源 ------------------------------------------------------------------------------------
H_ACQUIRED, H_REPAIR, H_AVAILABLE = "acquired", "repair", "available"
H_IN_ROUND, H_OFFERED, H_LET, H_VACATING, H_RETIRED = (
    "in_round", "offered", "let", "vacating", "retired",
)  # fmt: skip

HOME = StateTable(
    "home",
    (
        State(H_ACQUIRED, _("已筹集"), _("等待验收"), GOING, _OPERATOR, (H_AVAILABLE, H_REPAIR, H_RETIRED)),
        State(H_REPAIR, _("维修中"), _("到{date}"), WAITING, _OPERATOR, (H_AVAILABLE, H_RETIRED)),
        State(H_AVAILABLE, _("可配租"), _("可列入摇号"), DONE, _CENTRE,
              (H_IN_ROUND, H_OFFERED, H_REPAIR, H_RETIRED)),
        State(H_IN_ROUND, _("摇号中"), _("列入{round}"), GOING, _CENTRE, (H_OFFERED, H_AVAILABLE)),
        State(H_OFFERED, _("待选择"), _("保留到{due}"), WAITING, _HOUSEHOLD,
              (H_LET, H_OFFERED, H_AVAILABLE)),
        State(H_LET, _("已出租"), _("租期到{end}"), DONE, _OPERATOR, (H_VACATING,)),
        State(H_VACATING, _("腾退中"), _("到{date}"), WAITING, _OPERATOR, (H_AVAILABLE, H_REPAIR, H_LET)),
        State(H_RETIRED, _("已退出"), _("不再使用"), ENDED, _OPERATOR, open=False),
    ),
)  # fmt: skip

# -- 轮次 ------------------------------------------------------------------------------------
R_PLANNED, R_FROZEN, R_REVEALED, R_CLOSED, R_VOID = (
    "planned",
    "frozen",
    "revealed",
    "closed",
    "void",
)

ROUND = StateTable(
    "round",
    (
        State(R_PLANNED, _("准备中"), _("方案已公布，正在登记意向"), GOING, _CENTRE, (R_FROZEN, R_VOID)),
        State(R_FROZEN, _("名单已定"), _("摘要已公布，可核对"), GOING, _PUBLIC_EVENT,
              (R_REVEALED, R_VOID), stamp="frozen_at"),
        State(R_REVEALED, _("已摇号"), _("结果已公布，可核对"), DONE, _CENTRE,
              (R_CLOSED, R_VOID), stamp="revealed_at"),
        State(R_CLOSED, _("已结束"), _("全部材料可查"), DONE, _CENTRE, stamp="closed_at", open=False),
        State(R_VOID, _("本轮作废"), _("原因已公布，资格不变"), ENDED, _CENTRE,
              stamp="closed_at", open=False),
    ),
)  # fmt: skip

# -- 选择 ------------------------------------------------------------------------------------
O_UNOPENED, O_OPEN, O_THINKING = "unopened", "open", "thinking"
O_ACCEPTED, O_DECLINED, O_LAPSED = "accepted", "declined", "lapsed"

OFFER = StateTable(
    "offer",
    (
        State(O_UNOPENED, _("结果已定"), _("可在一体机或手机查看"), YOURS, _HOUSEHOLD,
              (O_OPEN, O_LAPSED)),
        State(O_OPEN, _("请选择"), _("保留到{due}"), YOURS, _HOUSEHOLD,
              (O_THINKING, O_ACCEPTED, O_DECLINED, O_LAPSED), stamp="opened_at"),
        State(O_THINKING, _("考虑中"), _("保留到{due}"), YOURS, _HOUSEHOLD,
              (O_ACCEPTED, O_DECLINED, O_LAPSED)),
        State(O_ACCEPTED, _("已接受"), _("下一步签约"), DONE, _HOUSEHOLD, stamp="answered_at", open=False),
        State(O_DECLINED, _("已放弃"), _("后果和其他办法"), ENDED, _HOUSEHOLD,
              stamp="answered_at", open=False),
        State(O_LAPSED, _("已过期"), _("后果和其他办法"), ENDED, _HOUSEHOLD,
              stamp="answered_at", open=False),
    ),
)  # fmt: skip

# -- 租约 ------------------------------------------------------------------------------------
L_TO_SIGN, L_SIGNED, L_FILED, L_ENDING, L_ENDED = "to_sign", "signed", "filed", "ending", "ended"
L_CANCELLED = "cancelled"

LEASE = StateTable(
    "lease",
    (
        State(L_TO_SIGN, _("待签约"), _("{date}"), YOURS, _HOUSEHOLD, (L_SIGNED, L_CANCELLED)),
        State(L_SIGNED, _("已签约"), _("{date}"), DONE, _CENTRE, (L_FILED, L_ENDING, L_ENDED),
              stamp="signed_at"),
        State(L_FILED, _("已备案"), _("{date}"), DONE, _OPERATOR, (L_ENDING, L_ENDED), stamp="filed_at"),
        # 搬迁期: the household still lives there, access works, rent as in the contract
        State(L_ENDING, _("搬迁期"), _("到{date}，月租{rent}元"), YOURS, _HOUSEHOLD,
              (L_ENDED, L_FILED, L_SIGNED)),
        State(L_ENDED, _("已交还"), _("押金{date}前退还"), DONE, _OPERATOR, stamp="ended_at", open=False),
        State(L_CANCELLED, _("未签约"), _("房源已交给下一户"), ENDED, _CENTRE, open=False),
    ),
)  # fmt: skip
L_IN_FORCE = (L_SIGNED, L_FILED, L_ENDING)
