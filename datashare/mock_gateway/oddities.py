"""怪记录 how registers really write things, in a small and fixed share of the families.

Facts stay what they are; only their spelling differs: a space inside a short name, another dot in
a long one, a lower-case x, database dates, 1899 for no date, rows that come twice or beside an old
copy, masked numbers of other people. A few people have an older ID number under which some
registers still keep them: asked by the number of today those registers know nothing.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from datashare.mock_gateway.city_model import Person
from datashare.mock_gateway.interfaces import Rows
from datashare.mock_gateway.registers.cells import NULL, choice

# Registers that did not follow when a number was corrected.
SLOW_TO_FOLLOW = frozenset({"social_insurance", "provident_fund", "population"})
NO_DATE = "1899-12-31"
DATES = frozenset({
    "djsj", "zysj", "ccdjrq", "estdate", "contractDate", "cancelDate", "grkhrq", "qsrq", "zzrq",
})  # fmt: skip
NAMES = frozenset({
    "CZRKXM", "AAC003", "xingming", "NSRMC", "czrkxm", "qlrmc", "name", "xm", "syr",
})  # fmt: skip
DOTS = ("·", "•", "・", "．", "‧")
COMPACT = re.compile(r"(\d{4})(\d{2})(\d{2})")
OTHERS_NUMBER = re.compile(r"\d{14}(\d{3}[\dXx])")
DISABILITY_YEARS, REGISTER_YEARS = 4, 6  # how much older an old copy is

Change = Callable[[Rows, Person], Rows]


def as_written(source: str, rows: Rows, person: Person) -> Rows:
    """The rows as this department writes them about this person."""
    for name, sources, share, change in ODDITIES:
        if source in sources and choice(name, source, person.family, of=share) == 0:
            rows = change(rows, person)
    if "·" in person.name:
        rows = _dotted(rows, person, DOTS[choice(source, of=len(DOTS))])
    return rows


def _dotted(rows: Rows, person: Person, dot: str) -> Rows:
    return _names(rows, person, person.name.replace("·", dot))


def _spaced(rows: Rows, person: Person) -> Rows:
    """A full-width space makes a name of two characters as wide as one of three."""
    return _names(rows, person, "　".join(person.name)) if len(person.name) == 2 else rows


def _lower_x(rows: Rows, person: Person) -> Rows:
    number = person.id_number
    return [
        {key: number.lower() if value == number else value for key, value in row.items()}
        for row in rows
    ]


def _database_dates(rows: Rows, person: Person) -> Rows:
    """yyyy-MM-dd HH:mm:ss.0 instead of yyyymmdd."""

    def written(key: str, value: Any) -> Any:
        found = COMPACT.fullmatch(value) if key in DATES and isinstance(value, str) else None
        return "{}-{}-{} 00:00:00.0".format(*found.groups()) if found else value

    return [{key: written(key, value) for key, value in row.items()} for row in rows]


def _day_of_1899(rows: Rows, person: Person) -> Rows:
    r"""1899-12-31 instead of \N for no date."""
    return [{k: NO_DATE if k in DATES and v == NULL else v for k, v in row.items()} for row in rows]


def _twice(rows: Rows, person: Person) -> Rows:
    return [row for row in rows for _ in range(2)]


def _old_register_page(rows: Rows, person: Person) -> Rows:
    """The page before the last change of address, beside today's."""
    return [
        _older(row, "czrksjxgxsj", REGISTER_YEARS, czrkzz="浙江省宁波市") for row in rows
    ] + rows


def _old_card(rows: Rows, person: Person) -> Rows:
    """The certificate as an earlier synchronisation brought it."""
    return rows + [_older(row, "tongTime", DISABILITY_YEARS) for row in rows]


def _others_masked(rows: Rows, person: Person) -> Rows:
    """Numbers of the other parties are masked but for their end."""
    return [
        {
            **row,
            "contractBuyer": [_party(one, person) for one in row["contractBuyer"]],
            "contractSeller": [_party(one, person) for one in row["contractSeller"]],
        }
        for row in rows
    ]


def _party(party: dict[str, str], person: Person) -> dict[str, str]:
    found = OTHERS_NUMBER.fullmatch(party["idNo"])
    if found is None or party["idNo"] == person.id_number:
        return party
    return {**party, "idNo": "*" * 14 + found[1]}


# name, sources, one family in so many, what is done
ODDITIES: tuple[tuple[str, frozenset[str], int, Change], ...] = (
    ("spaced", frozenset({"identity_card", "social_insurance", "provident_fund", "deed_tax"}),
     6, _spaced),
    ("lower", frozenset({"social_insurance", "vehicle", "property", "deed_tax", "income_check"}),
     2, _lower_x),
    ("dates", frozenset({"property", "vehicle", "company", "presale_contract", "resale_contract",
                         "provident_fund", "housing_benefit", "public_tenancy"}),
     5, _database_dates),
    ("1899", frozenset({"property", "presale_contract", "resale_contract", "public_tenancy",
                        "housing_benefit", "extreme_poverty"}), 4, _day_of_1899),
    ("twice", frozenset({"property", "provident_fund", "vehicle", "deed_tax", "education",
                         "housing_benefit"}), 9, _twice),
    ("page", frozenset({"household_register"}), 15, _old_register_page),
    ("card", frozenset({"disability"}), 3, _old_card),
    ("masked", frozenset({"presale_contract", "resale_contract"}), 4, _others_masked),
)  # fmt: skip


def _names(rows: Rows, person: Person, spelling: str) -> Rows:
    """The person's own name in another spelling, also one level down."""

    def spelt(key: str, value: Any) -> Any:
        if key in NAMES and value == person.name:
            return spelling
        if isinstance(value, dict):
            return {inner: spelt(inner, held) for inner, held in value.items()}
        return value

    return [{key: spelt(key, value) for key, value in row.items()} for row in rows]


def _older(row: dict[str, Any], stamp: str, years: int, **changed: str) -> dict[str, Any]:
    """An older copy of a row, by its own stamp."""
    written = str(row[stamp])
    return {**row, **changed, stamp: f"{int(written[:4]) - years}{written[4:]}"}
