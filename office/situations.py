"""Situations of the tour (情形): who, in the database of this very moment, is in which.

Nobody is named here. Each function looks for somebody to whom the words apply, reads only, and
returns None when there is nobody.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import chain, islice

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse

from accounts import demo
from accounts.models import Citizen
from accounts.roles import BureauKind, Role
from allocation import states as allocation_states
from allocation.models import Offer, Round
from applications import states
from applications.models import Consent, Evidence, Member, ReviewTask
from applications.models.evidence import APPLY
from core.identity import kinship
from core.identity.ciphers import blind_index
from core.identity.masking import group_id, mask_name
from core.models import AuditEntry
from datashare import mock_control
from renewal import states as renewal_states
from renewal.models import ExitCase, Outreach

_LOOK_AT = 300  # people of a situation that are tried


@dataclass(frozen=True)
class Someone:
    """Whom a button lets in, and where. A citizen by name and number, or a post by its key."""

    path: str
    post: str = ""
    name: str = ""
    id_number: str = ""
    note: str = ""  # what the visitor has to type, or the case it is about

    @property
    def who(self) -> str:
        """How the button names them."""
        return mask_name(self.name) if self.name else ""


def key_of(someone: Someone) -> str:
    """The key under which the demo signs them in; a citizen's account is made if missing."""
    if someone.post:
        return demo.post(someone.post).key
    citizen = Citizen.objects.ensure(name=someone.name, id_number=someone.id_number)
    return f"citizen-{citizen.pk}"


# -- families that have not applied yet: only the departments know them -----------------------


def _without_case(*situations: str) -> Iterable[dict[str, str]]:
    """Applicants in all of these situations who are in no open case."""
    lists = [mock_control.people(name, _LOOK_AT) for name in situations]
    numbers = set.intersection(*({one["id_number"] for one in people} for people in lists))
    fitting = [one for one in lists[0] if one["id_number"] in numbers]
    taken = set(
        Member.objects.filter(holding=True)
        .filter(id_index__in=[blind_index(one["id_number"]) for one in fitting])
        .values_list("id_index", flat=True)
    )
    return [one for one in fitting if blind_index(one["id_number"]) not in taken]


def _first_of(*choices: tuple[str, ...]) -> list[dict[str, str]]:
    """Applicants of the first choice of situations, then of the others; nobody twice."""
    lists = chain.from_iterable(_without_case(*names) for names in choices)
    return list({one["id_number"]: one for one in lists}.values())


def _family(people: list[dict[str, str]], place: int) -> Someone | None:
    one = next(islice(people, place, None), None)
    return Someone("/apply/", name=one["name"], id_number=one["id_number"]) if one else None


def _aided() -> list[dict[str, str]]:
    """Parents on aid, without home and benefit: those on the minimum living allowance first."""
    parents = ("aid_without_benefit", "with_minor")
    return _first_of(("low_income_aid", *parents), parents)


def aided_family() -> Someone | None:
    """A parent on the minimum living allowance, without home and without application."""
    return _family(_aided(), 0)


def second_aided_family() -> Someone | None:
    """Another such family."""
    return _family(_aided(), 1)


def _of_small_income() -> list[dict[str, str]]:
    """Applicants whose income counts, those of low income first: their reports are ordered."""
    return _first_of(("low_income", "without_benefit"), ("lower_middle", "without_benefit"))


def low_income_family() -> Someone | None:
    """A family whose income report is ordered; the first of them is the one at the window."""
    return _family(_of_small_income(), 1)


def window_clerk() -> Someone | None:
    """A clerk, and a family of small income for whom to apply."""
    one = next(iter(_of_small_income()), None)
    note = f"{one['name']} {group_id(one['id_number'])}" if one else ""
    return Someone("/window/", post="window", note=note)


# -- cases under way ----------------------------------------------------------------------------


def family_waiting_for_consent() -> Someone | None:
    """An adult whose consent the newest draft waits for."""
    given = Consent.objects.filter(withdrawn_at__isnull=True).values("member")
    waiting = (
        Member.objects.filter(
            application__state__in=[states.DRAFT, states.ACCEPTED],
            is_applicant=False,
            excluded=False,
            application__channel="online",
        )
        .exclude(pk__in=given)
        .exclude(relation__in=kinship.CHILDREN)
        .select_related("application")
        .order_by("-application__created_at")
    )
    return _citizen(waiting.first(), reverse("apply_join"))


def family_awaiting_report() -> Someone | None:
    """The applicant of the newest case whose income report is being made."""
    report = Evidence.objects.filter(status=Evidence.Status.ORDERED, round=APPLY)
    newest = report.exclude(application__state=states.DRAFT).order_by("-ordered_at", "-pk")
    row = newest.select_related("application").first()
    if row is None:
        return None
    path = reverse("my_case", args=[row.application.case_no])
    return _citizen(row.application.applicant, path)


def failing_task() -> Someone | None:
    """A department's open task on a case with a fact that does not fit, an off-plan home first."""
    tasks = _open_tasks().exclude(findings=[])
    offplan = tasks.filter(findings__icontains="HOUSING_OFFPLAN")
    return _department(offplan.first() or tasks.first())


def clean_tasks() -> Someone | None:
    """A department's open task on a case in which everything fits."""
    return _department(_open_tasks().filter(findings=[]).first())


