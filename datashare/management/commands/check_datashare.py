"""manage.py check_datashare: one question to each source, as a table; exit 1 if one fails."""

from __future__ import annotations

import sys
import unicodedata
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import audit, clock
from core.identity.numbers import is_valid
from datashare.models import Call
from datashare.queries import Person, Purpose, Question, allowances, ask
from datashare.sources import CATALOGUE

# Nobody: the district's code did not exist for births before 2002. Any answer will do.
NOBODY = "33021219500101999X"


class Command(BaseCommand):
    """Asks every source one question and says how each did."""

    help = "向每个数据来源各问一次，列出答复、用时和剩余配额"

    def add_arguments(self, parser: CommandParser) -> None:
        """The person asked about."""
        parser.add_argument("--id-number", default=NOBODY, help="default: a number of nobody")
        parser.add_argument("--name", default="测试")

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, print, and end with 1 if a source is unavailable."""
        if not is_valid(options["id_number"]):
            self.stderr.write("--id-number: not a valid ID number")
            sys.exit(2)
        person = Person(options["name"], options["id_number"])
        rows, failed = check(person)
        self.stdout.write("\n".join(table(rows)))
        if failed:
            sentence = ngettext(
                "%(failed)s 个来源未能获得答复", "%(failed)s 个来源未能获得答复", failed
            )
            self.stderr.write(sentence % {"failed": failed})
            sys.exit(1)


def check(person: Person) -> tuple[list[tuple[str, ...]], int]:
    """A row of the table for each source, and how many failed."""
    started = clock.now()
    purpose = Purpose("其他-02492-003", f"CHECK-{started:%Y%m%d%H%M%S}", "duty:interface_check")
    questions = [Question(source, person) for source in CATALOGUE]
    replies = ask(questions, purpose=purpose, by=audit.System("check_datashare"))
    took = dict(Call.objects.of_case(purpose.case_no).values_list("source", "duration_ms"))
    left = allowances()
    rows: list[tuple[str, ...]] = []
    for question, reply in replies.items():
        answer = f"{Call.Outcome(reply.status).label} {reply.error}".rstrip()
        quota = left[question.source]
        resting = _("（暂停 %(seconds)d 秒）") % {"seconds": quota["rest"]} if quota["rest"] else ""
        spec = CATALOGUE[question.source]
        ms = str(took[question.source])
        rows.append((question.source, spec.name, answer, ms, f"{quota['left']}{resting}"))
    return rows, sum(reply.unavailable for reply in replies.values())


def table(rows: list[tuple[str, ...]]) -> list[str]:
    """Lines of aligned columns; Chinese characters are two columns wide."""
    headings = (_("来源"), _("名称"), _("答复"), _("毫秒"), _("今日剩余配额"))
    lines = [headings, *rows]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return ["  ".join(map(_padded, line, widths)) for line in lines]


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
