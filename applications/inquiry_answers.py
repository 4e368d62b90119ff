"""How a department answers its inquiries (核实单的办理): settle, let a paper follow, wait.

One answer may serve several people: the same pair or the same register of one household is one
look at one desk. A paper may follow (容缺) only where the list says so, and never in place of what
no family can prove, such as that it owns no home.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff, User
from applications import (
    acceptance,
    acceptance_letters,
    inquiries,
    periods,
    permissions,
    registers,
    route_words,
    states,
)
from applications.eligibility import routes
from applications.inquiries import BY_HAND, SUPPLEMENT, UNDER_WAY, WAIT, Kind
from applications.models import Application, Inquiry, Supplement
from core import audit, clock, locks, notices, workflow
from core.refusals import Refusal

NO_EFFECT, MATTERS = "no_effect", "matters"
ITEM = "silent-"
_SHOWN = "已上传"  # kept in the file: what stands where pages answer without words
# what a family has at home and may bring later where the register is silent (容缺目录)
PAPERS: dict[str, Any] = {
    "identity_card": gettext_lazy("居民身份证"),
    "household_register": gettext_lazy("户口簿"),
    "residence_permit": gettext_lazy("居住证"),
    "marriage": gettext_lazy("结婚证、离婚证或者离婚判决书"),
    "marriage_national": gettext_lazy("结婚证、离婚证或者离婚判决书"),
    "disability": gettext_lazy("残疾人证"),
    "education": gettext_lazy("毕业证书"),
    "social_insurance": gettext_lazy("参保缴费证明"),
    "public_tenancy": gettext_lazy("公房租赁合同"),
    "vehicle": gettext_lazy("机动车行驶证"),
}
REASONS = [
    ("lag", gettext_lazy("登记有时间差")),
    ("wrong_entry", gettext_lazy("登记有误，已通知更正")),
    ("other_office", gettext_lazy("已向登记单位人工查询")),
    ("paper_seen", gettext_lazy("已看原件")),
    ("asked_family", gettext_lazy("已向当事人核实")),
    ("visited", gettext_lazy("已入户核实")),
]
_SILENT = [
    ("found_none", gettext_lazy("人工查到：没有记录")),
    ("found_record", gettext_lazy("人工查到：有记录（写明内容）")),
]
_AID = [source for side in routes.PAIRS[routes.AID] for source in side]
_SILENT_AID = [
    _SILENT[0],
    ("is_TK", gettext_lazy("人工查到：特困")),
    ("is_DB", gettext_lazy("人工查到：低保")),
    ("is_DBBY", gettext_lazy("人工查到：低保边缘")),
]
_LATE = [
    (NO_EFFECT, gettext_lazy("不影响原来的结论")),
    (MATTERS, gettext_lazy("影响原来的结论，交区里处理")),
]
REGISTER_WRONG, REGISTER_RIGHT = "register_wrong", "register_right"
_DISPUTE = [
    (REGISTER_WRONG, gettext_lazy("登记有误，以当事人的材料为准")),
    (REGISTER_RIGHT, gettext_lazy("登记无误（写明依据）")),
]
ASKED = notices.Template(
    "inquiry.supplement",
    gettext_lazy("请补交一样材料"),
    gettext_lazy(
        "{source}暂时没有答复，其他环节照常办理。{item}请在{due}前补交；部门先答复的，不用再交。"
    ),
    sms=gettext_lazy(
        "有一样材料请在{due}前补交，其他环节照常办理。我们不会在短信里要您转账或点链接"
    ),
)


class InquiryRefused(Refusal):
    """Not this person's desk, settled already, or an answer that does not fit the question."""


def outcomes_of(inquiry: Inquiry) -> list[tuple[str, Any]]:
    """The answers that settle a question, with their words; what leaves it waiting is not here."""
    if inquiry.kind == Kind.ROUTES:
        return route_words.OUTCOMES[inquiry.subject]
    if inquiry.kind == Kind.DISPUTE:
        return _DISPUTE
    if inquiry.kind in (Kind.LATE, Kind.CHECKED):
        return _LATE
    return _SILENT_AID if inquiry.subject in _AID else _SILENT


