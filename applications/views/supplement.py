"""补交: what the family may bring in place of a register that stays silent."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import citizen_only
from applications import inquiry_answers
from applications.forms.papers import BringForm
from applications.views.own import case_of_citizen
from core import display
from core.refusals import Refusal


@require_http_methods(["GET", "POST"])
@citizen_only
def bring(request: HttpRequest, case_no: str) -> HttpResponse:
    """请补交: what may follow, until when, and that it falls away if the register answers."""
    application = case_of_citizen(request.user, case_no)
    items = list(inquiry_answers.open_supplements(application))
    form = BringForm(request.POST or None, items=items)
    if request.method == "POST" and form.is_valid():
        try:
            inquiry_answers.bring(application, by=request.user, answers=form.answers())  # type: ignore[arg-type]
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已收到。现在不用您办理。"))
            return redirect("my_case", case_no)
    context = {
        "form": form,
        "items": items,
        "due": display.day(min(one.due_on for one in items)) if items else "",
        "back_href": reverse("my_case", args=[case_no]),
    }
    return render(request, "my/bring.html", context)
