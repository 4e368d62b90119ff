"""Rules of violations (违规规则): one table, each value with its source or its mark."""

from decimal import Decimal
from functools import cache
from pathlib import Path

from allocation import rent_rules
from allocation.rent_rules import Rule

_FILE = Path(__file__).with_name("violation_rules.yaml")


def of(name: str) -> Decimal:
    """The value of that rule: yuan, a share, days or a number. KeyError if the table has none."""
    return Decimal(table()[name].value)


@cache
def table() -> dict[str, Rule]:
    """Every rule by name. ValueError for a value without source and without mark."""
    return rent_rules.read(_FILE)
