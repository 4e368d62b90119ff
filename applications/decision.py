"""Written decisions (决定书) and their re-consideration (复核).

Drafted by one person and signed by another. Nothing adverse happens before the letter has been
served (applications.deliveries, applications.serving), and the periods of the law run from there.
Reasons are the failed rules that a person has confirmed, in the words that explain the assessment.
"""

import secrets
from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from applications import (
    deliveries,
    findings,
    open_changes,
    permissions,
    publicity,
    states,
    waiting,
)
from applications.decision_letter import (
    grounds,
    grouped,
    pdf,
    plain_lines,
    reason_of,
    remedies,
    title_of,
)
from applications.models import (
    Application,
    Assessment,
    Change,
    Decision,
    WaitMove,
)
from core import audit, clock, locks, notices, workflow
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


__all__ = [
    "grounds", "grouped", "pdf", "plain_lines", "reason_of", "remedies", "title_of",
]  # fmt: skip


class DecisionRefused(Refusal):
    """The decision may not be drafted, signed or withdrawn so."""


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
    """Signs a letter: served at once where the applicant agreed to that, else it goes on paper.

    A refusal takes effect with its service. Raises DecisionRefused.
    """
    with transaction.atomic():
        application = locks.fresh(decision.application)
        row = locks.fresh(decision)
        if why := permissions.why_not_sign(row, by) or why_not_yet(row, application):
            raise DecisionRefused(why)
        row.signed_by, row.signed_at = by, clock.now()
        row.save(update_fields=["signed_by", "signed_at"])
        audit.record("decision.signed", by=by.user, thing=row, letter_no=row.letter_no)
        if deliveries.by_consent(row, by=by):
            take_effect(row, application, by=by, at=row.signed_at)
        decision.refresh_from_db()
        return row


def take_effect(decision: Decision, application: Application, *, by: Staff, at: datetime) -> None:
    """What the service of a letter brings about, inside the verb that proves it.

    A case that meanwhile stands where no refusal leads, such as in a round, or whose family has
    reported a change that nobody has looked at, is left as it is: a person carries the decision
    out later (``carry_out``).
    """
    decision.served_at = at
    decision.save(update_fields=["served_at"])
    audit.record("decision.served", by=by.user, thing=decision, letter_no=decision.letter_no)
    if decision.kind == Kind.REFUSE and not _why_not_now(decision, application):
        _refuse_application(application, by)
    if decision.kind not in Decision.APART:  # their own procedure tells the household
        _serve(application, decision, by)


def carry_out(decision: Decision, *, by: Staff) -> Decision:
    """Carries a served refusal out that found the case in a round. Raises DecisionRefused."""
    with transaction.atomic():
        application = locks.fresh(decision.application)
        row = locks.fresh(decision)
        if why := why_not_carry_out(row, application, by):
            raise DecisionRefused(why)
        _refuse_application(application, by)
        audit.record("decision.carried_out", by=by.user, thing=row, letter_no=row.letter_no)
        return row


def why_not_carry_out(decision: Decision, application: Application, staff: Staff) -> str:
    """Why a served refusal cannot be carried out now."""
    if decision.kind != Kind.REFUSE or decision.served_at is None or decision.replaced:
        return _("这份决定现在不用执行。")
    return _why_not_now(decision, application) or permissions.why_not_draft(staff, application)


def _why_not_now(decision: Decision, application: Application) -> str:
    """Why a refusal that was served cannot take effect on the case as it stands."""
    if application.state not in _MAY_REFUSE:
        return _("办件现在的状态是「%(state)s」，等这一步结束后再办。") % {
            "state": application.STATES[application.state].tag
        }
    told = open_changes.under_way(application).filter(reported_at__gt=decision.signed_at)
    # told after the signature: it may be what makes the family fit
    if told.exclude(kind=Change.Kind.MAJORITY).exists():
        return _("家里报告的变化还没有核对，核对以后再办。")
    return ""


