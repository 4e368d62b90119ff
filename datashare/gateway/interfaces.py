"""接口目录 where each source lives behind the gateway and how it likes to be asked.

Paths of the demo; a production site replaces them by `DATASHARE_INTERFACES` in its settings,
`{"property": {"path": "api/…", "passing": "headers", "rate": 20, "daily": 50000}}`: nothing else
changes on the way to the real gateway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

Passing = Literal["form", "headers"]


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface: path under the gateway, how credentials travel, our share of its quota."""

    source: str
    path: str
    passing: Passing = "form"
    rate: float = 50.0  # calls a second, all workers together
    burst: int = 40
    daily: int = 200_000
    timeout: float | None = None  # seconds; None takes the gateway's


def _table(*rows: tuple[str, str, Passing]) -> dict[str, Interface]:
    return {source: Interface(source, f"api/{path}.htm", passing) for source, path, passing in rows}


# Legacy interfaces take form fields; those with a node code take headers and a JSON body.
DEFAULTS: dict[str, Interface] = _table(
    ("identity_card", "001003001029/certificate/c7a1f40b92de3056", "headers"),
    ("household_register", "001003001/dataSharing/5b0e93d1a8c74f26", "headers"),
    ("population", "popInfo", "form"),
    ("residence_permit", "001008002016006/dataSharing/9f24b7c3d06e815a", "headers"),
    ("marriage", "marryInfo", "form"),
    ("marriage_national", "national/2d86e1f07b934ca5", "headers"),
    ("orphan", "001003010/dataSharing/e13c5a7098bd4f62", "headers"),
    ("low_income_aid", "lowestRescueInfo", "form"),
    ("extreme_poverty", "001003010/dataSharing/47d9b0e86f125ca3", "headers"),
    ("disability", "disabledBaseInfo", "form"),
    ("death", "001008002016127/dataSharing/b8f05c29e4a7163d", "headers"),
    ("cremation", "001003010/dataSharing/0a6c4de92f8b7153", "form"),
    ("education", "national/8ce2705b1fa9d364", "headers"),
    ("property", "001008002016013/dataSharing/61b7f3a0d59c2e84", "headers"),
    ("public_tenancy", "001008002016015/dataSharing/d5038e6ab1c4f297", "headers"),
    ("presale_contract", "001008002016015001/dataSharing/3f9a62c81e7d04b5", "headers"),
    ("resale_contract", "001008002016015001/dataSharing/74eb1d05a9f3c268", "headers"),
    ("deed_tax", "001008002016288/dataSharing/ac52f8b9306e41d7", "form"),
    ("social_insurance", "001008002016011/dataSharing/1e84c7d2f0b63a95", "headers"),
    ("provident_fund", "001008002016003/dataSharing/f60d3b8a592ce714", "headers"),
    ("vehicle", "001008002016006/dataSharing/85a2e9f71c0bd346", "headers"),
    ("company", "001003026/dataSharing/2bd7640fe8953ac1", "form"),
    ("income_check", "001008002016008/windowSystem/c05fa193b7e8d264", "headers"),
    ("social_assistance", "001003010/dataSharing/9d31e6c4a02f875b", "headers"),
    ("housing_benefit", "001008002016015/dataSharing/56fc08d7b3e1a942", "headers"),
)


def interface_of(source: str, overrides: Mapping[str, Mapping[str, Any]]) -> Interface:
    """The interface of a source under a site's overrides; KeyError for an unknown source."""
    return replace(DEFAULTS[source], **overrides.get(source, {}))
