"""Which tasks leave nothing to weigh (各项符合): in one query for a desk, or for one task.

The same faults decide the list, the pass and what is said of a task that left. A fault about the
registers concerns those that the desk reads; every other concerns the case.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications import duties, states
from applications.inquiries import UNDER_WAY as ASKED
from applications.models import (
    Assessment,
    Change,
    Consent,
    Evidence,
    Inquiry,
    Member,
    ReviewTask,
    Supplement,
)
from applications.models.evidence import APPLY
from core import clock

_ANSWERED = (Evidence.Status.FOUND, Evidence.Status.NO_RECORD)
_STATE_OF_STAGE = {
    "street": states.STREET_REVIEW,
    "joint": states.JOINT_REVIEW,
    "district": states.DISTRICT_REVIEW,
}


@dataclass(frozen=True)
class Fault:
    """Why a task is not clean: the sentence, and the condition on a task."""

    key: str
    why: Any
    condition: Any


def faults(kind: str) -> list[Fault]:
    """Everything that keeps a task of a desk of this kind out; the plainest first."""
    case = {"application": OuterRef("application")}
    today = clock.today()
    read = Evidence.objects.filter(round=APPLY, source__in=duties.sources_of(kind), **case)
    stale = ~Q(status__in=_ANSWERED) | Q(valid_to__lt=today) | Q(unread=True)
    given = Consent.objects.filter(
        member=OuterRef("pk"), given_at__isnull=False, withdrawn_at=None, outgrown_at=None
    )
    people = Member.objects.filter(excluded=False, **case)
    assessed = Assessment.objects.filter(round=APPLY, **case)
    return [
        Fault("moved", _("办件已不在这一步。"), ~_in_its_stage()),
        Fault("doubtful", _("有待核实的事项。"), ~Q(findings=[])),
        Fault("unassessed", _("还没有核对结果。"), ~Exists(assessed)),
        Fault("inquiry", _("有没办完的核实单。"),
              Exists(Inquiry.objects.filter(round=APPLY, state__in=ASKED, **case))),
        Fault("change", _("家里报告的变化还没有核对。"),
              Exists(Change.objects.filter(state__in=states.CHANGE.open_ids, **case))),
        Fault("paper", _("还有材料没有补齐。"),
              Exists(Supplement.objects.filter(received_at=None, **case))),
        Fault("consent", _("还差家人授权。"), Exists(people.filter(~Exists(given)))),
        Fault("disputed", _("当事人对查到的信息有异议。"),
              Exists(Evidence.objects.filter(round=APPLY, disputed=True, **case))),
        Fault("stale", _("登记信息还没有齐，或者已过有效期。"), Exists(read.filter(stale))),
    ]  # fmt: skip


def tasks_of(staff: Staff) -> QuerySet[ReviewTask]:
    """Clean open tasks of the person's desk that nobody else holds, the most urgent first."""
    rows = ReviewTask.objects.filter(
        Q(state=states.TASK_OPEN)
        | Q(state=states.TASK_CLAIMED)
        & (Q(claimed_by=staff) | Q(claim_expires_at__lte=clock.now())),
        bureau_id=staff.bureau_id,
    )
    if staff.id_index:
        own = Member.objects.filter(application=OuterRef("application"), id_index=staff.id_index)
        rows = rows.filter(~Exists(own))
    for fault in faults(staff.bureau.kind):
        rows = rows.exclude(fault.condition)
    return rows.select_related("application__street", "bureau").order_by("due_on", "pk")


def why_not(task: ReviewTask) -> str:
    """The first fault of one task as it stands now; '' for a clean one. One query."""
    known = faults(task.bureau.kind)
    marks = {f"fault_{one.key}": _marked(one.condition) for one in known}
    row = ReviewTask.objects.filter(pk=task.pk).annotate(**marks).values(*marks).get()
    return next((str(one.why) for one in known if row[f"fault_{one.key}"]), "")


def digests(tasks: Iterable[ReviewTask]) -> dict[int, str]:
    """What each task rests on, in one mark by its key: answers, assessment, findings. Two queries.

    Another answer, another assessment or another doubt gives another mark.
    """
    rows = list(tasks)
    cases = {one.application_id for one in rows}
    newest = dict(
        Assessment.objects.filter(application__in=cases, round=APPLY)
        .order_by("application", "-created_at", "-pk")
        .distinct("application")
        .values_list("application", "pk")
    )
    answers: dict[int, list[Any]] = {}
    said = Evidence.objects.filter(application__in=cases, round=APPLY).order_by("pk")
    for case, *told in said.values_list(
        "application", "pk", "status", "fetched_at", "valid_to", "disputed", "unread"
    ):
        answers.setdefault(case, []).append([str(one) for one in told])
    return {
        one.pk: sha256(
            repr(
                [newest.get(one.application_id), answers.get(one.application_id), one.findings]
            ).encode()
        ).hexdigest()
        for one in rows
    }


def _in_its_stage() -> Q:
    found = Q()
    for stage, state in _STATE_OF_STAGE.items():
        found |= Q(stage=stage, application__state=state)
    return found


def _marked(condition: Any) -> Any:
    """A condition as a column."""
    return Case(
        When(condition, then=Value(True)), default=Value(False), output_field=BooleanField()
    )
