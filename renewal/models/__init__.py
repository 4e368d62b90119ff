"""Tables of the annual re-check, of clues, of violations, of outreach and of exits."""

from renewal.models.campaign import Campaign, Recheck
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
from renewal.models.violation import Fine, FineStatement, Violation, ViolationStatement

__all__ = [
    "Campaign",
    "Clue",
    "DiscoveryRun",
    "DoorDay",
    "ExitCase",
    "Extension",
    "Fine",
    "FineStatement",
    "Hearing",
    "HearingAppointment",
    "HomePresence",
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
    "Violation",
    "ViolationStatement",
]
