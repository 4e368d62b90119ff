"""Written decisions (决定书) and their re-consideration (复核).

Drafted by one person and signed by another; nothing adverse happens before the signature, and the
periods of the law run from service. Reasons are the failed rules that a person has confirmed, in
the words that explain the assessment.
"""

import secrets
from datetime import date
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff, User
from applications import (
    deadlines,
    findings,
    letters,
    periods,
    permissions,
    publicity,
    states,
    waiting,
)
from applications.eligibility import explain
from applications.models import Application, Assessment, Decision, Reconsideration
from core import audit, clock, display, locks, notices, workflow
from core.identity.masking import mask_text
from core.refusals import Refusal

Kind = Decision.Kind
_ALPHABET = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"  # nothing that is read for something else
_CODE_LENGTH = 12
_MAY_REFUSE = (states.DISTRICT_REVIEW, states.OBJECTION_CHECK, states.WAITLISTED,
               states.WAIT_SUSPENDED, states.RE_REVIEW)  # fmt: skip

SERVED = notices.Template(
    "decision.served",
    gettext_lazy("您的申请有了决定"),
    gettext_lazy("《{title}》（{letter_no}）已送达，里面写明了结果、依据和不同意怎么办。"),
    sms=gettext_lazy(
        "您的住房保障申请有了书面决定，请到「浙里办—住房保障」查看。我们不会在短信里要您转账或点链接"
    ),
)
ANSWERED = notices.Template(
    "reconsideration.answered",
    gettext_lazy("复核有了答复"),
    gettext_lazy("您申请的复核已由另一位工作人员办完：{result}。答复：{answer}"),
)


class DecisionRefused(Refusal):
    """The decision may not be drafted, signed or withdrawn so."""


class ReconsiderationRefused(Refusal):
    """Too late, asked already, or not for this person to answer."""


def draft_refusal(application: Application, *, by: Staff, confirmed: dict[str, str] | None = None,
                  assessment: Assessment | None = None) -> Decision:  # fmt: skip
    """Drafts a refusal on rules that a person confirmed as failed. Raises DecisionRefused.

    ``confirmed`` adds rules that the drafter's own check confirmed (after an objection): rule →
    the fact in a sentence. Without a single confirmed rule there is no refusal.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        _refuse_draft(row, by, _MAY_REFUSE, over=Kind.REFUSE)
        assessment = assessment or findings.latest_assessment(row)
        reasons = _reasons(row, assessment, confirmed or {})
        if not reasons:
            raise DecisionRefused(_("没有一项经人核实为不符，不能作不符合条件的决定。"))
        row.decisions.filter(kind=Kind.APPROVE, signed_at=None).update(replaced=True)
        return _draft(row, Kind.REFUSE, by, assessment, reasons)


def draft_approval(application: Application, *, by: Staff) -> Decision:
    """Drafts the letter of registration; it is signed once the household is on the list."""
    with transaction.atomic():
        row = locks.fresh(application)
        _refuse_draft(row, by, (states.DISTRICT_REVIEW, states.WAITLISTED))
        return _draft(row, Kind.APPROVE, by, findings.latest_assessment(row), [])


def sign(decision: Decision, *, by: Staff) -> Decision:
    """Signs and serves a letter; a refusal takes effect with it. Raises DecisionRefused."""
    with transaction.atomic():
        application = locks.fresh(decision.application)
        row = locks.fresh(decision)
        if why := permissions.why_not_sign(row, by) or why_not_yet(row, application):
            raise DecisionRefused(why)
        row.signed_by, row.signed_at, row.served_at = by, clock.now(), clock.now()
        row.save(update_fields=["signed_by", "signed_at", "served_at"])
        audit.record("decision.signed", by=by.user, thing=row, letter_no=row.letter_no)
        if row.kind == Kind.REFUSE:
            _refuse_application(application, by)
        _serve(application, row, by)
        decision.refresh_from_db()
        return row


def withdraw_draft(decision: Decision, *, by: Any, reason: str) -> Decision:
    """Sends an unsigned draft back; it stays in the file as replaced. Raises DecisionRefused."""
    with transaction.atomic():
        row = locks.fresh(decision)
        if row.signed_at is not None or row.replaced:
            raise DecisionRefused(_("这份决定已经签发或退回。"))
        if row.kind == Kind.END and (why := why_not_yet(row, row.application)):
            raise DecisionRefused(why)
        if isinstance(by, Staff) and (why := permissions.why_not_draft(by, row.application)):
            raise DecisionRefused(why)
        row.replaced = True
        row.save(update_fields=["replaced"])
        audit.record("decision.returned", by=getattr(by, "user", by), thing=row, reason=reason)
        return row


def reconsider(decision: Decision, *, by: User, text: str) -> Reconsideration:
    """Takes the household's request to look again (令11号 §9). Raises ReconsiderationRefused."""
    with transaction.atomic():
        application = locks.fresh(decision.application)
        row = locks.fresh(decision)
        if why := why_not_reconsider(row, application, today=clock.today()):
            raise ReconsiderationRefused(why)
        if not text.strip():
            raise ReconsiderationRefused(_("请写一写哪里不对，一两句话就可以。"), "text")
        request = Reconsideration.objects.create(
            decision=row,
            text=text.strip(),
            asked_at=clock.now(),
            due_on=periods.of("reconsideration").after(clock.today()),
        )
        workflow.advance(application, states.RECONSIDERATION, by=by)
        audit.record("reconsideration.asked", by=by, thing=row, due_on=request.due_on)
        return request


