"""Periodic work on papers and promises."""

from celery import shared_task

from applications import paper_sweep
from core import clock


@shared_task
def scan_waiting() -> None:
    """Scans files that came while the scanner was away (隔离区补扫)."""
    paper_sweep.scan_waiting()


@shared_task
def remind_of_papers() -> None:
    """Reminds families of what they have to bring soon (补交提醒)."""
    paper_sweep.remind(clock.today())


@shared_task
def sweep_papers() -> None:
    """Forgets half uploads and files without a row."""
    paper_sweep.sweep()
