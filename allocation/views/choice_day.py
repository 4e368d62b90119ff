"""选房日 in the office: planned, opened, paused with a reason, chosen for at the desk, ended."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import has_role, staff_only
from accounts.roles import Role
from allocation import choice_days, choice_line, rounds, states
from allocation.forms_choice import DayForm, DayReasonForm
from allocation.models import ChoiceDay, Round
from core import display
from core.refusals import Refusal

_DESK = "desk"
_SHOWN = 60


@staff_only(Role.ADMIN, Role.ATTENDANT)
@require_GET
def days(request: HttpRequest) -> HttpResponse:
    """Every choice day, the newest first, and the rounds whose day is still to be set."""
    rows = ChoiceDay.objects.select_related("round").order_by("-starts_at")[:_SHOWN]
    context = {
        "rows": [(one, states.CHOICE_DAY[one.state]) for one in rows],
        "unset": Round.objects.filter(
            mode=Round.Mode.ORDER, state=states.R_REVEALED, choice_day=None
        ).order_by("revealed_at"),
        "may_plan": has_role(request.user, Role.ADMIN),
    }
    return render(request, "allocation/office/choice_days.html", context)


@staff_only(Role.ADMIN, Role.ATTENDANT)
@require_http_methods(["GET", "POST"])
def page(request: HttpRequest, code: str) -> HttpResponse:
    """The day of one round: the line, who is called, and the one step that comes next."""
    row = get_object_or_404(Round, code=code, mode=Round.Mode.ORDER)
    day = ChoiceDay.objects.filter(round=row).first()
    step = request.POST.get("step", "")
    form = _form(step, request.POST) if step else None
    if request.method == "POST" and _done(request, row, day, step, form):
        return redirect("office_choice", code)
    context = {
        **_context(request, row, day),
        "plan_form": form if step == "plan" else DayForm(),
        "pause_form": form if step == "pause" else DayReasonForm(prefix="pause"),
        "end_form": form if step == "end" else DayReasonForm(prefix="end"),
    }
    bad = form is not None and form.errors
    return render(request, "allocation/office/choice.html", context, status=422 if bad else 200)


@staff_only(Role.ADMIN, Role.ATTENDANT)
@require_POST
def desk(request: HttpRequest, code: str) -> HttpResponse:
    """The household that is called stands at the desk and says which home it takes."""
    day = get_object_or_404(ChoiceDay, round__code=code)
    turn = get_object_or_404(day.turns, pk=request.POST.get("turn") or 0)
    home = day.round.homes.filter(code=request.POST.get("home", "")).first()
    try:
        if home is None:
            raise choice_days.ChoiceRefused(_("请先在房源里选一套。"))
        choice_days.choose(turn, home, by=request.user, via=_DESK)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已选定，合同已备好，下一户会自动叫号。"))
    return redirect("office_choice", code)


# -- Steps ----------------------------------------------------------------------------------


def _open(day: ChoiceDay, request: HttpRequest, form: Any) -> str:
    choice_days.open_day(day, by=request.user)  # type: ignore[arg-type]
    return _("选房开始，第一户已叫号。")


def _pause(day: ChoiceDay, request: HttpRequest, form: Any) -> str:
    choice_days.pause(day, by=request.user, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
    return _("已暂停，正在选的家庭剩下的时间会留着。")


def _resume(day: ChoiceDay, request: HttpRequest, form: Any) -> str:
    choice_days.resume(day, by=request.user)  # type: ignore[arg-type]
    return _("继续选房，顺序不变。")


def _go_on(day: ChoiceDay, request: HttpRequest, form: Any) -> str:
    called = choice_days.go_on(day, by=request.user)
    return (
        _("已叫号：%(ticket)s") % {"ticket": called.entrant.ticket}
        if called
        else _("现在没有可以叫的号。")
    )


def _end(day: ChoiceDay, request: HttpRequest, form: Any) -> str:
    choice_days.end(day, by=request.user, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
    return _("选房已结束，没有选的家庭轮候资格不变。")


_STEPS: dict[str, Callable[[ChoiceDay, HttpRequest, Any], str]] = {
    "open": _open, "pause": _pause, "resume": _resume, "next": _go_on, "end": _end,
}  # fmt: skip


def _form(step: str, data: Any) -> Any:
    if step == "plan":
        return DayForm(data)
    return DayReasonForm(data, prefix=step) if step in ("pause", "end") else None


def _done(request: HttpRequest, row: Round, day: ChoiceDay | None, step: str, form: Any) -> bool:
    """Does one step, by somebody who may; False where a sentence says why not."""
    act = _STEPS.get(step)
    if (step != "plan" and (act is None or day is None)) or not _may_run(request, row):
        raise Http404
    if form is not None and not form.is_valid():
        return False
    try:
        if act is None or day is None:
            choice_days.plan(
                row,
                by=request.user,
                starts_at=form.starts_at,
                place=form.cleaned_data["place"],  # type: ignore[arg-type]
            )
            said = _("选房日已排定，每户收到了自己的时间。")
        else:
            said = act(day, request, form)
    except Refusal as refusal:
        if form is None:
            messages.error(request, str(refusal))
            return True
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    messages.success(request, said)
    return True


def _may_run(request: HttpRequest, row: Round) -> bool:
    return has_role(request.user, Role.ADMIN) and not rounds.is_excluded(row, request.user)  # type: ignore[arg-type]


def _context(request: HttpRequest, row: Round, day: ChoiceDay | None) -> dict[str, Any]:
    context: dict[str, Any] = {
        "round": row,
        "day": day,
        "may_run": _may_run(request, row),
        "revealed": row.state == states.R_REVEALED,
    }
    if day is None:
        return context
    called = choice_line.current(day)
    line = day.turns.select_related("entrant", "home").order_by("place")
    return context | {
        "state": states.CHOICE_DAY[day.state],
        "starts": display.day_time(day.starts_at),
        "called": called,
        "until": display.clock_time(called.due_at) if called else "",
        "homes": choice_line.fitting(called) if called else [],
        "line": [(turn, states.TURN[turn.state]) for turn in line[:_SHOWN]],
        "counts": [
            (_("还没选"), day.turns.filter(state__in=states.TURN.open_ids).count()),
            (_("已选"), day.turns.filter(state=states.T_CHOSEN).count()),
            (_("还有的房源"), len(choice_line.free_homes(day))),
        ],
    }
