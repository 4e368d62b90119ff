"""The evidence screen of one task (审核): claim, opinion, and where a record came from."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from applications import (
    change_screen,
    correction_lists,
    deadlines,
    deliveries,
    desk_time,
    duties,
    escalations,
    evidence_screen,
    filters,
    findings,
    forecast,
    hand_overs,
    inquiry_answers,
    material_permissions,
    opinions,
    permissions,
    queue_order,
    referrals,
    registers,
    review,
    second_screen,
    seconding,
    states,
    undoing,
)
from applications.duties import name_of
from applications.forms.deciding import SecondForm, UndoForm
from applications.forms.inquiry import InquiryForm
from applications.forms.review import (
    OpinionForm,
)
from applications.models import (
    Opinion,
    ReviewTask,
)
from applications.models.review import Second, Stage
from applications.views.acting_at_desk import act, field_of
from applications.views.queue import REVIEWERS, open_tasks, staff_of
from core import audit, clock, display
from core.refusals import Refusal


@require_http_methods(["GET", "POST"])
@staff_only(*REVIEWERS)
def task(request: HttpRequest, pk: int) -> HttpResponse:
    """审核: the evidence of one case and this desk's opinion on it. Each look is recorded."""
    staff = staff_of(request)
    found = task_of(staff, pk)
    if why := permissions.why_not_free(staff, found.application):
        return refuse(request, why)
    screen = evidence_screen.screen_of(found, staff)
    news = change_screen.for_task(found, request.user)  # before this look counts
    form = _form(request, screen)
    if form.is_bound and form.is_valid() and (given := _opine(form, found, staff)):
        messages.success(request, _given_words(given))
        return redirect(_next_task(staff))
    if request.method == "GET":
        _note_look(request, found)
    context = _task_context(screen, form, staff)
    return render(request, "review/task.html", {**context, "changes": news})


def _form(request: HttpRequest, screen: Any) -> OpinionForm:
    """The opinion as it was sent; asked to draft, the same choices with the sentence they make."""
    waits = referrals.open_of_desk(screen.task).exists()
    if request.POST.get("act") == "draft":
        return OpinionForm(screen=screen, waits=waits, chosen=request.POST)
    return OpinionForm(request.POST or None, screen=screen, waits=waits)


def _given_words(opinion: Opinion) -> str:
    if opinion.second == Second.WAITING:
        return _("意见已提交，等另一位同事确认后算数。")
    return _("意见已提交。")


@require_POST
@staff_only(*REVIEWERS)
def claim(request: HttpRequest, pk: int) -> HttpResponse:
    """认领 a task for some hours."""
    staff = staff_of(request)
    return act(request, lambda: review.claim(task_of(staff, pk), by=staff), "review_task", pk)


@require_POST
@staff_only(*REVIEWERS)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """放回 a claimed task."""
    staff = staff_of(request)
    back = ("review_queue",) if request.POST.get("back") == "queue" else ("review_task", pk)
    return act(request, lambda: review.release(task_of(staff, pk), by=staff), *back)


@require_GET
@staff_only(*REVIEWERS)
def source_history(request: HttpRequest, pk: int, evidence: int) -> HttpResponse:
    """取得过程: when a register was asked and answered, and what the person says beside it."""
    staff = staff_of(request)
    found = task_of(staff, pk)
    if why := permissions.why_not_free(staff, found.application):
        return refuse(request, why)
    readable = duties.sources_of(permissions.confined_to(staff) or found.bureau.kind)
    rows = found.application.evidence.filter(source__in=readable).select_related("member")
    one = get_object_or_404(rows, pk=evidence)
    _note_look(request, found)
    context = {
        "evidence": one,
        "title": registers.name_of(one.source),
        "entries": evidence_screen.history_of(one),
        "case": found.application,
        "back_href": reverse("review_task", args=[pk]),
    }
    return render(request, "review/history.html", context)


def task_of(staff: Staff, pk: int) -> ReviewTask:
    """A task that this person may see, with what its page reads; 404 otherwise."""
    visible = permissions.tasks_visible_to(staff).select_related(
        "application__street", "bureau", "claimed_by", "opinion__by"
    )
    return get_object_or_404(
        visible.prefetch_related("application__members", "application__pauses"), pk=pk
    )


