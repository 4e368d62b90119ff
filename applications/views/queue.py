"""The shared queue of the joint review (待办): facets, urgency, paging by key."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from accounts.access import staff_only
from accounts.models import Staff
from accounts.roles import Role
from applications import (
    filters,
    permissions,
    states,
)
from applications.duties import name_of
from applications.inquiries import UNDER_WAY
from applications.models import (
    Inquiry,
    Member,
    ReviewTask,
)
from core import clock, display

PAGE = 50
REVIEWERS = (Role.STREET, Role.REVIEWER, Role.DISTRICT)


@dataclass(frozen=True)
class Row:
    """One line of the queue."""

    task: ReviewTask
    applicant: str
    persons: int
    left: str
    urgency: str
    findings: list[str]
    holder: str
    inquiries: str  # the kinds of question that this desk has about the case


# -- The queue -----------------------------------------------------------------------------------


@require_GET
@staff_only(*REVIEWERS)
def queue(request: HttpRequest) -> HttpResponse:
    """待办: open tasks of the person's desk, the most urgent first, paged by key."""
    staff, today = staff_of(request), clock.today()
    base = filters.with_facets(open_tasks(staff, request.GET.get("scope", "")), today)
    chosen = filters.TaskFilter(request.GET, queryset=base)
    searched = (
        base.filter(filters.found(q, "application__"))
        if (q := request.GET.get("q", "").strip())
        else base
    )
    facets = filters.facets_of(searched, _chosen(request))
    rows, following = _page(chosen.qs if chosen.is_valid() else base.none(), request.GET)
    context = {
        "rows": _rows(rows, today, staff),
        "checks": inquiries_of(staff).count(),
        "facets": _facet_links(request, facets, staff),
        "urgent": _urgency_links(request, facets["urgency"]),
        "first_task": reverse("review_task", args=[rows[0].pk]) if rows else "",
        "everywhere": request.GET.get("scope") == "all",
        "total": sum(option.count for option in facets["urgency"]),
        "q": request.GET.get("q", ""),
        "clear_href": reverse("review_queue") if request.GET else "",
        "next_href": _next_link(request, following),
        "first_href": _without(request, "after") if request.GET.get("after") else "",
        "bureau": staff.bureau,
    }
    return render(request, "review/queue.html", context)


def open_tasks(staff: Staff, scope: str) -> QuerySet[ReviewTask]:
    tasks = permissions.tasks_visible_to(staff).filter(state__in=filters.OPEN_STATES)
    return tasks if scope == "all" else tasks.filter(bureau_id=staff.bureau_id)


def _page(tasks: QuerySet[ReviewTask], asked: Any) -> tuple[list[ReviewTask], ReviewTask | None]:
    """One page by key, not by offset: as quick at the end as at the start."""
    if key := _key(asked.get("after", "")):
        due, pk = key
        tasks = tasks.filter(Q(due_on__gt=due) | Q(due_on=due, pk__gt=pk))
    people = Member.objects.filter(excluded=False).only("application_id", "name", "is_applicant")
    found = list(
        tasks.select_related("application__street", "claimed_by", "bureau")
        .prefetch_related(Prefetch("application__members", queryset=people))
        .order_by("due_on", "pk")[: PAGE + 1]
    )
    return found[:PAGE], found[PAGE - 1] if len(found) > PAGE else None


def _key(text: str) -> tuple[date, int] | None:
    day, _dot, pk = text.partition(".")
    try:
        return date.fromisoformat(day), int(pk)
    except ValueError:
        return None


def inquiries_of(staff: Staff) -> QuerySet[Inquiry]:
    """核实单 under way at the person's desk."""
    return Inquiry.objects.filter(bureau_id=staff.bureau_id, state__in=UNDER_WAY)


def _rows(tasks: list[ReviewTask], today: date, staff: Staff) -> list[Row]:
    left = filters.days_left(tasks, today)
    asked = _asked(tasks, staff)
    return [_row(task, left[task.due_on], asked) for task in tasks]


def _asked(tasks: list[ReviewTask], staff: Staff) -> dict[int, set[str]]:
    """Kinds of question of the desk about the cases of a page."""
    kinds: dict[int, set[str]] = {}
    mine = inquiries_of(staff).filter(application__in=[one.application_id for one in tasks])
    for application_id, kind in mine.values_list("application_id", "kind").distinct():
        kinds.setdefault(application_id, set()).add(str(Inquiry.Kind(kind).label))
    return kinds


def _row(task: ReviewTask, left: int, asked: dict[int, set[str]]) -> Row:
    people = list(task.application.members.all())
    return Row(
        task=task,
        applicant=next((one.name for one in people if one.is_applicant), ""),
        persons=len(people),
        left=_left_words(left),
        urgency=task.urgency,  # type: ignore[attr-defined]
        findings=[name_of(rule) for rule in task.findings],
        inquiries=display.listed(sorted(asked.get(task.application_id, ()))),
        holder=task.claimed_by.name
        if task.claimed_by and task.state == states.TASK_CLAIMED
        else "",
    )


def _left_words(left: int) -> str:
    if left < 0:
        return ngettext("超期%(n)d个工作日", "超期%(n)d个工作日", -left) % {"n": -left}
    if left == 0:
        return _("今天到期")
    return ngettext("还有%(n)d个工作日", "还有%(n)d个工作日", left) % {"n": left}


def _chosen(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in filters.FACETS if request.GET.get(name)}


def _facet_links(request: HttpRequest, facets: dict[str, list[Any]], staff: Staff) -> list[Any]:
    """Facets as the component draws them; a chosen one links to its absence."""
    shown = []
    for name, options in facets.items():
        if name == "urgency":
            continue  # it stands above the list with its counts
        active = request.GET.get(name, "")
        links = [
            (one.label, _toggle(request, name, one.value), one.count, one.value == active)
            for one in options
            if one.count or one.value == active
        ]
        if len(links) > 1 or active:
            shown.append((filters.TaskFilter.base_filters[name].label, links))
    if set(permissions.SEE_ALL) & set(staff.roles):
        everywhere = request.GET.get("scope") == "all"
        scope = [(_("全区各部门"), _toggle(request, "scope", "all"), None, everywhere)]
        shown.insert(0, (_("范围"), scope))
    return shown


def _urgency_links(request: HttpRequest, options: list[Any]) -> list[dict[str, Any]]:
    active = request.GET.get("urgency", "")
    return [
        {
            "value": one.value,
            "label": one.label,
            "count": one.count,
            "active": one.value == active,
            "href": _toggle(request, "urgency", one.value),
        }
        for one in options
    ]


def _toggle(request: HttpRequest, name: str, value: str) -> str:
    query = request.GET.copy()
    query.pop("after", None)
    if query.get(name) == value:
        query.pop(name)
    else:
        query[name] = value
    return f"{request.path}?{query.urlencode()}"


def _without(request: HttpRequest, name: str) -> str:
    query = request.GET.copy()
    query.pop(name, None)
    return f"{request.path}?{query.urlencode()}"


def _next_link(request: HttpRequest, last: ReviewTask | None) -> str:
    if last is None:
        return ""
    query = request.GET.copy()
    query["after"] = f"{last.due_on.isoformat()}.{last.pk}"
    return f"{request.path}?{query.urlencode()}"


# -- One task ------------------------------------------------------------------------------------


def staff_of(request: HttpRequest) -> Staff:
    staff = request.user.as_staff  # type: ignore[union-attr]
    assert staff is not None  # the door lets in nobody else
    return staff
