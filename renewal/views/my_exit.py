"""/my/hearing/: what happens with the home, what the household can do until when, who helps."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.access import citizen_only
from accounts.models import User
from allocation.leases import deposits
from applications import decision_letter, filters, legal_days, materials, reconsiderations
from core import clock
from core.workflow import Refusal
from renewal import exits, states
from renewal.exits import extending, papers
from renewal.flags import cards
from renewal.forms_exits import AskForm, SayForm
from renewal.models import ExitCase


@citizen_only
@require_http_methods(["GET", "POST"])
def hearing(request: HttpRequest) -> HttpResponse:
    """The household's page of an exit: calm, with every way to speak, to ask and to object."""
    case = case_of(request.user)
    if case is None:
        return render(request, "renewal/my_hearing.html", {"case": None})
    act = request.POST.get("action", "say")
    forms = _forms(request, case, act)
    form = forms.get(act)
    if request.method == "POST" and act == "stay":
        return _stay(request, case)
    valid = request.method == "POST" and form is not None and form.is_valid()
    if valid and _do(request, case, act, form):
        return redirect("my_hearing")
    bad = any(one.errors for one in forms.values())
    context = _context(case, forms)
    return render(request, "renewal/my_hearing.html", context, status=422 if bad else 200)


def case_of(user: User) -> ExitCase | None:
    """The exit of the person's household that it has been told of; the newest one."""
    rows = ExitCase.objects.filter(
        lease__application__members__id_index=user.citizen.id_index,
        lease__application__members__excluded=False,
    ).exclude(state=states.X_CLEARED)
    # a clue is nothing that a household has to hear of
    rows = rows.filter(Q(noticed_at__isnull=False) | ~Q(wish_signed_by=""))
    related = ("lease__application", "lease__home__estate", "notice", "decision")
    return rows.select_related(*related).order_by("-opened_at").first()


def _forms(request: HttpRequest, case: ExitCase, act: str) -> dict[str, Any]:
    def bound(name: str) -> dict[str, Any]:
        if request.method != "POST" or act != name:
            return {}
        return {"data": request.POST, "files": request.FILES}

    found: dict[str, Any] = {}
    if not exits.why_not_speak(case):
        found["say"] = SayForm(**bound("say"))
        if not case.appointments.filter(closed_at=None).exists():
            found["meet"] = AskForm(**bound("meet"), auto_id="meet_%s")
    of = _extension_of(case)
    if not extending.why_not_ask(case, of):
        found["more"] = AskForm(**bound("more"), auto_id="more_%s")
    return found


def _extension_of(case: ExitCase) -> str:
    moving = case.state in (states.X_MOVING, states.X_RELATIVES, states.X_LEAVING)
    return extending.Of.MOVE_OUT if moving else extending.Of.HEARING


def _do(request: HttpRequest, case: ExitCase, act: str, form: Any) -> bool:
    data, user = form.cleaned_data, request.user
    try:
        if act == "say":
            if data["paper"]:  # the paper first: a statement may speak of it
                materials.add(
                    case.lease.application, papers.key_of(case), data["paper"].read(), by=user
                )
            exits.hear(
                case, by=user, channel="online", text=data["words"], all_said=data["all_said"]
            )
        elif act == "meet":
            exits.ask_meeting(case, by=user, wish=data["words"])
        else:
            extending.ask(case, of=_extension_of(case), by=user, reason=data["words"])
    except Refusal as refusal:
        form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
        return False
    messages.success(request, _("收到了，由工作人员办理。"))
    return True


def _stay(request: HttpRequest, case: ExitCase) -> HttpResponse:
    try:
        exits.leaving.take_back(case, by=request.user)
    except Refusal as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("已收回，照常居住。"))
    return redirect("my_hearing")


def _context(case: ExitCase, forms: dict[str, Any]) -> dict[str, Any]:
    today = clock.today()
    application = case.lease.application
    letter = case.decision if case.decided_at else None
    asked = reconsiderations.open_of(letter) if letter else None
    due = case.hearing_due if letter is None and case.noticed_at else case.move_out_until
    # the decision's words are for who may read the case's letters; the state is for everybody
    return {
        "case": case,
        "forms": forms,
        "state": states.EXIT[case.state],
        "left": filters.left(due, today) if due and states.EXIT[case.state].open else None,
        "flags": cards(case.flags),
        "hearings": case.hearings.order_by("recorded_at"),
        "papers": materials.pages_of(application, papers.key_of(case)),
        "extensions": case.extensions.all(),
        "meeting": case.appointments.filter(closed_at=None).first(),
        "decision": letter,
        "grounds": decision_letter.grounds(letter) if letter else [],
        "ways": legal_days.of(letter, today=today) if letter else [],
        "may_ask": letter is not None
        and not reconsiderations.why_not_ask(letter, application, today=today),
        "asked": asked,
        "letters": [
            one for one in (*case.letters.all(), letter)
            if one is not None and one.served_at and not one.addressee
        ],
        "deposit_due": deposits.due_back(case.lease),
        "leaving": case.state == states.X_LEAVING,
        "ended": case.state == states.X_HANDED_BACK,
    }  # fmt: skip
