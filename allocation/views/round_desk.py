"""The office's work around a round: a plan changed, the roster before it is fixed, checks."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.roles import Role
from allocation import keeping_out, planning, re_review_days, re_reviews, round_screen, states
from allocation.forms_rounds import CheckForm, PlanChangeForm
from allocation.models import ReReview, Round
from allocation.views.office import complain
from applications import findings, looks, registers
from applications.eligibility.explain import title
from applications.views.acting_at_desk import attempt
from applications.views.queue import staff_of
from core import clock
from core.refusals import Refusal

_SHOWN = 200
ACTS = {
    "clear": gettext_lazy("核实符合，可以参加"),
    "aside": gettext_lazy("这一轮暂不参加，轮候位置保留"),
    "refuse": gettext_lazy("核实不符合条件，拟决定（另一人签发）"),
}


@staff_only(Role.ADMIN)
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest, code: str) -> HttpResponse:
    """改方案: dates, event, groups; households that joined are told."""
    row = get_object_or_404(Round, code=code)
    form = PlanChangeForm(request.POST or None, initial=_initial(row))
    if request.method == "POST" and form.is_valid():
        try:
            planning.change(row, form.plan(), by=request.user)
        except Refusal as refusal:
            complain(form, refusal, {"entropy_at": "entropy_on"})
        else:
            messages.success(request, _("方案已改，已登记的家庭收到了通知。"))
            return redirect("office_round", code=row.code)
    context = {"round": row, "form": form, **round_screen.calendar_of(row)}
    status = 422 if form.errors else 200
    return render(request, "allocation/office/plan.html", context, status=status)


@staff_only(Role.ADMIN, Role.LEADER)
@require_GET
def preview(request: HttpRequest, code: str) -> HttpResponse:
    """名单预览: who would be on the roster today, names masked; nothing is fixed by looking."""
    row = get_object_or_404(Round, code=code)
    context = {
        "round": row,
        "rows": round_screen.preview(row) if row.state == states.R_PLANNED else [],
        "tiers": round_screen.by_tier(row),
        "types": round_screen.by_type(row),
        "needs": round_screen.needs(row) if row.state == states.R_PLANNED else [],
    }
    return render(request, "allocation/office/preview.html", context)


@staff_only(Role.ADMIN, Role.DISTRICT)
@require_GET
def checks(request: HttpRequest, code: str) -> HttpResponse:
    """配租前核对: how far it is, and those that need a person first."""
    row = get_object_or_404(Round, code=code)
    wanted = request.GET.get("state", "")
    rows = re_reviews.of_round(row)
    if wanted in dict(states.RE_REVIEW.choices):
        rows = rows.filter(state=wanted)
    counted = round_screen.check_counts(row)
    order = {states.C_PERSON: 0, states.C_WAITING: 1}
    listed = sorted(rows[:_SHOWN], key=lambda one: (order.get(one.state, 2), one.due_on, one.pk))
    context = {
        "round": row,
        "rows": [(one, states.RE_REVIEW[one.state], clock.today() > one.due_on) for one in listed],
        "facets": [
            (state.tag, state.id, counted[state.id], state.id == wanted)
            for state in states.RE_REVIEW if counted[state.id]
        ],
        "wanted": wanted,
        "done": sum(counted.values()) - counted[states.C_WAITING] - counted[states.C_PERSON],
        "total": sum(counted.values()),
        "late": re_review_days.past().filter(round=row).count(),
        "near": re_review_days.near().filter(round=row).count(),
        "in_charge": re_review_days.in_charge(row),
        "why_not": keeping_out.is_excluded(row, request.user),
    }  # fmt: skip
    return render(request, "allocation/office/checks.html", context)


@staff_only(Role.ADMIN, Role.DISTRICT)
@require_http_methods(["GET", "POST"])
def check(request: HttpRequest, code: str, pk: int) -> HttpResponse:
    """One household's check: what is open, what the rules read, and a person's word on it."""
    made = get_object_or_404(
        ReReview.objects.select_related("round", "application"), pk=pk, round__code=code
    )
    staff = staff_of(request)
    why_not = re_reviews.why_not_decide(made, staff)
    read = re_reviews.assessment_of(made)
    doubts = [one for one in findings.findings_of(read) if one["result"] != findings.PASS]
    rules = _rules(doubts)
    form = CheckForm(request.POST or None, acts=_acts(made, staff, rules), rules=rules)
    sent = request.method == "POST" and not why_not and form.is_valid()
    if sent and attempt(form, lambda: _settle(made, staff, form.cleaned_data)):
        messages.success(request, _("核实结果已记录。"))
        return redirect("office_round_checks", code=code)
    looks.note(made.application, by=request.user, purpose=_("配租前核对"))
    context = {
        "made": made,
        "state": states.RE_REVIEW[made.state],
        "form": form,
        "why_not": why_not,
        "doubts": [(one["result"], findings.sentence(one)) for one in doubts],
        "silent": [registers.name_of(one) for one in re_reviews.silent_sources(made)],
    }
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "allocation/office/check.html", context, status=status)


# -- Parts -----------------------------------------------------------------------------------------


def _acts(made: ReReview, staff: Any, failed: list[tuple[str, str]]) -> list[tuple[str, Any]]:
    """What may be done with it: an unanswered register can only be waited for or set aside."""
    if made.state != states.C_PERSON:
        return [("aside", ACTS["aside"])]
    drafts = failed and Role.DISTRICT in staff.roles
    return [(key, word) for key, word in ACTS.items() if key != "refuse" or drafts]


def _rules(doubts: list[dict[str, Any]]) -> list[tuple[str, str]]:
    language = get_language() or "zh-hans"
    failed = [one["rule"] for one in doubts if one["result"] == findings.FAIL]
    return [(one, title(one, language)) for one in dict.fromkeys(failed)]


def _settle(made: ReReview, staff: Any, said: dict[str, Any]) -> Any:
    if said["act"] == "clear":
        return re_reviews.clear(made, by=staff, words=said["words"])
    if said["act"] == "aside":
        return re_reviews.set_aside(made, by=staff, words=said["words"])
    return re_reviews.draft_refusal(made, by=staff, rule=said["rule"], fact=said["words"])


def _initial(row: Round) -> dict[str, Any]:
    at = row.entropy_at.astimezone(clock.LOCAL)
    same = ("code", "title", "intention_until", "review_until", "freeze_on", "objection_until",
            "entropy_name", "entropy_format", "entropy_example", "choose_days",
            "groups")  # fmt: skip
    return {
        **{name: getattr(row, name) for name in same},
        "text": row.plan,
        "entropy_on": at.date(),
        "entropy_time": at.strftime("%H:%M"),
    }
