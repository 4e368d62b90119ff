"""报修和巡查 at the operating company, and the photos of homes for whoever may see them."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import signed_in, staff_only
from accounts.roles import Role
from allocation import facts, home_photos, mine, patrols, repairs, states
from allocation.forms_movein import PatrolForm, PromiseForm, TextForm
from allocation.models import HomePhoto, PatrolVisit, Repair
from applications import looks
from applications.papers import store
from applications.views.queue import staff_of
from core import clock
from core.refusals import Refusal

_SHOWN = 100
_READERS = {Role.OPERATOR, Role.DISTRICT, Role.AUDITOR}


@require_GET
@staff_only(Role.OPERATOR)
def listed(request: HttpRequest) -> HttpResponse:
    """报修: urgent ones first, then the oldest; late ones say so."""
    waiting = Repair.objects.filter(state=states.J_DONE).select_related("lease__home__estate")
    context = {
        "rows": [line(one) for one in repairs.open_ones()[:_SHOWN]],
        "waiting": [line(one) for one in waiting.order_by("state_since")[:_SHOWN]],
    }
    return render(request, "allocation/operator/repairs.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(Role.OPERATOR)
def repair(request: HttpRequest, pk: int) -> HttpResponse:
    """One repair: a time is promised, then it is said to be done."""
    row = get_object_or_404(Repair.objects.select_related("lease__home__estate"), pk=pk)
    what = request.POST.get("do", "")
    promise = PromiseForm(request.POST if what == "promise" else None)
    done = TextForm(request.POST if what == "done" else None, label=_("修了什么"))
    if request.method == "POST" and _do(request, row, what, promise, done):
        return redirect("operator_repair", pk)
    looks.note(row.lease.application, by=request.user, purpose=_("处理报修"))
    context = {
        **line(row),
        "promise": promise if row.state in repairs.OPEN else None,
        "done": done if row.state == states.J_PROMISED else None,
        "photos": row.photos.filter(raw=""),
    }
    status = 422 if promise.errors or done.errors else 200
    return render(request, "allocation/operator/repair.html", context, status=status)


@require_http_methods(["GET", "POST"])
@staff_only(Role.OPERATOR)
def patrol(request: HttpRequest) -> HttpResponse:
    """巡查: the last visits, and a new one."""
    form = PatrolForm(*sent(request))
    if request.method == "POST" and form.is_valid():
        told = dict(form.cleaned_data)
        photos, home = told.pop("photos"), told.pop("home")
        try:
            made = patrols.record(home, by=staff_of(request), **told)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            for sentence in home_photos.add_each(made, photos, by=request.user):
                messages.error(request, sentence)
            messages.success(request, _("已记录这次巡查。"))
            return redirect("operator_patrol")
    visits = PatrolVisit.objects.select_related("home__estate", "by").prefetch_related("photos")
    context = {
        "form": form,
        "rows": [(one, facts.address(one.home)) for one in visits[:_SHOWN]],
    }
    status = 422 if form.errors else 200
    return render(request, "allocation/operator/patrol.html", context, status=status)


@never_cache
@require_GET
@signed_in
def photo(request: HttpRequest, pk: int) -> HttpResponse:
    """One photo with the viewer's watermark: the company's, the household's, the district's."""
    row = get_object_or_404(
        HomePhoto.objects.select_related("sheet__lease", "repair__lease", "patrol"), pk=pk, raw=""
    )
    if not _may_see(request.user, row):
        raise Http404
    try:
        content = home_photos.picture(row, by=request.user)
    except store.PaperGone as gone:
        raise Http404 from gone
    response = HttpResponse(content, content_type="image/jpeg")
    response["Cache-Control"] = "private, no-store"
    response["X-Content-Type-Options"] = "nosniff"
    return response


def sent(request: HttpRequest) -> tuple[Any, ...]:
    """What a form with files was sent; nothing for a page that is only looked at."""
    return (request.POST, request.FILES) if request.method == "POST" else ()


def line(row: Repair) -> dict[str, Any]:
    """A repair as lists show it."""
    due = repairs.due(row)
    return {
        "repair": row,
        "state": states.REPAIR[row.state],
        "address": facts.address(row.lease.home),
        "due": due,
        "late": row.state in repairs.OPEN and due < clock.now(),
    }


# -- Parts ---------------------------------------------------------------------------------------


def _do(request: HttpRequest, row: Repair, what: str, promise: PromiseForm, done: TextForm) -> bool:
    form: Any = promise if what == "promise" else done
    if what not in ("promise", "done") or not form.is_valid():
        return False
    try:
        if what == "promise":
            worker = form.cleaned_data["worker"]
            repairs.promise(row, by=request.user, at=form.moment, worker=worker)
        else:
            repairs.done(row, by=request.user, text=form.cleaned_data["text"])
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    messages.success(request, _("已登记，住户会收到消息。"))
    return True


def _may_see(user: Any, row: HomePhoto) -> bool:
    staff = user.as_staff
    if staff is not None:
        return bool(_READERS & set(staff.roles))
    subject = row.sheet or row.repair
    lease = mine.lease(user) if user.as_citizen is not None else None
    return lease is not None and subject is not None and subject.lease_id == lease.pk
