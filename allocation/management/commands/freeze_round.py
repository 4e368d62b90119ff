"""`manage.py freeze_round ROUND --by USER`: fix and publish the roster of a round."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.models import User
from allocation import rounds
from allocation.models import Round
from core.workflow import Refusal


class Command(BaseCommand):
    help = "Freezes a round: the roster is published with its digest, once."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("round")
        parser.add_argument("--by", required=True, help="user name of the person who freezes")
        parser.add_argument(
            "--set-aside",
            action="store_true",
            help="households whose check is not in keep their place for the next round",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        round_, user = chosen(options)
        try:
            row = rounds.freeze(round_, by=user, set_aside=options["set_aside"])
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{row.code} frozen, roster.json SHA-256 {row.roster_sha256}")


def chosen(options: dict[str, Any]) -> tuple[Round, User]:
    """The round and the person named on the command line; CommandError if one is unknown."""
    round_ = Round.objects.filter(code=options["round"]).first()
    user = User.objects.filter(username=options["by"], kind=User.Kind.STAFF).first()
    if round_ is None:
        raise CommandError(f"No round is called {options['round']}.")
    if user is None:
        raise CommandError(f"No member of staff has the user name {options['by']}.")
    return round_, user
