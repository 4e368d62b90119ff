"""退回补正: the reviewer's one list, and the family's one answer."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import citizen_only, staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from accounts.roles import Role
from applications import correction, correction_lists, periods, permissions, states
from applications.forms.deciding import MissingForms
from applications.forms.papers import AnswersForm
from applications.models import ReviewTask
from applications.views import papers
from applications.views.own import case_of_citizen
from core import clock, display
from core.refusals import Refusal


@require_http_methods(["GET", "POST"])
@staff_only(Role.STREET, Role.REVIEWER, Role.DISTRICT)
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """补正清单: what this desk misses; one notice tells the family what all desks miss."""
    staff = request.user.as_staff  # type: ignore[union-attr]
    visible = permissions.tasks_visible_to(staff).select_related("application__street", "bureau")
    task = get_object_or_404(visible, pk=pk)
    if why := permissions.why_not_free(staff, task.application):
        return refuse(request, why)
    forms = MissingForms(request.POST if request.POST.get("act") == "write" else None)
    faults: list[str] = []
    if request.method == "POST" and (done := _acted(request, task, staff, forms, faults)):
        messages.success(request, done)
        return redirect("review_task", task.pk)
    context = {
        "task": task,
        "forms": forms,
        "faults": faults,
        "why_not": correction_lists.why_not_write(task, task.application, staff),
        "may_withdraw": not correction_lists.why_not_withdraw(task, staff),
        "gathering": correction_lists.gathering(task.application),
        "whole": not permissions.confined_to(staff),
        "was_told": correction_lists.was_told(task.application),
        "days": periods.of("correction").value,
        "back_href": reverse("review_task", args=[task.pk]),
    }
    status = 422 if faults or (forms.is_bound and not forms.is_valid()) else 200
    return render(request, "review/return.html", context, status=status)


def _acted(
    request: HttpRequest, task: ReviewTask, staff: Staff, forms: Any, faults: list[str]
) -> str:
    """Runs the verb of the button; the word of success, or '' with what was refused."""
    act = request.POST.get("act")
    try:
        if act == "withdraw":
            correction_lists.withdraw(task, by=staff)
            return _("清单已撤回。")
        if act == "nothing":
            correction_lists.nothing_missing(task, by=staff)
            return _("已回复：本部门不缺材料。")
        if not forms.is_bound or not forms.is_valid():
            return ""
        written = [one for one in forms.cleaned_data if one]
        correction_lists.write(task, by=staff, items=written)
    except Refusal as refusal:
        faults.append(str(refusal))
        return ""
    if task.application.state == states.CORRECTION:
        return _("已通知申请人补正，办理时间暂停。")
    return _("清单已写好，和其他部门的一起发给申请人。")


@require_http_methods(["GET", "POST"])
@citizen_only
def answer(request: HttpRequest, case_no: str) -> HttpResponse:
    """请补材料: everything asked on one page, sent at once."""
    application = case_of_citizen(request.user, case_no)
    items = list(correction.open_items(application))
    form, errors = papers.answering(AnswersForm, request, application, items)
    if request.method == "POST" and form.is_bound and form.is_valid():
        try:
            correction.answer(application, by=request.user, answers=form.answers())  # type: ignore[arg-type]
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已补齐，接着办理。现在不用您办理。"))
            return redirect("my_case", case_no)
    context = {
        "form": form,
        "rows": papers.rows(form, application, items, request.user, errors),
        "items": items,
        "late": bool(items) and items[0].due_on < clock.today(),
        "due": display.day(items[0].due_on) if items else "",
        "back_href": reverse("my_case", args=[case_no]),
    }
    return render(request, "my/correct.html", context)
