"""/my/recheck/ and /my/hearing/: the household's side."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext_lazy as _

from accounts.access import citizen_only
from accounts.models import User
from allocation import states as allocation_states
from allocation.models import Lease
from core.workflow import Refusal
from renewal import exits, states
from renewal.flags import cards
from renewal.forms import WordsForm
from renewal.models import ExitCase, Recheck


@citizen_only
def recheck(request: HttpRequest) -> HttpResponse:
    """This year's re-check of the household's lease, in plain words."""
    lease = _lease_of(request.user)
    row = None
    if lease is not None:
        row = Recheck.objects.filter(lease=lease).select_related("campaign").first()
    context = {
        "lease": lease,
        "row": row,
        "state": states.RECHECK[row.state] if row else None,
        "exit_case": _open_exit(lease),
    }
    return render(request, "renewal/my_recheck.html", context)


@citizen_only
def hearing(request: HttpRequest) -> HttpResponse:
    """What was found, how long there is to speak, and a box to speak in (陈述申辩)."""
    case = _open_exit(_lease_of(request.user))
    if case is None or case.noticed_at is None:
        return render(request, "renewal/my_hearing.html", {"case": None})
    form = WordsForm(
        request.POST or None, label=_("您要说明的情况"), hint=_("写错了也没关系，可以再补充。")
    )
    if request.method == "POST" and form.is_valid():
        try:
            exits.hear(case, by=request.user, channel="online", text=form.cleaned_data["words"])
            return redirect("my_hearing")
        except Refusal as refusal:
            form.add_error(None, str(refusal))
    context = {
        "case": case,
        "form": form,
        "state": states.EXIT[case.state],
        "flags": cards(case.flags),
        "hearings": case.hearings.order_by("recorded_at"),
        "may_speak": case.state in (states.X_NOTICE, states.X_HEARD),
        "decision": case.decision if case.decided_at else None,
    }
    return render(request, "renewal/my_hearing.html", context)


def _lease_of(user: User) -> Lease | None:
    citizen = user.citizen
    return (
        Lease.objects.filter(
            application__members__id_index=citizen.id_index,
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
