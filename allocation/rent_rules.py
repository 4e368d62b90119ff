"""Rules of the monthly rent (租金规则): one table, each value with its source or its mark."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

_FILE = Path(__file__).with_name("rent_rules.yaml")
PART_MONTH = ("days", "whole")


@dataclass(frozen=True)
class Rule:
    """One line of rent_rules.yaml; without a source it is unverified."""

    name: str
    text: str
    value: Any
    source: str = ""

    @property
    def verified(self) -> bool:
        return bool(self.source)


def of(name: str) -> Any:
    """The value of that rule. KeyError if the table has none."""
    return table()[name].value


@cache
def table() -> dict[str, Rule]:
    """Every rule by name. ValueError for a value without source and without mark."""
    found = read(_FILE)
    if found["part_month"].value not in PART_MONTH:
        raise ValueError(f"part_month is one of {PART_MONTH}")
    return found


def read(file: Path) -> dict[str, Rule]:
    """The rules of a table. ValueError for a value without source and without mark."""
    rows = yaml.safe_load(file.read_text(encoding="utf-8"))
    return {name: _rule(name, row) for name, row in rows.items()}


def _rule(name: str, row: dict[str, Any]) -> Rule:
    if bool(row.get("source")) == bool(row.pop("unverified", False)):
        raise ValueError(f"rule {name} needs either a source or the mark unverified")
    return Rule(name=name, **row)
