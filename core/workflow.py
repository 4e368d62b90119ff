"""States as tables, and the one way from one to the next.

A table of states is data: word, line, tone, owner and the states allowed next. Diagrams are drawn
from it, pages read their words from it, and ``advance`` obeys it.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from django.conf import settings
from django.db import models, transaction
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from core import audit, clock, locks, outbox
from core.models import Transition
from core.refusals import Refusal

__all__ = [
    "Refusal",
    "State",
    "StateTable",
    "TransitionRefused",
    "advance",
    "advance_held",
    "history",
]

Thing = TypeVar("Thing", bound=models.Model)

# tones of product-design part 4: in progress, your turn, waiting on others, done, ended
GOING, YOURS, WAITING, DONE, ENDED = "going", "yours", "waiting", "done", "ended"


@dataclass(frozen=True)
class State:
    """One row of a table of states.

    ``tag`` is the word on the label, ``line`` the sentence under it (with {placeholders}),
    ``owner`` who must act now, ``next`` the states allowed after it, ``stamp`` a field that takes
    the time of entering, ``open`` whether the thing is still under way, ``push`` the status that
    the province's portal is told on entering (办件状态); empty for what concerns nobody outside.
    """

    id: str
    tag: Any
    line: Any
    tone: str
    owner: str
    next: tuple[str, ...] = ()
    stamp: str = ""
    open: bool = True
    push: str = ""


@dataclass(frozen=True)
class StateTable:
    """A named table of states; refuses dangling or doubled rows when it is made."""

    name: str
    states: tuple[State, ...]
    _by_id: dict[str, State] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_id = {state.id: state for state in self.states}
        if len(by_id) != len(self.states):
            raise ValueError(f"{self.name}: a state stands twice")
        for state in self.states:
            if unknown := set(state.next) - set(by_id):
                raise ValueError(f"{self.name}: {state.id} leads to unknown {unknown}")
        object.__setattr__(self, "_by_id", by_id)

    def __getitem__(self, state_id: str) -> State:
        return self._by_id[state_id]

    def __iter__(self) -> Iterator[State]:
        return iter(self.states)

    @property
    def initial(self) -> str:
        return self.states[0].id

    @property
    def choices(self) -> list[tuple[str, Any]]:
        return [(state.id, state.tag) for state in self.states]

    @property
    def open_ids(self) -> list[str]:
        return [state.id for state in self.states if state.open]

    def allows(self, now: str, to: str) -> bool:
        return to in self._by_id[now].next

    def diagram(self) -> str:
        """The table as a Mermaid state diagram."""
        lines = ["stateDiagram-v2", f"    [*] --> {self.initial}"]
        for state in self.states:
            lines.append(f"    {state.id}: {state.id} {state.tag}")
            lines += [f"    {state.id} --> {to}" for to in state.next]
            if not state.next:
                lines.append(f"    {state.id} --> [*]")
        return "\n".join(lines)


class TransitionRefused(Refusal):
    """The table does not lead from the present state to the wanted one."""


def advance(thing: Thing, to: str, *, by: Any, reason: str = "") -> Thing:
    """Locks ``thing``, checks its table, stamps and logs the change; returns the locked row.

    The passed instance is brought up to date, too. Raises TransitionRefused.
    """
    with transaction.atomic():
        row = locks.fresh(thing)
        for name in _move(row, to, by, reason):
            setattr(thing, name, getattr(row, name))
        return row


def advance_held(
    row: Thing, to: str, *, by: Any, reason: str = "", also: Sequence[str] = ()
) -> Thing:
    """As `advance`, for a row that the caller has just read by `locks.fresh` in its transaction.

    Neither read nor locked again, and without a savepoint: the quick way for what whole halls do
    at once. ``also`` names further fields that the caller has set. Raises TransitionRefused, with
    nothing written; what fails later fails the caller's whole transaction.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("a lock is only held inside a transaction")
    _move(row, to, by, reason, also)
    return row


def _move(row: Any, to: str, by: Any, reason: str, also: Sequence[str] = ()) -> list[str]:
    """Checks the table, stamps, saves and logs; the fields that changed. The row is locked."""
    came_from = row.state
    table: StateTable = row.STATES
    if not table.allows(came_from, to):
        raise TransitionRefused(
            _("现在的状态是「%(now)s」，不能改为「%(to)s」。请刷新页面看最新进度。")
            % {"now": table[came_from].tag, "to": table[to].tag}
        )
    at = clock.now()
    changed = ["state", *_stamp(row, table[to], at)]
    row.save(update_fields=[*changed, *also])
    _push(table, _log(row, came_from, to, by, reason, at))
    return changed


def history(thing: models.Model) -> models.QuerySet[Transition]:
    """All changes of state of one thing, oldest first."""
    return Transition.objects.filter(thing_type=thing._meta.label_lower, thing_id=thing.pk)


def _stamp(row: Any, state: State, at: Any) -> list[str]:
    row.state = state.id
    names = []
    if hasattr(row, "state_since"):
        row.state_since = at
        names.append("state_since")
    if state.stamp and getattr(row, state.stamp) is None:
        setattr(row, state.stamp, at)
        names.append(state.stamp)
    return names


def _log(row: Any, came_from: str, to: str, by: Any, reason: str, at: Any) -> Transition:
    case_no = audit.case_number(row)
    made = Transition.objects.create(
        thing_type=row._meta.label_lower,
        thing_id=row.pk,
        case_no=case_no,
        from_state=came_from,
        to_state=to,
        by=audit.label(by),
        reason=reason[:400],
        at=at,
    )
    audit.record(
        f"{row._meta.model_name}.state", by=by, thing=row, case_no=case_no,
        came_from=came_from, to=to, reason=reason,
    )  # fmt: skip
    return made


def _push(table: StateTable, made: Transition) -> None:
    """Tells the province's portal, by the outbox: in order by ``seq``, an end only once.

    What ends before it began, such as a draft that was never sent, it never hears of.
    """
    state = table[made.to_state]
    ended = state.push.startswith("closed_")
    if not state.push or not made.case_no or (ended and made.from_state == table.initial):
        return
    with translation.override(settings.LANGUAGE_CODE):
        word = str(state.tag)
    outbox.post(
        "province",
        "case.status",
        key=f"{made.case_no}-{state.push if ended else made.pk}",
        payload={
            "caseNo": made.case_no,
            "seq": made.pk,
            "status": state.push,
            "word": word,
            "at": made.at.astimezone(clock.LOCAL).isoformat(),
        },
        case_no=made.case_no,
    )
