"""Daily work of violations: reports of the doors, leads for people, photos that wait for a scan."""

from celery import shared_task

from core import clock
from renewal.occupancy import photos, presence
from renewal.violations import leads


@shared_task
def read_presence() -> None:
    """Fetches the days that are missing, then notes what has been silent for long."""
    presence.pull_due()
    presence.forget_old()
    leads.note_idle(clock.today())


@shared_task
def note_arrears() -> None:
    """Leads from the rent book, and away with those that were paid."""
    leads.close_paid()
    leads.note_arrears()


@shared_task
def scan_inspection_photos() -> None:
    """Photos of inspections that wait for a scanner."""
    photos.scan_waiting()
