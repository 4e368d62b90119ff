"""Tables of the annual re-check, of clues and of exits."""

from renewal.models.campaign import Campaign, Recheck
from renewal.models.clue import Clue
from renewal.models.exit import ExitCase, Hearing
from renewal.models.outreach import DiscoveryRun, NoContact, Outreach, OutreachAttempt

__all__ = [
    "Campaign", "Clue", "DiscoveryRun", "ExitCase", "Hearing", "NoContact", "Outreach",
    "OutreachAttempt", "Recheck",
]  # fmt: skip
