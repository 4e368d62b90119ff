"""`manage.py verify_draw PATH`: check a published draw, offline (docs/draw-protocol.md)."""

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.translation import gettext_lazy as _

from allocation import verify

TITLES = {
    "files": _("恰好三个文件"),
    "canonical_roster": _("名册的写法唯一"),
    "canonical_reveal": _("揭晓文件的写法唯一"),
    "canonical_result": _("结果文件的写法唯一"),
    "fields_roster": _("名册的内容齐全、已排序"),
    "fields_reveal": _("揭晓文件的内容齐全"),
    "fields_result": _("结果文件的内容齐全"),
    "same_round": _("几个文件属于同一轮"),
    "roster_digest": _("名册的摘要一致"),
    "entropy_format": _("公开事件的数值符合事先定下的格式"),
    "commitment": _("密数就是事先封存的那一个"),
    "seed": _("种子可以重新算出"),
    "order": _("摇号顺序一致"),
    "assignment": _("房源分配一致"),
    "no_home_twice": _("没有一套房分给两户"),
    "no_ticket_twice": _("没有一个号牌出现两次"),
    "homes_permitted": _("分到的房都在名册里，户型符合"),
    "entrants_complete": _("没有漏掉或多出一户"),
}


class Command(BaseCommand):
    """Prints each check; exit status 0 only when all pass. Needs no database and no network."""

    help = "Verify the bundle of a draw: a folder or a zip."
    requires_system_checks: list[str] = []
    requires_migrations_checks = False

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("path", metavar="PATH", help="folder or zip with the three files")

    def handle(self, *args: Any, **options: Any) -> None:
        checks = verify.verify(options["path"])
        for check in checks:
            mark = "pass" if check.passed else "FAIL"
            detail = f" — {check.detail}" if check.detail else ""
            self.stdout.write(f"{mark}  {check.name:<18} {TITLES[check.name]}{detail}")
        if not verify.passed(checks):
            sys.exit(1)
