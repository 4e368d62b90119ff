"""/office/calendar/: the working calendar of a year, its changes, and the second person."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from applications import calendar_changes, recalculation
from applications.calendar_changes import CONFIRMERS, ENTERERS
from applications.forms.calendar import LIBRARY, RESTS, WORKS, DayForm, NoticeForm, UndoForm
from applications.models import Recalculation
from core import audit, clock, workdays
from core.models import CalendarChange, CalendarDay
from core.refusals import Refusal

_PAGE = 30


@require_GET
@staff_only(*CONFIRMERS)
def year(request: HttpRequest) -> HttpResponse:
    """One year: what the library says, the days set here, what waits, and the history."""
    shown = _year(request)
    rows = CalendarChange.objects.select_related("entered_by__staff", "settled_by__staff")
    waiting = rows.filter(state=CalendarChange.State.ENTERED).order_by("date")
    history = rows.filter(date__year=shown).exclude(state=CalendarChange.State.ENTERED)
    page = Paginator(history, _PAGE).get_page(request.GET.get("page"))
    this = clock.today().year
    context = {
        "year": shown,
        "years": [(n, n == shown) for n in range(this - 1, this + 3)],
        "published": workdays.is_published(shown),
        "library": workdays.moved_days(shown) if workdays.is_published(shown) else [],
        "own": [
            (one, workdays.library_says(one.date))
            for one in CalendarDay.objects.filter(date__year=shown).order_by("date")
        ],
        "waiting": [(one, _who(one.entered_by)) for one in waiting],
        "page_obj": page,
        "history": [(one, _who(one.entered_by), _who(one.settled_by)) for one in page],
        "may_enter": not calendar_changes.why_not_enter(request.user.as_staff),
        "run": Recalculation.objects.exclude(finished_at=F("begun_at")).first(),
    }
    return render(request, "office/calendar.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(*ENTERERS)
def day(request: HttpRequest) -> HttpResponse:
    """改一天: the effect first, then to the second person."""
    form = DayForm(request.POST or None, initial=_initial(request))
    if request.method == "POST" and form.is_valid():
        if form.was_shown and request.POST.get("act") == "save":
            given = form.cleaned_data
            try:
                calendar_changes.enter(
                    form.day(), by=request.user, source=given["source"], reason=given["reason"]
                )
            except Refusal as refusal:
                form.add_error(refusal.field, str(refusal))
            else:
                return _entered(request, form.day().date.year)
        else:
            return _previewed(request, form, "office/calendar_day.html", [form.day()])
    return _form_page(request, form, "office/calendar_day.html")


@require_http_methods(["GET", "POST"])
@staff_only(*ENTERERS)
def notice(request: HttpRequest) -> HttpResponse:
    """录入放假通知: every line read, the wrong ones named, the effect shown, then handed over."""
    form = NoticeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        if form.was_shown and request.POST.get("act") == "save":
            source = form.cleaned_data["source"]
            try:
                calendar_changes.enter_all(form.days, by=request.user, source=source, reason=source)
            except Refusal as refusal:
                form.add_error("lines", str(refusal))
            else:
                return _entered(request, form.days[0].date.year)
        else:
            return _previewed(request, form, "office/calendar_notice.html", form.days)
    return _form_page(request, form, "office/calendar_notice.html")


@require_http_methods(["GET", "POST"])
@staff_only(*CONFIRMERS)
def change(request: HttpRequest, pk: int) -> HttpResponse:
    """One change: its effect, and what this person may do with it."""
    row = get_object_or_404(
        CalendarChange.objects.select_related("entered_by__staff", "settled_by__staff"), pk=pk
    )
    form = UndoForm(request.POST if request.POST.get("act") == "undo" else None)
    if request.method == "POST":
        try:
            if _act(request, row, form):
                return redirect("office_calendar_change", pk)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return redirect("office_calendar_change", pk)
    others = list(calendar_changes.companions(row))
    waits = row.state == CalendarChange.State.ENTERED
    context = {
        "row": row,
        "entered_by": _who(row.entered_by),
        "settled_by": _who(row.settled_by),
        "others": others if waits else [],
        "effect": _effect([row]) if waits else None,
        "effect_all": _effect([row, *others]) if waits and others else None,
        "why_not_confirm": calendar_changes.why_not_confirm(row, request.user),
        "why_not_undo": calendar_changes.why_not_undo(row, request.user.as_staff),
        "waits": waits,
        "form": form,
        "back_href": f"{reverse('office_calendar')}?year={row.date.year}",
    }
    status = 422 if form.errors else 200
    return render(request, "office/calendar_change.html", context, status=status)


def _act(request: HttpRequest, row: CalendarChange, form: UndoForm) -> bool:
    act = request.POST.get("act", "")
    if act in ("confirm", "confirm_all"):
        calendar_changes.confirm(row, by=request.user, together=act == "confirm_all")
        messages.success(request, _("日历已生效，正在重算在办的办件。"))
    elif act == "decline":
        calendar_changes.decline(row, by=request.user)
        messages.success(request, _("没有采用，日历不变。"))
    elif form.is_valid():
        calendar_changes.undo(row, by=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, _("已录入撤回，等另一位同事确认。"))
    else:
        return False
    return True


def _effect(changes: list[CalendarChange]) -> recalculation.Effect:
    return recalculation.effect_of(calendar_changes.wanted_by(changes))


def _previewed(request: HttpRequest, form: Any, template: str, days: list[Any]) -> HttpResponse:
    """The same form with its effect; another word typed now is shown anew before it is kept."""
    shown = type(form)({**form.data.dict(), "seen": form.token()})
    shown.is_valid()
    effect = recalculation.effect_of({one.date: one.is_workday for one in days})
    return _form_page(request, shown, template, effect=effect, days=days)


def _form_page(request: HttpRequest, form: Any, template: str, **more: Any) -> HttpResponse:
    context = {
        "form": form,
        "problems": getattr(form, "problems", []),
        "effect": None,
        "days": [],
        "back_href": reverse("office_calendar"),
        **more,
    }
    return render(request, template, context, status=422 if form.errors else 200)


def _entered(request: HttpRequest, shown: int) -> HttpResponse:
    messages.success(request, _("已录入，等另一位同事确认后生效。"))
    return redirect(f"{reverse('office_calendar')}?year={shown}")


def _initial(request: HttpRequest) -> dict[str, Any]:
    """A day that the list links to, as it stands."""
    try:
        wanted = date.fromisoformat(request.GET.get("date", ""))
    except ValueError:
        return {}
    own = CalendarDay.objects.filter(date=wanted).first()
    kind = {True: WORKS, False: RESTS}.get(own.is_workday) if own else LIBRARY
    return {"date": wanted, "kind": kind}


def _year(request: HttpRequest) -> int:
    asked, this = request.GET.get("year", ""), clock.today().year
    return int(asked) if asked.isdigit() and 2000 <= int(asked) <= 2099 else this


def _who(user: Any) -> str:
    return audit.label(user) if user else ""
