"""开放登记: every waiting household that a published plan is meant for is told once.

Goes in strides by key, each in a transaction of its own: a lost worker goes on where it stopped,
and nobody is told twice.
"""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from allocation import plan_table, states
from allocation.models import Round
from applications import states as application_states
from applications.models import Application
from core import audit, clock, display, locks
from core.notices import Template, tell

SYSTEM = audit.System("配租")
STRIDE = 100

OPENED = Template(
    "round_open",
    _("有新的一轮可以登记意向"),
    _("{title}：{until}以前可以登记意向，一共{homes}套房源，位置和租金见公示的配租方案。"
      "手机上或者带身份证到窗口登记都可以；不登记，轮候位置不变。"),
    _("新一轮公租房可以登记意向，{due_short}截止，手机或窗口都可以办。我们不会在短信里要您转账或点链接"),
)  # fmt: skip


def invite_due() -> int:
    """What the scheduler runs: tells for every open round whom it has not told; how many."""
    told = 0
    for row in _open_rounds():
        while (count := _stride(row)) is not None:
            told += count
    return told


def _open_rounds() -> list[Round]:
    rows = Round.objects.filter(
        state=states.R_PLANNED, published_at__isnull=False, invited_at=None,
        intention_until__gte=clock.today(),
    )  # fmt: skip
    return list(rows.exclude(plan_table=[]).order_by("pk"))


def _stride(round_: Round) -> int | None:
    """Tells the next households; None once there is nobody left."""
    with transaction.atomic():
        row = locks.fresh(round_)
        if row.invited_at is not None or row.state != states.R_PLANNED:
            return None
        households = list(_meant(row).filter(pk__gt=row.invited_after)[:STRIDE])
        if not households:
            row.invited_at = clock.now()
            row.save(update_fields=["invited_at"])
            return None
        for household in households:
            _tell(row, household)
        row.invited_after = households[-1].pk
        row.save(update_fields=["invited_after"])
        return len(households)


def _meant(row: Round) -> QuerySet[Application]:
    """Waiting households of the plan's groups for whose kinds of home it has one."""
    kinds = Q()
    for kind in {one["unit_type"] for one in row.plan_table}:
        kinds |= Q(wait_entry__unit_types__contains=[kind])
    waiting = Application.objects.filter(
        kinds, state=application_states.WAITLISTED, wait_entry__isnull=False
    )
    if row.groups:
        waiting = waiting.filter(wait_entry__tier__in=row.groups)
    return waiting.order_by("pk")


def _tell(row: Round, household: Application) -> None:
    applicant = household.applicant
    tell(
        applicant.id_index, OPENED, by=SYSTEM, case_no=household.case_no or "",
        phone=applicant.phone or "", title=row.title, until=row.intention_until,
        due_short=lambda: display.day_short(row.intention_until),
        homes=plan_table.homes_count(row),
    )  # fmt: skip
