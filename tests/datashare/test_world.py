"""What the mock knows beside the city: cast files, later events and faults in force."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from datashare.mock_gateway.faults import MockFault
from datashare.mock_gateway.world import World

AS_OF = date(2021, 9, 24)
NUMBER, OTHER = "330212197906259911", "330212198109149925"
CASE: dict[str, Any] = {
    "case": "X1",
    "as_of": AS_OF,
    "household": [{"name": "甲", "id_number": NUMBER, "relation": "01"}],
    "records": {
        "low_income_aid": {NUMBER: [{"bHAX0114": "2021", "bHAX0115": "09", "zt": "在保"}]},
        "social_insurance": {NUMBER: [{"AAE002": "202007", "AAE003": "202108"}]},
        "income_check": {
            NUMBER: [{"qsny": "202009", "zzny": "202108", "je": "12.00", "hdrq": "20210923"}]
        },
        "property": {OTHER: [{"zl": "某路"}]},
    },
    "faults": {"property": [{"mode": "quota", "from": AS_OF, "to": date(2021, 9, 26)}]},
}


@pytest.fixture
def world() -> World:
    made = World()
    made.add_cast(CASE)
    return made


def test_a_cast_file_speaks_for_all_people_it_has_records_about() -> None:
    assert World().add_cast(CASE) == sorted([NUMBER, OTHER])


def test_on_the_files_day_its_rows_are_given_as_written(world: World) -> None:
    for source, people in CASE["records"].items():
        for person, rows in people.items():
            assert world.rows(source, person, AS_OF) == rows


def test_aid_goes_on_month_by_month(world: World) -> None:
    rows = world.rows("low_income_aid", NUMBER, date(2022, 1, 5))
    assert [(r["bHAX0114"], r["bHAX0115"]) for r in rows] == [
        ("2021", "09"), ("2021", "10"), ("2021", "11"), ("2021", "12"), ("2022", "01"),
    ]  # fmt: skip


def test_contributions_go_on_to_last_month(world: World) -> None:
    (row,) = world.rows("social_insurance", NUMBER, date(2022, 9, 30))
    assert (row["AAE002"], row["AAE003"]) == ("202007", "202208")


def test_the_income_report_of_a_year_later_covers_the_later_months(world: World) -> None:
    (row,) = world.rows("income_check", NUMBER, date(2022, 9, 30))
    assert (row["qsny"], row["zzny"], row["hdrq"]) == ("202109", "202208", "20220901")


def test_aid_that_had_stopped_does_not_come_back() -> None:
    world = World()
    ended = {"bHAX0114": "2021", "bHAX0115": "08", "zt": "在保"}
    world.add_cast({**CASE, "records": {"low_income_aid": {NUMBER: [ended]}}})
    assert world.rows("low_income_aid", NUMBER, date(2022, 1, 5)) == [ended]


def test_a_file_read_again_replaces_what_it_said_before(world: World) -> None:
    world.add_cast({**CASE, "records": {}})
    assert world.rows("low_income_aid", NUMBER, AS_OF) == []


def test_a_files_faults_concern_its_own_people_and_days(world: World) -> None:
    assert world.fault("property", NUMBER, AS_OF) == "quota"
    assert world.fault("property", NUMBER, date(2021, 9, 27)) == ""
    assert world.fault("death", NUMBER, AS_OF) == ""
    assert world.fault("property", "330212196905209918", AS_OF) == ""


def test_an_event_is_known_from_its_day_on(world: World) -> None:
    world.add_event(
        {"person": NUMBER, "source": "death", "rows": [{"deathDate": "20220101"}],
         "on": "2022-01-01"}
    )  # fmt: skip
    assert world.rows("death", NUMBER, date(2021, 12, 31)) == []
    assert len(world.rows("death", NUMBER, date(2022, 1, 1))) == 1


@pytest.mark.parametrize(("op", "left"), [("add", 2), ("replace", 1), ("clear", 0)])
def test_an_event_adds_replaces_or_clears(world: World, op: str, left: int) -> None:
    rows = [] if op == "clear" else [{"zl": "新路"}]
    world.add_event({"person": OTHER, "source": "property", "op": op, "rows": rows})
    assert len(world.rows("property", OTHER, AS_OF)) == left


def test_an_unknown_fault_or_event_is_refused(world: World) -> None:
    with pytest.raises(ValueError, match="unknown fault mode"):
        MockFault("death", "sulking")
    with pytest.raises(ValueError, match="op is"):
        world.add_event({"person": NUMBER, "source": "death", "op": "undo"})


def test_a_fault_of_every_source_hits_any_source() -> None:
    assert MockFault("*", "timeout").hits("vehicle", NUMBER, AS_OF)
