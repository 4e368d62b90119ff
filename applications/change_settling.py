"""Drawing the consequences of a change (家庭变化后处理): by the machine where it helps or says
nothing, by a person everywhere else.

The machine waits for consents and registers, never closes what two people must agree on, and never
makes a household worse off. Who has died or left is taken out of the case by a person; where the
applicant has died, a person passes the case on to an adult who stays.
"""

from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Citizen, Staff
from applications import (
    authority,
    changes,
    consent,
    evaluation,
    kin,
    open_changes,
    periods,
    settling,
    states,
    verification,
    waiting,
)
from applications.change_effects import GAINS, SAME, TERMS
from applications.change_notices import EXPLAIN, NO_EFFECT, UPDATED
from applications.changes import Kind, close
from applications.eligibility.cast import Person
from applications.eligibility.rules.family import registered_children
from applications.models import Application, Assessment, Change, Consent, Evidence, Member
from applications.models.evidence import APPLY
from applications.open_changes import Waits
from applications.outcomes import ANSWERED, OPEN
from core import audit, clock, display, locks, workflow
from core.identity import ciphers
from core.refusals import Refusal
from datashare import reading

SYSTEM = audit.System("家庭变化")
BY_PERSON = (Kind.DEATH, Kind.DIVORCE)
_GOOD = ("eligible", "conditional")
_SWEPT = 50
_OLDEST = F("looked_at").asc(nulls_first=True)
_A_DAY = timedelta(days=1)


class SettlingRefused(Refusal):
    """This person may not settle the change like this now."""


# -- The machine -------------------------------------------------------------------------------


def go_on(change: Change, *, by: Any = SYSTEM) -> Change:
    """Takes a change as far as a machine may; harmless to repeat."""
    with transaction.atomic():
        case = locks.fresh(change.application)
        row = locks.fresh(change)
        row.application = case
        row.looked_at = clock.now()
        row.save(update_fields=["looked_at"])
        if waits := open_changes.waits_of(case):
            _put_off(row, waits)
        elif case.state in changes.POSSIBLE and row.state == states.CHANGE_REPORTED:
            changes.begin(row, by=by)
        elif case.state in changes.POSSIBLE and row.state == states.CHANGE_CHECKING:
            _resume(case, row)
            _check(case, row, by)
        return row


def sweep(limit: int = _SWEPT) -> int:
    """What the scheduler runs: changes whose round has ended, or whose answers have come.

    Those looked at longest ago come first, so that many that wait for people hold up none.
    """
    rows = Change.objects.filter(
        state__in=(states.CHANGE_REPORTED, states.CHANGE_CHECKING)
    ).exclude(waits_for=Waits.RENEWAL)
    found = list(rows.select_related("application").order_by(_OLDEST, "pk")[:limit])
    for one in found:
        go_on(one)
    return len(found)


# -- The desk ----------------------------------------------------------------------------------


def confirm(
    change: Change, *, by: Staff, note: str = "", successor: Member | None = None
) -> Change:
    """A person has found it to be so: the case is brought up to date.

    A death or a divorce of the applicant needs a ``successor`` who stays. Raises SettlingRefused.
    """
    with transaction.atomic():
        case, row = _workable(change, by)
        gone = _leaving(case, row)
        if any(one.is_applicant for one in gone):
            _pass_on(case, _checked_successor(case, gone, successor), by)
        for one in gone:
            _take_out(one, row)
        _hand_over_account(case, gone)
        row.applied_at = row.applied_at or clock.now()
        row.save(update_fields=["applied_at"])
        if gone:
            audit.record(
                "household.changed", by=by.user, thing=case, left=len(gone),
                subjects=[one.id_index for one in gone],
            )  # fmt: skip
        _read_again(case, row, by.user)
        close(row, states.CHANGE_UPDATED, by=by.user, note=note, staff=by)
        changes.tell(row, UPDATED, by=by.user)
        return row


