"""原文: the article's figures, dated, read from a file; they never mix with live rows."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

_FILE = Path(__file__).resolve().parent.parent / "article_figures.yaml"


@dataclass(frozen=True)
class Quoted:
    """One figure as the article gives it, with its sentence."""

    figure: str
    value: str
    sentence: str


@dataclass(frozen=True)
class Article:
    """Where the quoted figures stand and of when they are."""

    source: str
    as_of: str
    figures: dict[str, Quoted]


@lru_cache(maxsize=1)
def article() -> Article:
    """The file's content. Raises on a figure without value or sentence."""
    content = yaml.safe_load(_FILE.read_text(encoding="utf-8"))
    quoted = [Quoted(**item) for item in content["figures"]]
    return Article(content["source"], content["as_of"], {one.figure: one for one in quoted})
