"""Columns (数据列): the facts of many households that the rules turned on, one array a fact.

Three tables: one line a case, one line a category under which a case is or could be judged, one
line a home that counts for a limited time only. Money is whole micro-yuan and areas are whole
millionths of a ㎡, so that a comparison is exact; what cannot be held exactly is left to the full
engine (``engine_only``).
"""

import io
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import Any

import numpy as np
from numpy.typing import NDArray

from applications.eligibility import schema

UNIT = 6
"""Decimal places kept of yuan and ㎡."""
MOST = 10**12
"""Yuan or ㎡ beyond this are no household's."""

# Results of a rule as bits, so that all rules of a household are one `or` away from its outcome.
FAILS, WAITS, ASKS, PROMISES = 1, 2, 4, 8
LATEST = 1201
"""Months that no look-back reaches."""
VARIES = -1
"""In place of a rule's bits: it turns on a value, see the columns beside it."""

OUTCOMES = ("eligible", "conditional", "ineligible", "pending_source", "manual_review")
TIERS = ("", *schema.TIERS)
"""Kept by their places, as categories and programmes are: the lists grow at their ends only."""
NOT_ASKED, NO_AID, DISPUTED_AID, AID_WAITS = 0, 1, 2, 3
AIDED = {"TK": 4, "DB": 5, "DBBY": 6}
"""Codes of a household's aid; NOT_ASKED of a new employee or migrant."""
GIVEN_AWAY, SHARED, TAXED = 1, 2, 3
"""Why a home counts for a limited time only."""
GROUPS = (
    "TIES", "EMPLOYMENT", "SINGLE_AGE", "INCOME", "HOUSING_AREA", "HOUSING_OFFPLAN",
    "TRANSFER_LOOKBACK", "DIVORCE_LOOKBACK", "VEHICLE", "COMPANY", "DEPOSIT",
)  # fmt: skip
"""Rules that can be run again; HUKOU and PERMIT are one, either can stand for the other."""

CASE: Mapping[str, str] = {
    "key": "i8",  # whose number the caller knows
    "street": "i4",
    "programme": "i1",
    "engine_only": "?",
    "outcome": "i1",
    "tier": "i1",
    "line": "i4",  # the line whose category won
    "rent": "i8",  # in cents a month, -1 for none
    "waived": "i8",
    "subsidy": "i8",
}
LINE: Mapping[str, str] = {
    "case": "i4",
    "category": "i1",
    "if_recent": "?",  # judged only if the degree is recent enough, where the category is inferred
    "persons": "i2",
    "fixed": "u1",  # rules that turn on no movable value
    "permit": "u1",
    "hukou": "i2", "hukou_months": "i4",
    "insured": "i2", "insured_months": "i4",
    "degree": "i2", "degree_from": "i4",  # months from which the graduation is in time
    "age": "i2", "may_be_orphan": "?",
    "aid": "i1", "aid_as_orphan": "i1",
    "exempt": "u1", "exempt_as_orphan": "u1",
    "income": "i8", "income_inexact": "?", "income_state": "u1",
    "deposit": "i8", "deposit_partial": "?", "deposit_waits": "u1",
    "company": "i8", "company_state": "u1",
    "cars": "i4", "dearest": "i8", "car_state": "u1", "car_doubt": "u1",
    "area": "i8", "area_waits": "u1", "area_doubt": "?", "held_waits": "?",
    "offplan": "i8", "offplan_any": "?", "offplan_doubt": "?",
    "offplan_waits": "u1", "offplan_unknown": "?",
    "gone_waits": "u1", "gone_unknown": "?", "shared_waits": "u1",
    "undated": "i8", "undated_any": "?",
    "actual_rent": "i8",  # -1 for none stated
} | {f"was_{name}": "u1" for name in GROUPS}  # fmt: skip
HOME: Mapping[str, str] = {
    "line": "i4", "group": "i1", "area": "i8", "doubt": "?",
    "from": "i4",  # look-back months from which it counts
}  # fmt: skip

Column = NDArray[Any]
Table = dict[str, Column]
Line = dict[str, Any]
"""What becomes one row of columns."""


class Inexact(ValueError):
    """A sum or an area that one whole number cannot hold."""


