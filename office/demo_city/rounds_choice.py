"""A round in which the order was drawn, its choice day planned with slots, by the real verbs."""

from datetime import datetime, time, timedelta

from accounts.models import User
from allocation import choice_days, roster
from allocation import rounds as verbs
from allocation.models import Round
from applications import periods
from applications import states as application_states
from applications.models import Application
from core import clock, workdays
from datashare.mock_gateway.city import City
from office.demo_city import rounds

ENTRANTS, HOMES = 12, 10
NUMBER, AGO = 3, 14  # of the round in its year, and the days since its intentions ended
PLACE = "区行政服务中心二楼"


def build(city: City) -> None:
    """The order is drawn, every household has its slot on a working day to come."""
    by = User.objects.get(username="admin")
    waiting = Application.objects.filter(state=application_states.WAITLISTED, entries=None)
    households = list(
        waiting.select_related("wait_entry").order_by(
            "wait_entry__draw_tier", "wait_entry__registered_at", "case_no"
        )[:ENTRANTS]
    )
    if not households:
        return
    row = rounds.published(
        city, NUMBER, days=-AGO, homes=HOMES, by=by, mode=Round.Mode.ORDER,
        title=f"{city.on.year}年第{NUMBER}次公租房配租（按顺序选房）",
    )  # fmt: skip
    name = f"{row.code}:{city.seed}"
    with clock.held_at(rounds.noon(row.intention_until)):
        rounds.join(city, row, households, by)
        if not roster.cleared(row)[0]:
            return  # a small city: nobody is through the check
    with clock.held_at(rounds.noon(row.intention_until + timedelta(days=1))):
        row = verbs.freeze(row, by=by, set_aside=True, chance=rounds.Chance(name))
    with clock.held_at(row.entropy_at):
        row = verbs.reveal(row, by=by, entropy=rounds.digits(name, 40))
        choice_days.plan(row, by=by, starts_at=_morning(), place=PLACE)


def _morning() -> datetime:
    """Nine o'clock of the first working day that leaves everybody the notice owed to them."""
    day = periods.of("choice_notice").after(clock.today())
    if not workdays.is_workday(day):
        day = workdays.add_workdays(day, 1)
    return datetime.combine(day, time(9), tzinfo=clock.LOCAL)
