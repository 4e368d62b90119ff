"""/my/recheck/: the household's side."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_http_methods

from accounts.access import citizen_only
from accounts.models import User
from allocation import rent_sums
from allocation import states as allocation_states
from allocation.models import Lease
from applications import mandates
from applications.eligibility import explain
from core.workflow import Refusal
from renewal import fact_lines, household_page, new_terms, states
from renewal.forms import WordsForm
from renewal.models import ExitCase, Recheck, TermsNotice


@citizen_only
@require_http_methods(["GET", "POST"])
def recheck(request: HttpRequest) -> HttpResponse:
    """This year's re-check of the household's lease: what is confirmed, and only what is open."""
    lease = _lease_of(request.user)
    row = _newest(lease)
    forms: dict[int, Any] = {}
    errors: dict[str, str] = {}
    if request.method == "POST" and row is not None:
        try:
            kept, forms, errors = household_page.take(row, request, channel="online")
            if kept:
                messages.success(request, _("已保存。"))
                return redirect("my_recheck")
        except Refusal as refusal:
            messages.warning(request, str(refusal))
            return redirect("my_recheck")
    context = {
        "lease": lease,
        "row": row,
        "state": states.RECHECK[row.state] if row else None,
        "exit_case": _open_exit(lease),
        **_asked(row, request, forms, errors),
    }
    wrong = errors or any(one.errors for one in forms.values())
    return render(request, "renewal/my_recheck.html", context, status=422 if wrong else 200)


@citizen_only
@require_http_methods(["GET", "POST"])
def terms(request: HttpRequest) -> HttpResponse:
    """标准有调整: both sums line by line, from which month, the home's size, and how to object."""
    lease = _lease_of(request.user)
    notice = lease.terms_notices.select_related("text", "lease__home").first() if lease else None
    if notice is None:
        return render(request, "renewal/my_terms.html", {"notice": None})
    form = WordsForm(request.POST or None, label=_("哪里不对"), hint=_("一句话就够。"))
    if request.method == "POST" and form.is_valid():
        try:
            new_terms.object_to(notice, text=form.cleaned_data["words"], by=request.user)
            messages.success(request, _("已收到，由另一位工作人员重新计算。"))
            return redirect("my_recheck_terms")
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    why_not = new_terms.why_not_object(notice)
    context = {"notice": notice, "form": form, "why_not": why_not, **terms_words(notice)}
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "renewal/my_terms.html", context, status=status)


def terms_words(notice: TermsNotice) -> dict[str, Any]:
    """The two sums and the home's size as pages show them."""
    old, new = (
        rent_sums.page_lines(rent_sums.read(one)) if one else []
        for one in (notice.sum_old, notice.sum_new)
    )
    language = "en" if (get_language() or "").startswith("en") else "zh-hans"
    names = [
        explain.tier_name(one, language) for one in (notice.tier_old, notice.tier_new)
    ]  # fmt: skip
    return {
        "sum_old": old, "sum_new": new, "tier_old": names[0], "tier_new": names[1],
        "fits": notice.fit not in (TermsNotice.Fit.CROWDED, TermsNotice.Fit.ROOMY),
    }  # fmt: skip


def _lease_of(user: User) -> Lease | None:
    return (
        Lease.objects.filter(
            application__members__id_index=mandates.index_of(user),
            application__members__excluded=False,
            state__in=allocation_states.L_IN_FORCE,
        )
        .select_related("application", "home__estate")
        .order_by("-created_at")
        .first()
    )


def _open_exit(lease: Lease | None) -> ExitCase | None:
    if lease is None:
        return None
    return ExitCase.objects.filter(lease=lease, state__in=states.EXIT.open_ids).first()


def _newest(lease: Lease | None) -> Recheck | None:
    """The re-check that the page is about: the newest, of the year or for a renewal."""
    if lease is None:
        return None
    related = ("campaign", "assessment", "lease__application", "lease__home")
    return Recheck.objects.filter(lease=lease).select_related(*related).order_by("-pk").first()


def _asked(
    row: Recheck | None, request: HttpRequest, forms: dict[int, Any], errors: dict[str, str]
) -> dict[str, Any]:
    if row is None:
        return {"asked": [], "count": 0, "due": None, "confirmed": [], "waiting": [], "terms": None}
    facts = fact_lines.of(row)
    asked = household_page.asked_of(row, request, forms=forms, errors=errors)
    to_answer = [one for one in asked if not one.answered]
    return {
        "asked": asked,
        "count": len(to_answer),
        "due": min((one.question.due_on for one in to_answer), default=None),
        "confirmed": household_page.confirmed(facts),
        "waiting": household_page.waiting(facts),
        "terms": TermsNotice.objects.filter(recheck=row).first(),
    }
