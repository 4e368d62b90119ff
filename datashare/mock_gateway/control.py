"""操纵台 the mock's own paths under /_mock/: faults, people, events, reports, quotas, statistics.

JSON in and out; `page` is the same for people. A real gateway has none of this.
"""

from __future__ import annotations

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from aiohttp import web

from datashare.mock_gateway.faults import MIXED, MODES, MockFault, as_date
from datashare.mock_gateway.interfaces import INTERFACES, SERVED
from datashare.mock_gateway.page import Page
from datashare.mock_gateway.server import PREFIX, MockGateway, answer
from datashare.mock_gateway.turns import TURNS

FEED_PAGE = 1_000


class Control:
    """Handlers of /_mock/ over one gateway's state."""

    def __init__(self, gateway: MockGateway) -> None:
        self.gateway = gateway

    # -- faults -----------------------------------------------------------------------------

    async def set_fault(self, request: web.Request) -> web.Response:
        """POST {source, mode, person?, from?, until?, rate?, seed?, seconds?, calls?}.

        Mode "none" ends a source's faults, or the one of {number}.
        """
        item = await request.json()
        if item["mode"] == "none":
            self.faults.end(str(item.get("source") or "*"), int(item.get("number") or 0))
            return answer({"faults": len(self.faults)})
        set_ = self.add_fault(item)
        return answer({"faults": len(self.faults), "number": set_})

    def add_fault(self, item: dict[str, Any]) -> int:
        """A fault from now on; its number. ValueError for one that makes no sense."""
        if item.get("source") not in ("*", *SERVED):
            raise ValueError(f"unknown source {item.get('source')!r}")
        return self.faults.append(MockFault.from_dict(item)).number

    async def list_faults(self, request: web.Request) -> web.Response:
        """GET: the faults in force, cast files' aside."""
        return answer({"faults": [one.describe() for one in self.faults]})

    async def clear_faults(self, request: web.Request) -> web.Response:
        """DELETE: every department works again."""
        self.faults.clear()
        return answer({"faults": 0})

    @property
    def faults(self) -> Any:
        return self.gateway.world.faults

    # -- people and what happens to them ----------------------------------------------------

    async def set_city(self, request: web.Request) -> web.Response:
        """POST {households, seed, on}: another city; cast, orders and events go."""
        return answer(self.gateway.remember("city", await request.json()))

    async def add_cast(self, request: web.Request) -> web.Response:
        """POST {"cases": […]}, entries of a cast file; answers the people's ID numbers."""
        return answer(self.gateway.remember("cast", await request.json()))

    async def add_events(self, request: web.Request) -> web.Response:
        """POST {"events": [{person, source, op?, rows?, on?, kind?}]}."""
        posted = self.gateway.today().isoformat()
        events = [{"posted": posted, **event} for event in (await request.json())["events"]]
        return answer(self.gateway.remember("events", {"events": events}))

    async def play(self, request: web.Request) -> web.Response:
        """POST {kind, person?}: one of turns.TURNS happens today."""
        item = await request.json()
        return answer(self.happen(str(item["kind"]), str(item.get("person") or "")))

    def happen(self, kind: str, person: str = "") -> dict[str, Any]:
        """A turn of life today, to a person's family or to any that it can happen to."""
        today = self.gateway.today().isoformat()
        return self.gateway.remember("turn", {"kind": kind, "person": person, "on": today})

    async def feed(self, request: web.Request) -> web.Response:
        """GET ?from=&until=&kind=&limit=&offset=: changes of these days, both included.

        Without days: yesterday and today. Never later than the mock's day.
        """
        query, today = request.query, self.gateway.today()
        until = as_date(query.get("until")) or today
        since = as_date(query.get("from")) or until - timedelta(days=1)
        found = self.gateway.world.changes(since, until, today)
        if kinds := set(filter(None, query.get("kind", "").split(","))):
            found = [change for change in found if change.kind in kinds]
        offset, limit = int(query.get("offset", "0")), int(query.get("limit", str(FEED_PAGE)))
        return answer(
            {
                "from": since.isoformat(),
                "until": min(until, today).isoformat(),
                "total": len(found),
                "changes": [change.as_dict() for change in found[offset : offset + limit]],
            }
        )

    async def people(self, request: web.Request) -> web.Response:
        """GET ?limit=&situation=: some applicants of the city, for the mock sign-in page."""
        limit = int(request.query.get("limit", "12"))
        found = self.gateway.world.suggestions(request.query.get("situation", ""))
        return answer({"people": found[:limit]})

    # -- ordered reports --------------------------------------------------------------------

    async def reports(self, request: web.Request) -> web.Response:
        """GET ?limit=: how many reports are under way and ready, and those under way."""
        today, limit = self.gateway.today(), int(request.query.get("limit", "200"))
        desk = self.gateway.world.desk
        orders = [asdict(order) for order in desk.under_way(today)[:limit]]
        return answer({**desk.describe(today), "orders": orders})

    async def set_reports(self, request: web.Request) -> web.Response:
        """POST {"hurry": true, person?}: deliver what is ordered; {"days": "1-10"}: the delay."""
        item = await request.json()
        if not item.get("hurry") and item.get("days") is None:
            raise ValueError("hurry or days")
        today = self.gateway.today().isoformat()
        return answer(self.gateway.remember("reports", {**item, "on": today}))

    # -- credentials, quotas, statistics ----------------------------------------------------

    async def set_tokens(self, request: web.Request) -> web.Response:
        """POST {request_life?, refresh_life?, forget?}: lifetimes, or end the pair now."""
        item, accounts = await request.json(), self.gateway.accounts
        accounts.request_life = item.get("request_life", accounts.request_life)
        accounts.refresh_life = item.get("refresh_life", accounts.refresh_life)
        if item.get("forget"):
            accounts.request_secret = accounts.refresh_secret = ""
        return answer({"issued": accounts.issued})

    async def set_quota(self, request: web.Request) -> web.Response:
        """POST {source or "*", rate?, burst?, daily?, reset?}: `reset` forgets what is used."""
        item = await request.json()
        self.change_quota(item)
        return answer({"quota": "set"})

    def change_quota(self, item: dict[str, Any]) -> None:
        """A source's quota, or all sources'."""
        for name, meter in self.gateway.meters.items():
            if item.get("source", "*") not in ("*", name):
                continue
            meter.rate = float(item.get("rate", meter.rate))
            meter.burst = int(item.get("burst", meter.burst))
            meter.daily = int(item.get("daily", meter.daily))
            meter.tokens = min(meter.tokens, meter.burst)
            if item.get("reset"):
                meter.used = meter.most = 0
                meter.refused = dict.fromkeys(meter.refused, 0)

    async def set_pages(self, request: web.Request) -> web.Response:
        """POST {source or "*", size}: more rows than `size` come on several pages; 0 ends it."""
        item = await request.json()
        size, wanted = int(item["size"]), str(item.get("source") or "*")
        for source in INTERFACES:
            if wanted in ("*", source):
                self.gateway.page_sizes[source] = size
        return answer({"pages": {k: v for k, v in self.gateway.page_sizes.items() if v}})

    async def set_latency(self, request: web.Request) -> web.Response:
        """POST {"factor"}: 1 is as the departments are, 0 answers at once."""
        self.gateway.latency = max(0.0, float((await request.json())["factor"]))
        return answer({"factor": self.gateway.latency})

    async def stats(self, request: web.Request) -> web.Response:
        """GET ?person=: calls by source, answers by code, quotas, pairs given out, repeats.

        `repeats` counts calls about a person at a source beyond the first; with `person`, `asked`
        says how often each source was asked about them.
        """
        gateway, world = self.gateway, self.gateway.world
        person = request.query.get("person", "").upper()
        asked = {source: n for (source, one), n in gateway.asked.items() if one == person}
        return answer(
            {
                "calls": dict(gateway.calls),
                "codes": dict(gateway.codes),
                "quota": {name: meter.describe() for name, meter in gateway.meters.items()},
                "repeats": sum(gateway.asked.values()) - len(gateway.asked),
                **({"asked": asked} if person else {}),
                "tokens": list(gateway.accounts.issued),
                "busiest": gateway.busiest,
                "cast": len(world.cast),
                "faults": len(world.faults),
                "modes": [*MODES, MIXED],
                "turns": list(TURNS),
                "today": gateway.today().isoformat(),
                "latency": gateway.latency,
                "reports": world.desk.describe(gateway.today()),
                "city": world.city.describe() if world.city else None,
            }
        )

    async def healthz(self, request: web.Request) -> web.Response:
        """GET: up, and with which city."""
        city = self.gateway.world.city
        return answer({"status": "ok", "city": city.describe() if city else None})


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
    control = Control(gateway)
    page = Page(gateway, control)
    app.router.add_get("/", page.show)
    app.router.add_get("/_mock/", page.show)
    app.router.add_post("/_mock/page", page.act)
    app.router.add_get("/healthz", control.healthz)
    app.router.add_delete("/_mock/faults", control.clear_faults)
    for name, handler in {
        "stats": control.stats,
        "people": control.people,
        "reports": control.reports,
        "faults": control.list_faults,
        "feed": control.feed,
    }.items():
        app.router.add_get(f"/_mock/{name}", handler)
    for name, handler in {
        "faults": control.set_fault,
        "city": control.set_city,
        "cast": control.add_cast,
        "events": control.add_events,
        "turns": control.play,
        "reports": control.set_reports,
        "tokens": control.set_tokens,
        "quota": control.set_quota,
        "latency": control.set_latency,
        "pages": control.set_pages,
    }.items():
        app.router.add_post(f"/_mock/{name}", handler)
    return app
