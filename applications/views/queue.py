"""The shared queue of the joint review (待办): facets, urgency, paging by key."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET

from accounts.access import staff_only
from accounts.models import Staff
from accounts.roles import Role
from applications import (
    absences,
    acceptance,
    auto_pass,
    conflicts,
    deadlines,
    deliveries,
    delivery_screen,
    filters,
    hand_overs,
    objections,
    permissions,
    promises,
    queue_counts,
    queue_order,
    referrals,
    saved_views,
    search_words,
    seconding,
    staff_notices,
    states,
    undoing,
    visits,
)
from applications.duties import name_of
from applications.inquiries import UNDER_WAY
from applications.models import (
    Inquiry,
    Member,
    ReviewTask,
    SavedView,
)
from core import clock, display

PAGE = 50
REVIEWERS = (Role.STREET, Role.REVIEWER, Role.DISTRICT)


@dataclass(frozen=True)
class Row:
    """One line of the queue."""

    task: ReviewTask
    href: str
    applicant: str
    persons: str
    left: str
    due: str  # marked where it is provisional
    urgency: str
    findings: list[str]
    holder: str
    mine: bool  # held by the person who reads
    run_by: str  # that another administration really runs the street (代管), or empty
    inquiries: str  # the kinds of question that this desk has about the case


# -- The queue -----------------------------------------------------------------------------------


@require_GET
@staff_only(*REVIEWERS)
def queue(request: HttpRequest) -> HttpResponse:
    """待办: open tasks of the person's desk, the most urgent first, paged by key."""
    staff, today = staff_of(request), clock.today()
    conflicts.remember(staff)
    views = list(saved_views.of(staff))
    if not request.GET and (first := next((one for one in views if one.is_default), None)):
        return redirect(f"{request.path}?{first.query}")
    everywhere = sees_everywhere(staff, request.GET.get("scope", ""))
    tasks = open_tasks(staff, request.GET.get("scope", ""))
    chosen = filters.TaskFilter(
        request.GET, queryset=filters.with_facets(tasks, today), request=request
    )
    valid, picked = chosen.is_valid(), _chosen(request)
    cube = cube_of(staff, tasks, request, None if everywhere else staff.bureau_id)
    facets = cube.facets(picked)
    rows, following = _page(chosen.qs if valid else tasks.none(), request.GET)
    context = {
        "rows": _rows(rows, today, staff),
        "checks": inquiries_of(staff).count(),
        **_desk_work(staff),
        **_between_desks(staff, today),
        "to_look_at": auto_pass.to_check(staff).count(),
        **_messages_and_visits(staff),
        "facets": _facet_links(request, facets, staff),
        "urgent": _urgency_links(request, facets["urgency"]),
        "first_task": reverse("review_task", args=[rows[0].pk]) if rows else "",
        "everywhere": everywhere,
        "total": cube.total(picked) if valid else 0,
        "capped": cube.capped,
        "q": request.GET.get("q", ""),
        "clear_href": _whole(views) if request.GET else "",
        "next_href": _next_link(request, following),
        "first_href": _without(request, "after") if request.GET.get("after") else "",
        "bureau": staff.bureau,
        **_own_things(request, staff, views, today),
    }
    return render(request, "review/queue.html", context)


def _own_things(
    request: HttpRequest, staff: Staff, views: list[SavedView], today: date
) -> dict[str, Any]:
    """What the person keeps and is told here: views, absences, tasks handed to them."""
    kept = saved_views.query_in(request.GET.dict())
    return {
        "views": [(one, one.query == kept) for one in views],
        "whole_href": _whole(views),
        "kept_query": kept,
        "absences": [(one, one.staff_id == staff.pk) for one in absences.concerning(staff, today)],
        "handed": list(hand_overs.unseen(staff)[:PAGE]),
    }


def open_tasks(staff: Staff, scope: str) -> QuerySet[ReviewTask]:
    """Open tasks that the person may work on: of their desk, or of every desk (``all``)."""
    tasks = permissions.tasks_to_work(staff).filter(state__in=filters.OPEN_STATES)
    return tasks if sees_everywhere(staff, scope) else tasks.filter(bureau_id=staff.bureau_id)


def sees_everywhere(staff: Staff, scope: str) -> bool:
    """Whether every desk is asked for, by somebody who may see them."""
    return scope == "all" and bool(set(permissions.SEE_ALL) & set(staff.roles))