def choices_of(inquiry: Inquiry) -> list[tuple[str, Any]]:
    """Every answer that this desk may give now."""
    choices = list(outcomes_of(inquiry))
    if inquiry.kind == Kind.SILENT and inquiry.state == states.INQUIRY_OPEN:
        if inquiry.subject in PAPERS:
            choices.append((SUPPLEMENT, _("容缺：请家人补交%(paper)s") % {
                "paper": PAPERS[inquiry.subject]}))  # fmt: skip
        choices.append((WAIT, _("再等几天，系统接着查")))
    return choices


def outcome_word(inquiry: Inquiry) -> str:
    """The chosen answer in words."""
    words = {SUPPLEMENT: _("容缺，等家人补交"), WAIT: _("再等部门答复")}
    words |= {code: str(word) for code, word in outcomes_of(inquiry)}
    return words.get(inquiry.outcome, "")


def why_not_answer(inquiry: Inquiry, staff: Staff) -> str:
    """Why this person may not answer this question now."""
    if inquiry.state not in UNDER_WAY:
        return _("这张核实单已经办完。")
    return permissions.why_not_inquire(inquiry, staff)


def answer(
    inquiry: Inquiry,
    *,
    by: Staff,
    outcome: str,
    reason_code: str = "",
    text: str = "",
    also: Iterable[int] = (),
) -> list[Inquiry]:
    """Answers a question; ``also`` names rows of the same question about others of the household.

    The last answer of the departments hands the case on. Raises InquiryRefused.
    """
    with transaction.atomic():
        application = locks.fresh(inquiry.application)
        rows = _locked(application, inquiry, also)
        text = text.strip()
        for row in rows:
            _refuse(row, by, outcome, reason_code, text)
        for row in rows:
            _write(row, by, outcome, reason_code, text)
        _follow(application, rows, outcome, by, text)
        inquiry.refresh_from_db()
        return rows


