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


def _at(key, change, place=0):
    def spoil(raw):
        raw["values"][key]["values"][place] |= change

    return spoil


def _of(key, change):
    def spoil(raw):
        raw["values"][key] |= change

    return spoil


def _without_link(raw):
    del raw["values"]["ban.deceit_years"]["values"][0]["mark"]


def _nameless(raw):
    del raw["documents"]["LING11"]["title"]


def _read_never(raw):
    raw["documents"]["LING11"]["read"] = "yesterday"


def _end_of_all(raw):
    raw["values"]["rent.market"]["values"][-1]["to"] = date(2020, 1, 1)


def _backwards(raw):
    raw["effective_to"] = date(2018, 1, 1)


@pytest.mark.parametrize(
    ("spoil", "sentence"),
    [
        (_without_link, "ban.deceit_years: LING11 is cited without link, read; or mark it"),
        (_at("rent.market", {"article": "第19条"}), "rent.market: article 第19条 of no document"),
        (_nameless, "documents.LING11: title is missing"),
        (_read_never, "documents.LING11.read: not a date"),
        (_end_of_all, "rent.market: no value after 2020-01-01"),
        (_backwards, "effective_to: before effective_from"),
        (_at("rent.market", {"to": date(2018, 1, 1)}), "rent.market: ends on 2018-01-01, before"),
        (_at("rent.market", {"mark": "surely"}), "rent.market: mark can only be unverified"),
        (_of("rent.market", {"unit": "美元"}), "rent.market: unit must be 元/㎡·月"),
        (_of("rent.market", {"op": "<="}), "rent.market: op does not fit"),
        (_of("single.min_age", {"op": "<="}), "single.min_age: op must be one of >= >"),
        (_of("income.ratio_low", {"op": ">"}), "income.ratio_low: op must be one of <= <"),
        (_of("income.ratio_low", {"op": ""}), "income.ratio_low: op must be one of <= <"),
        (_at("rent.market", {"value": True}), "rent.market: the value must be a number"),
        (_at("rent.market", {"value": "nan"}), "rent.market: the value must be a number"),
        (_at("rent.market", {"value": -1}), "rent.market: -1 is not from 0 to"),
        (_at("hukou.min_months", {"value": 12.5}), "hukou.min_months: the value must be a whole"),
        (_at("hukou.min_months", {"value": 900}), "hukou.min_months: 900 is not from 0 to 600"),
        (_at("hukou.area", {"value": "鄞州"}), "hukou.area: 鄞州: a district has six digits"),
        (_at("hukou.urban_only", {"value": "yes"}), "hukou.urban_only: the value must be true or"),
        (_at("single.exempt", {"value": ["RICH"]}), "single.exempt: RICH: must be among"),
        (_at("single.exempt", {"value": ["TK", "TK"]}), "single.exempt: TK: named twice"),
        (_at("vehicle.exempt_uses", {"value": "disabled"}), "vehicle.exempt_uses: .* a list"),
        (_at("rent.coefficient", {"value": {"TK": 0.1}}), "rent.coefficient: missing DB, DBBY"),
        (_at("rent.coefficient", {"value": 3}), "rent.coefficient: the value must be a table"),
        (_at("new_employee.degree_min", {"value": "学霸"}), "new_employee.degree_min: 学霸: must"),
        (_at("migrant.form", {"value": "villa"}), "migrant.form: villa: must be among"),
        (
            _at("units.by_persons", {"value": {"1": ["1R"], "3+": ["2R"]}}),
            "units.by_persons: sizes must run 1, 2",
        ),
        (
            _at("units.by_persons", {"value": {"1": ["1R"], "2+": ["9R"]}}),
            "units.reference_area: missing 9R on 2019-02-01",
        ),
        (_at("units.reference_area", {"value": {"1R": 900}}), "units.reference_area: 1R: must be"),
        (_at("income.ratio_low", {"value": 0.9}), "income.ratio_low: above income.ratio_lower"),
        (_at("subsidy.area_floor", {"value": 61}), "subsidy.area_floor: above subsidy.area_cap"),
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


def test_the_sentence_names_the_line():
    text = (PACKS / "YZ-DEMO-2021.yaml").read_text(encoding="utf-8")
    line = next(
        number
        for number, one in enumerate(text.splitlines(), start=1)
        if one.strip().startswith("- {from: 2019-02-01, value: 25.00")
    )
    with pytest.raises(PolicyError, match=f"^line {line}: rent.market: the value must be a number"):
        policy.load(text.replace("value: 25.00", "value: dear"))


def test_a_key_that_stands_twice_is_refused_with_its_line():
    text = (PACKS / "YZ-DEMO-2021.yaml").read_text(encoding="utf-8")
    with pytest.raises(PolicyError, match=r"^line \d+: hukou.area stands twice"):
        policy.load(text + "  hukou.area: {}\n")


def test_text_that_is_no_pack_is_refused():
    with pytest.raises(PolicyError, match="not YAML at line 2"):
        policy.load("a: 1\n b: [")
    with pytest.raises(PolicyError, match="a pack is a mapping"):
        policy.load("- 1\n- 2\n")


def test_a_value_read_in_a_document_carries_no_mark():
    raw = pack()
    raw["documents"]["LING11"] |= {"link": "https://example.org/11", "read": date(2026, 1, 5)}
    del raw["values"]["ban.deceit_years"]["values"][0]["mark"]
    read = load(raw)
    assert "ban.deceit_years" not in read.unverified_keys(ON)
    assert read.citation("ban.deceit_years", ON).endswith("第35条（YZ-DEMO-2021）")
    told = read.provenance("ban.deceit_years", ON)
    assert (told["number"], told["article"], told["link"], told["read"], told["mark"]) == (
        "住房和城乡建设部令第11号", "第35条", "https://example.org/11", "2026-01-05", "",
    )  # fmt: skip


def test_every_day_of_a_pack_has_every_value():
    for pack_ in policy.shipped().values():
        for on in (pack_.start, pack_.end or date(2030, 1, 1)):
            assert set(pack_.day(on).values) == set(pack_.parameters)
