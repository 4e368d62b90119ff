"""Periodic work of the family's side: reminders, mandates that end, forms that nobody came for."""

from celery import shared_task

from applications import consent_waits, kept_forms, mandates
from core import clock


@shared_task
def remind_missing_consents() -> None:
    """Climbs the ladder of reminders, and hands to a person what passed its last day (容缺)."""
    today = clock.today()
    consent_waits.catch_up()
    for one in consent_waits.to_remind(today):
        if consent_waits.rung_of(one, today):
            consent_waits.remind(one, today)
    for one in consent_waits.to_pass(today):
        consent_waits.pass_on(one, today)


@shared_task
def tidy_up() -> None:
    """Ends mandates past their last day (委托到期) and drops old kept forms."""
    mandates.expire_due(clock.today())
    kept_forms.forget_old()
