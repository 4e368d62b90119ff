"""Both sides' lists, row against row (对账比较): pure, also for a list on paper."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

MISSING_THERE, SHORTER_THERE, LONGER_THERE, MISSING_HERE, SHOULD_BE_GONE = (
    "missing_there", "shorter_there", "longer_there", "missing_here", "should_be_gone",
)  # fmt: skip
# repairs that only give what is owed; every other one takes away, and a person decides
GIVES = frozenset({MISSING_THERE, SHORTER_THERE})


@dataclass(frozen=True)
class Held:
    """One person under one contract, with the first day and the day after the last."""

    contract: str
    person: str
    first: date | None
    until: date | None

    @property
    def key(self) -> tuple[str, str]:
        return (self.contract, self.person)


@dataclass(frozen=True)
class Found:
    """One difference."""

    kind: str
    contract: str
    person: str
    ours_until: date | None = None
    theirs_until: date | None = None


def differences(ours: Iterable[Held], theirs: Iterable[Held], ended: set[str]) -> list[Found]:
    """What differs; ``ended`` are our contracts that were handed back or enforced."""
    mine, yours = {one.key: one for one in ours}, {one.key: one for one in theirs}
    found = [
        Found(MISSING_THERE, one.contract, one.person, one.until)
        for key, one in mine.items()
        if key not in yours
    ]
    for key, one in yours.items():
        known = mine.get(key)
        if known is None:
            gone = SHOULD_BE_GONE if one.contract in ended else MISSING_HERE
            found.append(Found(gone, one.contract, one.person, None, one.until))
        elif (kind := _validity(known, one)) is not None:
            found.append(Found(kind, one.contract, one.person, known.until, one.until))
    return sorted(found, key=lambda one: (one.contract, one.person, one.kind))


def _validity(ours: Held, theirs: Held) -> str | None:
    """Anything less than owed counts first; a day that cannot be read is less than owed."""
    if theirs.until is None or theirs.first is None:
        return SHORTER_THERE
    later = ours.first is not None and theirs.first > ours.first
    if later or (ours.until is not None and theirs.until < ours.until):
        return SHORTER_THERE
    if ours.until and theirs.until > ours.until:
        return LONGER_THERE
    return None


def read(rows: Any) -> list[Held]:
    """The receiver's rows. Raises ValueError for what is no list of rows."""
    if not isinstance(rows, list) or not all(isinstance(one, dict) for one in rows):
        raise ValueError("the list is not a list of rows")
    return [
        Held(
            str(one.get("contractNo", "")), str(one.get("idHash", "")),
            _day(one.get("validFrom")), _day(one.get("validTo")),
        )
        for one in rows
    ]  # fmt: skip


def _day(value: Any) -> date | None:
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        return None
