"""电子送达确认: the person agrees in writing to get letters in the app, or goes back to paper."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import citizen_only
from applications import contact, service_consents
from applications.forms.delivery import ServiceForm
from core.refusals import Refusal


@citizen_only
@require_http_methods(["GET", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """The text, what stands, and the one thing to press. Only the person's own choice."""
    index = request.user.as_citizen.id_index  # type: ignore[union-attr]
    back = "paper" in request.POST
    form = ServiceForm(request.POST if request.method == "POST" and not back else None)
    if request.method == "POST":
        try:
            if back:
                service_consents.withdraw(index, by=request.user)
                messages.success(request, _("已改回纸质送达。"))
                return redirect("my_contact")
            if form.is_valid():
                service_consents.give(index, by=request.user)
                messages.success(request, _("已确认电子送达，以后的文书在这里收。"))
                return redirect("my_contact")
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return redirect("my_contact")
    context = {
        "form": form,
        "points": service_consents.POINTS,
        "standing": service_consents.in_force(index),
        "address": contact.of(index).address,
    }
    return render(request, "my/service.html", context, status=422 if form.errors else 200)