def no_effect(change: Change, *, by: Staff, note: str) -> Change:
    """A person has looked and nothing changes for the case. Raises SettlingRefused."""
    with transaction.atomic():
        _case, row = _workable(change, by)
        if not note.strip():
            raise SettlingRefused(_("请写明为什么不影响，家人会看到。"), "note")
        if row.applied_at is not None:
            raise SettlingRefused(
                _("申请里已经有这位家人，请选「已更新」，或者请家人说明。"), "verdict"
            )
        close(row, states.CHANGE_NO_EFFECT, by=by.user, note=note, staff=by)
        changes.tell(row, NO_EFFECT, by=by.user)
        return row


def ask(change: Change, *, by: Staff, question: str) -> Change:
    """One question to the family, with a day; nothing follows from silence."""
    with transaction.atomic():
        _case, row = _workable(change, by)
        if row.state == states.CHANGE_EXPLAIN:
            raise SettlingRefused(_("已经请家人说明，正在等答复。"), "note")
        if not question.strip():
            raise SettlingRefused(_("请写明要家人说明什么。"), "note")
        row.question, row.answer = question.strip()[:400], ""
        row.due_on = periods.of("change_explain").after(clock.today())
        row.save(update_fields=["question", "answer", "due_on"])
        workflow.advance(row, states.CHANGE_EXPLAIN, by=by.user)
        changes.tell(
            row, EXPLAIN, by=by.user, question=row.question, due=display.day(row.due_on),
            due_short=display.day_short(row.due_on),
        )  # fmt: skip
        return row


def settle_at_renewal(application: Application, *, by: Any, note: str) -> int:
    """The yearly re-check has looked at what a household in force had reported; returns how many.

    Called by the re-check, inside its own verb.
    """
    with transaction.atomic():
        rows = list(open_changes.for_renewal(application))
        for one in rows:
            close(locks.fresh(one), states.CHANGE_UPDATED, by=by, note=note)
        return len(rows)


def pass_on_after_death(
    application: Application, *, gone: list[Member], successor: Member, by: Staff
) -> None:
    """The case goes on in a survivor's name, who has died is out; inside the caller's verb.

    Raises SettlingRefused where the successor is no adult who stays.
    """
    case = locks.fresh(application)
    if any(one.is_applicant for one in gone):
        _pass_on(case, _checked_successor(case, gone, successor), by)
    for one in gone:
        _leave(one, death=True)
    _hand_over_account(case, gone)
    audit.record(
        "household.changed", by=by.user, thing=case, left=len(gone),
        subjects=[one.id_index for one in gone],
    )  # fmt: skip


def successors(application: Application, change: Change) -> list[Member]:
    """Adults who stay and could take the case over, the spouse first."""
    gone = {one.pk for one in _leaving(application, change)}
    today = clock.today()
    people = application.members.filter(excluded=False).exclude(pk__in=gone).order_by("position")
    adults = [one for one in people if authority.is_adult(one, today)]
    return sorted(adults, key=lambda one: not changes._is_spouse(one))


def needs_successor(application: Application, change: Change) -> bool:
    """Whether the applicant is among those who leave."""
    return any(one.is_applicant for one in _leaving(application, change))


# -- Parts of the machine ----------------------------------------------------------------------


def _put_off(row: Change, waits: str) -> None:
    """Nothing is written into a case on notice, on a roster or in its home, begun before or not."""
    if row.state in open_changes.UNDER_WAY and row.waits_for != waits:
        row.waits_for = waits
        row.save(update_fields=["waits_for"])


def _resume(case: Application, row: Change) -> None:
    """Notice or round have ended: the desk has its full time again, questions their own round."""
    again = periods.of("change").after(clock.today())
    if row.waits_for:
        row.waits_for, row.due_on = Waits.NOTHING, max(row.due_on or again, again)
    if row.round == APPLY and case.state not in changes.REVIEWED:
        row.round = changes.round_for(case, row)
    row.save(update_fields=["waits_for", "due_on", "round"])


