"""States of an application (申请): tables only. The words are those a citizen sees.

Until a person has signed a decision, a machine's FAIL shows as 核对中 and changes no state.
"""

from django.utils.translation import gettext_lazy as _

from core.workflow import DONE, ENDED, GOING, WAITING, YOURS, State, StateTable

DRAFT = "draft"
SUBMITTED = "submitted"
ACCEPTED = "accepted"
CORRECTION = "correction"
NOT_ACCEPTED = "not_accepted"
ACCEPTANCE_REVOKED = "acceptance_revoked"
DEEMED_WITHDRAWN = "deemed_withdrawn"
WITHDRAWN = "withdrawn"
TRANSFERRED = "transferred"
STREET_REVIEW = "street_review"
JOINT_REVIEW = "joint_review"
DISTRICT_REVIEW = "district_review"
PUBLICITY = "publicity"
OBJECTION_CHECK = "objection_check"
REFUSED = "refused"
RECONSIDERATION = "reconsideration"
UPHELD = "upheld"
OVERTURNED = "overturned"
WAITLISTED = "waitlisted"
WAIT_SUSPENDED = "wait_suspended"
INTENTION = "intention"
RE_REVIEW = "re_review"
IN_ROUND = "in_round"
ALLOTTED = "allotted"
CLOSED = "closed"

_CITIZEN = "applicant"
_SYSTEM = "platform"
_STREET = "street"
_DEPARTMENTS = "departments"
_CENTRE = "district centre"

# 撤回: the applicant may leave at any time before the roster is frozen
_REVIEWING = (CORRECTION, WITHDRAWN, REFUSED, TRANSFERRED, ACCEPTANCE_REVOKED)

APPLICATION = StateTable(
    "application",
    (
        State(DRAFT, _("未提交"), _("已保存到{time}，可换设备接着填"), YOURS, _CITIZEN,
              (SUBMITTED, WITHDRAWN)),
        State(SUBMITTED, _("已收到"), _("正在自动核对，通常几秒"), GOING, _SYSTEM,
              (ACCEPTED, CORRECTION, NOT_ACCEPTED, TRANSFERRED), stamp="submitted_at",
              push="received"),
        State(ACCEPTED, _("已受理"), _("现在由{office}办理，最迟{due}"), GOING, _SYSTEM,
              (STREET_REVIEW, CORRECTION, ACCEPTANCE_REVOKED, WITHDRAWN, TRANSFERRED),
              stamp="accepted_at", push="accepted"),
        State(CORRECTION, _("请补材料"), _("一次补齐{n}样，{due}前"), YOURS, _CITIZEN,
              (ACCEPTED, STREET_REVIEW, JOINT_REVIEW, DISTRICT_REVIEW, DEEMED_WITHDRAWN,
               NOT_ACCEPTED, WITHDRAWN), push="correction"),
        State(NOT_ACCEPTED, _("未受理"), _("原因和其他办法见通知"), ENDED, _CITIZEN,
              stamp="closed_at", open=False, push="closed_returned"),
        State(ACCEPTANCE_REVOKED, _("受理已撤销"), _("原因见通知，可重新申请"), ENDED, _CITIZEN,
              stamp="closed_at", open=False, push="closed_returned"),
        State(DEEMED_WITHDRAWN, _("按撤回处理"), _("到期未补齐，可重新申请"), ENDED, _CITIZEN,
              stamp="closed_at", open=False, push="closed_withdrawn"),
        State(WITHDRAWN, _("已撤回"), _("您在{date}撤回"), ENDED, _CITIZEN,
              stamp="closed_at", open=False, push="closed_withdrawn"),
        State(TRANSFERRED, _("已转交"), _("由{office}接着办理"), GOING, _STREET,
              stamp="closed_at", open=False, push="closed_transferred"),
        State(STREET_REVIEW, _("街道审核中"), _("{street}，可能上门"), GOING, _STREET,
              (JOINT_REVIEW, *_REVIEWING), push="step"),
        State(JOINT_REVIEW, _("部门核对中"), _("已完成{k}/{n}个部门"), GOING, _DEPARTMENTS,
              (DISTRICT_REVIEW, STREET_REVIEW, *_REVIEWING), push="step"),
        State(DISTRICT_REVIEW, _("区里审核中"), _("区住房保障管理中心"), GOING, _CENTRE,
              (PUBLICITY, JOINT_REVIEW, *_REVIEWING), push="step"),
        State(PUBLICITY, _("公示中"), _("到{end}"), GOING, _CENTRE,
              (WAITLISTED, OBJECTION_CHECK, DISTRICT_REVIEW, WITHDRAWN), push="step"),
        State(OBJECTION_CHECK, _("核查异议"), _("有人提出不同意见，{due}前查清"), WAITING, _CENTRE,
              (PUBLICITY, WAITLISTED, REFUSED, WITHDRAWN), push="step"),
        State(REFUSED, _("不符合条件"), _("原因、依据、不同意怎么办"), ENDED, _CENTRE,
              (RECONSIDERATION,), stamp="closed_at", open=False, push="closed_refused"),
        State(RECONSIDERATION, _("决定复核中"), _("由另一位工作人员办理，{due}前答复"), GOING, _CENTRE,
              (UPHELD, OVERTURNED), open=False),
        State(UPHELD, _("维持原决定"), _("见复核决定"), ENDED, _CENTRE, open=False),
        State(OVERTURNED, _("已改为符合"), _("见复核决定"), DONE, _CENTRE, (PUBLICITY,)),
        State(WAITLISTED, _("轮候中"), _("第{n}位，约{lo}–{hi}个月"), GOING, _CENTRE,
              (INTENTION, WAIT_SUSPENDED, WITHDRAWN, IN_ROUND, ALLOTTED, REFUSED),
              stamp="decided_at", push="closed_granted"),
        State(WAIT_SUSPENDED, _("轮候暂停"), _("位置保留，因为{reason}"), WAITING, _CENTRE,
              (WAITLISTED, WITHDRAWN, REFUSED)),
        State(INTENTION, _("已登记意向"), _("{due}前完成"), GOING, _CENTRE,
              (RE_REVIEW, WAITLISTED, WITHDRAWN)),
        State(RE_REVIEW, _("配租前核对"), _("{due}前完成"), GOING, _CENTRE,
              (IN_ROUND, WAITLISTED, WAIT_SUSPENDED, WITHDRAWN, REFUSED)),
        State(IN_ROUND, _("待摇号"), _("名单已公布，摇号前不能更改"), GOING, _CENTRE,
              (ALLOTTED, WAITLISTED)),
        State(ALLOTTED, _("请选择"), _("保留到{due}"), YOURS, _CITIZEN,
              (CLOSED, WAITLISTED)),
        State(CLOSED, _("已办结"), _("全部材料可查"), DONE, _CENTRE,
              stamp="closed_at", open=False),
    ),
)  # fmt: skip

