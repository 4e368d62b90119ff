"""站点 the gateway as a site's settings describe it, and the evidence that travels with a call."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from datashare.gateway.interfaces import Interface, interface_of
from datashare.gateway.tokens import Lifetimes


@dataclass(frozen=True, slots=True)
class Evidence:
    """用数凭证 why this call is made: the gateway's `additional` object, stored by both sides."""

    matter: str
    case_no: str
    operator: str
    material: str
    sponsor_name: str
    sponsor_code: str = field(repr=False)

    def __post_init__(self) -> None:
        if not (self.matter and self.case_no and self.operator):
            raise ValueError("a call needs a matter, a case number and an operator")

    def as_text(self) -> str:
        """The JSON text that travels with the call."""
        main, _, sub = self.matter.partition("/")
        return json.dumps(
            {
                "powerMatters": main,
                "subPowerMatters": sub or main,
                "accesscardId": self.operator,
                "materialName": self.material,
                "sponsorName": self.sponsor_name,
                "sponsorCode": self.sponsor_code,
                "projectId": self.case_no,
            },
            ensure_ascii=False,
        )


@dataclass(frozen=True, slots=True)
class Site:
    """The gateway as a site's settings describe it.

    `connections` are kept alive; work that nobody waits for uses at most `bulk_connections` of
    them, so that a waiting citizen's household finds the others free.
    """

    url: str
    app_key: str
    app_secret: str = field(repr=False)
    prefix: str = "datashare"
    timeout: float = 5.0  # seconds for one try
    connections: int = 160
    bulk_connections: int = 50
    interfaces: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    lifetimes: Lifetimes = field(default_factory=Lifetimes)
    lower_case_keys: bool = False  # the municipal node hashes lower-cased keys

    def interface(self, source: str) -> Interface:
        """Where a source lives at this site."""
        return interface_of(source, self.interfaces)
