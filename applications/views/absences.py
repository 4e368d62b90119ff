"""不在岗: days away and who stands in; entered by the person or the lead of the desk."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts.access import staff_only
from accounts.models import Staff
from applications import absences, hand_overs
from applications.forms.queue import AbsenceForm
from applications.views.desk_load import AT_A_DESK
from applications.views.queue import staff_of
from core import clock
from core.refusals import Refusal


@require_http_methods(["GET", "POST"])
@staff_only(*AT_A_DESK)
def listed(request: HttpRequest) -> HttpResponse:
    """Absences of the desk that are not over, and a form for one more."""
    staff = staff_of(request)
    form = _form(request, staff)
    if request.method == "POST" and form.is_valid():
        answers = form.cleaned_data
        try:
            made = absences.enter(answers.pop("staff"), by=staff, **answers)
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            hand_overs.pass_on_absent(made)
            messages.success(request, _("已登记，到期自己结束。"))
            return redirect("review_absences")
    rows = absences.ahead(staff, clock.today())
    context = {
        "rows": [(one, not absences.why_not_enter(one.staff, staff)) for one in rows],
        "form": form,
        "bureau": staff.bureau,
        "today": clock.today(),
        "back_href": reverse("review_desk"),
    }
    status = 422 if form.errors else 200
    return render(request, "review/absences.html", context, status=status)


@require_POST
@staff_only(*AT_A_DESK)
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Takes an absence back or ends it early."""
    staff = staff_of(request)
    row = get_object_or_404(absences.ahead(staff, clock.today()), pk=pk)
    try:
        absences.end(row, by=staff)
        messages.success(request, _("已结束。"))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("review_absences")


def _form(request: HttpRequest, staff: Staff) -> AbsenceForm:
    """The lead chooses who; others are themselves."""
    form = AbsenceForm(request.POST or None, initial={"staff": staff.pk})
    people = absences.colleagues(staff)
    mine = people if absences.is_lead(staff) else people.filter(pk=staff.pk)
    form.fields["staff"].queryset = mine  # type: ignore[attr-defined]
    form.fields["deputy"].queryset = people  # type: ignore[attr-defined]
    return form