TASK_OPEN, TASK_CLAIMED, TASK_DONE, TASK_CANCELLED = "open", "claimed", "done", "cancelled"
TASK_SECOND, TASK_RETURNED, TASK_UNDONE = "second", "returned", "undone"

REVIEW_TASK = StateTable(
    "review task",
    (
        State(TASK_OPEN, _("待认领"), _("{due}前完成"), YOURS, _DEPARTMENTS,
              (TASK_CLAIMED, TASK_SECOND, TASK_DONE, TASK_CANCELLED)),
        State(TASK_CLAIMED, _("办理中"), _("{who}正在办理"), GOING, _DEPARTMENTS,
              (TASK_OPEN, TASK_SECOND, TASK_DONE, TASK_CANCELLED)),
        State(TASK_SECOND, _("待第二人"), _("{who}已提意见，等另一位同事确认"), WAITING, _DEPARTMENTS,
              (TASK_DONE, TASK_RETURNED, TASK_UNDONE, TASK_CANCELLED)),
        State(TASK_DONE, _("已办"), _("{who}于{time}提交意见"), DONE, _DEPARTMENTS,
              (TASK_UNDONE,), open=False),
        State(TASK_RETURNED, _("已退回"), _("第二人退回，由提出的人重新办理"), ENDED, _DEPARTMENTS,
              open=False),
        State(TASK_UNDONE, _("已撤回"), _("{who}撤回了意见，重新办理"), ENDED, _DEPARTMENTS,
              open=False),
        State(TASK_CANCELLED, _("不再需要"), _("办件已在别处结束"), ENDED, _DEPARTMENTS, open=False),
    ),
)  # fmt: skip

# -- 征询: one desk asks another -----------------------------------------------------------------
REFERRAL_OPEN, REFERRAL_ANSWERED, REFERRAL_LEFT, REFERRAL_LAPSED = (
    "open", "answered", "left", "lapsed",
)  # fmt: skip

