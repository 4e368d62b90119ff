"""A drawn home in the household's hands: the verbs of `offering`, `declining` and `lapsing`.

Views, kiosks and rounds call them here; each step of the procedure has its own file.
"""

from allocation.declining import count, decline, times_declined
from allocation.lapsing import lapse_due, log_call, remind_due
from allocation.offering import (
    SYSTEM,
    OfferRefused,
    accept,
    deadline,
    last_day,
    make,
    open_result,
    tell_reserve,
    think,
)
from allocation.reserve import next_in_reserve

__all__ = [
    "SYSTEM",
    "OfferRefused",
    "accept",
    "count",
    "deadline",
    "decline",
    "lapse_due",
    "last_day",
    "log_call",
    "make",
    "next_in_reserve",
    "open_result",
    "remind_due",
    "tell_reserve",
    "think",
    "times_declined",
]
