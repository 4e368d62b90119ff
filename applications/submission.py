"""Submission (申请与受理): from a draft to an accepted case. Steps 1 to 9 of the citizen's way.

A draft is saved at each step and guarded by its version, so that an older tab is told and nothing
is overwritten. Submitting twice returns the same case. Whether a person already stands in another
open application is decided by a unique constraint, not by looking first.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from django.db import IntegrityError, transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau
from applications import (
    acceptance,
    authority,
    case_numbers,
    endings,
    kin,
    mandates,
    notice_texts,
    province,
    states,
)
from applications.letters import PHONE
from applications.models import (
    Application,
    HouseholdClaim,
    LikenessKey,
    Member,
    StepSeen,
)
from applications.models.application import Origin
from core import audit, clock, locks, notices
from core.identity import ciphers, masking, numbers
from core.refusals import Refusal
from core.workflow import advance

_ONE_CASE = "one_open_application_per_person"
STEPS = ("for", "consent", "household", "family", "known", "left", "wishes", "check")


class Named(Protocol):
    """Somebody with a name and an ID number: a citizen, or a person typed in at the window."""

    @property
    def name(self) -> str: ...
    @property
    def id_number(self) -> str: ...


@dataclass(frozen=True)
class Entry:
    """One person of the household as the applicant confirms it; ``relation`` by GB/T 4761."""

    name: str
    id_number: str
    relation: str
    origin: str = "register"
    excluded: bool = False
    excluded_reason: str = ""
    phone: str = ""


class AlreadyInAnother(Refusal):
    """The person stands in another open application (one person, one case)."""


class ChangedElsewhere(Refusal):
    """The draft was saved in another tab or on another device meanwhile."""


class NotReady(Refusal):
    """A step is missing before the application can be sent."""


class WrongMember(Refusal):
    """An entry of the household cannot be right."""


# -- The draft ---------------------------------------------------------------------------------


def start_draft(
    *,
    by: Any,
    channel: str,
    person: Named,
    programme: str = "public_rental",
    origin: str = Origin.OWN,
    street: Bureau | None = None,
) -> Application:
    """The person's draft, made if there is none. ``by`` is the account that types it.

    ``origin`` says who thought of it; ``street`` is where the person lives, if that is known.

    The case number is drawn now, so that the very first question to a register names its case; it
    is shown once the case is accepted. Raises WrongMember for an impossible ID number.
    """
    number = _checked(person.id_number)
    index = ciphers.blind_index(number)
    with transaction.atomic():
        locks.advisory("draft", index)
        standing = draft_of(index, by, channel)
        if standing is not None:
            return standing
        now = clock.now()
        row = Application.objects.create(
            case_no=case_numbers.draw(now), programme=programme, channel=channel, created_by=by,
            created_at=now, state_since=now, origin=origin, street=street,
        )  # fmt: skip
        Member.objects.create(
            application=row, position=0, name=person.name, id_number=number, relation="01",
            is_applicant=True, phone=getattr(person, "phone", "") or None,
        )  # fmt: skip
        _note_step(row, row.step)
        audit.record("application.started", by=by, thing=row, subjects=[index], channel=channel)
        return row


def draft_of(index: str, by: Any, channel: str) -> Application | None:
    """The open draft of an applicant that this account may go on with."""
    drafts = Application.objects.in_state(states.DRAFT).filter(
        members__id_index=index, members__is_applicant=True, created_by=by, channel=channel
    )
    return drafts.order_by("-created_at").first()


def save_step(
    application: Application,
    step: str,
    *,
    by: Any,
    seen: int | None = None,
    declared: Mapping[str, Any] | None = None,
    wishes: Mapping[str, Any] | None = None,
    programme: str = "",
    street: Bureau | None = None,
    papers: int | None = None,
) -> Application:
    """Keeps what one page asked. ``seen`` is the version its form was made from.

    Raises ChangedElsewhere for an older form, NotReady once the application was sent.
    """
    with transaction.atomic():
        row = open_draft(application, seen)
        row.declared = {**row.declared, **(declared or {})}
        row.wishes = {**row.wishes, **(wishes or {})}
        row.programme = programme or row.programme
        row.street = street or row.street
        row.papers = row.papers if papers is None else papers
        _saved(row, step)
        return row


def confirm_household(
    application: Application,
    members: Iterable[Entry],
    *,
    by: Any,
    seen: int | None = None,
    step: str = "family",
) -> Application:
    """Takes the household as the applicant confirms it; the applicant always stays first.

    Who is excluded stays on the list with the reason. Raises WrongMember, ChangedElsewhere.
    """
    with transaction.atomic():
        row = open_draft(application, seen)
        applicant = row.applicant
        entries = _refuse_wrong_entries(list(members), applicant, _bound(row))
        kept = {applicant.id_index}
        for position, entry in enumerate(entries, start=1):
            kept.add(_write_member(row, entry, position).id_index)
        row.members.exclude(id_index__in=kept).delete()
        audit.record("household.confirmed", by=by, thing=row, subjects=kept, people=len(kept))
        _saved(row, step)
        return row


def keep_phone(member: Member, phone: str, *, by: Any) -> None:
    """Keeps the phone number that messages go to."""
    with transaction.atomic():
        row = locks.fresh(member)
        if phone and phone != row.phone:
            row.phone = phone
            row.save(update_fields=["phone"])
            LikenessKey.objects.filter(member=row).delete()  # made again with the new one
            audit.record("member.phone", by=by, thing=row, subjects=[row.id_index])


# -- Sending -----------------------------------------------------------------------------------


def submit(application: Application, *, by: Any, signature: str = "") -> Application:
    """Sends and accepts the application at once (即时受理); sent before, it is returned as it is.

    Checks of members who have agreed start when the transaction ends; for the others the clock is
    paused until they agree. Raises NotReady, AlreadyInAnother (sentence 29).
    """
    try:
        with transaction.atomic():
            return _submit(locks.fresh(application), by, signature)
    except IntegrityError as error:
        if _ONE_CASE not in str(error):
            raise
        raise _already(application) from error


def why_not_ready(application: Application) -> Refusal | None:
    """What is still missing before sending; None if nothing. Button, page and verb ask this."""
    members = [m for m in application.members.prefetch_related("consents") if not m.excluded]
    applicant = next(member for member in members if member.is_applicant)
    if authority.word_of(applicant) != "given":
        return NotReady(_("请先同意查询您的信息。"), "consent")
    if application.step in STEPS[: STEPS.index("family")]:
        return NotReady(_("请先确认家庭成员。"), "household")
    if application.street_id is None:
        return NotReady(_("请选择您现在住在哪个镇街。"), "wishes")
    return None


def why_not_send(application: Application, by: Any) -> Refusal | None:
    """What is missing before this account may send it: `why_not_ready`, and for somebody else's
    application that the person has confirmed the helper and not taken it back."""
    if missing := why_not_ready(application):
        return missing
    applicant = application.applicant
    if application.channel == "online" and (why := mandates.why_not_send(applicant, by)):
        return NotReady(why)
    return None


def withdraw(application: Application, *, by: Any, reason: str = "") -> Application:
    """Takes the application back (撤回); everybody in it is free to apply again.

    Raises TransitionRefused where it is too late.
    """
    with transaction.atomic():
        row = advance(application, states.WITHDRAWN, by=by, reason=reason)
        endings.end(row, by=by, reason="withdrawn")
        if row.submitted_at:
            notices.tell(
                row.applicant.id_index, notice_texts.WITHDRAWN, by=by, case_no=row.case_no or "",
                number=row.case_no,
            )  # fmt: skip
        return row


def may_withdraw(application: Application) -> bool:
    """Whether the table of states still lets the applicant leave."""
    return states.APPLICATION.allows(application.state, states.WITHDRAWN)


def _submit(row: Application, by: Any, signature: str) -> Application:
    if row.state != states.DRAFT:
        return row
    if missing := why_not_send(row, by):
        raise missing
    _hold(row)
    if signature:
        row.declared = {**row.declared, "signature": signature}
    row.visits = max(row.visits, int(row.channel == "window"))
    row.step, row.version = "done", row.version + 1
    row.save(update_fields=["declared", "visits", "step", "version"])
    _note_step(row, row.step)
    row = advance(row, states.SUBMITTED, by=by)
    row = acceptance.settle(row, by=by)
    _look_for_duplicates(row.pk)
    province.ask_number(row)
    return row


def _hold(row: Application) -> None:
    """Claims each member for this application, always in the same order: no two wait crosswise."""
    for member in row.members.filter(excluded=False).order_by("id_index"):
        member.holding = True
        member.save(update_fields=["holding"])


def _look_for_duplicates(application_id: int) -> None:
    """Once this is committed; a broker that is away loses nothing: the night's run finds them."""
    from applications import tasks_duplicates  # which stands on the review, and that on this

    transaction.on_commit(
        lambda: tasks_duplicates.look_for_duplicates.delay(application_id), robust=True
    )