REFERRAL = StateTable(
    "referral",
    (
        State(REFERRAL_OPEN, _("待答复"), _("{due}前答复"), YOURS, _DEPARTMENTS,
              (REFERRAL_ANSWERED, REFERRAL_LEFT, REFERRAL_LAPSED)),
        State(REFERRAL_ANSWERED, _("已答复"), _("{who}于{time}答复"), DONE, _DEPARTMENTS, open=False),
        # an answer that comes after all still goes into the file
        State(REFERRAL_LEFT, _("不再等候"), _("征询的部门已经接着办"), GOING, _DEPARTMENTS,
              (REFERRAL_ANSWERED, REFERRAL_OPEN, REFERRAL_LAPSED)),
        State(REFERRAL_LAPSED, _("不再需要"), _("办件已在别处结束"), ENDED, _SYSTEM, open=False),
    ),
)  # fmt: skip

INQUIRY_OPEN, INQUIRY_WAITING, INQUIRY_SETTLED, INQUIRY_LAPSED = (
    "open", "waiting", "settled", "lapsed",
)  # fmt: skip

INQUIRY = StateTable(
    "inquiry",
    (
        State(INQUIRY_OPEN, _("待核实"), _("{due}前核实"), YOURS, _DEPARTMENTS,
              (INQUIRY_WAITING, INQUIRY_SETTLED, INQUIRY_LAPSED)),
        State(INQUIRY_WAITING, _("等待中"), _("到{due}为止"), WAITING, _DEPARTMENTS,
              (INQUIRY_OPEN, INQUIRY_SETTLED, INQUIRY_LAPSED)),
        State(INQUIRY_SETTLED, _("已核实"), _("{who}于{time}核实"), DONE, _DEPARTMENTS, open=False),
        State(INQUIRY_LAPSED, _("不再需要"), _("登记已经一致，或者部门已经答复"), ENDED, _SYSTEM,
              open=False),
    ),
)  # fmt: skip

# -- 差评整改 -----------------------------------------------------------------------------------
CALL_BACK_OPEN, CALL_BACK_REACHED, CALL_BACK_CLOSED = "open", "reached", "closed"

CALL_BACK = StateTable(
    "call-back",
    (
        State(CALL_BACK_OPEN, _("待回访"), _("{due}前联系评价人"), YOURS, _CENTRE,
              (CALL_BACK_REACHED, CALL_BACK_CLOSED)),
        State(CALL_BACK_REACHED, _("已联系"), _("{due}前核实并反馈"), GOING, _CENTRE,
              (CALL_BACK_CLOSED,)),
        State(CALL_BACK_CLOSED, _("已反馈"), _("{who}于{time}反馈"), DONE, _CENTRE, open=False),
    ),
)  # fmt: skip

# -- 政策包发布 ---------------------------------------------------------------------------------
RELEASE_DRAFT, RELEASE_PROPOSED, RELEASE_RELEASED, RELEASE_WITHDRAWN = (
    "draft", "proposed", "released", "withdrawn",
)  # fmt: skip
_DRAFTER, _APPROVER = "bureau administrator", "a second person"

RELEASE = StateTable(
    "release",
    (
        State(RELEASE_DRAFT, _("起草中"), _("还没有影响任何家庭"), YOURS, _DRAFTER,
              (RELEASE_PROPOSED, RELEASE_WITHDRAWN)),
        State(RELEASE_PROPOSED, _("待批准"), _("由另一人批准或退回"), WAITING, _APPROVER,
              (RELEASE_RELEASED, RELEASE_DRAFT, RELEASE_WITHDRAWN)),
        # withdrawable only before its first day: later a new pack follows it
        State(RELEASE_RELEASED, _("已批准"), _("{date}起生效"), DONE, _APPROVER,
              (RELEASE_WITHDRAWN,)),
        State(RELEASE_WITHDRAWN, _("已撤回"), _("没有生效"), ENDED, _DRAFTER, open=False),
    ),
)  # fmt: skip

# -- 疑似重复 -----------------------------------------------------------------------------------
DUPLICATE_OPEN, DUPLICATE_SAME, DUPLICATE_DIFFERENT, DUPLICATE_LAPSED = (
    "open", "same", "different", "lapsed",
)  # fmt: skip
_JUDGED = (DUPLICATE_OPEN,)

