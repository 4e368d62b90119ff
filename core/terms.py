"""名词解释: the words that people meet, each in one plain sentence in both languages."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

import yaml
from django.utils.translation import get_language

_FILE = Path(__file__).with_name("terms.yaml")


@dataclass(frozen=True)
class Term:
    """One line of terms.yaml; ``basis`` names the law that a word comes from, if one does."""

    key: str
    zh: str
    en: str
    says: str
    meaning: str
    basis: str = ""
    basis_en: str = ""

    @property
    def word(self) -> str:
        return self.en if _english() else self.zh

    @property
    def sentence(self) -> str:
        return self.meaning if _english() else self.says

    @property
    def law(self) -> str:
        return self.basis_en if _english() else self.basis

    @property
    def anchor(self) -> str:
        return f"term-{self.key}"


def of(word: str) -> Term:
    """The term of a Chinese word. KeyError if the glossary has none."""
    return _by_word()[word]


@cache
def every() -> tuple[Term, ...]:
    """All terms, in the order in which a family meets them."""
    return tuple(Term(**row) for row in yaml.safe_load(_FILE.read_text(encoding="utf-8")))


@cache
def _by_word() -> dict[str, Term]:
    return {one.zh: one for one in every()}


def _english() -> bool:
    return (get_language() or "").startswith("en")