def _already(application: Application) -> AlreadyInAnother:
    mine = application.members.filter(excluded=False)
    taken = Member.objects.filter(holding=True).exclude(application=application)
    someone = mine.filter(id_index__in=taken.values("id_index")).first()
    name = masking.mask_name(someone.name) if someone else gettext("一位家人")
    return AlreadyInAnother(
        _(
            "%(name)s已在另一份申请或保障中，同一个人不能同时参加两份。请先与家人确认，或拨%(phone)s。"
        )
        % {"name": name, "phone": PHONE}
    )


# -- Parts of a draft --------------------------------------------------------------------------


def open_draft(application: Application, seen: int | None = None) -> Application:
    """The draft, locked. Raises NotReady once it was sent, ChangedElsewhere for an older form."""
    row = locks.fresh(application)
    if row.state != states.DRAFT:
        raise NotReady(_("这份申请已经提交，不能再改。要改请先撤回，或拨%s。") % PHONE)
    if seen is not None and seen != row.version:
        raise ChangedElsewhere(
            _("这份申请刚才在另一个页面或设备上改过。已为您显示最新内容，请核对后再继续。")
        )
    return row


def _saved(row: Application, step: str) -> None:
    """Moves the draft's mark forward; a visit to an earlier page does not throw it back."""
    if STEPS.index(step) > STEPS.index(row.step if row.step in STEPS else "for"):
        row.step = step
    row.version += 1
    row.save()
    _note_step(row, step)