DUPLICATE = StateTable(
    "possible duplicate",
    (
        State(DUPLICATE_OPEN, _("待判断"), _("由工作人员判断是不是同一个人，两份申请照常办理"), YOURS, _CENTRE,
              (DUPLICATE_SAME, DUPLICATE_DIFFERENT, DUPLICATE_LAPSED)),
        State(DUPLICATE_SAME, _("同一人"), _("{who}于{time}判断，可以撤销"), DONE, _CENTRE, _JUDGED),
        State(DUPLICATE_DIFFERENT, _("不同人"), _("{who}于{time}判断，可以撤销"), DONE, _CENTRE, _JUDGED),
        # found again while both stand in an application: open again
        State(DUPLICATE_LAPSED, _("不再需要"), _("有一方已经不在申请或保障中"), ENDED, _SYSTEM,
              (DUPLICATE_OPEN,), open=False),
    ),
)  # fmt: skip

# -- 单位名单 -----------------------------------------------------------------------------------
LIST_CHECKED, LIST_IMPORTED, LIST_DISCARDED = "checked", "imported", "discarded"
_WINDOW = "window clerk"

EMPLOYER_LIST = StateTable(
    "employer list",
    (
        State(LIST_CHECKED, _("待导入"), _("逐行核对过，还没有导入任何人"), YOURS, _WINDOW,
              (LIST_IMPORTED, LIST_DISCARDED)),
        State(LIST_IMPORTED, _("已导入"), _("每个人各有一份未提交的申请，等本人授权"), DONE, _WINDOW,
              stamp="imported_at", open=False),
        State(LIST_DISCARDED, _("已作废"), _("没有导入任何人"), ENDED, _WINDOW, open=False),
    ),
)  # fmt: skip

# -- 家庭变化 ---------------------------------------------------------------------------------
CHANGE_REPORTED, CHANGE_CHECKING, CHANGE_EXPLAIN = "reported", "checking", "explain"
CHANGE_UPDATED, CHANGE_NO_EFFECT, CHANGE_RETRACTED = "updated", "no_effect", "retracted"

CHANGE = StateTable(
    "change",
    (
        State(CHANGE_REPORTED, _("已报告"), _("轮候日期不变，现在不用您办理"), GOING, _SYSTEM,
              (CHANGE_CHECKING, CHANGE_UPDATED, CHANGE_NO_EFFECT, CHANGE_RETRACTED)),
        State(CHANGE_CHECKING, _("核对中"), _("由{office}核对，最迟{due}"), GOING, _STREET,
              (CHANGE_UPDATED, CHANGE_NO_EFFECT, CHANGE_EXPLAIN, CHANGE_RETRACTED)),
        State(CHANGE_EXPLAIN, _("需要说明"), _("请在{due}前说明"), YOURS, _CITIZEN,
              (CHANGE_CHECKING, CHANGE_UPDATED, CHANGE_NO_EFFECT, CHANGE_RETRACTED)),
        State(CHANGE_UPDATED, _("已更新"), _("轮候日期不变"), DONE, _STREET, open=False),
        State(CHANGE_NO_EFFECT, _("不影响"), _("申请按原来的情况办理"), DONE, _STREET, open=False),
        # a refusal that is overturned takes up what was put away with it
        State(CHANGE_RETRACTED, _("不再办理"), _("报告已收回，或者办件已结束"), ENDED, _CITIZEN,
              (CHANGE_REPORTED,), open=False),
    ),
)  # fmt: skip

# -- 送达 -------------------------------------------------------------------------------------
DELIVERY_PROPOSED, DELIVERY_SENT, DELIVERY_SERVED, DELIVERY_FAILED, DELIVERY_STOPPED = (
    "proposed", "sent", "served", "failed", "stopped",
)  # fmt: skip

DELIVERY = StateTable(
    "delivery",
    (
        State(DELIVERY_SENT, _("送达中"), _("{due}前应有回执"), WAITING, _CENTRE,
              (DELIVERY_SERVED, DELIVERY_FAILED, DELIVERY_STOPPED)),
        # a public announcement is begun by one person and confirmed by another
        State(DELIVERY_PROPOSED, _("公告待确认"), _("由另一位同事确认后开始计算"), YOURS, _CENTRE,
              (DELIVERY_SENT, DELIVERY_FAILED, DELIVERY_STOPPED)),
        State(DELIVERY_SERVED, _("已送达"), _("{date}送达，期限从第二天算起"), DONE, _CENTRE,
              stamp="served_at", open=False),
        State(DELIVERY_FAILED, _("没送到"), _("正在联系，改用别的办法"), YOURS, _CENTRE, open=False),
        State(DELIVERY_STOPPED, _("不再送达"), _("办件已结束，或者决定已被代替"), ENDED, _CENTRE,
              open=False),
    ),
)  # fmt: skip
