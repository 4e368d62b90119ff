"""`manage.py find_duplicates`: today's look over everybody by an operator, with its progress.

Stopping it anywhere loses nothing; started again it goes on where it was, once the lease of the
stopped one is over (five minutes).
"""

import time
from typing import Any

from django.core.management.base import BaseCommand

from applications import duplicate_run
from core import clock


class Command(BaseCommand):
    help = "Makes missing keys and compares everybody who shares one, showing the progress."

    def handle(self, *args: Any, **options: Any) -> None:
        self.began = time.monotonic()
        row = duplicate_run.run(clock.today(), progress=self._show)
        self.stdout.write("")
        if row.finished_at is None:
            self.stdout.write("Another worker is at it.")
            return
        self.stdout.write(
            f"{row.day}: {row.pairs} pairs share a key, {row.compared} compared, {row.found} new."
        )

    def _show(self, step: str, done: int, of: int) -> None:
        words = f"{step} {done}/{of}" if of else f"{step} {done}"
        if of and done:
            left = (time.monotonic() - self.began) * (of - done) / done
            words += f", about {left:.0f} s left"
        self.stdout.write(f"\r{words} ", ending="")
        self.stdout.flush()
