"""`manage.py reveal_round ROUND --by USER --entropy VALUE`: draw, once."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from allocation import rounds
from allocation.management.commands.freeze_round import chosen
from core.workflow import Refusal


class Command(BaseCommand):
    help = "Reveals a frozen round with the value of its public event."

    def add_arguments(self, parser: Any) -> None:
        parser.add_argument("round")
        parser.add_argument("--by", required=True, help="user name of the person who reveals")
        parser.add_argument("--entropy", required=True, help="the public value, exactly")

    def handle(self, *args: Any, **options: Any) -> None:
        round_, user = chosen(options)
        try:
            row = rounds.reveal(round_, by=user, entropy=options["entropy"])
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        drawn = row.assignments.exclude(home=None).count()
        self.stdout.write(
            f"{row.code} revealed: {drawn} homes for {row.assignments.count()} households"
        )
