"""Pages of outreach (主动联系): what is read, in words; decides nothing."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from applications import periods, registers
from applications import states as case_states
from core import display
from core.workflow import State
from datashare import catalogue
from renewal import discovery_asking, outreach, outreach_numbers, states
from renewal.models import Outreach, OutreachAttempt

PAGE = 50
MINE, FREE, OPEN, CLOSED = "mine", "free", "open", "closed"
TABS = {
    MINE: gettext_lazy("我在联系的"),
    FREE: gettext_lazy("待认领"),
    OPEN: gettext_lazy("全部在办"),
    CLOSED: gettext_lazy("已结束"),
}
KINDS = {
    "TK": gettext_lazy("特困"), "DB": gettext_lazy("低保"), "DBBY": gettext_lazy("低保边缘"),
}  # fmt: skip
_SAID = {
    "yes": gettext_lazy("有记录"),
    "no": gettext_lazy("没有记录"),
    "unknown": gettext_lazy("没有答复"),
}
_HOME = {
    "no": gettext_lazy("没有查到住房和住房保障"),
    "unknown": gettext_lazy("有部门没有答复，还不清楚"),
    "yes": gettext_lazy("查到住房"),
}
SCRIPT = gettext_lazy(
    "您好，我是{street}的工作人员。民政的登记显示您家可能需要住房方面的帮助。"
    "我们没有作任何决定，也不要您交钱。您愿意的话，我们帮您申请，可以吗？"
)


@dataclass(frozen=True)
class Line:
    """One household of the list."""

    row: Outreach
    name: str
    state: State
    line: str
    due: date
    late: bool
    holder: str


def listed(staff: Staff, what: str, street: str, today: date) -> QuerySet[Outreach]:
    """The households of a tab or of a number, in the order of their days."""
    rows = outreach.visible_to(staff).select_related("street", "assigned_to", "application")
    if street == "none":
        rows = rows.filter(street=None)
    elif street:
        rows = rows.filter(street__code=street)
    return rows.filter(_condition(staff, what, today)).order_by("next_on", "pk")


def tabs(staff: Staff) -> dict[str, Any]:
    """The tabs that make sense for this person: only who contacts has households of their own."""
    if set(outreach.WORKERS) & set(staff.roles):
        return TABS
    return {key: word for key, word in TABS.items() if key != MINE}


def words_of(what: str, today: date) -> Any:
    """What a list shows."""
    told = outreach_numbers.outcomes(today)
    return TABS[what] if what in TABS else told[what][0] if what in told else TABS[OPEN]


def behind(rows: QuerySet[Outreach], key: str) -> QuerySet[Outreach]:
    """The rows after a key ``2026-12-03.17``; all for anything else."""
    day, _dot, pk = key.partition(".")
    try:
        due, last = date.fromisoformat(day), int(pk)
    except ValueError:
        return rows
    return rows.filter(Q(next_on__gt=due) | Q(next_on=due, pk__gt=last))


def key_of(row: Outreach) -> str:
    """The key of a row, as an address carries it."""
    return f"{row.next_on.isoformat()}.{row.pk}"


def line(row: Outreach, today: date) -> Line:
    """A household in the list: the name masked."""
    return Line(
        row=row,
        name=row.name,
        state=states.OUTREACH[row.state],
        line=state_line(row),
        due=row.next_on,
        late=outreach.is_late(row, today),
        holder=row.assigned_to.name if row.assigned_to else "",
    )


def state_line(row: Outreach) -> str:
    """The sentence under the state."""
    return str(states.OUTREACH[row.state].line).format(due=display.day_short(row.next_on))


def script(row: Outreach) -> str:
    """The first sentence to say, on the telephone or at the door."""
    return str(SCRIPT).format(street=row.street.name if row.street else _("区住房保障中心"))


def evidence(row: Outreach) -> list[tuple[Any, Any]]:
    """Why the household was found: (word, value), nothing else of the registers is kept."""
    told = row.evidence
    return [
        (_("新获得的救助"), KINDS.get(told.get("kind", ""), told.get("kind", ""))),
        (_("起始"), display.day(date.fromisoformat(told["since"]))),
        (_("民政登记"), _SAID[told["civil_affairs"]]),
        (_("省大救助"), _SAID[told["provincial"]]),
        (_("住房"), _HOME[row.home]),
    ]


def differs(row: Outreach) -> bool:
    """Whether the two routes say different things; a question for a person, not a verdict."""
    return {row.evidence["civil_affairs"], row.evidence["provincial"]} == {"yes", "no"}


def next_way(row: Outreach) -> Any:
    """What the ladder proposes next: telephone, then a visit, then a letter at the door.

    Nothing once somebody was reached: they said themselves how.
    """
    if row.reached_at:
        return ""
    tries = len(row.attempts.all())
    ways = (OutreachAttempt.Way.PHONE, OutreachAttempt.Way.VISIT, OutreachAttempt.Way.NOTICE)
    return ways[min(tries, len(ways) - 1)].label


def outcome(row: Outreach) -> tuple[Any, Any] | None:
    """What became of the case, read from the case: (word, tone)."""
    case = row.application
    if case is None or case.state == case_states.DRAFT:
        return None
    if outreach_numbers.housed_after(row):
        return _("已签约入住"), "done"
    state = case.STATES[case.state]
    return state.tag, state.tone


def asked_registers() -> list[str]:
    """The registers that a search may ask, in the words of the page."""
    codes = (
        discovery_asking.REGISTER, discovery_asking.PROVINCIAL, *discovery_asking.CIVIL_AFFAIRS,
        *discovery_asking.HOMES,
    )  # fmt: skip
    return [registers.name_of(code) for code in codes if catalogue.entry(code)]


def ladder() -> str:
    """The days between two attempts, and how many there are at least."""
    return _(
        "没有联系上，%(again)d个工作日后再联系；至少%(tries)d次，其中要上过门或留过联系函。"
    ) % {
        "again": periods.of("outreach_again").value,
        "tries": periods.of("outreach_tries").value,
    }


def _condition(staff: Staff, what: str, today: date) -> Q:
    open_ = Q(state__in=states.OUTREACH.open_ids)
    if what == MINE:
        return open_ & Q(assigned_to=staff)
    if what == FREE:
        return Q(state=states.O_FOUND)
    if what == CLOSED:
        return ~open_
    told = outreach_numbers.outcomes(today)
    return told[what][1] if what in told else open_
