"""The invented district: the same each time, plausible, and nobody real."""

from __future__ import annotations

import re
from datetime import date

import pytest

from core.identity.numbers import is_valid, parse
from datashare.mock_gateway.city import City, build_city
from datashare.mock_gateway.city_places import BY_CODE, STREETS, USCC_ALPHABET
from datashare.mock_gateway.recipes import NOTES, RECIPES
from datashare.mock_gateway.registers import REGISTERS
from datashare.reading import read
from datashare.sources import CATALOGUE

ON = date(2026, 3, 18)


@pytest.fixture(scope="module")
def city() -> City:
    return build_city(400, 5, ON)


def test_the_same_number_seed_and_day_make_the_same_city(city: City) -> None:
    assert build_city(400, 5, ON).digest() == city.digest()


@pytest.mark.parametrize("other", [(401, 5, ON), (400, 6, ON), (400, 5, date(2026, 3, 19))])
def test_another_number_seed_or_day_makes_another_city(
    city: City, other: tuple[int, int, date]
) -> None:
    assert build_city(*other).digest() != city.digest()


def test_a_larger_city_begins_with_the_smaller_one(city: City) -> None:
    larger = build_city(450, 5, ON)
    assert [f.members for f in larger.families[:400]] == [f.members for f in city.families]


def test_a_small_city_already_holds_every_situation() -> None:
    small = build_city(len(RECIPES), 1, ON)
    assert set(small.mix()) == {recipe.__name__ for recipe in RECIPES}


def test_every_note_names_a_recipe() -> None:
    assert set(NOTES) <= {recipe.__name__ for recipe in RECIPES}


def test_id_numbers_are_right_and_belong_to_nobody(city: City) -> None:
    for number, person in city.people.items():
        parsed = parse(number)
        assert (parsed.birth_date, parsed.sex) == (person.birth_date, person.sex)
        existed = parsed.birth_date.year >= 2002 or parsed.area not in ("330212", "520424")
        assert not existed or number[14:16] == "99"


def test_names_look_like_names(city: City) -> None:
    usual = re.compile(r"[一-鿿]{2,3}|[一-鿿]{2,3}·[一-鿿]{2,3}")
    assert all(usual.fullmatch(p.name) for p in city.people.values())


def test_families_live_in_real_streets_all_over_the_district(city: City) -> None:
    assert {family.street for family in city.families} == set(BY_CODE)
    assert len(STREETS) == 25


def test_children_are_younger_than_parents_and_born_after_them(city: City) -> None:
    for family in city.families:
        ages = {
            relation: city.people[number].birth_date.year for number, relation in family.members
        }
        for child in {"20", "30"} & set(ages):
            assert ages[child] - ages["01"] >= 15


def test_spouses_know_each_other_and_married_grown_up(city: City) -> None:
    for family in city.families:
        people = [city.people[n] for n, relation in family.members if relation in ("01", "10")]
        if len(people) == 2:
            one, other = people
            assert one.marriages == other.marriages
            assert one.marriages[-1].on.year - max(p.birth_date.year for p in people) >= 18


def test_nothing_known_today_bears_a_later_date(city: City) -> None:
    later = re.compile(r"(20\d\d)(\d\d)(\d\d)")
    for number in list(city.people)[:200]:
        for source in ("death", "property", "presale_contract", "low_income_aid", "marriage"):
            for row in city.rows(source, number, ON):
                for name, value in row.items():
                    if found := later.fullmatch(str(value)):
                        assert date(*map(int, found.groups())) <= ON, (source, name)


def test_every_row_is_readable_and_about_the_person_asked(city: City) -> None:
    for number in city.people:
        for source in CATALOGUE:
            rows = city.rows(source, number, ON)
            reply = read(source, number, rows)
            assert reply.found == bool(rows), (source, reply.error)


def test_mock_and_platform_name_the_same_sources() -> None:
    assert list(REGISTERS) == list(CATALOGUE)


def test_months_go_on_when_the_clock_does(city: City) -> None:
    number = city.situations["lower_middle"][0]
    earner = next(n for n in city.family_of(number).people if city.people[n].jobs)
    for today, last in [(ON, "202602"), (date(2027, 3, 18), "202702")]:
        months = [row["AAE003"] for row in city.rows("social_insurance", earner, today)]
        assert max(months) == last


def test_what_happens_later_is_known_later(city: City) -> None:
    buyer = city.situations["tenant_will_buy"][0]
    assert city.rows("presale_contract", buyer, ON) == []
    assert city.rows("presale_contract", buyer, date(2027, 3, 18)) != []


def test_aid_without_a_benefit_is_found_from_the_data(city: City) -> None:
    found = city.situations["aid_without_benefit"]
    assert found
    for number in found:
        assert city.rows("social_assistance", number, ON)
        assert not city.rows("housing_benefit", number, ON)
        assert not city.rows("property", number, ON)


def test_credit_codes_have_right_check_characters(city: City) -> None:
    codes = {job.uscc for person in city.people.values() for job in person.jobs}
    for code in codes:
        total = sum(USCC_ALPHABET.index(c) * pow(3, i, 31) for i, c in enumerate(code[:17]))
        assert (31 - total % 31) % 31 == USCC_ALPHABET.index(code[17])


def test_a_stranger_has_no_rows(city: City) -> None:
    stranger = "33021219500101999X"
    assert is_valid(stranger)
    assert all(city.rows(source, stranger, ON) == [] for source in CATALOGUE)
