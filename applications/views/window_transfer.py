"""转交: the case goes to the office it belongs to, with a receipt."""

from uuid import UUID

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.roles import Role
from applications import desk_sheets, household, letters, receipts, states
from applications import transfer as transfers
from applications.forms.window import TransferForm
from applications.models import Transfer
from applications.views.at_window import clerk, leave_face, look, of_this_office
from core.refusals import Refusal


@staff_only(Role.WINDOW)
@require_http_methods(["GET", "POST"])
def transfer(request: HttpRequest, ref: UUID) -> HttpResponse:
    """To whom and why; said before the button: what goes along and what ends here."""
    application = of_this_office(request, ref)
    if application.state == states.TRANSFERRED:
        return redirect("window_desk", ref=ref)
    street = application.street or household.street_of(application)
    flagged = street if street is not None and street.flagged_jurisdiction else None
    form = TransferForm(
        request.POST or None,
        initial={"reason": Transfer.Reason.RESIDENCE, "street": flagged and flagged.pk},
    )
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            transfers.hand_over(
                application, reason=data["reason"], street=data["street"],
                office=data["office"], note=data["note"], by=clerk(request),
            )  # fmt: skip
            desk_sheets.done_with(application)
            leave_face(request)
            return redirect("window_desk", ref=ref)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    look(request, application)
    context = {
        "application": application,
        "form": form,
        "why_not": transfers.why_not(application, clerk(request)),
        "phone": letters.PHONE,
    }
    status = 422 if form.errors else 200
    return render(request, "window/transfer.html", context, status=status)


@staff_only(Role.WINDOW)
@require_GET
def receipt(request: HttpRequest, ref: UUID) -> HttpResponse:
    """转交回执 to print."""
    application = of_this_office(request, ref)
    made = Transfer.objects.filter(application=application).first()
    if made is None:
        raise Http404
    look(request, application)
    content = transfers.receipt_pdf(made)
    return receipts.as_file(content, f"transfer-{application.case_no}.pdf")
