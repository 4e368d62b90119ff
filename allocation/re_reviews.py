"""配租前核对 as work: each household of a round by its fifteenth working day (令11号 §12).

The same rules read the same registers again. Their yes lets a household onto the roster; anything
else is a question for a person, who clears it, drafts a refusal, or sets it aside with its place.
An unanswered register only waits: it never refuses anybody.
"""

from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from accounts.roles import Role
from allocation import intentions, states
from allocation.models import ReReview, Round
from applications import conflicts, decision, findings
from applications import states as application_states
from applications.models import Application, Assessment, Decision
from core import audit, clock, locks
from core.notices import Template, tell
from core.workflow import Refusal, advance

SYSTEM = audit.System("配租前核对")
MAY_DECIDE = (Role.ADMIN, Role.DISTRICT)
UNDECIDED = (states.C_WAITING, states.C_PERSON)
_FEWEST_WORDS = 5

ASKED = Template(
    "round_review_person",
    _("配租前核对有一项要人工核实"),
    _("{title}：配租前核对时，有一项信息需要人工核实。这还不是结论，现在不用您办理；"
      "最迟{due}核实完，需要时会联系您。没有核实清楚的，这一轮暂不参加，轮候位置不变。"),
    _("您家配租前核对有一项需要人工核实，还不是结论，现在不用您办理。我们不会在短信里要您转账或点链接"),
)  # fmt: skip
CLEARED = Template(
    "round_review_cleared",
    _("配租前核对完成"),
    _("{title}：您家的配租前核对已经完成，可以参加这一轮。名单公布以后会发号牌，现在不用您办理。"),
)
ASIDE = Template(
    "round_review_aside",
    _("这一轮暂不参加"),
    _("{title}：您家这一轮暂不参加，轮候位置不变。原因：{words}"),
)


class ReReviewRefused(Refusal):
    """The check cannot be settled like this, or not by this person."""


# -- Verbs -----------------------------------------------------------------------------------------


def look(row: ReReview) -> ReReview:
    """Reads the rules once every register has answered; their doubt goes to a person."""
    with transaction.atomic():
        row = locks.fresh(row)
        if row.state != states.C_WAITING or row.round.state != states.R_PLANNED:
            return row
        if row.application.state != application_states.RE_REVIEW:  # withdrew, or was refused
            return advance(row, states.C_LEFT, by=SYSTEM)
        outcome = intentions.settle(row.application, row.round, by=SYSTEM)
        row.looked_at, row.outcome = clock.now(), outcome[:20]
        row.save(update_fields=["looked_at", "outcome"])
        if outcome in intentions.ACCEPTABLE:
            return advance(row, states.C_PASSED, by=SYSTEM)
        if outcome == "pending_source":
            return row
        row = advance(row, states.C_PERSON, by=SYSTEM)
        _tell(row, ASKED, by=SYSTEM, due=row.due_on)
        return row


def look_at_due(limit: int = 100) -> int:
    """What the scheduler runs: the checks that were looked at longest ago; returns how many."""
    waiting = ReReview.objects.filter(state=states.C_WAITING, round__state=states.R_PLANNED)
    rows = list(waiting.order_by(F("looked_at").asc(nulls_first=True), "pk")[:limit])
    for row in rows:
        look(row)
    return len(rows)


def clear(row: ReReview, *, by: Staff, words: str) -> ReReview:
    """核实符合: a person found that the household may take part. Raises ReReviewRefused."""
    with transaction.atomic():
        row = _to_decide(row, by, words)
        if row.state != states.C_PERSON:
            raise ReReviewRefused(_("这户还在等登记部门答复，或者已经核对完成，不用人工核实。"))
        row = _decided(row, states.C_CLEARED, by, words)
        _tell(row, CLEARED, by=by.user)
        return row


def set_aside(row: ReReview, *, by: Staff, words: str) -> ReReview:
    """暂不参加: back to the waiting list with its place; the household reads the words."""
    with transaction.atomic():
        row = _to_decide(row, by, words)
        row = _decided(row, states.C_ASIDE, by, words)
        application = locks.fresh(row.application)
        if application.state == application_states.RE_REVIEW:
            advance(application, application_states.WAITLISTED, by=by.user, reason=row.round.code)
        _tell(row, ASIDE, by=by.user, words=words.strip())
        return row


