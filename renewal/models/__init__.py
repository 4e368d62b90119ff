"""Tables of the re-check, of clues, violations, outreach and exits, and of the old stock."""

from renewal.models.campaign import Campaign, Recheck, SampleCheck
from renewal.models.clue import Clue
from renewal.models.exit import ExitCase, Extension, Hearing, HearingAppointment
from renewal.models.inspection import (
    DoorDay,
    HomePresence,
    Inspection,
    InspectionComment,
    InspectionDraw,
    InspectionPhoto,
    InspectionVisit,
    Kind,
    PresenceReport,
)
from renewal.models.outreach import DiscoveryRun, NoContact, Outreach, OutreachAttempt
from renewal.models.question import ContactTask, HouseholdQuestion, RecheckReminder
from renewal.models.stock_import import StockEntry, StockImport
from renewal.models.terms import RenewalCheck, TermsNotice
from renewal.models.violation import Fine, FineStatement, Violation, ViolationStatement

__all__ = [
    "Campaign",
    "Clue",
    "ContactTask",
    "DiscoveryRun",
    "DoorDay",
    "ExitCase",
    "Extension",
    "Fine",
    "FineStatement",
    "Hearing",
    "HearingAppointment",
    "HomePresence",
    "HouseholdQuestion",
    "Inspection",
    "InspectionComment",
    "InspectionDraw",
    "InspectionPhoto",
    "InspectionVisit",
    "Kind",
    "NoContact",
    "Outreach",
    "OutreachAttempt",
    "PresenceReport",
    "Recheck",
    "RecheckReminder",
    "RenewalCheck",
    "SampleCheck",
    "StockEntry",
    "StockImport",
    "TermsNotice",
    "Violation",
    "ViolationStatement",
]
