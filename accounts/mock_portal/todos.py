"""浙政钉待办 of the mock portal: to-dos of desks that work elsewhere, received once each.

It checks the signature, answers the same key with the same receipt, and orders by sequence number:
an end that overtakes its beginning stays an end. A message with anything that could be a person's
data is refused. It knows nothing of the platform's database.
"""

import re
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from accounts.mock_portal import pages
from accounts.mock_portal.inbox import Inbox

STATES = {"todo.created": "open", "todo.done": "done", "todo.cancelled": "cancelled"}
_REMINDED = "todo.reminded"
# the fields that a message may hold, and what stands in none of them
_FIELDS = {
    *("kind", "key", "todo", "caseNo", "seq", "stage", "bureau", "due", "link", "reminder"),
}
_ID_NUMBER = re.compile(r"\d{15,}")


@dataclass
class Todo:
    """One to-do as the staff of that desk see it."""

    case_no: str
    seq: int = 0
    state: str = "open"
    stage: str = ""
    bureau: str = ""
    due: str = ""
    link: str = ""
    reminders: list[str] = field(default_factory=list)

    def take(self, message: dict[str, Any]) -> None:
        """Writes a message in; what is older than the state known adds words but changes none."""
        if message["kind"] == _REMINDED:
            self.reminders.append(str(message.get("reminder", "")))
            return
        for name in ("stage", "bureau", "due", "link"):
            setattr(self, name, str(message.get(name) or getattr(self, name)))
        if int(message["seq"]) >= self.seq:
            self.seq, self.state = int(message["seq"]), STATES[message["kind"]]


class Todos(Inbox):
    """What was received, and the fault that is played."""

    name, later = "todos", "TODO-LATER"

    def __init__(self, secret: str) -> None:
        super().__init__(secret)
        self.todos: dict[str, Todo] = {}

    def why_not(self, message: dict[str, Any]) -> str:
        return _wrong(message)

    def take(self, message: dict[str, Any]) -> dict[str, Any]:
        number = str(message["todo"])
        self.todos.setdefault(number, Todo(str(message["caseNo"]))).take(message)
        task = sha256(number.encode()).hexdigest()[:16]
        return {"success": True, "content": {"data": {"taskUuid": task}}}

    def told(self) -> dict[str, Any]:
        return {number: vars(one) for number, one in self.todos.items()}

    def page(self) -> str:
        return pages.todos(self.todos.values())


def _wrong(message: dict[str, Any]) -> str:
    """Why a message is not taken; '' if it is."""
    if message.get("kind") not in (*STATES, _REMINDED):
        return "TODO-BAD-KIND"
    if not (message.get("key") and message.get("todo") and message.get("caseNo")):
        return "TODO-BAD-FORMAT"
    if not isinstance(message.get("seq"), int):
        return "TODO-BAD-FORMAT"
    if set(message) - _FIELDS or any(_ID_NUMBER.search(str(one)) for one in message.values()):
        return "TODO-PERSONAL-DATA"
    return ""
