"""我的: what is mine to do, where my cases stand and why, who looked at my data."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import prefetch_related_objects
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import citizen_only
from applications import (
    authority,
    change_screen,
    changes,
    consent_waits,
    disputes,
    family_letters,
    family_screen,
    forecast,
    household,
    legal_days,
    mandates,
    material_permissions,
    open_changes,
    periods,
    ratings,
    reasons,
    receipts,
    reconsiderations,
    registers,
    standing,
    submission,
)
from applications.forms.my import ReconsiderForm, WithdrawForm
from applications.models import Application, Decision, Pause
from applications.views.own import case_of_citizen
from core import clock, display
from core.models import Notice
from core.refusals import Refusal
from core.workflow import YOURS

_NOTICES = 20


@citizen_only
@require_GET
def home(request: HttpRequest) -> HttpResponse:
    """我的: the thing due first, then cases and messages."""
    index = mandates.index_of(request.user)
    cases = [(one, standing.of(one)) for one in _cases(index)]
    open_cases = [pair for pair in cases if pair[0].is_open]
    yours = next((pair for pair in open_cases if pair[1].tone == YOURS), None)
    context = {
        "draft": household.current_for(request.user),
        "cases": cases,
        "first": yours or (open_cases[0] if open_cases else None),
        "asked": _asked_of(index),
        "notices": Notice.objects.filter(person_index=index)[:5],
        "helper_asked": any(one.given_at is None for one in mandates.helpers_of(request.user)),
    }
    return render(request, "my/home.html", context)


@citizen_only
@require_GET
def case(request: HttpRequest, case_no: str) -> HttpResponse:
    """进度: banner, timeline, clock and pauses, what was found, letters."""
    application = case_of_citizen(request.user, case_no)
    prefetch_related_objects([application], "pauses")  # clock, forecast and list read the same rows
    context = {
        "application": application,
        "now": standing.of(application),
        "doors": standing.doors(application),
        "who": standing.who_has_it(application),
        "steps": standing.timeline(application),
        "clock": standing.clock_of(application),
        "foreseen": forecast.for_family(application, clock.today()),
        "pauses": [(one, _detail_of(one)) for one in application.pauses.all()],
        "reasons": reasons.by_rule(application, reader=request.user.as_citizen.id_index),
        "people": receipts.found(application, reader=request.user)["people_found"],
        "letters": family_letters.of(application),
        "ways": _ways(application),
        "disputes": disputes.of(application, reader=request.user),
        "ratings": ratings.doors(application, request.user),
        "may_withdraw": _may_withdraw(request.user, application),
        "doubted": application.commitments.filter(state="doubted")
        if material_permissions.hands_in(request.user, application)
        else [],
        "missing_consents": consent_waits.open_of(application),
        "may_change": not changes.why_not_report(application),
        "changes": [
            (one, change_screen.standing(one)) for one in open_changes.under_way(application)
        ],
        "assessment": reasons.newest(application) if reasons.is_decided(application) else None,
    }
    return render(request, "my/case.html", context)


@citizen_only
@require_GET
def why(request: HttpRequest, case_no: str, item: int) -> HttpResponse:
    """依据: value, limit, clause, source and time of one finding."""
    application = case_of_citizen(request.user, case_no)
    index = request.user.as_citizen.id_index
    found = reasons.of(application, reader=index)
    rule = next((one.rule for one in found if one.item == item), None)
    if rule is None:
        raise Http404
    same = [one for one in found if one.rule == rule]
    sources = {code for one in same for code in one.source_codes}
    rows = application.evidence.filter(source__in=sources, member__excluded=False)
    own = rows.filter(member__id_index=index).select_related("member").order_by("id")
    context = {
        "application": application,
        "title": same[0].title,
        "reasons": same,
        "lines": receipts.lines(own),
    }
    return render(request, "my/why.html", context)


@citizen_only
@require_http_methods(["GET", "POST"])
def withdraw(request: HttpRequest, case_no: str) -> HttpResponse:
    """撤回: the effect is said first."""
    application = case_of_citizen(request.user, case_no)
    form = WithdrawForm(request.POST or None)
    allowed = _may_withdraw(request.user, application)
    if request.method == "POST" and form.is_valid() and allowed:
        try:
            submission.withdraw(application, by=request.user, reason=form.cleaned_data["reason"])
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            messages.success(request, _("已撤回。以后可以重新申请。"))
            return redirect("my_case", case_no=case_no)
    effects = [
        _("不再审核和公示，已有的进度不保留。"),
        _("申请里的每个人都可以马上重新申请，轮候时间重新计算。"),
    ]
    context = {"application": application, "form": form, "allowed": allowed, "effects": effects}
    return render(request, "my/withdraw.html", context, status=422 if form.errors else 200)


@citizen_only
@require_http_methods(["GET", "POST"])
def reconsider(request: HttpRequest, case_no: str) -> HttpResponse:
    """申请复核: another person looks at the decision (令11号 §9)."""
    application = case_of_citizen(request.user, case_no)
    signed = _newest(application, *Decision.LOOKED_AT_AGAIN) or _newest(application)
    if signed is None:
        raise Http404
    form = ReconsiderForm(request.POST or None)
    refused = reconsiderations.why_not_ask(signed, application, today=clock.today())
    if request.method == "POST" and form.is_valid() and not refused:
        try:
            asked = reconsiderations.ask(signed, by=request.user, text=form.cleaned_data["text"])
        except Refusal as refusal:
            form.add_error(None, str(refusal))
        else:
            due = {"day": display.day(asked.due_on)}
            messages.success(request, _("已收到您的复核申请，最迟%(day)s书面答复。") % due)
            return redirect("my_case", case_no=case_no)
    context = {
        "application": application,
        "form": form,
        "refused": refused,
        "letter": signed,
        "workdays": periods.of("reconsideration").value,
        "last_day": reconsiderations.last_day_to_ask(signed),
        "ways": [one for one in _ways(application) if one.name != "reconsideration_ask"],
    }
    return render(request, "my/reconsider.html", context, status=422 if form.errors else 200)


@citizen_only
@require_GET
def family(request: HttpRequest, case_no: str) -> HttpResponse:
    """家人授权 after sending: the codes of those who have not agreed yet."""
    application = case_of_citizen(request.user, case_no)
    mine = application.applicant.id_index == mandates.index_of(request.user)
    if application.created_by_id != request.user.pk and not mine:
        raise Http404
    context = {
        "application": application,
        "due": consent_waits.due_of(application),
        **family_screen.of(application, request.user),
        "join": request.build_absolute_uri(reverse("apply_join")),
    }
    return render(request, "my/family.html", context)


@citizen_only
@require_GET
def notices(request: HttpRequest) -> HttpResponse:
    """消息: everything that was told to this person."""
    mine = Notice.objects.filter(person_index=mandates.index_of(request.user))
    page = Paginator(mine, _NOTICES).get_page(request.GET.get("page"))
    return render(request, "my/notices.html", {"page_obj": page})


def _cases(id_index: str) -> Any:
    return Application.objects.sent().naming(id_index).select_related("street").order_by("-id")


def _asked_of(id_index: str) -> bool:
    """Whether some family waits for this person's consent."""
    rows = Application.objects.naming(id_index).filter(members__id_index=id_index)
    return any(
        one.is_open
        and any(
            member.id_index == id_index
            for member in (*authority.pending(one), *authority.outgrown(one))
        )
        for one in rows.exclude(created_by__citizen__id_index=id_index)
    )


def _may_withdraw(user: Any, application: Application) -> bool:
    """Only who applied may take it back, and only while the table of states lets them."""
    mine = application.applicant.id_index == mandates.index_of(user)
    typed = application.created_by_id == user.pk
    return (mine or typed) and submission.may_withdraw(application)


def _ways(application: Application) -> list[legal_days.Way]:
    """What stands against the newest decision that was served."""
    served = _newest(application)
    return legal_days.of(served, today=clock.today()) if served else []


def _newest(application: Application, *kinds: str) -> Decision | None:
    """The newest decision that was served, of these kinds; a notice decides nothing."""
    served = application.decisions.filter(served_at__isnull=False, replaced=False)
    decided = served.exclude(kind=Decision.Kind.NOTICE)
    return (decided.filter(kind__in=kinds) if kinds else decided).last()


def _detail_of(pause: Pause) -> str:
    silent = pause.reason == Pause.Reason.SOURCE
    return registers.names_in(pause.detail) if silent else pause.detail
