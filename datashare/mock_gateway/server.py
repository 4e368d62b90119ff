"""模拟网关服务 the HTTP face of the mock: the gateway's paths, and its own under /_mock/.

`create_app` returns the aiohttp application, so that tests can serve it from a thread; the
command `manage.py mock_gateway` serves it as a process of its own.
"""

from __future__ import annotations

import asyncio
import json
import re
import zlib
from collections import Counter
from collections.abc import Callable
from dataclasses import asdict
from datetime import date
from pathlib import Path
from typing import Any

from aiohttp import web

from datashare.mock_gateway import misbehaviour
from datashare.mock_gateway.city import build_city
from datashare.mock_gateway.faults import MockFault, as_date
from datashare.mock_gateway.interfaces import BY_PATH, INTERFACES, MockInterface
from datashare.mock_gateway.protocol import Accounts, Meter, Refused, check_evidence, envelope
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
        self.busy = 0
        self.busiest = 0
        self.requests = 0
        self.meters = {
            name: Meter(item.rate, item.burst, item.daily) for name, item in INTERFACES.items()
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
            interface, people = await self._admit(request)
            return await self._respond(request, interface, people)
        except Refused as refused:
            self.codes[refused.code] += 1
            return answer(envelope(refused.code, request_id=self._request_id()))
        finally:
            self.busy -= 1

    async def _admit(self, request: web.Request) -> tuple[MockInterface, list[str]]:
        """The interface and the people asked about, once everything is in order."""
        credentials, params = await read_request(request)
        self.accounts.check_call(credentials)
        interface = BY_PATH.get(request.path.removeprefix(PREFIX))
        if interface is None:
            raise Refused("22")
        check_evidence(params)
        self.meters[interface.source].take()
        self.calls[interface.source] += 1
        asked = next((str(params[key]) for key in interface.person if params.get(key)), "")
        return interface, PERSONS.split(asked.strip().upper())

    async def _respond(
        self, request: web.Request, interface: MockInterface, people: list[str]
    ) -> web.StreamResponse:
        """One answer; the land register may be asked about a whole family at once."""
        source, today, person = interface.source, self.today(), people[0]
        pick = zlib.crc32(f"{source}{person}".encode())
        await asyncio.sleep(self._latency(interface, pick))
        mode = next(filter(None, (self.world.fault(source, one, today) for one in people)), "")
        rows = [row for one in people for row in self.world.answer(source, one, today, self._order)]
        if mode:
            self.codes[f"fault:{mode}"] += 1
            rows = misbehaviour.altered(mode, rows, person)
            if (odd := await misbehaviour.respond(mode, request)) is not None:
                return odd
        self.codes["00"] += 1
        datas = interface.shape(rows, pick)
        return answer(envelope("00", datas, request_id=self._request_id()))

    def _latency(self, interface: MockInterface, pick: int) -> float:
        low, high = interface.latency_ms
        return (low + pick % (high - low + 1)) / 1000 * self.latency

    def _order(self, order: dict[str, Any]) -> None:
        """A question has ordered a report, which a restart must not lose."""
        self.remember("reports", order)

    def _request_id(self) -> str:
        return f"mock{self.requests:012d}"

    # -- the mock's own paths ---------------------------------------------------------------

    async def set_fault(self, request: web.Request) -> web.Response:
        """POST {source, mode, person?, from?, until?}; mode "none" ends a source's faults."""
        item = await request.json()
        if item["mode"] == "none":
            self.world.faults = [
                fault
                for fault in self.world.faults
                if item.get("source", "*") not in ("*", fault.source)
            ]
        else:
            self.world.faults.append(MockFault.from_dict(item))
        return answer({"faults": len(self.world.faults)})

    async def list_faults(self, request: web.Request) -> web.Response:
        """GET: the faults in force, cast files' aside."""
        return answer({"faults": [asdict(fault) for fault in self.world.faults]})

    async def clear_faults(self, request: web.Request) -> web.Response:
        """DELETE: every department works again."""
        self.world.faults.clear()
        return answer({"faults": 0})

    async def set_city(self, request: web.Request) -> web.Response:
        """POST {households, seed, on}: another city; the cast stays, events go."""
        return answer(self.remember("city", await request.json()))

    async def add_cast(self, request: web.Request) -> web.Response:
        """POST {"cases": […]}, entries of a cast file; answers the people's ID numbers."""
        return answer(self.remember("cast", await request.json()))

    async def add_events(self, request: web.Request) -> web.Response:
        """POST {"events": [{person, source, op?, rows?, on?}]}."""
        return answer(self.remember("events", await request.json()))

    async def set_tokens(self, request: web.Request) -> web.Response:
        """POST {request_life?, refresh_life?, forget?}: lifetimes, or end the pair now."""
        item = await request.json()
        self.accounts.request_life = item.get("request_life", self.accounts.request_life)
        self.accounts.refresh_life = item.get("refresh_life", self.accounts.refresh_life)
        if item.get("forget"):
            self.accounts.request_secret = self.accounts.refresh_secret = ""
        return answer({"issued": self.accounts.issued})

    async def set_quota(self, request: web.Request) -> web.Response:
        """POST {source or "*", rate?, burst?, daily?}."""
        item = await request.json()
        for name, meter in self.meters.items():
            if item.get("source", "*") in ("*", name):
                meter.rate = float(item.get("rate", meter.rate))
                meter.burst = int(item.get("burst", meter.burst))
                meter.daily = int(item.get("daily", meter.daily))
                meter.tokens = min(meter.tokens, meter.burst)
        return answer({"quota": "set"})

    async def reports(self, request: web.Request) -> web.Response:
        """GET ?limit=: how many reports are under way and ready, and those under way."""
        today, limit = self.today(), int(request.query.get("limit", "200"))
        waiting = self.world.desk.under_way(today)[:limit]
        orders = [asdict(order) for order in waiting]
        return answer({**self.world.desk.describe(today), "orders": orders})

    async def set_reports(self, request: web.Request) -> web.Response:
        """POST {"hurry": true, person?}: deliver what is ordered; {"days": "1-10"}: the delay."""
        item = await request.json()
        if not item.get("hurry") and item.get("days") is None:
            raise ValueError("hurry or days")
        return answer(self.remember("reports", {**item, "on": self.today().isoformat()}))

    async def stats(self, request: web.Request) -> web.Response:
        """GET: calls by source, answers by code, pairs given out, most calls at one time."""
        return answer(
            {
                "calls": dict(self.calls),
                "codes": dict(self.codes),
                "tokens": list(self.accounts.issued),
                "busiest": self.busiest,
                "cast": len(self.world.cast),
                "faults": len(self.world.faults),
                "city": self.world.city.describe() if self.world.city else None,
            }
        )

    async def people(self, request: web.Request) -> web.Response:
        """GET ?limit=&situation=: some applicants of the city, for the mock sign-in page."""
        limit = int(request.query.get("limit", "12"))
        found = self.world.suggestions(request.query.get("situation", ""))
        return answer({"people": found[:limit]})

    async def healthz(self, request: web.Request) -> web.Response:
        """GET: up, and with which city."""
        city = self.world.city
        return answer({"status": "ok", "city": city.describe() if city else None})

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
        """One change of the world: city, cast, reports or events."""
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
            self.world.desk.apply(item)
            return self.world.desk.describe(self.today()) if "receipt" not in item else {}
        events = [self.world.add_event(event) for event in item["events"]]
        return {"events": len(events), "people": sorted({event.person for event in events})}


async def read_request(request: web.Request) -> tuple[dict[str, str], dict[str, Any]]:
    """Credentials and parameters, from headers and JSON or from query and form."""
    params: dict[str, Any] = dict(request.query)
    if request.content_type == "application/json":
        try:
            body = await request.json()
        except ValueError:
            body = {}
        params.update(body if isinstance(body, dict) else {})
    elif request.can_read_body:
        params.update(await request.post())
    source = request.headers if "appKey" in request.headers else params
    return {key: str(source.get(key, "")) for key in CREDENTIALS}, params


def answer(content: dict[str, Any]) -> web.Response:
    """A JSON response; the real gateway says text/html for some of them, and clients must cope."""
    text = json.dumps(content, ensure_ascii=False, default=str)
    return web.Response(text=text, content_type="application/json", charset="utf-8")


@web.middleware
async def plain_errors(request: web.Request, handler: Any) -> web.StreamResponse:
    """Bad admin input is a 400 with a sentence, not a stack trace."""
    try:
        return await handler(request)
    except (KeyError, ValueError, TypeError) as error:
        return web.json_response({"error": str(error)}, status=400)


def create_app(gateway: MockGateway) -> web.Application:
    """The application of one mock gateway."""
    app = web.Application(middlewares=[plain_errors], client_max_size=64 * 2**20)
    for endpoint in ("refreshTokenByKey", "refreshTokenBySec"):
        app.router.add_route("*", f"{PREFIX}app/{endpoint}.htm", gateway.token)
    app.router.add_route("*", PREFIX + "api/{path:.+}", gateway.call)
    app.router.add_get("/healthz", gateway.healthz)
    app.router.add_get("/_mock/stats", gateway.stats)
    app.router.add_get("/_mock/people", gateway.people)
    app.router.add_get("/_mock/reports", gateway.reports)
    app.router.add_get("/_mock/faults", gateway.list_faults)
    app.router.add_delete("/_mock/faults", gateway.clear_faults)
    for name, handler in {
        "faults": gateway.set_fault,
        "city": gateway.set_city,
        "cast": gateway.add_cast,
        "events": gateway.add_events,
        "reports": gateway.set_reports,
        "tokens": gateway.set_tokens,
        "quota": gateway.set_quota,
    }.items():
        app.router.add_post(f"/_mock/{name}", handler)
    return app


__all__ = ["MockGateway", "create_app"]
