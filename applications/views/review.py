"""The shared queue, the evidence screen and the signing list (审核)."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.contrib import messages
from django.db.models import Prefetch, Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from accounts.roles import Role
from applications import (
    deadlines,
    decision,
    evidence_screen,
    filters,
    findings,
    permissions,
    publicity,
    review,
    states,
)
from applications.duties import RULES, name_of
from applications.forms.review import AnswerForm, OpinionForm, RefusalForm, ReturnForm
from applications.models import (
    Application,
    Decision,
    Member,
    Objection,
    Reconsideration,
    ReviewTask,
)
from applications.models.review import Stage
from core import audit, clock, display
from core.refusals import Refusal

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


# -- The queue -----------------------------------------------------------------------------------


@require_GET
@staff_only(*REVIEWERS)
def queue(request: HttpRequest) -> HttpResponse:
    """待办: open tasks of the person's desk, the most urgent first, paged by key."""
    staff, today = _staff(request), clock.today()
    base = filters.with_facets(_open_tasks(staff, request.GET.get("scope", "")), today)
    chosen = filters.TaskFilter(request.GET, queryset=base)
    searched = (
        base.filter(filters.found(q, "application__"))
        if (q := request.GET.get("q", "").strip())
        else base
    )
    facets = filters.facets_of(searched, _chosen(request))
    rows, following = _page(chosen.qs if chosen.is_valid() else base.none(), request.GET)
    context = {
        "rows": _rows(rows, today),
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


def _open_tasks(staff: Staff, scope: str) -> QuerySet[ReviewTask]:
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


def _rows(tasks: list[ReviewTask], today: date) -> list[Row]:
    left = filters.days_left(tasks, today)
    return [_row(task, left[task.due_on]) for task in tasks]


def _row(task: ReviewTask, left: int) -> Row:
    people = list(task.application.members.all())
    return Row(
        task=task,
        applicant=next((one.name for one in people if one.is_applicant), ""),
        persons=len(people),
        left=_left_words(left),
        urgency=task.urgency,  # type: ignore[attr-defined]
        findings=[name_of(rule) for rule in task.findings],
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


@require_http_methods(["GET", "POST"])
@staff_only(*REVIEWERS)
def task(request: HttpRequest, pk: int) -> HttpResponse:
    """审核: the evidence of one case and this desk's opinion on it. Each look is recorded."""
    staff = _staff(request)
    found = _task(staff, pk)
    if why := permissions.why_not_free(staff, found.application):
        return refuse(request, why)
    screen = evidence_screen.screen_of(found)
    form = OpinionForm(request.POST or None, screen=screen)
    if request.method == "POST" and form.is_valid() and _opine(form, found, staff):
        messages.success(request, _("意见已提交。"))
        return redirect(_next_task(staff))
    if request.method == "GET":
        _note_look(request, found)
    return render(request, "review/task.html", _task_context(screen, form, staff))


@require_POST
@staff_only(*REVIEWERS)
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """认领 a task for some hours."""
    staff = _staff(request)
    return _act(request, lambda: review.claim(_task(staff, pk), by=staff), "review_task", pk)


@require_POST
@staff_only(*REVIEWERS)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """放回 a claimed task."""
    staff = _staff(request)
    return _act(request, lambda: review.release(_task(staff, pk), by=staff), "review_task", pk)


def _task(staff: Staff, pk: int) -> ReviewTask:
    visible = permissions.tasks_visible_to(staff).select_related(
        "application__street", "bureau", "claimed_by", "opinion__by"
    )
    return get_object_or_404(visible.prefetch_related("application__members"), pk=pk)


def _note_look(request: HttpRequest, found: ReviewTask) -> None:
    audit.looked(
        found,
        by=request.user,
        purpose=str(found.get_stage_display()),
        case_no=found.case_no,
        subjects=[one.id_index for one in found.application.members.all()],
    )


def _opine(form: OpinionForm, found: ReviewTask, staff: Staff) -> bool:
    answers = form.cleaned_data
    try:
        review.opine(
            found,
            by=staff,
            verdict=answers["verdict"],
            settled=form.settled(),
            reason_codes=answers.get("reason_codes", []),
            text=answers["text"],
        )
    except Refusal as refusal:
        form.add_error(_field(form, refusal), str(refusal))
        return False
    return True


def _next_task(staff: Staff) -> str:
    """The next task of the desk, or the queue when it is empty."""
    mine = _open_tasks(staff, "").filter(Q(claimed_by=None) | Q(claimed_by=staff))
    following = mine.order_by("due_on", "pk").values_list("pk", flat=True).first()
    return reverse("review_task", args=[following]) if following else reverse("review_queue")


def _task_context(screen: Any, form: OpinionForm, staff: Staff) -> dict[str, Any]:
    now, application = clock.now(), screen.application
    standing = deadlines.clock_of(application, clock.today())
    return {
        **_clock_words(standing),
        "screen": screen,
        "form": form,
        "clock": standing,
        "back_href": reverse("review_queue"),
        **_headings(screen),
        "people": evidence_screen.masked_people(screen.people),
        "state": application.STATES[application.state],
        "why_not": permissions.why_not_work_on(screen.task, staff, now=now),
        "mine": screen.task.claimed_by_id == staff.pk and screen.task.state == states.TASK_CLAIMED,
        "held_until": display.clock_time(screen.task.claim_expires_at),
        "open_rules": _open_rules(screen),
        "confirmed": _confirmed(screen),
    }


def _headings(screen: Any) -> dict[str, str]:
    if screen.closing:
        return {
            "mine_title": _("各部门待核实的事项"),
            "clean_words": _("各项条件的登记信息都符合。"),
            "records_title": _("登记的记录"),
        }
    if screen.task.stage == Stage.STREET:
        clean = _("街道初审看家庭情况；部门的事项由部门核实。")
    else:
        clean = _("本部门负责的各项条件，登记信息都符合。")
    return {
        "mine_title": _("本部门待核实的事项"),
        "clean_words": clean,
        "records_title": _("本部门登记的记录"),
    }


def _clock_words(standing: deadlines.Clock) -> dict[str, str]:
    paused = standing.paused
    return {
        "promised_due": display.day(standing.promised_due),
        "paused_since": display.day_short(paused.began_at) if paused else "",
        "paused_reason": str(paused.get_reason_display()) if paused else "",
    }


def _open_rules(screen: Any) -> str:
    if not screen.closing:
        return ""
    rules = findings.unsettled(screen.application, screen.assessment)
    return display.listed(map(name_of, rules))


def _confirmed(screen: Any) -> str:
    if not screen.closing:
        return ""
    failed = findings.confirmed_fails(screen.application, screen.assessment)
    return display.listed(name_of(one.rule) for one in failed)


# -- Signing -------------------------------------------------------------------------------------


@require_GET
@staff_only(Role.DISTRICT)
def signing(request: HttpRequest) -> HttpResponse:
    """签发: letters waiting for a second person, and requests to look again."""
    staff = _staff(request)
    drafts = (
        _letters()
        .filter(signed_at=None, replaced=False)
        .select_related("application", "drafted_by")
    )
    asked = Reconsideration.objects.filter(answered_at=None).select_related("decision__application")
    context = {
        "drafts": [(one, decision.title_of(one), _why_not_sign(one, staff)) for one in drafts],
        "requests": [(one, permissions.why_not_answer(one, staff)) for one in asked],
    }
    return render(request, "review/signing.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(Role.DISTRICT)
def sign(request: HttpRequest, pk: int) -> HttpResponse:
    """One drafted letter: read it, sign it or send it back."""
    staff = _staff(request)
    draft = get_object_or_404(_letters().select_related("application", "drafted_by"), pk=pk)
    form = ReturnForm(request.POST if request.POST.get("act") == "return" else None)
    if request.method == "POST":
        if request.POST.get("act") == "sign":
            return _act(request, lambda: decision.sign(draft, by=staff), "review_signing")
        if form.is_valid():
            return _return_draft(request, draft, staff, form.cleaned_data["reason"])
    why = _why_not_sign(draft, staff)
    _note_reading(request, draft.application, _("看决定书"))
    context = {
        "letter": draft,
        "title": decision.title_of(draft),
        "form": form,
        "why_not": why,
        "back_href": reverse("review_signing"),
    }
    return render(request, "review/sign.html", context)


@require_GET
@staff_only(Role.DISTRICT)
def letter_pdf(request: HttpRequest, pk: int) -> HttpResponse:
    """The letter as it will be, or was, printed."""
    one = get_object_or_404(Decision.objects.select_related("application"), pk=pk)
    _note_reading(request, one.application, _("看决定书"))
    return HttpResponse(decision.pdf(one), content_type="application/pdf")


def _letters() -> QuerySet[Decision]:
    """Letters of this desk; what ends a tenancy is signed where its exit is conducted."""
    return Decision.objects.exclude(kind=Decision.Kind.END)


def _why_not_sign(draft: Decision, staff: Staff) -> str:
    return permissions.why_not_sign(draft, staff) or decision.why_not_yet(draft, draft.application)


def _return_draft(
    request: HttpRequest, draft: Decision, staff: Staff, reason: str
) -> HttpResponseRedirect:
    return _act(
        request, lambda: review.return_draft(draft, by=staff, reason=reason), "review_signing"
    )


@require_http_methods(["GET", "POST"])
@staff_only(Role.DISTRICT)
def reconsideration(request: HttpRequest, pk: int) -> HttpResponse:
    """决定复核: the household's words beside the decision; answered by a third person."""
    staff = _staff(request)
    asked = get_object_or_404(
        Reconsideration.objects.select_related("decision__application"), pk=pk
    )
    choices = [("upheld", _("维持原决定")), ("overturned", _("改为符合，进入公示"))]
    form = AnswerForm(request.POST or None, choices=choices)
    if request.method == "POST" and form.is_valid():
        overturned = form.cleaned_data["outcome"] == "overturned"
        text = form.cleaned_data["text"]
        done = _try(
            form, lambda: decision.answer(asked, by=staff, overturned=overturned, text=text)
        )
        if done:
            messages.success(request, _("复核答复已送达。"))
            return redirect("review_signing")
    why = permissions.why_not_answer(asked, staff)
    _note_reading(request, asked.decision.application, _("决定复核中"))
    context = {
        "asked": asked,
        "letter": asked.decision,
        "form": form,
        "why_not": why,
        "back_href": reverse("review_signing"),
    }
    return render(request, "review/reconsideration.html", context)


# -- Public notices ------------------------------------------------------------------------------


@require_GET
@staff_only(Role.STREET, Role.DISTRICT)
def notices(request: HttpRequest) -> HttpResponse:
    """公示: notices that stand now and the objections to them."""
    staff, today = _staff(request), clock.today()
    posted = publicity.visible(today)
    open_ = Objection.objects.filter(publicity__closed_at=None).filter(
        Q(answered_at=None) | Q(upheld=True)
    )
    if Role.DISTRICT not in staff.roles:
        posted = posted.filter(application__street_id=staff.bureau_id)
        open_ = open_.none()  # the objector's words are for the checker alone
    context = {
        "public_href": reverse("public_notices"),
        "rows": [publicity.row_of(one, today) for one in posted[:200]],
        "objections": open_.select_related("publicity__application").order_by("made_at"),
    }
    return render(request, "review/notices.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(Role.DISTRICT)
def objection(request: HttpRequest, pk: int) -> HttpResponse:
    """核查异议: what was said, and the answer after a check."""
    staff = _staff(request)
    made = get_object_or_404(Objection.objects.select_related("publicity__application"), pk=pk)
    choices = [("no", _("不成立，继续公示")), ("yes", _("成立，拟不符合条件的决定"))]
    form = AnswerForm(request.POST or None, choices=choices)
    if request.method == "POST" and form.is_valid():
        upheld, text = form.cleaned_data["outcome"] == "yes", form.cleaned_data["text"]
        if _try(form, lambda: publicity.answer(made, by=staff, upheld=upheld, text=text)):
            messages.success(request, _("核查结论已记录。"))
            return redirect("review_refuse", made.pk) if upheld else redirect("review_notices")
    why = publicity.why_not_answer(made, staff)
    _note_reading(request, made.publicity.application, _("核查异议"))
    context = {
        "made": made,
        "case": made.publicity.application,
        "form": form,
        "why_not": why,
        "back_href": reverse("review_notices"),
    }
    return render(request, "review/objection.html", context)


@require_http_methods(["GET", "POST"])
@staff_only(Role.DISTRICT)
def refuse_after_objection(request: HttpRequest, pk: int) -> HttpResponse:
    """查实后拟决定: the fact that the check confirmed becomes the reason of the draft."""
    staff = _staff(request)
    made = get_object_or_404(Objection.objects.select_related("publicity__application"), pk=pk)
    case = made.publicity.application
    form = RefusalForm(request.POST or None, rules=list(RULES))
    if request.method == "POST" and form.is_valid():
        confirmed = {form.cleaned_data["rule"]: form.cleaned_data["fact"]}
        if _try(form, lambda: decision.draft_refusal(case, by=staff, confirmed=confirmed)):
            messages.success(request, _("决定稿已交签发。"))
            return redirect("review_signing")
    context = {"made": made, "case": case, "form": form, "back_href": reverse("review_notices")}
    return render(request, "review/refuse.html", context)


def _note_reading(request: HttpRequest, case: Application, purpose: str) -> None:
    """The household sees it under 谁查过我的数据."""
    subjects = case.members.values_list("id_index", flat=True)
    number = case.case_no or ""
    audit.looked(case, by=request.user, purpose=purpose, case_no=number, subjects=subjects)


# -- Shared --------------------------------------------------------------------------------------


def _staff(request: HttpRequest) -> Staff:
    staff = request.user.as_staff  # type: ignore[union-attr]
    assert staff is not None  # the door lets in nobody else
    return staff


def _act(request: HttpRequest, act: Any, target: str, *args: Any) -> HttpResponseRedirect:
    """Runs a verb of one button; a refusal is shown where the person goes next."""
    try:
        act()
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect(target, *args)


def _try(form: Any, act: Any) -> bool:
    """Runs a verb of a form; a refusal is shown at its field."""
    try:
        act()
    except Refusal as refusal:
        form.add_error(_field(form, refusal), str(refusal))
        return False
    return True


def _field(form: Any, refusal: Refusal) -> str | None:
    return refusal.field if refusal.field in form.fields else None
