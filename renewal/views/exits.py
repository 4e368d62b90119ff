"""/office/exits/: the whole chain of each exit on one page, each step by a person."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from accounts.roles import Role
from applications import decision, filters, materials, permissions
from core import audit, clock
from core.workflow import Refusal
from renewal import states
from renewal.exits import chain, handing_back, papers
from renewal.flags import cards, title_of
from renewal.models import ExitCase
from renewal.views import exit_acts

_PAGE = 50


@staff_only(Role.ADMIN, Role.DISTRICT, Role.LEADER)
@require_GET
def index(request: HttpRequest) -> HttpResponse:
    """Every case on somebody's desk, the oldest first."""
    rows = ExitCase.objects.select_related("lease__application", "lease__home")
    chosen = request.GET.get("state", "")
    if chosen in dict(states.EXIT.choices):
        rows = rows.filter(state=chosen)
    else:
        rows = rows.filter(state__in=states.EXIT.open_ids)
    page = Paginator(rows.order_by("opened_at", "pk"), _PAGE).get_page(request.GET.get("page"))
    today = clock.today()
    lines = [
        (row, states.EXIT[row.state], [title_of(flag["rule"]) for flag in row.flags],
         filters.left(chain.due_of(row), today))
        for row in page.object_list
    ]  # fmt: skip
    return render(request, "renewal/exits.html", {"page": page, "lines": lines, "chosen": chosen})


@staff_only(Role.ADMIN, Role.DISTRICT)
@require_http_methods(["GET", "POST"])
def case(request: HttpRequest, pk: int) -> HttpResponse:
    """One case: the chain, the evidence, what was said, and what may come next. A look."""
    row = get_object_or_404(
        ExitCase.objects.select_related(
            "lease__application", "lease__home__estate", "notice", "decision__drafted_by",
            "decision__signed_by", "confirmed_by", "noticed_by", "referred_by", "archived_by",
        ),
        pk=pk,
    )  # fmt: skip
    staff = request.user.staff
    if why := permissions.why_not_free(staff, row.lease.application):
        return refuse(request, why)
    acts = list(exit_acts.now(request, row, staff))
    if request.method == "POST" and _act(request, row, staff, acts):
        return redirect("office_exit", row.pk)
    _note_look(row, request.user, str(_("退出")))
    bad = any(form is not None and form.errors for _one, form in acts)
    return render(
        request, "renewal/exit.html", _context(row, staff, acts), status=422 if bad else 200
    )


@staff_only(Role.ADMIN, Role.DISTRICT)
@require_GET
def letter_pdf(request: HttpRequest, pk: int, letter: int) -> HttpResponse:
    """A letter of the case as it is printed: notice, answers, decision."""
    row = get_object_or_404(ExitCase.objects.select_related("lease__application"), pk=pk)
    if why := permissions.why_not_free(request.user.staff, row.lease.application):
        return refuse(request, why)
    known = {one.pk: one for one in (*row.letters.all(), row.decision) if one is not None}
    found = known.get(letter)
    if found is None:
        return refuse(request, str(_("这个退出没有这份文书。")))
    _note_look(row, request.user, str(_("看退出的文书")))
    return HttpResponse(decision.pdf(found), content_type="application/pdf")


def _act(request: HttpRequest, row: ExitCase, staff: Staff, acts: list[Any]) -> bool:
    sent = request.POST.get("action", "")
    act, form = next((pair for pair in acts if pair[0].key == sent), (None, None))
    if act is None:
        messages.error(request, _("这一步现在不能办，请看最新进度。"))
        return True
    if form is not None and not form.is_valid():
        return False
    try:
        exit_acts.run(act, form, row, staff)
    except Refusal as refusal:
        if form is None:
            messages.error(request, str(refusal))
            return True
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    messages.success(request, _("已记录。"))
    return True


def _context(row: ExitCase, staff: Staff, acts: list[Any]) -> dict[str, Any]:
    today = clock.today()
    letter = row.decision
    own = letter is not None and letter.signed_at is None and letter.drafted_by_id == staff.pk
    return {
        "case": row,
        "state": states.EXIT[row.state],
        "acts": acts,
        "steps": chain.steps(row, today),
        "left": filters.left(chain.due_of(row), today),
        "next_line": chain.next_line(row, today),
        "wrong": chain.wrong_now(row, today),
        "hearings": row.hearings.order_by("recorded_at"),
        "papers": materials.pages_of(row.lease.application, papers.key_of(row)),
        "extensions": row.extensions.select_related("decided_by"),
        "meeting": row.appointments.filter(closed_at=None).first(),
        "letters": [one for one in (*row.letters.all(), letter) if one is not None],
        "draft_text": letter.text if letter is not None and letter.signed_at is None else "",
        "own_draft": own,
        "undelivered": [
            one for one in (row.notice, letter)
            if one is not None and one.signed_at and one.served_at is None and not one.replaced
        ],
        "flags": cards(row.flags),
        "sheet": handing_back.sheet_of(row),
    }  # fmt: skip


def _note_look(row: ExitCase, user: Any, purpose: str) -> None:
    members = row.lease.application.members.values_list("id_index", flat=True)
    audit.looked(row, by=user, purpose=purpose, case_no=row.case_no, subjects=members)
