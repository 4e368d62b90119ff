"""受理事项: what a person decides about acceptance, and the letters of it for both sides."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import citizen_only, staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from applications import (
    acceptance,
    acceptance_letters,
    correction,
    looks,
    permissions,
    receipts,
)
from applications.forms.desk import ReasonForm
from applications.models import AcceptanceLetter, Application, Supplement
from applications.views.own import case_of_citizen
from applications.views.queue import staff_of
from core import clock
from core.refusals import Refusal

DESKS = acceptance.DESKS
_PAGE = 50


@require_GET
@staff_only(*DESKS)
def listed(request: HttpRequest) -> HttpResponse:
    """Answers to a 补正 before acceptance, and listed items that are late."""
    staff = staff_of(request)
    page = Paginator(acceptance.with_late_items(staff), _PAGE).get_page(request.GET.get("page"))
    context = {
        "answered": acceptance.to_settle(staff),
        "late": [(one, acceptance.late(one)) for one in page],
        "page_obj": page,
        "back_href": reverse("review_queue"),
    }
    return render(request, "review/acceptance.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(*DESKS)
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One case: what was asked, what came, and the acts that are open now."""
    staff = staff_of(request)
    case = get_object_or_404(permissions.applications_visible_to(staff), pk=pk)
    if why := permissions.why_not_free(staff, case):
        return refuse(request, why)
    acts = _acts(case, staff)
    form = ReasonForm(request.POST or None, acts=[(name, word) for name, word, _do in acts])
    if request.method == "POST" and form.is_valid():
        done = {name: do for name, _word, do in acts}
        try:
            done[form.cleaned_data["act"]](form.cleaned_data["reasons"])
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("已办理，并通知了申请人。"))
            return redirect("review_acceptance")
    if request.method == "GET":
        looks.note(case, by=request.user, purpose=_("受理事项"))
    context = {
        "case": case,
        "form": form if acts else None,
        "told": correction.told_by_family(case),
        "items": case.supplements.to_follow().order_by("pk"),
        "letters": case.acceptance_letters.all(),
        "not_yet": _not_yet(case, staff),
        "today": clock.today(),
        "back_href": reverse("review_acceptance"),
    }
    return render(
        request, "review/acceptance_case.html", context, status=422 if form.errors else 200
    )


@require_GET
@staff_only(*DESKS)
def letter(request: HttpRequest, pk: int) -> HttpResponse:
    """A notice of acceptance as PDF, for the desk."""
    staff = staff_of(request)
    cases = permissions.applications_visible_to(staff)
    found = get_object_or_404(AcceptanceLetter, pk=pk, application__in=cases)
    if why := permissions.why_not_free(staff, found.application):
        return refuse(request, why)
    looks.note(found.application, by=request.user, purpose=_("受理事项"))
    return receipts.as_file(acceptance_letters.pdf(found), f"{found.number}.pdf")


@require_GET
@citizen_only
def own_letter(request: HttpRequest, case_no: str, pk: int) -> HttpResponse:
    """A notice of acceptance of one's own case as PDF."""
    found = get_object_or_404(case_of_citizen(request.user, case_no).acceptance_letters, pk=pk)
    return receipts.as_file(acceptance_letters.pdf(found), f"{found.number}.pdf")


def _acts(case: Application, staff: Staff) -> list[tuple[str, str, Callable[[str], Any]]]:
    """What this person may do with this case now: name, words, verb."""
    found: list[tuple[str, str, Callable[[str], Any]]] = []
    if not acceptance.why_not_settle(case, staff):
        found += [
            ("accept", _("材料齐了，受理"),
             lambda _words: acceptance.accept_after_look(case, by=staff)),
            ("refuse", _("补正后仍不符合要求，不予受理"),
             lambda words: acceptance.refuse(case, by=staff, reasons=words)),
        ]  # fmt: skip
    for item in _brought(case):
        found.append(
            (
                f"wrong-{item.pk}",
                _("退回重交：%(item)s") % {"item": item.text},
                _returner(item, staff),
            )
        )
    if not acceptance.why_not_warn(case, staff):
        found.append(
            ("warn", _("书面告知拟撤销受理（还没有决定）"),
             lambda words: acceptance.warn(case, by=staff, reasons=words))
        )  # fmt: skip
    if not acceptance.why_not_revoke(case, staff):
        found.append(
            ("revoke", _("期限已过，撤销受理"),
             lambda words: acceptance.revoke(case, by=staff, reasons=words))
        )  # fmt: skip
    return found


def _returner(item: Supplement, staff: Staff) -> Callable[[str], Any]:
    return lambda words: acceptance.find_wrong(item, by=staff, because=words)


def _brought(case: Application) -> list[Supplement]:
    if case.accepted_at is None or not case.is_open:
        return []
    rows = case.supplements.filter(received_at__isnull=False)
    return list(rows.to_follow().order_by("pk"))


def _not_yet(case: Application, staff: Staff) -> str:
    """Why a warned case cannot be revoked yet; empty where it is not about that."""
    if not acceptance.open_warning(case).exists():
        return ""
    return acceptance.why_not_revoke(case, staff)
