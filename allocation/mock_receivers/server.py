"""Mock receivers over HTTP: operator, access system, SMS gateway.

They check signature and time, apply an id once and answer it with the same receipt ever after,
keep what they got in memory, list what they hold, and can be told to fail. They know nothing of
the platform's database. The SMS gateway is a sandbox: no phone rings, and the last digits of a
number say what becomes of a message.
"""

import asyncio
import json
from collections import defaultdict
from hashlib import sha256
from typing import Any

import aiohttp
from aiohttp import web

from allocation.mock_receivers.holdings import Holdings
from core import webhooks

NAMES = ("operator", "access", "sms")
# lost_answer: applied, but the answer never arrives; duplicate: the network brings it twice;
# out_of_order: kept back and brought after a later one; later: taken, the receipt is called in
FAULTS = (
    "http_500", "garbage", "down", "slow", "lost_answer", "duplicate", "out_of_order",
)  # fmt: skip
MODES = ("ok", *FAULTS, "later", "mixed")
# last four digits of a number → the receipt of the sandbox; every other number is reached
SMS_FATES = {"9990": "unknown_number", "9991": "failed"}


class Receivers:
    """What was received, by system and key, and the fault each system is told to show.

    ``share`` of the requests (0–1) fail in mode ``mixed``, drawn by ``seed``; ``seconds`` is how
    long a slow answer takes.
    """

    def __init__(self, secret: str) -> None:
        self.secret = secret
        self.messages: dict[str, dict[str, dict[str, Any]]] = defaultdict(dict)
        self.applied: dict[str, list[str]] = defaultdict(list)  # keys in the order of their effect
        self.posts: dict[str, int] = defaultdict(int)
        self.holdings = {name: Holdings() for name in NAMES}
        self.modes = dict.fromkeys(NAMES, "ok")
        self.held: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.share, self.seed, self.seconds = 0.3, "1", 8.0
        self.callback = ""  # where receipts are called in, e.g. http://…/callbacks/receipts/
        self.calls: list[asyncio.Task[int]] = []

    def application(self) -> web.Application:
        """The web application with its addresses."""
        app = web.Application(client_max_size=1 << 20)
        app.router.add_get("/healthz", self._health)
        app.router.add_post("/{name}/", self._receive)
        app.router.add_get("/{name}/list", self._list)
        app.router.add_post("/access/presence", self._presence)
        app.router.add_get("/_mock/received", self._received)
        app.router.add_post("/_mock/faults", self._fault)
        app.router.add_post("/_mock/holdings", self._alter)
        app.router.add_post("/_mock/away", self._away)
        return app

    async def _health(self, request: web.Request) -> web.Response:
        return web.json_response({"ok": True})

    async def _receive(self, request: web.Request) -> web.StreamResponse:
        name = _name(request)
        self.posts[name] += 1
        mode = self._mode(name)
        if (broken := _broken(mode)) is not None:
            return broken
        message = json.loads(await self._signed_body(request))
        if mode == "out_of_order":
            self.held[name].append(message)
            return web.Response(status=503)
        return await self._take(request, name, mode, message)

    async def _take(
        self, request: web.Request, name: str, mode: str, message: dict[str, Any]
    ) -> web.StreamResponse:
        if mode == "slow":
            await asyncio.sleep(self.seconds)
        for _copy in range(2 if mode == "duplicate" else 1):
            self._apply(name, message)
        held, self.held[name] = self.held[name], []
        for late in held:
            self._apply(name, late)
        if mode == "lost_answer" and request.transport is not None:
            request.transport.close()
        if mode == "later":
            if self.callback:
                self.calls.append(asyncio.create_task(self._call_back(name, message["key"])))
            return web.json_response({"accepted": True, "pending": True}, status=202)
        return web.json_response(_receipt(name, self.messages[name][message["key"]]))

    async def _call_back(self, name: str, key: str) -> int:
        """The receipt, signed, under an id of its own; the status of the answer."""
        receipt = {"kind": "receipt", **_receipt(name, self.messages[name][key]), "key": key}
        body = json.dumps(receipt).encode()
        headers = webhooks.headers(f"receipt-{name}-{key}", body, self.secret)
        async with (
            aiohttp.ClientSession() as session,
            session.post(f"{self.callback}{name}/", data=body, headers=headers) as answer,
        ):
            return answer.status

    def _apply(self, name: str, message: dict[str, Any]) -> None:
        """Once for each id, whatever the network brings."""
        if message["key"] in self.messages[name]:
            return
        self.messages[name][message["key"]] = message
        self.applied[name].append(message["key"])
        self.holdings[name].apply(message)

    def _mode(self, name: str) -> str:
        mode = self.modes[name]
        if mode != "mixed":
            return mode
        drawn = sha256(f"{self.seed}:{name}:{self.posts[name]}".encode()).digest()
        fails = drawn[0] < self.share * 256
        return FAULTS[drawn[1] % len(FAULTS)] if fails else "ok"

    async def _signed_body(self, request: web.Request) -> bytes:
        body = await request.read()
        try:
            webhooks.check(request.headers, body, self.secret)
        except webhooks.NotSigned as wrong:
            raise web.HTTPForbidden(text=str(wrong)) from wrong
        return body

    async def _list(self, request: web.Request) -> web.StreamResponse:
        name = _name(request)
        await self._signed_body(request)
        if (broken := _broken(self._mode(name))) is not None:
            return broken
        return web.json_response({"rows": self.holdings[name].listed()})

    async def _presence(self, request: web.Request) -> web.StreamResponse:
        """One day: the doors that reported and the homes that were lived in; never who or when."""
        day = str(json.loads(await self._signed_body(request)).get("day", ""))
        if (broken := _broken(self._mode("access"))) is not None:
            return broken
        return web.json_response({"day": day, **self.holdings["access"].presence(day)})

    async def _away(self, request: web.Request) -> web.Response:
        wish = await request.json()
        if not wish.get("contract") and not wish.get("door"):
            raise web.HTTPBadRequest(text="contract or door, from (a day)")
        self.holdings["access"].away(wish)
        return web.json_response({"ok": True})

    async def _received(self, request: web.Request) -> web.Response:
        return web.json_response(
            {"messages": self.messages, "posts": self.posts, "applied": self.applied}
        )

    async def _fault(self, request: web.Request) -> web.Response:
        wish = await request.json()
        if wish.get("name") not in NAMES or wish.get("mode") not in MODES:
            raise web.HTTPBadRequest(text=f"name: {NAMES}, mode: {MODES}")
        self.modes[wish["name"]] = wish["mode"]
        self.share = float(wish.get("share", self.share))
        self.seed = str(wish.get("seed", self.seed))
        self.seconds = float(wish.get("seconds", self.seconds))
        self.callback = str(wish.get("callback", self.callback))
        return web.json_response(self.modes)

    async def _alter(self, request: web.Request) -> web.Response:
        wish = await request.json()
        if wish.get("name") not in NAMES or not wish.get("contract") or not wish.get("person"):
            raise web.HTTPBadRequest(text=f"name: {NAMES}, contract, person")
        self.holdings[wish["name"]].alter(wish)
        return web.json_response({"rows": self.holdings[wish["name"]].listed()})


def _name(request: web.Request) -> str:
    name = request.match_info["name"]
    if name not in NAMES:
        raise web.HTTPNotFound
    return name


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
    if name == "sms":
        receipt["status"] = SMS_FATES.get(str(message.get("phone", ""))[-4:], "delivered")
    return receipt
