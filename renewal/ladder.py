"""The ladder of reminders (催告): two messages, a call, a visit, then a person decides.

Each rung is taken once and recorded; the days stand in periods.yaml. Silence ends nothing: the last
rung puts the household on somebody's list and nothing else. Who answers leaves the ladder.
"""

from collections.abc import Callable
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from accounts.roles import Role
from allocation.leases import renewing
from allocation.models import Lease
from applications import periods, permissions
from core import audit, clock, locks
from core.notices import Template, tell
from core.workflow import Refusal
from renewal import states
from renewal.models import ContactTask, HouseholdQuestion, Recheck, RecheckReminder

Step, About = RecheckReminder.Step, ContactTask.About
SYSTEM = audit.System("复核提醒")
RUNGS = (
    (Step.FIRST, "recheck_remind_first"),
    (Step.SECOND, "recheck_remind_second"),
    (Step.CALL, "recheck_call"),
    (Step.VISIT, "recheck_visit"),
    (Step.PERSON, "recheck_person"),
)
_SWEPT = 200
_A_DAY = timedelta(days=1)

REMINDED = Template(
    "recheck_reminded",
    gettext_lazy("年度复核还有问题等您回答"),
    gettext_lazy(
        "今年复核还差{n}个问题，大约1分钟。不方便在手机上答，可以打0574-12345或到窗口，"
        "由工作人员代填。没有答复，我们会打电话或上门联系您，不会因此终止保障。"
    ),
    gettext_lazy(
        "您家的年度复核还有问题等您回答，可以打0574-12345或到窗口。"
        "我们不会在短信里要您转账或点链接。"
    ),
)


class ContactRefused(Refusal):
    """The call or visit cannot be written down like this."""


# -- The rungs ---------------------------------------------------------------------------------


def climb(today: date, limit: int = _SWEPT) -> int:
    """Takes every rung that is due; returns how many. Safe to repeat and to run twice at once."""
    return sum(_climb(pk, today) for pk in _due(today, limit))


def unanswered() -> QuerySet[Recheck]:
    """Households with something left to answer, in a re-check that waits for them."""
    open_ = HouseholdQuestion.objects.filter(recheck=OuterRef("pk"), state=states.Q_OPEN)
    return Recheck.objects.filter(Exists(open_), state=states.K_QUESTION)


def for_a_person() -> QuerySet[Recheck]:
    """Households of whom every rung brought no answer: a person decides, and may go on asking."""
    last = RecheckReminder.objects.filter(recheck=OuterRef("pk"), step=Step.PERSON)
    return unanswered().filter(Exists(last)).order_by("pk")


def next_rung(row: Recheck, today: date) -> str:
    """The first rung that is due and not taken yet; "" where none is."""
    taken = {one.step: one.at for one in row.reminders.all()}
    asked = taken.get(Step.ASKED)
    if asked is None:
        return ""
    start = asked.astimezone(clock.LOCAL).date()
    for step, period in RUNGS:
        if step not in taken:
            return str(step) if periods.of(period).after(start) <= today else ""
    return ""


def _due(today: date, limit: int) -> list[int]:
    """Re-checks of which a rung is due and not taken; which one is read under the lock."""
    found: list[int] = []
    for step, period in RUNGS:
        since = clock.local_midnight(_last_start(today, period) + _A_DAY)
        told = RecheckReminder.objects.filter(recheck=OuterRef("pk"), step=Step.ASKED)
        taken = RecheckReminder.objects.filter(recheck=OuterRef("pk"), step=step)
        rows = unanswered().filter(Exists(told.filter(at__lt=since)), ~Exists(taken))
        found += rows.order_by("pk").values_list("pk", flat=True)[:limit]
    return list(dict.fromkeys(found))


def _climb(pk: int, today: date) -> int:
    with transaction.atomic():
        row = locks.fresh(Recheck.objects.get(pk=pk))
        open_ = row.questions.filter(state=states.Q_OPEN).count()
        if row.state != states.K_QUESTION or not open_:
            return 0
        step = next_rung(row, today)
        if not step:
            return 0
        RecheckReminder.objects.create(recheck=row, step=step, at=clock.now())
        audit.record("recheck.reminded", by=SYSTEM, thing=row, step=step)
        _TAKE[step](row, open_, today)
        return 1


def _message(row: Recheck, count: int, today: date) -> None:
    applicant = row.lease.application.applicant
    tell(
        applicant.id_index, REMINDED, by=SYSTEM, case_no=row.case_no, phone=applicant.phone or "",
        n=count,
    )  # fmt: skip


def _task(kind: str) -> Callable[[Recheck, int, date], None]:
    def make(row: Recheck, count: int, today: date) -> None:
        open_task(row.lease, kind=kind, about=About.QUESTIONS, today=today, recheck=row)

    return make


