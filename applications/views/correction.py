"""退回补正: the reviewer's one list, and the family's one answer."""

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import citizen_only, staff_only
from accounts.roles import Role
from applications import correction, permissions
from applications.forms.papers import AnswersForm
from applications.views.own import case_of_citizen
from core import clock, display
from core.refusals import Refusal


class ItemsForm(forms.Form):
    """缺什么: one thing a line."""

    items = forms.CharField(
        label=gettext_lazy("缺什么"),
        max_length=2000,
        widget=forms.Textarea({"rows": 5}),
        help_text=gettext_lazy("每行一样，写清要什么、去哪里取。各部门缺的一起写，只能告知一次。"),
        error_messages={"required": gettext_lazy("请写明缺什么，每行一样，最多10样。")},
    )


@require_http_methods(["GET", "POST"])
@staff_only(Role.STREET, Role.REVIEWER, Role.DISTRICT)
def ask(request: HttpRequest, pk: int) -> HttpResponse:
    """退回补正: what is missing, told once and all together."""
    staff = request.user.as_staff  # type: ignore[union-attr]
    visible = permissions.tasks_visible_to(staff).select_related("application", "bureau")
    task = get_object_or_404(visible, pk=pk)
    form = ItemsForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            correction.ask(task, by=staff, items=form.cleaned_data["items"].splitlines())
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            messages.success(request, _("已通知申请人补正，办理时间暂停。"))
            return redirect("review_queue")
    context = {
        "task": task,
        "form": form,
        "why_not": correction.why_not_ask(task, task.application, staff),
        "back_href": reverse("review_task", args=[task.pk]),
    }
    return render(request, "review/return.html", context)


@require_http_methods(["GET", "POST"])
@citizen_only
def answer(request: HttpRequest, case_no: str) -> HttpResponse:
    """请补材料: everything asked on one page, sent at once."""
    application = case_of_citizen(request.user, case_no)
    items = list(correction.open_items(application))
    form = AnswersForm(request.POST or None, items=items)
    if request.method == "POST" and form.is_valid():
        try:
            correction.answer(application, by=request.user, answers=form.answers())  # type: ignore[arg-type]
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已补齐，接着办理。现在不用您办理。"))
            return redirect("my_case", case_no)
    context = {
        "form": form,
        "items": items,
        "late": bool(items) and items[0].due_on < clock.today(),
        "due": display.day(items[0].due_on) if items else "",
        "back_href": reverse("my_case", args=[case_no]),
    }
    return render(request, "my/correct.html", context)
