"""看房: the household books a time to see its home, the operating company says when.

The time to choose runs on. It is extended by policy, once, only where the company was asked early
enough and could offer no time before the last day.
"""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allocation import offering, states
from allocation.models import Offer, Viewing
from applications import periods
from core import audit, clock, locks, workdays
from core.notices import Template
from core.workflow import Refusal, advance

CONFIRMED = Template(
    "viewing_confirmed",
    gettext_lazy("看房时间定了"),
    gettext_lazy("看{home}的时间是{at}，{meet}。请带号牌；选房期限到{due}。"),
    gettext_lazy("您家的看房时间定了，请看浙里办消息。我们不会在短信里要您转账或点链接。"),
)
NONE = Template(
    "viewing_none",
    gettext_lazy("这次约不上看房"),
    gettext_lazy("运营公司没能给您家安排看{home}的时间，因为：{reason}。选房期限到{due}。"),
)


class ViewingRefused(Refusal):
    """The viewing cannot be booked or answered like this."""


def ask(offer: Offer, *, by: Any, wanted_on: date, part: str) -> Viewing:
    """Books a viewing on a working day before the time to choose is over."""
    with transaction.atomic():
        row = locks.fresh(offer)
        offering.refuse_unless_answerable(row)
        if row.viewings.filter(state__in=states.VIEWING.open_ids).exists():
            raise ViewingRefused(_("已经约过看房，要改时间请先取消。"))
        _refuse_day(row, wanted_on)
        made = Viewing.objects.create(
            offer=row, wanted_on=wanted_on, part=part, asked_at=clock.now(),
            state_since=clock.now(),
        )  # fmt: skip
        audit.record("viewing.asked", by=by, thing=made, case_no=row.case_no)
        return made


def confirm(viewing: Viewing, *, by: Any, at: datetime, meet: str) -> Viewing:
    """The company sets the time; one after the last day extends the time to choose."""
    with transaction.atomic():
        offer, row = _locked(viewing)
        _refuse_unless_asked(row)
        if at <= clock.now():
            raise ViewingRefused(_("这个时间已经过去了。"), "at")
        if not meet.strip():
            raise ViewingRefused(_("请写明在哪里见面、找谁。"), "meet")
        if at >= offer.due_at and not offering.extend(
            offer, start=at.astimezone(clock.LOCAL).date(), by=by
        ):
            raise ViewingRefused(_("选房期限已经延长过一次，请定在期限之前。"), "at")
        row.at, row.meet, row.answered_by = at, meet.strip()[:100], audit.label(by)[:80]
        row.save(update_fields=["at", "meet", "answered_by"])
        row = advance(row, states.V_CONFIRMED, by=by)
        offering.about(offer, CONFIRMED, home=offer.home.code, at=at, meet=row.meet)
        return row


def cannot(viewing: Viewing, *, by: Any, reason: str) -> Viewing:
    """The company can offer no time: the time to choose is extended by the policy's days."""
    with transaction.atomic():
        offer, row = _locked(viewing)
        if not row.STATES.allows(row.state, states.V_NONE):
            raise ViewingRefused(_("这次看房已经取消。"))
        if not reason.strip():
            raise ViewingRefused(_("请写明为什么安排不上，家庭会看到。"), "reason")
        row.reason, row.answered_by = reason.strip()[:200], audit.label(by)[:80]
        row.save(update_fields=["reason", "answered_by"])
        row = advance(row, states.V_NONE, by=by)
        offering.extend(offer, start=clock.today(), by=by)
        offering.about(offer, NONE, home=offer.home.code, reason=row.reason)
        return row


def withdraw(viewing: Viewing, *, by: Any) -> Viewing:
    """The household cancels; it may book another time."""
    with transaction.atomic():
        row = _locked(viewing)[1]
        if row.state == states.V_WITHDRAWN:
            return row
        return advance(row, states.V_WITHDRAWN, by=by)


def extend_if_owed(offer: Offer) -> bool:
    """Extends a locked offer whose wish to view nobody answered, instead of letting it lapse."""
    row = offer.viewings.filter(state=states.V_ASKED).first()
    if row is None or not _in_good_time(row, offer):
        return False
    return offering.extend(offer, start=clock.today(), by=offering.SYSTEM)


def current(offer: Offer) -> Viewing | None:
    """The viewing that a household's page shows."""
    return offer.viewings.exclude(state=states.V_WITHDRAWN).order_by("-pk").first()


def of_operator() -> QuerySet[Viewing]:
    """What the company has to answer and whom it awaits, the oldest first."""
    rows = Viewing.objects.filter(
        state__in=states.VIEWING.open_ids, offer__state__in=states.OFFER.open_ids
    )
    return rows.select_related("offer__home__estate", "offer__entrant").order_by(
        "state", "asked_at"
    )


def _in_good_time(row: Viewing, offer: Offer) -> bool:
    """Whether the company had its days to answer before the offer's last day."""
    asked = row.asked_at.astimezone(clock.LOCAL).date()
    return periods.of("viewing_answer").after(asked) <= offering.last_day(offer)


def _refuse_day(offer: Offer, day: date) -> None:
    if not clock.today() <= day <= offering.last_day(offer):
        raise ViewingRefused(_("请选今天到选房期限之间的一天。"), "wanted_on")
    if not workdays.is_workday(day):
        raise ViewingRefused(_("这一天不上班，请选工作日。"), "wanted_on")


def _refuse_unless_asked(row: Viewing) -> None:
    if row.state != states.V_ASKED:
        raise ViewingRefused(_("这次看房已经答复或取消。"))


def _locked(viewing: Viewing) -> tuple[Offer, Viewing]:
    """The offer first, as every verb on it does."""
    return locks.fresh(viewing.offer), locks.fresh(viewing)
