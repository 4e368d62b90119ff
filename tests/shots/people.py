"""Whom the pictures show: found by situation in the demo city, never by name."""

from collections.abc import Iterator

from accounts import demo
from accounts.models import Citizen
from allocation import states as allocation_states
from allocation.models import ChoiceDay, Lease, Offer, RentPayment, Round
from applications import states
from applications.models import Application, CallBack, PossibleDuplicate, ReviewTask
from renewal.models import Clue, ExitCase, Fine, Outreach, Violation


def keys() -> dict[str, str]:
    """Demo sign-in keys of citizens by situation; a situation nobody is in is left out."""
    found = {
        "applicant": _online(state=states.JOINT_REVIEW),
        "waiting": _online(state=states.WAITLISTED),
        "refused": _online(state=states.REFUSED),
        "drawn": _drawn(),
        "tenant": _tenant(),
        "heard": _heard(),
    }
    return {name: f"citizen-{one.pk}" for name, one in found.items() if one is not None}


def places() -> dict[str, str]:
    """What fills the {names} of the paths."""
    return {name: value for name, value in _places() if value}


def _places() -> Iterator[tuple[str, str]]:
    pair = PossibleDuplicate.objects.filter(state=states.DUPLICATE_OPEN).first()
    yield "possible_duplicate", str(pair.pk) if pair else ""
    paid = RentPayment.objects.filter(lease__isnull=False, undone_at=None).first()
    yield "payment", str(paid.pk) if paid else ""
    revealed = Round.objects.filter(
        state=allocation_states.R_REVEALED, mode=Round.Mode.HOME
    ).first()
    yield "revealed_round", revealed.code if revealed else ""
    chosen_in = ChoiceDay.objects.order_by("-starts_at").first()
    yield "choice_round", chosen_in.round.code if chosen_in else ""
    for name, state in (
        ("applicant_case", states.JOINT_REVIEW),
        ("waiting_case", states.WAITLISTED),
        ("refused_case", states.REFUSED),
    ):
        row = _case(state=state)
        yield name, (row.case_no or "") if row else ""
    task = ReviewTask.objects.filter(bureau__kind="real_estate", state="open")
    # one with something to settle says more than a clean one
    row_ = task.exclude(findings=[]).first() or task.first()
    yield "real_estate_task", str(row_.pk) if row_ else ""
    clerk = demo.user_of("window")  # who stands in the pictures of the window
    desk = Application.objects.filter(channel="window", street=clerk.as_staff.bureau)
    at_window = desk.filter(state=states.JOINT_REVIEW).first() or desk.first()
    yield "window_case", str(at_window.ref) if at_window else ""
    call = CallBack.objects.first()
    yield "rating", str(call.pk) if call else ""
    clue = Clue.objects.order_by("pk").first()
    yield "clue", str(clue.pk) if clue else ""
    exit_case = ExitCase.objects.order_by("-noticed_at").first()
    yield "exit_case", str(exit_case.pk) if exit_case else ""
    desk_of = demo.user_of("street").as_staff.bureau
    for name, thing in (
        ("outreach", Outreach.objects.filter(street=desk_of).order_by("pk").first()),
        ("violation", Violation.objects.order_by("pk").first()),
        ("fine", Fine.objects.order_by("pk").first()),
    ):
        yield name, str(thing.pk) if thing else ""


def _case(**filters: str) -> Application | None:
    return Application.objects.filter(channel="online", **filters).order_by("id").first()


def _online(**filters: str) -> Citizen | None:
    return _citizen(_case(**filters))


def _citizen(application: Application | None) -> Citizen | None:
    if application is None:
        return None
    return Citizen.objects.filter(id_index=application.applicant.id_index).first()


def _drawn() -> Citizen | None:
    offers = Offer.objects.filter(state=allocation_states.O_UNOPENED).order_by("id")
    return next(filter(None, (_citizen(one.entrant.application) for one in offers[:20])), None)


def _tenant() -> Citizen | None:
    leases = Lease.objects.filter(state__in=allocation_states.L_IN_FORCE).order_by("id")
    return next(filter(None, (_citizen(one.application) for one in leases[:20])), None)


def _heard() -> Citizen | None:
    cases = ExitCase.objects.exclude(noticed_at=None)
    return next(filter(None, (_citizen(one.lease.application) for one in cases[:5])), None)
