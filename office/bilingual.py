"""Texts that live in data files: each in both languages of the pages."""

from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import get_language


def read(path: Path) -> Any:
    """A data file. Raises OSError or yaml.YAMLError."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def said(text: dict[str, str]) -> str:
    """The text in the language of the page. Raises KeyError if a language is missing."""
    return text["en" if (get_language() or "").startswith("en") else "zh"]
