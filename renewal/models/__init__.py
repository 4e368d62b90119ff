"""Tables of the annual re-check and of exits."""

from renewal.models.campaign import Campaign, Recheck, SampleCheck
from renewal.models.exit import ExitCase, Hearing
from renewal.models.outreach import Outreach

__all__ = ["Campaign", "ExitCase", "Hearing", "Outreach", "Recheck", "SampleCheck"]
