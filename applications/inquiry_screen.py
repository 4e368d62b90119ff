"""What a desk sees of its inquiries (核实单的页面): one group for one look, side by side."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Staff
from applications import (
    duties,
    inquiries,
    inquiry_answers,
    permissions,
    registers,
    route_words,
    states,
)
from applications.eligibility import routes
from applications.evidence_words import line
from applications.inquiries import BY_HAND, Kind
from applications.models import Assessment, Inquiry, Member
from core import display

JOINED = ("application", "member", "bureau", "settled_by", "supplement", "evidence",
          "evidence__member")  # fmt: skip


@dataclass
class Group:
    """Rows of one question about several people of one household."""

    first: Inquiry
    rows: list[Inquiry] = field(default_factory=list)
    sides: list[route_words.Shown] = field(default_factory=list)
    form: Any = None  # where the page answers it on the spot

    @property
    def kind_word(self) -> str:
        return str(self.first.get_kind_display())

    @property
    def tone(self) -> str:
        return "waiting" if self.first.state == states.INQUIRY_WAITING else "yours"

    @property
    def title(self) -> str:
        """What it is about: the pair, or the register."""
        if self.first.kind == Kind.ROUTES:
            return str(route_words.TITLES[self.first.subject])
        return registers.name_of(self.first.subject)

    @property
    def people(self) -> str:
        return display.listed(names_of(self.rows)) or _("全家")

    @property
    def state(self) -> Any:
        return self.first.STATES[self.first.state]

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What stands of a silent or a late register, beside what was found by hand."""
        return _facts(self.first)


def groups(rows: Iterable[Inquiry], staff: Staff) -> list[Group]:
    """Rows gathered by question, in their order."""
    kind = permissions.confined_to(staff)
    found: dict[tuple[Any, ...], Group] = {}
    for one in rows:
        at = (one.application_id, one.round, one.kind, one.subject, one.state, one.outcome)
        group = found.setdefault((*at, one.bureau_id), Group(one))
        group.rows.append(one)
        if one.kind == Kind.ROUTES:
            name = one.member.name if one.member else ""
            group.sides.append(route_words.shown(one.facts, name, kind=kind))
    return list(found.values())


def names_of(rows: Iterable[Inquiry]) -> list[str]:
    return [one.member.name for one in rows if one.member]


def _facts(one: Inquiry) -> list[tuple[str, str]]:
    if one.kind == Kind.ROUTES:
        return []
    rows = []
    if one.kind == Kind.SILENT:
        since = one.evidence.silent_since if one.evidence else None
        if since:
            rows.append((_("没有答复"), _("从%(time)s起") % {"time": display.day_time(since)}))
        if told := inquiry_answers.brought(one):
            rows.append((_("家人补交"), told))
        return rows
    if one.kind == Kind.DISPUTE:
        if one.evidence is not None:
            said = line(one.evidence)
            rows.append((_("登记的内容"), " · ".join(filter(None, (said.value, said.code)))))
        rows.append((_("当事人说"), one.facts["reason"]))
        if claim := one.facts.get("claim"):
            rows.append((_("实际情况和证明"), claim))
        return rows
    if one.kind == Kind.CHECKED:
        return [(_("抽查的人说"), one.facts["told"])]
    words = {
        BY_HAND["found_record"]: _("查到记录"),
        BY_HAND["found_none"]: _("没有登记"),
    }
    rows.append((_("部门后来的答复"), str(words.get(one.facts["answered"], ""))))
    if hand := one.facts.get("by_hand"):
        rows.append((_("当时人工查到"), str(words[BY_HAND[hand]])))
    if told := one.facts.get("told"):
        rows.append((_("主管部门的说明"), told))
    return rows


# -- On the evidence screen ----------------------------------------------------------------------


@dataclass
class Routes:
    """Two routes on the evidence screen: who × pair, and both sides where they differ."""

    columns: list[str] = field(default_factory=list)
    matrix: list[tuple[str, list[Any]]] = field(default_factory=list)
    differ: list[route_words.Shown] = field(default_factory=list)
    silent: list[route_words.Shown] = field(default_factory=list)


def readable(
    assessment: Assessment | None, people: list[Member], kind: str
) -> list[tuple[routes.Confirmation, route_words.Shown]]:
    """What two routes say, as far as the reader's department has part in a pair."""
    names = {one.id_number: one.name for one in people}
    return [
        (one, route_words.shown(one.to_dict(), names.get(one.person, ""), kind=kind))
        for one in inquiries.confirmations(assessment)
        if not kind or kind in _desks(one.pair)
    ]


def routes_of(assessment: Assessment | None, people: list[Member], kind: str) -> Routes:
    """The panel of two routes: who × pair, the differing and the silent ones side by side."""
    pairs = [pair for pair in route_words.TITLES if not kind or kind in _desks(pair)]
    seen = Routes(columns=[str(route_words.TITLES[pair]) for pair in pairs])
    cells: dict[tuple[str, str], tuple[str, str]] = {}
    for one, shown in readable(assessment, people, kind):
        cells[one.person, one.pair] = (shown.mark, shown.word)
        if one.result == routes.DISAGREE:
            seen.differ.append(shown)
        elif one.result == routes.SILENT:
            seen.silent.append(shown)
    rows = [*((one.name, one.id_number) for one in people), (_("全家"), "")]
    seen.matrix = [
        (name, [cells.get((number, pair)) for pair in pairs])
        for name, number in rows
        if any((number, pair) in cells for pair in pairs)
    ]
    return seen


def _desks(pair: str) -> set[str]:
    """The departments that have part in a pair: who settles it, and who reads one of its sides."""
    left, right = routes.PAIRS[pair]
    return {duties.PAIRS[pair], *(duties.SOURCES[source] for source in left + right)}