def exact(value: Decimal) -> tuple[int, bool]:
    """Whole units, rounded down, and whether nothing was lost. Raises OverflowError."""
    if abs(value) > MOST:
        raise OverflowError
    scaled = value.scaleb(UNIT)
    whole = int(scaled.to_integral_value(rounding=ROUND_FLOOR))
    return whole, scaled == whole


def units(value: Decimal) -> int:
    """Whole units of a value that they hold. Raises Inexact, OverflowError."""
    whole, is_exact = exact(value)
    if not is_exact:
        raise Inexact
    return whole


def back(whole: int) -> Decimal:
    """Yuan or ㎡ of whole units."""
    return Decimal(whole).scaleb(-UNIT)


def first_month(day: date, on: date, holds: Callable[[int], bool]) -> int:
    """The fewest months for which ``holds``; it stays so for more. LATEST where it never does."""
    months = max((on.year - day.year) * 12 + on.month - day.month - 1, 0)
    while months < LATEST and not holds(months):
        months += 1
    return min(months, LATEST)


@dataclass(frozen=True)
class Columns:
    """Facts of many households in arrays; see CASE, LINE and HOME."""

    cases: Table
    lines: Table
    homes: Table

    def __len__(self) -> int:
        return len(self.cases["key"])

    @property
    def nbytes(self) -> int:
        """Bytes in memory."""
        return sum(one.nbytes for table in self._tables() for one in table.values())

    def _tables(self) -> tuple[Table, Table, Table]:
        return self.cases, self.lines, self.homes

    def to_bytes(self) -> bytes:
        """Compressed, to be kept."""
        named = {
            f"{prefix}.{name}": one
            for prefix, table in zip("clh", self._tables(), strict=True)
            for name, one in table.items()
        }
        held = io.BytesIO()
        np.savez_compressed(held, **named)  # type: ignore[arg-type]
        return held.getvalue()

    @classmethod
    def from_bytes(cls, kept: bytes) -> "Columns":
        with np.load(io.BytesIO(kept), allow_pickle=False) as found:
            tables: dict[str, Table] = {"c": {}, "l": {}, "h": {}}
            for name in found.files:
                prefix, _dot, column = name.partition(".")
                tables[prefix][column] = found[name]
        return cls(tables["c"], tables["l"], tables["h"])

    @classmethod
    def joined(cls, parts: Iterable["Columns"]) -> "Columns":
        """Parts one behind the other; what points at a line or a case still points at it."""
        listed = list(parts)
        shifted, cases, lines = [], 0, 0
        for one in listed:
            shifted.append((
                one.cases | {"line": one.cases["line"] + np.int32(lines)},
                one.lines | {"case": one.lines["case"] + np.int32(cases)},
                one.homes | {"line": one.homes["line"] + np.int32(lines)},
            ))  # fmt: skip
            cases, lines = cases + len(one), lines + len(one.lines["case"])
        return cls(*(_joined([part[place] for part in shifted], spec)
                     for place, spec in enumerate((CASE, LINE, HOME))))  # fmt: skip


def _joined(tables: list[Table], spec: Mapping[str, str]) -> Table:
    empty = {name: np.zeros(0, kind) for name, kind in spec.items()}
    return {
        name: np.concatenate([empty[name], *(one[name] for one in tables)]).astype(spec[name])
        for name in spec
    }


class Builder:
    """Collects lines until they become columns."""

    def __init__(self) -> None:
        self._cases: list[dict[str, Any]] = []
        self._lines: list[dict[str, Any]] = []
        self._homes: list[dict[str, Any]] = []

    def add(self, case: dict[str, Any], lines: list[dict[str, Any]], winner: int) -> None:
        """One case with its lines; each line brings its homes under ``homes``."""
        first = len(self._lines)
        self._cases.append(case | {"line": first + winner})
        for line in lines:
            for home in line.pop("homes"):
                self._homes.append(home | {"line": len(self._lines)})
            self._lines.append(line | {"case": len(self._cases) - 1})

    def columns(self) -> Columns:
        tables = ((self._cases, CASE), (self._lines, LINE), (self._homes, HOME))
        return Columns(*(_table(rows, spec) for rows, spec in tables))


def _table(rows: list[dict[str, Any]], spec: Mapping[str, str]) -> Table:
    return {name: np.array([one[name] for one in rows], kind) for name, kind in spec.items()}
