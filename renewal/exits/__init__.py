"""The orderly way out (应退即退) by the step of the procedure, each step by a person.

clue (opening) → confirmed by a second route (checking) → written notice, its proof of service and
the hearing (hearing, extending) → decision drafted by one and signed by another, served (deciding)
→ move-out period, then market rent or the court (moving_out) → signed hand-back, deposit, archive
(handing_back). A death goes its own way (deaths). No step is taken by a machine, and the database
refuses an end that skipped one (ExitCase's constraint). Clearing is possible until the hand-back.
"""

from renewal.exits import banning, deaths, extending, leaving, reminding
from renewal.exits.checking import clear, confirm
from renewal.exits.deciding import (
    draft_end,
    is_looked_at_again,
    return_draft,
    settle_answers,
    sign_end,
    take_effect,
    take_effect_due,
    why_not_draft,
    why_not_sign,
)
from renewal.exits.handing_back import archive, hand_back, why_not_archive
from renewal.exits.hearing import (
    ask_meeting,
    close_hearing,
    drop_meeting,
    hear,
    serve_notice,
    served_due,
    set_meeting,
    why_not_over,
    why_not_speak,
)
from renewal.exits.moving_out import (
    enforce,
    note_filing,
    refer,
    start_market_rent,
    why_not_after,
    why_not_market_rent,
)
from renewal.exits.opening import ExitRefused, Ground, open_case, open_of

__all__ = [
    "ExitRefused",
    "Ground",
    "archive",
    "ask_meeting",
    "banning",
    "clear",
    "close_hearing",
    "confirm",
    "deaths",
    "draft_end",
    "drop_meeting",
    "enforce",
    "extending",
    "hand_back",
    "hear",
    "is_looked_at_again",
    "leaving",
    "note_filing",
    "open_case",
    "open_of",
    "refer",
    "reminding",
    "return_draft",
    "serve_notice",
    "served_due",
    "set_meeting",
    "settle_answers",
    "sign_end",
    "start_market_rent",
    "take_effect",
    "take_effect_due",
    "why_not_after",
    "why_not_archive",
    "why_not_draft",
    "why_not_market_rent",
    "why_not_over",
    "why_not_sign",
    "why_not_speak",
]
