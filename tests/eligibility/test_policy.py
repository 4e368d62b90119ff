"""Packs: dated values with their source, and a loader that refuses anything else."""

from datetime import date
from decimal import Decimal

import pytest
import yaml

from applications.eligibility import policy
from applications.eligibility.policy import PACKS, PolicyError

ON = date(2021, 9, 24)


def pack() -> dict:
    return yaml.safe_load((PACKS / "YZ-DEMO-2021.yaml").read_text(encoding="utf-8"))


def load(raw: dict) -> policy.Policy:
    return policy.load(yaml.safe_dump(raw, allow_unicode=True))


@pytest.mark.parametrize("name", ["YZ-DEMO-2021", "YZ-DEMO-2026"])
def test_shipped_packs_are_read_and_marked(name):
    shipped = policy.find(name)
    on = max(shipped.start, ON)
    assert shipped.id == name and len(shipped.digest) == 64
    assert "hukou.min_months" in shipped.unverified_keys(on)
    assert "未核实" in shipped.citation("hukou.min_months", on)
    assert "第35条" in shipped.citation("ban.deceit_years", on)


@pytest.mark.parametrize(
    ("on", "base"),
    [
        (date(2021, 9, 24), "68008"),
        (date(2022, 1, 31), "68008"),
        (date(2022, 2, 1), "73869"),
        (date(2023, 1, 31), "73869"),
        (date(2023, 2, 1), "76690"),
        (date(2024, 2, 1), "80064"),
    ],
)
def test_the_base_changes_on_the_day_of_publication_not_of_the_year(on, base):
    assert policy.default_for(on).value("income.base", on) == Decimal(base)


def test_the_pack_of_a_day():
    assert policy.default_for(date(2025, 12, 31)).id == "YZ-DEMO-2021"
    assert policy.default_for(date(2026, 1, 1)).id == "YZ-DEMO-2026"


def test_the_digest_is_of_the_text():
    one, other = policy.find("YZ-DEMO-2021"), load(pack())
    assert policy.load(one.text).digest == one.digest != other.digest


def _without_mark(raw):
    del raw["values"]["rent.market"]["values"][0]["mark"]


def _unknown_key(raw):
    raw["values"]["rent.garden"] = raw["values"]["rent.market"]


def _unknown_detail(raw):
    raw["values"]["rent.market"]["operator"] = "<="


def _missing(raw):
    del raw["values"]["rent.market"]


def _overlap(raw):
    raw["values"]["income.base"]["values"][1]["from"] = date(2019, 2, 1)


def _overlap_by_end(raw):
    raw["values"]["income.base"]["values"][0]["to"] = date(2020, 2, 1)


def _gap(raw):
    raw["values"]["income.base"]["values"][0]["to"] = date(2020, 1, 30)


def _late(raw):
    raw["values"]["rent.market"]["values"][0]["from"] = date(2020, 1, 1)


def _wrong_kind(raw):
    raw["values"]["single.min_age"]["values"][0]["value"] = "thirty-five"


def _wrong_operator(raw):
    raw["values"]["single.min_age"]["op"] = "=<"


def _wrong_source(raw):
    raw["values"]["rent.market"]["values"][0]["source"] = "NOWHERE"


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_without_mark, "rent.market: a value has neither source nor mark"),
        (_unknown_key, "values: unknown rent.garden"),
        (_unknown_detail, "rent.market: unknown operator"),
        (_missing, "values: missing rent.market"),
        (_overlap, "income.base: values overlap at 2019-02-01"),
        (_overlap_by_end, "income.base: values overlap at 2020-02-01"),
        (_gap, "income.base: no value after 2020-01-30"),
        (_late, "rent.market: no value on the pack's first day"),
        (_wrong_kind, "single.min_age: the value must be a whole"),
        (_wrong_operator, "single.min_age: op must be one of"),
        (_wrong_source, "rent.market: source NOWHERE is no document"),
    ],
)
def test_the_loader_refuses_and_says_why(spoil, sentence):
    raw = pack()
    spoil(raw)
    with pytest.raises(PolicyError, match=sentence):
        load(raw)


def test_a_day_before_the_first_value_has_none():
    with pytest.raises(PolicyError, match="no value is in force on 2019-01-31"):
        policy.find("YZ-DEMO-2021").value("rent.market", date(2019, 1, 31))


def test_a_pack_that_is_nowhere_is_refused():
    with pytest.raises(PolicyError, match="neither a pack"):
        policy.find("YZ-1999")
