"""One household's yearly re-check: the same rules, a new day, new evidence, three lanes.

*Clean*: the registers agree and the terms stay: confirmed without troubling anyone, a sample for
human eyes. *Changed*: still entitled, with another tier or rent: a person settles it. *Question*:
a register is silent or away, so somebody must ask; nothing follows from silence. *Suspect*: a rule
fails: a clue that a person looks at before anything happens (see exits).
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from allocation import rents
from allocation.models import Lease
from applications import change_settling, inquiries, open_changes, reports, verification
from applications.models import Assessment, Evidence, Inquiry
from core import audit, locks
from core.notices import Template, tell
from core.workflow import Refusal, advance
from renewal import exits, new_terms, question_rules, questions, sampling, skipping, states
from renewal.models import Campaign, ExitCase, HouseholdQuestion, Recheck

SYSTEM = audit.System("年度复核")
_READY_BATCH = 100
PATIENCE = 4  # silences of a register before a person is shown the question: about two minutes
ANSWERED = (Evidence.Status.FOUND, Evidence.Status.NO_RECORD)
UNANSWERED = Q(status__in=(Evidence.Status.PENDING, Evidence.Status.ORDERED)) | Q(
    status=Evidence.Status.UNAVAILABLE, attempts__lt=PATIENCE, ordered_at=None
)

CONFIRMED = Template(
    "recheck_clean",
    _("年度复核已完成"),
    _("今年的复核已完成，各部门信息一致。您家继续保障到{date}，租金不变，不用您办理。"),
    _("今年的复核已完成，租金不变，不用您办理。我们不会在短信里要您转账或点链接。"),
)


class RecheckRefused(Refusal):
    """The re-check cannot be settled like this now."""


def settle_ready(campaign: Campaign, among: Iterable[int] | None = None) -> int:
    """Settles the households all of whose registers have answered; returns how many.

    A household whose income report is being made stays where it is: nothing is asked of it. With
    ``among`` only these applications are looked at: a stride looks at those that it touched.
    """
    asked = _asked(campaign)
    open_question = asked.filter(UNANSWERED)
    ready = (
        campaign.rechecks.filter(Exists(asked), ~Exists(open_question), state=states.K_CHECKING)
        .select_related("lease__application", "lease__home", "campaign")
        .order_by("id")
    )
    if among is not None:
        ready = ready.filter(lease__application__in=list(among))
    return sum(settle(row, by=SYSTEM) for row in ready[:_READY_BATCH])


def reopen_answered(campaign: Campaign) -> int:
    """Takes up again the households of whom a silent register has answered meanwhile, or whose
    department has said which of two registers is right.
    """
    silent = _asked(campaign).exclude(status__in=ANSWERED)
    # a report that is still being made counts as answered: without news nothing is read again
    news = _asked(campaign).filter(fetched_at__gt=OuterRef("assessment__created_at"))
    answered = Q(Exists(news), ~Exists(silent), assessment__outcome="pending_source")
    again = (
        campaign.rechecks.filter(answered | _no_longer_disagree(campaign), state=states.K_QUESTION)
        .filter(
            ~Exists(_elsewhere().filter(household=OuterRef("household")).exclude(pk=OuterRef("pk")))
        )
        .select_related("lease__application", "campaign")
        .order_by("id")[:_READY_BATCH]
    )
    for row in again:
        with transaction.atomic():
            if locks.fresh(row).state == states.K_QUESTION:
                advance(row, states.K_CHECKING, by=SYSTEM)
        settle(row, by=SYSTEM)
    return len(again)


def disagreements(campaign: Campaign) -> QuerySet[Inquiry]:
    """What departments were asked about two registers that disagree, for a household's row."""
    return Inquiry.objects.filter(
        application=OuterRef("lease__application"),
        round=campaign.round,
        kind=Inquiry.Kind.ROUTES,
    )


def _no_longer_disagree(campaign: Campaign) -> Q:
    """Held up by two registers that disagreed alone, and the department has settled which holds."""
    asked = disagreements(campaign)
    under_way = asked.filter(state__in=inquiries.UNDER_WAY)
    settled = asked.filter(settled_at__gt=OuterRef("assessment__created_at"))
    open_ends = ("pending_source", "manual_review", "ineligible")
    return Q(Exists(settled), ~Exists(under_way)) & ~Q(assessment__outcome__in=open_ends)


def _asked(campaign: Campaign) -> QuerySet[Evidence]:
    return Evidence.objects.filter(application=OuterRef("lease__application"), round=campaign.round)


