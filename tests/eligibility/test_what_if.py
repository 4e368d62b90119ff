"""A value moved on columns says of every household what the full engine says."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from applications.eligibility import policy
from applications.eligibility.assessment import assess
from applications.eligibility.cast import Case
from applications.eligibility.facts import Facts
from applications.eligibility.schema import KEYS, WHOLE
from applications.eligibility.settled import Settled
from applications.eligibility.whatif import again, movable, prepare, trial
from applications.eligibility.whatif.columns import GROUPS, Builder, Columns, exact
from tests.eligibility.test_properties import households
from tests.rules.scenarios import all_scenarios, entry_of

ON = date(2021, 9, 24)
BASE = movable.pinned(policy.default_for(ON), ON)
LEVERS = {str(one): one for one in movable.levers(BASE)}
SOURCES = ("household_register", "social_insurance", "education", "income_check", "property",
           "orphan", "low_income_aid", "resale_contract", "presale_contract", "deed_tax",
           "vehicle", "disability", "residence_permit", "marriage")  # fmt: skip
LOOKBACK = "housing.divorce_lookback_months"
Judged = tuple[Case, date]


@cache
def everybody() -> tuple[Judged, ...]:
    """Every scenario of the rules, under its stated category and under none."""
    return tuple(_everybody())


def _everybody() -> Iterator[Judged]:
    for scenario in all_scenarios():
        entry = entry_of(scenario)
        case = Case.from_dict(entry)
        day = scenario.get("on") or case.as_of
        on = day if isinstance(day, date) else date.fromisoformat(str(day))
        yield case, on
        entry.pop("category", None)
        yield Case.from_dict(entry), on


@cache
def columns() -> Columns:
    return columns_of(everybody())


def columns_of(cases: Any) -> Columns:
    builder = Builder()
    for key, (case, on) in enumerate(cases):
        prepare.add(builder, case, on=on, policy=BASE, key=key)
    return builder.columns()


def tried(made: Columns, name: str, value: Any) -> trial.Trial | None:
    """None where a pack cannot hold the value."""
    lever = LEVERS[name]
    try:
        pack = movable.moved(BASE, lever, f"{value:f}")
    except movable.NotMovable:
        return None
    return trial.run(made, pack, lever)


def differences(
    found: trial.Trial, cases: Sequence[Judged], only: set[int] | None = None
) -> list[Any]:
    """What the full engine says otherwise, of the cases that are not its own in any case."""
    own = set(found.for_engine.tolist())
    wrong = []
    for place, (case, on) in enumerate(cases):
        if place not in own and (only is None or place in only):
            result = assess(case, on=on, policy=found.policy)
            what = found.differs(place, result, Facts(case, on, found.policy))
            wrong += [(case.case, str(on), name) for name in what]
    return wrong


def nearby(name: str, factor: str) -> Decimal:
    lever = LEVERS[name]
    moved = lever.present(BASE) * Decimal(factor)
    return moved.to_integral_value() if KEYS[lever.key].kind == WHOLE else round(moved, 4)


def test_every_value_of_a_pack_is_movable_or_named_with_the_reason_why_not() -> None:
    assert set(movable.MOVABLE) | set(movable.FIXED) == set(KEYS)
    assert not set(movable.MOVABLE) & set(movable.FIXED)
    for key, why in movable.FIXED.items():
        with pytest.raises(movable.NotMovable) as refused:
            movable.lever(key, BASE)
        assert refused.value.why == why
    for key in movable.MOVABLE:
        assert any(one.key == key for one in LEVERS.values())


def test_each_movable_value_names_at_least_the_rules_that_the_table_of_keys_names() -> None:
    for key, readers in movable.MOVABLE.items():
        assert set(KEYS[key].rules) <= set(readers), key


def test_the_present_values_give_again_what_the_engine_found_rule_by_rule() -> None:
    made = columns()
    alone = set(np.flatnonzero(made.cases["engine_only"]).tolist())
    assert set(np.flatnonzero(~trial.agrees(made, BASE)).tolist()) <= alone
    assert len(alone) < len(made) / 20
    for name in LEVERS:
        found = tried(made, name, LEVERS[name].present(BASE))
        assert found is not None and set(found.for_engine.tolist()) == alone
        assert changed(found) <= alone, name


@pytest.mark.parametrize("name", sorted(LEVERS))
def test_a_moved_value_judges_every_scenario_as_the_full_engine_does(name: str) -> None:
    touched: set[int] = set()
    for factor in ("0.2", "1.6"):
        found = tried(columns(), name, nearby(name, factor))
        if found is not None:
            moved = changed(found)
            touched |= moved
            looked_at = moved | set(range(len(name) % 4, len(everybody()), 4))
            assert differences(found, everybody(), looked_at) == []
    assert touched or name in ("rent.round", "units.reference_area/3R")


def changed(found: trial.Trial) -> set[int]:
    """Cases of which anything differs."""
    pairs = [(getattr(found.before, one), getattr(found.after, one)) for one in trial.RESULTS]
    return {int(place) for one, other in pairs for place in np.flatnonzero(one != other)}


@st.composite
def awkward(draw: Any) -> Judged:
    """A household drawn at random, with a source that fails and a category that is not stated."""
    entry = draw(households())
    if draw(st.booleans()):
        entry.pop("category", None)
    if draw(st.booleans()):
        entry["faults"] = {draw(st.sampled_from(SOURCES)): [{"mode": "timeout"}]}
    if draw(st.booleans()):
        entry["declared"] = (entry.get("declared") or {}) | {"actual_rent": draw(
            st.sampled_from(["0", "350.5", "900", "unknown"])
        )}  # fmt: skip
    if draw(st.booleans()):
        head = entry["household"][0]["id_number"]
        aid = [{"xm": entry["household"][0]["name"], "jzlb": "低保", "shsj": "20200101"}]
        entry["records"].setdefault("social_assistance", {})[head] = aid
    return Case.from_dict(entry), draw(st.dates(date(2019, 3, 1), date(2023, 6, 1)))


@settings(max_examples=60, deadline=None)
@given(st.lists(awkward(), min_size=1, max_size=4), st.sampled_from(sorted(LEVERS)),
       st.decimals("0.05", "3", places=2))  # fmt: skip
def test_columns_equal_the_full_engine_for_any_household_and_any_value(
    cases: list[Judged], name: str, factor: Decimal
) -> None:
    made = columns_of(cases)
    assert (trial.agrees(made, BASE) | made.cases["engine_only"]).all()
    found = tried(made, name, nearby(name, str(factor)))
    if found is not None:
        assert differences(found, cases) == []


@settings(max_examples=40, deadline=None)
@given(awkward(), st.data())
def test_a_limit_right_at_an_income_is_judged_as_the_engine_does(judged: Judged, data: Any) -> None:
    """The base is moved so that the limit falls on the household's own income, or beside it."""
    made = columns_of([judged])
    income = int(made.lines["income"][0])
    base = Decimal(income).scaleb(-6) / Decimal("0.8") / int(made.lines["persons"][0])
    step = data.draw(st.sampled_from(["-0.000001", "0", "0.000001", "-0.01", "0.01"]))
    found = tried(made, "income.base", round(base, 6) + Decimal(step))
    if found is not None:
        assert differences(found, [judged]) == []


