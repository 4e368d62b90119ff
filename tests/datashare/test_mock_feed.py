"""What a year brings to the invented city, and the feed of changes that tells of it."""

from __future__ import annotations

import io
import re
from collections import Counter
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from core import clock
from datashare import mock_control
from datashare.mock_gateway.city import City, build_city
from datashare.mock_gateway.feed import KINDS, Feed
from datashare.mock_gateway.protocol import Accounts
from datashare.mock_gateway.recipes import RECIPES
from datashare.mock_gateway.server import MockGateway
from datashare.mock_gateway.turns import TURNS
from datashare.mock_gateway.world import World
from tests.factories.departments import Departments, departments

ON = date(2026, 3, 18)
LATER = date(2027, 3, 18)
A_YEAR = timedelta(days=365)


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(1500, 5, ON)


@pytest.fixture(scope="module")
def year(city: City) -> list[Any]:
    return Feed(city).between(ON + timedelta(days=1), LATER)


def test_a_year_brings_every_kind_of_change_to_about_one_family_in_a_hundred(city: City) -> None:
    befallen = Counter(kind for f in city.families for on, kind in f.turns if ON < on <= LATER)
    assert set(befallen) == set(TURNS)
    for kind, families in befallen.items():
        assert 0.004 < families / len(city.families) < 0.025, kind


def test_the_feed_tells_of_each_of_them(year: list[Any]) -> None:
    assert {change.kind for change in year} >= {
        "birth", "death", "marriage", "divorce", "moved_out", "presale", "resale", "home_gained",
        "job_begun", "job_ended", "aid_granted", "aid_ended", "company", "disability", "car",
    }  # fmt: skip
    assert {change.kind for change in year} <= set(KINDS)
    assert [change.on for change in year] == sorted(change.on for change in year)


def rows(city: City, change: Any, day: date) -> list[Any]:
    return city.rows(change.source, change.person, day)


@pytest.mark.parametrize(
    "kind",
    ["birth", "death", "marriage", "divorce", "moved_out", "presale", "resale", "home_gained",
     "aid_granted", "aid_ended", "company", "disability", "car"],
)  # fmt: skip
def test_a_change_is_seen_in_the_answers_from_its_day_on(
    city: City, year: list[Any], kind: str
) -> None:
    changes = [change for change in year if change.kind == kind]
    assert changes
    for change in changes:
        eve = change.on - timedelta(days=1)
        assert plain(rows(city, change, eve)) != plain(rows(city, change, change.on)), change


def plain(found: list[Any]) -> str:
    """Without the stamps that move with every month."""
    return re.sub(r"'(tongTime|bHAX011[45])': '[^']*'", "", str(found))


def test_who_loses_a_job_is_insured_no_longer(city: City, year: list[Any]) -> None:
    for change in (change for change in year if change.kind == "job_ended"):
        after = change.on + timedelta(days=75)
        months = [row["AAE003"] for row in rows(city, change, after)]
        last = max(months, default="")
        assert last < f"{change.on:%Y%m}" or any(
            job.since > change.on for job in city.people[change.person].jobs
        )


def test_a_child_is_born_into_the_register_and_unknown_before(city: City, year: list[Any]) -> None:
    births = [change for change in year if change.kind == "birth"]
    for change in births:
        eve = change.on - timedelta(days=1)
        assert city.rows("household_register", change.about, eve) == []
        *_, page = city.rows("household_register", change.person, change.on)
        assert change.about in {child["czrkgmsfhm"] for child in page["czrkzn"]}
        *_, before = city.rows("household_register", change.person, eve)
        assert change.about not in {child["czrkgmsfhm"] for child in before["czrkzn"]}


def test_a_death_is_noted_beside_the_one_who_is_left(city: City, year: list[Any]) -> None:
    widowed = 0
    for change in (change for change in year if change.kind == "death"):
        family = city.family_of(change.person)
        for number, relation in family.members:
            spouse = number != change.person and relation in ("01", "10")
            if spouse and city.people[number].marital_on(change.on) == "30":
                widowed += 1
                assert city.people[number].marital_on(change.on - timedelta(days=1)) == "20"
    assert widowed


def test_the_first_families_and_those_with_a_story_of_their_own_never_change(city: City) -> None:
    assert not any(family.turns for family in city.families[: len(RECIPES)])
    assert not any(f.turns for f in city.families if f.recipe == "tenant_will_buy")


def test_a_recipes_own_list_holds_nobody_to_whom_something_happens(city: City) -> None:
    for recipe in RECIPES:
        for number in city.situations[recipe.__name__]:
            assert not city.family_of(number).turns


def test_the_changes_to_come_leave_the_citys_day_as_it_is(city: City) -> None:
    for family in city.families:
        assert all(on > ON for on, _kind in family.turns)
        assert all(city.people[number].birth_date > ON for number, _ in family.later)


# -- the feed over HTTP, and playing --------------------------------------------------------


