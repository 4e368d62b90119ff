"""单位名单 (/window/employers/): upload, the report line by line, import whole, invitations."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import staff_only
from accounts.roles import Role
from applications import authority, employer_file, employer_lists, receipts, states
from applications.forms.employers import EmployerForm
from applications.models import EmployerList
from applications.views.at_window import clerk, leave_face
from core import audit
from core.identity import masking
from core.refusals import Refusal

_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_PER_PAGE = 50
_MOST_SLIPS = 500
_PREVIEWED = 5  # lines of a clean list shown before the import


@staff_only(Role.WINDOW)
@require_http_methods(["GET", "POST"])
def index(request: HttpRequest) -> HttpResponse:
    """The form, and this office's lists."""
    leave_face(request)
    form = EmployerForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            row = employer_lists.check(
                data["file"].read(), employer=data["employer"], credit_code=data["credit_code"],
                contact=data["contact"], contact_phone=data["contact_phone"],
                file_name=data["file"].name, by=clerk(request),
            )  # fmt: skip
            return redirect("window_employer", pk=row.pk)
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    rows = EmployerList.objects.filter(bureau=clerk(request).bureau)[:20]
    context = {"form": form, "lists": [(one, one.STATES[one.state]) for one in rows]}
    status = 422 if form.errors else 200
    return render(request, "window/employers.html", context, status=status)


@staff_only(Role.WINDOW)
@require_GET
def template(request: HttpRequest) -> HttpResponse:
    """The workbook to fill in."""
    mine = [name for name, runs in employer_lists.streets().items() if not runs]
    return _as_xlsx(employer_file.template(mine), "employer-list.xlsx")


@staff_only(Role.WINDOW)
@require_GET
def employer(request: HttpRequest, pk: int) -> HttpResponse:
    """The report of one list, or, once it is imported, who has agreed."""
    row = _of_this_office(request, pk)
    context: dict[str, Any] = {
        "row": row,
        "state": row.STATES[row.state],
        "why_not": employer_lists.why_not_take_in(row, clerk(request)),
    }
    if row.state == states.LIST_IMPORTED:
        context |= _entries(request, row)
    else:
        problems = employer_lists.problems_of(row)
        context["page_obj"] = Paginator(problems, _PER_PAGE).get_page(request.GET.get("page"))
        context["wrong_rows"] = len({one.row for one in problems})
        if row.state == states.LIST_CHECKED and not problems:
            first = employer_lists.people_of(row)[:_PREVIEWED]
            employer_lists.note_look(row, first, by=request.user, purpose=_("查看单位名单"))
            context["first"] = [
                (one.row, masking.mask_name(one.name), masking.mask_id(one.id_number), one.street)
                for one in first
            ]
    return render(request, "window/employer.html", context)


@staff_only(Role.WINDOW)
@require_POST
def take_in(request: HttpRequest, pk: int) -> HttpResponse:
    """导入: all of them or nobody."""
    row = _of_this_office(request, pk)
    try:
        employer_lists.take_in(row, by=clerk(request))
        messages.success(request, _("已全部导入，等本人授权。"))
    except Refusal as refusal:
        employer_lists.check_again(row)
        messages.error(request, str(refusal))
    return redirect("window_employer", pk=pk)


@staff_only(Role.WINDOW)
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """作废: nothing of the list is kept but that it was handed in."""
    row = _of_this_office(request, pk)
    try:
        employer_lists.discard(row, by=clerk(request))
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("window_employers")


@staff_only(Role.WINDOW)
@require_GET
def errors(request: HttpRequest, pk: int) -> HttpResponse:
    """The employer's own list with a column that says what to mend."""
    row = _of_this_office(request, pk)
    if row.state != states.LIST_CHECKED or not row.problem_count:
        raise Http404
    people, problems = employer_lists.people_of(row), employer_lists.problems_of(row)
    employer_lists.note_look(row, people, by=request.user, purpose=_("下载单位名单"))
    return _as_xlsx(employer_file.with_problems(people, problems), f"employer-{pk}-errors.xlsx")


@staff_only(Role.WINDOW)
@require_GET
def slips(request: HttpRequest, pk: int) -> HttpResponse:
    """授权码单 of those who have no phone and have not agreed yet."""
    row = _of_this_office(request, pk)
    entries = row.entries.filter(
        application__state=states.DRAFT, application__members__phone__isnull=True
    )
    entries = entries.select_related("application").prefetch_related(
        "application__members__consents"
    )
    people = [entry.application.members.all()[0] for entry in entries[:_MOST_SLIPS]]
    waiting = [one for one in people if authority.word_of(one) == "none"]
    if not waiting:
        raise Http404
    audit.looked(
        row, by=request.user, purpose=_("打印授权码单"), subjects=[one.id_index for one in waiting]
    )
    return receipts.as_file(receipts.codes_pdf(waiting), f"employer-{pk}-codes.pdf")


def _of_this_office(request: HttpRequest, pk: int) -> EmployerList:
    row = EmployerList.objects.filter(pk=pk, bureau=clerk(request).bureau).first()
    if row is None:
        raise Http404
    return row


def _entries(request: HttpRequest, row: EmployerList) -> dict[str, Any]:
    """One page of imported people; who is named on it was looked at."""
    entries = row.entries.select_related("application").prefetch_related(
        "application__members__consents"
    )
    page = Paginator(entries, _PER_PAGE).get_page(request.GET.get("page"))
    lines: list[dict[str, Any]] = []
    for entry in page:
        person = next(one for one in entry.application.members.all() if one.is_applicant)
        lines.append(
            {
                "entry": entry,
                "person": person,
                "state": entry.application.STATES[entry.application.state],
                "word": authority.word_of(person),
            }
        )
    audit.looked(
        row, by=request.user, purpose=_("查看单位名单"),
        subjects=[one["person"].id_index for one in lines],
    )  # fmt: skip
    given = row.entries.filter(
        application__members__consents__given_at__isnull=False,
        application__members__consents__withdrawn_at=None,
    )
    no_phone = row.entries.filter(
        application__state=states.DRAFT, application__members__phone__isnull=True
    )
    return {
        "page_obj": page,
        "lines": lines,
        "given": given.distinct().count(),
        "invited": row.entries.exclude(invited_at=None).count(),
        "no_phone": no_phone.distinct().count(),
    }


def _as_xlsx(content: bytes, name: str) -> HttpResponse:
    answer = HttpResponse(content, content_type=_XLSX)
    answer["Content-Disposition"] = f'attachment; filename="{name}"'
    answer["Cache-Control"] = "private, no-store"
    return answer
