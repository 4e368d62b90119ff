"""Clues between the years (线索): found, looked at by a person, explained or handed on.

``noting`` keeps and closes them, ``watching`` finds them in the registers' feed of changes,
``verifying`` asks the second route and hands on what a person has made of it.
"""

from renewal.clues.noting import (
    SYSTEM,
    ClueRefused,
    claim_ends,
    explain,
    key_of,
    note,
    put_back,
    take,
    tend,
    why_not_take,
    why_not_work,
)
from renewal.clues.verifying import (
    GROUNDS,
    answers,
    ask,
    assess_ready,
    failed,
    hand_on,
    to_case,
    why_not_ask,
    why_not_case,
    why_not_hand_on,
)
from renewal.clues.watching import read_on, standing

__all__ = [
    "GROUNDS", "SYSTEM", "ClueRefused", "answers", "ask", "assess_ready", "claim_ends", "explain",
    "failed", "hand_on", "key_of", "note", "put_back", "read_on", "standing", "take", "tend",
    "to_case", "why_not_ask", "why_not_case", "why_not_hand_on", "why_not_take", "why_not_work",
]  # fmt: skip