def answer(request: Reconsideration, *, by: Staff, overturned: bool, text: str) -> Reconsideration:
    """Answers by another person than those of the decision; overturned goes to public notice.

    Raises ReconsiderationRefused.
    """
    with transaction.atomic():
        application = locks.fresh(request.decision.application)
        row = locks.fresh(request)
        if why := permissions.why_not_answer(row, by):
            raise ReconsiderationRefused(why)
        if not text.strip():
            raise ReconsiderationRefused(_("复核要书面答复，请写明理由。"), "text")
        row.answered_at, row.answered_by = clock.now(), by
        row.overturned, row.answer = overturned, text.strip()
        row.save(update_fields=["answered_at", "answered_by", "overturned", "answer"])
        audit.record(
            "reconsideration.answered", by=by.user, thing=row.decision, overturned=overturned
        )
        if overturned:
            _overturn(application, row.decision, by)
        else:
            workflow.advance(application, states.UPHELD, by=by.user)
        _tell_answer(application, row, by)
        return row


def why_not_yet(decision: Decision, application: Application) -> str:
    """Why the state of the case does not allow the signature now."""
    # what ends a tenancy is signed by its exit alone, after notice and hearing
    ends = decision.kind == Kind.END
    if ends or (decision.kind == Kind.REFUSE and application.state not in _MAY_REFUSE):
        return _("办件现在的状态是「%(state)s」，不能签发这份决定。") % {
            "state": application.STATES[application.state].tag
        }
    if decision.kind == Kind.APPROVE and application.state in (
        states.DISTRICT_REVIEW, states.PUBLICITY, states.OBJECTION_CHECK,
    ):  # fmt: skip
        return _("公示结束、登记轮候以后才能签发。")
    return ""


def why_not_reconsider(decision: Decision, application: Application, *, today: date) -> str:
    """Why the household cannot ask for re-consideration of this decision now."""
    if decision.served_at is None or application.state != states.REFUSED:
        return _("这份决定现在不能申请复核。")
    last = last_day_to_ask(decision)
    if today > last:
        return _("申请复核的时间到%(last)s为止。您仍可以申请行政复议或提起行政诉讼，见决定书。") % {
            "last": display.day(last)
        }
    return ""


def last_day_to_ask(decision: Decision) -> date:
    """The last day to ask for re-consideration; the period runs from service."""
    served = decision.served_at or decision.drafted_at
    return periods.of("reconsideration_ask").after(served.astimezone(clock.LOCAL).date())


def by_check_code(code: str) -> Decision | None:
    """The signed letter of a check code as typed, with or without dashes and blanks."""
    clean = "".join(code.upper().replace("-", "").split())
    if len(clean) != _CODE_LENGTH:
        return None
    return Decision.objects.filter(check_code=clean, signed_at__isnull=False).first()


