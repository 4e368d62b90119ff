"""Reason codes of an opinion (意见理由), as data: what is ticked, kept, and drafted from.

A code is told in Chinese and English with the clause it carries out. A rule's codes each fit one
way of settling it, so that what is ticked and what is settled cannot contradict each other.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from applications import duties
from applications.eligibility import explain
from applications.findings import How

_FILE = Path(__file__).with_name("reason_codes.yaml")
EN = "en"
DISTRICT = "district.departments_confirmed"


@dataclass(frozen=True)
class Reason:
    """One line of the table. ``rule`` and ``how`` are empty for what fits any rule.

    ``desk`` is the stage of the street's or the district's own reasons. ``code`` is unique.
    """

    code: str
    zh: str
    en: str
    rule: str = ""
    how: str = ""
    desk: str = ""
    clause: str = ""
    verified: bool = True

    @property
    def words(self) -> str:
        """The reason in the page's language."""
        return self.en if _language() == EN else self.zh

    @property
    def basis(self) -> str:
        """The clause in the page's language; '' for how something was checked."""
        return explain.clause(self.clause, _language())

    @property
    def objects(self) -> bool:
        """Whether an objection can rest on it."""
        return bool(self.desk) or self.how == How.CONFIRMED_FAIL


def of(code: str) -> Reason | None:
    """The reason of a code; None where the table has none (a code of before)."""
    return table().get(code)


def named(codes: Iterable[str]) -> list[Reason]:
    """The reasons of stored codes, in their order; what the table has no more is left out."""
    return [found for code in codes if (found := of(code))]


def ways() -> list[Reason]:
    """How something was checked (核实方式)."""
    return [one for one in table().values() if not one.rule and not one.desk]


def of_rule(rule: str, hows: Iterable[str] = ()) -> list[Reason]:
    """The reasons of a rule, those that fit one of ``hows`` if told."""
    wanted = set(hows)
    mine = (one for one in table().values() if one.rule == rule)
    return [one for one in mine if not wanted or one.how in wanted]


def of_desk(stage: str) -> list[Reason]:
    """What the street or the district may object with on its own."""
    return [one for one in table().values() if one.desk == stage]


def shown(codes: Iterable[str]) -> list[dict[str, str]]:
    """The codes as pages, letters and the API tell them."""
    return [
        {
            "code": one.code,
            "words": _of_rule_words(one) if one.rule else one.words,
            "clause": one.basis,
        }
        for one in named(codes)
    ]


def _of_rule_words(one: Reason) -> str:
    told = {"how": duties.name_of(one.rule), "reason": one.words}
    return _("%(how)s：%(reason)s") % told


@cache
def table() -> dict[str, Reason]:
    """Every reason by code. ValueError for a line without words, clause or a way that exists."""
    raw = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    found = [Reason(code, row["zh"], row["en"]) for code, row in raw["ways"].items()]
    found += [_of_desk(code, row) for code, row in raw["desk"].items()]
    for rule, block in raw["rules"].items():
        found += [_of_rule(rule, block["clause"], key, row) for key, row in block["codes"].items()]
    if missing := set(duties.RULES) - set(raw["rules"]):
        raise ValueError(f"rules without reason codes: {sorted(missing)}")
    return {one.code: one for one in found}


def _of_desk(code: str, row: Mapping[str, Any]) -> Reason:
    verified = not row.get("unverified", False)
    return Reason(code, row["zh"], row["en"], desk=code.partition(".")[0], clause=row["clause"],
                  verified=verified)  # fmt: skip


def _of_rule(rule: str, clause: str, key: str, row: Mapping[str, Any]) -> Reason:
    return Reason(f"{rule}.{key}", row["zh"], row["en"], rule=rule, how=How(row["how"]).value,
                  clause=clause, verified=not row.get("unverified", False))  # fmt: skip


def _language() -> str:
    return EN if (get_language() or "").startswith("en") else "zh-hans"
