"""Serves the mock of the province's sign-in."""

from argparse import ArgumentParser
from typing import Any

from aiohttp import web
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.mock_portal.server import Setup, application
from core import clock


class Command(BaseCommand):
    """`manage.py mock_portal --port N --callback URL [--gateway URL]`."""

    help = "Serves the mock of the province's sign-in until it is stopped. Not for production."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--port", type=int, default=8701)
        parser.add_argument(
            "--callback",
            action="append",
            help="registered address of the platform, /accounts/citizen/callback/; may be repeated",
        )
        parser.add_argument("--gateway", default="", help="mock gateway that suggests people")

    def handle(self, *args: Any, **options: Any) -> None:
        """Runs until SIGINT or SIGTERM."""
        if not settings.DEMO:
            raise CommandError("The mock portal exists only in the demo.")
        setup = Setup(
            service_code=settings.PORTAL_SERVICE_CODE,
            service_password=settings.PORTAL_SERVICE_PASSWORD,
            callbacks=options["callback"] or ["http://127.0.0.1:8000/accounts/citizen/callback/"],
            gateway=options["gateway"],
            outbox_secret=settings.OUTBOX_SECRET,
            now=lambda: clock.now().astimezone(clock.LOCAL),
        )
        web.run_app(
            application(setup),
            host=options["host"],
            port=options["port"],
            access_log=None,  # the log would carry tickets
            print=lambda text: self.stdout.write(f"mock portal on port {options['port']}"),
        )
