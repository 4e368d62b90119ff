"""常用筛选: the person's own views of the queue; works without JavaScript."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import staff_only
from accounts.models import Staff
from applications import saved_views
from applications.forms.queue import ViewForm
from applications.models import SavedView
from applications.views.queue import REVIEWERS, staff_of
from core.refusals import Refusal


@require_http_methods(["GET", "POST"])
@staff_only(*REVIEWERS)
def listed(request: HttpRequest) -> HttpResponse:
    """The views with their names; a post keeps the filters of the page it comes from."""
    staff = staff_of(request)
    form = ViewForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = saved_views.keep(staff, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field, str(refusal))
        else:
            return redirect(f"{reverse('review_queue')}?{made.query}")
    return _page(request, staff, form)


@require_http_methods(["POST"])
@staff_only(*REVIEWERS)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """Renames a view, makes it the one that opens by itself, or removes it."""
    staff = staff_of(request)
    view = get_object_or_404(saved_views.of(staff), pk=pk)
    try:
        _act(view, request.POST.get("act", ""), request.POST.get("name", ""))
    except Refusal as refusal:
        form = ViewForm()
        return _page(request, staff, form, wrong=(view.pk, str(refusal)))
    return redirect("review_views")


def _act(view: SavedView, act: str, name: str) -> None:
    if act == "rename":
        saved_views.rename(view, name=name)
    elif act in ("default", "plain"):
        saved_views.make_default(view, on=act == "default")
    elif act == "remove":
        saved_views.remove(view)


def _page(
    request: HttpRequest, staff: Staff, form: ViewForm, wrong: tuple[int, str] = (0, "")
) -> HttpResponse:
    address = reverse("review_queue")
    rows = [
        (one, f"{address}?{one.query}", wrong[1] if one.pk == wrong[0] else "")
        for one in saved_views.of(staff)
    ]
    context = {
        "rows": rows,
        "form": form if form.is_bound else None,
        "query": form["query"].value() or "",
        "title": _("常用筛选"),
        "back_href": address,
    }
    status = 422 if form.errors or wrong[1] else 200
    return render(request, "review/views.html", context, status=status)
