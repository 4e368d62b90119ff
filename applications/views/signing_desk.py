"""签发: letters for a second person, and requests to look at a decision again."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import staff_only
from accounts.middleware import refuse
from accounts.models import Staff
from accounts.roles import Role
from applications import (
    decision,
    delivery_screen,
    filters,
    looks,
    permissions,
    reconsiderations,
    review,
)
from applications.forms.review import (
    AnswerForm,
    ReturnForm,
)
from applications.models import (
    Decision,
    Reconsideration,
)
from applications.views.acting_at_desk import act, attempt
from applications.views.queue import staff_of
from core import clock


@require_GET
@staff_only(Role.DISTRICT)
def signing(request: HttpRequest) -> HttpResponse:
    """签发和送达: letters for a second person, letters on their way, requests to look again."""
    staff = staff_of(request)
    drafts = (
        _letters()
        .filter(signed_at=None, replaced=False)
        .select_related("application", "drafted_by")
    )
    context = {
        "drafts": [(one, decision.title_of(one), _why_not_sign(one, staff)) for one in drafts],
        **delivery_screen.lists(staff, clock.today()),
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
            return act(request, lambda: decision.sign(draft, by=staff), "review_signing")
        if form.is_valid():
            return _return_draft(request, draft, staff, form.cleaned_data["reason"])
    why = _why_not_sign(draft, staff)
    looks.note(draft.application, by=request.user, purpose=_("看决定书"))
    context = {
        "letter": draft,
        "grounds": decision.grounds(draft),
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
    looks.note(one.application, by=request.user, purpose=_("看决定书"))
    return HttpResponse(decision.pdf(one), content_type="application/pdf")


def _letters() -> QuerySet[Decision]:
    """Letters of this desk; what ends a tenancy is signed where its exit is conducted."""
    return Decision.objects.exclude(kind__in=Decision.APART)


def _why_not_sign(draft: Decision, staff: Staff) -> str:
    return permissions.why_not_sign(draft, staff) or decision.why_not_yet(draft, draft.application)


def _return_draft(
    request: HttpRequest, draft: Decision, staff: Staff, reason: str
) -> HttpResponseRedirect:
    return act(
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
    if why := permissions.why_not_free(staff, asked.decision.application):
        return refuse(request, why)
    ends = asked.decision.kind == Decision.Kind.END
    better = _("撤销原决定，照常居住") if ends else _("改为符合，进入公示")
    choices = [("upheld", _("维持原决定")), ("overturned", better)]
    form = AnswerForm(request.POST or None, choices=choices)
    if request.method == "POST" and form.is_valid():
        overturned = form.cleaned_data["outcome"] == "overturned"
        text = form.cleaned_data["text"]
        done = attempt(
            form, lambda: reconsiderations.answer(asked, by=staff, overturned=overturned, text=text)
        )
        if done:
            messages.success(request, _("复核已答复，去看送达情况。"))
            return redirect("review_signing")
    why = permissions.why_not_answer(asked, staff)
    looks.note(asked.decision.application, by=request.user, purpose=_("决定复核中"))
    context = {
        "asked": asked,
        "left": filters.left(asked.due_on, clock.today()),
        "letter": asked.decision,
        "grounds": decision.grounds(asked.decision),
        "form": form,
        "why_not": why,
        "back_href": reverse("review_signing"),
    }
    return render(request, "review/reconsideration.html", context)
