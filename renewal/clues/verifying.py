"""Verifying a clue (线索核实): the second route, the rules on the new facts, and what follows.

Only the registers that the clue is about are asked anew, each person on their own consent; for all
else the answers at hand serve. The very rules of the first check and of the yearly one then say
whether anything would change today. They say it to a person: nothing follows by itself.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import CharField, Exists, OuterRef, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import states as allocation_states
from allocation.models import Lease
from applications import authority, found_changes, periods, verification
from applications.change_effects import Told
from applications.models import Assessment, Change, Evidence, Member
from applications.models.evidence import CLUE_ROUND
from core import audit, clock, locks
from core.identity import numbers
from core.workflow import advance
from renewal import exits, states
from renewal.clues.noting import SYSTEM, ClueRefused, close, refuse_if, why_not_work
from renewal.models import Clue, ExitCase
from renewal.recheck import PATIENCE

Kind, Outcome = Clue.Kind, Clue.Outcome
_AID = ("low_income_aid", "extreme_poverty", "social_assistance")
_HOME = ("property", "presale_contract", "resale_contract", "deed_tax")
# registers that are asked anew because of a clue; of the rest the answers at hand serve
SOURCES: dict[str, tuple[str, ...]] = {
    Kind.DEATH: ("death", "cremation", "household_register"),
    Kind.HOME: _HOME,
    Kind.CONTRACT: _HOME,
    Kind.COMPANY: ("company", "social_insurance"),
    Kind.AID_STARTED: _AID,
    Kind.AID_ENDED: _AID,
    Kind.MOVED_OUT: ("household_register",),
    Kind.JOB_ENDED: ("social_insurance", "provident_fund"),
    Kind.MARRIAGE: ("marriage", "household_register"),
    Kind.BIRTH: ("household_register",),
}
# a home or a contract may be held together: each holder's record is asked
_EVERYBODY = (Kind.HOME, Kind.CONTRACT, Kind.AID_STARTED, Kind.AID_ENDED)
_CHANGES: dict[str, str] = {
    Kind.DEATH: Change.Kind.DEATH,
    Kind.BIRTH: Change.Kind.BIRTH,
    Kind.MARRIAGE: Change.Kind.MARRIAGE,
    Kind.AID_STARTED: Change.Kind.AID,
    Kind.AID_ENDED: Change.Kind.AID,
    Kind.JOB_ENDED: Change.Kind.WORK,
}
# what a clue may lead to; how a home is used is put right first, by a desk of its own (violations)
GROUNDS = (ExitCase.Ground.NOT_ENTITLED, ExitCase.Ground.MOVED_ON, ExitCase.Ground.DECEASED)
_OPEN = (Evidence.Status.PENDING, Evidence.Status.UNAVAILABLE, Evidence.Status.ORDERED)


# -- The second route ------------------------------------------------------------------------------


def why_not_ask(clue: Clue, staff: Staff) -> str:
    """Why the second route cannot be asked now; empty if it can."""
    if clue.kind not in SOURCES:
        return str(_("这类线索没有登记可查，请实地或电话核实后写明情况。"))
    if why := why_not_work(clue, staff):
        return why
    if not any(authority.may_be_asked(one) for one in concerned(clue)):
        return str(_("没有本人有效的授权，不能查询。请先联系本人。"))
    return ""


def ask(clue: Clue, *, by: Staff) -> int:
    """Asks anew the registers that the clue is about; returns how many questions go out."""
    with transaction.atomic():
        row = locks.fresh(clue)
        refuse_if(why_not_ask(row, by))
        case = row.lease.application
        wanted = [(one, source) for one in concerned(row) for source in SOURCES[row.kind]]
        asked = verification.ask_about(case, wanted, round=row.round, by=by.user)
        verification.request_checks(
            case, round=row.round, by=by.user,
            max_age=timedelta(days=periods.of("clue_reuse").value),
        )  # fmt: skip
        row.asked_at, row.outcome, row.assessment = clock.now(), "", None
        row.save(update_fields=["asked_at", "outcome", "assessment"])
        audit.record("clue.asked", by=by.user, thing=row, questions=asked)
        return asked


def concerned(clue: Clue) -> list[Member]:
    """Whose registers are asked: the person, or everybody where a thing may be held together."""
    people = clue.lease.application.members.filter(excluded=False).prefetch_related("consents")
    if clue.person_index and clue.kind not in _EVERYBODY:
        people = people.filter(id_index=clue.person_index)
    return list(people.order_by("position"))


def answers(clue: Clue) -> list[Evidence]:
    """The answers of the second route, of the registers that the clue is about."""
    rows = _asked(clue).filter(source__in=SOURCES.get(clue.kind, ()))
    return list(rows.select_related("member").order_by("member__position", "source"))


def _asked(clue: Clue) -> QuerySet[Evidence]:
    return clue.lease.application.evidence.filter(round=clue.round)


# -- What the rules say ----------------------------------------------------------------------------


def assess_ready(limit: int = 100) -> int:
    """Lets the rules read every clue whose answers are in; returns how many."""
    asked = Evidence.objects.filter(
        application=OuterRef("lease__application"),
        round=Concat(Value(CLUE_ROUND), Cast(OuterRef("pk"), CharField())),
    )
    waits = asked.filter(
        Q(status__in=(Evidence.Status.PENDING, Evidence.Status.ORDERED))
        | Q(status=Evidence.Status.UNAVAILABLE, attempts__lt=PATIENCE)
    )
    ready = Clue.objects.filter(
        ~Exists(waits), state=states.L_LOOKING, asked_at__isnull=False, outcome=""
    )
    rows = ready.select_related("lease__application", "lease__home").order_by("asked_at", "id")
    return sum(_assess(one) for one in list(rows[:limit]))


def _assess(clue: Clue) -> bool:
    with transaction.atomic():
        row = locks.fresh(clue)
        if row.state != states.L_LOOKING or row.outcome:
            return False
        row.assessment = verification.assess_now(
            row.lease.application, round=row.round, on=clock.today(), by=SYSTEM,
            recheck_of=lease_now(row).number,
        )  # fmt: skip
        row.outcome = outcome_of(row, row.assessment)
        row.save(update_fields=["assessment", "outcome"])
        audit.record("clue.assessed", by=SYSTEM, thing=row, outcome=row.outcome)
        return True


def outcome_of(clue: Clue, assessment: Assessment) -> str:
    """Whether anything would change today. Silence is unknown, never a failure."""
    silent = _asked(clue).filter(source__in=SOURCES[clue.kind], status__in=_OPEN)
    if assessment.outcome == "ineligible":
        return str(Outcome.FAILS)
    if assessment.outcome in ("pending_source", "manual_review") or silent.exists():
        return str(Outcome.UNKNOWN)
    tier, _rent = lease_now(clue).agreed(clock.today())
    return str(Outcome.TIER if assessment.tier and assessment.tier != tier else Outcome.STAYS)


def failed(clue: Clue) -> list[dict[str, Any]]:
    """The findings that fail on the new facts."""
    if clue.assessment is None:
        return []
    return [one for one in clue.assessment.result["findings"] if one["result"] == "fail"]


# -- What a person makes of it ---------------------------------------------------------------------


def why_not_case(clue: Clue, staff: Staff) -> str:
    """Why no case can be opened on the clue; empty if one can.

    A death is told by two sources before it is more than a clue, and where others live on in the
    home it is a change of the household. What a register can say is asked first.
    """
    if why := why_not_work(clue, staff):
        return why
    if clue.kind in SOURCES and not clue.outcome:
        return str(_("请先核实第二个来源，答复到了再转。"))
    if clue.kind == Kind.DEATH:
        if len(seen_at(clue)) < 2:
            return str(_("离世要有两个来源印证，现在只有一个。"))
        if _others(clue):
            return str(_("家里还有人住，请转为家庭变化办理。"))
    return ""


def to_case(clue: Clue, *, by: Staff, ground: str, note: str) -> ExitCase:
    """Hands the clue to the desk of exits with its ground; notice and hearing come there."""
    with transaction.atomic():
        row = locks.fresh(clue)
        refuse_if(why_not_case(row, by))
        if ground not in GROUNDS:
            raise ClueRefused(
                _("请选择事由。违规、空置和欠租先按整改办，请登记到违规核实。"), "ground"
            )
        words = close(row, by, note)
        case = exits.open_case(
            lease_now(row), ground=ground, flags=failed(row) or [_as_flag(row)],
            by=by.user, note=words,
        )  # fmt: skip
        row.exit_case = case
        row.save(update_fields=["exit_case"])
        advance(row, states.L_TO_CASE, by=by.user, reason=ground)
        return case


def why_not_hand_on(clue: Clue, staff: Staff) -> str:
    """Why the clue cannot be handed on as a change of the household; empty if it can."""
    if clue.kind not in _CHANGES:
        return str(_("这类线索不是家庭变化。"))
    if clue.kind == Kind.DEATH and not _others(clue):
        return str(_("家里没有别人了，请转退出核对，由人办理。"))
    return why_not_work(clue, staff)


def hand_on(clue: Clue, *, by: Staff, note: str) -> Change:
    """Hands the clue on as a change of the household (家庭变化), looked at with the re-check."""
    with transaction.atomic():
        row = locks.fresh(clue)
        refuse_if(why_not_hand_on(row, by))
        words = close(row, by, note)
        row.change = found_changes.find(row.lease.application, _told(row), by=by.user, note=words)
        row.save(update_fields=["change"])
        advance(row, states.L_HANDED, by=by.user)
        return row.change


def lease_now(clue: Clue) -> Lease:
    """The lease in force of the household: that of the clue, or the one that goes on from it."""
    leases = clue.lease.application.leases.filter(state__in=allocation_states.L_IN_FORCE)
    return leases.order_by("-pk").first() or clue.lease


def seen_at(clue: Clue) -> set[str]:
    """The sources that tell of the same death: clues of the person, and fresh answers."""
    same = Clue.objects.filter(
        lease=clue.lease, kind=Kind.DEATH, person_index=clue.person_index
    ).values_list("source", flat=True)
    told = _asked(clue).filter(
        member__id_index=clue.person_index, source__in=("death", "cremation"),
        status=Evidence.Status.FOUND,
    )  # fmt: skip
    return {*same, *told.values_list("source", flat=True)}


def _others(clue: Clue) -> bool:
    people = clue.lease.application.members.filter(excluded=False)
    return people.exclude(id_index=clue.person_index).exists()


def _told(clue: Clue) -> Told:
    kind, evidence = _CHANGES[clue.kind], clue.evidence
    member = next((one for one in concerned(clue) if one.id_index == clue.person_index), None)
    about = str(evidence.get("about") or "")
    if evidence.get("event") == "divorce":
        return Told(Change.Kind.DIVORCE, clue.on)
    if kind in (Change.Kind.BIRTH, Change.Kind.MARRIAGE):
        details = {"name": str(evidence.get("what") or "")}
        if numbers.is_valid(about):
            child = "20" if numbers.parse(about).sex == "1" else "30"
            details |= {"id_number": about}
            details |= {"relation": child} if kind == Change.Kind.BIRTH else {}
        return Told(kind, clue.on, details=details)
    return Told(kind, clue.on, member if kind in (Change.Kind.DEATH, Change.Kind.WORK) else None)


def _as_flag(clue: Clue) -> dict[str, Any]:
    """The clue in the shape of a finding, for whoever works on the case."""
    return {
        "rule": clue.kind.upper(), "result": "fail", "actual": clue.evidence.get("what", ""),
        "limit": "", "op": "", "citation": "", "evidence": [], "person": None,
    }  # fmt: skip
