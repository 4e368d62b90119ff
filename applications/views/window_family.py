"""家庭事项 at the window: paper twins, mandates on paper, who cannot sign, missing consents."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import staff_only
from accounts.models import Staff
from accounts.roles import Role
from applications import (
    consent_waits,
    drafts,
    leaving_out,
    mandates,
    signing_routes,
    stand_ins,
    tries,
)
from applications.forms.family import MandateAtWindow, NoteForm, PaperForm
from applications.models import Mandate, Member, StandIn
from core import audit
from core.identity import ciphers
from core.refusals import Refusal
from datashare.queries import Person

_AT_HAND = "window_mandate"  # which mandate was found or made at this desk
_TRIES = 20  # wrong codes of a clerk in a row


@staff_only(Role.WINDOW, Role.STREET)
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """What waits: stand-ins to check, consents past their day; and the two fields."""
    return _home(request, PaperForm())


@staff_only(Role.WINDOW)
@require_POST
def take_paper(request: HttpRequest) -> HttpResponse:
    """纸质申请表: the code brings the very draft to this window."""
    staff = request.user.as_staff
    form = PaperForm(request.POST)
    if form.is_valid():
        try:
            return redirect("window_desk", ref=_taken(staff, form.cleaned_data["code"]).ref)
        except Refusal as refusal:
            form.add_error("code", str(refusal))
    return _home(request, form, 422)


@staff_only(Role.WINDOW)
@require_http_methods(["GET", "POST"])
def mandate(request: HttpRequest) -> HttpResponse:
    """书面委托: recorded after the clerk has seen the paper."""
    form = MandateAtWindow(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            made = mandates.give(
                Person(data["principal_name"], data["principal_number"]),
                Person(data["helper_name"], data["helper_number"]),
                by=request.user, evidence=data["evidence"], scopes=data["scopes"],
                note=data["note"], until=data["until"],
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(request, _("委托已登记，代办人用自己的账号登录后就能办理。"))
            return _open_mandate(request, made)
    status = 422 if form.errors else 200
    return render(request, "window/family/mandate.html", {"form": form}, status=status)


@staff_only(Role.WINDOW)
@require_POST
def find_mandate(request: HttpRequest) -> HttpResponse:
    """The standing mandate of a principal at the window, to be taken back."""
    index = ciphers.blind_index(request.POST.get("id_number", ""))
    row = Mandate.objects.standing().filter(principal_index=index).first()
    if row is None:
        messages.info(request, _("没有找到这位委托人的委托。"))
        return redirect("window_mandate")
    return _open_mandate(request, row)


@staff_only(Role.WINDOW)
@require_http_methods(["GET", "POST"])
def mandate_end(request: HttpRequest, pk: int) -> HttpResponse:
    """One mandate; the principal at the window may take it back."""
    if request.session.get(_AT_HAND) != pk:  # only of whose card lies on this desk
        raise Http404
    row = get_object_or_404(Mandate, pk=pk)
    audit.looked(row, by=request.user, purpose=_("窗口查看委托"), subjects=[row.principal_index])
    if request.method == "POST":
        try:
            mandates.revoke(row, by=request.user)
        except Refusal as refusal:
            messages.error(request, str(refusal))
        else:
            messages.success(request, _("委托已结束。"))
        return redirect("window_family")
    return render(request, "window/family/mandate_end.html", {"mandate": row})


@staff_only(Role.WINDOW, Role.STREET)
@require_http_methods(["GET", "POST"])
def stand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """代签核对: seen, accepted, or sent back with what is missing."""
    staff = request.user.as_staff
    row = get_object_or_404(stand_ins.to_check(staff), pk=pk)
    _look(request, _("代签核对"), row.member)
    if request.method == "POST":
        try:
            _settle_stand_in(row, request, staff)
        except Refusal as refusal:
            messages.error(request, str(refusal))
            return redirect("window_stand_in", pk=pk)
        open_ = StandIn.objects.filter(pk=pk, verdict=StandIn.Verdict.OPEN).exists()
        return redirect("window_stand_in", pk=pk) if open_ else redirect("window_family")
    context = {
        "row": row,
        "route": signing_routes.of(row.route),
        "evidence": _evidence_of(row),
    }
    return render(request, "window/family/stand_in.html", context)


@staff_only(Role.WINDOW, Role.STREET)
@require_http_methods(["GET", "POST"])
def wait(request: HttpRequest, pk: int) -> HttpResponse:
    """容缺的授权: what was said with the family; more time, or left out with a reason."""
    staff = request.user.as_staff
    row = get_object_or_404(consent_waits.of_street(staff), pk=pk)
    _look(request, _("联系家人授权"), row.member)
    form = NoteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _settle_wait(row, request, form.cleaned_data["note"])
        except Refusal as refusal:
            form.add_error("note", str(refusal))
        else:
            messages.success(request, _("已记下。"))
            return redirect("window_family")
    context = {
        "row": row,
        "form": form,
        "phone": row.member.phone or row.application.applicant.phone or "",
        "may_leave_out": not leaving_out.why_not(row.member, row.application, request.user),
        "stand_in": stand_ins.of_member(row.member),
    }
    status = 422 if form.errors else 200
    return render(request, "window/family/wait.html", context, status=status)


def _open_mandate(request: HttpRequest, row: Mandate) -> HttpResponse:
    request.session[_AT_HAND] = row.pk
    return redirect("window_mandate_end", pk=row.pk)


def _home(request: HttpRequest, form: PaperForm, status: int = 200) -> HttpResponse:
    staff = request.user.as_staff
    context = {
        "paper_form": form,
        "stand_ins": [(one, _evidence_of(one)) for one in stand_ins.to_check(staff)],
        "waits": list(consent_waits.of_street(staff)),
    }
    return render(request, "window/family/home.html", context, status=status)


def _settle_stand_in(row: StandIn, request: HttpRequest, staff: Staff) -> None:
    verb = request.POST.get("do")
    if verb == "seen":
        stand_ins.see_paper(row, by=staff)
    elif verb == "accept":
        stand_ins.accept(row, by=staff)
        messages.success(request, _("已按代签办理。"))
    else:
        stand_ins.send_back(row, request.POST.get("reason", ""), by=staff)
        messages.success(request, _("已告知家庭差什么。"))


def _settle_wait(row: Any, request: HttpRequest, note: str) -> None:
    staff, verb = request.user.as_staff, request.POST.get("do")
    if verb == "extend":
        consent_waits.extend(row, note, by=staff)
    elif verb == "leave_out":
        leaving_out.leave_out(row.member, note, by=request.user)
    else:
        consent_waits.contacted(row, note, by=staff)


def _taken(staff: Staff, code: str) -> Any:
    tried = f"paper:{staff.pk}"
    if tries.spent(tried, _TRIES):
        raise drafts.PaperRefused(_("试的次数太多，请15分钟后再试。"))
    found = drafts.by_code(code)
    if found is None:
        tries.note(tried)
        raise drafts.PaperRefused(_("没有找到这个编码的申请表。请对照表上的8位编码再输一次。"))
    return drafts.take_to_window(found, by=staff)


def _evidence_of(row: StandIn) -> Any:
    return signing_routes.evidence_word(row.route, row.evidence)


def _look(request: HttpRequest, purpose: str, member: Member) -> None:
    """Who read about whom: the member and the applicant see it under 谁查过我的数据."""
    application = member.application
    audit.looked(
        application, by=request.user, purpose=purpose, case_no=application.case_no or "",
        subjects=[member.id_index, application.applicant.id_index],
    )  # fmt: skip
