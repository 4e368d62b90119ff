"""监护人 of a minor applicant at the window: written down before the signature is."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import staff_only
from accounts.roles import Role
from applications import guardians
from applications.forms.guardian import GuardianAtWindow
from applications.views.at_window import look, of_this_office
from core.refusals import Refusal


@staff_only(Role.WINDOW)
@require_http_methods(["GET", "POST"])
def guardian(request: HttpRequest, ref: UUID) -> HttpResponse:
    """One form; back to the desk once it is kept."""
    application = of_this_office(request, ref)
    look(request, application)
    form = GuardianAtWindow(request.POST) if request.POST else GuardianAtWindow.of(application)
    if request.method == "POST" and form.is_valid():
        try:
            guardians.name_guardian(application, by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("监护人已写明，可以记签字了。"))
            return redirect("window_desk", ref=ref)
    context = {"application": application, "form": form}
    return render(request, "window/guardian.html", context, status=422 if form.errors else 200)
