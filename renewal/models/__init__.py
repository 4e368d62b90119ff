"""Tables of the annual re-check and of exits."""

from renewal.models.campaign import Campaign, Recheck
from renewal.models.exit import ExitCase, Extension, Hearing, HearingAppointment
from renewal.models.outreach import Outreach

__all__ = [
    "Campaign",
    "ExitCase",
    "Extension",
    "Hearing",
    "HearingAppointment",
    "Outreach",
    "Recheck",
]
