"""Changes from acceptance on (家庭变化): reported on one page, previewed, checked, written down.

Nothing adverse follows from a report. What the family may state itself (a child, a spouse who
joins and agrees, another street) is written into the case at once; what others must confirm (a
death, a divorce) a person writes; everything else is asked of the registers again. The date in the
queue is touched by none of it. Who has settled what, and how, stands in ``change_settling``.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.models import Bureau
from applications import (
    authority,
    change_effects,
    consent,
    mandates,
    notice_texts,
    open_changes,
    periods,
    review,
    states,
    verification,
)
from applications.change_effects import AID_SOURCES, Told
from applications.change_notices import CONDOLENCE, LATER, REPORTED
from applications.letters import PHONE
from applications.models import Application, Change, Member
from applications.models.evidence import APPLY, CHANGE_ROUND, PRE_ALLOTMENT
from applications.open_changes import FROZEN, IN_FORCE, ON_NOTICE, Waits, waits_of, why_later
from applications.submission import AlreadyInAnother, number_sentence
from core import audit, clock, display, locks, notices, workflow
from core.identity import ciphers, kinship, masking, numbers
from core.refusals import Refusal

Kind = Change.Kind
REVIEWED = (states.ACCEPTED, states.CORRECTION, states.STREET_REVIEW, states.JOINT_REVIEW,
            states.DISTRICT_REVIEW)  # fmt: skip
LISTED = (states.WAITLISTED, states.WAIT_SUSPENDED, states.INTENTION, states.RE_REVIEW)
POSSIBLE = (*REVIEWED, *ON_NOTICE, *LISTED, *FROZEN, *IN_FORCE)
_JOIN = (Kind.BIRTH, Kind.MARRIAGE)
ABOUT_ONE = (Kind.DEATH, Kind.MAJORITY, Kind.WORK, Kind.HOME)
# registers asked anew about the person concerned, or about those named beside the kind
_ANEW: dict[str, tuple[str, ...]] = {
    Kind.BIRTH: ("household_register",),
    Kind.DEATH: ("death", "cremation", "household_register"),
    Kind.MARRIAGE: ("marriage", "household_register"),
    Kind.DIVORCE: ("marriage", "household_register"),
    Kind.AID: AID_SOURCES,
    Kind.WORK: ("social_insurance", "provident_fund", "income_check"),
    Kind.HOME: ("property", "presale_contract", "resale_contract", "deed_tax"),
}
_ONE_CASE = "one_open_application_per_person"


class ChangeRefused(Refusal):
    """The change cannot be reported, explained or taken back like this."""


@dataclass(frozen=True)
class Receipt:
    """What reporting brought: the row, and whether this call made it."""

    change: Change
    new: bool


# -- The family's verbs ------------------------------------------------------------------------


def report(application: Application, told: Told, *, by: Any, key: UUID, proof: str = "") -> Receipt:
    """Keeps what happened, with the effect as it was previewed, and begins to check it.

    ``key`` is the form's: the same form sent twice is one report. Raises ChangeRefused,
    AlreadyInAnother (sentence 29).
    """
    try:
        with transaction.atomic():
            return _report(locks.fresh(application), told, by, key, proof)
    except IntegrityError as error:
        if _ONE_CASE not in str(error):
            raise
        raise _already(told) from error


def explain(change: Change, *, by: Any, text: str) -> Change:
    """The family's answer to the desk's question. Raises ChangeRefused."""
    with transaction.atomic():
        locks.fresh(change.application)
        row = locks.fresh(change)
        if row.state != states.CHANGE_EXPLAIN:
            raise ChangeRefused(_("现在没有要您说明的。请刷新页面看最新进度。"))
        if not text.strip():
            raise ChangeRefused(_("请写下实际情况，一句话就够。"), "text")
        row.answer = text.strip()[:2000]
        row.due_on = periods.of("change").after(clock.today())
        row.save(update_fields=["answer", "due_on"])
        audit.record("change.explained", by=by, thing=row, case_no=row.case_no)
        return workflow.advance(row, states.CHANGE_CHECKING, by=by)


def retract(change: Change, *, by: Any) -> Change:
    """Takes back a report made by mistake, while the case does not say it yet."""
    with transaction.atomic():
        locks.fresh(change.application)
        row = locks.fresh(change)
        if why := why_not_retract(row):
            raise ChangeRefused(why)
        close(row, states.CHANGE_RETRACTED, by=by)
        return row


# -- What may be reported, and when ------------------------------------------------------------


def why_not_report(application: Application, kind: str = "") -> str:
    """Why nothing of this kind can be reported now; '' if it can. Button, page and verb ask."""
    if application.state not in POSSIBLE:
        return _(
            "这份申请现在的状态是「%(state)s」，不用报告变化。还没提交的，直接改草稿就行。"
        ) % {"state": application.STATES[application.state].tag}
    if kind == Kind.MOVED and application.state in (*FROZEN, *IN_FORCE):
        return _("名单已定或者已经入住的，不用换办理的镇街。要帮助请拨%(phone)s。") % {
            "phone": PHONE
        }
    if kind == Kind.DIVORCE and _spouse(application) is None:
        return _("这份申请里没有配偶，不用报告离婚。")
    if kind == Kind.MARRIAGE and _spouse(application) is not None:
        return _("这份申请里已经有配偶。有错的，请拨%(phone)s。") % {"phone": PHONE}
    return ""


def why_not_report_by(user: Any, application: Application) -> str:
    """An adult of the household reports, who acts for one, or who applied for it online."""
    own = application.members.filter(id_index=mandates.index_of(user), excluded=False).first()
    if own is not None and authority.is_adult(own, clock.today()):
        return ""
    if application.created_by_id == user.pk:
        return ""
    return _("家庭变化由成年的家庭成员报告。")


def why_not_retract(change: Change) -> str:
    """Why a report cannot be taken back; '' if it can."""
    if change.state not in open_changes.UNDER_WAY:
        return _("这件事已经办完，不能收回。有错的，请再报告一次或拨%(phone)s。") % {"phone": PHONE}
    if change.applied_at is not None or change.reported_by_id is None:
        return _("申请已经按这件事更新，不能收回。有错的，请拨%(phone)s。") % {"phone": PHONE}
    return ""


def sources_of(kind: str) -> tuple[str, ...]:
    """Registers that are asked anew because of a change of this kind."""
    return _ANEW.get(kind, ())


# -- Beginning to check ------------------------------------------------------------------------


def begin(change: Change, *, by: Any) -> Change:
    """Writes what may be written at once and asks the registers; the caller holds the case."""
    row = change.application
    change.waits_for = Waits.NOTHING
    change.round = round_for(row, change)
    change.due_on = periods.of("change").after(clock.today())
    if change.kind in _JOIN:
        change.member = join(row, change.details, spouse=change.kind == Kind.MARRIAGE)
        change.applied_at = clock.now()
    change.save()
    if change.kind == Kind.MOVED:
        return _move(row, change, by)
    workflow.advance(change, states.CHANGE_CHECKING, by=by)
    if change.kind in _JOIN:
        consent.settle(row, by=by)
    if change.kind == Kind.MARRIAGE and change.member is not None:
        _invite(change.member, by)
    verification.ask_about(row, _questions(row, change), round=change.round, by=by)
    ask_missing(row, change, by=by)
    wake(change)
    return change


def round_for(application: Application, change: Change) -> str:
    """The round of a change's questions: that of the check under way, else one of its own."""
    if application.state in REVIEWED:
        return APPLY
    if application.state == states.RE_REVIEW:
        return f"{PRE_ALLOTMENT}{application.wishes.get('round', '')}"[:30]
    return f"{CHANGE_ROUND}{change.pk}"


