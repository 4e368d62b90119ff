"""Visits at home (入户核实): ordered at a desk, made by two people of the street, told as seen.

A visit decides nothing. Where it differs from what was declared, a person looks into it; where
nobody is at home, attempts are counted, a note is left and somebody calls: never a refusal. The
phone may be offline for hours, so that the key of a form is made before it is sent, and whatever
arrives twice is one visit.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from accounts.roles import Role
from applications import conflicts, letters, periods, permissions, staff_notices, states
from applications.models import Application, ReviewTask, Visit, VisitCall, VisitOrder
from applications.models.review import Stage
from core import audit, clock, display, locks, notices
from core.refusals import Refusal

Outcome = Visit.Outcome
OPEN_TASK = (states.TASK_OPEN, states.TASK_CLAIMED)
VISITORS = (Role.STREET,)
MANY = 99  # households that the queue counts; beyond it says 99 and more
ORDERERS = (Role.STREET, Role.REVIEWER, Role.DISTRICT)

MISSED = notices.Template(
    "visit.missed",
    gettext_lazy("上门没有遇到您家的人"),
    gettext_lazy(
        "{street}的工作人员{n}次上门核实，都没有遇到您家的人。这不影响您的申请。"
        "请在{due}前打电话到{office_phone}约个时间；没有打来，我们会打给您。"
    ),
    sms=gettext_lazy(
        "上门{n}次没有遇到您，申请不受影响，请在{due_short}前来电约时间。"
        "我们不会在短信里要您转账或点链接"
    ),
)


class VisitRefused(Refusal):
    """Not for this person, not now, or not complete."""


class VisitConflict(VisitRefused):
    """The errand is over: done by a colleague, or the case went on. It may be kept beside."""


@dataclass(frozen=True)
class Told:
    """What the two people write down at the door; areas in square metres, rent in yuan a month."""

    outcome: str
    companion: str
    met: str = ""
    met_name: str = ""
    lived_in: str = ""
    persons: int | None = None
    area: Decimal | None = None
    rent: Decimal | None = None
    condition: str = ""
    differs: str = ""
    remarks: str = ""
    signature: str = ""

    @property
    def digest(self) -> str:
        """SHA-256 of the content: the same form again, or another one under the same key."""
        text = json.dumps(asdict(self), default=str, ensure_ascii=False, sort_keys=True)
        return sha256(text.encode()).hexdigest()


# -- Who may ---------------------------------------------------------------------------------------


def why_not_order(application: Application, staff: Staff) -> str:
    """Why this person may not ask for a visit."""
    if not set(ORDERERS) & set(staff.roles):
        return _("您的岗位不办理这一步。需要的话，请联系本单位的系统管理员。")
    if why := _why_not_alive(application):
        return why
    if application.street_id is None:
        return _("这个办件还没有镇街，没有人可以上门。")
    if not permissions.applications_visible_to(staff).filter(pk=application.pk).exists():
        return _("这个办件由别的单位办理。")
    return permissions.why_not_free(staff, application)


def why_not_visit(application: Application, staff: Staff) -> str:
    """Why this person may not visit the household, whatever errand there is."""
    if not set(VISITORS) & set(staff.roles):
        return _("上门核实由镇街初审人员办理。")
    if application.street_id != staff.bureau_id:
        street = application.street.name if application.street else letters.OFFICE
        return _("这一户由%(street)s上门核实。") % {"street": street}
    return _why_not_alive(application) or permissions.why_not_free(staff, application)


def _why_not_alive(application: Application) -> str:
    if application.accepted_at is None or not application.is_open:
        return _("这个办件现在的状态是「%(state)s」，不用上门核实。") % {
            "state": application.STATES[application.state].tag
        }
    return ""


def to_visit(staff: Staff) -> QuerySet[Application]:
    """Households of this street that wait for a visit: ordered, or at the street's review."""
    if not set(VISITORS) & set(staff.roles):
        return Application.objects.none()
    tasks = _unvisited().filter(application=OuterRef("pk"))
    orders = VisitOrder.objects.filter(application=OuterRef("pk"), done_at=None)
    return _of_street(staff).filter(Q(Exists(tasks)) | Q(Exists(orders)))


def how_many(staff: Staff) -> int:
    """Of those households the number up to ``MANY`` and one: a count for a line of the queue.

    Each side is read from its own few first rows, however many the street has.
    """
    if not set(VISITORS) & set(staff.roles):
        return 0
    cases = _of_street(staff)
    found: set[int] = set()
    for errands in (_unvisited().filter(bureau_id=staff.bureau_id),
                    VisitOrder.objects.filter(done_at=None)):  # fmt: skip
        mine = errands.filter(application__in=cases).values_list("application_id", flat=True)
        found.update(mine.order_by()[: MANY + 1])
    return min(len(found), MANY + 1)


