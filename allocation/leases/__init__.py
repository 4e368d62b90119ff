"""Leases by the step of the procedure (令11号 §16–18, §23, §30–31).

preparing → explaining → signing → beginning → filing; afterwards changing, renewing, moving
(swaps and moves), deposits, and ending. What is agreed stands in terms and texts. These are the
verbs that the rest of the project calls.
"""

from allocation.leases.ending import end, start_move_out
from allocation.leases.explaining import explain
from allocation.leases.preparing import prepare
from allocation.leases.signing import sign
from allocation.leases.terms import LeaseRefused, digest, terms

__all__ = [
    "LeaseRefused",
    "digest",
    "end",
    "explain",
    "prepare",
    "sign",
    "start_move_out",
    "terms",
]