def settle(row: Recheck, *, by: Any) -> bool:
    """Puts a household into its lane; False if another worker already did."""
    with transaction.atomic():
        row = _locked(row)
        if row.state != states.K_CHECKING or skipping.if_over(row, by=by):
            return False
        assessment = verification.assess_now(
            row.lease.application,
            round=row.round,
            on=reports.day_of_facts(row.lease.application, row.round, not_before=row.on),
            by=by,
            recheck_of=row.lease.number,
            settled=questions.accepted(row),
        )
        row.assessment = assessment
        row.change = _change(row, assessment)
        row.flags = _flags(assessment)
        lane = _lane(row, assessment)
        # two registers that disagree are a department's question before anything is confirmed
        disagree = inquiries.open_for(row.lease.application, round=row.round)
        # so is what the household itself has reported since it moved in
        told = open_changes.for_renewal(row.lease.application).exists()
        if (disagree or told) and lane in (states.K_CLEAN, states.K_CHANGED):
            lane = states.K_QUESTION
        if lane == states.K_CLEAN and questions.unheard(row):
            lane = states.K_QUESTION  # an adult's own word is missing: ask, and nothing else
        if not row.in_force:  # asked about for information: nothing can follow
            lane = states.K_NOTED
        row.lane = lane
        row.sampled = lane == states.K_CLEAN and sampling.is_drawn(row)
        row.save(update_fields=["assessment", "change", "flags", "lane", "sampled"])
        advance(row, lane, by=by)
        _hand_over(row, lane, by)
    return True


def settle_by_hand(row: Recheck, *, by: Any, note: str) -> Recheck:
    """A person closes a question or a change, with words on how it was settled."""
    with transaction.atomic():
        row = _locked(row)
        if not note.strip():
            raise RecheckRefused(_("请写下怎么核实的，一句话就够。"), field="note")
        if row.state not in (states.K_CHANGED, states.K_QUESTION):
            raise RecheckRefused(_("这一户已经有结果了，请刷新页面。"))
        if row.state == states.K_CHANGED:
            new_terms.put_in_force(row, by=by)
        row.settled_by = audit.label(by)
        row.save(update_fields=["settled_by"])
        questions.drop(row, by=by)
        advance(row, states.K_SETTLED, by=by, reason=note)
        change_settling.settle_at_renewal(row.lease.application, by=by, note=note)
    return row


def ask_again(row: Recheck, *, by: Any) -> Recheck:
    """Lets the registers be asked once more where they were silent."""
    with transaction.atomic():
        row = _locked(row)
        if why := why_not_ask_again(row):
            raise RecheckRefused(why)
        verification.ask_again(row.lease.application, round=row.round, by=by)
        return advance(row, states.K_CHECKING, by=by)


def why_not_ask_again(row: Recheck) -> str:
    """Why the registers cannot be asked once more about this household; empty if they can."""
    if row.campaign and row.campaign.state in (states.C_PAUSED, states.C_CANCELLED):
        return str(_("这次复核已暂停或者取消，现在不再查询。"))
    if _elsewhere().filter(household=row.household_id).exclude(pk=row.pk).exists():
        return str(_("这一户正在另一次复核中，请到那里办理。"))
    return ""


def go_on(row: Recheck, *, by: Any) -> None:
    """All that was asked of the household is answered: new members' registers are asked, and the
    rules read the case again. The caller holds the re-check's lock."""
    if row.state != states.K_QUESTION:
        return
    case = row.lease.application
    verification.request_checks(case, round=row.round, by=by)
    advance(row, states.K_CHECKING, by=by)
    if not case.evidence.filter(round=row.round).filter(UNANSWERED).exists():
        settle(row, by=by)


def why_not_find_against(row: Recheck) -> str:
    """Why no case may be made of this household; silence and missing papers are never a reason."""
    if row.state != states.K_QUESTION:
        return str(_("这一户现在没有待核对的问题。"))
    facts = question_rules.substantive(row.flags)
    spoken = row.questions.filter(
        basis=HouseholdQuestion.Basis.SUBSTANTIVE,
        answered_at__isnull=False,
        state=states.Q_ANSWERED,
    )
    if not facts and not spoken.exists():
        return str(
            _("没有查到不符合的事实。没有答复、缺手续都不能作为终止的理由，请继续联系家庭。")
        )
    return ""


