"""Periodic work of the allocation."""

from celery import shared_task

from allocation import (
    appointment_times,
    bans,
    causes,
    choice_days,
    handover,
    home_photos,
    invitations,
    offers,
    pruning,
    re_review_days,
    re_reviews,
    reconciliation,
    spare_keys,
    tasks_homes,
    tasks_rent,
)
from allocation.leases import changing, renewing
from core import clock

__all__ = ["lapse_offers", "note_receipts", "tasks_homes", "tasks_rent"]  # a worker finds them here


@shared_task
def lapse_offers() -> None:
    """Passes on homes whose time to answer is over, after those that are near were reminded."""
    offers.remind_due()
    offers.lapse_due()


@shared_task
def follow_declines() -> None:
    """What follows by a day or a served letter: refusals nobody objected to, bans decided on."""
    causes.close_due()
    bans.take_effect_due()


@shared_task
def call_next_turns() -> None:
    """Calls the next household of every choice day that is open."""
    choice_days.go_on_everywhere()


@shared_task
def note_receipts() -> None:
    """Reads what operator and access system confirmed."""
    handover.note_receipts()


@shared_task
def look_at_checks() -> None:
    """Reads the checks before allotment whose registers have answered; minds their last days."""
    re_reviews.look_at_due()
    re_review_days.remind_due()


@shared_task
def invite_waiting() -> None:
    """Tells the waiting households that a round takes intentions."""
    invitations.invite_due()


@shared_task
def sweep_appointments() -> None:
    """Gives another time to who did not come, and reminds of tomorrow's."""
    appointment_times.rebook_missed()
    appointment_times.remind_due()


@shared_task
def tend_leases() -> None:
    """Begins renewed leases and agreed rents whose day has come; reminds of terms that end."""
    renewing.hand_on_due()
    changing.apply_due()
    renewing.remind_due()


@shared_task
def reconcile() -> None:
    """Compares both sides' lists once a day, and moves last days on before they come near."""
    handover.keep_open()
    reconciliation.run_due()


@shared_task
def tidy_keys() -> None:
    """Ends spare cards and codes whose time is over; scans photos that waited for a scanner."""
    spare_keys.expire_due()
    home_photos.scan_waiting()


@shared_task
def prune_messages() -> None:
    """Forgets what delivered messages said, and ids of receipts, by the periods."""
    pruning.sweep(clock.today())