def cube_of(
    staff: Staff, tasks: QuerySet[ReviewTask], request: Any, bureau_id: int | None
) -> queue_counts.Cube:
    """Counts of the tasks: from the kept sums, or of the matches of a search."""
    asked, today, now = request.GET, clock.today(), clock.now()
    if not any(asked.get(name, "").strip() for name in ("q", "holder", "case_no")):
        return queue_counts.of_desk(staff, bureau_id, today, now)
    words = asked.get("q", "").strip()
    many = bool(words) and not search_words.few(words)
    if many:  # those that are read at once are counted and told as a lower bound
        tasks = tasks.filter(search_words.first_matching(words, "application_id"))
    named = {"holder": asked.get("holder", ""), "q": "" if many else words}
    searched = filters.TaskFilter(named, queryset=tasks, request=request)
    rows = searched.qs if searched.is_valid() else tasks.none()
    if case_no := asked.get("case_no", "").strip():
        rows = rows.filter(application__case_no=case_no)
    return queue_counts.of_rows(rows, today, now, capped=many)


# what a line shows; the rest of a case, some of it encrypted, is not read for a list
_SHOWN = (
    "stage", "state", "due_on", "findings", "claim_expires_at", "bureau__name", "claimed_by__name",
    "street__name", "street__jurisdiction", "application__case_no", "application__pending_sources",
)  # fmt: skip


def _page(tasks: QuerySet[ReviewTask], asked: Any) -> tuple[list[ReviewTask], ReviewTask | None]:
    """One page by key, not by offset: as quick at the end as at the start."""
    page = queue_order.behind(tasks, queue_order.key_in(asked.get("after", "")))
    joined = page.select_related("application", "street", "claimed_by", "bureau").only(*_SHOWN)
    found = list(joined[: PAGE + 1])
    return found[:PAGE], found[PAGE - 1] if len(found) > PAGE else None


def inquiries_of(staff: Staff) -> QuerySet[Inquiry]:
    """核实单 under way at the person's desk."""
    under_way = Inquiry.objects.filter(bureau_id=staff.bureau_id, state__in=UNDER_WAY)
    return conflicts.free_of(staff, under_way)


def _rows(tasks: list[ReviewTask], today: date, staff: Staff) -> list[Row]:
    left = filters.days_left((one.due_on for one in tasks), today)
    told = {due: deadlines.told_short(due) for due in left}  # few days, many tasks
    asked, people = _asked(tasks, staff), _people(tasks)
    return [_row(one, left[one.due_on], told[one.due_on], asked, people, staff) for one in tasks]


def _people(tasks: list[ReviewTask]) -> dict[int, tuple[str, int]]:
    """The applicant's name and the number of people of each case of a page."""
    cases = [one.application_id for one in tasks]
    rows = Member.objects.filter(application__in=cases, excluded=False).order_by()
    found: dict[int, tuple[str, int]] = {}
    for case, name, applies in rows.values_list("application_id", "name", "is_applicant"):
        known, count = found.get(case, ("", 0))
        found[case] = (name if applies else known, count + 1)
    return found


def _asked(tasks: list[ReviewTask], staff: Staff) -> dict[int, set[str]]:
    """Kinds of question of the desk about the cases of a page."""
    kinds: dict[int, set[str]] = {}
    mine = inquiries_of(staff).filter(application__in=[one.application_id for one in tasks])
    for application_id, kind in mine.values_list("application_id", "kind").distinct():
        kinds.setdefault(application_id, set()).add(str(Inquiry.Kind(kind).label))
    return kinds


def _row(
    task: ReviewTask,
    left: filters.Left,
    due: str,
    asked: dict[int, set[str]],
    people: dict[int, tuple[str, int]],
    staff: Staff,
) -> Row:
    applicant, persons = people.get(task.application_id, ("", 0))
    return Row(
        task=task,
        href=reverse("review_task", args=[task.pk]),
        applicant=applicant,
        persons=ngettext("%(n)s人", "%(n)s人", persons) % {"n": persons},
        left=left.words,
        due=due,
        urgency=left.urgency,
        findings=[name_of(rule) for rule in task.findings],
        inquiries=display.listed(sorted(asked.get(task.application_id, ()))),
        holder=task.claimed_by.name if task.claimed_by and _is_held(task) else "",
        mine=_is_held(task) and task.claimed_by_id == staff.pk,
        run_by=_("由%(office)s管理，可能要转交") % {"office": task.street.jurisdiction}
        if task.street and task.street.jurisdiction
        else "",
    )


