"""Two rounds by the real verbs: one revealed with results still to be opened, one being planned."""

from datetime import date, datetime, time, timedelta
from hashlib import sha256

from accounts.models import User
from allocation import intentions, offers, plan_table, rounds, states
from allocation.models import Home, Offer, Round
from applications import states as application_states
from applications.models import Application, Evidence
from core import clock, workdays
from core.workflow import advance
from datashare.mock_gateway.city import City
from office.demo_city.chronicle import answered
from office.demo_city.families import records

ENTRANTS, HOMES = 44, 28
PLANNED_ENTRANTS, PLANNED_HOMES = 24, 18
FORMAT, EXAMPLE = "^[0-9]{40}$", "0123456789" * 4
EVENT = "浙江省福利彩票当期开奖号码与上海黄金交易所当日基准价（按公布顺序连写）"


ANSWERED = 4  # households that have looked at their result already


def build(city: City) -> None:
    """A revealed round and one that is taking intentions."""
    by = User.objects.get(username="admin")
    waiting = list(
        Application.objects.filter(state=application_states.WAITLISTED)
        .select_related("wait_entry")
        .order_by("wait_entry__draw_tier", "wait_entry__registered_at", "case_no")
    )
    if waiting:
        _revealed(city, waiting[:ENTRANTS], by)
    planned = published(city, 2, days=20, homes=PLANNED_HOMES, by=by)
    join(city, planned, waiting[ENTRANTS : ENTRANTS + PLANNED_ENTRANTS], by)


def _revealed(city: City, households: list[Application], by: User) -> None:
    revealed = published(city, 1, days=-14, homes=HOMES, by=by)
    with clock.held_at(noon(city.on - timedelta(days=13))):
        join(city, revealed, households, by)
        rounds.freeze(
            revealed, by=by, set_aside=True, chance=Chance(f"{revealed.code}:{city.seed}")
        )
    with clock.held_at(noon(last_workday(city.on))):
        rounds.reveal(revealed, by=by, entropy=digits(f"{revealed.code}:{city.seed}", 40))
        _answer_some(revealed, by)


def published(
    city: City,
    number: int,
    *,
    days: int,
    homes: int,
    by: User,
    mode: str = Round.Mode.HOME,
    title: str = "",
) -> Round:
    """A round whose intentions end so many days from the city's, with homes of every type."""
    last = city.on + timedelta(days=days)  # of the intentions
    event = (
        noon(last + timedelta(days=8))
        if days > 0
        else noon(last_workday(city.on)) - timedelta(hours=2)
    )
    made = Round.objects.create(
        code=f"YZ-{city.on.year}-{number:02d}",
        title=title or f"{city.on.year}年第{number}次公租房配租",
        mode=mode,
        plan="房源位置、套数、户型、面积和租金见房源清单；面向全区轮候家庭；在一体机或手机上查看结果。",
        state_since=clock.now(),
        intention_until=last,
        objection_until=event.astimezone(clock.LOCAL).date() - timedelta(days=1),
        choose_days=5,
        entropy_name=EVENT,
        entropy_at=event,
        entropy_format=FORMAT,
        entropy_example=EXAMPLE,
        created_at=clock.now(),
        created_by=by,
    )
    free = Home.objects.filter(state=states.H_AVAILABLE, rounds=None).order_by("unit_type", "code")
    step = max(1, free.count() // homes)
    chosen = list(free.select_related("estate"))[::step][:homes]
    made.homes.set(chosen)
    made.plan_table = plan_table.of(chosen, city.on)
    made.published_at = made.invited_at = clock.now()  # the waiting of the story have been told
    made.save(update_fields=["plan_table", "published_at", "invited_at"])
    return made


def join(city: City, round_: Round, households: list[Application], by: User) -> None:
    """Registers intentions; the check before allotment is answered by the registers of that day."""
    name, today = intentions.check_round(round_), clock.today()
    for index, application in enumerate(households):
        preferences = sorted({home.estate.code for home in round_.homes.select_related("estate")})
        cut = index % (len(preferences) + 1)
        application.wishes = {
            "round": round_.code,
            "preferences": preferences[cut:] + preferences[: cut // 2],
            "any_estate": index % 5 != 0,
            "needs_accessible": "AGE_70" in application.wait_entry.priority,
        }
        application.save(update_fields=["wishes"])
        advance(application, application_states.INTENTION, by=by)
        advance(application, application_states.RE_REVIEW, by=by)
        _answer_check(city, application, name, today)


def _answer_check(city: City, application: Application, round_: str, on: date) -> None:
    members = list(application.members.all())
    by_number = {member.id_number: member for member in members}
    people = tuple((city.people[member.id_number], member.relation) for member in members)
    Evidence.objects.bulk_create(
        answered(application, by_number[number], source, rows, clock.now(), round_)
        for source, answers in records(city, people, on).items()
        for number, rows in answers.items()
    )


def _answer_some(round_: Round, by: User) -> None:
    """A few households have looked already: one thinks it over, two accepted."""
    drawn = list(Offer.objects.filter(entrant__round=round_).order_by("entrant__ticket")[:ANSWERED])
    for index, offer in enumerate(drawn):
        opened = offers.open_result(offer, by=by, via="KIOSK-1")
        if index == 0:
            offers.think(opened, by=by)
        elif index in (1, 2):
            offers.accept(opened, by=by, via="KIOSK-1")


def drawn() -> list[Offer]:
    """Homes of the revealed round whose household has not looked yet, in a set order."""
    rows = Offer.objects.filter(entrant__round__mode=Round.Mode.HOME, state=states.O_UNOPENED)
    return list(rows.select_related("entrant__round").order_by("entrant__ticket"))


def noon(day: date) -> datetime:
    """Twelve o'clock in Ningbo."""
    return datetime.combine(day, time(12), tzinfo=clock.LOCAL)


def last_workday(on: date) -> date:
    """The last working day before a day."""
    day = on - timedelta(days=1)
    while not workdays.is_workday(day):
        day -= timedelta(days=1)
    return day


class Chance:
    """Seeded bytes, so that the same city has the same tickets and the same draw."""

    def __init__(self, seed: str) -> None:
        self.seed, self.count = seed, 0

    def __call__(self, length: int) -> bytes:
        self.count += 1
        return sha256(f"{self.seed}:{self.count}".encode()).digest()[:length]


def digits(seed: str, length: int) -> str:
    """A public value of so many digits."""
    return f"{int(sha256(seed.encode()).hexdigest(), 16):0{length}d}"[-length:]
