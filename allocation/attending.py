"""现场值守: calls from machines, the attendant's sign-in at one of them, machines in one list.

The attendant signs in with password and second factor on a screen of their own. Taking a call gives
six digits, for that machine and a few minutes; typed there, they open one household's result, with
a reason, to be looked at. They never answer: that needs the household's own 摇号码.
"""

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from allocation import appointments, kiosks
from allocation.models import Entrant, HelpCall, Kiosk
from applications import looks, permissions
from core import audit, clock, locks
from core.identity import ciphers
from core.models import AuditEntry
from core.notices import Template, tell
from core.workflow import Refusal

PASS_FOR = timedelta(minutes=5)
PASS_TRIES = 3
GONE_AFTER = timedelta(minutes=3)  # without a sign of life a machine counts as not connected
REASONS = (
    ("forgot", _("没有带预约通知")),
    ("never_came", _("没有收到摇号码")),
    ("locked", _("输错次数多了")),
    ("cannot_type", _("不方便自己输入")),
)
LOGGED = {
    "kiosk.identified": _("用摇号码打开"),
    "kiosk.wrong_code": _("摇号码不对"),
    "kiosk.vouched": _("值守核对身份证后打开"),
    "kiosk.wrong_pass": _("值守码不对"),
    "kiosk.called": _("呼叫值守"),
    "kiosk.call_taken": _("值守接手"),
    "kiosk.call_closed": _("呼叫已处理"),
    "kiosk.paired": _("绑定机器"),
    "kiosk.reissued": _("更换设备码"),
    "kiosk.stopped": _("停用机器"),
    "offer.answered_by_mandate": _("代办人选房"),
    "appointment.code_renewed": _("更换摇号码"),
}
VOUCHED = Template(
    "kiosk_vouched",
    _("摇号结果已在一体机上打开"),
    _(
        "值守人员看过身份证后，在{place}的一体机上打开了您家的摇号结果，没有作任何选择。"
        "如果不是您家的人，请马上拨{line}。"
    ),
)


class PassRefused(Refusal):
    """The attendant's digits are not good at this machine, or do not fit the person."""


@dataclass(frozen=True)
class Standing:
    """A machine as the attendant sees it."""

    machine: Kiosk
    tone: str
    word: Any


# -- At the machine -------------------------------------------------------------------------


def call(machine: Kiosk, kind: str) -> HelpCall:
    """Calls a person to the machine; called twice it is one call. 没有出纸 stops the printing."""
    with transaction.atomic():
        made, new = HelpCall.objects.get_or_create(
            kiosk=machine, kind=kind, closed_at=None, defaults={"at": clock.now()}
        )
        if kind == HelpCall.Kind.PAPER:
            Kiosk.objects.filter(pk=machine.pk, paper_out_at=None).update(paper_out_at=clock.now())
        if new:
            audit.record("kiosk.called", by=kiosks.actor(machine), thing=made, kind=kind)
    return made


def vouch(machine: Kiosk, person_index: str, code: str, *, reason: str) -> Entrant:
    """Opens the household's result by the digits of the attendant who took this machine's call.

    Good once. Wrong digits are counted even though they are refused. Raises PassRefused.
    """
    with transaction.atomic():
        row = _pass_of(machine)
        good = row is not None and _try(row, code, machine)
        if good and row is not None:
            return _vouch(row, machine, person_index, reason)
    raise PassRefused(
        _("值守码不对或已过期，请工作人员在值守页面重新接手，再输新的。"), field="code"
    )


# -- On the attendant's own screen ------------------------------------------------------------


def take(row: HelpCall, *, by: Any) -> str:
    """The six digits for this call's machine, returned once; who takes it later replaces them."""
    code = f"{secrets.randbelow(10**6):06d}"
    with transaction.atomic():
        fresh = locks.fresh(row)
        if fresh.closed_at is not None:
            raise PassRefused(_("这个呼叫已经处理完了。"))
        fresh.taken_at, fresh.taken_by = clock.now(), by
        fresh.pass_index = _index(fresh.kiosk, code)
        fresh.pass_until, fresh.pass_failures = clock.now() + PASS_FOR, 0
        fresh.save()
        audit.record("kiosk.call_taken", by=by, thing=fresh, machine=fresh.kiosk.name)
    return code


