"""The synthetic households, through the real command."""

import io
import json
from pathlib import Path

import pytest
import yaml
from django.core.management import call_command

from tests.cast.expected import assert_as_expected

FILE = Path(__file__).parents[1] / "cast" / "households.yaml"
CASES = {one["case"]: one for one in yaml.safe_load(FILE.read_text(encoding="utf-8"))}
KEYS = [
    "case", "on", "policy", "outcome", "category", "tier", "findings", "unit_types",
    "rent_monthly", "subsidy_monthly", "priority",
]  # fmt: skip
FINDING_KEYS = ["rule", "result", "person", "actual", "limit", "op", "citation", "evidence"]


def assessed(*arguments: str) -> list[dict]:
    out = io.StringIO()
    call_command("assess", str(FILE), *arguments, "--json", stdout=out)
    return [json.loads(line) for line in out.getvalue().splitlines()]


@pytest.fixture(scope="module")
def results() -> dict[str, dict]:
    return {one["case"]: one for one in assessed()}


def test_one_object_a_line_in_file_order(results):
    assert list(results) == list(CASES)


@pytest.mark.parametrize("name", CASES)
def test_each_household_gets_what_its_description_expects(results, name):
    assert_as_expected(CASES[name]["expect"], results[name])


def test_the_object_has_exactly_the_published_keys_in_their_order(results):
    for one in results.values():
        assert list(one) == KEYS
        for finding in one["findings"]:
            assert list(finding) == FINDING_KEYS
            assert finding["citation"] and isinstance(finding["evidence"], list)


def test_a_source_that_answers_again_ends_the_waiting():
    (later,) = assessed("--case", "H21", "--on", "2021-09-28")
    assert (later["outcome"], later["tier"]) == ("eligible", "ZPX")


def test_the_contract_still_counts_on_a_day_before_it_was_cancelled():
    (before,) = assessed("--case", "H07b", "--on", "2021-10-09")
    assert "HOUSING_OFFPLAN" in [
        one["rule"] for one in before["findings"] if one["result"] == "fail"
    ]


@pytest.mark.parametrize(("day", "fails"), [("2022-10-07", True), ("2022-10-08", False)])
def test_the_anniversary_of_a_sale_ends_the_look_back(day, fails):
    (got,) = assessed("--case", "H09b", "--on", day)
    failing = [one["rule"] for one in got["findings"] if one["result"] == "fail"]
    assert failing == (["TRANSFER_LOOKBACK"] if fails else [])


def test_the_strict_operator_turns_equality_into_a_failure(tmp_path):
    from applications.eligibility.policy import PACKS

    pack = yaml.safe_load((PACKS / "YZ-DEMO-2021.yaml").read_text(encoding="utf-8"))
    pack["values"]["income.ratio_lower_middle"]["op"] = "<"
    path = tmp_path / "strict.yaml"
    path.write_text(yaml.safe_dump(pack, allow_unicode=True), encoding="utf-8")
    (got,) = assessed("--case", "H03", "--policy", str(path))
    assert [one["rule"] for one in got["findings"] if one["result"] == "fail"] == ["INCOME"]


def test_a_finding_at_the_limit_looks_as_published(results):
    (income,) = [one for one in results["H03"]["findings"] if one["rule"] == "INCOME"]
    assert {key: income[key] for key in FINDING_KEYS if key != "citation"} == {
        "rule": "INCOME",
        "result": "pass",
        "person": None,
        "actual": "163219.20",
        "limit": "163219.20",
        "op": "<=",
        "evidence": ["income_check"],
    }