def test_only_the_rules_that_read_the_value_are_run_again() -> None:
    """Facts of another rule may be nonsense: what is not run again does not notice."""
    made = columns_of(everybody()[:60])
    made.lines["cars"][:] = 99
    quiet = tried(made, "housing.divorce_lookback_months", LEVERS[LOOKBACK].present(BASE))
    assert quiet is not None and not changed(quiet) and quiet.rerun == ("DIVORCE_LOOKBACK",)
    sums = tried(made, "rent.market", LEVERS["rent.market"].present(BASE))
    assert sums is not None and not changed(sums)
    loud = tried(made, "vehicle.value_max", LEVERS["vehicle.value_max"].present(BASE))
    assert loud is not None and changed(loud)


def test_a_sum_that_units_cannot_hold_is_left_to_the_engine() -> None:
    assert exact(Decimal("0.000001")) == (1, True)
    assert exact(Decimal(1) / 3) == (333333, False)
    with pytest.raises(OverflowError):
        exact(Decimal(10) ** 13)
    entry = next(entry_of(one) for one in all_scenarios() if one["base"])
    head = entry["household"][0]["id_number"]
    home = {"zl": "某路1号101室", "jzmj": "10", "djsj": "20150101", "gyfe": "1/3"}
    entry["records"]["property"] = {head: [home]}
    made = columns_of([(Case.from_dict(entry), ON)])
    assert made.cases["engine_only"].all()
    found = tried(made, "housing.area_per_person", Decimal(20))
    assert found is not None and found.for_engine.tolist() == [0]


