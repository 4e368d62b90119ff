"""Prints the demo's sign-ins."""

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts import demo, second_factor


class Command(BaseCommand):
    """`manage.py demo_signins [--all] [--quiet]`."""

    help = "Writes the demo's staff if missing and prints one sign-in per role. Demo only."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--all", action="store_true", help="also every street and deputy")
        parser.add_argument("--quiet", action="store_true", help="write them, print nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Refuses outside the demo."""
        if not settings.DEMO:
            raise CommandError("There are no demo sign-ins in production.")
        demo.ensure()
        if not options["quiet"]:
            self._print(options["all"])

    def _print(self, everybody: bool) -> None:
        for one in demo.posts():
            if one.shown:
                way = f"{one.password}  code {second_factor.code_at(one.secret)}"
                way += f"  secret {one.secret}"
            elif everybody:
                way = "(one click only)"
            else:
                continue
            roles = ",".join(one.roles)
            self.stdout.write(f"{one.key:<22} {roles:<10} {way}")
