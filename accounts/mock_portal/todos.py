"""浙政钉待办 of the mock portal: to-dos of desks that work elsewhere, received once each.

It checks the signature, answers the same key with the same receipt, and orders by sequence number:
an end that overtakes its beginning stays an end. A message with anything that could be a person's
data is refused. It knows nothing of the platform's database.
"""

import hmac
import json
import re
from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from aiohttp import web

from accounts.mock_portal import pages

MODES = ("ok", "http_500", "garbage", "down", "refuse")
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


class Todos:
    """What was received, and the fault that is played."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._receipts: dict[str, dict[str, Any]] = {}
        self.todos: dict[str, Todo] = {}
        self.posts: dict[str, int] = defaultdict(int)
        self.mode = "ok"

    def routes(self) -> list[web.RouteDef]:
        """Its addresses."""
        return [
            web.get("/todos/", self._page),
            web.post("/todos/", self._receive),
            web.get("/_mock/todos", self._received),
            web.post("/_mock/todos/fault", self._fault),
        ]

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        if (broken := _broken(self.mode)) is not None:
            return broken
        expected = hmac.new(self._secret, body, sha256).hexdigest()
        if not hmac.compare_digest(expected, request.headers.get("X-Signature", "")):
            raise web.HTTPForbidden(text="bad signature")
        message = json.loads(body)
        key = str(message.get("key", ""))
        self.posts[key] += 1
        if why := _wrong(message):
            return web.json_response({"success": False, "errorCode": why})
        if key not in self._receipts:
            self._receipts[key] = self._take(message)
        return web.json_response(self._receipts[key])

    def _take(self, message: dict[str, Any]) -> dict[str, Any]:
        number = str(message["todo"])
        self.todos.setdefault(number, Todo(str(message["caseNo"]))).take(message)
        task = sha256(number.encode()).hexdigest()[:16]
        return {"success": True, "content": {"data": {"taskUuid": task}}}

    async def _page(self, request: web.Request) -> web.Response:
        text = pages.todos(self.todos.values())
        return web.Response(text=text, content_type="text/html", charset="utf-8")

    async def _received(self, request: web.Request) -> web.Response:
        told = {number: vars(one) for number, one in self.todos.items()}
        return web.json_response({"todos": told, "posts": self.posts})

    async def _fault(self, request: web.Request) -> web.Response:
        wish = await request.json()
        if wish.get("mode") not in MODES:
            raise web.HTTPBadRequest(text=f"mode: {MODES}")
        self.mode = wish["mode"]
        return web.json_response({"mode": self.mode})


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


def _broken(mode: str) -> web.Response | None:
    if mode == "http_500":
        return web.Response(status=500)
    if mode == "garbage":
        return web.Response(text="<html>login</html>", content_type="text/html")
    if mode == "down":
        return web.Response(status=503)
    if mode == "refuse":
        return web.json_response({"success": False, "errorCode": "TODO-LATER"})
    return None
