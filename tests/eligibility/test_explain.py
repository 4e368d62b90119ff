"""Explanations: plain sentences in two languages, the same from a live and a stored result."""

import json
import re
from pathlib import Path

import pytest
import yaml

from applications.eligibility import explain, wording
from applications.eligibility.command import main
from applications.eligibility.rulebook import render
from applications.eligibility.rules import ORDER
from tests.rules import scenarios

ROOT = Path(__file__).parents[2]
HAN = re.compile(r"[\u3400-\u9fff]")
LANGUAGES = ("zh-hans", "en")


def results():
    for one in scenarios.all_scenarios():
        entry = scenarios.built(one["base"], one.get("set"), one.get("people"))
        yield scenarios.judged(entry, one.get("day"))


def test_every_finding_of_every_scenario_has_its_sentence_and_no_gap():
    for result in results():
        for finding in result.findings:
            assert finding.reason in wording.SENTENCES, finding.reason
            for language in LANGUAGES:
                text = explain.sentence(finding, language)
                assert "{" not in text and "—" not in text, (finding.reason, text)


def test_english_explanations_hold_no_chinese():
    for result in results():
        record = json.loads(json.dumps(result.to_record(), default=str))
        for one in explain.explained(record, "en"):
            for part in ("title", "word", "sentence", "change", "basis"):
                assert not HAN.search(_without_names(one[part], record)), one


def _without_names(text, record):
    for finding in record["findings"]:
        for value in finding["values"].values():
            text = text.replace(value, "") if HAN.search(value) else text
    return text


def test_a_stored_result_explains_itself_as_the_live_one():
    for result in results():
        stored = json.loads(json.dumps(result.to_record()))
        for language in LANGUAGES:
            assert explain.report(stored, language) == explain.report(result, language)


def test_a_record_of_the_contracts_shape_alone_is_explained_too():
    for result in results():
        for one in explain.explained(result.to_json(), "zh-hans"):
            assert one["sentence"] and one["basis"]


def _one(base, change, rule):
    result = scenarios.judged(scenarios.built(base, change))
    return next(finding for finding in result.findings if finding.rule == rule)


def test_a_failure_names_value_limit_difference_article_source_and_date():
    contract = {"contractNo": "Y1", "contractBuyer": [{"idNo": "$A"}], "area": "89.50"}
    change = {"records": {"presale_contract": {"$A": [contract | {"contractDate": "20210315"}]}}}
    finding = _one("urban", change, "HOUSING_OFFPLAN")
    text = explain.sentence(finding, "zh-hans") + explain.basis(finding, "zh-hans")
    for part in (
        "2021年3月15日",
        "89.50",
        "29.83",
        "54.00",
        "35.50",
        "第7条",
        "商品房合同",
        "未经核实",
    ):
        assert part in text
    english = explain.sentence(finding, "en")
    assert "15 March 2021" in english and "29.83" in english


def test_what_would_change_it_is_the_day_the_look_back_ends():
    home = {"zl": "某路1号101室", "jzmj": "52", "zysj": "20191008", "zyyy": "买卖"}
    finding = _one("couple", {"records": {"property": {"$A": [home]}}}, "TRANSFER_LOOKBACK")
    assert "2022年10月8日" in explain.change(finding, "zh-hans")
    assert "8 October 2022" in explain.change(finding, "en")


def test_sums_show_each_step():
    result = scenarios.judged(scenarios.built("urban", {"declared": {"actual_rent": 500}}))
    assert explain.sums(result, "zh-hans") == [
        "租金：55平方米×25.00元×0.7＝每月962.50元。",
        "租赁补贴：（54－0）平方米×20.00元×0.5，不超过实付租金500元＝每月500.00元。",
    ]
    assert "962.50 yuan a month" in explain.sums(result, "en")[0]


@pytest.mark.parametrize("rule", ORDER)
def test_every_rule_has_a_name_in_both_languages(rule):
    chinese, english = wording.RULES[rule]
    assert HAN.search(chinese) and not HAN.search(english)


def test_the_book_of_rules_is_current():
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == render()


def test_every_failing_reason_says_what_would_change_it():
    seen = {one.reason for result in results() for one in result.findings if one.result == "fail"}
    assert seen <= set(wording.CHANGES) and len(seen) >= 20
    for chinese, english in wording.CHANGES.values():
        assert HAN.search(chinese) and not HAN.search(english)