def bring(application: Application, *, by: User, answers: Mapping[int, str]) -> list[Supplement]:
    """Takes what the family brings (补交), by key of the supplement; the desk looks at it next.

    Each may come on its own. Raises InquiryRefused.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        if why := why_not_bring(row):  # in the same second, perhaps: the page still offered it
            raise InquiryRefused(why)
        waiting = {one.pk: one for one in open_supplements(row)}
        shown = set(row.pages.values_list("item", flat=True))
        given = {pk: text.strip() for pk, text in answers.items() if text.strip()}
        given |= {pk: "" for pk, one in waiting.items() if pk not in given and one.item in shown}
        if not given or set(given) - set(waiting):
            raise InquiryRefused(_("请把要补交的写上，或者到窗口交。"))
        told = dict(row.declared.get("brought", {}))
        for pk, text in given.items():
            told[waiting[pk].item] = text[:2000] or _SHOWN
            waiting[pk].received_at = clock.now()
            waiting[pk].save(update_fields=["received_at"])
            _look_again(waiting[pk], by)
        row.declared = {**row.declared, "brought": told}
        row.save(update_fields=["declared"])
        acceptance.lift_if_complete(row)
        audit.record("supplement.received", by=by, thing=row, items=len(given))
        return [waiting[pk] for pk in given]


def why_not_bring(application: Application) -> str:
    """Why nothing is taken any more; '' while the case is under way. Page and verb ask this."""
    if inquiries.is_over(application):
        return _("这份申请已经结束，不再核对。可以重新申请。")
    return "" if application.is_open else _("这份申请已经有了结果，不用再补交。")


def open_supplements(application: Application) -> QuerySet[Supplement]:
    """What the family may still bring: in place of a silent register, or as it said it would."""
    return application.supplements.to_follow().filter(received_at=None).order_by("pk")


def brought(inquiry: Inquiry) -> str:
    """What the family wrote of the paper that was asked for here."""
    told: Mapping[str, str] = inquiry.application.declared.get("brought", {})
    return told.get(_item(inquiry), "")


# -- Parts ---------------------------------------------------------------------------------------


def _locked(application: Application, inquiry: Inquiry, also: Iterable[int]) -> list[Inquiry]:
    same = application.inquiries.filter(
        round=inquiry.round, kind=inquiry.kind, subject=inquiry.subject, bureau=inquiry.bureau_id
    )
    wanted = {inquiry.pk, *also}
    rows = same.filter(pk__in=wanted).select_for_update(of=("self",)).order_by("pk")
    return list(rows.select_related("application", "member", "bureau", "supplement"))


def _refuse(row: Inquiry, by: Staff, outcome: str, reason_code: str, text: str) -> None:
    if why := why_not_answer(row, by):
        raise InquiryRefused(why)
    if outcome not in dict(choices_of(row)):
        raise InquiryRefused(_("请选择核实结果。"), "outcome")
    if outcome == WAIT:
        return
    if reason_code not in dict(REASONS):
        raise InquiryRefused(_("请选择怎么核实的。"), "reason_code")
    if not text and outcome != SUPPLEMENT:
        raise InquiryRefused(_("请写一句核实的经过。"), "text")


def _write(row: Inquiry, by: Staff, outcome: str, reason_code: str, text: str) -> None:
    row.outcome, row.reason_code, row.text = outcome, reason_code, text[:2000]
    row.settled_by, row.settled_at = by, clock.now()
    fields = ["outcome", "reason_code", "text", "settled_by", "settled_at"]
    if outcome == SUPPLEMENT:
        row.supplement = _supplement(row)
        row.due_on = row.supplement.due_on
    if outcome == WAIT:
        row.due_on = periods.of("inquiry_wait").after(clock.today())
    row.save(update_fields=[*fields, "supplement", "due_on"])
    to = states.INQUIRY_WAITING if outcome in (SUPPLEMENT, WAIT) else states.INQUIRY_SETTLED
    if row.state != to:
        workflow.advance(row, to, by=by.user)
    audit.record(
        "inquiry.answered", by=by.user, thing=row, case_no=row.case_no, kind=row.kind,
        about=row.subject, outcome=outcome, reason=reason_code,
        subjects=[row.member.id_index] if row.member else [],
    )  # fmt: skip


def _supplement(row: Inquiry) -> Supplement:
    name = row.member.name if row.member else ""
    text = _("%(paper)s（%(name)s）") % {"paper": PAPERS[row.subject], "name": name}
    made, _new = Supplement.objects.update_or_create(
        application=row.application,
        item=_item(row),
        defaults={
            "text": text[:200],
            "due_on": periods.of("supplement").after(clock.today()),
            "received_at": None,
        },
    )
    return made


def _item(row: Inquiry) -> str:
    return f"{ITEM}{row.subject}-{row.member_id}"[:40]


def _follow(
    application: Application, rows: Sequence[Inquiry], outcome: str, by: Staff, text: str
) -> None:
    from applications import disputes, review, verification  # all hand the case on to here

    if outcome in (*BY_HAND, SUPPLEMENT):
        asked = [row.evidence_id for row in rows if row.evidence_id]
        verification.go_on_without(application, asked, by=by.user)
    if outcome == SUPPLEMENT:
        _tell(application, rows, by)
    if outcome == WAIT:
        verification.ask_again(application, by=by.user)
    if outcome == MATTERS:
        for row in rows:
            inquiries.pass_on(row, text)
    if outcome in (REGISTER_WRONG, REGISTER_RIGHT):
        for row in rows:
            disputes.settle(row, by=by)
    review.go_on(application)


def _tell(application: Application, rows: Sequence[Inquiry], by: Staff) -> None:
    applicant = application.applicant
    papers = [row.supplement for row in rows if row.supplement]
    acceptance_letters.issue(
        application, acceptance_letters.Kind.FOLLOW, items=[one.text for one in papers],
        due_on=papers[0].due_on,
    )  # fmt: skip
    notices.tell(
        applicant.id_index, ASKED, by=by.user, case_no=application.case_no or "",
        phone=applicant.phone or "", source=lambda: registers.name_of(rows[0].subject),
        item="、".join(one.text for one in papers), due=papers[0].due_on,
    )  # fmt: skip


def _look_again(supplement: Supplement, by: Any) -> None:
    rows = Inquiry.objects.filter(supplement=supplement, state=states.INQUIRY_WAITING)
    for row in rows.select_for_update(of=("self",)):
        row.due_on = periods.of("inquiry").after(clock.today())
        row.save(update_fields=["due_on"])
        workflow.advance(row, states.INQUIRY_OPEN, by=by, reason="brought")
