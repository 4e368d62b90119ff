"""Registers write as registers do, and what they say is read all the same."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest

from core.identity.numbers import is_valid
from datashare.mock_gateway.city import City, build_city
from datashare.mock_gateway.oddities import NO_DATE, ODDITIES, SLOW_TO_FOLLOW
from datashare.mock_gateway.registers import REGISTERS
from datashare.reading import read
from datashare.sources import CATALOGUE

ON = date(2026, 3, 18)
Answer = tuple[str, str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(1000, 3, ON)


@pytest.fixture(scope="module")
def answers(city: City) -> list[Answer]:
    """Every register's rows about everybody: (source, person, rows)."""
    people = [*city.people, *city.old_numbers]
    return [(s, p, rows) for s in CATALOGUE for p in people if (rows := city.rows(s, p, ON))]


def of(answers: list[Answer], *sources: str) -> Iterator[Answer]:
    return (answer for answer in answers if answer[0] in sources)


def test_a_thousand_households_hold_rows_of_every_source(answers: list[Answer]) -> None:
    assert {source for source, _, _ in answers} == set(CATALOGUE)


@pytest.mark.parametrize("day", [ON, date(2027, 9, 30)])
def test_every_row_is_readable_on_any_day(city: City, day: date) -> None:
    for person in [*city.people, *city.old_numbers]:
        for source in CATALOGUE:
            rows = city.rows(source, person, day)
            reply = read(source, person, json.loads(json.dumps(rows)))
            assert reply.found == bool(rows), (source, rows, reply.error)


def test_an_oddity_of_spelling_changes_nothing_that_is_read(city: City) -> None:
    """Names, dates, copies: the records are those of the plain rows."""
    for number, person in city.people.items():
        for source in CATALOGUE:
            if source in SLOW_TO_FOLLOW or person.birth_date > ON:
                continue
            plain = read(source, number, REGISTERS[source](city, person, ON)).records
            written = read(source, number, city.rows(source, number, ON)).records
            assert without_spelling(written) == without_spelling(plain), source


def without_spelling(records: tuple[Any, ...]) -> set[str]:
    """Records as text, without the spelling of names and the numbers of other parties."""
    text = "\n".join(sorted({str(record) for record in records}))
    text = re.sub(r"name='[^']*'|'(?:\d{14}|\*{14})\d{3}[\dXx]'", "", text)
    return set(text.split("\n"))


def test_each_oddity_is_found_somewhere(answers: list[Answer]) -> None:
    texts = {name: "" for name, *_ in ODDITIES}
    by_source = {s: json.dumps([rows for t, _, rows in answers if t == s], ensure_ascii=False)
                 for s in CATALOGUE}  # fmt: skip
    for name, sources, _share, _change in ODDITIES:
        texts[name] = "".join(by_source[source] for source in sorted(sources))
    assert re.search(r'"CZRKXM": "[一-鿿]　[一-鿿]"', texts["spaced"])
    assert re.search(r'"\d{17}x"', texts["lower"])
    assert re.search(r'"djsj": "\d{4}-\d\d-\d\d 00:00:00\.0"', texts["dates"])
    assert f'"zysj": "{NO_DATE}"' in texts["1899"]
    assert re.search(r'"idNo": "\*{14}\d{3}[\dX]"', texts["masked"])
    assert '"fzsfzh": "330203************"' in by_source["residence_permit"]
    assert '"\\\\N"' in by_source["household_register"]
    assert '"1899-12-31"' in by_source["provident_fund"]


def test_some_rows_come_twice_and_some_beside_an_old_copy(answers: list[Answer]) -> None:
    for source in ("property", "provident_fund", "vehicle", "marriage", "population"):
        assert any(len(rows) > len({str(r) for r in rows}) for _, _, rows in of(answers, source))
    for source, stamp in (
        ("household_register", "czrksjxgxsj"), ("disability", "tongTime"),
        ("population", "tong_time"),
    ):  # fmt: skip
        assert any(len({row[stamp] for row in rows}) > 1 for _, _, rows in of(answers, source))


def test_a_long_name_has_another_dot_in_another_register(city: City, answers: list[Answer]) -> None:
    person = next(p for p in city.people.values() if "·" in p.name and p.jobs and p.permits)
    first, second = person.name.split("·")
    spellings = set()
    for _source, number, rows in answers:
        if number == person.id_number:
            text = json.dumps(rows, ensure_ascii=False)
            spellings.update(re.findall(f"{first}(.){second}", text))
    assert len(spellings) > 2


def test_a_few_people_have_an_older_number_that_some_registers_still_keep(city: City) -> None:
    assert 0 < len(city.old_numbers) < len(city.families) / 50
    for old, number in city.old_numbers.items():
        assert is_valid(old)
        assert old not in city.people
        assert city.rows("household_register", number, ON)[-1]["czrkjhm"] == old
        for source in SLOW_TO_FOLLOW:
            assert city.rows(source, number, ON) == []
        assert city.rows("population", old, ON)
        assert city.rows("property", old, ON) == []


def test_the_first_families_have_no_older_number(city: City) -> None:
    small = build_city(39, 3, ON)
    assert small.old_numbers == {}
