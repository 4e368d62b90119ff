"""Corrections of the drafted household (家庭成员更正): the family's word beside the register's.

Until the office that keeps the register answers, the family's own proof prevails for the review
(浙江省保障“最多跑一次”改革规定 §7): the reviewer reads both sides and nobody is asked for the same
paper twice. Whom the register binds to the household (spouse, minor child) a corrected relation
does not set free: leaving them out needs a reason all the same.
"""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from applications import kin
from applications.models import Application, HouseholdClaim, Member
from applications.submission import WrongMember, open_draft
from core import audit, clock

_Kind = HouseholdClaim.Kind


def correct(
    member: Member, *, reason: str, by: Any, name: str = "", relation: str = ""
) -> list[HouseholdClaim]:
    """Says that a name or a relation in the register is wrong; one claim for each that differs.

    A relation counts as the family says it; a name stays the register's for asking and stands
    beside the family's for reading. Raises WrongMember.
    """
    with transaction.atomic():
        row = open_draft(member.application)
        person = row.members.select_for_update().get(pk=member.pk)
        if person.is_applicant or person.origin != "register":
            raise WrongMember(_("只有登记带出的家人可以在这里更正。"))
        if not reason.strip():
            raise WrongMember(_("请写一句哪里不对、凭什么。"), "reason")
        made = []
        if name.strip() and name.strip() != person.name:
            made.append(_write(person, _Kind.NAME, person.name, name.strip(), reason, by))
        if relation and relation != person.relation:
            made.append(_write(person, _Kind.RELATION, person.relation, relation, reason, by))
            person.relation = relation
            person.save(update_fields=["relation"])
        if not made:
            raise WrongMember(_("和登记一样，不用更正。"), "name")
        _saved(row)
        return made


def note_added(member: Member, reason: str, *, by: Any) -> None:
    """Why the registers do not name somebody who was added by hand; inside the caller's act."""
    if reason.strip():
        word = str(kin.relation_word(member.relation))
        _write(member, _Kind.MISSING, "", word, reason, by)


def note_left_out(application: Application, *, by: Any) -> None:
    """One claim for each relative of the register whom the family leaves out; undone with it."""
    with transaction.atomic():
        row = open_draft(application)
        extra = HouseholdClaim.objects.filter(application=row, kind=_Kind.EXTRA)
        kept = []
        for one in row.members.filter(excluded=True, origin="register").exclude(excluded_reason=""):
            if is_bound(one):
                word = str(kin.relation_word(fetched_relation(one)))
                _write(one, _Kind.EXTRA, word, str(_("不一起申请")), one.excluded_reason, by)
                kept.append(one.pk)
        extra.exclude(member__in=kept).delete()


def fetched_relation(member: Member) -> str:
    """The relation as the register had it."""
    claim = member.claims.filter(kind=_Kind.RELATION).first()
    return claim.fetched if claim else member.relation


def is_bound(member: Member) -> bool:
    """Whether leaving the member out needs a reason: by the relation now or as fetched."""
    now = kin.belongs(member.relation, member.id_number)
    return now or kin.belongs(fetched_relation(member), member.id_number)


def pairs(application: Application) -> list[tuple[str, str, str]]:
    """(what, as fetched, as declared) for the reviewer, the reason with what is declared."""
    rows = application.household_claims.select_related("member")
    return [
        (
            f"{one.member.name} · {one.get_kind_display()}",
            _shown(one, one.fetched),
            f"{_shown(one, one.declared)}（{one.reason}）",
        )
        for one in rows
    ]


def _shown(claim: HouseholdClaim, value: str) -> str:
    if claim.kind == _Kind.RELATION and value:
        return str(kin.relation_word(value))
    return value or str(_("没有登记"))


def _write(
    member: Member, kind: str, fetched: str, declared: str, reason: str, by: Any
) -> HouseholdClaim:
    """The newest word counts; what the register had first stays."""
    row = HouseholdClaim.objects.filter(member=member, kind=kind).first()
    row = row or HouseholdClaim(
        application=member.application, member=member, kind=kind, fetched=fetched
    )
    row.declared, row.reason = declared[:60], reason.strip()[:400]
    row.made_at, row.made_by = clock.now(), audit.label(by)[:80]
    row.save()
    audit.record(
        "household.claimed", by=by, thing=member.application, subjects=[member.id_index], kind=kind
    )
    return row


def _saved(row: Application) -> None:
    row.version += 1
    row.save(update_fields=["version"])