def grouped(check_code: str) -> str:
    """ABCD-EFGH-JKLM, as it is printed and read aloud."""
    return "-".join(check_code[n : n + 4] for n in range(0, len(check_code), 4))


def title_of(decision: Decision) -> str:
    """The heading of the letter."""
    return {
        Kind.APPROVE: _("住房保障轮候登记通知书"),
        Kind.REFUSE: _("不符合住房保障条件决定书"),
        Kind.END: _("终止住房保障决定书"),
    }[Kind(decision.kind)]


def reason_of(finding: dict[str, Any], names: dict[str, str]) -> dict[str, str]:
    """A failed finding as a letter states it; ``names`` by ID number, which is not kept."""
    name = names.get(finding.get("person") or "", "")
    return {
        "rule": finding["rule"],
        "sentence": mask_text(explain.sentence(finding, "zh-hans", name)),
        "sentence_en": mask_text(explain.sentence(finding, "en", name)),
        "clause": finding.get("citation") or "",
    }


def remedies(kind: str = Kind.REFUSE) -> list[str]:
    """What a household can do against a decision (standard sentence 9), one line each."""
    if kind == Kind.APPROVE:
        return []
    if kind == Kind.END:
        return [
            _(
                "如果不同意，可以在收到决定后60日内申请行政复议，或6个月内提起行政诉讼；需要帮助请打电话。"
            )
        ]
    return [
        _("如果不同意，可以申请复核，我们%(days)d个工作日内书面答复；也可以在收到决定后"
          "%(review)d日内申请行政复议，或6个月内提起行政诉讼。")
        % {
            "days": periods.of("reconsideration").value,
            "review": periods.of("administrative_review").value,
        }
    ]  # fmt: skip


def pdf(decision: Decision) -> bytes:
    """The letter as PDF, by the common frame of letters; a draft carries no date and no code."""
    application = decision.application
    signed = decision.signed_at is not None
    refused = decision.kind == Kind.REFUSE
    with translation.override("zh-hans"):
        data = {
            "title": title_of(decision),
            "number": decision.case_no,
            "letter_no": decision.letter_no,
            "addressee": application.applicant.name,
            "plain": decision.text.splitlines()[:1] if refused else decision.text.splitlines(),
            "reasons": decision.reasons,
            "remedies": remedies(decision.kind),
            "facts": _facts(decision, application),
            "issuer": _("鄞州区住房保障管理中心"),
            "signed": display.day_short(decision.signed_at) if signed else _("未签发，不作凭证"),
        }
    check = grouped(decision.check_code) if signed else ""
    return letters.pdf("decision", data, check=check)


def _facts(decision: Decision, application: Application) -> list[tuple[str, str]]:
    facts = [(_("受理日期"), display.day_short(application.accepted_at))]
    if decision.served_at:
        facts.append((_("送达日期"), display.day_short(decision.served_at)))
    return facts


# -- Drafting ------------------------------------------------------------------------------------


def _refuse_draft(
    application: Application, by: Staff, allowed: tuple[str, ...], *, over: str = ""
) -> None:
    """``over``: the kind of draft that stands in the way; any kind if not told."""
    if why := permissions.why_not_draft(by, application):
        raise DecisionRefused(why)
    if application.state not in allowed:
        raise DecisionRefused(
            _("办件现在的状态是「%(state)s」，不能拟这份决定。")
            % {"state": application.STATES[application.state].tag}
        )
    drafts = application.decisions.filter(signed_at=None, replaced=False)
    if (drafts.filter(kind=over) if over else drafts).exists():
        raise DecisionRefused(_("这个办件已有一份决定等待签发。"))


