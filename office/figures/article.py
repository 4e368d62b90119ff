"""原文: the article's figures, dated, read from a file; they never mix with live rows."""

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from office import bilingual

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


def article() -> Article:
    """The file's content in the language of the page."""
    content, said = _content(), bilingual.said
    quoted = [
        Quoted(item["figure"], said(item["value"]), said(item["sentence"]))
        for item in content["figures"]
    ]
    by_key = {one.figure: one for one in quoted}
    return Article(said(content["source"]), said(content["as_of"]), by_key)


@lru_cache(maxsize=1)
def _content() -> Any:
    return bilingual.read(_FILE)