def find_against(row: Recheck, *, by: Any, note: str) -> Recheck:
    """A person finds that a fact speaks against the household: a clue, with notice and hearing to
    come. Raises RecheckRefused, always where only procedure is open."""
    with transaction.atomic():
        row = _locked(row)
        if not note.strip():
            raise RecheckRefused(_("请写下怎么核实的，一句话就够。"), field="note")
        if why := why_not_find_against(row):
            raise RecheckRefused(why)
        facts = list(question_rules.substantive(row.flags))
        spoken = row.questions.filter(
            basis=HouseholdQuestion.Basis.SUBSTANTIVE, state=states.Q_ANSWERED
        )
        row.flags = [*facts, *(one.finding for one in spoken)]
        row.save(update_fields=["flags"])
        advance(row, states.K_SUSPECT, by=by, reason=note)
        _hand_over(row, states.K_SUSPECT, by)
    return row


def _elsewhere() -> QuerySet[Recheck]:
    """Rows of campaigns that are not over."""
    return Recheck.objects.filter(held=True)


def _locked(row: Recheck) -> Recheck:
    locks.fresh(row)
    related = Recheck.objects.select_related("lease__application", "lease__home", "campaign")
    return related.get(pk=row.pk)


def _lane(row: Recheck, assessment: Assessment) -> str:
    """UNKNOWN is not FAIL: only a failed rule makes a clue; all that is unclear is a question.

    A missing consent or a paper that has run out is a question, too, whatever the rules call it.
    """
    facts = question_rules.substantive(row.flags)
    if row.flags and not facts:
        return states.K_QUESTION
    failed = {flag["rule"] for flag in facts}
    if failed and failed <= _household_changes(row):
        return states.K_CHANGED
    if assessment.outcome == "ineligible":
        return states.K_SUSPECT
    if assessment.outcome in ("pending_source", "manual_review"):
        return states.K_QUESTION
    return states.K_CHANGED if row.change else states.K_CLEAN


def _household_changes(row: Recheck) -> set[str]:
    """Rules whose failure says that the household itself has changed, which is no clue.

    A child was born, somebody married in, or one of several has died: a person writes it into the
    household and the terms are computed again. Where nobody is left it is a case for a person's
    hands (see exits), with decency.
    """
    gone = {flag["person"] for flag in row.flags if flag["rule"] == "DECEASED"}
    people = row.lease.application.members.filter(excluded=False).count()
    return {"MEMBERS", "DECEASED"} if len(gone) < people else {"MEMBERS"}


def _flags(assessment: Assessment) -> list[dict[str, Any]]:
    """The failed findings: rule, fact, limit, clause and sources for the person who checks them."""
    return [one for one in assessment.result["findings"] if one["result"] == "fail"]


def _change(row: Recheck, assessment: Assessment) -> dict[str, str]:
    """Old and new tier and rent when they differ, and the month from which the new ones hold."""
    lease = row.lease
    if not assessment.tier:
        return {}
    tier, rent_now = lease.agreed(row.on)
    if assessment.tier == tier:
        return {}
    rent = rents.rent_for(lease.home, assessment.tier, row.on)
    return {
        "tier_old": tier,
        "tier_new": assessment.tier,
        "rent_old": str(rent_now),
        "rent_new": str(rent),
        "from_month": _next_month(row.on),
    }


def _next_month(day: Any) -> str:
    year, month = (day.year + 1, 1) if day.month == 12 else (day.year, day.month + 1)
    return f"{year}-{month:02d}"


def _hand_over(row: Recheck, lane: str, by: Any) -> None:
    if lane == states.K_QUESTION:
        questions.make(row, by=by)
        return
    questions.drop(row, by=by)
    if lane == states.K_CLEAN and row.campaign:  # of a renewal the person who decides tells
        _confirm(row.lease, by)
    elif lane == states.K_SUSPECT:
        _open_exit(row)


def _confirm(lease: Lease, by: Any) -> None:
    applicant = lease.application.applicant
    tell(
        applicant.id_index,
        CONFIRMED,
        by=by,
        case_no=lease.case_no,
        phone=applicant.phone or "",
        date=lease.term.upper,
    )


def _open_exit(row: Recheck) -> None:
    """A clue on somebody's desk; for the household nothing changes.

    What is only procedural is no part of it: a case stands on facts.
    """
    facts = question_rules.substantive(row.flags) or row.flags
    ground = _ground(row, facts)
    case = exits.open_case(row.lease, ground=ground, flags=facts, by=SYSTEM, recheck=row)
    # a case that was open before becomes this re-check's: its end settles the household
    ExitCase.objects.filter(pk=case.pk, recheck=None).update(recheck=row)


def _ground(row: Recheck, facts: Iterable[Mapping[str, Any]]) -> str:
    if {flag["rule"] for flag in facts} == {"DECEASED"}:
        return exits.Ground.DECEASED
    return exits.Ground.NOT_ENTITLED if row.campaign else exits.Ground.NO_RENEWAL
