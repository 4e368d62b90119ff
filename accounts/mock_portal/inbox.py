"""How the mock portal receives what is pushed to it: signed, once for each key, faults on demand.

What a message does, and why one is not taken, belongs to whoever receives it.
"""

import asyncio
import hmac
import json
from collections import defaultdict
from hashlib import sha256
from typing import Any

from aiohttp import web

FAULTS = ("http_500", "garbage", "down", "refuse")
_SILENT = 30  # seconds


class Inbox:
    """Messages under the address ``name``; ``later`` is the error code of mode ``refuse``."""

    name: str
    later: str
    modes: tuple[str, ...] = ("ok", *FAULTS)

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._receipts: dict[str, dict[str, Any]] = {}
        self.posts: dict[str, int] = defaultdict(int)
        self.mode = "ok"

    def routes(self) -> list[web.RouteDef]:
        """Its addresses."""
        return [
            web.get(f"/{self.name}/", self._page),
            web.post(f"/{self.name}/", self._receive),
            web.get(f"/_mock/{self.name}", self._received),
            web.post(f"/_mock/{self.name}/fault", self._fault),
        ]

    # -- What each receiver says for itself ------------------------------------------------------

    def why_not(self, message: dict[str, Any]) -> str:
        """The error code of a message that is not taken; '' for a good one."""
        raise NotImplementedError

    def take(self, message: dict[str, Any]) -> dict[str, Any]:
        """Writes a new message in; the receipt."""
        raise NotImplementedError

    def told(self) -> dict[str, Any]:
        """What a test may ask for."""
        raise NotImplementedError

    def page(self) -> str:
        """The list for people, as HTML."""
        raise NotImplementedError

    # -- What all have in common -----------------------------------------------------------------

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self.mode == "silent":
            await asyncio.sleep(_SILENT)
        if (broken := self._broken()) is not None:
            return broken
        expected = hmac.new(self._secret, body, sha256).hexdigest()
        if not hmac.compare_digest(expected, request.headers.get("X-Signature", "")):
            raise web.HTTPForbidden(text="bad signature")
        message = json.loads(body)
        key = str(message.get("key", ""))
        self.posts[key] += 1
        if why := self.why_not(message):
            return web.json_response({"success": False, "errorCode": why})
        if key not in self._receipts:
            self._receipts[key] = self.take(message)
        return web.json_response(self._receipts[key])

    async def _page(self, request: web.Request) -> web.Response:
        return web.Response(text=self.page(), content_type="text/html", charset="utf-8")

    async def _received(self, request: web.Request) -> web.Response:
        return web.json_response({self.name: self.told(), "posts": self.posts})

    async def _fault(self, request: web.Request) -> web.Response:
        wish = await request.json()
        if wish.get("mode") not in self.modes:
            raise web.HTTPBadRequest(text=f"mode: {self.modes}")
        self.mode = wish["mode"]
        return web.json_response({"mode": self.mode})

    def _broken(self) -> web.Response | None:
        if self.mode == "http_500":
            return web.Response(status=500)
        if self.mode == "garbage":
            return web.Response(text="<html>login</html>", content_type="text/html")
        if self.mode == "down":
            return web.Response(status=503)
        if self.mode == "refuse":
            return web.json_response({"success": False, "errorCode": self.later})
        return None
