"""The fifteenth working day of a check before allotment (令11号 §12), and what comes round it.

Before it the person in charge is reminded, by a line on their desk; past it the check stands on the
leaders' board and the household hears that it is late. No day ever ends or refuses anything.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from allocation import states
from allocation.models import ReReview, Round
from allocation.re_reviews import UNDECIDED
from applications import periods
from applications import states as application_states
from core import audit, clock, display, locks
from core.notices import Template, tell

SYSTEM = audit.System("配租前核对")
_AT_ONCE = 500

LATE = Template(
    "round_review_late",
    _("配租前核对比规定的日期晚"),
    _(
        "{title}：您家的配租前核对没有在{due}前完成，我们已经督办。这不是结论，现在不用您办理；"
        "到定名单还没有结果的，这一轮暂不参加，轮候位置不变。"
    ),
)


def remind_due() -> tuple[int, int]:
    """Reminds of checks whose day is near, escalates those past it; returns how many of each.

    Each is done once for a check; harmless to repeat.
    """
    soon = open_ones().filter(reminded_at=None, due_on__lte=_soon())
    late = past().filter(escalated_at=None)
    reminded = sum(_remind(row) for row in soon[:_AT_ONCE])
    return reminded, sum(_escalate(row) for row in late[:_AT_ONCE])


def open_ones() -> QuerySet[ReReview]:
    """Checks under way, the nearest day first."""
    rows = ReReview.objects.filter(
        state__in=UNDECIDED,
        round__state=states.R_PLANNED,
        application__state=application_states.RE_REVIEW,
    )
    return rows.select_related("round", "application").order_by("due_on", "pk")


def near() -> QuerySet[ReReview]:
    """Those of which the person in charge is reminded: the day is near and has not passed."""
    return open_ones().filter(due_on__lte=_soon(), due_on__gte=clock.today())


def past() -> QuerySet[ReReview]:
    """Those past their day."""
    return open_ones().filter(due_on__lt=clock.today())


def in_charge(round_: Round) -> str:
    """Who answers for the checks of a round: whoever published it, by name."""
    staff = round_.created_by.as_staff
    return staff.name if staff is not None else ""


def _soon() -> object:
    return periods.of("re_review_reminder").after(clock.today())


def _remind(found: ReReview) -> bool:
    with transaction.atomic():
        row = locks.fresh(found)
        if row.reminded_at is not None or row.state not in UNDECIDED:
            return False
        row.reminded_at = clock.now()
        row.save(update_fields=["reminded_at"])
        _record("re_review.reminded", row)
        return True


def _escalate(found: ReReview) -> bool:
    with transaction.atomic():
        row = locks.fresh(found)
        if row.escalated_at is not None or row.state not in UNDECIDED:
            return False
        row.escalated_at = clock.now()
        row.save(update_fields=["escalated_at"])
        _record("re_review.escalated", row)
        applicant, due = row.application.applicant, row.due_on
        tell(
            applicant.id_index, LATE, by=SYSTEM, case_no=row.case_no, phone=applicant.phone or "",
            title=row.round.title, due=lambda: display.day(due),
        )  # fmt: skip
        return True


def _record(verb: str, row: ReReview) -> None:
    audit.record(
        verb, by=SYSTEM, thing=row, case_no=row.case_no, due=row.due_on,
        owner=in_charge(row.round),
    )  # fmt: skip
