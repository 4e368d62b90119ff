"""What the registers said (已有信息), a line disputed, and the receipt of the sent case."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views import View
from django.views.decorators.http import require_GET

from accounts.access import citizen_only
from applications import authority, household, receipts, verification
from applications.forms import apply as forms
from applications.models import Application
from applications.views.agreement import standing
from applications.views.own import case_of_citizen
from core.refusals import Refusal


@citizen_only
@require_GET
def known_rows(request: HttpRequest) -> HttpResponse:
    """The list of 已有信息 alone, for polling; 286 ends it."""
    draft = household.current_for(request.user)
    if draft is None:
        return HttpResponse(status=286)
    found = receipts.found(draft, reader=request.user) | {"poll": reverse("apply_known_rows")}
    return render(request, "apply/_found.html", found, status=286 if found["finished"] else 200)


@citizen_only
class Dispute(View):
    """有异议: one line of what a register said is wrong."""

    def get(self, request: HttpRequest, evidence_id: int) -> HttpResponse:
        return self._page(forms.DisputeForm(), evidence_id)

    def post(self, request: HttpRequest, evidence_id: int) -> HttpResponse:
        form = forms.DisputeForm(request.POST)
        row = receipts.own_evidence(request.user, evidence_id)
        if not form.is_valid():
            return self._page(form, evidence_id, 422)
        said = form.cleaned_data
        try:
            verification.dispute(row, reason=said["reason"], claim=said["claim"], by=request.user)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
            return self._page(form, evidence_id, 422)
        messages.success(request, _("已记下您的异议，会请登记部门核实，结果在进度页告诉您。"))
        return redirect(_back_from(row.application))

    def _page(self, form: forms.DisputeForm, evidence_id: int, status: int = 200) -> HttpResponse:
        row = receipts.own_evidence(self.request.user, evidence_id)
        (line,) = receipts.lines([row])
        context = {"form": form, "line": line, "back": _back_from(row.application)}
        return render(self.request, "apply/dispute.html", context, status=status)


@citizen_only
@require_GET
def done(request: HttpRequest, case_no: str) -> HttpResponse:
    """回执: the plate, the promised day, what was found so far."""
    application = case_of_citizen(request.user, case_no)
    waiting = authority.pending(application)
    context = receipts.found(application, reader=request.user) | {
        "application": application,
        "sentence": receipts.sentence(application, waiting),
        "waiting": [standing(one) for one in waiting],
        "poll": reverse("apply_done_rows", args=[case_no]),
    }
    return render(request, "apply/done.html", context)


@citizen_only
@require_GET
def done_rows(request: HttpRequest, case_no: str) -> HttpResponse:
    """What was found so far, for polling; 286 ends it."""
    application = case_of_citizen(request.user, case_no)
    found = receipts.found(application, reader=request.user) | {
        "poll": reverse("apply_done_rows", args=[case_no])
    }
    return render(request, "apply/_found.html", found, status=286 if found["finished"] else 200)


@citizen_only
@require_GET
def receipt(request: HttpRequest, case_no: str) -> HttpResponse:
    """The receipt as PDF."""
    application = case_of_citizen(request.user, case_no)
    return receipts.as_file(receipts.receipt_pdf(application), f"{case_no}.pdf")


def _back_from(application: Application) -> str:
    if application.submitted_at:
        return reverse("my_case", args=[application.case_no])
    return reverse("apply_known")
