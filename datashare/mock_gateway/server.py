"""模拟网关服务 the HTTP face of the mock: the gateway's own paths, and the state behind them.

`create_app` (in `control`, with the mock's paths under /_mock/ and its page) returns the aiohttp
application, so that tests can serve it from a thread; the command `manage.py mock_gateway` serves
it as a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from aiohttp import web

from datashare.mock_gateway import misbehaviour, paging, subscription
from datashare.mock_gateway.city import build_city
from datashare.mock_gateway.faults import as_date
from datashare.mock_gateway.interfaces import BY_PATH, SERVED, MockInterface
from datashare.mock_gateway.protocol import (
    Accounts,
    Meter,
    Refused,
    check_evidence,
    clear_params,
    envelope,
)
from datashare.mock_gateway.world import World

PREFIX = "/gateway/"
PERSONS = re.compile(r"[,;、，；]")
CREDENTIALS = ("appKey", "sign", "requestTime")


class MockGateway:
    """The state behind the handlers: credentials, meters, world and what was counted."""

    def __init__(
        self,
        accounts: Accounts,
        *,
        today: Callable[[], date],
        world: World | None = None,
        latency: float = 1.0,
        journal: Path | None = None,
    ) -> None:
        self.accounts = accounts
        self.today = today
        self.world = world or World()
        self.latency = latency
        self.journal = journal
        self.calls: Counter[str] = Counter()
        self.codes: Counter[str] = Counter()
        self.asked: Counter[tuple[str, str]] = Counter()  # by source and person
        self.page_sizes: dict[str, int] = {}  # rows that a source gives at once, if not all
        self.busy = 0
        self.busiest = 0
        self.requests = 0
        self.meters = {
            name: Meter(item.rate, item.burst, item.daily) for name, item in SERVED.items()
        }

    # -- the gateway's own paths ------------------------------------------------------------

    async def token(self, request: web.Request) -> web.Response:
        """app/refreshTokenByKey.htm and app/refreshTokenBySec.htm."""
        credentials, _ = await read_request(request)
        give = self.accounts.by_key if "ByKey" in request.path else self.accounts.by_sec
        try:
            return answer(envelope("00", give(credentials)))
        except Refused as refused:
            self.codes[refused.code] += 1
            return answer(envelope(refused.code))

    async def call(self, request: web.Request) -> web.StreamResponse:
        """api/…: one question to one department."""
        self.requests += 1
        self.busy += 1
        self.busiest = max(self.busy, self.busiest)
        try:
            interface, people, params = await self._admit(request)
            return await self._respond(request, interface, people, params)
        except Refused as refused:
            self.codes[refused.code] += 1
            refusal = envelope(refused.code, request_id=self._request_id())
            return answer({**refusal, "msg": refused.words})
        finally:
            self.busy -= 1

    async def _admit(self, request: web.Request) -> tuple[MockInterface, list[str], dict[str, Any]]:
        """Interface, people asked about and parameters, once everything is in order."""
        credentials, params = await read_request(request)
        self.accounts.check_call(credentials)
        interface = BY_PATH.get(request.path.removeprefix(PREFIX))
        if interface is None:
            raise Refused("22")
        try:
            params = clear_params(params)
        except (ValueError, KeyError, TypeError):
            raise Refused("23") from None
        check_evidence(params)
        self.meters[interface.source].take(self.today())
        self.calls[interface.source] += 1
        named = next((str(params[key]) for key in interface.person if params.get(key)), "")
        people = PERSONS.split(named.strip().upper())
        if interface.person:  # the feed is asked about days, and about nobody
            self.asked[interface.source, people[0]] += 1
        return interface, people, params

    async def _respond(
        self,
        request: web.Request,
        interface: MockInterface,
        people: list[str],
        params: dict[str, Any],
    ) -> web.StreamResponse:
        """One answer; the land register may be asked about a whole family at once."""
        source, today, person = interface.source, self.today(), people[0]
        pick = zlib.crc32(f"{source}{person}".encode())
        if self.latency:
            await asyncio.sleep(self._latency(interface, pick))
        mode = next(filter(None, (self.world.fault(source, one, today) for one in people)), "")
        if mode:
            self.codes[f"fault:{mode}"] += 1
            if (odd := await misbehaviour.respond(mode, request)) is not None:
                return odd
        page = self._page(source, people, params)
        if mode:
            page = misbehaviour.altered(mode, page, person)
        self.codes["00"] += 1
        body = encode(
            envelope(
                "00",
                interface.shape(page.rows, pick),
                request_id=self._request_id(),
                total=page.total,
                pages=page.pages,
            )
        )
        return (mode and misbehaviour.rewritten(mode, body)) or json_response(body)

    def _page(self, source: str, people: list[str], params: dict[str, Any]) -> paging.Page:
        """The rows about these people; the feed's are about days."""
        today = self.today()
        if source == subscription.SOURCE:
            try:
                first, last = subscription.days_of(params)
            except ValueError:
                raise Refused("23") from None
            changes = self.world.changes(first, last, today)
            return subscription.page(changes, params, self.world.names_of(changes))
        rows = [row for one in people for row in self.world.answer(source, one, today, self._order)]
        return paging.cut(source, rows, params, most=self.page_sizes.get(source, 0))

    def _latency(self, interface: MockInterface, pick: int) -> float:
        low, high = interface.latency_ms
        return (low + pick % (high - low + 1)) / 1000 * self.latency

    def _order(self, order: dict[str, Any]) -> None:
        """A question has ordered a report, which a restart must not lose."""
        self.remember("reports", order)

    def _request_id(self) -> str:
        return f"mock{self.requests:012d}"

    # -- what survives a restart ------------------------------------------------------------

    def remember(self, kind: str, item: dict[str, Any]) -> dict[str, Any]:
        """Apply a change of the world and write it to the journal."""
        result = self.apply(kind, item)
        if self.journal:
            if kind == "city":
                self.journal.unlink(missing_ok=True)
            with self.journal.open("a", encoding="utf-8") as out:
                out.write(json.dumps([kind, item], ensure_ascii=False, default=str) + "\n")
        return result

    def replay(self) -> int:
        """Read the journal of an earlier run; how many changes it held."""
        if not self.journal or not self.journal.exists():
            return 0
        lines = self.journal.read_text(encoding="utf-8").splitlines()
        for line in lines:
            self.apply(*json.loads(line))
        return len(lines)

    def apply(self, kind: str, item: dict[str, Any]) -> dict[str, Any]:
        """One change of the world: city, cast, reports, a turn of life, or events."""
        if kind == "city":
            on = as_date(item.get("on")) or self.today()
            city = build_city(int(item["households"]), int(item["seed"]), on)
            days = self.world.desk.days
            self.world = World(city)
            self.world.desk.days = days
            return {"city": city.describe()}
        if kind == "cast":
            people = [person for case in item["cases"] for person in self.world.add_cast(case)]
            return {"people": sorted(set(people))}
        if kind == "reports":
            return self.world.desk.apply(item)
        if kind == "turn":
            return self.world.turn(item)
        events = [self.world.add_event(event) for event in item["events"]]
        return {"events": len(events), "people": sorted({event.person for event in events})}