def ask_missing(application: Application, change: Change, *, by: Any) -> int:
    """What nobody has been asked yet in the change's round; recent answers serve as they are."""
    reuse = timedelta(days=periods.of("change_reuse").value)
    return verification.request_checks(application, round=change.round, by=by, max_age=reuse)


def join(application: Application, details: dict[str, Any], *, spouse: bool) -> Member:
    """A child or a spouse becomes a member; held like every other (one person, one case)."""
    index = ciphers.blind_index(details["id_number"])
    member = application.members.filter(id_index=index).first() or Member(application=application)
    if member.pk and not member.excluded:
        raise ChangeRefused(_("%(name)s已经在这份申请里。") % {"name": member.name}, "id_number")
    member.name, member.id_number = details["name"].strip(), details["id_number"]
    member.relation = "10" if spouse else details["relation"]
    member.phone = details.get("phone") or member.phone
    member.position = member.position or application.members.count()
    member.origin = member.origin if member.pk else "added"
    member.excluded, member.excluded_reason = False, ""
    member.joined_at, member.left_at, member.left_because = clock.now(), None, ""
    member.holding = application.is_open
    member.save()
    return member


def close(change: Change, state: str, *, by: Any, note: str = "", staff: Any = None) -> Change:
    """Settles a change; inside the verb that decided it."""
    change.settled_at, change.settled_by, change.note = clock.now(), staff, note.strip()[:2000]
    change.save(update_fields=["settled_at", "settled_by", "note"])
    return workflow.advance(change, state, by=by)


