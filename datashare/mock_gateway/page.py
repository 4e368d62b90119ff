"""操纵台页面 the mock's own page: departments with their counts, faults, reports, events, quotas.

Plain HTML made here, without scripts or outside assets. Every form posts to /_mock/page and comes
back to the page with a sentence about what was done.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

from aiohttp import web

from datashare.mock_gateway import page_parts as parts
from datashare.mock_gateway.server import MockGateway

if TYPE_CHECKING:
    from datashare.mock_gateway.control import Control

FEED_DAYS = 30
FEED_ROWS = 40
DONE = {
    "fault": "故障已生效。",
    "mend": "已恢复。",
    "hurry": "在办的核对报告已全部出具。",
    "days": "核对报告的办理时限已改。",
    "turn": "这件事今天发生了，登记里已经查得到。",
    "quota": "配额已改。",
}


class Page:
    """The page, and what its forms do."""

    def __init__(self, gateway: MockGateway, control: Control) -> None:
        self.gateway = gateway
        self.control = control

    async def show(self, request: web.Request) -> web.Response:
        """GET / or /_mock/: everything on one page; ?done= names what a form just did."""
        return self._response(done=DONE.get(request.query.get("done", ""), ""))

    async def act(self, request: web.Request) -> web.StreamResponse:
        """POST /_mock/page: one of the forms; an input that makes no sense is said so above."""
        if not _from_here(request):
            raise web.HTTPForbidden(text="forms of other sites are not taken")
        form = {name: str(value).strip() for name, value in (await request.post()).items()}
        deed = form.pop("do", "")
        try:
            self._do(deed, {name: value for name, value in form.items() if value})
        except (KeyError, ValueError) as error:
            return self._response(problem=f"没有做成：{error}", status=400)
        raise web.HTTPSeeOther("/?" + urlencode({"done": deed}))

    def _do(self, deed: str, form: dict[str, str]) -> None:
        """What a form's button asks for. ValueError or KeyError where it makes no sense."""
        today = self.gateway.today().isoformat()
        if deed == "fault":
            rate = float(form.get("percent", "100")) / 100
            self.control.add_fault({**form, "rate": rate})
        elif deed == "mend":
            self.control.faults.end(form.get("source", "*"), int(form.get("number", "0")))
        elif deed == "hurry":
            self.gateway.remember("reports", {"hurry": True, "on": today})
        elif deed == "days":
            self.gateway.remember("reports", {"days": form["days"], "on": today})
        elif deed == "turn":
            self.control.happen(form["kind"], form.get("person", ""))
        elif deed == "quota":
            self.control.change_quota(form)
        else:
            raise ValueError("unknown form")

    def _response(self, *, done: str = "", problem: str = "", status: int = 200) -> web.Response:
        gateway = self.gateway
        today = gateway.today()
        changes = gateway.world.changes(today - timedelta(days=FEED_DAYS), today, today)
        sections: list[Any] = [
            parts.departments(gateway),
            parts.faults(list(gateway.world.faults)),
            parts.fault_form(),
            parts.reports(gateway.world.desk.describe(today)),
            parts.turn_form(),
            parts.changes(changes[::-1][:FEED_ROWS], len(changes), FEED_DAYS),
            parts.quota_form(),
        ]
        text = parts.document(gateway, today, sections, done=done, problem=problem)
        return web.Response(
            text=text,
            status=status,
            content_type="text/html",
            charset="utf-8",
            headers={
                "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'; "
                "form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
                "Cache-Control": "no-store",
            },
        )


def _from_here(request: web.Request) -> bool:
    """Whether a form comes from this page: a browser names the origin of a posted form."""
    origin = request.headers.get("Origin", "")
    return not origin or urlsplit(origin).netloc == request.host
