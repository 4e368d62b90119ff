"""/my/recheck/: the household's side."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access import citizen_only
from accounts.models import User
from allocation import states as allocation_states
from allocation.models import Lease
from renewal import states
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