def _note_look(request: HttpRequest, found: ReviewTask) -> None:
    audit.looked(
        found,
        by=request.user,
        purpose=str(found.get_stage_display()),
        case_no=found.case_no,
        subjects=[one.id_index for one in found.application.members.all()],
    )


def _opine(form: OpinionForm, found: ReviewTask, staff: Staff) -> Opinion | None:
    answers = form.cleaned_data
    try:
        return review.opine(
            found,
            by=staff,
            verdict=answers["verdict"],
            settled=form.settled(),
            reason_codes=form.codes(),
            text=answers["text"],
            despite=answers.get("despite", ""),
        )
    except Refusal as refusal:
        form.add_error(field_of(form, refusal), str(refusal))
        return None


def _next_task(staff: Staff) -> str:
    """The next task of the desk, or the queue when it is empty."""
    free = Q(claimed_by=None) | Q(claimed_by=staff) | filters.expired(clock.now())
    mine = queue_order.behind(open_tasks(staff, "").filter(free), None)
    following = mine.values_list("pk", flat=True).first()
    return reverse("review_task", args=[following]) if following else reverse("review_queue")


def _task_context(screen: Any, form: OpinionForm, staff: Staff) -> dict[str, Any]:
    now, application = clock.now(), screen.application
    standing = deadlines.clock_of(application, clock.today())
    _offer_answers(screen, staff)
    return {
        **_clock_words(standing),
        "screen": screen,
        "form": form,
        "clock": standing,
        "desk_times": desk_time.of(application, clock.today()),
        "foreseen": forecast.of(application, clock.today()),
        "escalated": escalations.of(application),
        "task_due": deadlines.told(screen.task.due_on),
        "back_href": reverse("review_queue"),
        **_headings(screen),
        "people": evidence_screen.masked_people(screen.people),
        "papers": material_permissions.count_readable(staff, application),
        "state": application.STATES[application.state],
        "undelivered": deliveries.awaiting(application),
        "why_not": permissions.why_not_work_on(screen.task, staff, now=now),
        "not_yet": opinions.why_not_yet(screen.task),
        "mine": screen.task.claimed_by_id == staff.pk and screen.task.state == states.TASK_CLAIMED,
        "held_until": permissions.kept_until(screen.task.claim_expires_at),
        "run_by": application.street.jurisdiction if application.street else "",
        "may_give": not hand_overs.why_not_give(screen.task, staff, now=now),
        "open_rules": _open_rules(screen),
        "confirmed": _confirmed(screen),
        **_after(screen, staff),
    }


def _after(screen: Any, staff: Staff) -> dict[str, Any]:
    """What may follow beside the opinion: a second person, taking it back, asking others."""
    task = screen.task
    undo = "" if undoing.why_not_undo(task, staff) else undoing.until(task.opinion)
    seconds = task.state == states.TASK_SECOND
    return {
        "second_form": SecondForm() if seconds else None,
        "why_not_second": seconding.why_not_second(task, staff) if seconds else "",
        "waiting_second": second_screen.of(task) if seconds else None,
        "undo_form": UndoForm() if undo else None,
        "undo_until": display.clock_time(undo) if undo else "",
        "undoable": _other_undoable(task, staff),
        "asked_others": referrals.about(task, staff),
        "may_refer": not referrals.why_not_ask(task, staff),
        "gathering": correction_lists.gathering(task.application),
        "was_told": correction_lists.was_told(task.application),
    }


def _other_undoable(task: ReviewTask, staff: Staff) -> Any:
    """The opinion given a moment ago on another task, which may still be taken back."""
    latest = undoing.latest_of(staff)
    if latest is None or latest.task_id == task.pk:
        return None
    return {"opinion": latest, "until": display.clock_time(undoing.until(latest))}


def _offer_answers(screen: Any, staff: Staff) -> None:
    """The desk answers its questions where it reads the case."""
    for group in screen.inquiries:
        if not inquiry_answers.why_not_answer(group.first, staff):
            auto_id = f"q{group.first.pk}_%s"
            group.form = InquiryForm(rows=group.rows, auto_id=auto_id)


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
        "promised_due": deadlines.told(standing.promised_due),
        "statutory_due": deadlines.told(standing.statutory_due),
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
    return display.listed(dict.fromkeys(name_of(one.rule) for one in failed))