@pytest.fixture
def served(settings: Any) -> Any:
    with departments(households=300, seed=4) as running:
        settings.DATASHARE_GATEWAY_URL = running.url
        yield running


def test_a_feed_knows_no_future(served: Departments) -> None:
    served.live_on(ON)
    assert mock_control.feed(ON + timedelta(days=1), LATER) == []
    served.live_on(LATER)
    told = mock_control.feed(ON + timedelta(days=1), LATER)
    assert len(told) > 50
    assert {change["on"] for change in told} <= {
        (ON + timedelta(days=day)).isoformat() for day in range(1, 366)
    }
    assert {c["kind"] for c in mock_control.feed(ON, LATER, kinds=["death"])} == {"death"}


def test_a_feed_comes_in_pages(served: Departments) -> None:
    served.live_on(LATER)
    whole = mock_control.feed(ON, LATER)
    path = f"feed?from={ON}&until={LATER}&limit=10&offset="
    pages = [mock_control._request(f"{path}{offset}")["changes"] for offset in (0, 10)]
    assert pages[0] + pages[1] == whole[:20]


@pytest.mark.django_db
def test_a_posted_event_is_in_the_feed_on_its_day(served: Departments) -> None:
    served.live_on(ON)
    person = served.city.situations["tenant"][0]
    event = {"person": person, "source": "property", "rows": [{"zl": "某路1号"}]}
    mock_control.add_events([{**event, "kind": "home_gained"}, {**event, "on": "2026-03-10"}])
    told = [c for c in mock_control.feed(date(2026, 3, 1), ON) if c["what"] == "add 1"]
    assert [(c["on"], c["kind"], c["person"]) for c in told] == [
        ("2026-03-10", "posted", person), ("2026-03-18", "home_gained", person),
    ]  # fmt: skip


@pytest.mark.django_db
@pytest.mark.parametrize("kind", sorted(TURNS))
def test_anything_can_be_made_to_happen_today(served: Departments, kind: str) -> None:
    served.live_on(ON)
    before = len(mock_control.feed(ON.replace(day=1), ON))
    people = mock_control.turn(kind)
    after = mock_control.feed(ON.replace(day=1), ON)
    assert len(after) > before
    assert {change["person"] for change in after} & set(people)


@pytest.mark.django_db
def test_it_can_happen_to_somebody_in_particular(served: Departments) -> None:
    served.live_on(ON)
    elder = served.city.situations["lone_elder"][0]
    assert mock_control.turn("death", elder) == [elder]
    assert served.city.rows("death", elder, ON)
    with pytest.raises(mock_control.NotServed, match="nobody asked for"):
        mock_control.turn("death", elder)
    with pytest.raises(mock_control.NotServed, match="unknown turn"):
        mock_control.turn("lottery")
    with pytest.raises(mock_control.NotServed, match="nobody of the city"):
        mock_control.turn("death", "33021219500101999X")


def test_what_was_played_survives_a_restart(tmp_path: Any) -> None:
    def gateway() -> MockGateway:
        return MockGateway(
            Accounts("key", "secret"), today=lambda: ON, world=World(build_city(120, 7, ON)),
            journal=tmp_path / "journal",
        )  # fmt: skip

    first = gateway()
    digest = first.world.city.digest()
    families = [
        first.remember("turn", {"kind": kind, "on": ON.isoformat()})["family"]
        for kind in ("death", "company", "death")
    ]
    again = gateway()
    assert again.replay() == 3
    assert first.world.city.digest() == digest == build_city(120, 7, ON).digest()
    span = (ON, ON, ON)
    assert again.world.changes(*span) == first.world.changes(*span)
    assert len(set(families)) == 3


@pytest.fixture
def clock_of_the_departments(served: Departments, monkeypatch: pytest.MonkeyPatch) -> Departments:
    """The departments live on the platform's clock, which moves without waiting."""
    served.live_on(ON)

    def advance(by: timedelta) -> None:
        served.live_on(served.day[0] + by)

    monkeypatch.setattr(clock, "advance", advance)
    monkeypatch.setattr(clock, "today", lambda: served.day[0])
    monkeypatch.setattr("datashare.management.commands.mock_play.time.sleep", lambda _s: None)
    return served


def test_a_year_can_be_played(clock_of_the_departments: Departments, settings: Any) -> None:
    settings.CLOCK_MAY_MOVE = True
    out = io.StringIO()
    call_command("mock_play", "--days", "365", stdout=out)
    *days, total = out.getvalue().splitlines()
    assert clock_of_the_departments.day[0] == LATER
    assert total.startswith("365 days: ")
    assert all(f"{kind} " in total for kind in ("death", "presale", "job_ended", "aid_granted"))
    assert len(days) > 30


def test_the_clock_stands_still_outside_the_demo(settings: Any) -> None:
    settings.CLOCK_MAY_MOVE = False
    with pytest.raises(CommandError, match="stands still"):
        call_command("mock_play")
    settings.CLOCK_MAY_MOVE = True
    with pytest.raises(CommandError, match="at least 1"):
        call_command("mock_play", "--days", "0")
