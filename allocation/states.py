"""States of homes, rounds, offers and leases (配租): tables only."""

from django.utils.translation import gettext_lazy as _

from core.workflow import DONE, ENDED, GOING, WAITING, YOURS, State, StateTable

_CENTRE = "district centre"
_OPERATOR = "operator"
_HOUSEHOLD = "household"
_STREET = "street"
_PUBLIC_EVENT = "public event"

# -- 房源 ------------------------------------------------------------------------------------
H_ACQUIRED, H_REPAIR, H_AVAILABLE = "acquired", "repair", "available"
H_IN_ROUND, H_OFFERED, H_LET, H_VACATING, H_RETIRED = (
    "in_round", "offered", "let", "vacating", "retired",
)  # fmt: skip
H_HELD = "held"

HOME = StateTable(
    "home",
    (
        State(H_ACQUIRED, _("已筹集"), _("等待验收"), GOING, _OPERATOR, (H_AVAILABLE, H_REPAIR, H_RETIRED)),
        State(H_REPAIR, _("维修中"), _("到{date}"), WAITING, _OPERATOR, (H_AVAILABLE, H_RETIRED)),
        State(H_AVAILABLE, _("可配租"), _("可列入摇号"), DONE, _CENTRE,
              (H_IN_ROUND, H_OFFERED, H_REPAIR, H_HELD, H_RETIRED)),
        State(H_HELD, _("保留中"), _("保留到{date}"), WAITING, _CENTRE, (H_AVAILABLE, H_REPAIR)),
        State(H_IN_ROUND, _("摇号中"), _("列入{round}"), GOING, _CENTRE, (H_OFFERED, H_AVAILABLE)),
        State(H_OFFERED, _("待选择"), _("保留到{due}"), WAITING, _HOUSEHOLD,
              (H_LET, H_OFFERED, H_AVAILABLE)),
        State(H_LET, _("已出租"), _("租期到{end}"), DONE, _OPERATOR, (H_VACATING,)),
        State(H_VACATING, _("腾退中"), _("到{date}"), WAITING, _OPERATOR, (H_AVAILABLE, H_REPAIR, H_LET)),
        State(H_RETIRED, _("已退出"), _("不再使用"), ENDED, _OPERATOR, open=False),
    ),
)  # fmt: skip

# -- 房源导入 ----------------------------------------------------------------------------------
I_CHECKED, I_IMPORTED, I_DISCARDED, I_UNDONE = "checked", "imported", "discarded", "undone"

