"""Recomputes stored assessments; exit 1 and a diff on any difference."""

import difflib
import json
from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from applications import evaluation


class Command(BaseCommand):
    """`manage.py replay [--since DATE]`."""

    help = "Recompute every stored assessment from its inputs and policy text; exit 1 on a diff."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--since", type=date.fromisoformat, help="made on this day or later")

    def handle(self, *args: Any, since: date | None = None, **options: Any) -> None:
        count, different = 0, 0
        for _row, difference in evaluation.replay(since):
            count += 1
            if difference is not None:
                different += 1
                self.stdout.write(_diff(difference))
        if different:
            raise CommandError(f"{different} of {count} assessments differ", returncode=1)
        self.stdout.write(f"{count} assessments replayed, no difference")


def _diff(difference: evaluation.Difference) -> str:
    """A unified diff of the two results; findings name people by ID number and are masked."""
    number = difference.assessment.pk
    lines = difflib.unified_diff(
        _text(difference.stored),
        _text(difference.again),
        f"assessment {number} stored",
        f"assessment {number} replayed",
        lineterm="",
        n=2,
    )
    return "\n".join(lines)


def _text(result: dict[str, Any]) -> list[str]:
    from core.identity.masking import mask_text

    return mask_text(json.dumps(result, ensure_ascii=False, indent=1, sort_keys=True)).splitlines()
