"""安排入户检查: drawn by a recorded seed, or for a reason; the household is told before.

The draw can be repeated by anybody: the numbers of the pool, sorted, are ordered by the SHA-256 of
``seed:number`` and the first ones are visited.
"""

import secrets
from collections.abc import Iterable
from datetime import date
from functools import partial
from hashlib import sha256

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from accounts.roles import Role
from allocation import states as allocation_states
from allocation.models import Lease
from applications import periods, permissions
from applications.letters import PHONE
from core import audit, clock, display, locks
from core.notices import Template, tell
from core.refusals import Refusal
from core.workflow import advance
from renewal import violation_states as states
from renewal.models import Inspection, InspectionDraw, Violation

PLANNERS = (Role.DISTRICT,)
VISITORS = (Role.STREET, Role.DISTRICT)
MOST = 500  # households of one draw
Reason = Inspection.Reason

APPOINTMENT = Template(
    "inspection_notice",
    gettext_lazy("约好上门看看"),
    gettext_lazy(
        "{day}{part}有两位工作人员到您家做入户检查，会出示工作证。时间不合适，可以拨{line}改。"
        "家里没有人不算违规。看到的情况会写下来给您看，您可以写意见。"
    ),
    gettext_lazy("{day}有工作人员上门，会出示工作证。我们不会在短信里要您转账或点链接。"),
)
CALLED_OFF = Template(
    "inspection_called_off",
    gettext_lazy("上门取消了"),
    gettext_lazy("之前约的上门取消了，不用您准备什么。"),
)


class InspectionRefused(Refusal):
    """This inspection cannot be planned, announced or dropped like this."""


def why_not_plan(staff: Staff) -> str:
    """Why this person may not choose households: the district does."""
    if not set(PLANNERS) & set(staff.roles):
        return _("入户检查由区住房保障管理中心安排。")
    return ""


def why_not_visit(inspection: Inspection, staff: Staff) -> str:
    """Why this person may not handle this inspection, whatever its state."""
    if not set(VISITORS) & set(staff.roles):
        return _("入户检查由镇街和区住房保障管理中心办理。")
    application = inspection.lease.application
    if Role.DISTRICT not in staff.roles and application.street_id != staff.bureau_id:
        return _("这一户由别的镇街上门。")
    return permissions.why_not_free(staff, application)


def visible_to(staff: Staff) -> QuerySet[Inspection]:
    """Inspections of the person's own street; all for the district."""
    rows = Inspection.objects.select_related("lease__home__estate", "lease__application__street")
    if set(staff.roles) & {Role.DISTRICT, Role.ADMIN, Role.AUDITOR, Role.LEADER}:
        return rows
    return rows.filter(lease__application__street_id=staff.bureau_id)


# -- Who is visited --------------------------------------------------------------------------------


def pool(street_id: int | None = None) -> list[str]:
    """Numbers of the leases that a draw may fall on, sorted: lived in, and not visited already."""
    open_ = Inspection.objects.filter(lease=OuterRef("pk"), state__in=states.INSPECTION.open_ids)
    rows = Lease.objects.filter(state__in=allocation_states.L_IN_FORCE).exclude(Exists(open_))
    if street_id is not None:
        rows = rows.filter(application__street_id=street_id)
    return sorted(rows.values_list("number", flat=True))


def drawn(numbers: Iterable[str], *, seed: str, size: int) -> list[str]:
    """The first ``size`` numbers in the order of the seed; the same for whoever repeats it."""
    return sorted(numbers, key=lambda one: (sha256(f"{seed}:{one}".encode()).digest(), one))[:size]


