"""The household of a draft (家庭): drawn up from the register, then corrected by the applicant.

On the applicant's own consent only names and relations are drawn up. The spouse and minor children
belong to the household (they are in unless a reason is given); other kin may join.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau
from applications import (
    authority,
    evaluation,
    household_claims,
    kin,
    mandates,
    states,
    verification,
)
from applications.models import Application, Evidence, Mandate, Member
from applications.submission import Entry, NotReady, WrongMember, confirm_household, open_draft
from core import audit, clock
from core.identity import ciphers, kinship, numbers
from datashare import queries

APPLY = Mandate.Scope.APPLY


@dataclass(frozen=True)
class Drawn:
    """What drawing up brought. Not ``certain``: a register could not be asked."""

    people: int
    certain: bool


def draw_up(application: Application, *, by: Any) -> Drawn:
    """Writes the applicant's relatives into the draft as the registers know them.

    Asks outside any transaction; what was drawn up or corrected before stays, and who was added by
    hand counts as registered once a register names them. Raises NotReady without the applicant's
    consent.
    """
    applicant = application.applicant
    basis = authority.basis(applicant)
    if not basis:
        raise NotReady(_("请先同意查询您的信息。"), "consent")
    draft = queries.household_of(
        queries.Person(applicant.name, applicant.id_number),
        purpose=queries.Purpose(
            verification.MATTER, authority.asked_as(application), basis, kind=evaluation.DRAFT
        ),
        by=by,
    )
    with transaction.atomic():
        row = open_draft(application)
        known = set(row.members.values_list("id_index", flat=True))
        new = [one for one in draft.members if _is_new(one, known)]
        for position, one in enumerate(new, start=len(known)):
            _add_drawn(row, one, position)
        _confirm_added(row, draft.members)
        told = {"household_certain": draft.certain, "household_known": draft.known}
        row.declared = {**row.declared, **told}
        row.version += 1
        row.save(update_fields=["declared", "version"])
        audit.record("household.drawn_up", by=by, thing=row, people=len(new))
    return Drawn(len(new), draft.certain)


def draw_children_of(spouse: Member, *, by: Any) -> int:
    """Adds the spouse's minor children whom the applicant's own registers do not name; how many.

    Only once the spouse has agreed: on the spouse's own consent, names and relations alone. Asks
    outside any transaction, once in a draft.
    """
    application = spouse.application
    basis = authority.basis(spouse)
    if not basis or application.declared.get("spouse_drawn"):
        return 0
    draft = queries.household_of(
        queries.Person(spouse.name, spouse.id_number),
        purpose=queries.Purpose(
            verification.MATTER, authority.asked_as(application), basis, kind=evaluation.DRAFT
        ),
        by=by,
    )
    with transaction.atomic():
        row = open_draft(application)
        people = row.members.values_list("id_index", flat=True)
        known = set(people)
        new = [one for one in draft.members if one.id_number in draft.minors]
        new = [one for one in new if one.relation in kinship.CHILDREN and _is_new(one, known)]
        for position, one in enumerate(new, start=len(known)):
            _add_drawn(row, one, position)
        row.declared = {**row.declared, "spouse_drawn": draft.certain}
        row.version += bool(new)  # nothing new is no other page's change
        row.save(update_fields=["declared", "version"])
        audit.record("household.drawn_up", by=by, thing=row, people=len(new), of="spouse")
    return len(new)


def add(application: Application, entry: Entry, *, by: Any, reason: str = "") -> Application:
    """Adds a person the registers did not name; ``reason`` says why. Raises WrongMember."""
    with transaction.atomic():
        row = open_draft(application)
        members = [*entries_of(row), entry]
        row = confirm_household(row, members, by=by, step="household")
        index = ciphers.blind_index(entry.id_number)
        if member := row.members.filter(id_index=index, origin="added").first():
            household_claims.note_added(member, reason, by=by)
        return row


def remove(member: Member, *, by: Any) -> None:
    """Takes a person out again whom the applicant had added. Raises WrongMember."""
    with transaction.atomic():
        row = open_draft(member.application)
        if member.origin != "added" or member.is_applicant:
            raise WrongMember(_("登记上的家人不能删除；不一起申请的，请写明原因。"))
        row.members.filter(pk=member.pk).delete()
        row.version += 1
        row.save(update_fields=["version"])
        audit.record("household.removed", by=by, thing=row, subjects=[member.id_index])


def entries_of(application: Application) -> list[Entry]:
    """The household as it stands, the applicant left out."""
    return [
        Entry(
            one.name, one.id_number, one.relation, one.origin, one.excluded,
            one.excluded_reason, one.phone or "",
        )
        for one in application.members.exclude(is_applicant=True)
    ]  # fmt: skip


def people_of(application: Application) -> list[Member]:
    """Everybody who applies together, the applicant first, with their consents."""
    rows = application.members.filter(excluded=False).prefetch_related("consents")
    return list(rows.order_by("position"))


def current_for(user: Any) -> Application | None:
    """The draft a citizen goes on with: typed by them, or about themselves.

    While acting for somebody it is that person's: until the mandate is given only what the helper
    typed, afterwards any. Otherwise one's own goes first, then what was typed for others; nothing
    of somebody whose mandate has ended.
    """
    citizen = user.as_citizen
    if citizen is None:
        return None
    drafts = Application.objects.in_state(states.DRAFT).filter(channel="online")
    typed = drafts.filter(created_by=user)
    mandate = mandates.acting(user)
    if mandate is not None:
        allowed = drafts if mandates.allows(mandate, APPLY, clock.today()) else typed
        return _of_applicants(allowed, [mandate.principal_index]).first()
    helped = Mandate.objects.filter(helper_index=citizen.id_index).values("principal_index")
    others = Member.objects.filter(is_applicant=True, id_index__in=helped).values("application")
    own = _of_applicants(drafts, [citizen.id_index]) | typed.exclude(pk__in=others)
    if (first := own.distinct().order_by("-created_at").first()) is not None:
        return first
    closed = Member.objects.filter(is_applicant=True, id_index__in=mandates.closed_to(user))
    open_ones = typed.exclude(pk__in=closed.values("application"))
    return open_ones.order_by("-created_at").first()


def street_of(application: Application) -> Bureau | None:
    """The street of the applicant's registered address, where a register told it."""
    rows = application.evidence.filter(
        member__is_applicant=True, source="household_register", status=Evidence.Status.FOUND
    )
    told = (street_in(one.rows) for one in rows)
    return next((street for street in told if street), None)


