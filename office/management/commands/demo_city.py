"""`manage.py demo_city --households N --seed S [--on DATE] [--digest]`."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core import clock
from office.demo_city import build


class Command(BaseCommand):
    help = "Builds a synthetic district: the same size, seed and day give the same city."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--households", type=int, default=1000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--on", type=date.fromisoformat, help="the city's day; default today")
        parser.add_argument(
            "--digest", action="store_true", help="print the SHA-256 of the decrypted content"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEMO:
            raise CommandError("A demo city is never built in production.")
        if options["households"] < 1:
            raise CommandError("--households must be at least 1.")
        on = options["on"] or clock.today()
        try:
            built = build.build(options["households"], options["seed"], on)
        except build.AnotherCity:
            raise CommandError(
                "The database holds other cases: build a city into an empty one (./run --fresh)."
            ) from None
        self.stdout.write(
            f"{built.households} households: {built.applications} cases, {built.leases} leases, "
            f"{built.homes} homes"
        )
        if options["digest"]:
            self.stdout.write(built.digest)
