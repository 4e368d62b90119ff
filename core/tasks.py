"""The kernel's periodic work."""

from celery import shared_task

from core import audit, notices, outbox


@shared_task
def seal_audit() -> None:
    """Chains new audit entries."""
    while audit.seal() == 1000:
        pass


@shared_task
def deliver_outbox() -> None:
    """Delivers messages that are due."""
    outbox.deliver_due()


@shared_task
def note_sms_receipts() -> None:
    """Reads what the SMS gateway said of each message."""
    notices.note_receipts()
