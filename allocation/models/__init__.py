"""Tables of the allocation: homes, rounds, offers, leases, rent, moving in, upkeep, kiosks."""

from allocation.models.aid import AidReferral
from allocation.models.arrears import (
    Arrangement,
    ArrearsFlag,
    Instalment,
    Reduction,
    RentContact,
)
from allocation.models.choice import ChoiceDay, ChoiceTurn
from allocation.models.declining import BanProposal, BanStatement, JustCause, OfferCall, Viewing
from allocation.models.home import Estate, Home, RentStandard
from allocation.models.kiosk import Appointment, HelpCall, Kiosk, OpeningHours
from allocation.models.lease import AccessGrant, Lease
from allocation.models.lease_request import LeaseRequest
from allocation.models.lease_text import (
    ClauseRead,
    DepositEntry,
    LeaseSignature,
    LeaseText,
    LessorAuthority,
    RenewalReminder,
    SigningCode,
)
from allocation.models.movein import (
    AccessEnd,
    Difference,
    Push,
    ReceivedReceipt,
    Reconciliation,
    SpareKey,
)
from allocation.models.offer import Offer
from allocation.models.payment import BankFile, RentPayment
from allocation.models.picture import HomePicture
from allocation.models.preparation import ReReview, RosterObjection
from allocation.models.rent import BillingMonth, RentCharge, RentReminder, RentTerm
from allocation.models.round import Assignment, Entrant, ExcludedStaff, LedgerLine, Reveal, Round
from allocation.models.stock import HomeHold, HomeImport, Inspection, Retirement
from allocation.models.upkeep import HandoverSheet, HomePhoto, PatrolVisit, Repair, SheetDispute

__all__ = [
    "AccessEnd",
    "AccessGrant",
    "AidReferral",
    "Appointment",
    "Arrangement",
    "ArrearsFlag",
    "Assignment",
    "BanProposal",
    "BanStatement",
    "BankFile",
    "BillingMonth",
    "ChoiceDay",
    "ChoiceTurn",
    "ClauseRead",
    "DepositEntry",
    "Difference",
    "Entrant",
    "Estate",
    "ExcludedStaff",
    "HandoverSheet",
    "HelpCall",
    "Home",
    "HomeHold",
    "HomeImport",
    "HomePhoto",
    "HomePicture",
    "Inspection",
    "Instalment",
    "JustCause",
    "Kiosk",
    "Lease",
    "LeaseRequest",
    "LeaseSignature",
    "LeaseText",
    "LedgerLine",
    "LessorAuthority",
    "Offer",
    "OfferCall",
    "OpeningHours",
    "PatrolVisit",
    "Push",
    "ReReview",
    "ReceivedReceipt",
    "Reconciliation",
    "Reduction",
    "RenewalReminder",
    "RentCharge",
    "RentContact",
    "RentPayment",
    "RentReminder",
    "RentStandard",
    "RentTerm",
    "Repair",
    "Retirement",
    "Reveal",
    "RosterObjection",
    "Round",
    "SheetDispute",
    "SigningCode",
    "SpareKey",
    "Viewing",
]