def _reasons(
    application: Application, assessment: Assessment | None, confirmed: dict[str, str]
) -> list[dict[str, str]]:
    """Rule, sentence and clause of each confirmed rule, the assessment's words first."""
    settled = findings.confirmed_fails(application, assessment)
    facts = {one.rule: one.reason for one in settled}
    facts.update(confirmed)
    people = {(one.rule, one.person) for one in settled}
    names = {one.id_number: one.name for one in application.members.all()}
    reasons: list[dict[str, str]] = []
    for rule, fact in facts.items():
        failed = [
            one for one in findings.findings_of(assessment)
            if one["rule"] == rule and one["result"] == findings.FAIL
            and (rule in confirmed or (rule, findings.person_tag(one.get("person"))) in people)
        ]  # fmt: skip
        reasons += [reason_of(one, names) for one in failed]
        if not failed:
            clause = _clause(assessment, rule)
            reasons.append({"rule": rule, "sentence": fact, "sentence_en": fact, "clause": clause})
    return reasons


def _clause(assessment: Assessment | None, rule: str) -> str:
    of_rule = (one for one in findings.findings_of(assessment) if one["rule"] == rule)
    return next((one.get("citation") or "" for one in of_rule), "")


def _draft(
    application: Application, kind: str, by: Staff, assessment: Assessment | None,
    reasons: list[dict[str, str]],
) -> Decision:  # fmt: skip
    at = clock.now()
    decision = Decision.objects.create(
        application=application,
        assessment=assessment,
        kind=kind,
        letter_no=_letter_number(at.astimezone(clock.LOCAL).year),
        check_code="".join(secrets.choice(_ALPHABET) for _n in range(_CODE_LENGTH)),
        reasons=reasons,
        text=_text(kind, reasons),
        drafted_by=by,
        drafted_at=at,
    )
    audit.record("decision.drafted", by=by.user, thing=decision, kind=kind,
                 rules=[one["rule"] for one in reasons])  # fmt: skip
    return decision


def _letter_number(year: int) -> str:
    """The next number of the year; drafting waits for its turn, so that none is left out."""
    locks.advisory("letter_no", year)
    stem = f"鄞住保〔{year}〕"
    return f"{stem}{Decision.objects.filter(letter_no__startswith=stem).count() + 1}号"


def _text(kind: str, reasons: list[dict[str, str]]) -> str:
    """Three plain parts before the statutory wording: result, reasons, what can be done."""
    with translation.override("zh-hans"):
        if kind == Kind.REFUSE:
            lines = [_("您家这次不符合条件。"), *(one["sentence"] for one in reasons), *remedies()]
        else:
            lines = [_("您家符合条件，已登记轮候。有房源会按顺序通知您，现在不用您办理。")]
        return "\n".join(str(line) for line in lines)


# -- What follows --------------------------------------------------------------------------------


def _refuse_application(application: Application, by: Staff) -> None:
    workflow.advance(application, states.REFUSED, by=by.user)
    publicity.close_for_refusal(application, by=by.user)
    for pause in application.pauses.filter(ended_at=None):
        deadlines.resume(application, pause.reason, by=by.user)
    waiting.end_for(application)
    application.members.update(holding=False)


def _overturn(application: Application, decision: Decision, by: Staff) -> None:
    decision.replaced = True
    decision.save(update_fields=["replaced"])
    try:
        with transaction.atomic():
            application.members.filter(excluded=False).update(holding=True)
    except IntegrityError as error:
        raise ReconsiderationRefused(
            _("这户家庭已有另一份申请在办，请先与家庭商定保留哪一份。")
        ) from error
    workflow.advance(application, states.OVERTURNED, by=by.user)
    application.closed_at = None
    application.save(update_fields=["closed_at"])
    publicity.open_for(application, by=by.user)


def _serve(application: Application, decision: Decision, by: Staff) -> None:
    applicant = application.applicant
    notices.tell(
        applicant.id_index, SERVED, by=by.user, case_no=decision.case_no,
        phone=applicant.phone or "", title=title_of(decision), letter_no=decision.letter_no,
    )  # fmt: skip


def _tell_answer(application: Application, request: Reconsideration, by: Staff) -> None:
    result = _("已改为符合") if request.overturned else _("维持原决定")
    notices.tell(
        application.applicant.id_index, ANSWERED, by=by.user, case_no=application.case_no or "",
        result=result, answer=request.answer,
    )  # fmt: skip