def test_a_movable_rule_that_people_settled_is_left_to_the_engine_and_no_other() -> None:
    case, on = everybody()[0]
    head = case.applicant.id_number
    cases = [
        (replace(case, settled=settled), on)
        for settled in (
            Settled(income=Decimal(1000)),
            Settled(aid={head: "DB"}),
            Settled(rules={("IDENTITY", head): "fail"}),
            Settled(rules={("INCOME", ""): "pass"}),
        )
    ]
    made = columns_of(cases)
    assert made.cases["engine_only"].tolist() == [False, False, False, True]
    assert trial.agrees(made, BASE)[:3].all()
    for name, to in (("income.base", "900"), ("rent.market", "40"), ("single.min_age", "60")):
        found = tried(made, name, Decimal(to))
        assert found is not None and differences(found, cases) == []


def test_a_case_of_the_engine_alone_is_settled_by_its_own_result() -> None:
    case, on = everybody()[0]
    made = columns_of([(case, on)])
    made.cases["engine_only"][:] = True
    found = tried(made, "income.base", Decimal(1))
    assert found is not None
    result = assess(case, on=on, policy=found.policy)
    found.settle(0, result, Facts(case, on, found.policy))
    assert found.differs(0, result, Facts(case, on, found.policy)) == []


@pytest.mark.parametrize(
    ("name", "written", "why"),
    [
        ("income.base", "many", "value"),
        ("income.base", "NaN", "value"),
        ("income.base", "0", "range"),
        ("income.base", "1.0000001", "places"),
        ("income.base", "1e30", "range"),
        ("income.base", "-1e999999999", "range"),
        ("single.min_age", "1e30", "range"),
        ("rent.coefficient/TK", "1e30", "table"),
        ("rent.coefficient/TK", "-1e30", "table"),
        ("single.min_age", "30.5", "whole"),
        ("rent.coefficient/TK", "1.5", "table"),
        ("income.ratio_low", "0.9", "agree"),
    ],
)
def test_a_value_that_a_pack_may_not_hold_is_refused(name: str, written: str, why: str) -> None:
    with pytest.raises(movable.NotMovable) as refused:
        movable.moved(BASE, LEVERS[name], written)
    assert refused.value.why == why


def test_columns_come_back_from_bytes_and_parts_join_to_the_whole() -> None:
    cases = everybody()[:40]
    whole = columns_of(cases)
    parts = [columns_of(cases[at : at + 7]) for at in range(0, 40, 7)]
    joined = Columns.joined(Columns.from_bytes(one.to_bytes()) for one in parts)
    for mine, theirs in ((whole.cases, joined.cases), (whole.lines, joined.lines),
                         (whole.homes, joined.homes)):  # fmt: skip
        for name in mine:
            if name != "key":
                assert np.array_equal(mine[name], theirs[name]), name
    assert joined.nbytes == whole.nbytes and len(Columns.joined([])) == 0


def test_every_group_of_rules_has_its_namesake_on_columns() -> None:
    assert set(again.RULES) == set(GROUPS)
