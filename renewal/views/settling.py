"""/office/recheck/household/: one household's re-check for the person who settles it."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import has_role, staff_only
from accounts.middleware import refuse
from accounts.roles import Role
from allocation import rent_sums
from applications import change_screen, looks, open_changes, permissions
from applications.eligibility import explain
from applications.material_permissions import readable_items
from applications.models import MaterialPage
from applications.views.queue import staff_of
from core import clock
from core.workflow import Refusal
from renewal import fact_lines, flags, new_terms, questions, recheck, states
from renewal.forms import WordsForm
from renewal.forms_household import AgainForm, NoteForm
from renewal.models import ContactTask, HouseholdQuestion, Recheck
from renewal.views.mine import terms_words


@staff_only(Role.ADMIN, Role.DISTRICT)
@require_http_methods(["GET", "POST"])
def settle(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything about one household's re-check, and what a person may do with it."""
    related = ("lease__application", "lease__home", "campaign", "assessment")
    row = get_object_or_404(Recheck.objects.select_related(*related), pk=pk)
    staff = staff_of(request)
    if why := permissions.why_not_free(staff, row.lease.application):
        return refuse(request, why)
    looks.note(row.lease.application, by=request.user, purpose=_("年度复核"))
    forms = _Forms(request)
    if request.method == "POST" and _act(request, row, forms):
        return redirect("office_recheck_settle", row.pk)
    context = _context(request, row, forms)
    return render(request, "renewal/settle.html", context, status=422 if forms.wrong else 200)


class _Forms:
    """The forms of the page; the one that was sent keeps what was typed."""

    def __init__(self, request: HttpRequest) -> None:
        self.sent = request.POST.get("act", "") if request.method == "POST" else ""
        if self.sent == "" and request.method == "POST":
            self.sent = "again" if "again" in request.POST else "settle"
        self.data = request.POST
        data = self.data if self.sent in ("settle", "against") else None
        self.settle = WordsForm(data, label=_("怎么核实的"))
        self.answers: dict[int, NoteForm] = {}
        self.again = AgainForm(
            self.data if self.sent == "compute" else None, prefix="again", tiers=_tiers()
        )

    def of(self, question: HouseholdQuestion) -> NoteForm:
        """The desk's sentence on one answer."""
        if question.pk not in self.answers:
            mine = self.sent in ("accept", "return") and str(question.pk) == self.data.get("of")
            self.answers[question.pk] = NoteForm(
                self.data if mine else None, prefix=f"a{question.pk}", label=_("核对情况"),
                hint=_("退回的，家庭会看到这句话。"), required=self.sent == "return",
            )  # fmt: skip
        return self.answers[question.pk]

    @property
    def wrong(self) -> bool:
        made = [self.settle, self.again, *self.answers.values()]
        return any(one.is_bound and one.errors for one in made)


def _act(request: HttpRequest, row: Recheck, forms: _Forms) -> bool:
    form: Any = forms.settle
    try:
        if forms.sent == "again":
            recheck.ask_again(row, by=request.user)
            messages.success(request, _("已再查一次。"))
            return True
        if forms.sent in ("accept", "return"):
            return _answer_looked_at(request, row, forms)
        if forms.sent == "compute":
            form = forms.again
            return form.is_valid() and _computed(request, row, form)
        if not form.is_valid():
            return False
        verb = recheck.find_against if forms.sent == "against" else recheck.settle_by_hand
        verb(row, by=request.user, note=form.cleaned_data["words"])
        messages.success(request, _("已记录。"))
        return True
    except Refusal as refusal:
        if not form.is_bound:
            messages.error(request, str(refusal))
            return True
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
    return False


def _answer_looked_at(request: HttpRequest, row: Recheck, forms: _Forms) -> bool:
    number = request.POST.get("of", "")
    rows = row.questions.select_related("member")
    question = get_object_or_404(rows, pk=int(number[:18]) if number.isdecimal() else 0)
    form = forms.of(question)
    if not form.is_valid():
        return False
    verb = questions.accept if forms.sent == "accept" else questions.send_back
    try:
        verb(question, by=staff_of(request), note=form.cleaned_data["note"])
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    messages.success(request, _("已记录。"))
    return True


