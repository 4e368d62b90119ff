"""/office/contacts/: calls and visits of the streets; /window/recheck/: filled in for them."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import has_role, staff_only
from accounts.middleware import refuse
from accounts.roles import Role
from applications import looks, permissions
from applications.models import Member
from applications.views.queue import staff_of
from core import clock
from core.identity.masking import mask_name
from core.workflow import Refusal
from renewal import fact_lines, household_page, ladder, recheck_papers, states
from renewal.forms_household import CaseForm, ContactForm
from renewal.models import Recheck

_PAGE = 50
_READERS = (Role.STREET, Role.DISTRICT, Role.ADMIN, Role.LEADER)
_HELPERS = (Role.WINDOW, Role.STREET, Role.DISTRICT)


@staff_only(*_READERS)
@require_GET
def contacts(request: HttpRequest) -> HttpResponse:
    """Whom the street has to call or visit, the most urgent first."""
    rows = ladder.visible_to(staff_of(request)).filter(outcome="").order_by("due_on", "pk")
    rows = rows.select_related("lease__application", "lease__home__estate", "street")
    page = Paginator(rows, _PAGE).get_page(request.GET.get("page"))
    today = clock.today()
    names = _names(page.object_list)
    lines = [(one, names.get(one.lease.application_id, ""), one.due_on < today) for one in page]
    decides = has_role(request.user, Role.ADMIN, Role.DISTRICT)
    silent = ladder.for_a_person().select_related("lease__application", "lease__home__estate")
    context = {"page": page, "lines": lines, "silent": silent[:_PAGE] if decides else []}
    return render(request, "renewal/contacts.html", context)


@staff_only(*_READERS)
@require_http_methods(["GET", "POST"])
def contact(request: HttpRequest, pk: int) -> HttpResponse:
    """One call or visit: whom, about what, and what came of it."""
    staff = staff_of(request)
    rows = ladder.visible_to(staff).select_related("lease__application", "lease__home__estate")
    task = get_object_or_404(rows, pk=pk)
    case = task.lease.application
    if why := permissions.why_not_free(staff, case):
        return refuse(request, why)
    looks.note(case, by=request.user, purpose=_("联系家庭"))
    form = ContactForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            ladder.done(task, by=staff, **form.cleaned_data)
            messages.success(request, _("已记录。"))
            return redirect("office_contacts")
        except Refusal as refusal:
            field = refusal.field if refusal.field in form.fields else None
            form.add_error(field, str(refusal))
    applicant = case.applicant
    context = {
        "task": task,
        "name": applicant.name,
        "phone": applicant.phone or "",
        "home": task.lease.home,
        "form": form,
        "why_not": ladder.why_not_done(task, staff),
        "questions": task.recheck.questions.filter(state=states.Q_OPEN).count()
        if task.recheck
        else 0,
        "may_help": not recheck_papers.why_not_help(case, request.user),
    }
    return render(request, "renewal/contact.html", context, status=422 if form.errors else 200)


@staff_only(*_HELPERS)
@require_http_methods(["GET", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """Whose questions are to be filled in: by the number of the case or of the contract."""
    form = CaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        number = form.cleaned_data["number"].strip()
        named = Q(lease__number=number) | Q(lease__application__case_no=number)
        row = Recheck.objects.filter(named).order_by("-pk").first()
        if row is not None:
            return redirect("window_recheck_one", row.pk)
        form.add_error("number", _("没有找到这一户的复核，请核对编号。"))
    status = 422 if form.errors else 200
    return render(request, "renewal/window_find.html", {"form": form}, status=status)


@staff_only(*_HELPERS)
@require_http_methods(["GET", "POST"])
def fill_in(request: HttpRequest, pk: int) -> HttpResponse:
    """The household's questions, answered for it by a clerk while it is there or on the phone."""
    related = ("lease__application", "lease__home", "campaign", "assessment")
    row = get_object_or_404(Recheck.objects.select_related(*related), pk=pk)
    if why := recheck_papers.why_not_help(row.lease.application, request.user):
        return refuse(request, why)
    looks.note(row.lease.application, by=request.user, purpose=_("代填复核问题"))
    channel = "phone" if request.GET.get("by") == "phone" else "window"
    forms: dict[int, Any] = {}
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            kept, forms, errors = household_page.take(row, request, channel=channel)
            if kept:
                messages.success(request, _("已保存。"))
                return redirect(request.get_full_path())
        except Refusal as refusal:
            messages.warning(request, str(refusal))
            return redirect(request.get_full_path())
    facts = fact_lines.of(row)
    context = {
        "row": row,
        "channel": channel,
        "asked": household_page.asked_of(row, request, forms=forms, errors=errors)
        if row.state == states.K_QUESTION
        else [],
        "confirmed": household_page.confirmed(facts),
        "waiting": household_page.waiting(facts),
    }
    wrong = errors or any(one.errors for one in forms.values())
    return render(request, "renewal/window_fill.html", context, status=422 if wrong else 200)


def _names(tasks: Any) -> dict[int, str]:
    """The masked names of applicants by case, in one query."""
    cases = [one.lease.application_id for one in tasks]
    first = Member.objects.filter(application__in=cases, is_applicant=True)
    return {one.application_id: mask_name(one.name) for one in first}
