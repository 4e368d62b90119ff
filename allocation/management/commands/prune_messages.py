"""`manage.py prune_messages [--dry-run]`."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from allocation import pruning
from core import clock


class Command(BaseCommand):
    help = "Forgets what delivered messages said and ids that were called in, by the periods."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count only, take nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        today = clock.today()
        found = pruning.due(today) if options["dry_run"] else pruning.sweep(today)
        self.stdout.write(
            f"{found.receipts} ids of receipts, {found.emptied} messages emptied, "
            f"{found.messages} messages taken away"
        )
