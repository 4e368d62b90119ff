"""What a call costs (查询费用): one table of prices, each with its source or its mark."""

from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path

import yaml

_FILE = Path(__file__).with_name("call_costs.yaml")


@dataclass(frozen=True)
class Cost:
    """Yuan for one call. ``verified`` is false where no source document is known."""

    text: str
    yuan: Decimal
    source: str = ""

    @property
    def verified(self) -> bool:
        return bool(self.source)


def of(source: str) -> Cost:
    """The price of a register's call; the default where it has no line of its own."""
    return table().get(source, table()["default"])


@cache
def table() -> dict[str, Cost]:
    """Every price. ValueError for one without source and without mark."""
    rows = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {name: _cost(name, row) for name, row in rows.items()}


def _cost(name: str, row: dict[str, str]) -> Cost:
    source = row.get("source", "")
    if bool(source) == bool(row.get("unverified")):
        raise ValueError(f"cost {name} needs either a source or the mark unverified")
    return Cost(row["text"], Decimal(row["yuan"]), source)
