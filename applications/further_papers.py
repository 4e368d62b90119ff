"""Papers that an app above asks for under a prefix of its own, such as those to a just cause.

That app says who may add them and what they are called; everything else is as with any paper.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from applications.models import Application


@dataclass(frozen=True)
class Kind:
    """``why_not_add(application, item, by)`` and ``title(application, item)``."""

    why_not_add: Callable[[Application, str, Any], str]
    title: Callable[[Application, str], str]


_KINDS: dict[str, Kind] = {}


def register(prefix: str, kind: Kind) -> None:
    """Admits the keys that begin with ``prefix``; called once when the app is ready."""
    _KINDS[prefix] = kind


def of(item: str) -> Kind | None:
    """Whose papers stand under this key; None for those of the application itself."""
    return next((kind for prefix, kind in _KINDS.items() if item.startswith(prefix)), None)