def _check(case: Application, row: Change, by: Any) -> None:
    if row.kind == Kind.BIRTH and row.member is not None:
        _agree_for_child(case, row, row.member)
    if row.member is not None and authority.still_to_agree(row.member):
        return
    changes.ask_missing(case, row, by=by)
    if row.round != APPLY and _open(case, row):
        return
    if row.round == APPLY and case.evidence.filter(round=APPLY, status__in=OPEN).exists():
        return
    assessment = _assessed(case, row, by)
    if row.kind in BY_PERSON or assessment is None:
        return
    if row.kind != Kind.MAJORITY and not _as_told(row, assessment):
        return  # a person looks; the household stays where it is
    row.applied_at = row.applied_at or clock.now()
    row.save(update_fields=["applied_at"])
    waiting.new_terms(case, assessment, by=by, change=row)
    close(row, states.CHANGE_UPDATED, by=by)
    changes.tell(row, UPDATED, by=by)


def _as_told(row: Change, assessment: Assessment) -> bool:
    """Whether the registers now say what the family said, and the household fits as previewed."""
    foreseen = row.effect.get("word") in (SAME, GAINS, TERMS)
    tier = (row.effect.get("tier") or ["", ""])[1]
    return foreseen and assessment.outcome in _GOOD and assessment.tier == tier


def _open(case: Application, row: Change) -> bool:
    return case.evidence.filter(round=row.round, status__in=OPEN).exists()


def _agree_for_child(case: Application, row: Change, child: Member) -> None:
    """A parent's word, given with the report, counts once the register names the child."""
    if not row.details.get("guardian") or authority.word_of(child) != "none":
        return
    if child.origin != "register" and _register_names(case, row, child):
        child.origin = "register"
        child.save(update_fields=["origin"])
    if child.origin != "register":
        _ask_register_again(case, row)
    try:
        with transaction.atomic():
            consent.give(child, method=Consent.Method.GUARDIAN, by=row.reported_by)
    except consent.ConsentRefused:
        return  # the guardian signs at the window; the page says so


def _ask_register_again(case: Application, row: Change) -> None:
    """A birth takes days to reach the register: it is asked again once a day."""
    old = clock.now() - _A_DAY
    entries = case.evidence.filter(
        source="household_register", round=row.round, status__in=ANSWERED, fetched_at__lte=old
    ).exclude(member=row.member)
    wanted = [(one.member, one.source) for one in entries.select_related("member")]
    verification.ask_about(case, wanted, round=row.round, by=SYSTEM)


def _register_names(case: Application, row: Change, child: Member) -> bool:
    entries = case.evidence.filter(
        source="household_register", status=Evidence.Status.FOUND, round=row.round
    ).select_related("member")
    return any(child.id_index in _children_in(one) for one in entries)


def _children_in(entry: Evidence) -> set[str]:
    """Blind indexes of the children whom a register's entry names."""
    who = entry.member
    reply = reading.read(entry.source, who.id_number, entry.rows, name=who.name)
    parent = Person(who.name, who.id_number, who.relation, None)
    return {
        ciphers.blind_index(child.id_number)
        for record in reply.records
        for child in registered_children(record, parent)
    }


def _assessed(case: Application, row: Change, by: Any) -> Assessment | None:
    """The rules' reading of the round; in a review its own machinery has done it."""
    if row.round == APPLY:
        return settling.settle(case) if case.state in changes.REVIEWED else None
    newest = case.assessments.filter(round=row.round).first()
    if newest is not None and evaluation.same_inputs(newest, case):
        return newest
    return verification.assess_now(case, round=row.round, on=clock.today(), by=by)


# -- Parts of the desk -------------------------------------------------------------------------