def take_back(decision: Decision, *, by: Staff, reason: str) -> Decision:
    """收回: a signed refusal that has not been served is not served. Raises DecisionRefused."""
    with transaction.atomic():
        application = locks.fresh(decision.application)
        row = locks.fresh(decision)
        if why := why_not_take_back(row, by):
            raise DecisionRefused(why)
        if not reason.strip():
            raise DecisionRefused(_("请写明为什么收回。"), "reason")
        row.replaced = True
        row.save(update_fields=["replaced"])
        deliveries.stop_letter(row, by=by.user, reason="taken back")
        audit.record("decision.taken_back", by=by.user, thing=row, reason=reason,
                     case_no=application.case_no or "")  # fmt: skip
        return row


def why_not_take_back(decision: Decision, staff: Staff) -> str:
    """Why a decision cannot be taken back: only a signed refusal that nobody has yet."""
    if decision.kind != Kind.REFUSE or not deliveries.is_ready(decision):
        return _("签发以后、送达以前的不符合条件决定才能收回。")
    return permissions.why_not_draft(staff, decision.application)


def withdraw_draft(decision: Decision, *, by: Any, reason: str) -> Decision:
    """Sends an unsigned draft back; it stays in the file as replaced. Raises DecisionRefused."""
    with transaction.atomic():
        row = locks.fresh(decision)
        if row.signed_at is not None or row.replaced:
            raise DecisionRefused(_("这份决定已经签发或退回。"))
        if row.kind in Decision.APART and (why := why_not_yet(row, row.application)):
            raise DecisionRefused(why)
        if isinstance(by, Staff) and (why := permissions.why_not_draft(by, row.application)):
            raise DecisionRefused(why)
        row.replaced = True
        row.save(update_fields=["replaced"])
        audit.record("decision.returned", by=getattr(by, "user", by), thing=row, reason=reason)
        return row


def why_not_yet(decision: Decision, application: Application) -> str:
    """Why the state of the case does not allow the signature now."""
    # what ends a tenancy or bars a household is signed where it was heard, and nowhere else
    apart, refuses = decision.kind in Decision.APART, decision.kind == Kind.REFUSE
    if apart or (refuses and application.state not in _MAY_REFUSE):
        return _("办件现在的状态是「%(state)s」，不能签发这份决定。") % {
            "state": application.STATES[application.state].tag
        }
    if refuses and (why := open_changes.why_not_decide(application)):
        return why  # told after the draft was written: it may be what makes the family fit
    if decision.kind == Kind.APPROVE and application.state in (
        states.DISTRICT_REVIEW, states.PUBLICITY, states.OBJECTION_CHECK,
    ):  # fmt: skip
        return _("公示结束、登记轮候以后才能签发。")
    return ""


def by_check_code(code: str) -> Decision | None:
    """The signed letter of a check code as typed, with or without dashes and blanks."""
    clean = "".join(code.upper().replace("-", "").split())
    if len(clean) != _CODE_LENGTH:
        return None
    return Decision.objects.filter(check_code=clean, signed_at__isnull=False).first()


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
    if deliveries.awaiting(application):
        raise DecisionRefused(_("这个办件已有一份决定签发，正在送达。"))


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
        check_code=new_check_code(),
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


def new_check_code() -> str:
    """A code that tells a letter apart (验真), in signs that are read for nothing else."""
    return "".join(secrets.choice(_ALPHABET) for _n in range(_CODE_LENGTH))


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
    from applications import endings  # which stands on the review, and that on this

    workflow.advance(application, states.REFUSED, by=by.user)
    endings.free(application, by=by.user)
    publicity.take_down(application)
    waiting.end_for(application, by=by, reason=WaitMove.Reason.REFUSED)
    open_changes.leave(application, by=by.user, reason=open_changes.REFUSED)


def _serve(application: Application, decision: Decision, by: Staff) -> None:
    applicant = application.applicant
    notices.tell(
        applicant.id_index, SERVED, by=by.user, case_no=decision.case_no,
        phone=applicant.phone or "", title=lambda: title_of(decision), letter_no=decision.letter_no,
    )  # fmt: skip
