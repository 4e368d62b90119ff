"""Periodic work about homes."""

from celery import shared_task

from allocation import holds, pictures
from core import clock


@shared_task
def look_after_holds() -> None:
    """Reminds of ends that come near; returns homes whose hold has ended."""
    holds.look_after(clock.today())


@shared_task
def scan_waiting_pictures() -> None:
    """Scans pictures that came while the scanner was away."""
    pictures.scan_waiting()
