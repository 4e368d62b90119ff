"""入户核实: the day's list, the form at the door, what a phone needs to go on without a network.

Every page is a plain form that works without JavaScript. ``static/js/visit.js`` keeps the list, the
draft and the photos on the phone and sends them once; it asks the same addresses with
``Accept: application/json``.
"""

import json
from collections.abc import Callable
from dataclasses import asdict
from hashlib import sha256
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import get_object_or_404, redirect, render
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from applications import looks, materials, periods, permissions, visit_photos, visit_screen, visits
from applications.forms.visit import CallForm, OrderForm, VisitForm
from applications.models import Application, Visit, VisitCall
from applications.views import papers
from applications.views.queue import REVIEWERS, staff_of
from applications.views.review import task_of
from core import clock
from core.refusals import Refusal

_READERS = REVIEWERS
_KEPT_OFFLINE = (
    "icons/favicon.svg",
    "icons/sprite.svg",
    "vendor/bootstrap/bootstrap-reboot.min.css",
    "vendor/bootstrap/bootstrap-grid.min.css",
    "vendor/bootstrap/bootstrap-utilities.min.css",
    "css/tokens.css",
    "css/base.css",
    "css/components.css",
    "css/staff.css",
    "css/visit.css",
    "js/page.js",
    "js/visit.js",
)


# -- On the way ------------------------------------------------------------------------------------


@require_GET
@staff_only(*visits.VISITORS)
def listed(request: HttpRequest) -> HttpResponse:
    """The day's households with address, people and phone; that they went out is recorded."""
    staff = staff_of(request)
    rows = visit_screen.households(staff)
    visit_screen.note_looks(rows, by=request.user)
    context = {
        **_for_phone(staff),
        "rows": rows,
        "calls": visits.calls_of(staff),
        "today": clock.today(),
        "back_href": reverse("review_queue"),
    }
    return render(request, "review/visit_list.html", context)


@require_GET
@staff_only(*visits.VISITORS)
def day(request: HttpRequest) -> HttpResponse:
    """The same list for the phone, with a fresh token for what it has to send."""
    staff = staff_of(request)
    rows = visit_screen.households(staff)
    visit_screen.note_looks(rows, by=request.user)
    return JsonResponse(
        {
            "owner": str(request.user.pk),
            "name": staff.name,
            "token": get_token(request),
            "seconds": visit_screen.seconds_left(),
            "rows": [asdict(one) for one in rows],
        }
    )


@require_GET
@staff_only(*visits.VISITORS)
def offline(request: HttpRequest) -> HttpResponse:
    """The page that a phone shows without a network: nobody's data stands in it."""
    return HttpResponse(_shell())


