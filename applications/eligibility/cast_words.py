"""What the applicant states in a cast file (申请人声明): words and sums that can be read.

Asked of a file from outside alone. What the platform itself has kept is read as it stands, so
that an old assessment can be judged again.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from datashare.amounts import measure
from datashare.written import Unreadable, text

_CONSENT = frozenset(
    {"", "given", "refused", "withdrawn", "none", "同意", "已同意", "拒绝", "撤回", "不同意",
     "true", "false", "yes", "no", "1", "0"}
)  # fmt: skip
_GUARDIANS = ("", "institution", "person")


def faults(declared: Mapping[str, Any], guardian: Mapping[str, Any] | None) -> Iterator[str]:
    """A sentence for each statement that nobody could read, with the name of its field."""
    consent = declared.get("consent")
    if isinstance(consent, (list, tuple)) and consent:
        yield "field declared.consent must be a mapping of people to their word"
    words = list(consent.values()) if isinstance(consent, Mapping) else [consent]
    if not all(_is_word(one) for one in words):
        yield "field declared.consent must be given, refused or withdrawn"
    try:
        measure(declared.get("actual_rent"))
    except (Unreadable, ValueError, ArithmeticError):
        yield "field declared.actual_rent must be yuan a month, nought or more"
    if not guardian:
        return
    if text(guardian.get("kind")) not in _GUARDIANS:
        yield "field guardian.kind must be institution or person"
    if not _is_word(guardian.get("consent")):
        yield "field guardian.consent must be given, refused or withdrawn"


def _is_word(stated: Any) -> bool:
    if isinstance(stated, Mapping):
        stated = stated.get("status", stated.get("state"))
        return bool(text(stated)) and _is_word(stated)
    return not isinstance(stated, (list, tuple)) and text(stated).lower() in _CONSENT
