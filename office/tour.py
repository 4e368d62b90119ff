"""The ten-minute tour (十分钟看懂): steps as data, this city's figures, and the control strip.

Demo only: its addresses are wired where settings.DEMO is true, and every act asks again.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from allocation import appointments, kiosks
from allocation import tasks as allocation_tasks
from allocation.models import Appointment, Kiosk
from applications import registers, reports, tasks_review
from applications import tasks as application_tasks
from applications.models import Evidence
from core import audit, clock, workdays
from core import tasks as core_tasks
from core.identity.ciphers import blind_index
from core.identity.masking import group_id
from core.refusals import Refusal
from datashare import mock_control
from office import bilingual, dashboards, situations
from office.figures.figure import Moment
from office.situations import SITUATIONS, Someone
from renewal import tasks as renewal_tasks

_FILE = Path(__file__).resolve().parent / "tour.yaml"
GUIDE = audit.System("demo tour")
SOURCE = "property"  # the department that the strip takes down

# what beat would do within a minute: a visitor who moves the clock sees it at once
DUE = (
    tasks_review.close_publicities,
    allocation_tasks.lapse_offers,
    allocation_tasks.follow_declines,
    allocation_tasks.call_next_turns,
    allocation_tasks.note_receipts,
    renewal_tasks.sweep_campaigns,
    application_tasks.sweep_checks,
    core_tasks.deliver_outbox,
    core_tasks.seal_audit,
)


class TourRefused(Refusal):
    """The tour cannot do this now."""


@dataclass(frozen=True)
class Door:
    """A sign-in button: whom it finds now, if anybody."""

    situation: str
    label: str
    someone: Someone | None


@dataclass(frozen=True)
class Step:
    """One stop of the tour."""

    key: str
    minute: str
    title: str
    sentence: str
    look: list[str]
    doors: list[Door]
    figures: list[dashboards.Card]
    controls: frozenset[str] = field(default_factory=frozenset)
    link: str = ""


def steps(moment: Moment) -> list[Step]:
    """All stops, with the figures of this moment and the people found now."""
    cards = dashboards.headline(moment)
    return [_step(item, cards) for item in _content()["steps"]]


def _step(item: dict[str, Any], cards: dict[str, dashboards.Card]) -> Step:
    said = bilingual.said
    return Step(
        key=item["key"],
        minute=item["minute"],
        title=said(item["title"]),
        sentence=said(item["sentence"]),
        look=[said(line) for line in item["look"]],
        doors=[
            Door(door["situation"], said(door["label"]), _found(door["situation"]))
            for door in item["enter"]
        ],
        figures=[cards[key] for key in item["figures"]],
        controls=frozenset(item.get("controls", ())),
        link=situations.revealed_round() if "links" in item else "",
    )


@lru_cache(maxsize=1)
def _content() -> Any:
    return bilingual.read(_FILE)


def _found(situation: str) -> Someone | None:
    try:
        return SITUATIONS[situation]()
    except mock_control.NotServed:  # the departments are away: the rest of the tour goes on
        return None


def enter(situation: str) -> tuple[str, str]:
    """The sign-in key and the address for a situation. Raises TourRefused."""
    refuse_outside_demo()
    if situation not in SITUATIONS:
        raise TourRefused(_("导览里没有这个身份。"))
    someone = _found(situation)
    if someone is None:
        raise TourRefused(_("现在没有这样的家庭或办件。先走前面的步骤，或拨快时钟再试。"))
    return situations.key_of(someone), someone.path


# -- The strip ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Strip:
    """What the control strip shows: the clock, the departments, reports under way."""

    now: Any
    ahead: int  # whole days
    down: list[str]
    served: bool
    ordered: int  # income reports that are being made


def strip() -> Strip:
    """Where the clock stands and which departments are down."""
    try:
        down, served = mock_control.broken(), True
    except mock_control.NotServed:
        down, served = [], False
    return Strip(
        now=clock.now(),
        ahead=clock.offset().days,
        down=sorted({registers.name_of(one["source"]) for one in down}),
        served=served,
        ordered=Evidence.objects.filter(status=Evidence.Status.ORDERED).count(),
    )


def days_ahead(jump: str) -> int:
    """Days of a jump: ``day`` and ``eight`` in working days, ``year``. Raises TourRefused."""
    today = clock.today()
    if jump == "year":
        return 365
    working = {"day": 1, "eight": 8}.get(jump)
    if working is None:
        raise TourRefused(_("不能这样拨时钟。"))
    return (workdays.add_workdays(today, working) - today).days


def move_clock(jump: str) -> None:
    """Moves everybody's clock forward, or back to the real time, and sets off what is then due."""
    refuse_outside_demo()
    if not settings.CLOCK_MAY_MOVE:
        raise clock.ClockRefused(_("这里的时钟不能拨动。"))
    if jump == "reset":
        clock.reset()
    else:
        clock.advance(timedelta(days=days_ahead(jump)))
    set_off()


def set_off(tasks: Iterable[Any] = DUE) -> None:
    """Queues the periodic work now instead of at its next turn."""
    for task in tasks:
        task.delay()


def department(to: str) -> None:
    """Takes the department of the strip down, or brings all back. Raises TourRefused."""
    refuse_outside_demo()
    try:
        if to == "down":
            mock_control.break_down(SOURCE, "http_500")
        else:
            mock_control.mend()
    except mock_control.NotServed as error:
        raise TourRefused(_("模拟的部门没有在运行，现在做不到。")) from error
    if to != "down":
        set_off([application_tasks.sweep_checks])


def hurry_reports() -> int:
    """Lets the department make every ordered report now; how many were due. Raises TourRefused."""
    refuse_outside_demo()
    try:
        mock_control.hurry_reports()
    except mock_control.NotServed as error:
        raise TourRefused(_("模拟的部门没有在运行，现在做不到。")) from error
    count = reports.look_now(by=GUIDE)
    set_off([application_tasks.sweep_checks, renewal_tasks.sweep_campaigns])
    return count


@dataclass(frozen=True)
class Visit:
    """What a visitor types at the kiosk, and the machine that stands for it."""

    number: str
    code: str
    token: str


def kiosk_visit() -> Visit:
    """A household with an unopened result, a new 摇号码 for it, a machine. Raises TourRefused."""
    refuse_outside_demo()
    someone = situations.unopened_result()
    appointment: Appointment | None = None
    if someone is not None:
        appointment = appointments.of_person(blind_index(someone.id_number))
    # the machine that was bound longest ago, or never: the newest visitors keep theirs
    machines = Kiosk.objects.filter(active=True, kind=Kiosk.Kind.MACHINE)
    machine = machines.order_by(F("bound_at").asc(nulls_first=True), "pk").first()
    if someone is None or appointment is None or machine is None:
        raise TourRefused(_("现在没有还没打开结果的家庭。"))
    code = appointments.renew_code(appointment, by=GUIDE)
    return Visit(group_id(someone.id_number), code, kiosks.reissue(machine, by=GUIDE))


def refuse_outside_demo() -> None:
    """Raises TourRefused in production, whoever calls."""
    if not settings.DEMO:
        raise TourRefused(_("导览只在演示里有。"))
