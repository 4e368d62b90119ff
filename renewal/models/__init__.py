"""Tables of the annual re-check, of clues, of violations and of exits."""

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
from renewal.models.outreach import Outreach
from renewal.models.violation import Fine, FineStatement, Violation, ViolationStatement

__all__ = [
    "Campaign",
    "Clue",
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
    "Outreach",
    "PresenceReport",
    "Recheck",
    "Violation",
    "ViolationStatement",
]
