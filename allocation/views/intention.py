"""意向登记: wishes changed on the phone until the deadline, and registered at the window."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import citizen_only, staff_only
from accounts.roles import Role
from allocation import intentions, mine
from allocation.forms import IntentionForm
from allocation.forms_rounds import PersonForm
from allocation.models import Round
from applications import looks, permissions, waiting
from applications import states as application_states
from applications.models import Application
from applications.views.acting_at_desk import attempt
from applications.views.at_window import clerk, leave_face
from core.identity import ciphers, numbers

WINDOW = "window"


@citizen_only
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """改意向: the wishes as they stand, to change until the end of the intentions."""
    household = mine.waiting(request.user)
    round_ = intentions.round_of(household) if household is not None else None
    if household is None or round_ is None:
        raise Http404
    form = _form(request, household, round_)
    if request.method == "POST" and form.is_valid():
        act = intentions.change
        if attempt(form, lambda: act(household, round_, form.wishes, by=request.user)):
            messages.success(request, _("意向已改。截止之前还可以再改。"))
            return redirect("my_wait")
    context = {
        "form": form, "round": round_, "why_not": intentions.why_not_change(household, round_),
    }  # fmt: skip
    status = 422 if form.is_bound and form.errors else 200
    return render(request, "allocation/my/change_wishes.html", context, status=status)


@staff_only(Role.WINDOW)
@require_http_methods(["GET", "POST"])
def at_window(request: HttpRequest) -> HttpResponse:
    """窗口登记意向: who stands here, by ID card; no telephone is needed."""
    leave_face(request)
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        found = _household(form, clerk(request))
        if found is not None:
            return redirect("window_wishes", ref=found.ref)
    status = 422 if form.errors else 200
    return render(request, "window/intention.html", {"form": form}, status=status)


@staff_only(Role.WINDOW)
@require_http_methods(["GET", "POST"])
def wishes(request: HttpRequest, ref: UUID) -> HttpResponse:
    """The household's wishes for the round, said by whoever stands at the window."""
    household = _waiting(ref, clerk(request))
    looks.note(household, by=request.user, purpose=_("窗口登记意向"))
    joined = household.state in (application_states.INTENTION, application_states.RE_REVIEW)
    round_ = intentions.round_of(household) if joined else mine.open_round(household)
    form = _form(request, household, round_, joined=joined) if round_ is not None else None
    sent = request.method == "POST" and form is not None and form.is_valid()
    if sent and attempt(form, lambda: _say(household, round_, form, request.user, joined)):
        told = _("已登记。这一轮的通知会发给这户；没有手机的，请打印本页交给本人。")
        messages.success(request, told)
        return redirect("window_wishes", ref=household.ref)
    context = {
        "household": household,
        "place": waiting.place_of(household.wait_entry),
        "round": round_,
        "joined": joined,
        "wished": mine.wished(household) if joined else "",
        "form": form,
        "why_not": intentions.why_not_change(household, round_) if joined and round_ else "",
        "may_leave": household.state == application_states.RE_REVIEW,
    }
    status = 422 if form is not None and form.is_bound and form.errors else 200
    return render(request, "window/wishes.html", context, status=status)


# -- Parts -----------------------------------------------------------------------------------------


def _form(
    request: HttpRequest, household: Application, round_: Round, *, joined: bool = True
) -> IntentionForm:
    said = IntentionForm.filled(household.wishes) if joined else None
    estates = mine.estates_of(round_)
    return IntentionForm(request.POST or None, estates=estates, initial=said)


def _household(form: PersonForm, staff: Any) -> Application | None:
    """The household of the number that was typed; says at the field why there is none."""
    number = numbers.eighteen(numbers.normalise(form.cleaned_data["id_number"]))
    if not numbers.is_valid(number):
        form.add_error("id_number", _("号码可能有一位填错，请对照证件再看一遍。"))
        return None
    index = ciphers.blind_index(number)
    if why := permissions.why_not_serve(staff, index):
        form.add_error("id_number", why)
        return None
    found = mine.waiting_of(index)
    if found is None:
        form.add_error("id_number", _("这个人家里现在不在轮候中，或者已经列入摇号名单。"))
    return found


def _waiting(ref: UUID, staff: Any) -> Application:
    """A household on the waiting list that this clerk need not keep away from; else 404."""
    held = (application_states.WAITLISTED, application_states.WAIT_SUSPENDED,
            application_states.INTENTION, application_states.RE_REVIEW)  # fmt: skip
    found = Application.objects.filter(ref=ref, state__in=held, wait_entry__isnull=False).first()
    if found is None or permissions.why_not_free(staff, found):
        raise Http404
    return found


def _say(household: Application, round_: Any, form: Any, by: Any, joined: bool) -> Any:
    if joined:
        return intentions.change(household, round_, form.wishes, by=by)
    said = form.wishes
    return intentions.register(
        household, round_, by=by, preferences=said.preferences, any_estate=said.any_estate,
        needs_accessible=said.needs_accessible, low_floor=said.low_floor, channel=WINDOW,
    )  # fmt: skip
