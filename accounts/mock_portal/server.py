"""The mock portal's pages and its one back-end address."""

import asyncio
import contextlib
import hmac
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlencode, urlsplit

from aiohttp import ClientError, ClientSession, ClientTimeout, web

from accounts.mock_portal import pages
from accounts.mock_portal.cases import Cases
from accounts.mock_portal.tickets import FAULTS, Account, Register
from accounts.mock_portal.todos import Todos
from accounts.portal import signature
from core.identity import numbers

log = logging.getLogger(__name__)
_DRIFT = timedelta(minutes=10)
_RESULTS = {
    "0": "",
    "6001": "票据超时",
    "6002": "票据无效",
    "6003": "票据不属于该服务",
    "6004": "格式错误",
    "6099": "签名错误",
    "6501": "令牌超时",
    "6502": "令牌无效",
    "6505": "格式错误",
}


@dataclass(frozen=True)
class Setup:
    """What the registered service and its surroundings are called.

    ``callbacks`` are the registered addresses; of several the one is taken whose site the visitor
    came from. ``gateway`` may suggest people; ``now`` tells the time the signature is checked by;
    ``outbox_secret`` signs what is pushed about cases and to-dos.
    """

    service_code: str
    service_password: str
    callbacks: Sequence[str]
    now: Callable[[], datetime]
    gateway: str = ""
    outbox_secret: str = ""


SETUP = web.AppKey("setup", Setup)
REGISTER = web.AppKey("register", Register)


def application(setup: Setup) -> web.Application:
    """The portal, ready to serve."""
    app = web.Application(middlewares=[_plain_errors])
    app[SETUP] = setup
    app[REGISTER] = Register()
    app.add_routes(
        [
            web.get("/", _front),
            web.get("/sso/usp.do", _entrance),
            web.post("/sso/usp.do", _choose),
            web.post("/sso/servlet/simpleauth", _simpleauth),
            web.post("/_mock/tickets", _ticket_by_hand),
            web.get("/healthz", _alive),
            web.static("/assets", Path(__file__).parent / "assets"),
            *Cases(setup.outbox_secret).routes(),
            *Todos(setup.outbox_secret).routes(),
        ]
    )
    return app


@web.middleware
async def _plain_errors(
    request: web.Request, handler: Callable[[web.Request], Awaitable[web.StreamResponse]]
) -> web.StreamResponse:
    """Says no in words, and lets no page be framed or kept."""
    try:
        response = await handler(request)
    except _Declined as declined:
        response = _page(pages.message(str(declined)), status=400)
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers.setdefault("X-Frame-Options", "DENY")
    return response


class _Declined(Exception):
    """The sentence for somebody who came with a wrong address or number."""


async def _front(request: web.Request) -> web.Response:
    return _page(pages.message("这是演示门户。请从住房保障页面点“登录”进入。"))


async def _entrance(request: web.Request) -> web.Response:
    if request.query.get("action") == "zfRedirect":
        return _page(pages.message("演示门户：在正式系统里，这里可以做高级实名认证。"))
    goto, callback = request.query.get("goto", "/"), _callback(request)
    if request.query.get("servicecode", "") != request.app[SETUP].service_code:
        raise _Declined("这个服务没有在演示门户登记。请从住房保障页面重新进入。")
    people = await _suggestions(request.app[SETUP].gateway)
    return _page(pages.choose(people, goto=goto, callback=callback))


async def _choose(request: web.Request) -> web.Response:
    form = {name: str(value) for name, value in (await request.post()).items()}
    goto, callback = form.get("goto", "/"), form.get("callback", "")
    if callback not in request.app[SETUP].callbacks:
        raise _Declined("回跳地址没有登记。")
    try:
        account = _account(form)
    except _Declined as declined:
        people = await _suggestions(request.app[SETUP].gateway)
        page = pages.choose(people, goto=goto, callback=callback, typed=form, wrong=str(declined))
        return _page(page, status=422)
    ticket = request.app[REGISTER].issue(account)
    if form.get("by_post"):
        return _page(pages.post_back(callback, ticket, goto))
    raise web.HTTPSeeOther(f"{callback}?{urlencode({'ticket': ticket, 'sp': goto})}")


