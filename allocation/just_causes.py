"""The table of just causes (正当理由), read once from just_causes.yaml."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from django.utils.translation import get_language

_FILE = Path(__file__).with_name("just_causes.yaml")


@dataclass(frozen=True)
class Cause:
    """One cause: what it is, what shows it, and its source (empty: unverified)."""

    code: str
    text: str
    text_en: str
    evidence: str
    evidence_en: str
    basis: str = ""

    @property
    def word(self) -> str:
        """The cause in the page's language."""
        return self.text_en if _english() else self.text

    @property
    def proof(self) -> str:
        """What shows it, in the page's language."""
        return self.evidence_en if _english() else self.evidence


@cache
def table() -> dict[str, Cause]:
    """Every cause by its code, in the order of the file."""
    rows = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    return {code: Cause(code, **row) for code, row in rows.items()}


def _english() -> bool:
    return (get_language() or "").startswith("en")
