"""/office/violations/: leads, what the household was told and says, orders, fines; each step."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.roles import Role
from allocation import facts, rent_account
from applications import looks, periods, permissions
from applications.receipts import as_file
from applications.views.queue import staff_of
from core import clock
from core.refusals import Refusal
from core.workflow import history
from renewal import violation_states as states
from renewal.forms_violations import FoundForm
from renewal.models import Fine, Kind, Violation
from renewal.occupancy import visiting
from renewal.violations import finding, fines, kinds, listing, order_letter, step_table

READERS = (Role.ADMIN, Role.DISTRICT, Role.LEADER)
WORKERS = (Role.ADMIN, Role.DISTRICT)
_FILTERS = {
    "state": (gettext_lazy("状态"), states.VIOLATION.choices),
    "kind": (gettext_lazy("哪一类"), Kind.choices),
    "source": (gettext_lazy("从哪里来的"), Violation.Source.choices),
}


@require_GET
@staff_only(*READERS)
def index(request: HttpRequest) -> HttpResponse:
    """Every matter, the newest first; names are masked, reasons stay on the record."""
    rows = Violation.objects.select_related("lease__home__estate", "lease__application__street")
    found = listing.of(rows, request.GET, _FILTERS)
    names = listing.tenants(found.rows)
    context = {
        "found": found,
        "rows": [{**_line(one), "who": names[one.lease.application_id]} for one in found.rows],
        "may_add": Role.DISTRICT in staff_of(request).roles,
    }
    return render(request, "renewal/violations/violations.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(*finding.FINDERS)
def add(request: HttpRequest) -> HttpResponse:
    """登记线索: what a person saw on a patrol, or was told."""
    staff = staff_of(request)
    form = FoundForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            row = finding.found(by=staff, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已登记线索，由区住房保障管理中心核实。"))
            if Role.DISTRICT in staff.roles:
                return redirect("office_violation", row.pk)
            return redirect("office_inspections")
    status = 422 if form.errors else 200
    return render(request, "renewal/violations/add.html", {"form": form}, status=status)


@require_http_methods(["GET", "POST"])
@staff_only(*WORKERS)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One matter with its whole history, and the steps that come next."""
    staff, row = staff_of(request), _row(pk)
    if why := permissions.why_not_free(staff, row.lease.application):
        return refuse(request, why)
    name = request.POST.get("act", "") if request.method == "POST" else ""
    form, done = _take(request, row, name)
    if done:
        return redirect("office_violation", pk)
    looks.note(row.lease.application, by=request.user, purpose=_("违规核实"))
    row = _row(pk)
    account = rent_account.of([row.lease])[row.lease_id] if row.kind == Kind.ARREARS else None
    today = clock.today()
    context = {
        **_line(row),
        **matter(row),
        "tenant": row.lease.application.applicant.name,
        "address": facts.address(row.lease.home),
        "steps": step_table.offered(row, staff, name, form)
        if Role.DISTRICT in staff.roles else [],
        "owed": account.overdue_sum(today) if account else None,
        "contacts": row.lease.rent_contacts.all()[:20] if account else [],
        "reductions": row.lease.rent_reductions.count() if account else 0,
        "visits": visiting.of_lease(row.lease),
        "checks": _checks(row),
        "history": [(one, states.VIOLATION[one.to_state]) for one in history(row)],
    }  # fmt: skip
    status = 422 if form is not None and form.errors else 200
    return render(request, "renewal/violations/violation.html", context, status=status)


@require_GET
@staff_only(*WORKERS)
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """责令限期改正通知书 as PDF."""
    row = _row(pk)
    if why := permissions.why_not_free(staff_of(request), row.lease.application):
        return refuse(request, why)
    if row.order_no is None:
        raise Http404
    looks.note(row.lease.application, by=request.user, purpose=_("违规核实"))
    return as_file(order_letter.pdf(row), f"{row.order_no}.pdf")


@require_http_methods(["GET", "POST"])
@staff_only(*WORKERS)
def fine(request: HttpRequest, pk: int) -> HttpResponse:
    """One proposed fine: notice, what was said, the hearing, the decision, whether it was paid."""
    staff = staff_of(request)
    row = _fine(pk)
    case = row.violation.lease.application
    if why := permissions.why_not_free(staff, case):
        return refuse(request, why)
    name = request.POST.get("act", "") if request.method == "POST" else ""
    form, done = _take(request, row, name)
    if done:
        return redirect("office_fine", pk)
    looks.note(case, by=request.user, purpose=_("行政处罚"))
    row = _fine(pk)
    context = {
        **fine_lines(row),
        "tenant": case.applicant.name,
        "late": fines.is_late(row, clock.today()),
        "steps": step_table.offered(row, staff, name, form)
        if Role.DISTRICT in staff.roles else [],
        "history": [(one, states.FINE[one.to_state]) for one in history(row)],
    }  # fmt: skip
    status = 422 if form is not None and form.errors else 200
    return render(request, "renewal/violations/fine.html", context, status=status)


# -- Parts -----------------------------------------------------------------------------------------


def matter(row: Violation) -> dict[str, Any]:
    """What office and household both read of a matter."""
    meaning = kinds.of(row.kind)
    return {
        "clause": meaning.spoken_clause,
        "statements": row.statements.order_by("recorded_at"),
        "fines": row.fines.select_related("decision"),
        "correction": periods.of("violation_correction"),
    }


def fine_lines(row: Fine) -> dict[str, Any]:
    """What office and household both read of a fine."""
    return {
        "fine": row,
        "state": states.FINE[row.state],
        "clause": kinds.of(row.violation.kind).spoken_clause,
        "statements": row.statements.order_by("recorded_at"),
        "pay_by": fines.pay_by(row),
        "most": fines.most(row.gain),
    }


def _line(row: Violation) -> dict[str, Any]:
    return {
        "row": row,
        "state": states.VIOLATION[row.state],
        "street": row.lease.application.street or "",
    }


def _checks(row: Violation) -> list[tuple[Any, Any]]:
    words = dict(kinds.ANSWERS)
    return [
        (word, words[row.checks[key]])
        for key, word in kinds.of(row.kind).checks
        if key in row.checks
    ]


def _take(request: HttpRequest, row: Any, name: str) -> tuple[Any, bool]:
    """Takes the step that was sent: its form, and whether it is done."""
    step = step_table.open_for(row).get(name)
    if step is None:
        if name:
            messages.error(request, _("这一步现在不能办，请看最新进度。"))
        return None, False
    form = step_table.form_of(step, row, request.POST)
    if form is not None and not form.is_valid():
        return form, False
    try:
        step.act(row, staff_of(request), form.cleaned_data if form else {})
    except Refusal as refusal:
        if form is None:
            messages.error(request, str(refusal))
        else:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return form, False
    messages.success(request, _("已登记。"))
    return form, True


def _row(pk: int) -> Violation:
    rows = Violation.objects.select_related(
        "lease__home__estate", "lease__application", "exit_case", "told_by", "ordered_by",
        "confirmed_by", "checked_by", "found_by", "visit",
    )  # fmt: skip
    return get_object_or_404(rows, pk=pk)


def _fine(pk: int) -> Fine:
    rows = Fine.objects.select_related(
        "violation__lease__application", "decision", "proposed_by", "decided_by", "hearing_by"
    )
    return get_object_or_404(rows, pk=pk)
