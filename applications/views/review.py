"""The evidence screen, the signing list and the public notices' desk (审核)."""

from typing import Any

from django.contrib import messages
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from accounts.roles import Role
from applications import (
    deadlines,
    decision,
    duties,
    evidence_screen,
    findings,
    inquiry_answers,
    permissions,
    publicity,
    registers,
    review,
    states,
)
from applications.duties import RULES, name_of
from applications.forms.inquiry import InquiryForm
from applications.forms.review import AnswerForm, OpinionForm, RefusalForm, ReturnForm
from applications.models import (
    Application,
    Decision,
    Objection,
    Reconsideration,
    ReviewTask,
)
from applications.models.review import Stage
from applications.views.queue import REVIEWERS, open_tasks, staff_of
from core import audit, clock, display
from core.refusals import Refusal


@require_http_methods(["GET", "POST"])
@staff_only(*REVIEWERS)
def task(request: HttpRequest, pk: int) -> HttpResponse:
    """审核: the evidence of one case and this desk's opinion on it. Each look is recorded."""
    staff = staff_of(request)
    found = _task(staff, pk)
    if why := permissions.why_not_free(staff, found.application):
        return refuse(request, why)
    screen = evidence_screen.screen_of(found, staff)
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
    staff = staff_of(request)
    return _act(request, lambda: review.claim(_task(staff, pk), by=staff), "review_task", pk)


@require_POST
@staff_only(*REVIEWERS)
def release(request: HttpRequest, pk: int) -> HttpResponse:
    """放回 a claimed task."""
    staff = staff_of(request)
    return _act(request, lambda: review.release(_task(staff, pk), by=staff), "review_task", pk)


@require_GET
@staff_only(*REVIEWERS)
def source_history(request: HttpRequest, pk: int, evidence: int) -> HttpResponse:
    """取得过程: when a register was asked and answered, and what the person says beside it."""
    staff = staff_of(request)
    found = _task(staff, pk)
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
    mine = open_tasks(staff, "").filter(Q(claimed_by=None) | Q(claimed_by=staff))
    following = mine.order_by("due_on", "pk").values_list("pk", flat=True).first()
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
        "back_href": reverse("review_queue"),
        **_headings(screen),
        "people": evidence_screen.masked_people(screen.people),
        "state": application.STATES[application.state],
        "why_not": permissions.why_not_work_on(screen.task, staff, now=now),
        "not_yet": review.why_not_yet(screen.task),
        "mine": screen.task.claimed_by_id == staff.pk and screen.task.state == states.TASK_CLAIMED,
        "held_until": display.clock_time(screen.task.claim_expires_at),
        "open_rules": _open_rules(screen),
        "confirmed": _confirmed(screen),
    }


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
    return display.listed(dict.fromkeys(name_of(one.rule) for one in failed))


# -- Signing -------------------------------------------------------------------------------------


@require_GET
@staff_only(Role.DISTRICT)
def signing(request: HttpRequest) -> HttpResponse:
    """签发: letters waiting for a second person, and requests to look again."""
    staff = staff_of(request)
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
    staff = staff_of(request)
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
    staff = staff_of(request)
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
    staff, today = staff_of(request), clock.today()
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
    staff = staff_of(request)
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
    staff = staff_of(request)
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