@pytest.mark.parametrize(
    ("base", "people", "change", "rule", "parts"),
    [
        ("single", {"$A": "~19900101/1"}, {}, "SINGLE_AGE", ("2025年1月1日", "35")),
        (
            "migrant", {}, {"records": {"social_insurance": {"$A": [{"AAE002": "202012",
             "AAE003": "202108"}]}}}, "EMPLOYMENT", ("3个月", "2021年12月1日"),
        ),
        (
            "couple", {}, {"records": {"income_check": {"$A": [{"ny": "202108", "je": "110000"}],
             "$S": [{"je": "0"}]}}}, "INCOME", ("1187.20", "593.60"),
        ),
        (
            "couple", {}, {"records": {"vehicle": {"$A": [{"hphm": "浙B1", "gzj": "151000"}]}}},
            "VEHICLE", ("1000.00",),
        ),
        (
            "urban", {}, {"records": {"household_register": {"$A": [{"czrkxzjd": "330212011",
             "czrkxm": "孙立明", "czrkqrrq": "20210101"}]}}}, "HUKOU", ("4个月", "2022年1月1日"),
        ),
    ],
)  # fmt: skip
def test_the_change_is_a_date_a_sum_or_the_months_still_missing(base, people, change, rule, parts):
    result = scenarios.judged(scenarios.built(base, change, people))
    (finding,) = [one for one in result.findings if one.rule == rule]
    text = explain.change(finding, "zh-hans")
    assert all(part in text for part in parts), text


def test_the_values_a_rule_read_are_shown_with_where_they_stand():
    from applications.eligibility import policy

    pack = policy.find("YZ-DEMO-2021")
    result = scenarios.judged(scenarios.built("couple"))
    (income,) = [one for one in result.findings if one.rule == "INCOME"]
    told = {one["key"]: one for one in explain.provenance(income, pack, result.on, "zh-hans")}
    assert income.unverified and "income.base" in told
    assert told["income.base"]["state"] == "尚待核实原文"
    assert told["income.base"]["since"] == "2021-02-01"
    assert not told["income.base"]["description"].startswith("income")


def test_the_report_names_form_home_and_group_in_words():
    said = explain.report(scenarios.judged(scenarios.built("elder")), "zh-hans")
    for line in ("保障方式：公租房、租赁补贴。", "户型：一居室。", "优先对象：特困、孤老。"):
        assert line in said
    migrant = explain.report(scenarios.judged(scenarios.built("migrant")), "en")
    assert "Form: a rental subsidy." in migrant


def test_no_refusal_says_the_same_thing_twice():
    """What was found and what would change it stand side by side on page, letter and screen."""
    for reason, (chinese, english) in wording.CHANGES.items():
        found = wording.SENTENCES[reason]
        for told, change in ((found[0], chinese), (found[1], english)):
            said = {part.strip() for part in re.split("[。；;.]", told) if part.strip()}
            again = {part.strip() for part in re.split("[。；;.]", change) if part.strip()}
            assert not said & again, reason


def test_a_limit_for_the_whole_household_is_called_so():
    flat = {"property": {"$A": [{"zl": "某路1号101室", "jzmj": "40"}]}}
    result = scenarios.judged(scenarios.built("couple", {"records": flat}))
    (finding,) = [one for one in result.findings if one.rule == "HOUSING_AREA"]
    assert "2人平均20.00平方米；规定合计不高于36.00平方米" in explain.sentence(finding, "zh-hans")
    assert "at most 36.00 in all" in explain.sentence(finding, "en")


def test_a_permit_cancelled_before_its_day_has_not_run_out_on_that_day():
    row = {"xzqhdm": "330212", "yxqz": "20220531", "zxrq": "20210920"}
    change = {"records": {"residence_permit": {"$A": [row]}}}
    result = scenarios.judged(scenarios.built("migrant", change))
    (finding,) = [one for one in result.findings if one.rule == "PERMIT"]
    assert finding.result == "fail" and "2022" not in explain.sentence(finding, "zh-hans")


def test_a_report_on_several_people_says_of_whom_a_line_speaks(tmp_path, capsys):
    path = tmp_path / "cast.yaml"
    path.write_text(yaml.safe_dump([scenarios.built("couple")], allow_unicode=True), "utf-8")
    assert main([str(path), "--explain", "zh-hans"]) == 0
    assert "[符合] 人员状态: 何倩：没有死亡登记。" in capsys.readouterr().out
