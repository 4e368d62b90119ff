"""Whose records a member of a household reads (家人之间的隐私).

A household shares its case, not what a register holds about each of its adults. Who signs in
reads, and may dispute, their own lines and those of a minor in their care (民法典 §27).
"""

from collections.abc import Iterable
from datetime import date
from typing import Any

from applications import authority
from applications.models import Mandate, Member
from core import clock
from core.identity import kinship

_PARENTS = "5"  # GB/T 4761, to the applicant


def readable_to(user: Any, people: Iterable[Member]) -> set[int]:
    """The keys of those of a household whose records this citizen reads; none for an outsider."""
    members, citizen, today = list(people), user.as_citizen, clock.today()
    reader = next((one for one in members if citizen and one.id_index == citizen.id_index), None)
    guarded = _guarded_by(user, members)
    if reader is None:
        return guarded
    return guarded | {one.pk for one in members if one == reader or _cares_for(reader, one, today)}


def _guarded_by(user: Any, members: list[Member]) -> set[int]:
    """While acting as a guardian whose papers a clerk has seen: the ward's (民法典 §34)."""
    mandate = getattr(user, "acting", None)
    if mandate is None or mandate.given_at is None or mandate.evidence != Mandate.Evidence.GUARDIAN:
        return set()
    return {one.pk for one in members if one.id_index == mandate.principal_index}


def wards_of(user: Any) -> list[Member]:
    """The minors whose records this citizen reads, in whichever of their cases; each once."""
    citizen = user.as_citizen
    if citizen is None:
        return []
    mine = Member.objects.filter(id_index=citizen.id_index, excluded=False)
    people = Member.objects.filter(application__in=mine.values("application"), excluded=False)
    today = clock.today()
    by_case: dict[int, list[Member]] = {}
    for one in people.order_by("-application", "position"):
        by_case.setdefault(one.application_id, []).append(one)
    wards: dict[str, Member] = {}
    for household in by_case.values():
        reader = next(one for one in household if one.id_index == citizen.id_index)
        for one in household:
            if one != reader and _cares_for(reader, one, today):
                wards.setdefault(one.id_index, one)
    return list(wards.values())


def _cares_for(reader: Member, member: Member, on: date) -> bool:
    """The adult who applies, or the parent, of a minor."""
    if authority.is_adult(member, on) or not authority.is_adult(reader, on):
        return False
    if member.is_applicant:
        return reader.relation[:1] == _PARENTS
    child = member.relation in kinship.CHILDREN
    return reader.is_applicant or (child and reader.relation in kinship.SPOUSES)
