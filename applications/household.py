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
from applications import authority, evaluation, kin, states, verification
from applications.models import Application, Evidence, Member
from applications.submission import Entry, NotReady, WrongMember, confirm_household, open_draft
from core import audit
from core.identity import ciphers, numbers
from datashare import queries


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
        row.declared = {**row.declared, "household_certain": draft.certain}
        row.version += 1
        row.save(update_fields=["declared", "version"])
        audit.record("household.drawn_up", by=by, thing=row, people=len(new))
    return Drawn(len(new), draft.certain)


def add(application: Application, entry: Entry, *, by: Any) -> Application:
    """Adds a person the registers did not name. Raises WrongMember."""
    with transaction.atomic():
        row = open_draft(application)
        members = [*entries_of(row), entry]
        return confirm_household(row, members, by=by, step="household")


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
    """The draft a citizen goes on with: typed by them, or about themselves."""
    citizen = user.as_citizen
    if citizen is None:
        return None
    drafts = Application.objects.in_state(states.DRAFT).filter(channel="online")
    typed = drafts.filter(created_by=user)
    own = drafts.filter(members__id_index=citizen.id_index, members__is_applicant=True)
    return (typed | own).distinct().order_by("-created_at").first()


def street_of(application: Application) -> Bureau | None:
    """The street of the applicant's registered address, where a register told it."""
    rows = application.evidence.filter(
        member__is_applicant=True, source="household_register", status=Evidence.Status.FOUND
    )
    for one in rows:
        for row in one.rows:
            code = str(row.get("czrkxzjd") or "")
            if len(code) >= 9 and (street := Bureau.objects.of_area(code)):
                return street
    return None


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
