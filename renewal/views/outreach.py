"""/review/outreach/: households found for a street, one household, its letter, the numbers."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.models import Staff
from applications import receipts
from applications.views.queue import staff_of
from core import clock
from core.refusals import Refusal
from renewal import outreach, outreach_letter, outreach_numbers
from renewal import outreach_screen as screen
from renewal.forms_outreach import AttemptForm, BeginForm, GiveForm, NoForm, PlaceForm
from renewal.models import Outreach

READERS = (*outreach.WORKERS, *outreach.OVERSEERS)
Forms = dict[str, Any]


@require_GET
@staff_only(*READERS)
def listed(request: HttpRequest) -> HttpResponse:
    """A tab of the street's list, or the households behind a number; page by key."""
    staff, today = staff_of(request), clock.today()
    words = screen.tabs(staff)
    what = request.GET.get("what", "") or (screen.MINE if screen.MINE in words else screen.OPEN)
    street = request.GET.get("street", "")
    rows = screen.listed(staff, what, street, today)
    rows = screen.behind(rows, request.GET.get("after", ""))
    page = list(rows[: screen.PAGE + 1])
    more = page[screen.PAGE :]
    shown = page[: screen.PAGE]
    query = request.GET.copy()
    if more:
        query["after"] = screen.key_of(shown[-1])
    context = {
        "lines": [screen.line(one, today) for one in shown],
        "next_href": f"?{query.urlencode()}" if more else "",
        "facets": [(_("名单"), [_tab(key, word, what, street) for key, word in words.items()])],
        "title": screen.words_of(what, today),
        "bureau": staff.bureau,
        "everywhere": bool(set(outreach.OVERSEERS) & set(staff.roles)),
        "street": street,
        "works": bool(set(outreach.WORKERS) & set(staff.roles)),
    }
    named = [one for one in shown if one.forgotten_at is None]
    outreach.note_look(named, by=request.user, purpose=_("主动联系名单"))
    return render(request, "renewal/outreach_list.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(*READERS)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One household: why it was found, what was tried, the next step. Each look is recorded."""
    staff = staff_of(request)
    row = get_object_or_404(_rows(staff), pk=pk)
    forms = _forms(request, row, staff)
    if request.method == "POST":
        went = _act(request, row, staff, forms)
        if went is not None:
            return went
        row = get_object_or_404(_rows(staff), pk=pk)
    outreach.note_look([row], by=request.user, purpose=_("主动联系"))
    faulty = any(form.errors for form in forms.values())
    context = _context(row, staff, forms)
    return render(request, "renewal/outreach.html", context, status=422 if faulty else 200)


@require_GET
@staff_only(*READERS)
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """联系函 to hand over or to leave; nothing about the household stands on it."""
    row = get_object_or_404(_rows(staff_of(request)), pk=pk)
    outreach.note_look([row], by=request.user, purpose=_("打印联系函"))
    return receipts.as_file(outreach_letter.pdf(row), f"outreach-{row.pk}.pdf")


@require_GET
@staff_only(*READERS)
def numbers(request: HttpRequest) -> HttpResponse:
    """What it came to, by street; each number opens its list."""
    staff, today = staff_of(request), clock.today()
    everywhere = bool(set(outreach.OVERSEERS) & set(staff.roles))
    lines = outreach_numbers.by_street(outreach.visible_to(staff), today)
    context = {
        "lines": lines if everywhere else lines[1:],
        "words": [word for word, _q in outreach_numbers.outcomes(today).values()],
        "search": outreach_numbers.last_search() if everywhere else None,
    }
    return render(request, "renewal/outreach_numbers.html", context)


def _tab(key: str, word: Any, what: str, street: str) -> tuple[Any, str, None, bool]:
    """One tab of the list: word, address, no count, whether it is the one shown."""
    kept = {"what": key, "street": street} if street else {"what": key}
    return word, f"?{urlencode(kept)}", None, key == what


# -- One household ---------------------------------------------------------------------------------


def _rows(staff: Staff) -> Any:
    rows = (
        outreach.visible_to(staff)
        .filter(forgotten_at=None)
        .select_related("street", "assigned_to", "application")
    )
    return rows.prefetch_related("attempts__by")


def _forms(request: HttpRequest, row: Outreach, staff: Staff) -> Forms:
    """The forms of the page; the one that was sent is bound."""
    action = request.POST.get("action", "")

    def made(name: str, form: Any, **more: Any) -> Any:
        return form(request.POST if action == name else None, **more)

    return {
        "attempt": made("attempt", AttemptForm),
        "begin": made("begin", BeginForm, staff=staff),
        "no": made("no", NoForm),
        "give": made("give", GiveForm, row=row, staff=staff),
        "place": made("place", PlaceForm),
    }


def _act(request: HttpRequest, row: Outreach, staff: Staff, forms: Forms) -> HttpResponse | None:
    """Does what was sent; where to go then, or None with the reason on the form."""
    action = request.POST.get("action", "")
    form = forms.get(action)
    if form is not None and not form.is_valid():
        return None
    told: dict[str, Any] = form.cleaned_data if form is not None else {}
    verb = _VERBS.get(action)
    if verb is None:
        return redirect("outreach_one", row.pk)
    try:
        answer = verb(row, staff, told)
    except Refusal as refusal:
        if form is None:
            messages.error(request, str(refusal))
            return redirect("outreach_one", row.pk)
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return None
    messages.success(request, _("已记录。"))
    if action == "begin" and answer.channel == "window":
        return redirect("window_desk", ref=answer.ref)
    if action == "place":
        return redirect("outreach_list")
    return redirect("outreach_one", row.pk)


_VERBS: dict[str, Callable[[Outreach, Staff, dict[str, Any]], Any]] = {
    "claim": lambda row, by, told: outreach.claim(row, by=by),
    "release": lambda row, by, told: outreach.release(row, by=by),
    "give": lambda row, by, told: outreach.give(row, to=told["to"], by=by),
    "place": lambda row, by, told: outreach.place(row, told["street"], by=by),
    "attempt": lambda row, by, told: outreach.attempt(row, by=by, **told),
    "begin": lambda row, by, told: outreach.begin(row, way=told["way"], phone=told["phone"], by=by),
    "no": lambda row, by, told: outreach.not_wanted(
        row, by=by.user, never=told["never"], note=told["note"]
    ),
    "not_found": lambda row, by, told: outreach.not_found(row, by=by),
}


def _context(row: Outreach, staff: Staff, forms: Forms) -> dict[str, Any]:
    touch = outreach.why_not_touch(row, staff)
    work = outreach.why_not_work(row, staff)
    return {
        "row": row,
        "state": row.STATES[row.state],
        "state_line": screen.state_line(row),
        "late": outreach.is_late(row, clock.today()),
        "evidence": screen.evidence(row),
        "differs": screen.differs(row),
        "script": screen.script(row),
        "next_way": screen.next_way(row),
        "ladder": screen.ladder(),
        "outcome": screen.outcome(row),
        "forms": forms,
        "may_claim": not touch and row.assigned_to_id is None,
        "may_work": not work,
        "why_not": touch or work,
        "why_not_begin": outreach.why_not_begin(row, staff),
        "why_not_give_up": outreach.why_not_give_up(row, staff),
        "may_place": not outreach.why_not_place(row, staff),
        "may_release": not work and row.state == "assigned",
        "may_say_no": not work and row.reached_at is not None,
    }
