"""公示摇号: what anybody may see and check of a draw. Tickets only, no names."""

import json
from typing import Any

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.access import public
from allocation import bundle, calendar, ledgers, rounds, states
from allocation.draw import digest
from allocation.models import Reveal, Round
from core import clock

# the stand-alone verifier and the browser verifier's three files, as they lie in static/draw
VERIFIER = {
    "yz_draw_verify.py": "text/x-python; charset=utf-8",
    "verify.html": "text/html; charset=utf-8",
    "verify.js": "text/javascript; charset=utf-8",
    "verify.css": "text/css; charset=utf-8",
}
CHECK_WORDS = {
    "submission_time": _("提交申请的早晚"),
    "street": _("所在镇街"),
    "last_digit": _("号牌的末位数字"),
    "channel": _("网上还是窗口申请"),
}
EVENT_WORDS = {
    "frozen": _("名单公布"),
    "revealed": _("揭晓"),
    "accepted": _("接受房源"),
    "declined": _("放弃房源"),
    "lapsed": _("到期没有选择"),
    "reserve_offer": _("给候补家庭"),
    "void": _("本轮作废"),
}
_LEDGER_SHOWN = 30


@public
@require_GET
def draws(request: HttpRequest) -> HttpResponse:
    """Every round, newest first."""
    rows = [(one, states.ROUND[one.state]) for one in Round.objects.order_by("-created_at")[:50]]
    return render(request, "public/draws/list.html", {"rows": rows})


@public
@require_GET
def draw(request: HttpRequest, code: str) -> HttpResponse:
    """One round: calendar, digest, event, result, ledger, self-check, how to check it."""
    row = get_object_or_404(Round, code=code)
    reveal = Reveal.objects.filter(round=row).first()
    roster = json.loads(row.roster) if row.roster else None
    ledger = list(row.ledger.order_by("-number")[:_LEDGER_SHOWN])
    context: dict[str, Any] = {
        "round": row,
        "state": states.ROUND[row.state],
        "stages": calendar.stages(row),
        "situation": _situation(row),
        "reveal": reveal,
        "entrants": len(roster["entrants"]) if roster else 0,
        "homes": len(roster["homes"]) if roster else row.homes.count(),
        "commitment": roster["secret_commitment"] if roster else "",
        "rows": _result(row),
        "result_sha256": digest(row.result.encode()) if row.result else "",
        "checks": _self_check(row),
        "ledger": [(one, _event(one.text)) for one in ledger],
        "ledger_more": ledger[-1].number > 1 if ledger else False,
        "files": list(rounds.files(row)),
        "excluded": row.excluded_staff.count(),
        "ticket": request.GET.get("ticket", "").strip()[:64],
    }
    context["found"] = [one for one in context["rows"] if one["ticket"] == context["ticket"]]
    return render(request, "public/draws/draw.html", context)


@public
@require_GET
def file(request: HttpRequest, code: str, name: str) -> HttpResponse:
    """A published file: one of the bundle's three, the whole bundle, or the ledger."""
    row = get_object_or_404(Round, code=code)
    files = rounds.files(row)
    if name == "bundle.zip" and set(files) == set(bundle.NAMES):
        return _download(bundle.pack(files), "application/zip", f"{row.code}-bundle.zip")
    if name == "ledger.jsonl" and row.roster:
        return _download(ledgers.file(row), "application/x-ndjson", name)
    if name in files:
        return _download(files[name], "application/json", name)
    raise Http404


@public
@require_GET
def verifier(request: HttpRequest, name: str) -> HttpResponse:
    """A file of the two independent verifiers, to keep and to use offline."""
    found = finders.find(f"draw/{name}") if name in VERIFIER else None
    if not found:
        raise Http404
    with open(str(found), "rb") as content:
        return _download(content.read(), VERIFIER[name], name)


# -- Parts ----------------------------------------------------------------------------------


def _download(content: bytes, kind: str, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=kind, headers=headers)


def _situation(row: Round) -> str:
    """planned | frozen | awaiting | event_passed | revealed | void: what is said first."""
    if row.state == states.R_FROZEN:
        if clock.now() >= row.entropy_at:
            return "event_passed"
        return "awaiting" if clock.today() > row.objection_until else "frozen"
    if row.state == states.R_CLOSED:
        return "revealed"
    return row.state


def _result(row: Round) -> list[dict[str, Any]]:
    if not row.result:
        return []
    rows: list[dict[str, Any]] = json.loads(row.result)["assignments"]
    return rows


def _self_check(row: Round) -> list[dict[str, Any]]:
    shown = []
    for name, finding in row.selfcheck.items():
        p = finding["p"]
        shown.append(
            {
                "word": CHECK_WORDS.get(name, name),
                "p": "—" if p is None else f"{p:.3f}",
                "entrants": finding["entrants"],
                "verdict": finding["verdict"],
            }
        )
    return shown


def _event(text: str) -> dict[str, Any]:
    value: dict[str, Any] = json.loads(text)
    return {
        "word": EVENT_WORDS.get(value["event"], value["event"]),
        "ticket": value.get("ticket", ""),
        "home": value.get("home", ""),
        "reason": value.get("reason", ""),
    }
