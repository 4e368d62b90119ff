"""What the office keeps of its own: numbers of answered cases, and exported files."""

from office.models.export import Export
from office.models.reviewed import DeskDays, NumbersRun, ReviewedCase

__all__ = ["DeskDays", "Export", "NumbersRun", "ReviewedCase"]