def draft_refusal(row: ReReview, *, by: Staff, rule: str, fact: str) -> Decision:
    """A person confirmed a rule as failed: drafts the decision that a second person signs.

    The household stays where it is until the letter is served; the check stays open. Raises
    ReReviewRefused, DecisionRefused.
    """
    with transaction.atomic():
        row = _to_decide(row, by, fact)
        if row.state != states.C_PERSON:
            raise ReReviewRefused(_("这户没有待人工核实的项目。"))
        read = assessment_of(row)
        if findings.worst_of(read, rule) != findings.FAIL:  # what is unknown refuses nobody
            raise ReReviewRefused(_("这一项没有查到不符，不能据此拟决定。"), field="rule")
        audit.record("re_review.refusal_drafted", by=by.user, thing=row, rule=rule)
        return decision.draft_refusal(
            row.application, by=by, confirmed={rule: fact.strip()}, assessment=read
        )


def finish(round_: Round, good: list[Application], waiting: list[Application], *, by: Any) -> None:
    """Brings the checks to what the freeze found, inside it."""
    through = {one.pk for one in good}
    for row in ReReview.objects.filter(round=round_, application__in=[*good, *waiting]):
        if row.application_id not in through:
            advance(row, states.C_ASIDE, by=by)
        elif row.state in UNDECIDED:  # the registers answered, or changed their answer, since
            advance(row, states.C_PASSED, by=by)


# -- Who may ---------------------------------------------------------------------------------------


def why_not_decide(row: ReReview, staff: Staff) -> str:
    """Why this person may not settle the check."""
    if not set(MAY_DECIDE) & set(staff.roles):
        return str(_("配租前核对由区住房保障管理中心核实。"))
    if row.round.state != states.R_PLANNED or row.state not in UNDECIDED:
        return str(_("这户的核对已经有结果，或者名单已经定了。"))
    if conflicts.has_conflict(staff, row.application):
        return str(_("您与这户家庭有亲属关系，需要回避，请由同事办理。"))
    return ""


# -- Reading ---------------------------------------------------------------------------------------


def of_round(round_: Round) -> QuerySet[ReReview]:
    """The checks of a round, without those that ended with their application."""
    over = Q(state__in=UNDECIDED) & ~Q(application__state=application_states.RE_REVIEW)
    rows = ReReview.objects.filter(round=round_).exclude(over)
    return rows.select_related("application__wait_entry", "application__street", "round")


def cleared_by_person(round_: Round) -> set[int]:
    """Applications whom a person cleared: on the roster whatever the rules leave open."""
    rows = ReReview.objects.filter(round=round_, state=states.C_CLEARED)
    return set(rows.values_list("application_id", flat=True))


def assessment_of(row: ReReview) -> Assessment | None:
    """What the rules read at this check."""
    return findings.latest_assessment(row.application, intentions.check_round(row.round))


def silent_sources(row: ReReview) -> list[str]:
    """Codes of the registers that have not answered yet."""
    open_ = row.application.evidence.filter(
        round=intentions.check_round(row.round), status__in=("pending", "ordered", "unavailable")
    )
    return sorted(set(open_.values_list("source", flat=True)))


# -- Parts -----------------------------------------------------------------------------------------


def _to_decide(row: ReReview, by: Staff, words: str) -> ReReview:
    locks.fresh(row.round)
    row = locks.fresh(row)
    if why := why_not_decide(row, by):
        raise ReReviewRefused(why)
    if len(words.strip()) < _FEWEST_WORDS:
        raise ReReviewRefused(_("请写明核实的情况，至少5个字。"), field="words")
    return row


def _decided(row: ReReview, to: str, by: Staff, words: str) -> ReReview:
    row.decided_by, row.decided_at, row.words = by, clock.now(), words.strip()
    row.save(update_fields=["decided_by", "decided_at", "words"])
    return advance(row, to, by=by.user)


def _tell(row: ReReview, template: Template, *, by: Any, **values: Any) -> None:
    applicant = row.application.applicant
    tell(
        applicant.id_index, template, by=by, case_no=row.case_no, phone=applicant.phone or "",
        title=row.round.title, **values,
    )  # fmt: skip