def _of_street(staff: Staff) -> QuerySet[Application]:
    rows = Application.objects.in_progress().filter(
        street_id=staff.bureau_id, accepted_at__isnull=False
    )
    return conflicts.free_of(staff, rows, "pk")


def _unvisited() -> QuerySet[ReviewTask]:
    """The street's open reviews for which nobody of the household has been met."""
    met = Visit.objects.exclude(outcome=Outcome.NOBODY)
    open_ones = ReviewTask.objects.filter(stage=Stage.STREET, state__in=OPEN_TASK)
    return open_ones.exclude(Exists(met.filter(task=OuterRef("pk"))))


def calls_of(staff: Staff) -> QuerySet[VisitCall]:
    """Calls that this street has to make, the earliest day first."""
    rows = VisitCall.objects.filter(done_at=None, application__street_id=staff.bureau_id)
    return rows.select_related("application").order_by("due_on", "pk")


def of_case(application: Application) -> list[Visit]:
    """Every visit of a case, oldest first."""
    return list(application.home_visits.select_related("by__bureau", "order__ordered_by"))


# -- Verbs -----------------------------------------------------------------------------------------


def order(application: Application, *, by: Staff, reason: str) -> VisitOrder:
    """Asks the street to go and look. Raises VisitRefused."""
    with transaction.atomic():
        row = locks.fresh(application)
        if why := why_not_order(row, by):
            raise VisitRefused(why)
        if not reason.strip():
            raise VisitRefused(_("请写明要上门看什么，上门的人会看到。"), "reason")
        if _open_order(row) is not None:
            raise VisitRefused(_("这一户已经安排了上门核实，上门的人会看到您同事写的事项。"))
        made = VisitOrder.objects.create(
            application=row, reason=reason.strip()[:500], ordered_by=by, ordered_at=clock.now()
        )
        audit.record("visit.ordered", by=by.user, thing=made, case_no=row.case_no or "")
        staff_notices.visit_ordered(row, made, by=by.user)
        return made


def record(
    application: Application,
    *,
    by: Staff,
    key: UUID,
    told: Told,
    ago: timedelta = timedelta(0),
    again: bool = False,
) -> Visit:
    """Keeps one visit; the same key again is the visit that stands there.

    ``ago`` is how long before now the form was filled in; ``again`` keeps it beside a colleague's.
    Raises VisitConflict, VisitRefused.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        if (known := Visit.objects.filter(key=key).first()) is not None:
            return _the_same(known, row, told, by)
        if why := why_not_visit(row, by):
            raise VisitRefused(why)
        _refuse_incomplete(told, by)
        wanted, task = _errand(row)
        if (why := _why_over(row, wanted, task)) and not again:
            raise VisitConflict(why)
        made = _keep(row, by, key, told, _moment(row, ago), wanted, task, second=bool(why))
        if made.nobody:
            _after_nobody(row, made, by)
        elif wanted is not None:
            wanted.done_at = clock.now()
            wanted.save(update_fields=["done_at"])
        return made


def called(call: VisitCall, *, by: Staff, reached: bool, text: str) -> VisitCall:
    """A person has called the family; the visit stays on the list. Raises VisitRefused."""
    with transaction.atomic():
        application = locks.fresh(call.application)
        row = locks.fresh(call)
        if why := why_not_call(row, by):
            raise VisitRefused(why)
        if not text.strip():
            raise VisitRefused(_("请写明约了什么时间，或者为什么没有打通。"), "text")
        row.done_at, row.done_by = clock.now(), by
        row.reached, row.text = reached, text.strip()[:500]
        row.save(update_fields=["done_at", "done_by", "reached", "text"])
        audit.record(
            "visit.called", by=by.user, thing=row, case_no=application.case_no or "",
            reached=reached,
        )  # fmt: skip
        return row


def why_not_call(call: VisitCall, staff: Staff) -> str:
    """Why this person may not answer this call."""
    if call.done_at is not None:
        return _("这个电话已经由同事打过。")
    return why_not_visit(call.application, staff)


def why_not_unanswered(application: Application, text: str) -> str:
    """What the street must say in its opinion: how a difference seen at the door is explained."""
    last = application.home_visits.exclude(outcome=Outcome.NOBODY).order_by("-visited_at").first()
    if last is None or last.outcome != Outcome.DIFFERS or text.strip():
        return ""
    return _("上门看到的和申报有不同，请在意见里写明怎么核实的。")


def leave(application: Application) -> None:
    """The case ended elsewhere: nobody has to go or to call any more."""
    now = clock.now()
    application.visit_orders.filter(done_at=None).update(done_at=now)


# -- Parts -----------------------------------------------------------------------------------------


def _the_same(known: Visit, application: Application, told: Told, by: Staff) -> Visit:
    """The visit that this key stands for; another form under it is told, not swallowed."""
    if known.application_id != application.pk or known.by_id != by.pk:
        raise VisitRefused(_("这份记录的编号已经用过，请重新填写。"))
    if known.digest != told.digest:
        raise VisitConflict(
            _("这次上门已经从另一个页面发送过，内容和这一份不同。先看已经收到的那一份。")
        )
    return known


def _open_order(application: Application) -> VisitOrder | None:
    return application.visit_orders.filter(done_at=None).first()


def _errand(application: Application) -> tuple[VisitOrder | None, ReviewTask | None]:
    """What the visit is for: an open order goes before the street's own review."""
    if (wanted := _open_order(application)) is not None:
        return wanted, None
    tasks = application.tasks.filter(stage=Stage.STREET, state__in=OPEN_TASK)
    return None, tasks.order_by("-round").first()


