"""Appointments at the kiosk (预约) and the six digits that open a household's result (摇号码).

Only a keyed hash of the code is kept beside the appointment. The code itself stands in the notice
to the household, never with a name, and can be drawn anew at a window or by the attendant.
"""

import secrets
from collections.abc import Callable, Iterator
from datetime import datetime, time, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from allocation import states
from allocation.models import Appointment, Entrant, Kiosk, Round
from core import audit, clock, display, locks, workdays
from core.identity import ciphers
from core.notices import Template, tell
from core.workflow import Refusal

SYSTEM = audit.System("配租")
FIRST, LAST = time(9), time(16, 40)  # of a working day
SLOT = timedelta(minutes=10)  # one household at a machine
TRIES = 5
LOCKED_FOR = timedelta(minutes=30)
FALLBACK_PLACE = "区行政服务中心"

BOOKED = Template(
    "appointment_booked",
    _("您家已列入摇号名单"),
    _(
        "您家的号牌是{ticket}，摇号码是{code}，请不要告诉别人。结果公布后，"
        "可以{slot}到{place}的一体机查看，也可以在手机上查看。不到场，结果不变。"
    ),
    _("您家已列入摇号名单，号牌和摇号码见浙里办消息。我们不会在短信里要您转账或点链接"),
)
REPRINTED = Template(
    "appointment_code_renewed",
    _("摇号码已更换"),
    _("您家的摇号码已更换，以前的不再有效。新的摇号码只告诉了到场的人。"),
)


class CodeRefused(Refusal):
    """The ID number and the code do not belong together, or were tried too often."""


def book_all(
    round_: Round,
    entrants: list[Entrant],
    *,
    by: Any,
    chance: Callable[[int], bytes] = secrets.token_bytes,
) -> list[Appointment]:
    """A time at a machine for every household of a frozen roster, after the public event."""
    slots = _slots(round_)
    return [
        book(entrant, place=place, starts_at=starts_at, by=by, chance=chance)
        for entrant, (place, starts_at) in zip(entrants, slots, strict=False)
    ]


def book(
    entrant: Entrant,
    *,
    place: str,
    starts_at: datetime,
    by: Any,
    chance: Callable[[int], bytes] = secrets.token_bytes,
) -> Appointment:
    """Makes the appointment and tells the household its ticket, its code and its time."""
    code = _draw(chance)
    with transaction.atomic():
        row = Appointment.objects.create(
            entrant=entrant,
            place=place,
            starts_at=starts_at,
            code_index=_index(entrant.round, code),
        )
        applicant = entrant.application.applicant
        tell(
            applicant.id_index, BOOKED, by=by, case_no=entrant.case_no,
            phone=applicant.phone or "", ticket=entrant.ticket, code=code, place=place,
            slot=display.day_time(starts_at),
        )  # fmt: skip
        return row


def renew_code(appointment: Appointment, *, by: Any) -> str:
    """A new code for a household that stands before a person with its ID card; returned once."""
    code = _draw(secrets.token_bytes)
    with transaction.atomic():
        row = locks.fresh(appointment)
        row.code_index = _index(row.entrant.round, code)
        row.failures, row.locked_until = 0, None
        row.reprints += 1
        row.save(update_fields=["code_index", "failures", "locked_until", "reprints"])
        applicant = row.entrant.application.applicant
        tell(applicant.id_index, REPRINTED, by=by, case_no=row.entrant.case_no)
        audit.record(
            "appointment.code_renewed", by=by, thing=row, case_no=row.entrant.case_no,
            subjects=[applicant.id_index], reprints=row.reprints,
        )  # fmt: skip
    return code


def identify(person_index: str, code: str, *, by: Any) -> Entrant:
    """The entry whose household this person belongs to and whose code was typed.

    Wrong codes are counted even though they are refused; the sentence does not tell a stranger
    from a wrong code. Raises CodeRefused.
    """
    with transaction.atomic():
        row = _appointment_of(person_index)
        opened = row is not None and _try(row, code, by)
    if row is None or not opened:
        raise CodeRefused(_refusal(row), field="code")
    return row.entrant


def of_person(person_index: str) -> Appointment | None:
    """The newest appointment of the household to which this person belongs."""
    return (
        Appointment.objects.filter(
            entrant__application__members__id_index=person_index,
            entrant__application__members__excluded=False,
        )
        .exclude(entrant__round__state=states.R_VOID)
        .select_related("entrant__round", "entrant__application")
        .order_by("-entrant__round__frozen_at", "-pk")
        .first()
    )


def _appointment_of(person_index: str) -> Appointment | None:
    found = of_person(person_index)
    return locks.fresh(found) if found else None


def _try(row: Appointment, code: str, by: Any) -> bool:
    now = clock.now()
    if row.locked_until and now < row.locked_until:
        return False
    if secrets.compare_digest(row.code_index, _index(row.entrant.round, code)):
        row.failures, row.locked_until = 0, None
        row.save(update_fields=["failures", "locked_until"])
        audit.record("kiosk.identified", by=by, thing=row, case_no=row.entrant.case_no)
        return True
    row.failures += 1
    if row.failures >= TRIES:
        row.failures, row.locked_until = 0, now + LOCKED_FOR
    row.save(update_fields=["failures", "locked_until"])
    audit.record("kiosk.wrong_code", by=by, thing=row, case_no=row.entrant.case_no)
    return False


def _refusal(row: Appointment | None) -> Any:
    if row is not None and row.locked_until and clock.now() < row.locked_until:
        return _("试的次数多了，请在%(time)s以后再试，或者找现场工作人员。") % {
            "time": display.clock_time(row.locked_until)
        }
    return _("证件号码或摇号码有一处不对，请对照预约通知再看一遍，或者找现场工作人员。")


def _index(round_: Round, code: str) -> str:
    return ciphers.blind_index(f"{round_.code}:{code.strip()}", kind="draw_code")


def _draw(chance: Callable[[int], bytes]) -> str:
    return f"{int.from_bytes(chance(8)) % 10**6:06d}"


def _slots(round_: Round) -> Iterator[tuple[str, datetime]]:
    """Places and times from the working day after the event on, all machines side by side."""
    places = list(
        Kiosk.objects.filter(active=True).order_by("name").values_list("place", flat=True)
    )
    day = round_.entropy_at.astimezone(clock.LOCAL).date()
    while True:
        day = workdays.add_workdays(day, 1)
        at = datetime.combine(day, FIRST, tzinfo=clock.LOCAL)
        while at.time() <= LAST:
            for place in places or [FALLBACK_PLACE]:
                yield place, at
            at += SLOT
