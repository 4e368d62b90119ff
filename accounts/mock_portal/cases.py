"""办件汇聚 of the mock portal: numbers, status and ratings of cases, received once each.

It checks the signature, answers the same key with the same receipt, and orders status by its
sequence number, whatever order it came in. It knows nothing of the platform's database.
"""

import asyncio
import hmac
import json
from collections import defaultdict
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from aiohttp import web

from accounts.mock_portal import pages
from core.identity.masking import mask_id, mask_name

MODES = ("ok", "http_500", "garbage", "down", "refuse", "silent")
_KINDS = ("case.number", "case.status", "case.rating")
_SILENT = 30  # seconds
WORDS = {
    "received": "收件",
    "accepted": "受理",
    "step": "办理",
    "correction": "补正",
    "closed_returned": "退件",
    "closed_withdrawn": "撤回",
    "closed_transferred": "转办",
    "closed_refused": "办结（不予）",
    "closed_granted": "办结（准予）",
}
STEPS = {"accepted": "受理", "decided": "审核决定", "moved_in": "配租入住"}


@dataclass
class Case:
    """One 办件 as the province sees it."""

    proj_id: str
    applicant: str = ""
    number: str = ""
    statuses: dict[int, dict[str, Any]] = field(default_factory=dict)
    ratings: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def timeline(self) -> list[dict[str, Any]]:
        """Status by sequence, oldest first."""
        return [self.statuses[seq] for seq in sorted(self.statuses)]

    def to_dict(self) -> dict[str, Any]:
        """What a test asks for."""
        ratings = list(self.ratings.values())
        return {"projId": self.proj_id, "statuses": self.timeline, "ratings": ratings}


class Cases:
    """What was received, and the fault that is played."""

    def __init__(self, secret: str) -> None:
        self._secret = secret.encode()
        self._receipts: dict[str, dict[str, Any]] = {}
        self.cases: dict[str, Case] = {}
        self.posts: dict[str, int] = defaultdict(int)
        self.mode = "ok"

    def routes(self) -> list[web.RouteDef]:
        """Its addresses."""
        return [
            web.get("/cases/", self._page),
            web.post("/cases/", self._receive),
            web.get("/_mock/cases", self._received),
            web.post("/_mock/cases/fault", self._fault),
        ]

    async def _receive(self, request: web.Request) -> web.Response:
        body = await request.read()
        if self.mode == "silent":
            await asyncio.sleep(_SILENT)
        if (broken := _broken(self.mode)) is not None:
            return broken
        expected = hmac.new(self._secret, body, sha256).hexdigest()
        if not hmac.compare_digest(expected, request.headers.get("X-Signature", "")):
            raise web.HTTPForbidden(text="bad signature")
        message = json.loads(body)
        key = str(message.get("key", ""))
        self.posts[key] += 1
        if message.get("kind") not in _KINDS or not message.get("caseNo") or not key:
            return web.json_response({"success": False, "errorCode": "C-PROJ-BAD-FORMAT"})
        if key not in self._receipts:
            self._receipts[key] = self._take(message)
        return web.json_response(self._receipts[key])

    def _take(self, message: dict[str, Any]) -> dict[str, Any]:
        case = self._case(str(message["caseNo"]))
        if message["kind"] == "case.number":
            case.applicant = mask_name(str(message.get("applyName", "")))
            case.number = mask_id(str(message.get("applyCardNumber", "")))
        elif message["kind"] == "case.status":
            case.statuses[int(message["seq"])] = {
                name: message.get(name) for name in ("seq", "status", "word", "at")
            }
        else:
            names = ("step", "level", "reasons", "text", "at", "revision")
            known = case.ratings.get(str(message["step"]))
            if known is None or known["revision"] < message["revision"]:
                case.ratings[message["step"]] = {name: message.get(name) for name in names}
        data = {"projId": case.proj_id}
        return {"success": True, "errorCode": "0", "errorMsg": "", "data": data}

    def _case(self, case_no: str) -> Case:
        if case_no not in self.cases:
            digits = int(sha256(case_no.encode()).hexdigest()[:12], 16) % 10**12
            self.cases[case_no] = Case(f"330212{digits:012d}")
        return self.cases[case_no]

    async def _page(self, request: web.Request) -> web.Response:
        text = pages.cases(self.cases.items(), WORDS | {f"rated_{k}": w for k, w in STEPS.items()})
        return web.Response(text=text, content_type="text/html", charset="utf-8")

    async def _received(self, request: web.Request) -> web.Response:
        told = {number: one.to_dict() for number, one in self.cases.items()}
        return web.json_response({"cases": told, "posts": self.posts})

    async def _fault(self, request: web.Request) -> web.Response:
        wish = await request.json()
        if wish.get("mode") not in MODES:
            raise web.HTTPBadRequest(text=f"mode: {MODES}")
        self.mode = wish["mode"]
        return web.json_response({"mode": self.mode})


def _broken(mode: str) -> web.Response | None:
    if mode == "http_500":
        return web.Response(status=500)
    if mode == "garbage":
        return web.Response(text="<html>login</html>", content_type="text/html")
    if mode == "down":
        return web.Response(status=503)
    if mode == "refuse":
        return web.json_response({"success": False, "errorCode": "C-PROJ-LATER"})
    return None