def _is_held(task: ReviewTask) -> bool:
    """Whether the claim stands; one that has run out holds nothing."""
    ends = task.claim_expires_at
    return task.state == states.TASK_CLAIMED and ends is not None and ends > clock.now()


def _whole(views: list[SavedView]) -> str:
    """The address of the queue without filters; plain unless a view opens by itself there."""
    address = reverse("review_queue")
    return f"{address}?view=0" if any(one.is_default for one in views) else address


def _chosen(request: HttpRequest) -> dict[str, str]:
    return {name: request.GET[name] for name in queue_counts.FACETS if request.GET.get(name)}


def _facet_links(request: HttpRequest, facets: dict[str, list[Any]], staff: Staff) -> list[Any]:
    """Facets as the component draws them; a chosen one links to its absence."""
    shown = []
    for name, options in facets.items():
        if name == "urgency":
            continue  # it stands above the list with its counts
        active = request.GET.get(name, "")
        links = [
            (_labelled(one), _toggle(request, name, one.value), one.count, one.value == active)
            for one in options
            if one.count or one.value == active
        ]
        if len(links) > 1 or active:
            shown.append((filters.TaskFilter.base_filters[name].label, links))
    mine = request.GET.get("holder", "") == filters.MINE
    own = [(_("我认领的"), _toggle(request, "holder", filters.MINE), None, mine)]
    shown.insert(0, (_("办理人"), own))
    if set(permissions.SEE_ALL) & set(staff.roles):
        everywhere = request.GET.get("scope") == "all"
        scope = [(_("全区各部门"), _toggle(request, "scope", "all"), None, everywhere)]
        shown.insert(0, (_("范围"), scope))
    return shown


def _labelled(option: queue_counts.Option) -> str:
    """A street that another administration runs says so where it is chosen."""
    if not option.note:
        return str(option.label)
    return _("%(street)s（代管）") % {"street": option.label}


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
    query["after"] = queue_order.key_of(last)
    return f"{request.path}?{query.urlencode()}"


# -- One task ------------------------------------------------------------------------------------


def _desk_work(staff: Staff) -> dict[str, int]:
    """How many promises and questions of acceptance wait for those who settle them."""
    if not set(promises.CHECKERS) & set(staff.roles):
        return {"promised": 0, "acceptances": 0, "objected": 0, "letters": 0, "answers_near": 0}
    settle = acceptance.to_settle(staff).count() + acceptance.with_late_items(staff).count()
    return {
        "promised": promises.to_check(staff).count(),
        "acceptances": settle,
        "objected": objections.unanswered(staff).count(),
        **_centre_work(staff),
    }


def _centre_work(staff: Staff) -> dict[str, int]:
    """Letters that wait for the centre to serve them, and answers whose day is near."""
    if Role.DISTRICT not in staff.roles:
        return {"letters": 0, "answers_near": 0}
    return {"letters": deliveries.count_waiting(), "answers_near": delivery_screen.count_near()}


def _between_desks(staff: Staff, today: date) -> dict[str, Any]:
    """What other desks and colleagues wait for, and what may still be taken back."""
    asked = referrals.to_answer(staff).aggregate(
        n=Count("pk"), late=Count("pk", filter=Q(due_on__lt=today))
    )
    latest = undoing.latest_of(staff)
    return {
        "asked": asked["n"],
        "asked_late": asked["late"],
        "seconds": seconding.to_second(staff).count(),
        "undoable": latest
        and {"opinion": latest, "until": display.clock_time(undoing.until(latest))},
    }


def _messages_and_visits(staff: Staff) -> dict[str, Any]:
    """New messages of the person, and households that wait for a visit of the street."""
    number = visits.how_many(staff)
    return {
        "told": staff_notices.unread(staff),
        "to_visit": min(number, visits.MANY),
        "more_to_visit": number > visits.MANY,
    }


def staff_of(request: HttpRequest) -> Staff:
    staff = request.user.as_staff  # type: ignore[union-attr]
    assert staff is not None  # the door lets in nobody else
    return staff