def _workable(change: Change, by: Staff) -> tuple[Application, Change]:
    case = locks.fresh(change.application)
    row = locks.fresh(change)
    row.application = case
    if why := open_changes.why_not_settle(row, by):
        raise SettlingRefused(why)
    return case, row


def _leaving(case: Application, row: Change) -> list[Member]:
    """Who is no longer of this household because of the change."""
    people = case.members.filter(excluded=False)
    if row.kind == Kind.DEATH:
        return [one for one in people if one.pk == row.member_id]
    if row.kind == Kind.DIVORCE:
        indexes = [ciphers.blind_index(one) for one in row.details.get("leave") or []]
        return list(people.filter(id_index__in=indexes))
    return []


def _checked_successor(case: Application, gone: list[Member], successor: Member | None) -> Member:
    today = clock.today()
    stays = successor is not None and successor.application_id == case.pk
    if not stays or successor in gone or successor is None or successor.excluded:
        raise SettlingRefused(_("请选择由哪一位成年家人接着办。"), "successor")
    if not authority.is_adult(successor, today):
        raise SettlingRefused(_("未成年人不能接着办，请先确定监护人，由区里办理。"), "successor")
    return successor


def _pass_on(case: Application, successor: Member, by: Staff) -> None:
    """The case goes on in another adult's name; its number, its date and its place stay."""
    head = successor.relation
    case.members.filter(is_applicant=True).update(is_applicant=False)
    for one in case.members.exclude(pk=successor.pk):
        relation = (
            head_word(head)
            if one.relation == "01"
            else kin.seen_from(head, one.relation, one.id_number)
        )
        case.members.filter(pk=one.pk).update(relation=relation, position=one.position + 1)
    case.members.filter(pk=successor.pk).update(is_applicant=True, relation="01", position=0)
    audit.record(
        "case.passed_on", by=by.user, thing=case, subjects=[successor.id_index],
    )  # fmt: skip


def _hand_over_account(case: Application, gone: list[Member]) -> None:
    """Who has left reads and withdraws nothing more, also where they had typed it."""
    typed = getattr(case.created_by, "as_citizen", None)
    if typed is None or typed.id_index not in {one.id_index for one in gone}:
        return
    head = next((one for one in case.members.filter(is_applicant=True, excluded=False)), None)
    if head is None:
        return  # nobody is left: the desk's hands
    locks.advisory("citizen", head.id_index)  # a first sign-in in the same second
    citizen = Citizen.objects.with_number(head.id_number) or Citizen.objects.ensure(
        name=head.name, id_number=head.id_number
    )
    case.created_by = citizen.user
    case.save(update_fields=["created_by"])


def head_word(head: str) -> str:
    """What the former applicant is to who takes over: the relation turned round, as far as sure."""
    return "10" if head in ("10", "11", "12") else "97"


def _take_out(member: Member, row: Change) -> None:
    _leave(member, death=row.kind == Kind.DEATH)


def _leave(member: Member, *, death: bool) -> None:
    with translation.override("zh-hans"):  # kept in the file, in whatever language one works
        reason = _("已离世") if death else _("已离婚，不再一起申请")
    Member.objects.filter(pk=member.pk).update(
        excluded=True, holding=False, left_at=clock.now(),
        left_because="death" if death else "divorce",
        excluded_reason=reason,
    )  # fmt: skip
    consent.lapse_for(member)
    verification.forget(member)


def _read_again(case: Application, row: Change, by: Any) -> None:
    """The rules read the household as it is now; a review shows it, a place keeps its date."""
    case.refresh_from_db()
    if row.round == APPLY:
        if case.state in changes.REVIEWED:
            consent.settle(case, by=by)
            settling.settle(case)
        return
    changes.ask_missing(case, row, by=by)
    if not _open(case, row) and case.evidence.filter(round=row.round, status__in=ANSWERED).exists():
        assessment = _assessed(case, row, by)
        if assessment is not None:
            waiting.new_terms(case, assessment, by=by, change=row)
