"""Quiet hours (免打扰时段): between 20 and 9 o'clock in Ningbo nothing rings a person's phone."""

from datetime import datetime, timedelta

from core import clock

FIRST_HOUR, LAST_HOUR = 9, 20  # from 9:00:00 up to, but not including, 20:00:00


def is_daytime(at: datetime) -> bool:
    """Whether a phone may ring at this moment."""
    return FIRST_HOUR <= at.astimezone(clock.LOCAL).hour < LAST_HOUR


def next_daytime(at: datetime) -> datetime:
    """The moment itself by day; at night the next 9:00."""
    if is_daytime(at):
        return at
    local = at.astimezone(clock.LOCAL)
    morning = local.replace(hour=FIRST_HOUR, minute=0, second=0, microsecond=0)
    return morning if local.hour < FIRST_HOUR else morning + timedelta(days=1)