def street_in(rows: Iterable[Any]) -> Bureau | None:
    """The street that rows of the household register name; None outside the district."""
    for row in rows:
        code = str(row.get("czrkxzjd") or "")
        if len(code) >= 9 and (street := Bureau.objects.of_area(code)):
            return street
    return None


def _of_applicants(rows: Any, indexes: list[str]) -> Any:
    return rows.filter(members__id_index__in=indexes, members__is_applicant=True).order_by(
        "-created_at"
    )


def _confirm_added(row: Application, drawn: Iterable[Any]) -> None:
    """Added by hand while the register was silent: now it says the same, and how they are kin."""
    named = {ciphers.blind_index(one.id_number): one.relation for one in drawn}
    for member in row.members.filter(origin="added", id_index__in=named):
        member.origin, member.relation = "register", named[member.id_index]
        member.save(update_fields=["origin", "relation"])


def _is_new(one: Any, known: set[str]) -> bool:
    return numbers.is_valid(one.id_number) and ciphers.blind_index(one.id_number) not in known


def _add_drawn(row: Application, one: Any, position: int) -> None:
    inside = kin.belongs(one.relation, one.id_number)
    Member.objects.create(
        application=row, position=position, name=one.name, id_number=one.id_number,
        relation=one.relation, origin="register", excluded=not inside,
    )  # fmt: skip