def wake(change: Change) -> None:
    """Looks at it again as soon as this is committed; the sweeper finds it anyway."""
    from applications import tasks_changes  # tasks import this module

    pk = change.pk
    transaction.on_commit(lambda: tasks_changes.go_on.apply_async((pk,), countdown=2), robust=True)


def recipient(change: Change) -> Member | None:
    """Who hears of it: who told us, else the applicant; never the person who has died."""
    people = change.application.members.filter(excluded=False)
    if change.kind == Kind.DEATH and change.member_id:
        people = people.exclude(pk=change.member_id)
    citizen = getattr(change.reported_by, "as_citizen", None)
    own = people.filter(id_index=citizen.id_index).first() if citizen else None
    today = clock.today()
    adults = [one for one in people.order_by("position") if authority.is_adult(one, today)]
    return own or next(iter(adults), None)


def tell(change: Change, template: notices.Template, *, by: Any, **words: Any) -> None:
    """A message to who told us, by SMS too where a phone is known and the template has one."""
    someone = recipient(change)
    if someone is not None:
        words = {"what": str(change.get_kind_display()), **words}
        notices.tell(
            someone.id_index, template, by=by, case_no=change.case_no,
            phone=someone.phone or "", **words,
        )  # fmt: skip


# -- Parts -------------------------------------------------------------------------------------


def _report(row: Application, told: Told, by: Any, key: UUID, proof: str) -> Receipt:
    if (known := row.changes.filter(key=key).first()) is not None:
        return Receipt(known, new=False)
    if why := why_not_report(row, told.kind) or why_not_report_by(by, row):
        raise ChangeRefused(why)
    _refuse_impossible(row, told)
    subject = _subject_of(row, told)
    if open_changes.under_way(row).filter(kind=told.kind, subject_index=subject).exists():
        raise ChangeRefused(_("这件事已经报告过，正在办理。不用再报告。"))
    now = clock.now()
    change = Change.objects.create(
        key=key, application=row, kind=told.kind, member=told.member, subject_index=subject,
        state_since=now, happened_on=told.happened_on, details=told.details,
        proof=proof.strip()[:400], effect=change_effects.preview(row, told).to_record(),
        case_state=row.state, waits_for=waits_of(row), reported_at=now, reported_by=by,
    )  # fmt: skip
    audit.record(
        "change.reported", by=by, thing=change, case_no=row.case_no or "", kind=told.kind,
        subjects=[subject] if subject else [],
    )  # fmt: skip
    if not change.waits_for:
        change = begin(change, by=by)
    _acknowledge(change, by)
    return Receipt(change, new=True)


def _invite(member: Member, by: Any) -> None:
    """The spouse is asked by themselves; until then nothing about them is asked of anybody."""
    if authority.word_of(member) == "none":
        notices.tell(
            member.id_index, notice_texts.INVITED, by=by, phone=member.phone or "",
            code=consent.code_for(member),
        )  # fmt: skip


def _acknowledge(change: Change, by: Any) -> None:
    if change.kind == Kind.DEATH:
        tell(change, CONDOLENCE, by=by)
    elif change.waits_for:
        tell(change, LATER, by=by, why=why_later(change.waits_for))
    elif change.state == states.CHANGE_CHECKING:
        tell(change, REPORTED, by=by, due=display.day(change.due_on))