HOME_IMPORT = StateTable(
    "home import",
    (
        State(I_CHECKED, _("待确认"), _("逐行核对过，还没有导入任何房源"), YOURS, _CENTRE,
              (I_IMPORTED, I_DISCARDED)),
        State(I_IMPORTED, _("已导入"), _("房源等待验收"), DONE, _CENTRE, (I_UNDONE,),
              stamp="imported_at", open=False),
        State(I_DISCARDED, _("已作废"), _("没有导入任何房源"), ENDED, _CENTRE, open=False),
        State(I_UNDONE, _("已撤销"), _("导入的房源已全部删去"), ENDED, _CENTRE,
              stamp="undone_at", open=False),
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

# -- 配租前核对 ------------------------------------------------------------------------------
C_WAITING, C_PASSED, C_PERSON = "waiting", "passed", "person"
C_CLEARED, C_ASIDE, C_LEFT = "cleared", "aside", "left"

RE_REVIEW = StateTable(
    "re-review",
    (
        State(C_WAITING, _("等待答复"), _("最迟{due}"), WAITING, "registers",
              (C_PASSED, C_PERSON, C_ASIDE, C_LEFT)),
        State(C_PASSED, _("核对完成"), _("可以列入名单"), DONE, _CENTRE,
              (C_PERSON, C_ASIDE, C_LEFT)),
        State(C_PERSON, _("待人工核实"), _("最迟{due}"), WAITING, _CENTRE,
              (C_CLEARED, C_PASSED, C_ASIDE, C_LEFT)),
        State(C_CLEARED, _("核实符合"), _("可以列入名单"), DONE, _CENTRE, (C_ASIDE, C_LEFT)),
        State(C_ASIDE, _("暂不参加"), _("轮候位置保留"), ENDED, _HOUSEHOLD, (C_WAITING,), open=False),
        State(C_LEFT, _("已退出"), _("轮候位置保留"), ENDED, _HOUSEHOLD, (C_WAITING,), open=False),
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

# -- 看房 ------------------------------------------------------------------------------------
V_ASKED, V_CONFIRMED, V_NONE, V_WITHDRAWN = "asked", "confirmed", "none", "withdrawn"

VIEWING = StateTable(
    "viewing",
    (
        State(V_ASKED, _("等确认"), _("运营公司会定时间"), WAITING, _OPERATOR,
              (V_CONFIRMED, V_NONE, V_WITHDRAWN)),
        State(V_CONFIRMED, _("已约好"), _("{at}"), GOING, _HOUSEHOLD, (V_WITHDRAWN, V_NONE),
              stamp="answered_at"),
        State(V_NONE, _("约不上"), _("选房期限已按规定延长"), ENDED, _OPERATOR,
              stamp="answered_at", open=False),
        State(V_WITHDRAWN, _("已取消"), _("可以再约"), ENDED, _HOUSEHOLD, open=False),
    ),
)  # fmt: skip

# -- 放弃的正当理由 ----------------------------------------------------------------------------
J_CLAIMED, J_ACCEPTED, J_PROPOSED, J_REFUSED, J_OBJECTED, J_UPHELD = (
    "claimed", "accepted", "proposed", "refused", "objected", "upheld",
)  # fmt: skip

CAUSE = StateTable(
    "just_cause",
    (
        State(J_CLAIMED, _("核实中"), _("核实期间不计次数"), WAITING, _CENTRE,
              (J_ACCEPTED, J_PROPOSED)),
        # one person may accept; a refusal takes a second pair of eyes
        State(J_PROPOSED, _("核实中"), _("核实期间不计次数"), WAITING, _CENTRE,
              (J_REFUSED, J_CLAIMED)),
        State(J_ACCEPTED, _("理由成立"), _("这次不计次数"), DONE, _CENTRE,
              stamp="closed_at", open=False),
        State(J_REFUSED, _("理由没有认定"), _("{due}前可以提出异议"), YOURS, _HOUSEHOLD,
              (J_OBJECTED, J_UPHELD), stamp="refused_at"),
        State(J_OBJECTED, _("异议核实中"), _("核实期间不计次数"), WAITING, _CENTRE,
              (J_ACCEPTED, J_UPHELD)),
        State(J_UPHELD, _("理由没有认定"), _("这次计入放弃次数"), ENDED, _CENTRE,
              stamp="closed_at", open=False),
    ),
)  # fmt: skip

# -- 限制申请 --------------------------------------------------------------------------------
B_PROPOSED, B_NOTICE, B_HEARD, B_DECIDED, B_DROPPED = (
    "proposed", "notice", "heard", "decided", "dropped",
)  # fmt: skip

BAN = StateTable(
    "ban_proposal",
    (
        # the machine has counted; nothing has happened for the household
        State(B_PROPOSED, _("待核对"), _("次数已满，由人核对"), WAITING, _CENTRE,
              (B_NOTICE, B_DROPPED)),
        State(B_NOTICE, _("听取说明中"), _("{due}前可说明"), YOURS, _HOUSEHOLD,
              (B_HEARD, B_DROPPED), stamp="noticed_at"),
        State(B_HEARD, _("已听取"), _("等待决定"), WAITING, _CENTRE, (B_DECIDED, B_DROPPED),
              stamp="heard_at"),
        State(B_DECIDED, _("限制申请"), _("到{until}"), ENDED, _CENTRE,
              stamp="decided_at", open=False),
        State(B_DROPPED, _("不限制"), _("不影响您家"), DONE, _CENTRE, stamp="closed_at", open=False),
    ),
)  # fmt: skip

# -- 选房日 ----------------------------------------------------------------------------------
D_PLANNED, D_OPEN, D_PAUSED, D_ENDED = "planned", "open", "paused", "ended"

CHOICE_DAY = StateTable(
    "choice_day",
    (
        State(D_PLANNED, _("已排定"), _("{at}开始"), GOING, _CENTRE, (D_OPEN, D_ENDED)),
        State(D_OPEN, _("正在选房"), _("按顺序叫号"), GOING, _CENTRE, (D_PAUSED, D_ENDED),
              stamp="opened_at"),
        State(D_PAUSED, _("暂停"), _("原因见大屏，顺序不变"), WAITING, _CENTRE, (D_OPEN, D_ENDED)),
        State(D_ENDED, _("选房结束"), _("结果已公布"), DONE, _CENTRE, stamp="ended_at", open=False),
    ),
)  # fmt: skip

T_WAITING, T_CALLED, T_CHOSEN, T_MISSED, T_NONE, T_RELEASED = (
    "waiting", "called", "chosen", "missed", "none", "released",
)  # fmt: skip

TURN = StateTable(
    "choice_turn",
    (
        State(T_WAITING, _("等叫号"), _("第{n}位"), WAITING, _CENTRE, (T_CALLED, T_NONE, T_RELEASED)),
        # passed over once: back to waiting, at the end of the line
        State(T_CALLED, _("请选房"), _("{due}前"), YOURS, _HOUSEHOLD,
              (T_CHOSEN, T_WAITING, T_MISSED, T_NONE, T_RELEASED), stamp="called_at"),
        State(T_CHOSEN, _("已选房"), _("下一步签约"), DONE, _HOUSEHOLD, stamp="ended_at", open=False),
        State(T_MISSED, _("没有选"), _("轮候资格不变"), ENDED, _HOUSEHOLD,
              stamp="ended_at", open=False),
        State(T_NONE, _("没有选"), _("轮候资格不变"), ENDED, _HOUSEHOLD, stamp="ended_at", open=False),
        State(T_RELEASED, _("选房结束"), _("轮候资格不变"), ENDED, _CENTRE,
              stamp="ended_at", open=False),
    ),
)  # fmt: skip

# -- 租约 ------------------------------------------------------------------------------------
L_TO_SIGN, L_SIGNED, L_FILED, L_ENDING, L_ENDED = "to_sign", "signed", "filed", "ending", "ended"
L_CANCELLED = "cancelled"
L_AGREED, L_RENEWED, L_SUCCEEDED = "agreed", "renewed", "succeeded"

LEASE = StateTable(
    "lease",
    (
        State(L_TO_SIGN, _("待签约"), _("{date}"), YOURS, _HOUSEHOLD,
              (L_SIGNED, L_AGREED, L_CANCELLED)),
        # a renewed lease that is signed and begins on the day after the old one's last
        State(L_AGREED, _("续租已签"), _("从{start}起"), DONE, _CENTRE, (L_SIGNED,), stamp="signed_at"),
        State(L_SIGNED, _("已签约"), _("{date}"), DONE, _CENTRE,
              (L_FILED, L_ENDING, L_ENDED, L_RENEWED, L_SUCCEEDED), stamp="signed_at"),
        State(L_FILED, _("已备案"), _("{date}"), DONE, _OPERATOR,
              (L_ENDING, L_ENDED, L_RENEWED, L_SUCCEEDED), stamp="filed_at"),
        # 搬迁期: the household still lives there, access works, rent as in the contract
        State(L_ENDING, _("搬迁期"), _("到{date}，月租{rent}元"), YOURS, _HOUSEHOLD,
              (L_ENDED, L_FILED, L_SIGNED)),
        State(L_ENDED, _("已交还"), _("押金{date}前退还"), DONE, _OPERATOR, stamp="ended_at", open=False),
        # nobody moved out: the renewed lease goes on in the same home
        State(L_RENEWED, _("已续租"), _("由下一份合同接着"), DONE, _CENTRE, stamp="ended_at", open=False),
        # swapped, or moved by the bureau's offer: the household lives elsewhere from the day on
        State(L_SUCCEEDED, _("已换房"), _("由下一份合同接着"), DONE, _CENTRE, stamp="ended_at", open=False),
        State(L_CANCELLED, _("未签约"), _("房源已交给下一户"), ENDED, _CENTRE, open=False),
    ),
)  # fmt: skip
L_IN_FORCE = (L_SIGNED, L_FILED, L_ENDING)

# -- 租金 ------------------------------------------------------------------------------------
B_CHECKED, B_IMPORTED, B_RECONCILED = "checked", "imported", "reconciled"
B_UNDONE, B_DISCARDED = "undone", "discarded"

BANK_FILE = StateTable(
    "bank file",
    (
        State(B_CHECKED, _("待入账"), _("看过以后再入账，现在什么都没有记"), WAITING, _OPERATOR,
              (B_IMPORTED, B_DISCARDED)),
        State(B_IMPORTED, _("已入账"), _("对账之前可以撤销"), GOING, _OPERATOR,
              (B_RECONCILED, B_UNDONE), stamp="imported_at"),
        State(B_RECONCILED, _("已对账"), _("和银行合计一分不差"), DONE, _OPERATOR,
              stamp="settled_at", open=False),
        State(B_UNDONE, _("已撤销"), _("这份流水没有计入任何一户"), ENDED, _OPERATOR,
              stamp="settled_at", open=False),
        State(B_DISCARDED, _("已作废"), _("这份流水没有入账"), ENDED, _OPERATOR,
              stamp="settled_at", open=False),
    ),
)  # fmt: skip

D_ASKED, D_GRANTED, D_DECLINED, D_OVER = "asked", "granted", "declined", "over"

REDUCTION = StateTable(
    "rent reduction",
    (
        State(D_ASKED, _("减免核对中"), _("由区住房保障管理中心办理，现在不用您办理"), GOING, _CENTRE,
              (D_GRANTED, D_DECLINED)),
        State(D_GRANTED, _("已减免"), _("从{first}到{last}"), DONE, _CENTRE, (D_OVER,),
              stamp="decided_at"),
        State(D_DECLINED, _("没有减免"), _("原因写在下面，可以再申请"), ENDED, _CENTRE,
              stamp="decided_at", open=False),
        State(D_OVER, _("减免结束"), _("到{last}为止"), ENDED, _CENTRE, open=False),
    ),
)  # fmt: skip

G_PROPOSED, G_AGREED, G_DECLINED, G_ENDED = "proposed", "agreed", "declined", "ended"

ARRANGEMENT = StateTable(
    "rent arrangement",
    (
        State(G_PROPOSED, _("分期待确认"), _("请看过分期再答复"), YOURS, _HOUSEHOLD,
              (G_AGREED, G_DECLINED, G_ENDED)),
        State(G_AGREED, _("分期付款中"), _("按约定的日期付就可以"), GOING, _HOUSEHOLD, (G_ENDED,),
              stamp="answered_at"),
        State(G_DECLINED, _("没有采用"), _("可以再商量别的分期"), ENDED, _OPERATOR,
              stamp="answered_at", open=False),
        State(G_ENDED, _("分期结束"), _("已付清，或者改了约定"), ENDED, _OPERATOR, open=False),
    ),
)  # fmt: skip

# 令11号 §29: a flag for a person. Nothing follows from it by itself.
F_RAISED, F_SETTLED, F_CLEARED = "raised", "settled", "cleared"

ARREARS_FLAG = StateTable(
    "arrears flag",
    (
        State(F_RAISED, _("待人核对"), _("累计欠租到了规定的月数，由人了解情况"), WAITING, _CENTRE,
              (F_SETTLED, F_CLEARED)),
        State(F_SETTLED, _("已核对"), _("怎么帮、怎么办，写在下面"), DONE, _CENTRE,
              stamp="settled_at", open=False),
        State(F_CLEARED, _("已付到线下"), _("不用再核对"), DONE, _CENTRE,
              stamp="settled_at", open=False),
    ),
)  # fmt: skip

# 转街道主动救助: the street calls on a household in arrears; nothing is taken from anybody by it
A_OPEN, A_DONE = "open", "done"

AID = StateTable(
    "aid referral",
    (
        State(A_OPEN, _("待联系"), _("街道会联系您家，看能帮什么，现在不用您办理"), WAITING, _STREET,
              (A_DONE,)),
        State(A_DONE, _("已联系"), _("街道已和您家联系过"), DONE, _STREET,
              stamp="settled_at", open=False),
    ),
)  # fmt: skip

# -- 合同文本 --------------------------------------------------------------------------------
T_TO_SIGN, T_IN_FORCE, T_WITHDRAWN = "to_sign", "in_force", "withdrawn"

LEASE_TEXT = StateTable(
    "lease_text",
    (
        State(T_TO_SIGN, _("待签字"), _("签字齐全以后生效"), YOURS, _HOUSEHOLD,
              (T_IN_FORCE, T_WITHDRAWN)),
        State(T_IN_FORCE, _("已生效"), _("原文保留，不再改动"), DONE, _CENTRE,
              stamp="in_force_at", open=False),
        State(T_WITHDRAWN, _("已撤回"), _("没有生效"), ENDED, _CENTRE, open=False),
    ),
)  # fmt: skip

# -- 续租、互换、调换 ------------------------------------------------------------------------
Q_CONSENT, Q_ASKED, Q_APPROVED = "consent", "asked", "approved"
Q_DONE, Q_REFUSED, Q_WITHDRAWN = "done", "refused", "withdrawn"

LEASE_REQUEST = StateTable(
    "lease_request",
    (
        # a swap: the other household has not agreed yet; a move: this one has not
        State(Q_CONSENT, _("等同意"), _("等另一方书面同意"), WAITING, _HOUSEHOLD,
              (Q_ASKED, Q_WITHDRAWN)),
        State(Q_ASKED, _("待审核"), _("由工作人员审核"), WAITING, _CENTRE,
              (Q_APPROVED, Q_REFUSED, Q_WITHDRAWN)),
        State(Q_APPROVED, _("已同意"), _("请在合同上签字"), YOURS, _HOUSEHOLD,
              (Q_DONE, Q_WITHDRAWN, Q_REFUSED), stamp="decided_at"),
        State(Q_DONE, _("已办好"), _("新的合同已经开始"), DONE, _CENTRE, stamp="closed_at", open=False),
        State(Q_REFUSED, _("没有同意"), _("原来的租约不受影响"), ENDED, _CENTRE,
              stamp="closed_at", open=False),
        State(Q_WITHDRAWN, _("已撤回"), _("原来的租约不受影响"), ENDED, _HOUSEHOLD,
              stamp="closed_at", open=False),
    ),
)  # fmt: skip

# -- 交接单 -----------------------------------------------------------------------------------
S_DRAFT, S_TO_CONFIRM, S_DISPUTED, S_CONFIRMED = "draft", "to_confirm", "disputed", "confirmed"

SHEET = StateTable(
    "handover sheet",
    (
        State(S_DRAFT, _("登记中"), _("运营公司正在登记"), GOING, _OPERATOR, (S_TO_CONFIRM,)),
        State(S_TO_CONFIRM, _("待确认"), _("请核对读数、钥匙和照片"), YOURS, _HOUSEHOLD,
              (S_CONFIRMED, S_DISPUTED, S_DRAFT)),
        # 有异议 is recorded and answered; it takes nothing from the household
        State(S_DISPUTED, _("有异议"), _("运营公司会核对后答复"), GOING, _OPERATOR,
              (S_TO_CONFIRM, S_DRAFT)),
        State(S_CONFIRMED, _("已确认"), _("{date}"), DONE, _HOUSEHOLD, stamp="confirmed_at", open=False),
    ),
)  # fmt: skip

# -- 报修 -------------------------------------------------------------------------------------
J_REPORTED, J_PROMISED, J_DONE, J_CONFIRMED = "reported", "promised", "done", "confirmed"
J_WITHDRAWN = "withdrawn"

REPAIR = StateTable(
    "repair",
    (
        State(J_REPORTED, _("已报修"), _("等运营公司约时间"), WAITING, _OPERATOR,
              (J_PROMISED, J_WITHDRAWN)),
        State(J_PROMISED, _("已约时间"), _("{due}上门"), WAITING, _OPERATOR,
              (J_PROMISED, J_DONE, J_WITHDRAWN)),
        State(J_DONE, _("请确认"), _("修好了吗？由您说了算"), YOURS, _HOUSEHOLD,
              (J_CONFIRMED, J_REPORTED)),
        State(J_CONFIRMED, _("已修好"), _("{date}"), DONE, _HOUSEHOLD, stamp="confirmed_at", open=False),
        State(J_WITHDRAWN, _("已撤回"), _("不用修了"), ENDED, _HOUSEHOLD, open=False),
    ),
)  # fmt: skip
