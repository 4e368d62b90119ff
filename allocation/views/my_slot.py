"""改预约时间: the household chooses another time at a machine, on its own phone."""

from datetime import datetime
from itertools import groupby
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import citizen_only
from allocation import appointment_times, mine, slots
from allocation.models import Appointment
from core import clock, display
from core.refusals import Refusal


@citizen_only
@require_http_methods(["GET", "POST"])
def slot(request: HttpRequest) -> HttpResponse:
    """The next free time first, then those of the round's days; full ones in runs."""
    entrant = mine.entrant(request.user)  # type: ignore[union-attr]
    row = getattr(entrant, "appointment", None)
    if row is None:
        raise Http404
    error = ""
    if request.method == "POST":
        error = _change(request, row)
        if not error:
            messages.success(request, _("预约时间已改。"))
            return redirect("my_draw")
    changeable = appointment_times.is_changeable(row)
    found = appointment_times.choices(row) if changeable else []
    first = next((one for one in found if one.left and not _is_held(row, one)), None)
    context = {
        "appointment": row,
        "first": first,
        "first_at": display.day_time(first.starts_at) if first else "",
        "places": _by_place(found) if first else [],
        "changeable": changeable,
        "last": appointment_times.last_day(row.entrant),
        "chosen": request.POST.get("slot", ""),
        "error": error,
    }
    return render(request, "allocation/my/slot.html", context, status=422 if error else 200)


def _change(request: HttpRequest, row: Appointment) -> str:
    """Why the time was not changed; empty if it was."""
    text, _bar, place = request.POST.get("slot", "").partition("|")
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        return _("请先选一个时间。")
    if at.tzinfo is None:
        return _("请先选一个时间。")
    try:
        appointment_times.change(
            row, place=place, starts_at=at.astimezone(clock.LOCAL), by=request.user
        )
    except Refusal as refusal:
        return str(refusal)
    return ""


def _is_held(row: Appointment, one: slots.Slot) -> bool:
    return (row.place, row.starts_at) == (one.place, one.starts_at)


def _by_place(found: list[slots.Slot]) -> list[tuple[str, list[tuple[str, list[Any]]]]]:
    """Place → day → times, as the slot picker takes them."""
    ordered = sorted(found, key=lambda one: (one.place, one.starts_at))
    return [
        (
            place,
            [
                (day, [(one.value, display.clock_time(one.starts_at), one.left) for one in times])
                for day, times in groupby(rows, key=lambda one: display.day(one.starts_at))
            ],
        )
        for place, rows in groupby(ordered, key=lambda one: one.place)
    ]