def _refuse_impossible(row: Application, told: Told) -> None:
    today = clock.today()
    if told.happened_on > today:
        raise ChangeRefused(_("日期还没到，发生以后再报告。"), "happened_on")
    if told.kind in ABOUT_ONE and not _belongs(row, told.member):
        raise ChangeRefused(_("请选择是哪一位家人。"), "member")
    if told.kind == Kind.DIVORCE and not _may_part(row, told.details.get("leave") or []):
        raise ChangeRefused(_("请选择谁留在这份申请里。"), "stays")
    if told.kind in _JOIN:
        _refuse_wrong_newcomer(row, told)


def _refuse_wrong_newcomer(row: Application, told: Told) -> None:
    try:
        found = numbers.parse(told.details["id_number"])
    except numbers.IdNumberError as error:
        raise ChangeRefused(number_sentence(error), "id_number") from error
    adult = numbers.is_adult_on(found.birth_date, clock.today())
    if told.kind == Kind.BIRTH and adult:
        raise ChangeRefused(_("这里只加未成年的孩子。成年家人请到窗口办理。"), "id_number")
    if told.kind == Kind.BIRTH and told.happened_on < found.birth_date:
        raise ChangeRefused(_("日期早于号码里的出生日期，请再看一遍。"), "happened_on")
    if told.kind == Kind.MARRIAGE and not adult:
        raise ChangeRefused(_("号码可能有一位填错，请对照证件再看一遍。"), "id_number")
    there = row.members.filter(id_index=ciphers.blind_index(found.text), excluded=False)
    if there.exists():
        raise ChangeRefused(_("这位家人已经在这份申请里。"), "id_number")


def _belongs(row: Application, member: Member | None) -> bool:
    return member is not None and member.application_id == row.pk and not member.excluded


def _may_part(row: Application, leave: list[str]) -> bool:
    """Whether exactly one of the couple goes, and only people of this household with them."""
    people = {one.id_number: one for one in row.members.filter(excluded=False)}
    couple = [one for one in people.values() if one.is_applicant or _is_spouse(one)]
    return set(leave) <= set(people) and sum(one.id_number in leave for one in couple) == 1


def _is_spouse(member: Member) -> bool:
    return member.relation in kinship.SPOUSES


def _spouse(application: Application) -> Member | None:
    return application.members.filter(excluded=False, relation__in=kinship.SPOUSES).first()


def _subject_of(row: Application, told: Told) -> str:
    if told.kind in _JOIN:
        return ciphers.blind_index(told.details["id_number"])
    if told.member is not None:
        return told.member.id_index
    return ""


def _already(told: Told) -> AlreadyInAnother:
    return AlreadyInAnother(
        _(
            "%(name)s已在另一份申请或保障中，同一个人不能同时参加两份。请先与家人确认，或拨%(phone)s。"
        )
        % {"name": masking.mask_name(told.details.get("name", "")), "phone": PHONE},
        "id_number",
    )


def _questions(row: Application, change: Change) -> Iterator[tuple[Member, str]]:
    """Whom to ask about what, anew: only what the event may have changed."""
    sources = _ANEW.get(change.kind, ())
    for member in _concerned(row, change):
        known = set(member.evidence.values_list("source", flat=True))
        for source in sources:
            if source in known or source in ("death", "cremation"):
                yield member, source


def _concerned(row: Application, change: Change) -> Iterable[Member]:
    people = row.members.filter(excluded=False).prefetch_related("consents")
    if change.kind == Kind.HOME:
        return people  # a home or a contract may be held together: each holder's record is asked
    if change.kind in ABOUT_ONE:
        return [one for one in people if one.pk == change.member_id]
    if change.kind in (Kind.BIRTH, Kind.MARRIAGE, Kind.DIVORCE):
        return [one for one in people if one.is_applicant or _is_spouse(one)]
    return people


def _move(row: Application, change: Change, by: Any) -> Change:
    """The other street goes on with the case; its place and its date stay as they are."""
    street = Bureau.objects.streets().get(pk=change.details["street"])
    row.street = street
    row.save(update_fields=["street"])
    review.hand_over(row, by=by)
    change.applied_at = clock.now()
    change.save(update_fields=["applied_at"])
    audit.record("case.moved", by=by, thing=row, street=street.code)
    return close(change, states.CHANGE_UPDATED, by=by)
