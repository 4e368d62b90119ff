"""Tables of the allocation: homes, rounds, offers, leases, kiosks."""

from allocation.models.home import Estate, Home, RentStandard
from allocation.models.kiosk import Appointment, Kiosk
from allocation.models.lease import AccessGrant, Lease
from allocation.models.offer import Offer
from allocation.models.round import Assignment, Entrant, ExcludedStaff, LedgerLine, Reveal, Round

__all__ = [
    "AccessGrant",
    "Appointment",
    "Assignment",
    "Entrant",
    "Estate",
    "ExcludedStaff",
    "Home",
    "Kiosk",
    "Lease",
    "LedgerLine",
    "Offer",
    "RentStandard",
    "Reveal",
    "Round",
]
