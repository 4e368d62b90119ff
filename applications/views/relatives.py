"""One relative at a time: correct, take out, name who signs, leave out, understand a refusal."""

from typing import Any

from django.contrib import messages
from django.core.cache import cache
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.access import citizen_only, public
from applications import (
    family_screen,
    household,
    household_claims,
    kin,
    leaving_out,
    mandates,
    paper,
    receipts,
    signing_routes,
    stand_ins,
    states,
)
from applications.forms.family import ClaimForm, LeaveOutForm, StandInForm
from applications.models import Application, Member, StandIn
from applications.views.steps import StepView
from core.refusals import Refusal

_HOUR = 3600


class Claim(StepView):
    """更正: what the register says beside what is right, with a reason."""

    template_name, form_class = "apply/claim.html", ClaimForm
    next_page, back_page = "apply_household", "apply_household"
    member: Member

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        draft = household.current_for(request.user)
        rows = draft.members.filter(origin="register", is_applicant=False) if draft else None
        member = rows.filter(pk=kwargs["member_id"]).first() if rows is not None else None
        if member is None:
            raise Http404
        self.member = member
        return super().dispatch(request, *args, **kwargs)

    def form_arguments(self) -> dict[str, Any]:
        return {"member": self.member}

    def initial(self) -> dict[str, Any]:
        claims = {one.kind: one for one in self.member.claims.all()}
        name = claims.get("name")
        reasons = [one.reason for one in claims.values() if one.kind != "extra"]
        return {
            "name": name.declared if name else self.member.name,
            "relation": self.member.relation,
            "reason": reasons[0] if reasons else "",
        }

    def context(self) -> dict[str, Any]:
        fetched = household_claims.fetched_relation(self.member)
        return {"member": self.member, "relation": kin.relation_word(fetched)}

    def save(self, form: ClaimForm) -> None:
        data = form.cleaned_data
        household_claims.correct(
            self.member, name=data["name"], relation=data["relation"], reason=data["reason"],
            by=self.request.user,
        )  # fmt: skip
        messages.success(self.request, _("已记下更正，审核时先以您的材料为准。"))


@citizen_only
@require_POST
def remove(request: HttpRequest, member_id: int) -> HttpResponse:
    """Takes out a person whom the applicant had added by hand."""
    draft = household.current_for(request.user)
    member = draft.members.filter(pk=member_id).first() if draft else None
    if member is None:
        raise Http404
    try:
        household.remove(member, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect("apply_household")


@citizen_only
@require_POST
def draw_again(request: HttpRequest) -> HttpResponse:
    """再查一次登记: a register was silent; who was typed by hand is matched, nothing lost."""
    draft = household.current_for(request.user)
    if draft is None:
        return redirect("apply_start")
    try:
        drawn = household.draw_up(draft, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return redirect("apply_household")
    if drawn.certain:
        messages.success(request, _("登记有答复了，已和您填的对上。"))
    else:
        messages.warning(request, _("登记部门还没有答复。您可以先填，照常提交。"))
    return redirect("apply_household")


@citizen_only
@require_http_methods(["GET", "POST"])
def stand_in(request: HttpRequest, member_id: int) -> HttpResponse:
    """不能签字: first the situation, then the evidence and who signs."""
    member = _relative(request, member_id)
    refused = stand_ins.why_not_name(member, member.application)
    route = signing_routes.table().get(request.GET.get("route", ""))
    context = {
        "member": member,
        "back": _back(member.application),
        "refused": refused,
        "route": route,
        "standing": stand_ins.of_member(member),
    }
    if route is None or refused:
        context["routes"] = list(signing_routes.table().values())
        return render(request, "apply/stand_in_choose.html", context)
    form = StandInForm(request.POST or None, route=route)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            stand_ins.name(
                member, route.code, data["evidence"], signer=data.get("signer", ""),
                note=data["note"], by=request.user,
            )  # fmt: skip
        except Refusal as refusal:
            form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        else:
            messages.success(
                request, _("已记下。请把证明原件带到镇街窗口核对；核对之前不查询这位家人。")
            )
            return redirect(_back(member.application))
    context["form"] = form
    return render(request, "apply/stand_in.html", context, status=422 if form.errors else 200)


@citizen_only
@require_POST
def stand_in_back(request: HttpRequest, member_id: int) -> HttpResponse:
    """The member can sign after all."""
    member = _relative(request, member_id)
    row = member.stand_ins.filter(verdict=StandIn.Verdict.OPEN).first()
    try:
        if row is not None:
            stand_ins.take_back(row, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    return redirect(_back(member.application))


@citizen_only
@require_GET
def refused(request: HttpRequest, member_id: int) -> HttpResponse:
    """有家人没有同意: what it means, and the ways out; no register is asked."""
    member = _relative(request, member_id)
    context = {
        "back": _back(member.application),
        "line": family_screen.line(member, request.user),
        "draft": member.application.state == states.DRAFT,
    }
    return render(request, "apply/refused.html", context)


@citizen_only
@require_http_methods(["GET", "POST"])
def leave_out(request: HttpRequest, member_id: int) -> HttpResponse:
    """不一起申请: after sending, for an adult whom the rules do not bind."""
    member = _relative(request, member_id)
    why = leaving_out.why_not(member, member.application, request.user)
    form = LeaveOutForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and not why:
        try:
            leaving_out.leave_out(member, form.cleaned_data["reason"], by=request.user)
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已改为不一起申请。"))
            return redirect(_back(member.application))
    effects = [
        _("他不再算在这次申请的家庭里，也不查询他的信息。"),
        _("家庭人数变了，能住的面积和补贴也会变。"),
    ]
    context = {
        "member": member, "why": why, "form": form, "effects": effects,
        "back": _back(member.application),
    }  # fmt: skip
    return render(request, "apply/leave_out.html", context, status=422 if form.errors else 200)


@citizen_only
@require_GET
def paper_form(request: HttpRequest) -> HttpResponse:
    """纸质申请表: what was typed so far, with the code for the window."""
    draft = household.current_for(request.user)
    if draft is None:
        return redirect("apply_start")
    return receipts.as_file(paper.filled(draft, by=request.user), "application.pdf")


@public
@require_GET
def empty_form(request: HttpRequest) -> HttpResponse:
    """空白申请表, for people without the internet; a neighbour may print it."""
    content = cache.get_or_set("paper.empty", paper.empty, _HOUR)
    return receipts.as_file(content, "application-empty.pdf")


def _relative(request: HttpRequest, member_id: int) -> Member:
    """A member of the draft or of a case that this citizen, or their principal, applied for."""
    row = Member.objects.filter(pk=member_id, excluded=False).select_related("application").first()
    if row is None:
        raise Http404
    application = row.application
    draft = household.current_for(request.user)
    if application.state == states.DRAFT:
        if draft is None or draft.pk != application.pk:
            raise Http404
        return row
    mine = application.applicant.id_index == mandates.index_of(request.user)
    typed = application.created_by_id == request.user.pk  # type: ignore[union-attr]
    if not (mine or typed) or not receipts.may_see(request.user, application):
        raise Http404
    return row


def _back(application: Application) -> str:
    if application.state == states.DRAFT:
        return reverse("apply_family")
    return reverse("my_family", args=[application.case_no])
