"""``manage.py assess FILE`` (按办件认定): by the code of the live path, no network, no database."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from applications.eligibility import command


class Command(BaseCommand):
    help = "Assess the cases of a cast file; with --json one JSON object a line, in file order."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        command.add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            command.run(options, self.stdout)  # type: ignore[arg-type]
        except command.Unusable as error:
            raise CommandError(str(error), returncode=command.FAILED) from None
