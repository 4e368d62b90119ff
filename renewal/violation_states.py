"""States of inspections, violations and fines (入户检查、违规认定、罚款): tables only."""

from django.utils.translation import gettext_lazy as _

from core.workflow import DONE, ENDED, GOING, WAITING, YOURS, State, StateTable

_CENTRE = "district centre"
_VISITORS = "street or district"
_HOUSEHOLD = "household"

# -- 入户检查 ---------------------------------------------------------------------------------
N_PLANNED, N_ANNOUNCED, N_DONE, N_DROPPED = "planned", "announced", "done", "dropped"

INSPECTION = StateTable(
    "inspection",
    (
        State(N_PLANNED, _("待约时间"), _("上门以前先告知住户"), GOING, _VISITORS,
              (N_ANNOUNCED, N_DROPPED)),
        State(N_ANNOUNCED, _("已告知"), _("{day}{part}上门"), WAITING, _VISITORS,
              (N_ANNOUNCED, N_DONE, N_DROPPED)),
        # what was seen is a record; what follows from it is another person's question
        State(N_DONE, _("已上门"), _("见检查记录"), DONE, _CENTRE, stamp="closed_at", open=False),
        State(N_DROPPED, _("不再上门"), _("见原因"), ENDED, _CENTRE, stamp="closed_at", open=False),
    ),
)  # fmt: skip

# -- 违规线索 → 整改 → 认定 --------------------------------------------------------------------
V_FOUND, V_TOLD, V_CORRECTING, V_CORRECTED = "found", "told", "correcting", "corrected"
V_CONFIRMED, V_CASE, V_SET_ASIDE = "confirmed", "case", "set_aside"

VIOLATION = StateTable(
    "violation",
    (
        # a lead is no finding: decent explanations come first
        State(V_FOUND, _("线索"), _("先核实有没有正当情况"), GOING, _CENTRE, (V_TOLD, V_SET_ASIDE)),
        State(V_TOLD, _("已告知"), _("{due}前可说明"), YOURS, _HOUSEHOLD,
              (V_CORRECTING, V_SET_ASIDE), stamp="told_at"),
        State(V_CORRECTING, _("整改中"), _("{due}前改正"), YOURS, _HOUSEHOLD,
              (V_CORRECTED, V_CONFIRMED, V_SET_ASIDE), stamp="ordered_at"),
        State(V_CORRECTED, _("已改正"), _("事情已经结束"), DONE, _CENTRE,
              stamp="closed_at", open=False),
        State(V_CONFIRMED, _("已认定"), _("等待办理"), WAITING, _CENTRE,
              (V_CASE, V_CORRECTED, V_SET_ASIDE), stamp="confirmed_at"),
        State(V_CASE, _("转退出核对"), _("见退出核对"), ENDED, _CENTRE,
              stamp="closed_at", open=False),
        State(V_SET_ASIDE, _("不成立"), _("不影响住户"), DONE, _CENTRE,
              stamp="closed_at", open=False),
    ),
)  # fmt: skip

# -- 罚款 --------------------------------------------------------------------------------------
P_PROPOSED, P_NOTICED, P_HEARD, P_DRAFTED = "proposed", "noticed", "heard", "drafted"
P_DECIDED, P_PAID, P_DROPPED = "decided", "paid", "dropped"

FINE = StateTable(
    "fine",
    (
        State(P_PROPOSED, _("建议罚款"), _("还没有告知"), GOING, _CENTRE, (P_NOTICED, P_DROPPED)),
        State(P_NOTICED, _("已告知"), _("{due}前可说明或者要求听证"), YOURS, _HOUSEHOLD,
              (P_HEARD, P_DROPPED), stamp="noticed_at"),
        State(P_HEARD, _("已听取"), _("等待决定"), WAITING, _CENTRE, (P_DRAFTED, P_DROPPED),
              stamp="heard_at"),
        State(P_DRAFTED, _("待签发"), _("由另一位同事决定"), WAITING, _CENTRE,
              (P_DECIDED, P_DROPPED)),
        State(P_DECIDED, _("已决定"), _("送达后{n}日内缴纳"), YOURS, _HOUSEHOLD,
              (P_PAID, P_DROPPED), stamp="decided_at"),
        State(P_PAID, _("已缴纳"), _("事情已经结束"), DONE, _CENTRE, stamp="closed_at", open=False),
        State(P_DROPPED, _("不予处罚"), _("不影响住户"), DONE, _CENTRE,
              stamp="closed_at", open=False),
    ),
)  # fmt: skip
