"""好差评: a word on a finished step, and the list of bad ones that wait for a call."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.access import citizen_only, staff_only
from accounts.middleware import refuse
from applications import call_backs, contact, periods, ratings, states
from applications.forms import after as forms
from applications.models import CallBack, Rating
from applications.views.own import case_of_citizen
from core import audit, clock
from core.refusals import Refusal

_PAGE = 30


@citizen_only
@require_http_methods(["GET", "POST"])
def rate(request: HttpRequest, case_no: str, step: str) -> HttpResponse:
    """评价: one step, one word; changeable for some days."""
    application = case_of_citizen(request.user, case_no)
    if step not in Rating.Step.values:
        raise Http404
    given = application.ratings.filter(step=step).first()
    why = ratings.why_not_rate(application, step, request.user, today=clock.today())
    said = {"level": given.level, "reasons": given.reasons, "text": given.text} if given else {}
    form = forms.RateForm(request.POST or None, initial={} if why else said)
    if request.method == "POST" and form.is_valid() and not why:
        try:
            ratings.rate(application, step, by=request.user, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(getattr(refusal, "field", None) or None, str(refusal))
        else:
            messages.success(request, _("谢谢您的评价。"))
            return redirect("my_case", case_no=case_no)
    context = {
        "application": application,
        "step": Rating.Step(step).label,
        "form": form,
        "why": why,
        "call": periods.of("rating_call").value,
        "answer": periods.of("rating_answer").value,
        "until": ratings.change_until(given) if given and not why else "",
    }
    return render(request, "my/rate.html", context, status=422 if form.errors else 200)


@staff_only(*call_backs.DESKS)
@require_GET
def listed(request: HttpRequest) -> HttpResponse:
    """差评回访: bad words that wait for a call, the one due first on top; or what was answered."""
    done = "done" in request.GET
    closed = CallBack.objects.filter(state=states.CALL_BACK_CLOSED)
    rows = closed.select_related("rating__application").order_by("-closed_at")
    page = Paginator(rows if done else ratings.of_desk(), _PAGE)
    context = {"page_obj": page.get_page(request.GET.get("page")), "done": done,
               "today": clock.today()}  # fmt: skip
    return render(request, "office/ratings.html", context)


@staff_only(*call_backs.DESKS)
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """One bad word: who said it, what was heard, what was found and mended. Looks are recorded."""
    found = CallBack.objects.select_related("rating__application", "rating__by__citizen")
    row = get_object_or_404(found, pk=pk)
    staff = request.user.as_staff
    if closed_to := call_backs.why_not_read(row, staff):
        return refuse(request, closed_to)
    why = call_backs.why_not(row, staff)
    reached = row.state != states.CALL_BACK_OPEN
    heard = forms.HeardForm(request.POST if "heard" in request.POST else None)
    answer = forms.FoundForm(request.POST if "answer" in request.POST else None)
    if request.method == "POST" and not why and _work(heard, answer, row, staff):
        messages.success(request, _("已记录。"))
        return redirect("office_rating", pk=pk)
    person = row.rating.by.as_citizen
    if request.method == "GET":
        audit.looked(
            row, by=request.user, purpose=str(_("差评回访")), case_no=row.case_no,
            subjects=[person.id_index] if person else [],
        )  # fmt: skip
    context = {
        "row": row,
        "reasons": [ratings.REASONS[code] for code in row.rating.reasons],
        "name": person.name if person else "",
        "phone": contact.phone_of(person.id_index) if person else "",
        "reached": reached,
        "heard": heard,
        "answer": answer,
        "why": why,
    }
    bad = heard.errors or answer.errors
    return render(request, "office/rating.html", context, status=422 if bad else 200)


def _work(heard: forms.HeardForm, answer: forms.FoundForm, row: CallBack, staff: Any) -> bool:
    """Does what was posted; False where a sentence says why not."""
    form: Any = heard if heard.is_bound else answer
    if not form.is_bound or not form.is_valid():
        return False
    try:
        if form is heard:
            call_backs.reach(row, by=staff, **form.cleaned_data)
        else:
            call_backs.close(row, by=staff, **form.cleaned_data)
    except Refusal as refusal:
        form.add_error(getattr(refusal, "field", None) or None, str(refusal))
        return False
    return True
