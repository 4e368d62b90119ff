"""Mock receivers over HTTP: operator, access system, SMS gateway.

They check the signature, answer the same key with the same receipt, keep what they got in memory,
and can be told to fail. They know nothing of the platform's database.
"""

import hmac
import json
from collections import defaultdict
from hashlib import sha256
from typing import Any

from aiohttp import web

NAMES = ("operator", "access", "sms")
MODES = ("ok", "http_500", "garbage", "down")


class Receivers:
    """What was received, by system and key, and the fault each system is told to show."""

    def __init__(self, secret: str) -> None:
        self.secret = secret.encode()
        self.messages: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self.posts: dict[str, int] = defaultdict(int)
        self.modes = dict.fromkeys(NAMES, "ok")

    def application(self) -> web.Application:
        """The web application with its addresses."""
        app = web.Application(client_max_size=1 << 20)
        app.router.add_get("/healthz", self._health)
        app.router.add_post("/{name}/", self._receive)
        app.router.add_get("/_mock/received", self._received)
        app.router.add_post("/_mock/faults", self._fault)
        return app

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def _receive(self, request: web.Request) -> web.Response:
        name = request.match_info["name"]
        if name not in NAMES:
            raise web.HTTPNotFound
        self.posts[name] += 1
        if (broken := _broken(self.modes[name])) is not None:
            return broken
        body = await request.read()
        if not self._signed(request, body):
            raise web.HTTPForbidden(text="bad signature")
        message = json.loads(body)
        first = self.messages[name].setdefault(message["key"], message)
        return web.json_response(_receipt(name, first))

    def _signed(self, request: web.Request, body: bytes) -> bool:
        expected = hmac.new(self.secret, body, sha256).hexdigest()
        return hmac.compare_digest(expected, request.headers.get("X-Signature", ""))

    async def _received(self, request: web.Request) -> web.Response:
        return web.json_response({"messages": self.messages, "posts": self.posts})

    async def _fault(self, request: web.Request) -> web.Response:
        wish = await request.json()
        if wish.get("name") not in NAMES or wish.get("mode") not in MODES:
            raise web.HTTPBadRequest(text=f"name: {NAMES}, mode: {MODES}")
        self.modes[wish["name"]] = wish["mode"]
        return web.json_response(self.modes)


def _broken(mode: str) -> web.Response | None:
    if mode == "http_500":
        return web.Response(status=500)
    if mode == "garbage":
        return web.Response(text="<html>login</html>", content_type="text/html")
    if mode == "down":
        return web.Response(status=503)
    return None


def _receipt(name: str, message: dict[str, Any]) -> dict[str, Any]:
    receipt: dict[str, Any] = {"receipt": f"{name}-{message['key']}", "accepted": True}
    if name == "access":
        receipt["devices"] = ["gate", "door"]
        receipt["persons"] = len(message.get("persons", []))
    return receipt
