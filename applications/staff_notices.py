"""Messages to members of staff (工作消息): a list with a bell, and a push to 浙政钉 beside it.

A message tells in time what somebody's own pages would tell late. It is written once for each
person and matter, whoever runs the periodic task and how often, and it changes nothing by itself.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.roles import Role
from applications import permissions
from applications.models import Application, ReviewTask, StaffNotice, VisitOrder
from core import audit, clock, display

Kind = StaffNotice.Kind


@dataclass(frozen=True)
class Shown:
    """One message as the list shows it."""

    notice: StaffNotice
    title: str
    line: str
    href: str


def tell(
    people: Iterable[Staff],
    kind: str,
    *,
    key: str,
    by: Any,
    application: Application | None = None,
    task: ReviewTask | None = None,
    **where: Any,
) -> int:
    """Leaves the message for each of these people, once; returns how many are new.

    ``where`` says what is about no task: ``about``, the ``day`` it ends, the ``path`` to it.
    """
    now, new = clock.now(), 0
    for one in people:
        _notice, made = StaffNotice.objects.get_or_create(
            staff=one, kind=kind, key=key,
            defaults={"task": task, "application": application, "at": now, **where},
        )  # fmt: skip
        new += made
    if new:
        audit.record("staff.told", by=by, thing=task or application, kind=kind, people=new)
    return new


def visit_ordered(application: Application, order: VisitOrder, *, by: Any) -> int:
    """The street's reviewers hear that somebody wants a household visited."""
    street = Staff.objects.filter(
        bureau=application.street_id, roles__contains=[Role.STREET], user__is_active=True
    )
    free = [one for one in street if not permissions.has_conflict(one, application)]
    return tell(free, Kind.VISIT, key=f"order-{order.pk}", application=application, by=by)


def of(staff: Staff) -> QuerySet[StaffNotice]:
    """A person's messages, the newest first."""
    rows = StaffNotice.objects.filter(staff=staff).select_related("application", "task__bureau")
    return rows.order_by("-at", "-pk")


def unread(staff: Staff) -> int:
    """How many are new: the number at the bell."""
    return StaffNotice.objects.filter(staff=staff, read_at=None).count()


def read_all(staff: Staff) -> int:
    """Marks every message as read; returns how many were new."""
    return StaffNotice.objects.filter(staff=staff, read_at=None).update(read_at=clock.now())


def shown(notice: StaffNotice) -> Shown:
    """A message in words: what, about which case, until when; nobody of the family is named."""
    title = str(notice.get_kind_display())
    if notice.path:
        return Shown(notice, title, _line(notice), notice.path)
    if notice.task is None:
        return Shown(notice, title, _("请安排上门核实。"), reverse("visit_list"))
    words = {
        "stage": notice.task.get_stage_display(),
        "bureau": notice.task.bureau.name,
        "due": display.day(notice.task.due_on),
    }
    lines = {
        Kind.SHARE: _("%(stage)s，请在%(due)s前办理。") % words,
        Kind.DUE: _("%(stage)s，最后一天是%(due)s。") % words,
        Kind.ESCALATED: _("%(bureau)s的%(stage)s还没有办完，%(due)s到期，请安排人手。") % words,
    }
    href = reverse("review_task", args=[notice.task.pk])
    return Shown(notice, title, lines[Kind(notice.kind)], href)


def _line(notice: StaffNotice) -> str:
    """What is about a home or a household in one: where, and until when."""
    words = {"about": notice.about, "day": display.day(notice.day) if notice.day else ""}
    lines = {
        Kind.HOLD: _("%(about)s，到%(day)s为止。到期前请验收、延长，或者提出不放回。") % words,
        Kind.OVERDUE: _("%(about)s，%(day)s已经过了。请验收放行，或者写明原因延长。") % words,
        Kind.AID: _("%(about)s，请在%(day)s前联系，看能帮什么。") % words,
    }
    return lines[Kind(notice.kind)]