def _note_step(row: Application, step: str) -> None:
    """When the draft came to a page, first and last: for the figures, nothing about the person."""
    now = clock.now()
    seen, new = StepSeen.objects.get_or_create(
        application=row, step=step, defaults={"first_at": now, "last_at": now}
    )
    if not new and now > seen.last_at:
        seen.last_at = now
        seen.save(update_fields=["last_at"])


def _write_member(row: Application, entry: Entry, position: int) -> Member:
    index = ciphers.blind_index(entry.id_number)
    member = row.members.filter(id_index=index).first() or Member(application=row)
    member.position, member.name = position, entry.name.strip()
    member.id_number, member.relation = entry.id_number, entry.relation
    member.origin, member.phone = entry.origin, entry.phone or member.phone
    member.excluded, member.excluded_reason = entry.excluded, entry.excluded_reason.strip()[:200]
    member.save()
    return member


def _bound(row: Application) -> set[str]:
    """Whom the register binds to the household although the family corrected the relation."""
    claims = HouseholdClaim.objects.filter(application=row, kind=HouseholdClaim.Kind.RELATION)
    return {
        one.member.id_index
        for one in claims.select_related("member")
        if kin.belongs(one.fetched, one.member.id_number)
    }


def _refuse_wrong_entries(entries: list[Entry], applicant: Member, bound: set[str]) -> list[Entry]:
    seen = {applicant.id_index}
    kept = []
    for entry in entries:
        index = ciphers.blind_index(_checked(entry.id_number))
        if index == applicant.id_index:
            continue  # the applicant is there already
        if index in seen:
            raise WrongMember(_("%(name)s写了两次。") % {"name": entry.name}, "id_number")
        if not entry.name.strip():
            raise WrongMember(_("请填写姓名。"), "name")
        if _must_explain(entry, bound=index in bound):
            raise WrongMember(
                _("请写明%(name)s不一起申请的原因。") % {"name": entry.name}, "excluded_reason"
            )
        seen.add(index)
        kept.append(entry)
    return kept


def _must_explain(entry: Entry, *, bound: bool) -> bool:
    left_out = entry.excluded and not entry.excluded_reason.strip()
    return left_out and (bound or kin.belongs(entry.relation, entry.id_number))


def _checked(id_number: str) -> str:
    """The number as it is stored. Raises WrongMember with sentence 25."""
    try:
        return numbers.parse(id_number).text
    except numbers.IdNumberError as error:
        raise WrongMember(number_sentence(error), "id_number") from error


def number_sentence(error: numbers.IdNumberError) -> Any:
    """Sentence 25: what may be wrong with a typed ID number."""
    if error.reason == "length":
        return _("身份证号码是18位，您填了%(n)s位。") % {"n": error.length}
    return _("号码可能有一位填错，请对照证件再看一遍。")
