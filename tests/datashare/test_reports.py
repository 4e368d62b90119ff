"""Income reports that are ordered: a receipt at once, the report some working days later."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from datashare import mock_control
from datashare.mock_gateway.city import City, build_city
from datashare.mock_gateway.protocol import Accounts
from datashare.mock_gateway.reports import Days, after_working_days
from datashare.mock_gateway.server import MockGateway
from datashare.mock_gateway.world import World
from tests.factories.departments import Departments, departments

ON = date(2026, 3, 18)  # a Wednesday
CAST_NUMBER = "330212198701189934"
REPORT = {
    "xm": "孙立明", "sfzh": CAST_NUMBER, "hdbgbh": "HD2026-0001", "hdrq": "20260310",
    "srlx": "工资性", "ny": "202602", "je": "8000.00",
}  # fmt: skip


class Office:
    """A gateway without HTTP, living on a day."""

    def __init__(self, city: City | None = None, days: str = "1-10", journal: Any = None) -> None:
        self.today = ON
        self.gateway = MockGateway(
            Accounts("key", "secret"), today=lambda: self.today, world=World(city), journal=journal
        )
        self.gateway.world.desk.days = Days.parse(days)

    def ask(self, person: str) -> list[dict[str, Any]]:
        world = self.gateway.world
        return world.answer("income_check", person, self.today, self.gateway._order)

    def tell(self, **item: Any) -> None:
        self.gateway.remember("reports", {**item, "on": self.today.isoformat()})


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(120, 7, ON)


@pytest.fixture(scope="module")
def earners(city: City) -> list[str]:
    return [p.id_number for p in city.people.values() if p.jobs and p.hukou]


@pytest.fixture
def office(city: City) -> Office:
    return Office(city)


def test_the_first_question_brings_a_receipt_and_no_report(
    office: Office, earners: list[str]
) -> None:
    (row,) = office.ask(earners[0])
    assert row["hdzt"] == "核对中"
    assert row["wtdh"].startswith("WT20260318")
    assert row["wtrq"] == "20260318" < row["yjrq"]
    assert row["sfzh"] == earners[0]
    assert "hdbgbh" not in row


def test_asked_again_meanwhile_it_is_the_same_order(office: Office, earners: list[str]) -> None:
    first = office.ask(earners[0])
    office.today += timedelta(days=0)
    assert office.ask(earners[0]) == first
    assert len(office.gateway.world.desk.orders) == 1


def test_the_report_is_there_on_the_day_expected_and_not_before(
    office: Office, earners: list[str]
) -> None:
    (receipt,) = office.ask(earners[0])
    expected = office.gateway.world.desk.orders[earners[0]].expected
    office.today = expected - timedelta(days=1)
    assert office.ask(earners[0]) == [receipt]
    office.today = expected
    rows = office.ask(earners[0])
    assert {row["wtdh"] for row in rows} == {receipt["wtdh"]}
    assert all(row["hdzt"] in ("已出具", "部分出具") for row in rows)
    assert any(row.get("srlx") for row in rows)


def test_a_report_speaks_of_the_months_before_its_own_day(
    office: Office, earners: list[str]
) -> None:
    office.today = date(2026, 3, 31)
    office.tell(days="3")
    office.ask(earners[0])
    office.today = date(2026, 4, 20)
    assert {row["hdqz"] for row in office.ask(earners[0])} == {"202603"}


def test_reports_take_one_to_ten_working_days_fixed_by_the_person(
    city: City, earners: list[str]
) -> None:
    def dates() -> list[date]:
        office = Office(city)
        for person in earners:
            office.ask(person)
        return [office.gateway.world.desk.orders[person].expected for person in earners]

    possible = {after_working_days(ON, days) for days in range(1, 11)}
    assert set(dates()) == possible
    assert dates() == dates()


def test_working_days_are_mondays_to_fridays() -> None:
    friday = date(2026, 3, 20)
    assert after_working_days(friday, 1) == date(2026, 3, 23)
    assert after_working_days(friday, 10) == date(2026, 4, 3)
    assert after_working_days(friday, 0) == friday


def test_a_valid_report_is_given_again_and_a_lapsed_one_is_ordered_anew(
    office: Office, earners: list[str]
) -> None:
    office.tell(days="2")
    office.ask(earners[0])
    office.today = date(2026, 5, 1)
    rows = office.ask(earners[0])
    until = {row["bgyxq"] for row in rows}
    assert until == {"20260920"}
    office.today = date(2026, 9, 20)
    assert office.ask(earners[0]) == rows
    office.today = date(2026, 9, 21)
    (row,) = office.ask(earners[0])
    assert (row["hdzt"], row["wtrq"]) == ("核对中", "20260921")


def test_hurried_reports_are_there_at_once(office: Office, earners: list[str]) -> None:
    first, second = earners[:2]
    office.ask(first), office.ask(second)
    office.tell(hurry=True, person=first)
    assert office.ask(first)[0]["hdzt"] != "核对中"
    assert office.ask(second)[0]["hdzt"] == "核对中"
    office.tell(hurry=True)
    assert office.ask(second)[0]["hdzt"] != "核对中"


def test_a_few_reports_miss_some_banks(office: Office, earners: list[str]) -> None:
    office.tell(days="1")
    for person in earners:
        office.ask(person)
    office.tell(hurry=True)
    reports = [office.ask(person) for person in earners]
    partial = [rows for rows in reports if rows[0]["hdzt"] == "部分出具"]
    assert 0 < len(partial) < len(reports) / 4
    assert all(not row.get("cclx") and row["wfkjg"] for rows in partial for row in rows)


def test_nothing_is_ordered_about_a_child_or_a_stranger(office: Office, city: City) -> None:
    child = next(p for p in city.people.values() if p.birth_date.year > 2015)
    assert office.ask(child.id_number) == []
    assert office.ask("33021219500101999X") == []
    assert office.gateway.world.desk.orders == {}


def test_without_a_delay_the_report_is_there_at_once(city: City, earners: list[str]) -> None:
    office = Office(city, days="0")
    assert office.ask(earners[0]) == city.rows("income_check", earners[0], ON)
    assert office.gateway.world.desk.orders == {}


def cast(*rows: dict[str, Any]) -> dict[str, Any]:
    return {
        "as_of": ON,
        "household": [{"id_number": CAST_NUMBER}],
        "records": {"income_check": {CAST_NUMBER: list(rows)}},
    }


def test_a_cast_persons_file_is_the_report_that_is_delivered(office: Office) -> None:
    office.gateway.world.add_cast(cast(REPORT))
    assert office.ask(CAST_NUMBER)[0]["hdzt"] == "核对中"
    office.tell(hurry=True)
    (row,) = office.ask(CAST_NUMBER)
    assert row.items() >= REPORT.items()
    assert row["bgyxq"] == "20260918"


@pytest.mark.parametrize("own", [{"hdzt": "核对中"}, {"hdrq": "20260401"}])
def test_a_file_that_says_the_report_is_being_made_is_served_as_it_stands(
    office: Office, own: dict[str, str]
) -> None:
    office.gateway.world.add_cast(cast({**REPORT, **own}))
    assert office.ask(CAST_NUMBER) == [{**REPORT, **own}]
    assert office.gateway.world.desk.orders == {}


def test_the_same_file_read_again_keeps_the_order_and_another_one_ends_it(office: Office) -> None:
    office.gateway.world.add_cast(cast(REPORT))
    office.ask(CAST_NUMBER)
    office.gateway.world.add_cast(cast(REPORT))
    assert CAST_NUMBER in office.gateway.world.desk.orders
    office.gateway.world.add_cast(cast({**REPORT, "je": "9000.00"}))
    assert CAST_NUMBER not in office.gateway.world.desk.orders


def test_orders_survive_a_restart(tmp_path: Path, city: City, earners: list[str]) -> None:
    journal = tmp_path / "gateway.journal"
    first = Office(city, journal=journal)
    receipts = [first.ask(person) for person in earners[:3]]
    first.tell(hurry=True, person=earners[2])
    again = Office(city, journal=journal)
    assert again.gateway.replay() == 4
    assert [again.ask(person) for person in earners[:2]] == receipts[:2]
    assert again.ask(earners[2])[0]["hdzt"] != "核对中"
    assert len(journal.read_text().splitlines()) == 4


@pytest.mark.parametrize("text", ["", "soon", "10-1", "-3"])
def test_a_delay_that_is_no_number_of_days_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="working days"):
        Days.parse(text)


@pytest.fixture
def slow_office(settings: Any) -> Iterator[Departments]:
    with departments(report_days="1-10") as running:
        settings.DATASHARE_GATEWAY_URL = running.url
        yield running


def test_the_demo_can_hurry_the_reports(slow_office: Departments) -> None:
    known = slow_office.city.situations["lower_middle"][0]
    world, order = slow_office.gateway.world, slow_office.gateway._order
    (receipt,) = world.answer("income_check", known, slow_office.day[0], order)
    (waiting,) = mock_control.reports()["orders"]
    assert waiting["receipt"] == receipt["wtdh"]
    assert mock_control.hurry_reports() == 1
    assert mock_control.reports()["orders"] == []
    mock_control.set_report_days("0")
    assert mock_control.reports()["days"] == "0"
    with pytest.raises(mock_control.NotServed):
        mock_control.post("reports", {"haste": json.dumps(True)})