@require_GET
@staff_only(*visits.VISITORS)
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker, with the addresses that it keeps; its scope is this folder."""
    path = finders.find("js/visit-worker.js") or str(
        settings.BASE_DIR / "static" / "js" / "visit-worker.js"
    )
    with open(path, encoding="utf-8") as file:
        code = file.read()
    kept = [static(name) for name in _KEPT_OFFLINE]
    told = {
        "shell": reverse("visit_offline"),
        "scope": reverse("visit_list"),
        "assets": kept,
    }
    version = sha256(f"{code}{kept}{_shell()}".encode()).hexdigest()[:12]
    head = f"self.YZ = {json.dumps({**told, 'version': version})};\n"
    return HttpResponse(head + code, content_type="text/javascript; charset=utf-8")


# -- At the door -----------------------------------------------------------------------------------


@require_http_methods(["GET", "POST"])
@staff_only(*visits.VISITORS)
def form(request: HttpRequest, ref: UUID) -> HttpResponse:
    """入户核实表 of one household. Sent twice it is one visit; a conflict loses nothing typed."""
    staff = staff_of(request)
    case = _case(staff, ref)
    if why := permissions.why_not_free(staff, case):
        return _no(request, why, 403)
    if request.method == "POST":
        return _send(request, case, staff)
    looks.note(case, by=request.user, purpose=_("入户核实"))
    return _form_page(request, case, staff, VisitForm())


@require_GET
@staff_only(*visits.VISITORS)
def note(request: HttpRequest, ref: UUID) -> HttpResponse:
    """留言条: a sheet to leave at the door, without anything about the case but its number."""
    staff = staff_of(request)
    case = _case(staff, ref)
    if why := visits.why_not_visit(case, staff):
        return refuse(request, why)
    looks.note(case, by=request.user, purpose=_("入户核实"))
    context = {
        "case": case,
        "today": clock.today(),
        "street": staff.bureau.name,
        "back_href": reverse("visit_form", args=[ref]),
    }
    return render(request, "review/visit_note.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(*_READERS)
def done(request: HttpRequest, key: UUID) -> HttpResponse:
    """One visit as it was recorded, with its photos; more photos may follow."""
    staff = staff_of(request)
    rows = Visit.objects.filter(application__in=permissions.applications_visible_to(staff))
    visit = get_object_or_404(rows.select_related("application__street", "by__bureau"), key=key)
    case = visit.application
    if why := permissions.why_not_free(staff, case) or _why_not_read(staff):
        return refuse(request, why)
    item = visit_photos.item_of(visit)
    adds = visit_photos.takes(staff, case)
    errors: dict[str, str] = {}
    if request.method == "POST" and adds:
        errors = papers.act(request, case, [item]) or {}
        if not errors:
            return redirect("visit_done", key)
    elif request.method == "GET":
        looks.note(case, by=request.user, purpose=_("查看入户核实"))
    shown = next(
        one for one in visit_screen.seen(case, "") if one.href == reverse("visit_done", args=[key])
    )
    context = {
        "visit": visit,
        "case": case,
        "shown": shown,
        "strip": papers.strip(case, item, visit_photos.title(case, item), errors) if adds else None,
        "pages": visit_photos.of(visit),
        "back_href": reverse("visit_list") if adds else reverse("review_queue"),
    }
    status = 422 if errors else 200
    return render(request, "review/visit_done.html", context, status=status)


@require_http_methods(["GET", "POST"])
@staff_only(*visits.VISITORS)
def call(request: HttpRequest, pk: int) -> HttpResponse:
    """电话联系 after nobody was at home: what the family said."""
    staff = staff_of(request)
    rows = VisitCall.objects.filter(application__street_id=staff.bureau_id)
    row = get_object_or_404(rows.select_related("application__street"), pk=pk)
    if why := permissions.why_not_free(staff, row.application):
        return refuse(request, why)
    answers = CallForm(request.POST or None)
    if request.method == "POST" and answers.is_valid():
        reached, text = answers.cleaned_data["reached"] == "yes", answers.cleaned_data["text"]
        if _try(answers, lambda: visits.called(row, by=staff, reached=reached, text=text)):
            messages.success(request, _("已记录电话联系。"))
            return redirect("visit_list")
    if request.method == "GET":
        looks.note(row.application, by=request.user, purpose=_("电话联系"))
    context = {
        "row": row,
        "form": answers,
        "house": visit_screen.household(row.application, staff),
        "why_not": visits.why_not_call(row, staff),
        "back_href": reverse("visit_list"),
    }
    status = 422 if answers.errors else 200
    return render(request, "review/visit_call.html", context, status=status)


@require_http_methods(["GET", "POST"])
@staff_only(*visits.ORDERERS)
def order(request: HttpRequest, pk: int) -> HttpResponse:
    """安排上门核实, from the page of a task."""
    staff = staff_of(request)
    task = task_of(staff, pk)
    case = task.application
    if why := permissions.why_not_free(staff, case):
        return refuse(request, why)
    answers = OrderForm(request.POST or None)
    if request.method == "POST" and answers.is_valid():
        reason = answers.cleaned_data["reason"]
        if _try(answers, lambda: visits.order(case, by=staff, reason=reason)):
            messages.success(request, _("已安排，街道的名单里会出现这一户。"))
            return redirect("review_task", pk)
    if request.method == "GET":
        looks.note(case, by=request.user, purpose=_("安排上门核实"))
    context = {
        "task": task,
        "form": answers,
        "why_not": visits.why_not_order(case, staff),
        "back_href": reverse("review_task", args=[pk]),
    }
    status = 422 if answers.errors else 200
    return render(request, "review/visit_order.html", context, status=status)


# -- Parts -----------------------------------------------------------------------------------------


def _case(staff: Staff, ref: UUID) -> Application:
    rows = permissions.applications_visible_to(staff).select_related("street")
    return get_object_or_404(rows, ref=ref)


def _send(request: HttpRequest, case: Application, staff: Staff) -> HttpResponse:
    answers = VisitForm(request.POST, request.FILES)
    if not answers.is_valid():
        return _not_right(request, case, staff, answers)
    try:
        visit = visits.record(
            case, by=staff, key=answers.key_or_new(), told=answers.told(), ago=answers.filled_ago(),
            again=answers.cleaned_data["again"],
        )  # fmt: skip
    except visits.VisitConflict as conflict:
        return _conflict(request, case, staff, answers, str(conflict))
    except Refusal as refusal:
        answers.add_error(refusal.field if refusal.field in answers.fields else None, str(refusal))
        return _not_right(request, case, staff, answers)
    refused = _take_photos(request, visit, answers.cleaned_data["photos"])
    address = reverse("visit_done", args=[visit.key])
    if _wants_json(request):
        item = visit_photos.item_of(visit)
        return JsonResponse(
            {
                "state": "recorded",
                "href": address,
                "parts": reverse("paper_begin", args=[case.ref, item]),
                "refused": refused,
            }
        )
    for sentence in refused:
        messages.error(request, sentence)
    messages.success(request, _("已记录这次上门。"))
    return redirect(address)


def _take_photos(request: HttpRequest, visit: Visit, sent: list[Any]) -> list[str]:
    """Each photo on its own; what is refused is said, the visit stands all the same."""
    item, refused = visit_photos.item_of(visit), []
    for one in sent or []:
        try:
            materials.darkroom.refuse_size(one.size)
            materials.add(visit.application, item, one.read(), by=request.user)
        except Refusal as refusal:
            refused.append(str(refusal))
    return refused


def _not_right(
    request: HttpRequest, case: Application, staff: Staff, answers: VisitForm
) -> HttpResponse:
    if _wants_json(request):
        errors = {name: [str(one) for one in found] for name, found in answers.errors.items()}
        return JsonResponse({"state": "fix", "errors": errors}, status=422)
    return _form_page(request, case, staff, answers, status=422)


def _conflict(
    request: HttpRequest, case: Application, staff: Staff, answers: VisitForm, sentence: str
) -> HttpResponse:
    """Told, with everything typed still there and a way to keep it."""
    if _wants_json(request):
        return JsonResponse({"state": "conflict", "sentence": sentence}, status=409)
    kept = VisitForm(request.POST, request.FILES, conflict=True)
    kept.add_error(None, sentence)
    return _form_page(request, case, staff, kept, status=409, conflict=sentence)


def _form_page(
    request: HttpRequest,
    case: Application,
    staff: Staff,
    answers: VisitForm,
    *,
    status: int = 200,
    conflict: str = "",
) -> HttpResponse:
    context = {
        **_for_phone(staff),
        "case": case,
        "form": answers,
        "house": visit_screen.household(case, staff),
        "why_not": visits.why_not_visit(case, staff),
        "conflict": conflict,
        "earlier": visit_screen.seen(case, ""),
        "back_href": reverse("visit_list"),
    }
    return render(request, "review/visit_form.html", context, status=status)


def _for_phone(staff: Staff) -> dict[str, Any]:
    """What the script must know on a page that the server draws."""
    return {
        "owner": staff.user_id,
        "needs": json.dumps(VisitForm.needs(), ensure_ascii=False),
        "most": periods.of("visit_attempts").value,
    }


def _shell() -> str:
    """The offline page: drawn without the request, so that nobody's name or token gets into it."""
    context = {
        "form": VisitForm(initial={"key": ""}),
        "needs": json.dumps(VisitForm.needs(), ensure_ascii=False),
    }
    return render_to_string("review/visit_offline.html", context)


def _why_not_read(staff: Staff) -> str:
    if permissions.confined_to(staff):
        return _("入户核实的内容由镇街和区里核对，其他部门只看得到有没有上门。")
    return ""


def _no(request: HttpRequest, sentence: str, status: int) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"state": "refused", "sentence": sentence}, status=status)
    return refuse(request, sentence)


def _wants_json(request: HttpRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")


def _try(answers: Any, act: Callable[[], Any]) -> bool:
    """Runs a verb of a form; a refusal is shown at its field."""
    try:
        act()
    except Refusal as refusal:
        answers.add_error(refusal.field if refusal.field in answers.fields else None, str(refusal))
        return False
    return True
