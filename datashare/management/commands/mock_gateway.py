"""manage.py mock_gateway: serve the mock departments on loopback."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from core import clock
from datashare.mock_gateway.control import create_app
from datashare.mock_gateway.protocol import Accounts
from datashare.mock_gateway.reports import Days
from datashare.mock_gateway.server import MockGateway


class Command(BaseCommand):
    """Serves the gateway's protocol over an invented city until it is told to stop."""

    help = "模拟公共数据网关（只在本机，只用于演示和测试）"
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        """The city's size, seed and day, and where to listen."""
        default_port = urlsplit(settings.DATASHARE_GATEWAY_URL).port or 8702
        parser.add_argument("--port", type=int, default=default_port)
        parser.add_argument("--host", default="127.0.0.1")
        parser.add_argument("--households", type=int, default=1000)
        parser.add_argument("--seed", type=int, default=1)
        parser.add_argument("--on", type=date.fromisoformat, help="the city's day; default today")
        parser.add_argument("--latency", type=float, default=1.0, help="0 answers at once")
        parser.add_argument(
            "--report-days",
            type=Days.parse,
            default=Days.parse("1-10"),
            help="working days until an ordered income report is there; 0 answers at once",
        )
        parser.add_argument(
            "--lenient-case", action="store_true", help="keys may be hashed in lower case"
        )
        parser.add_argument(
            "--clock-skew",
            type=float,
            default=0.0,
            help="seconds that a requestTime may be off; 0 does not look (the demo's clock jumps)",
        )
        parser.add_argument("--journal", type=Path, help="file that keeps city, cast and events")

    def handle(self, *args: Any, **options: Any) -> None:
        """Build the city, replay the journal, listen."""
        if not settings.DEMO:
            raise CommandError("The mock gateway serves the demo and tests only.")
        gateway = MockGateway(
            Accounts(
                settings.DATASHARE_APP_KEY,
                settings.DATASHARE_APP_SECRET,
                lenient_case=options["lenient_case"],
                skew=options["clock_skew"],
                now=lambda: clock.now().timestamp(),
            ),
            today=clock.today,
            latency=options["latency"],
            journal=options["journal"],
        )
        gateway.world.desk.days = options["report_days"]
        gateway.replay()
        wanted = {name: options[name] for name in ("households", "seed", "on")}
        if not serves(gateway, **wanted):
            gateway.remember("city", {**wanted, "on": str(wanted["on"] or clock.today())})
        port = options["port"]
        where = f"http://{options['host']}:{port}"
        self.stdout.write(f"mock gateway on {where}/gateway/, its page on {where}/")
        web.run_app(
            create_app(gateway),
            host=options["host"],
            port=port,
            print=None,
            access_log=None,
            shutdown_timeout=1,
        )


def serves(gateway: MockGateway, households: int, seed: int, on: date | None) -> bool:
    """Whether the journal brought back the city that is asked for (any day, if none is)."""
    city = gateway.world.city
    if city is None:
        return False
    return (city.households, city.seed) == (households, seed) and on in (None, city.on)