def _computed(request: HttpRequest, row: Recheck, form: AgainForm) -> bool:
    notice = getattr(row, "terms", None)
    if notice is None:
        raise new_terms.TermsRefused(_("家庭没有提出异议。"))
    new_terms.compute_again(
        notice, tier=form.cleaned_data["tier"], by=staff_of(request),
        answer=form.cleaned_data["answer"],
    )  # fmt: skip
    messages.success(request, _("已重新计算，并告知家庭。"))
    return True


# -- What the page shows -------------------------------------------------------------------------


def _context(request: HttpRequest, row: Recheck, forms: _Forms) -> dict[str, Any]:
    staff = staff_of(request)
    facts = fact_lines.of(row)
    notice = getattr(row, "terms", None)
    case = row.lease.application
    answers = row.questions.filter(state=states.Q_ANSWERED).select_related("member")
    return {
        "row": row,
        "back": _back(request, row),
        "form": forms.settle,
        "state": word(row),
        "facts": fact_lines.confirmed(facts),
        "open_facts": [
            one for one in fact_lines.unsettled(facts) if one.status != fact_lines.ANSWERED
        ],
        "answers": [_answer(one, forms, row, staff) for one in answers],
        "asked": questions.still_open(row),
        "change": _change_words(row),
        "told": [
            (str(one.get_kind_display()), change_screen.declared(one))
            for one in open_changes.for_renewal(case)
        ],
        "reminders": list(row.reminders.all()),
        "contacts": list(ContactTask.objects.filter(recheck=row).select_related("done_by")),
        "may_settle": row.state in (states.K_CHANGED, states.K_QUESTION),
        "why_not_against": recheck.why_not_find_against(row),
        "notice": notice,
        "again": forms.again if notice and not new_terms.why_not_compute(notice, staff) else None,
        "why_not_again": new_terms.why_not_compute(notice, staff)
        if notice and notice.objected_at and not notice.answered_at
        else "",
        **(terms_words(notice) if notice else {}),
    }


def _answer(question: HouseholdQuestion, forms: _Forms, row: Recheck, staff: Any) -> dict[str, Any]:
    case = row.lease.application
    readable = readable_items(staff, case, [question.item])
    return {
        "question": question,
        "card": flags.cards([question.finding])[0],
        "who": question.member.name if question.member else "",
        "pages": list(MaterialPage.objects.filter(application=case, item__in=readable)),
        "form": forms.of(question),
    }


def _change_words(row: Recheck) -> dict[str, Any]:
    """Old and new of the changed lane with the new sum, line by line."""
    change = row.change
    if not change.get("tier_new"):
        return {}
    language = _language()
    found = rent_sums.at(row.lease.home, change["tier_new"], row.on)
    result = row.assessment.result if row.assessment else None
    fit = new_terms.fit_of(row.lease.home, result)
    return {
        "tier_old": explain.tier_name(change["tier_old"], language),
        "tier_new": explain.tier_name(change["tier_new"], language),
        "rent_old": change["rent_old"],
        "rent_new": change["rent_new"],
        "from_month": new_terms.month_of(row.lease, change, clock.today()),
        "sum": rent_sums.page_lines(found) if found else [],
        "fit": new_terms.Fit(fit).label,
    }


def _back(request: HttpRequest, row: Recheck) -> str:
    """To the list this person came from and may open."""
    if row.campaign is None:
        return reverse("office_renewals")
    if has_role(request.user, Role.ADMIN, Role.LEADER):
        return reverse("office_recheck_campaign", args=[row.campaign.code])
    return reverse("office_contacts")


def word(row: Recheck) -> Any:
    """The state as the office reads it: how many questions a family has is the family's."""
    state = states.RECHECK[row.state]
    return replace(state, tag=_("待查清")) if row.state == states.K_QUESTION else state


def _tiers() -> list[tuple[str, str]]:
    return [(one, explain.tier_name(one, _language())) for one in rent_sums.tiers(clock.today())]


def _language() -> str:
    return "en" if (get_language() or "").startswith("en") else "zh-hans"