def _why_over(application: Application, wanted: VisitOrder | None, task: ReviewTask | None) -> str:
    """Why there is nothing to visit for any more; '' if there is."""
    if wanted is not None:
        return ""
    met = application.home_visits.exclude(outcome=Outcome.NOBODY).select_related("by")
    done = (met.filter(task=task) if task else met).order_by("-recorded_at").first()
    if done is not None:
        return _("%(who)s已于%(time)s上门核实过这一户。") % {
            "who": done.by.name,
            "time": display.day_time(done.visited_at),
        }
    if task is None:
        return _("办件已经到「%(state)s」，这一户不再等上门核实。") % {
            "state": application.STATES[application.state].tag
        }
    return ""


def _refuse_incomplete(told: Told, by: Staff) -> None:
    companion = told.companion.strip()
    if not companion:
        raise VisitRefused(_("上门核实要两个人，请写明同行人。"), "companion")
    if companion == by.name:
        raise VisitRefused(_("同行人要写另一位，不是您自己。"), "companion")
    if told.outcome not in Outcome.values:
        raise VisitRefused(_("请选择上门的结果。"), "outcome")
    if told.outcome == Outcome.NOBODY:
        return
    if told.met not in Visit.Met.values:
        raise VisitRefused(_("请选择见到了谁。"), "met")
    if told.lived_in not in Visit.Lived.values:
        raise VisitRefused(_("请选择是不是住在这里。"), "lived_in")
    if told.outcome == Outcome.DIFFERS and not told.differs.strip():
        raise VisitRefused(_("请写明哪里不同，以您看到的为准，不写结论。"), "differs")


def _moment(application: Application, ago: timedelta) -> datetime:
    """When it was: never in the future, never before the case was accepted."""
    now = clock.now()
    told = now - max(ago, timedelta(0))
    return max(told, application.accepted_at or told)


def _keep(
    application: Application,
    by: Staff,
    key: UUID,
    told: Told,
    moment: datetime,
    wanted: VisitOrder | None,
    task: ReviewTask | None,
    *,
    second: bool,
) -> Visit:
    content = asdict(told)
    attempt = None
    if told.outcome == Outcome.NOBODY:
        attempt = application.home_visits.filter(outcome=Outcome.NOBODY).count() + 1
        seen = ("met", "met_name", "lived_in", "condition", "differs", "signature")
        content |= dict.fromkeys(seen, "") | dict.fromkeys(("persons", "area", "rent"))
    elif told.outcome == Outcome.AS_DECLARED:
        content["differs"] = ""
    made = Visit.objects.create(
        key=key, digest=told.digest, application=application, order=wanted, task=task, by=by,
        second=second, visited_at=moment, recorded_at=clock.now(), attempt=attempt,
        **{**content, "companion": told.companion.strip()[:60]},
    )  # fmt: skip
    audit.record(
        "visit.recorded", by=by.user, thing=made, case_no=application.case_no or "",
        outcome=told.outcome, attempt=attempt, second=second,
    )  # fmt: skip
    subjects = application.members.values_list("id_index", flat=True)
    audit.looked(
        made, by=by.user, purpose=_("入户核实"), case_no=application.case_no or "",
        subjects=subjects,
    )  # fmt: skip
    return made


def _after_nobody(application: Application, made: Visit, by: Staff) -> None:
    """So many times nobody: the family is told, and a person has to call."""
    most = periods.of("visit_attempts").value
    if made.attempt is None or made.attempt % most:
        return
    due = periods.of("visit_call").after(clock.today())
    call, new = VisitCall.objects.get_or_create(
        application=application, done_at=None,
        defaults={"opened_at": clock.now(), "due_on": due},
    )  # fmt: skip
    if not new:
        return
    audit.record("visit.call", by=by.user, thing=call, case_no=application.case_no or "", due=due)
    applicant = application.applicant
    notices.tell(
        applicant.id_index, MISSED, by=by.user, case_no=application.case_no or "",
        phone=applicant.phone or "", n=made.attempt, due=due, due_short=display.day_short(due),
        street=application.street.name if application.street else letters.OFFICE,
        office_phone=letters.PHONE,
    )  # fmt: skip