async def _simpleauth(request: web.Request) -> web.Response:
    form = {name: str(value) for name, value in (await request.post()).items()}
    if not _signed(request.app[SETUP], form):
        return _answer("6099")
    register = request.app[REGISTER]
    if form.get("method") == "ticketValidation":
        account = register.peek(form.get("st", ""))
        played = await _play(account.fault if account else "")
        return played or _answer(*register.redeem(form.get("st", "")))
    if form.get("method") == "getUserInfo":
        return _answer(*register.person(form.get("token", "")))
    return _answer("6004")


async def _ticket_by_hand(request: web.Request) -> web.Response:
    """A ticket without the page, for tests: JSON {name, id_number, fault}."""
    asked = await request.json()
    ticket = request.app[REGISTER].issue(_account({k: str(v) for k, v in asked.items()}))
    return web.json_response({"ticket": ticket})


async def _alive(request: web.Request) -> web.Response:
    return web.json_response({"status": "ok"})


async def _play(fault: str) -> web.Response | None:
    if fault == "silent":
        await asyncio.sleep(30)
    if fault == "broken":
        return web.Response(text="<html>维护中</html>", content_type="text/html")
    return web.Response(status=500, text="error") if fault == "error_500" else None


def _account(form: dict[str, str]) -> Account:
    name = form.get("name", "").strip()
    try:
        number = numbers.parse(form.get("id_number", ""))
    except numbers.IdNumberError:
        raise _Declined("号码可能有一位填错，请再核对一次。") from None
    if not name:
        raise _Declined("请填写姓名。")
    fault = form.get("fault", "")
    return Account(name, number.text, fault if fault in FAULTS else "")


def _signed(setup: Setup, form: dict[str, str]) -> bool:
    stamp = form.get("time", "")
    expected = signature(setup.service_code, setup.service_password, stamp)
    right = form.get("servicecode") == setup.service_code and hmac.compare_digest(
        form.get("sign", "").encode(), expected.encode()
    )
    now = setup.now()
    try:
        sent = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=now.tzinfo)
    except ValueError:
        return False
    return right and abs(now - sent) <= _DRIFT


def _callback(request: web.Request) -> str:
    came_from = urlsplit(request.headers.get("Referer", "")).netloc
    callbacks = request.app[SETUP].callbacks
    return next((one for one in callbacks if urlsplit(one).netloc == came_from), callbacks[0])


async def _suggestions(gateway: str) -> list[dict[str, str]]:
    """A few people of the city; none if the departments' mock cannot be reached."""
    if not gateway:
        return []
    address = f"{gateway.rstrip('/')}/_mock/people?limit=12"
    with contextlib.suppress(ClientError, TimeoutError, ValueError, OSError):
        async with (
            ClientSession(timeout=ClientTimeout(total=2)) as session,
            session.get(address) as answer,
        ):
            found = await answer.json(content_type=None)
        rows = found.get("people", []) if isinstance(found, dict) else found
        return [_suggestion(row) for row in rows if isinstance(row, dict) and row.get("id_number")]
    return []


def _suggestion(row: dict[str, object]) -> dict[str, str]:
    names = ("name", "id_number", "note")
    return {name: str(row.get(name) or "") for name in names}


def _answer(result: str, fields: dict[str, str] | None = None) -> web.Response:
    body = {"result": result, "errmsg": _RESULTS.get(result, ""), **(fields or {})}
    return web.json_response(body)


def _page(html: str, status: int = 200) -> web.Response:
    return web.Response(text=html, content_type="text/html", charset="utf-8", status=status)
