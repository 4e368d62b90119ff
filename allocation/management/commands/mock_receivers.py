"""`manage.py mock_receivers`: operator, access system and SMS gateway of the demo."""

from typing import Any

from aiohttp import web
from django.conf import settings
from django.core.management.base import BaseCommand

from allocation.mock_receivers.server import Receivers


class Command(BaseCommand):
    help = "Serves the mock operating company, access system and SMS gateway on loopback."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("--port", type=int, default=8703)

    def handle(self, *args: Any, **options: Any) -> None:
        app = Receivers(settings.OUTBOX_SECRET).application()
        self.stdout.write(f"mock receivers on http://127.0.0.1:{options['port']}/")
        web.run_app(app, host="127.0.0.1", port=options["port"], print=None)