def newest_task() -> Someone | None:
    """Whoever's turn it is with the newest application: its street, a department, the centre."""
    turn = _answerable_tasks() | _waiting_for_second()
    return _department(turn.order_by("-application__pk", "pk").first())


def _open_tasks() -> QuerySet[ReviewTask]:
    tasks = _answerable_tasks().exclude(bureau__kind=BureauKind.CENTRE)
    return tasks.order_by("due_on", "pk")


def _answerable_tasks() -> QuerySet[ReviewTask]:
    return (
        ReviewTask.objects.filter(state=states.TASK_OPEN)
        # civil affairs has no last word while the income report is being made
        .exclude(Q(bureau__kind=BureauKind.CIVIL_AFFAIRS) & Exists(_reports_of_the_case()))
        .select_related("application", "bureau")
    )


def _waiting_for_second() -> QuerySet[ReviewTask]:
    """Overrides: the demo has one person at each desk, so that the centre's is the second."""
    waiting = ReviewTask.objects.filter(state=states.TASK_SECOND)
    return waiting.select_related("application", "bureau")


def _reports_of_the_case() -> QuerySet[Evidence]:
    under_way = Evidence.objects.filter(status=Evidence.Status.ORDERED, round=APPLY)
    return under_way.filter(application=OuterRef("application"))


def outreach_clerk() -> Someone | None:
    """A street with a household that nobody has taken in hand yet."""
    waiting = Outreach.objects.filter(state=renewal_states.O_FOUND, street__isnull=False)
    streets = dict(waiting.order_by("-pk").values_list("street__code", "pk"))
    for post in demo.posts():
        if post.bureau in streets and Role.STREET in post.roles:
            path = reverse("outreach_one", args=[streets[post.bureau]])
            return Someone(path, post=post.key)
    return None


def _department(task: ReviewTask | None) -> Someone | None:
    if task is None:
        return None
    second = task.state == states.TASK_SECOND
    reviewing = {Role.DISTRICT} if second else {Role.STREET, Role.REVIEWER, Role.DISTRICT}
    post = next(
        (
            one
            for one in demo.posts()
            if (second or one.bureau == task.bureau.code) and reviewing & set(one.roles)
        ),
        None,
    )
    if post is None:
        return None
    path = reverse("review_task", args=[task.pk])
    return Someone(path, post=post.key, note=f"{task.bureau.name} {task.case_no}")


def unopened_result() -> Someone | None:
    """A household whose result is fixed and not yet opened."""
    offer = (
        Offer.objects.filter(state=allocation_states.O_UNOPENED)
        .select_related("entrant__application")
        .order_by("pk")
        .first()
    )
    applicant = offer.entrant.application.applicant if offer else None
    return _citizen(applicant, "/my/draw/")


def _open_hearing() -> ExitCase | None:
    heard = [renewal_states.X_NOTICE, renewal_states.X_HEARD]
    return (
        ExitCase.objects.filter(state__in=heard)
        .select_related("lease__application")
        .order_by("state_since")
        .first()
    )


def hearing_household() -> Someone | None:
    """A household that may explain itself just now."""
    case = _open_hearing()
    return _citizen(case.lease.application.applicant if case else None, reverse("my_hearing"))


def exit_officer() -> Someone | None:
    """The centre's officer at that household's case."""
    case = _open_hearing()
    return Someone(reverse("office_exit", args=[case.pk]), post="district") if case else None


def looked_at_family() -> Someone | None:
    """The applicant of the case that a member of staff looked at last."""
    entry = (
        AuditEntry.objects.filter(verb="looked", actor_kind="staff")
        .exclude(case_no="")
        .order_by("-id")
        .first()
    )
    if entry is None:
        return None
    applicants = Member.objects.filter(is_applicant=True, application__case_no=entry.case_no)
    return _citizen(applicants.first(), "/my/data/")


def _citizen(member: Member | None, path: str) -> Someone | None:
    if member is None:
        return None
    return Someone(path, name=member.name, id_number=member.id_number)


# -- posts --------------------------------------------------------------------------------------


def _post(key: str, path: str) -> Callable[[], Someone | None]:
    return lambda: Someone(path, post=key)


SITUATIONS: dict[str, Callable[[], Someone | None]] = {
    "aided_family": aided_family,
    "second_aided_family": second_aided_family,
    "family_waiting_for_consent": family_waiting_for_consent,
    "health_of_registers": _post("admin", "/office/sources/"),
    "low_income_family": low_income_family,
    "family_awaiting_report": family_awaiting_report,
    "window_clerk": window_clerk,
    "failing_task": failing_task,
    "clean_tasks": clean_tasks,
    "newest_task": newest_task,
    "district": _post("district", "/review/sign/"),
    "unopened_result": unopened_result,
    "attendant": _post("attendant", "/kiosk/attend/"),
    "administrator": _post("admin", "/office/recheck/"),
    "hearing_household": hearing_household,
    "exit_officer": exit_officer,
    "outreach_clerk": outreach_clerk,
    "discovery_numbers": _post("district", "/review/outreach/numbers/"),
    "leader": _post("leader", "/office/onestop/"),
    "auditor": _post("auditor", "/audit/"),
    "looked_at_family": looked_at_family,
}


def revealed_round() -> str:
    """The address of the newest draw that anybody can check; empty if there is none."""
    done = [allocation_states.R_REVEALED, allocation_states.R_CLOSED]
    row = Round.objects.filter(state__in=done).order_by("-revealed_at").first()
    return f"/public/draws/{row.code}/" if row else ""
