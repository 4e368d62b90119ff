"""报告家庭变化 (/my/change/): what happened, few questions, the effect, then yes.

Nothing is kept between the pages but what the page itself carries; sent twice it is one report.
"""

from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.db.models import Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import citizen_only
from applications import (
    change_effects,
    change_screen,
    changes,
    majority,
    mandates,
    open_changes,
    receipts,
)
from applications.changes import ChangeRefused, Kind
from applications.forms.change import FORMS, ChooseForm, EventForm, ExplainForm
from applications.letters import PHONE
from applications.models import Application, Change, Member
from core.context import answered
from core.refusals import Refusal

CONTACT = "/my/contact/"  # another page's: a new phone needs no case
_CARRIED = ("what", "case", "key")


@citizen_only
@never_cache
@require_http_methods(["GET", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Choose, answer, see the effect, confirm."""
    asked = request.POST or request.GET
    case = _case(request, asked.get("case", ""))
    kind = asked.get("what", "")
    if case is None:
        return render(request, "my/change_none.html")
    if kind == "phone":
        return _to_contact(request)
    if kind not in FORMS:
        return _choose(request, case)
    refused = changes.why_not_report(case, kind) or changes.why_not_report_by(request.user, case)
    if refused:
        context = {"refused": refused, "title": FORMS[kind].title}
        return render(request, "my/change_refused.html", context, status=409)
    form = _form(request, case, kind)
    step = request.POST.get("step", "")
    if not request.POST or step == "back":
        return _ask(request, case, form)
    if not form.is_valid():
        return _ask(request, case, form, 422)
    return _send(request, case, form) if step == "send" else _preview(request, case, form)


@citizen_only
@never_cache
@require_http_methods(["GET", "POST"])
def one(request: HttpRequest, pk: int) -> HttpResponse:
    """已报告: where it stands, the effect, an answer if one is asked for."""
    found = get_object_or_404(
        Change.objects.select_related("application__street", "member", "settled_by__bureau"), pk=pk
    )
    if not receipts.may_see(request.user, found.application):
        raise Http404
    form = ExplainForm(request.POST if "text" in request.POST else None)
    if request.method == "POST" and _act(request, found, form):
        return redirect("my_change_one", pk)
    open_to = change_screen.may_read_details(found, request.user)
    context = {
        "change": found,
        "case": found.application,
        "now": change_screen.standing(found),
        "told": change_screen.declared(found) if open_to else [],
        "effect": change_screen.effect_of(found.effect, found.application),
        "form": form if open_to and found.state == "explain" else None,
        "may_retract": open_to and not changes.why_not_retract(found),
        "gentle": found.kind == Kind.DEATH,
    }
    return render(request, "my/change_one.html", context, status=422 if form.errors else 200)


def _to_contact(request: HttpRequest) -> HttpResponse:
    """Phones are kept on a page of their own; where it is not there, people help."""
    if answered(CONTACT):
        return redirect(CONTACT)
    context = {
        "title": _("换了手机号"),
        "refused": _("请带身份证到窗口改，或拨%(phone)s。轮候日期不变。") % {"phone": PHONE},
    }
    return render(request, "my/change_refused.html", context, status=409)


# -- Steps -------------------------------------------------------------------------------------


def _case(request: HttpRequest, number: str) -> Application | None:
    """The case that is meant: the one named and no other; without a name the newest of which
    something may be told. Raises Http404 for a case that is not this person's."""
    mine = _cases(request)
    if number:
        found = next((one for one in mine if one.case_no == number), None)
        if found is None:
            raise Http404
        return found
    return next((one for one in mine if not changes.why_not_report(one)), None)


def _cases(request: HttpRequest) -> list[Application]:
    """Cases of whose pages these are: one's own, or the principal's while acting."""
    named = Member.objects.filter(id_index=mandates.index_of(request.user), excluded=False)
    typed = Q(created_by=request.user.pk, channel="online")
    rows = Application.objects.sent().filter(Q(pk__in=named.values("application")) | typed)
    rows = rows.select_related("street", "wait_entry", "created_by")
    found = rows.order_by("-submitted_at", "-id")
    return [one for one in found if receipts.may_see(request.user, one)]


def _choose(request: HttpRequest, case: Application) -> HttpResponse:
    pressed = "next" in request.GET
    form = ChooseForm(request.GET if pressed else None)
    reported = case.changes.exclude(state="retracted").select_related("application__street")
    context = {
        "form": form,
        "case": case,
        "reported": [(one, change_screen.standing(one)) for one in reported],
        "back_href": reverse("my_case", args=[case.case_no]),
    }
    status = 422 if pressed and not form.is_valid() else 200
    return render(request, "my/change.html", context, status=status)


def _form(request: HttpRequest, case: Application, kind: str) -> EventForm:
    people = list(case.members.filter(excluded=False).order_by("position"))
    reader = mandates.index_of(request.user)
    return FORMS[kind](request.POST or None, people=people, reader=reader)


def _ask(
    request: HttpRequest, case: Application, form: EventForm, status: int = 200
) -> HttpResponse:
    if status == 200 and form.is_bound:
        form.errors  # noqa: B018  what was typed stays; back is no mistake
    context = {"form": form, "case": case, "carried": _carried(request, case, form)}
    return render(request, "my/change_ask.html", context, status=status)


def _preview(request: HttpRequest, case: Application, form: EventForm) -> HttpResponse:
    effect = change_effects.preview(case, form.told())
    typed = [
        (name, value)
        for name in request.POST
        if name not in (*_CARRIED, "step", "csrfmiddlewaretoken")
        for value in request.POST.getlist(name)
    ]
    context = {
        "form": form,
        "case": case,
        "answers": form.answers(),
        "effect": change_screen.effect_of(effect, case),
        "later": open_changes.why_later(open_changes.waits_of(case)),
        "joins": form.kind == Kind.MARRIAGE,
        "gentle": form.kind == Kind.DEATH,
        "carried": [*_carried(request, case, form), *typed],
    }
    return render(request, "my/change_check.html", context)


def _send(request: HttpRequest, case: Application, form: EventForm) -> HttpResponse:
    try:
        made = _report(request, case, form)
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return _ask(request, case, form, 422)
    return redirect("my_change_one", made.pk)


def _report(request: HttpRequest, case: Application, form: EventForm) -> Change:
    told, key = form.told(), _key(request)
    if form.kind != Kind.MAJORITY:
        proof = form.cleaned_data.get("proof", "")
        return changes.report(case, told, by=request.user, key=key, proof=proof).change
    assert told.member is not None
    made = majority.come_of_age(told.member, by=request.user)
    known = case.changes.filter(kind=Kind.MAJORITY, member=told.member).first()
    if (found := made or known) is None:
        raise ChangeRefused(_("这位家人已经由本人授权，不用再办。"), "member")
    return found


def _act(request: HttpRequest, found: Change, form: ExplainForm) -> bool:
    if not change_screen.may_read_details(found, request.user):
        raise Http404
    if "text" in request.POST and not form.is_valid():
        return False
    try:
        if "retract" in request.POST:
            changes.retract(found, by=request.user)
            messages.success(request, _("已收回，申请按原来的情况办理。"))
        else:
            changes.explain(found, by=request.user, text=form.cleaned_data["text"])
            messages.success(request, _("已收到您的说明，现在不用您办理。"))
    except Refusal as refusal:
        if "text" not in request.POST:
            messages.warning(request, str(refusal))
            return True
        form.add_error(None, str(refusal))
        return False
    return True


def _carried(request: HttpRequest, case: Application, form: EventForm) -> list[tuple[str, Any]]:
    return [("what", form.kind), ("case", case.case_no), ("key", str(_key(request)))]


def _key(request: HttpRequest) -> UUID:
    """The form's own key; a broken one is replaced."""
    try:
        return UUID(request.POST.get("key", ""))
    except ValueError:
        return uuid4()
