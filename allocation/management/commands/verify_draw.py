"""`manage.py verify_draw PATH`: check a published draw, offline (docs/draw-protocol.md)."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from allocation import explained, verify


class Command(BaseCommand):
    """Prints each check; exit status 0 only when all pass. Needs no database and no network."""

    help = "Verify the bundle of a draw: a folder or a zip."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", metavar="PATH", help="folder or zip with the three files")

    def handle(self, *args: Any, **options: Any) -> None:
        checks = verify.verify(options["path"])
        for check in checks:
            mark = "pass" if check.passed else "FAIL"
            detail = f" — {check.detail}" if check.detail else ""
            self.stdout.write(
                f"{mark}  {check.name:<18} {explained.CHECKS[check.name].title}{detail}"
            )
        if not verify.passed(checks):
            sys.exit(1)
