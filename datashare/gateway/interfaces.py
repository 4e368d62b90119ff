"""接口目录 where each source lives behind the gateway, how it is asked and how fast.

Paths come from the catalogue of sources. A production site replaces them, and whatever else
differs, by `DATASHARE_INTERFACES` in its settings:
`{"property": {"path": "api/…", "passing": "headers", "rate": 20, "daily": 50000}}`.
Nothing else changes on the way to the real gateway.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from datashare.sources import CATALOGUE
from datashare.sources.source import Source

Passing = Literal["form", "headers"]
PACE = 0.96  # of the rate granted: the two sides' seconds do not begin together
FEED = "changes"  # no source of the catalogue: asked about days, never about a person
# [assumed]: no such interface is published; a site names its own in DATASHARE_INTERFACES
FEED_PATH = "api/001008002016999/dataSharing/d41c7be02f9a6385.htm"
BURST_SECONDS = 0.8  # [assumed] the gateway looks at whole seconds: never a second's calls at once


@dataclass(frozen=True, slots=True)
class Interface:
    """One interface: path under the gateway, how credentials travel, our share of its quota.

    `rate` calls a second by all workers together, a little under what the gateway grants; `burst`
    calls that may go out at once after a quiet time; `daily` calls a day; `timeout` seconds for one
    try, None takes the site's; `matter` the code of the matter under which this interface was
    granted, where it is not the one of the case.
    """

    source: str
    path: str
    passing: Passing = "headers"
    rate: float = 48.0
    burst: int = 40
    daily: int = 200_000
    timeout: float | None = None
    matter: str = ""


def passing_of(path: str) -> Passing:
    """Legacy interfaces (api/popInfo.htm) take form fields; the newer ones headers and JSON."""
    return "form" if path.count("/") < 3 else "headers"


def _interface(spec: Source) -> Interface:
    """The interface as the catalogue has it, paced a hair under what the gateway grants."""
    rate = spec.rate * PACE
    burst = max(1, int(rate * BURST_SECONDS))
    return Interface(spec.code, spec.path, passing_of(spec.path), rate, burst, spec.quota)


DEFAULTS: dict[str, Interface] = {source: _interface(spec) for source, spec in CATALOGUE.items()}
DEFAULTS[FEED] = Interface(FEED, FEED_PATH, passing_of(FEED_PATH))


def interface_of(source: str, overrides: Mapping[str, Mapping[str, Any]]) -> Interface:
    """The interface of a source under a site's overrides; KeyError for an unknown source."""
    ours = overrides.get(source)
    return replace(DEFAULTS[source], **ours) if ours else DEFAULTS[source]
