"""The bureau's side of 谁查过我的数据: questions to answer, deferrals by two people."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import has_role, staff_only
from accounts.roles import Role
from applications import look_deferrals, look_lines, look_questions, periods
from applications.forms.looks import AnswerForm, DeferralForm, RefuseDeferralForm
from applications.models import Application, LookDeferral, LookQuestion
from core import audit, clock
from core.refusals import Refusal

_PAGE = 30
_TONES = {
    look_deferrals.REQUESTED: "yours",
    look_deferrals.IN_FORCE: "waiting",
    look_deferrals.OVER: "ended",
    look_deferrals.REFUSED: "ended",
    look_deferrals.LIFTED: "ended",
}


# -- Questions ---------------------------------------------------------------------------------


@staff_only(Role.DISTRICT, Role.SECURITY)
@require_GET
def questions(request: HttpRequest) -> HttpResponse:
    """数据疑问: what people asked about a line, the one due first on top."""
    done = "done" in request.GET
    rows = LookQuestion.objects.exclude(answered_at=None) if done else look_questions.waiting()
    page = Paginator(rows.order_by("-answered_at" if done else "due_on", "pk"), _PAGE)
    context = {"page_obj": page.get_page(request.GET.get("page")), "done": done,
               "today": clock.today()}  # fmt: skip
    return render(request, "office/look_questions.html", context)


@staff_only(Role.DISTRICT, Role.SECURITY)
@require_http_methods(["GET", "POST"])
def question(request: HttpRequest, pk: int) -> HttpResponse:
    """One question, the line it is about, and the answer."""
    row = get_object_or_404(LookQuestion, pk=pk)
    why_not = look_questions.why_not_answer(row, request.user)
    form = AnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and not why_not:
        try:
            look_questions.answer(row, text=form.cleaned_data["text"], by=request.user)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已答复，当事人会收到消息。"))
            return redirect("look_questions")
    deferrals = look_deferrals.of_person(row.person_index)
    (look,) = look_lines.of([(row.kind, row.ref)], row.person_index, "", deferrals)
    audit.looked(
        row, by=request.user, purpose=str(_("答复数据使用疑问")), case_no=row.case_no,
        subjects=[row.person_index],
    )  # fmt: skip
    context = {"row": row, "look": look, "form": form, "why_not": why_not}
    status = 422 if form.errors else 200
    return render(request, "office/look_question.html", context, status=status)


# -- Deferrals ---------------------------------------------------------------------------------


@staff_only(Role.DISTRICT, Role.SECURITY, Role.AUDITOR)
@require_GET
def deferrals(request: HttpRequest) -> HttpResponse:
    """暂缓展示: waiting for a second person, in force, and past."""
    page = Paginator(look_deferrals.listed(), _PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [_row(one) for one in page],
        "may_ask": has_role(request.user, *look_deferrals.REQUESTERS),
    }
    return render(request, "office/look_deferrals.html", context)


@staff_only(Role.DISTRICT, Role.SECURITY)
@require_http_methods(["GET", "POST"])
def request_deferral(request: HttpRequest) -> HttpResponse:
    """申请暂缓展示: first the case, then whom, whose looks, on what document, until when."""
    number = request.GET.get("case", "").strip()
    application = Application.objects.sent().filter(case_no=number).first() if number else None
    context: dict[str, Any] = {
        "case_no": number, "application": application, "longest": periods.of("look_deferral").value,
    }  # fmt: skip
    if application is None:
        return render(request, "office/look_deferral_ask.html", context)
    form = DeferralForm(application, request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = look_deferrals.request(_asked(form), by=request.user)
        except Refusal as refusal:
            form.add_error(getattr(refusal, "field", None), str(refusal))
        else:
            messages.success(request, _("已提出，由另一位安全管理员批准后生效。"))
            return redirect("look_deferral", pk=made.pk)
    if request.method == "GET":
        # no look: masked names alone are shown, and a look would tell what is to be put off
        audit.record("look_deferral.opened", by=request.user, thing=application, case_no=number)
    context["form"] = form
    status = 422 if form.errors else 200
    return render(request, "office/look_deferral_ask.html", context, status=status)


@staff_only(Role.DISTRICT, Role.SECURITY, Role.AUDITOR)
@require_GET
def deferral(request: HttpRequest, pk: int) -> HttpResponse:
    """One deferral: what is asked for, on what, by whom; approve, refuse or lift."""
    row = get_object_or_404(look_deferrals.listed(), pk=pk)
    return render(request, "office/look_deferral.html", _sheet(request, row))


@staff_only(Role.DISTRICT, Role.SECURITY)
@require_POST
def decide(request: HttpRequest, pk: int, verb: str) -> HttpResponse:
    """批准、不批准、提前解除."""
    row = get_object_or_404(look_deferrals.listed(), pk=pk)
    form = RefuseDeferralForm(request.POST if verb == "refuse" else None)
    if verb == "refuse" and not form.is_valid():
        context = _sheet(request, row, form)
        return render(request, "office/look_deferral.html", context, status=422)
    try:
        if verb == "approve":
            look_deferrals.approve(row, by=request.user)
        elif verb == "refuse":
            look_deferrals.refuse(row, by=request.user, why=form.cleaned_data["why"])
        elif verb == "lift":
            look_deferrals.lift(row, by=request.user)
        else:
            raise Http404
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("look_deferral", pk=pk)


def _asked(form: DeferralForm) -> look_deferrals.Asked:
    data = form.cleaned_data
    return look_deferrals.Asked(
        member=form.chosen_member(),
        staff=form.chosen_staff(),
        looks_from=data["looks_from"],
        ends_on=data["ends_on"],
        office=data["office"],
        legal_basis=data["legal_basis"],
        document_no=data["document_no"],
        reason=data["reason"],
        quiet=data["quiet"],
    )


def _sheet(
    request: HttpRequest, row: LookDeferral, form: RefuseDeferralForm | None = None
) -> dict[str, Any]:
    today = clock.today()
    return {
        **_row(row),
        "person": look_deferrals.name_of(row),
        "why_not_decide": look_deferrals.why_not_decide(row, request.user),
        "why_not_lift": look_deferrals.why_not_lift(row, request.user),
        "may_act": has_role(request.user, *look_deferrals.REQUESTERS),
        "running": look_deferrals.is_in_force(row, today),
        "form": form or RefuseDeferralForm(),
    }


def _row(row: LookDeferral) -> dict[str, Any]:
    state = look_deferrals.state_of(row, clock.today())
    words = {
        look_deferrals.REQUESTED: _("等待批准"),
        look_deferrals.IN_FORCE: _("暂不显示"),
        look_deferrals.OVER: _("已公布"),
        look_deferrals.REFUSED: _("未批准"),
        look_deferrals.LIFTED: _("已提前解除"),
    }
    return {"row": row, "state": state, "word": words[state], "tone": _TONES[state]}
