"""Tables of the annual re-check and of exits."""

from renewal.models.campaign import Campaign, Recheck
from renewal.models.exit import ExitCase, Hearing
from renewal.models.outreach import Outreach
from renewal.models.stock_import import StockEntry, StockImport

__all__ = ["Campaign", "ExitCase", "Hearing", "Outreach", "Recheck", "StockEntry", "StockImport"]
