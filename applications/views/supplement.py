"""补交: what the family may bring in place of a register that stays silent."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import citizen_only
from applications import acceptance, inquiry_answers
from applications.forms.papers import BringForm
from applications.views import papers
from applications.views.own import case_of_citizen
from core import clock, display
from core.refusals import Refusal


@require_http_methods(["GET", "POST"])
@citizen_only
def bring(request: HttpRequest, case_no: str) -> HttpResponse:
    """请补交: what may follow, until when, and that it falls away if the register answers."""
    application = case_of_citizen(request.user, case_no)
    why_not = inquiry_answers.why_not_bring(application)
    items = [] if why_not else list(inquiry_answers.open_supplements(application))
    form, errors = papers.answering(BringForm, request, application, items)
    if request.method == "POST" and not why_not and form.is_bound and form.is_valid():
        try:
            inquiry_answers.bring(application, by=request.user, answers=form.answers())  # type: ignore[arg-type]
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已收到。现在不用您办理。"))
            return redirect("my_case", case_no)
    warning = acceptance.open_warning(application).first()
    context = {
        "form": form,
        "rows": papers.rows(form, application, items, request.user, errors),
        "items": items,
        "why_not": why_not,
        "warned": display.day(warning.due_on) if warning else "",
        "late": bool(items) and min(one.due_on for one in items) < clock.today(),
        "due": display.day(min(one.due_on for one in items)) if items else "",
        "papers_href": reverse("my_papers", args=[case_no]),
        "back_href": reverse("my_case", args=[case_no]),
    }
    refused = bool(why_not) and request.method == "POST"
    return render(request, "my/bring.html", context, status=409 if refused else 200)
