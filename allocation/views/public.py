"""公示摇号: what anybody may see and check of a draw. Tickets only, no names."""

import json
from typing import Any

from django.contrib.staticfiles import finders
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.access import public
from allocation import (
    bundle,
    calendar,
    explained,
    keeping_out,
    ledgers,
    roster_objections,
    round_screen,
    rounds,
    states,
)
from allocation.draw import digest
from allocation.models import Reveal, RosterObjection, Round
from core import clock

# the stand-alone verifier and the browser verifier's three files, as they lie in static/draw
VERIFIER = {
    "yz_draw_verify.py": "text/x-python; charset=utf-8",
    "verify.html": "text/html; charset=utf-8",
    "verify.js": "text/javascript; charset=utf-8",
    "verify.css": "text/css; charset=utf-8",
}
EVENT_WORDS = {
    "frozen": _("名单公布"),
    "revealed": _("揭晓"),
    "accepted": _("接受房源"),
    "declined": _("放弃房源"),
    "lapsed": _("到期没有选择"),
    "reserve_offer": _("给候补家庭"),
    "extended": _("期限延长，没约上看房"),
    "homes": _("公布房源"),
    "choice_planned": _("选房日排定"),
    "choice_opened": _("选房开始"),
    "choice_paused": _("选房暂停"),
    "choice_resumed": _("选房继续"),
    "choice_ended": _("选房结束"),
    "called": _("叫号"),
    "chosen": _("选定房源"),
    "passed_over": _("排到队尾"),
    "missed": _("两次没有选"),
    "chose_none": _("都不选"),
    "nothing_left": _("没有适合的房源"),
    "released": _("选房结束时没有选"),
    "void": _("本轮作废"),
    "objection": _("答复名单异议"),
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
    ordered = row.mode == Round.Mode.ORDER
    context: dict[str, Any] = {
        "round": row,
        "state": states.ROUND[row.state],
        "stages": calendar.stages(row),
        "situation": _situation(row),
        "reveal": reveal,
        "entrants": len(roster["entrants"]) if roster else 0,
        "homes": row.homes.count() if not roster or ordered else len(roster["homes"]),
        "choice": ordered and hasattr(row, "choice_day"),
        "commitment": roster["secret_commitment"] if roster else "",
        "rows": _result(row),
        "result_sha256": digest(row.result.encode()) if row.result else "",
        "checks": _self_check(row),
        "ledger": [(one, _event(one.text)) for one in ledger],
        "ledger_more": ledger[-1].number > 1 if ledger else False,
        "files": list(rounds.files(row)),
        "excluded": keeping_out.shown(row) if row.roster else [],
        "objections": row.objections.order_by("line"),
        "holding": roster_objections.holding(row).exists(),
        "own": round_screen.own_entrant(row, request.user) if row.roster else None,
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
                "word": explained.DIMENSIONS[name].title,
                "line": explained.finding(name, finding["verdict"], p),
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
        "reason": value.get("reason", "") or _outcome(value),
    }


def _outcome(value: dict[str, Any]) -> str:
    """第3号，不属实 for a line about an objection."""
    if value["event"] != "objection":
        return ""
    words = dict(RosterObjection.Outcome.choices)
    return gettext("第%(n)s号，%(outcome)s") % {
        "n": value["number"], "outcome": words.get(value["outcome"], value["outcome"]),
    }  # fmt: skip