async def read_request(request: web.Request) -> tuple[dict[str, str], dict[str, Any]]:
    """Credentials and parameters, from headers and JSON or from query and form."""
    params: dict[str, Any] = dict(request.query) if request.query_string else {}
    if request.content_type == "application/json":
        try:
            body = json.loads(await request.read())
        except ValueError:
            body = {}
        params.update(body if isinstance(body, dict) else {})
    elif request.content_type == "application/x-www-form-urlencoded":
        form = (await request.read()).decode("utf-8", "replace")
        params.update(parse_qsl(form, keep_blank_values=True))
    elif request.can_read_body:
        params.update(await request.post())
    source = request.headers if "appKey" in request.headers else params
    return {key: str(source.get(key, "")) for key in CREDENTIALS}, params


def encode(content: dict[str, Any]) -> bytes:
    """The JSON of an answer."""
    return json.dumps(content, ensure_ascii=False, default=str).encode()


def json_response(body: bytes) -> web.Response:
    """A body that is JSON already."""
    return web.Response(body=body, headers={"Content-Type": "application/json; charset=utf-8"})


def answer(content: dict[str, Any]) -> web.Response:
    """A JSON response; the real gateway says text/html for some of them, and clients must cope."""
    return json_response(encode(content))


__all__ = ["MockGateway"]
