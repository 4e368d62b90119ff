"""Flags in words: what a finding says, in the language of the page."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import get_language

from applications.eligibility import explain
from core import display


@dataclass(frozen=True)
class Card:
    """One finding as a page shows it; words only, no verdict."""

    title: str
    sentence: str
    actual: str
    limit: str
    clause: str
    source: str


def cards(findings: Iterable[Mapping[str, Any]]) -> list[Card]:
    """The findings in the language of the request."""
    language = "en" if (get_language() or "").startswith("en") else "zh-hans"
    return [_card(finding, language) for finding in findings]


def _card(finding: Mapping[str, Any], language: str) -> Card:
    sources = [explain.source_name(code, language) for code in finding.get("evidence") or []]
    return Card(
        title=explain.title(finding["rule"], language),
        sentence=explain.sentence(finding, language),
        actual=finding.get("actual") or "",
        limit=finding.get("limit") or "",
        clause=explain.clause(finding.get("citation") or "", language),
        source=display.listed(sources),
    )
