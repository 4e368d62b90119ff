"""manage.py check_datashare: one question to each source, as a table; exit 1 if one fails."""

from __future__ import annotations

import json
import sys
import unicodedata
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from core import audit, clock
from datashare.duties import NOBODY
from datashare.models import Call
from datashare.queries import Person, Purpose, Question, allowances, ask
from datashare.rehearsal import planned
from datashare.sources import CATALOGUE

MATTER, DUTY = "其他-02492-003", "interface_check"
OPERATOR = audit.System("check_datashare")
# One of the numbers that belong to nobody: a check must not look anybody up.
WHOM = Person("测试", min(NOBODY))


class Command(BaseCommand):
    """Asks every source one question about nobody and says how each did."""

    help = "向每个数据来源各问一次（用不属于任何人的号码），列出答复、用时、剩余配额和断路器"

    def add_arguments(self, parser: CommandParser) -> None:
        """Which sources, and whether to send anything at all."""
        parser.add_argument(
            "--source",
            action="append",
            choices=list(CATALOGUE),
            metavar="SOURCE",
            help="only this source (may be given several times); default: every source",
        )
        parser.add_argument(
            "--dry-run",
            action="store_true",
            help="print what would be asked, one JSON object a line, and ask nothing",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Ask, print, and end with 1 if a source is unavailable."""
        pairs = questions(options["source"] or list(CATALOGUE))
        if options["dry_run"]:
            for plan in planned(pairs, audit.label(OPERATOR)):
                self.stdout.write(json.dumps(plan, ensure_ascii=False, default=str))
            return
        rows, failed = check(pairs)
        self.stdout.write("\n".join(table(rows)))
        if failed:
            sentence = ngettext(
                "%(failed)s 个来源未能获得答复", "%(failed)s 个来源未能获得答复", failed
            )
            self.stderr.write(sentence % {"failed": failed})
            sys.exit(1)


def questions(sources: list[str]) -> list[tuple[Question, Purpose]]:
    """A question about nobody for each of these sources, under the duty for checks."""
    purpose = Purpose(MATTER, f"CHECK-{clock.now():%Y%m%d%H%M%S}", f"duty:{DUTY}", kind=DUTY)
    return [(Question(source, WHOM), purpose) for source in dict.fromkeys(sources)]


def check(pairs: list[tuple[Question, Purpose]]) -> tuple[list[tuple[str, ...]], int]:
    """A row of the table for each source, and how many failed."""
    purpose = pairs[0][1]
    replies = ask([question for question, _purpose in pairs], purpose=purpose, by=OPERATOR)
    calls = Call.objects.of_case(purpose.case_no).values_list("source", "duration_ms")
    took, left = dict(calls), allowances()
    rows: list[tuple[str, ...]] = []
    for question, reply in replies.items():
        answer = f"{Call.Outcome(reply.status).label} {reply.error}".rstrip()
        quota, ms = left[question.source], str(took.get(question.source, ""))
        rows.append((question.source, CATALOGUE[question.source].name, answer, ms,
                     f"{quota['left']}/{quota['daily']}", _breaker(quota)))  # fmt: skip
    return rows, sum(reply.unavailable for reply in replies.values())


def table(rows: list[tuple[str, ...]]) -> list[str]:
    """Lines of aligned columns; Chinese characters are two columns wide."""
    headings = (_("来源"), _("名称"), _("答复"), _("毫秒"), _("今日剩余配额"), _("断路器"))
    lines = [headings, *rows]
    widths = [max(map(_width, column)) for column in zip(*lines, strict=True)]
    return ["  ".join(map(_padded, line, widths)).rstrip() for line in lines]


def _breaker(quota: dict[str, Any]) -> str:
    """Whether the source is asked at all, and if not, in how many seconds again."""
    if quota["rest"]:
        return _("配额用完，%(seconds)d 秒后再问") % {"seconds": quota["rest"]}
    words = {"half_open": _("试探中"), "open": _("断开，%(seconds)d 秒后试探")}
    sentence = words.get(quota["breaker"], pgettext("breaker", "接通"))
    return sentence % {"seconds": quota["retry_in"]} if "%" in sentence else sentence


def _padded(cell: str, width: int) -> str:
    return cell + " " * (width - _width(cell))


def _width(text: str) -> int:
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)