def _nothing(row: Recheck, count: int, today: date) -> None:
    """The list of those for a person reads the rung itself."""


_TAKE: dict[str, Callable[[Recheck, int, date], None]] = {
    Step.FIRST: _message,
    Step.SECOND: _message,
    Step.CALL: _task(ContactTask.Kind.CALL),
    Step.VISIT: _task(ContactTask.Kind.VISIT),
    Step.PERSON: _nothing,
}


# -- Renewals of which nothing was heard -----------------------------------------------------


def call_about_renewals(today: date, limit: int = _SWEPT) -> int:
    """A call, then a visit, where a lease ends soon and no renewal was asked for; returns how many
    are new. Nothing else follows: the lease stays as it is."""
    made = 0
    for name, kind in (("renewal_call", "call"), ("renewal_visit", "visit")):
        until = periods.of(name).after(today)
        known = ContactTask.objects.filter(lease=OuterRef("pk"), about=About.RENEWAL, kind=kind)
        rows = renewing.ending_by(until).exclude(requests__kind="renewal").filter(~Exists(known))
        for lease in rows.select_related("application")[:limit]:
            made += open_task(lease, kind=kind, about=About.RENEWAL, today=today)
    return made


# -- Calls and visits --------------------------------------------------------------------------


def open_task(
    lease: Lease, *, kind: str, about: str, today: date, recheck: Recheck | None = None
) -> bool:
    """Puts a call or a visit on the street's list, once; False where it stood there."""
    try:
        with transaction.atomic():
            task = ContactTask.objects.create(
                lease=lease, recheck=recheck, about=about, kind=kind,
                street=lease.application.street, opened_at=clock.now(),
                due_on=periods.of(f"contact_{kind}").after(today),
            )  # fmt: skip
            audit.record("contact.opened", by=SYSTEM, thing=task, kind=kind, about=about)
            return True
    except IntegrityError:
        return False


def visible_to(staff: Staff) -> QuerySet[ContactTask]:
    """A street sees its own, the district all."""
    rows = ContactTask.objects.select_related("lease__application", "lease__home", "recheck")
    roles = set(staff.roles)
    if roles & {Role.DISTRICT, Role.ADMIN, Role.LEADER}:
        return rows
    return rows.filter(street=staff.bureau_id) if Role.STREET in roles else rows.none()


def done(task: ContactTask, *, by: Staff, outcome: str, note: str) -> ContactTask:
    """What came of a call or a visit, in words. Raises ContactRefused."""
    with transaction.atomic():
        row = locks.fresh(task)
        if why := why_not_done(row, by):
            raise ContactRefused(why)
        if outcome not in (ContactTask.Outcome.REACHED, ContactTask.Outcome.HELP,
                           ContactTask.Outcome.NOBODY):  # fmt: skip
            raise ContactRefused(_("请选择联系的结果。"), "outcome")
        if not note.strip():
            raise ContactRefused(_("请写一句联系的情况。"), "note")
        row.outcome, row.note = outcome, note.strip()[:1000]
        row.done_at, row.done_by = clock.now(), by
        row.save(update_fields=["outcome", "note", "done_at", "done_by"])
        audit.record("contact.done", by=by.user, thing=row, outcome=outcome)
        return row


def why_not_done(task: ContactTask, staff: Staff) -> str:
    """Why this person may not close the task."""
    if task.outcome:
        return _("这项联系已经办好。")
    if not visible_to(staff).filter(pk=task.pk).exists():
        return _("这一户由所在的镇街联系。")
    return permissions.why_not_free(staff, task.lease.application)


def close_needless() -> int:
    """Takes off the list whom nobody needs to call any more: answered, or asked for; how many."""
    answered = Q(about=About.QUESTIONS) & ~Exists(
        unanswered().filter(pk=OuterRef("recheck")).values("pk")
    )
    asked = Q(about=About.RENEWAL) & Q(lease__requests__kind="renewal")
    rows = ContactTask.objects.filter(Q(outcome="") & (answered | asked)).distinct()
    return sum(_close(pk) for pk in list(rows.values_list("pk", flat=True)[:_SWEPT]))


def _close(pk: int) -> bool:
    with transaction.atomic():
        row = locks.fresh(ContactTask.objects.get(pk=pk))
        if row.outcome:
            return False
        row.outcome, row.done_at = ContactTask.Outcome.NOT_NEEDED, clock.now()
        row.save(update_fields=["outcome", "done_at"])
        return True


def _last_start(today: date, period: str) -> date:
    """The latest day on which a period can have begun that is over by today."""
    day, length = today, periods.of(period)
    while length.after(day) > today:
        day -= _A_DAY
    return day
