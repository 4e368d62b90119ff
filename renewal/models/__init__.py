"""Tables of the annual re-check and of exits."""

from renewal.models.campaign import Campaign, Recheck, SampleCheck
from renewal.models.exit import ExitCase, Hearing
from renewal.models.outreach import Outreach
from renewal.models.question import ContactTask, HouseholdQuestion, RecheckReminder
from renewal.models.terms import RenewalCheck, TermsNotice

__all__ = [
    "Campaign", "ContactTask", "ExitCase", "Hearing", "HouseholdQuestion", "Outreach", "Recheck",
    "RecheckReminder", "RenewalCheck", "SampleCheck", "TermsNotice",
]  # fmt: skip
