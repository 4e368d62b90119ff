"""Two routes in words (两路印证的说法): pairs, sides, facts and how a department settles them."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from applications import duties, registers
from applications.eligibility import routes
from applications.eligibility.routes import AID, DEATH, HOME
from core import display

LEFT, RIGHT, NEITHER = "left", "right", "neither"
TITLES = {
    AID: gettext_lazy("救助身份"),
    DEATH: gettext_lazy("生存状态"),
    HOME: gettext_lazy("住房登记"),
}
OUTCOMES: dict[str, list[tuple[str, Any]]] = {
    AID: [
        (LEFT, gettext_lazy("以区民政登记为准")),
        (RIGHT, gettext_lazy("以省大救助为准")),
        ("is_TK", gettext_lazy("两边都要更正，实际是特困")),
        ("is_DB", gettext_lazy("两边都要更正，实际是低保")),
        ("is_DBBY", gettext_lazy("两边都要更正，实际是低保边缘")),
        ("is_none", gettext_lazy("两边都要更正，实际没有在领救助")),
    ],
    DEATH: [
        ("alive", gettext_lazy("本人健在，登记有误")),
        ("died", gettext_lazy("确已离世")),
    ],
    HOME: [
        (LEFT, gettext_lazy("以不动产登记为准，没有这处住房")),
        (RIGHT, gettext_lazy("以契税、合同为准，有这处住房")),
        (NEITHER, gettext_lazy("两边都要更正")),
    ],
}
# a disagreement is a question, no failure
_RESULTS = {
    routes.AGREE: ("met", gettext_lazy("一致")),
    routes.DISAGREE: ("unknown", gettext_lazy("两路不一致")),
    routes.SILENT: ("later", gettext_lazy("未印证")),
}
_REASONS = {
    routes.NO_ANSWER: gettext_lazy("有一方暂时没有答复，或者没有查到记录。"),
    routes.OTHER_MONTH: gettext_lazy("有一方本月的名单还没有更新。"),
    routes.AWAITED: gettext_lazy("还在办理登记的合理时间内。"),
    routes.ALONE: gettext_lazy("只有不动产登记有记录，可能是继承、分配或较早购买。"),
    routes.LONG_AGO: gettext_lazy("完税的时间超过了比对期限。"),
    routes.UNDATED: gettext_lazy("记录没有写明日期。"),
}
_STATES = {
    routes.NOT: gettext_lazy("没有登记"),
    routes.UNKNOWN: gettext_lazy("没有查到记录"),
    routes.UNAVAILABLE: gettext_lazy("源不可用"),
}
_KINDS = {
    "TK": gettext_lazy("特困"),
    "DB": gettext_lazy("低保"),
    "DBBY": gettext_lazy("低保边缘"),
}


@dataclass(frozen=True)
class Column:
    """One side as the page shows it: its registers and what they say; closed to other desks."""

    source: str
    words: str
    open: bool = True


@dataclass(frozen=True)
class Shown:
    """One pair about one person, both sides side by side: drawn by compare_pair."""

    pair: str
    title: str
    person: str
    mark: str
    word: str
    reason: str
    left: Column
    right: Column

    @property
    def label(self) -> str:
        return f"{self.title} · {self.person}" if self.person else self.title

    @property
    def differs(self) -> bool:
        return self.mark == _RESULTS[routes.DISAGREE][0]


def shown(record: dict[str, Any], person: str = "", *, kind: str = "") -> Shown:
    """A confirmation as stored (Confirmation.to_dict) for a reader.

    ``kind`` by permissions.confined_to: a department reads both sides of the pairs it settles,
    and of another's the sides of its own registers alone.
    """
    pair = record["pair"]
    own = not kind or duties.PAIRS[pair] == kind
    mark, word = _RESULTS[record["result"]]
    return Shown(
        pair=pair,
        title=str(TITLES[pair]),
        person=person,
        mark=mark,
        word=str(word),
        reason=str(_REASONS.get(record["reason"], "")),
        left=_column(record["left"], kind, own),
        right=_column(record["right"], kind, own),
    )


def _column(sides: list[dict[str, Any]], kind: str, own: bool) -> Column:
    """The sides that say something, else all of them with what they do instead."""
    seen = [one for one in sides if own or duties.SOURCES.get(one["source"]) == kind]
    if not seen:
        return Column(_names(sides), _("由主管部门核实"), open=False)
    said = [one for one in seen if one["state"] == routes.SAYS]
    if said:
        words = "；".join(_words(one["facts"]) for one in said)
        return Column(_names(said), words)
    states = {one["state"] for one in seen}
    if len(states) == 1:
        return Column(_names(seen), str(_STATES[states.pop()]))
    words = "；".join(f"{registers.name_of(one['source'])}{_STATES[one['state']]}" for one in seen)
    return Column(_names(seen), words)


def _names(sides: Iterable[dict[str, Any]]) -> str:
    return display.listed(registers.name_of(one["source"]) for one in sides)


def _words(facts: list[dict[str, Any]]) -> str:
    return "，".join(dict.fromkeys(_fact(one) for one in facts))


def _fact(one: dict[str, Any]) -> str:
    day = display.day_short(date.fromisoformat(one["dated"])) if one["dated"] else ""
    if one["what"] == "home":
        area = display.area(Decimal(one["area"])) if one["area"] else ""
        return " ".join(filter(None, (one["place"], area, day))) or _("一处住房")
    if one["what"] == "died":
        return _("%(day)s离世") % {"day": day} if day else _("已离世")
    kind = str(_KINDS.get(one["what"], one["what"]))
    return _("%(kind)s，%(day)s起") % {"kind": kind, "day": day} if day else kind
