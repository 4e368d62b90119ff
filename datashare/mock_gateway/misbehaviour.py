"""故障表现 what each fault mode looks like on the wire."""

from __future__ import annotations

import asyncio
import json
import re
from dataclasses import replace
from typing import Any

from aiohttp import web

from datashare.mock_gateway.interfaces import Rows
from datashare.mock_gateway.paging import Page
from datashare.mock_gateway.protocol import envelope

HANG = 30.0  # seconds: longer than any client waits
SLOW = 3.0
STRANGER = "33021219500101999X"  # nobody: the district's code did not exist then
# Fields that say how old a row is; a stale source answers with what it knew long ago.
AGE_FIELDS = ("tong_time", "tongTime", "czrksjxgxsj")
YEARS_BEHIND = 15
ID_NUMBER = re.compile(r"(?<!\d)(\d{6})\d{11}[\dXx](?!\d)")


def altered(mode: str, page: Page, person: str) -> Page:
    """The page as a department with this fault would give it."""
    if mode == "partial_page":  # it knows of one more page than it ever gives
        total = max(len(page.rows), page.total or 0, 1)
        return Page(page.rows[: len(page.rows) // 2], total, page.pages + 1)
    return replace(page, rows=_altered(mode, page.rows, person))


def _altered(mode: str, rows: Rows, person: str) -> Rows:
    if mode == "wrong_person" and person:
        moved = json.dumps(rows or [{"sfzh": person}], ensure_ascii=False, default=str)
        return json.loads(re.sub(re.escape(person), STRANGER, moved, flags=re.IGNORECASE))
    if mode == "stale":
        return [_aged(row) for row in rows]
    if mode == "masked":
        text = json.dumps(rows, ensure_ascii=False, default=str)
        return json.loads(ID_NUMBER.sub(lambda found: found[1] + "*" * 12, text))
    if mode == "duplicates":
        return [copy for row in rows for copy in (_aged(row), row, row)]
    return rows


def rewritten(mode: str, body: bytes) -> web.Response | None:
    """A good answer damaged on its way, or None where this fault does not touch it."""
    if mode == "truncated":
        return web.Response(body=body[: len(body) * 2 // 3], content_type="application/json")
    if mode == "content_type":
        return web.Response(body=body, content_type="text/html", charset="utf-8")
    return None


def _aged(row: dict[str, Any]) -> dict[str, Any]:
    """The row as a register that stopped following years ago would have it."""
    written = next((str(row[key]) for key in AGE_FIELDS if row.get(key)), "2026-01-01")
    year = int(written[:4]) - YEARS_BEHIND
    field = next((key for key in AGE_FIELDS if key in row), AGE_FIELDS[0])
    return {**row, field: f"{year}{written[4:]}"}


async def respond(mode: str, request: web.Request) -> web.StreamResponse | None:
    """The response of a fault mode, or None where only rows or time differ."""
    if mode == "timeout":
        await asyncio.sleep(HANG)
        return web.Response(status=504)
    if mode == "slow":
        await asyncio.sleep(SLOW)
        return None
    if mode == "reset" and request.transport:
        request.transport.abort()
        return web.Response(status=499)
    return _plain(mode)


def _plain(mode: str) -> web.Response | None:
    html = "<html><body><h1>系统维护中</h1></body></html>"
    if mode == "http_500":
        return web.Response(status=500, text=html, content_type="text/html")
    if mode == "garbage":
        return web.Response(text=html, content_type="text/html")
    if mode == "empty":
        return web.Response(body=b"", content_type="application/json")
    inner = {"success": False, "errorCode": "E500", "errorMsg": "上游接口异常", "data": None}
    codes = {
        "quota": envelope("18"),
        "unknown_code": envelope("37"),
        **{f"code_{code}": envelope(code) for code in ("03", "11", "14")},
        "upstream": envelope("00", json.dumps(inner, ensure_ascii=False)),
    }
    if mode not in codes:
        return None
    text = json.dumps(codes[mode], ensure_ascii=False)
    return web.Response(text=text, content_type="application/json")