def close(row: HelpCall, *, by: Any) -> None:
    """The call is dealt with; after 没有出纸 the machine prints again."""
    with transaction.atomic():
        fresh = locks.fresh(row)
        if fresh.closed_at is None:
            _close(fresh, by)


def open_calls() -> list[HelpCall]:
    """Calls that wait, oldest first."""
    return list(HelpCall.objects.filter(closed_at=None).select_related("kiosk", "taken_by"))


def standings() -> list[Standing]:
    """Every active machine and how it stands."""
    rows = Kiosk.objects.filter(active=True).order_by("place", "name")
    return [Standing(one, *_standing(one, clock.now())) for one in rows]


def log(limit: int = 50) -> list[tuple[AuditEntry, Any]]:
    """What happened at the machines today, newest first, without whom it was about."""
    rows = AuditEntry.objects.filter(
        verb__in=LOGGED, at__gte=clock.local_midnight(clock.today())
    ).order_by("-id")
    return [(one, LOGGED[one.verb]) for one in rows[:limit]]


# -- Parts ----------------------------------------------------------------------------------


def _pass_of(machine: Kiosk) -> HelpCall | None:
    found = HelpCall.objects.filter(kiosk=machine, closed_at=None).exclude(pass_index="")
    row = found.order_by("-taken_at").first()
    return locks.fresh(row) if row else None


def _try(row: HelpCall, code: str, machine: Kiosk) -> bool:
    alive = row.pass_until is not None and clock.now() < row.pass_until
    if not alive or row.pass_failures >= PASS_TRIES:
        return False
    if secrets.compare_digest(row.pass_index, _index(machine, code)):
        return True
    row.pass_failures += 1
    row.save(update_fields=["pass_failures"])
    audit.record("kiosk.wrong_pass", by=kiosks.actor(machine), thing=row)
    return False


def _vouch(row: HelpCall, machine: Kiosk, person_index: str, reason: str) -> Entrant:
    staff = row.taken_by.as_staff if row.taken_by else None
    found = appointments.of_adult(person_index)
    if staff is None or found is None:
        raise PassRefused(_("这个证件号码没有在摇号名单里，请核对证件，或换另一位成年家人的。"))
    if why := permissions.why_not_serve(staff, person_index):
        raise PassRefused(why)
    appointment = locks.fresh(found)
    appointments.note_came(appointment)
    appointment.save(update_fields=["came_at"])
    entrant = appointment.entrant
    applicant = entrant.application.applicant
    tell(
        applicant.id_index, VOUCHED, by=row.taken_by, case_no=entrant.case_no,
        place=machine.place,
    )  # fmt: skip
    looks.note(entrant.application, by=row.taken_by, purpose=str(_("值守核对身份证")))
    audit.record(
        "kiosk.vouched", by=row.taken_by, thing=appointment, case_no=entrant.case_no,
        subjects=[person_index], purpose="attended", reason=reason, machine=machine.name,
    )  # fmt: skip
    _close(row, row.taken_by)
    return entrant


def _close(row: HelpCall, by: Any) -> None:
    row.closed_at, row.closed_by, row.pass_index = clock.now(), audit.label(by)[:80], ""
    row.save()
    if row.kind == HelpCall.Kind.PAPER:
        Kiosk.objects.filter(pk=row.kiosk_id).update(paper_out_at=None)
    audit.record("kiosk.call_closed", by=by, thing=row, machine=row.kiosk.name)


def _standing(machine: Kiosk, now: datetime) -> tuple[str, Any]:
    if machine.bound_at is None:
        return "waiting", _("等待绑定")
    if machine.seen_at is None or now - machine.seen_at > GONE_AFTER:
        return "yours", _("没有联网")
    if machine.paper_out_at is not None:
        return "yours", _("没有纸")
    return "done", _("正常")


def _index(machine: Kiosk, code: str) -> str:
    return ciphers.blind_index(f"{machine.pk}:{code.strip()}", kind="attendant_pass")
