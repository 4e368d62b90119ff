"""Papers at the desks (查看材料): the list of a case, one page large, and the window's own."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import citizen_only, staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from accounts.roles import Role
from applications import (
    correction,
    inquiry_answers,
    left_over,
    looks,
    material_list,
    material_permissions,
    materials,
    permissions,
    states,
    visit_photos,
)
from applications.material_items import AUTHORISATION, LATER, PROMISE, UPLOAD
from applications.models import Application, MaterialPage, ReviewTask
from applications.views import papers
from applications.views.own import case_of_citizen
from applications.views.queue import REVIEWERS, staff_of
from core.refusals import Refusal


@require_GET
@staff_only(*REVIEWERS)
def listed(request: HttpRequest, pk: int) -> HttpResponse:
    """Every paper of a case that this desk may read, item by item; the look is recorded."""
    staff = staff_of(request)
    task = _task(staff, pk)
    case = task.application
    if why := permissions.why_not_free(staff, case):
        return refuse(request, why)
    groups = _groups(staff, case)
    looks.note(case, by=request.user, purpose=_("查看材料"))
    context = {
        "task": task,
        "case": case,
        "groups": groups,
        "lines": [] if permissions.confined_to(staff) else material_list.lines(case),
        "back_href": reverse("review_task", args=[pk]),
    }
    return render(request, "review/papers.html", context)


@require_GET
@staff_only(*REVIEWERS)
def large(request: HttpRequest, pk: int, page: int) -> HttpResponse:
    """One page large; + and - zoom, arrows scroll, n and p go on and back."""
    staff = staff_of(request)
    task = _task(staff, pk)
    if why := permissions.why_not_free(staff, task.application):
        return refuse(request, why)
    groups = _groups(staff, task.application)
    pages = [(title, one) for title, found in groups for one in found]
    at = next((n for n, (_title, one) in enumerate(pages) if one.pk == page), None)
    if at is None:
        raise Http404
    title, found = pages[at]
    zoom = request.GET.get("zoom", "1")
    context = {
        "task": task,
        "title": title,
        "page": found,
        "number": at + 1,
        "count": len(pages),
        "zoom": zoom if zoom in ("1", "2", "3", "4") else "1",
        "zooms": ["1", "2", "3", "4"],
        "before": pages[at - 1][1] if at else None,
        "after": pages[at + 1][1] if at + 1 < len(pages) else None,
        "waits": found.material.state == "quarantined",
        "back_href": reverse("review_papers", args=[pk]),
    }
    return render(request, "review/paper.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(Role.WINDOW)
def window(request: HttpRequest, ref: UUID) -> HttpResponse:
    """材料 at the window: the list, scans and photos, promises, what follows, what is brought."""
    case = papers.case_at_hand(request.user, ref)
    asked = _asked_at_window(case)
    signed = [(AUTHORISATION.key, str(AUTHORISATION.title))]
    items = asked + (signed if material_permissions.takes_papers(case, AUTHORISATION.key) else [])
    errors: dict[str, str] = {}
    if request.method == "POST":
        errors = papers.act(request, case, [key for key, _title in items]) or {}
        if not errors:
            try:
                if _settle_at_window(request, case):
                    return redirect("window_papers", ref=ref)
            except Refusal as refusal:
                messages.error(request, str(refusal))
    else:
        looks.note(case, by=request.user, purpose=_("查看材料"))
    lines = {line.item.key: line for line in material_list.lines(case)}
    context = {
        "application": case,
        "lines": list(lines.values()),
        "rows": [
            (one, _choices(case, lines, one.key)) for one in papers.strips(case, items, errors)
        ],
        "may_receive": case.state != states.DRAFT and bool(asked),
        "back_href": reverse("window_desk", args=[ref]),
    }
    return render(request, "window/papers.html", context, status=422 if errors else 200)


@require_GET
@citizen_only
def mine(request: HttpRequest, case_no: str) -> HttpResponse:
    """材料清单 of one's own case: free, given, promised or to follow, and its letters."""
    case = case_of_citizen(request.user, case_no)
    hands_in = material_permissions.hands_in(request.user, case)
    titles = materials.titles(case) if hands_in else {}
    context = {
        "application": case,
        "lines": material_list.lines(case),
        "groups": [
            (title, materials.pages_of(case, key))
            for key, title in titles.items()
            if not visit_photos.is_photos(key)
        ],
        "letters": case.acceptance_letters.all(),
        "doubted": case.commitments.filter(state="doubted") if hands_in else [],
        "back_href": reverse("my_case", args=[case_no]),
    }
    return render(request, "my/papers.html", context)


# -- Parts ---------------------------------------------------------------------------------------


def _task(staff: Staff, pk: int) -> ReviewTask:
    visible = permissions.tasks_visible_to(staff).select_related("application", "bureau")
    return get_object_or_404(visible, pk=pk)


def _groups(staff: Staff, case: Application) -> list[tuple[str, list[MaterialPage]]]:
    titles = materials.titles(case)
    readable = material_permissions.readable_items(staff, case, list(titles))
    return [(titles[key], list(materials.pages_of(case, key))) for key in readable]


def _asked_at_window(case: Application) -> list[tuple[str, str]]:
    """What papers are taken for now: open items of a draft, or what is still to be brought."""
    if case.state == states.DRAFT:
        open_ = [line.item for line in material_list.left(case) if UPLOAD in line.item.ways]
        return [(item.key, item.shown_by) for item in open_]
    rows = case.supplements.filter(received_at=None).order_by("pk")
    return [(one.item, one.text) for one in rows]


def _choices(
    case: Application, lines: dict[str, material_list.Line], key: str
) -> list[tuple[str, str]]:
    """The other ways of an open item, as buttons: value and words."""
    line = lines.get(key)
    if case.state != states.DRAFT or line is None or not line.open:
        return []
    words = {
        PROMISE: _("申请人承诺：%(promise)s") % {"promise": line.item.promise},
        LATER: _("以后补交"),
    }
    return [(f"{way}:{key}", words[way]) for way in line.item.ways if way in words]


def _settle_at_window(request: HttpRequest, case: Application) -> bool:
    """A promise, a later paper, or taking in what was brought; False where it was about pages."""
    verb, _colon, key = request.POST.get("do", "").partition(":")
    item = material_list.of(key)
    if verb == "receive":
        _receive(request, case)
    elif verb in (PROMISE, LATER) and item is not None:
        left_over.choose(case, item, verb, by=request.user)
    else:
        return False
    messages.success(request, _("已保存。"))
    return True


def _receive(request: HttpRequest, case: Application) -> None:
    """收下: all of a 补正 at once; of what follows, whatever is there."""
    if case.state == states.CORRECTION:
        correction.answer(case, by=request.user, answers={})  # type: ignore[arg-type]
    else:
        inquiry_answers.bring(case, by=request.user, answers={})  # type: ignore[arg-type]