def draw(*, size: int, by: Staff, street_id: int | None = None, seed: str = "") -> InspectionDraw:
    """Chooses households at random and plans their inspections. Raises InspectionRefused."""
    if why := why_not_plan(by):
        raise InspectionRefused(why)
    if not 1 <= size <= MOST:
        raise InspectionRefused(_("一次抽1到%(n)d户。") % {"n": MOST}, "size")
    with transaction.atomic():
        locks.advisory("inspection draw")
        numbers = pool(street_id)
        if not numbers:
            raise InspectionRefused(_("没有可以抽的住户。"), "size")
        made = InspectionDraw.objects.create(
            seed=seed or secrets.token_hex(16), pool=numbers, size=min(size, len(numbers)),
            drawn_at=clock.now(), drawn_by=by,
        )  # fmt: skip
        chosen = Lease.objects.filter(number__in=drawn(numbers, seed=made.seed, size=made.size))
        now = clock.now()
        Inspection.objects.bulk_create(
            Inspection(lease=one, draw=made, reason=Reason.SAMPLE, state_since=now,
                       planned_at=now, planned_by=by)
            for one in chosen.order_by("number")
        )  # fmt: skip
        audit.record(
            "inspection.drawn", by=by.user, thing=made, seed=made.seed, size=made.size,
            pool=len(numbers),
        )  # fmt: skip
        return made


def plan(
    lease: Lease, *, reason: str, words: str, by: Staff, violation: Violation | None = None
) -> Inspection:
    """Plans one inspection for a reason. Raises InspectionRefused."""
    if why := why_not_plan(by) or permissions.why_not_free(by, lease.application):
        raise InspectionRefused(why)
    if not words.strip():
        raise InspectionRefused(_("请写明要看什么，上门的人会看到。"), "words")
    with transaction.atomic():
        row = locks.fresh(lease)
        if row.state not in allocation_states.L_IN_FORCE:
            raise InspectionRefused(_("这份租约已经结束，不用上门。"), "lease")
        if row.inspections.filter(state__in=states.INSPECTION.open_ids).exists():
            raise InspectionRefused(_("这一户已经安排了入户检查。"), "lease")
        now = clock.now()
        made = Inspection.objects.create(
            lease=row, reason=reason, words=words.strip()[:500], violation=violation,
            state_since=now, planned_at=now, planned_by=by,
        )  # fmt: skip
        audit.record("inspection.planned", by=by.user, thing=made, reason=reason)
        return made


# -- Told before -----------------------------------------------------------------------------------


def earliest(today: date) -> date:
    """The first day on which a household that is told today may be visited."""
    return periods.of("inspection_notice").after(today)


def announce(inspection: Inspection, *, on: date, part: str, by: Staff) -> Inspection:
    """Tells the household when two people come; again for another time. InspectionRefused."""
    with transaction.atomic():
        row = locks.fresh(inspection)
        if why := why_not_visit(row, by):
            raise InspectionRefused(why)
        if not row.STATES[row.state].open:
            raise InspectionRefused(_("这次检查已经结束，请刷新页面。"))
        if on < (first := earliest(clock.today())):
            raise InspectionRefused(
                _("至少提前告知，最早可以约%(day)s。") % {"day": display.day_short(first)}, "on"
            )
        if part not in Inspection.Part.values:
            raise InspectionRefused(_("请选择上午、下午还是晚上。"), "part")
        row.on, row.part = on, part
        row.announced_at, row.announced_by = clock.now(), by
        row.save(update_fields=["on", "part", "announced_at", "announced_by"])
        row = advance(row, states.N_ANNOUNCED, by=by.user)
        _tell(row, APPOINTMENT, by, day=on, part=partial(_part_word, part))
        return row


def drop(inspection: Inspection, *, reason: str, by: Staff) -> Inspection:
    """Nobody has to go any more; a household that was told hears of it."""
    with transaction.atomic():
        row = locks.fresh(inspection)
        if why := why_not_visit(row, by):
            raise InspectionRefused(why)
        if not reason.strip():
            raise InspectionRefused(_("请写明为什么不再上门。"), "reason")
        told = row.announced_at is not None
        row.closed_reason = reason.strip()[:500]
        row.save(update_fields=["closed_reason"])
        row = advance(row, states.N_DROPPED, by=by.user)
        if told:
            _tell(row, CALLED_OFF, by)
        return row


def _part_word(part: str) -> str:
    """In the language of whoever reads it."""
    return str(Inspection.Part(part).label)


def _tell(row: Inspection, template: Template, by: Staff, **values: object) -> None:
    applicant = row.lease.application.applicant
    tell(
        applicant.id_index, template, by=by.user, case_no=row.case_no,
        phone=applicant.phone or "", line=PHONE, **values,
    )  # fmt: skip
