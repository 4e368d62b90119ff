"""租约 in the office: the list, one lease with everything signed and paid, and each step."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import has_role, staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from accounts.roles import Role
from allocation import lease_list, lease_papers, lease_steps, states
from allocation.forms_lease import AuthorityForm
from allocation.lease_page import page_of
from allocation.leases import lessor, renewing
from allocation.models import Lease, LeaseText, LessorAuthority
from applications import looks, permissions
from applications.receipts import as_file
from applications.views.queue import staff_of
from core import clock
from core.identity.masking import mask_name
from core.refusals import Refusal

READERS = (Role.ADMIN, Role.DISTRICT, Role.LEADER, Role.WINDOW)
PAGE = 25


@staff_only(*READERS)
@require_GET
def leases_list(request: HttpRequest) -> HttpResponse:
    """Every lease that this person may see, by what waits for somebody."""
    staff, today = staff_of(request), clock.today()
    rows = lease_list.chosen(staff, request.GET, today)
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "lines": [_line(one) for one in page.object_list],
        "facets": lease_list.facets(staff, request.GET, today),
        "q": request.GET.get("q", ""),
        "narrowed": any(request.GET.get(key) for key in ("q", "todo", "state")),
    }
    return render(request, "allocation/office/leases.html", context)


@staff_only(*READERS)
@require_GET
def one(request: HttpRequest, number: str) -> HttpResponse:
    """One lease: texts, signatures, filing, deposit, requests, history, and the next steps."""
    row, staff = _row(request, number), staff_of(request)
    if why := permissions.why_not_free(staff, row.application):
        return refuse(request, why)
    looks.note(row.application, by=request.user, purpose=_("看租约"))
    return _page(request, row, staff)


@staff_only(*READERS)
@require_POST
def step(request: HttpRequest, number: str, act: str) -> HttpResponse:
    """One step of a lease; what it takes and who may stands in lease_steps."""
    row, staff = _row(request, number), staff_of(request)
    if why := permissions.why_not_free(staff, row.application):
        return refuse(request, why)
    taken = lease_steps.STEPS.get(act)
    if taken is None:
        raise Http404
    if not has_role(request.user, *taken.roles):
        return refuse(request, _("您的岗位没有这一步的权限。"))
    try:
        form = lease_steps.form_of(taken, row, request)
    except Refusal as refusal:  # the text was withdrawn in another tab
        messages.error(request, str(refusal))
        return redirect("office_lease", row.number)
    if form is not None and not form.is_valid():
        return _page(request, row, staff, {_slot(act, request): form}, status=422)
    try:
        done = taken.act(row, request, form)
    except Refusal as refusal:
        # a step that is no longer open has no form left to show the sentence at
        if form is None or not lease_steps.is_open(row, staff, act, request.POST.get("of", "")):
            messages.error(request, str(refusal))
            return redirect("office_lease", row.number)
        names = {"signature": "name", "files": "scan"}
        field = names.get(refusal.field or "", refusal.field)
        form.add_error(field if field in form.fields else None, str(refusal))
        return _page(request, row, staff, {_slot(act, request): form}, status=422)
    messages.success(request, done)
    return redirect("office_lease", row.number)


@staff_only(*READERS)
@require_GET
def text_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """One text as a PDF; the look is recorded."""
    rows = LeaseText.objects.filter(lease__in=lease_list.visible_to(staff_of(request)))
    text = get_object_or_404(
        rows.select_related("lease__home__estate", "lease__application"), pk=pk
    )
    if why := permissions.why_not_free(staff_of(request), text.lease.application):
        return refuse(request, why)
    looks.note(text.lease.application, by=request.user, purpose=_("看租约"))
    return as_file(lease_papers.text_pdf(text), f"{text.lease.number}-{text.number}.pdf")


@staff_only(Role.ADMIN, Role.DISTRICT, Role.LEADER)
@require_http_methods(["GET", "POST"])
def signers(request: HttpRequest) -> HttpResponse:
    """授权签约人: who signs for the lessor; a leader names them."""
    staff = staff_of(request)
    form = AuthorityForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            lessor.authorise(
                data["staff"], document=data["document"], starts_on=data["starts_on"],
                until=data["until"], by=staff,
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已授权。"))
            return redirect("office_lease_signers")
    today = clock.today()
    rows = LessorAuthority.objects.select_related("staff__bureau", "given_by")
    context = {
        "rows": [
            (one, one.revoked_at is None and one.starts_on <= today <= one.until) for one in rows
        ],
        "form": form,
        "may": not lessor.why_not_authorise(staff),
    }
    status = 422 if form.errors else 200
    return render(request, "allocation/office/signers.html", context, status=status)


@staff_only(Role.LEADER)
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends an authority."""
    lessor.revoke(get_object_or_404(LessorAuthority, pk=pk), by=staff_of(request))
    messages.success(request, _("授权已收回，以前签的仍然有效。"))
    return redirect("office_lease_signers")


# -- Parts ----------------------------------------------------------------------------------


def _row(request: HttpRequest, number: str) -> Lease:
    rows = lease_list.visible_to(staff_of(request)).select_related("offer", "previous")
    return get_object_or_404(rows, number=number)


def _page(
    request: HttpRequest,
    row: Lease,
    staff: Staff,
    sent: dict[str, Any] | None = None,
    status: int = 200,
) -> HttpResponse:
    context = page_of(row, staff)
    context["steps"] = lease_steps.offered(row, staff, sent or {})
    return render(request, "allocation/office/lease.html", context, status=status)


def _slot(act: str, request: HttpRequest) -> str:
    """Which of several same steps was sent: the text or request it belongs to."""
    return f"{act}-{request.POST.get('of', '')}" if request.POST.get("of") else act


def _line(row: Lease) -> dict[str, Any]:
    return {
        "lease": row,
        "state": states.LEASE[row.state],
        "who": mask_name(row.application.applicant.name),
        "last": renewing.last_day(row),
        "street": row.application.street.name if row.application.street else "",
    }
