"""The orderly way out (应退即退) by the step of the procedure, each step by a person."""

from renewal.exits.opening import ExitRefused, Ground, open_case, open_of
from renewal.exits.steps import (
    clear,
    close_hearing,
    confirm,
    draft_end,
    hand_back,
    hear,
    serve_notice,
    sign_end,
    take_effect,
    take_effect_due,
    why_not_sign,
)

__all__ = [
    "ExitRefused",
    "Ground",
    "clear",
    "close_hearing",
    "confirm",
    "draft_end",
    "hand_back",
    "hear",
    "open_case",
    "open_of",
    "serve_notice",
    "sign_end",
    "take_effect",
    "take_effect_due",
    "why_not_sign",
]
