"""manage.py mock_play --days N: let the demo's clock run, a day at a time, and tell what changes.

The departments live on the platform's clock, so time passes for both sides: the mock's registers
learn what its city has in store for each day, and beat does what falls due. A year at half a second
a day takes three minutes.
"""

from __future__ import annotations

import time
from collections import Counter
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from datashare import mock_control

HEARD_AFTER = 0.25  # seconds after which every process knows that the clock was moved


class Command(BaseCommand):
    """Plays days of the city."""

    help = "一天一天地拨快演示时钟，并列出各部门登记的变更"

    def add_arguments(self, parser: CommandParser) -> None:
        """How many days, how fast, and what to show."""
        parser.add_argument("--days", type=int, default=365)
        parser.add_argument("--seconds-per-day", type=float, default=0.5)
        parser.add_argument(
            "--quiet-days", action="store_true", help="also name days on which nothing changed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """A day, a pause, the day's changes; a sum by kind at the end."""
        if not (settings.DEMO and settings.CLOCK_MAY_MOVE):
            raise CommandError("The clock stands still outside the demo.")
        if options["days"] < 1 or options["seconds_per_day"] < 0:
            raise CommandError("--days is at least 1, --seconds-per-day not negative")
        seen: Counter[str] = Counter()
        try:
            for _ in range(options["days"]):
                clock.advance(timedelta(days=1))
                time.sleep(max(options["seconds_per_day"], HEARD_AFTER))
                seen.update(self._day(show_quiet=options["quiet_days"]))
        except mock_control.NotServed as error:
            raise CommandError(str(error)) from error
        total = ", ".join(f"{kind} {count}" for kind, count in seen.most_common())
        self.stdout.write(f"{options['days']} days: {total or 'nothing changed'}")

    def _day(self, *, show_quiet: bool) -> Counter[str]:
        """The changes of the day that has just begun."""
        today = clock.today()
        kinds = Counter(change["kind"] for change in mock_control.feed(today, today))
        if kinds or show_quiet:
            told = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
            self.stdout.write(f"{today}: {told or '-'}")
        return kinds
