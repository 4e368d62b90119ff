"""The allotment plan as a printed sheet (配租方案): what is put up in the hall and handed out."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from allocation import plan_table, round_screen
from allocation.models import Round
from applications import letters
from core import display


def pdf(row: Round) -> bytes:
    """The plan as PDF, in Chinese."""
    with translation.override("zh-hans"):
        return letters.pdf("plan", _data(row))


def _data(row: Round) -> dict[str, Any]:
    return {
        "number": row.code,
        "title": row.title,
        "head": [
            [_("面向的家庭"), plan_table.groups_line(row)],
            [_("房源"), _("%(n)s套") % {"n": plan_table.homes_count(row)}],
            [_("公开事件"), f"{row.entropy_name}，{display.day_time(row.entropy_at)}"],
            [_("说明"), row.plan or "—"],
        ],
        "homes": [
            [
                f"{one['name']}\n{one['address']}", one["type_word"], str(one["homes"]),
                one["area_word"],
                "\n".join(f"{word} {rent}" for word, rent in one["rents"]) or _("租金未定"),
            ]
            for one in plan_table.shown(row)
        ],
        "steps": [
            [str(one.word), display.day(one.on or one.earliest)]
            for one in round_screen.calendar_of(row)["steps"]
        ],
    }  # fmt: skip
