"""What the desk of possible duplicates shows: masked, side by side, each likeness in words."""

import re
from dataclasses import dataclass
from typing import Any

from applications import kin, likeness_keys, likeness_table, likeness_words, states
from applications.addresses import Address
from applications.likeness import Sketch
from applications.models import Member, PossibleDuplicate
from core import display
from core.identity.masking import mask_id, mask_name, mask_phone

_ALIKE = frozenset({"same", "shared", "old_form"})


@dataclass(frozen=True)
class Row:
    """One pair in the list."""

    duplicate: PossibleDuplicate
    state: Any
    names: str
    cases: str
    reasons: list[Any]


@dataclass(frozen=True)
class Side:
    """One of the two: who, in which case, and where that stands."""

    name: str
    relation: Any
    case_no: str
    street: str
    state: Any
    since: str


@dataclass(frozen=True)
class Feature:
    """One feature of both, masked, and what is to be said of it."""

    label: Any
    left: str
    right: str
    word: Any
    differs: bool


def row_of(duplicate: PossibleDuplicate) -> Row:
    """A pair as the list shows it."""
    return Row(
        duplicate=duplicate,
        state=states.DUPLICATE[duplicate.state],
        names=display.listed(mask_name(one.name) for one in duplicate.sides),
        cases=display.listed(one.application.case_no or "—" for one in duplicate.sides),
        reasons=_reasons(duplicate)[:3],
    )


def screen_of(duplicate: PossibleDuplicate) -> dict[str, Any]:
    """Both people side by side, and the table that counted."""
    sketches = likeness_keys.sketches_of(duplicate.sides)
    table = likeness_table.of(duplicate.table)
    return {
        "row": duplicate,
        "state": states.DUPLICATE[duplicate.state],
        "sides": [_side(one) for one in duplicate.sides],
        "features": _features(duplicate, *(sketches[one.pk] for one in duplicate.sides)),
        "unknown": [
            label
            for key, label in likeness_words.FEATURES.items()
            if duplicate.levels.get(key) == "unknown"
        ],
        "reasons": _reasons(duplicate),
        "ask_at": table.ask_at if table else None,
        "unverified": table is None or not table.verified,
    }


def _reasons(duplicate: PossibleDuplicate) -> list[Any]:
    table = likeness_table.of(duplicate.table)
    return likeness_words.spoken(duplicate.levels, table.levels if table else {})


def _side(member: Member) -> Side:
    case = member.application
    return Side(
        name=mask_name(member.name),
        relation=kin.relation_word(member.relation),
        case_no=case.case_no or "",
        street=str(case.street or "—"),
        state=case.STATES[case.state],
        since=display.day_short(case.accepted_at or case.created_at),
    )


def _features(duplicate: PossibleDuplicate, one: Sketch, other: Sketch) -> list[Feature]:
    shown = {
        "name": (mask_name(one.name), mask_name(other.name)),
        "birth": (_birth(one), _birth(other)),
        "id": (mask_id(one.id_number), mask_id(other.id_number)),
        "phone": (_phone(one), _phone(other)),
        "address": (_place(one.addresses), _place(other.addresses)),
    }
    found = []
    for key, (left, right) in shown.items():
        level = duplicate.levels.get(key, "unknown")
        if level != "unknown":  # what one side lacks is neither alike nor different
            word, differs = likeness_words.word(key, level), level not in _ALIKE
            found.append(Feature(likeness_words.FEATURES[key], left, right, word, differs))
    return found


def _birth(sketch: Sketch) -> str:
    born = sketch.birth
    return f"{born[:4]}-{born[4:6]}-{born[6:]}"


def _phone(sketch: Sketch) -> str:
    return mask_phone(sketch.phone) if sketch.phone else str(likeness_words.UNKNOWN)


def _place(known: tuple[Address, ...]) -> str:
    """Road or village; which house stays hidden."""
    words = display.listed(f"{one.place}{'*' * len(one.numbers)}" for one in known)
    return re.sub(r"\d", "*", words) if known else str(likeness_words.UNKNOWN)
