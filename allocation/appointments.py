"""Appointments at the kiosk (预约) and the six digits that open a household's result (摇号码).

Only a keyed hash of the code is kept beside the appointment. The code itself stands in the notice
to the household, never with a name, and can be drawn anew at a window or by the attendant.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from allocation import slots, states
from allocation.models import Appointment, Entrant, Round
from applications import authority, mandates
from applications.models import Mandate, Member
from core import audit, clock, display, locks, workdays
from core.identity import ciphers
from core.notices import Template, tell
from core.workflow import Refusal

SYSTEM = audit.System("配租")
TRIES = 5
LOCKED_FOR = timedelta(minutes=30)

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


@dataclass(frozen=True)
class Opened:
    """Whose entry was opened, and by which mandate if the person is not of the household."""

    entrant: Entrant
    mandate: Mandate | None = None


def book_all(
    round_: Round,
    entrants: list[Entrant],
    *,
    by: Any,
    chance: Callable[[int], bytes] = secrets.token_bytes,
) -> list[Appointment]:
    """A time at a machine for every household of a frozen roster, after the public event."""
    event = round_.entropy_at.astimezone(clock.LOCAL).date()
    dealt = slots.deal(workdays.add_workdays(event, 1), len(entrants))
    return [
        book(entrant, place=place, starts_at=starts_at, seat=seat, by=by, chance=chance)
        for entrant, (place, starts_at, seat) in zip(entrants, dealt, strict=True)
    ]


def book(
    entrant: Entrant,
    *,
    place: str,
    starts_at: datetime,
    seat: int,
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
            seat=seat,
            code_index=_index(entrant.round, code),
        )
        applicant = entrant.application.applicant
        tell(
            applicant.id_index, BOOKED, by=by, case_no=entrant.case_no,
            phone=applicant.phone or "", ticket=entrant.ticket, code=code, place=place,
            slot=starts_at,
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
    """The entry that this person may open with the code typed. Raises CodeRefused."""
    return open_entry(person_index, code, by=by).entrant


def open_entry(person_index: str, code: str, *, by: Any) -> Opened:
    """The entry of the household to which an adult belongs, or for which a mandate lets them act.

    Wrong codes are counted even though they are refused; the sentence does not tell a stranger
    from a wrong code. Raises CodeRefused.
    """
    with transaction.atomic():
        found = _open(person_index, code, by)
    if isinstance(found, Opened):
        return found
    raise CodeRefused(_refusal(found), field="code")


def of_adult(person_index: str) -> Appointment | None:
    """The newest appointment of the household, for those of its members who are of age."""
    row = of_person(person_index)
    if row is None:
        return None
    member = Member.objects.filter(
        application=row.entrant.application, id_index=person_index, excluded=False
    ).first()
    adult = member is not None and authority.is_adult(member, clock.today())
    return row if adult else None


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


def _open(person_index: str, code: str, by: Any) -> Opened | list[Appointment]:
    """What the code opens; else every appointment on which it was counted as wrong."""
    found = _candidates(person_index)
    rows = {row.pk: row for row in sorted((one for one, _m in found), key=lambda one: one.pk)}
    rows = {pk: locks.fresh(row) for pk, row in rows.items()}
    for row, mandate in found:
        if _fits(rows[row.pk], code):
            _came(rows[row.pk], mandate, by)
            return Opened(rows[row.pk].entrant, mandate)
    for one in rows.values():
        _count_failure(one, by)
    return list(rows.values())


def _candidates(person_index: str) -> list[tuple[Appointment, Mandate | None]]:
    """The person's own household first, then those for whom a mandate in force lets them act."""
    own = of_adult(person_index)
    found: list[tuple[Appointment, Mandate | None]] = [(own, None)] if own else []
    today = clock.today()
    for mandate in Mandate.objects.standing().filter(helper_index=person_index):
        row = of_person(mandate.principal_index)
        if row is not None and mandates.allows(mandate, Mandate.Scope.FOLLOW, today):
            found.append((row, mandate))
    return found


def _fits(row: Appointment, code: str) -> bool:
    if row.locked_until and clock.now() < row.locked_until:
        return False
    return secrets.compare_digest(row.code_index, _index(row.entrant.round, code))


def _came(row: Appointment, mandate: Mandate | None, by: Any) -> None:
    row.failures, row.locked_until = 0, None
    note_came(row)
    row.save(update_fields=["failures", "locked_until", "came_at"])
    audit.record(
        "kiosk.identified", by=by, thing=row, case_no=row.entrant.case_no,
        mandate=mandate.pk if mandate else None,
    )  # fmt: skip


def note_came(row: Appointment) -> None:
    """Notes, unsaved, that the household stood before a machine while its result was out."""
    if row.came_at is None and row.entrant.round.state != states.R_FROZEN:
        row.came_at = clock.now()


def _count_failure(row: Appointment, by: Any) -> None:
    now = clock.now()
    if row.locked_until and now < row.locked_until:
        return
    row.failures += 1
    if row.failures >= TRIES:
        row.failures, row.locked_until = 0, now + LOCKED_FOR
    row.save(update_fields=["failures", "locked_until"])
    audit.record("kiosk.wrong_code", by=by, thing=row, case_no=row.entrant.case_no)


def _refusal(rows: list[Appointment]) -> Any:
    locked = [row.locked_until for row in rows if row.locked_until]
    if any(clock.now() < until for until in locked):
        return _(
            "试的次数多了，%(time)s以后可以再试。现在就要办：请按「请工作人员帮忙」，"
            "核对身份证后马上可以打开，也可以换一个新的摇号码。"
        ) % {"time": display.clock_time(max(locked))}
    return _("证件号码或摇号码有一处不对，请对照预约通知再看一遍，或者按「请工作人员帮忙」。")


def _index(round_: Round, code: str) -> str:
    return ciphers.blind_index(f"{round_.code}:{code.strip()}", kind="draw_code")


def _draw(chance: Callable[[int], bytes]) -> str:
    return f"{int.from_bytes(chance(8)) % 10**6:06d}"
