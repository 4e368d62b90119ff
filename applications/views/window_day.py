"""交班 (/window/day/): what was accepted, waits, is due tomorrow; the note to a colleague."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import staff_only
from accounts.roles import Role
from applications import closing
from applications.forms.window import NoteForm
from applications.views.at_window import clerk, leave_face
from core import clock
from core.refusals import Refusal


@staff_only(Role.WINDOW)
@require_http_methods(["GET", "POST"])
def day(request: HttpRequest) -> HttpResponse:
    """The list of today, and the note."""
    leave_face(request)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            closing.note(form.cleaned_data["text"], by=clerk(request))
            messages.success(request, _("已留给同事。"))
            return redirect("window_day")
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
    context = {"form": form, **closing.day_of(clerk(request), clock.today())}
    return render(request, "window/day.html", context, status=422 if form.errors else 200)
