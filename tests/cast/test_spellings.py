"""However a register spells its rows, a case of a cast file is judged the same."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from applications.eligibility import assessment, policy
from applications.eligibility.cast import Case, load_file

CAST = Path(__file__).parent / "households.yaml"
ENTRIES = [dict(entry) for entry, _case in load_file(CAST)]
NAMES = (
    "xm",
    "czrkxm",
    "name",
    "qlrmc",
    "manName",
    "womanName",
    "syr",
    "NSRMC",
    "AAC003",
    "name_man",
)
DAY = re.compile(r"(19|20)(\d\d)(0[1-9]|1[0-2])([0-3]\d)", re.ASCII)
Spell = Callable[[str, str], Any]


def respelled(value: Any, spell: Spell, key: str = "") -> Any:
    """The same rows with each text spelt another way."""
    if isinstance(value, dict):
        return {inner: respelled(one, spell, inner) for inner, one in value.items()}
    if isinstance(value, list):
        return [respelled(one, spell, key) for one in value]
    return spell(key, value) if isinstance(value, str) else value


def _dated(form: str) -> Spell:
    def spell(_key: str, text: str) -> Any:
        found = DAY.fullmatch(text)
        if not found:
            return text
        on = date(int(found[1] + found[2]), int(found[3]), int(found[4]))
        return form.format(y=on.year, m=on.month, d=on.day)

    return spell


def _amount(form: str) -> Spell:
    return lambda _key, text: form.format(text) if re.fullmatch(r"\d+\.\d\d", text) else text


def _wide(_key: str, text: str) -> str:
    """Full-width digits and letters."""
    return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" and c != "\\" else c for c in text)


def _spaced(key: str, text: str) -> str:
    return " ".join(text) if key in NAMES and re.fullmatch("[\u4e00-\u9fff]{2,4}", text) else text


def _old_number(_key: str, text: str) -> str:
    found = re.fullmatch(r"(\d{6})19(\d{9})[\dX]", text)
    return found[1] + found[2] if found else text


SPELLINGS: dict[str, Spell] = {
    "dates with dashes and a time": _dated("{y}-{m:02}-{d:02} 00:00:00.0"),
    "dates in Chinese": _dated("{y}年{m}月{d}日"),
    "dates with slashes": _dated("{y}/{m}/{d}"),
    "dates by ISO 8601": _dated("{y}-{m:02}-{d:02}T00:00:00.000+08:00"),
    "sums with a sign and a unit": _amount("￥{}元"),
    "areas with a unit": _amount("{} ㎡"),
    "figures as numbers": lambda _k, t: float(t) if re.fullmatch(r"\d{1,7}\.\d\d", t) else t,
    "full width": _wide,
    "names with spaces": _spaced,
    "small x": lambda _k, t: t.lower() if re.fullmatch(r"\d{17}X", t) else t,
    "numbers of 15 digits": _old_number,
    "nothing as NULL": lambda _k, t: "NULL" if t in ("", "\\N") else t,
    "nothing as 1899-12-31": lambda k, t: "1899-12-31" if t == "\\N" and k.endswith("rq") else t,
    "spaces around": lambda _k, t: f"  {t}\u3000",
}


def judged(entry: dict[str, Any], records: Any) -> dict[str, Any]:
    case = Case.from_dict({**entry, "records": records})
    on = case.as_of or date(2021, 9, 24)
    return assessment.assess(case, on=on, policy=policy.default_for(on)).to_json()


def decided(result: dict[str, Any]) -> dict[str, Any]:
    """What was decided, rule by rule."""
    parts = ("outcome", "category", "tier", "rent_monthly", "subsidy_monthly", "unit_types")
    kept = ("rule", "result", "person", "actual", "limit")
    findings = [{key: one.get(key) for key in kept} for one in result["findings"]]
    return {**{part: result[part] for part in parts}, "findings": findings}


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda one: one["case"])
def test_a_case_is_judged_the_same_however_it_is_spelt(
    entry: dict[str, Any], spelling: str
) -> None:
    records = entry.get("records") or {}
    plain = decided(judged(entry, records))
    assert decided(judged(entry, respelled(records, SPELLINGS[spelling]))) == plain


SHAPES: dict[str, Callable[[list[Any]], Any]] = {
    "a JSON text": lambda rows: json.dumps(rows, default=str),
    "success and data": lambda rows: {"success": True, "errorCode": None, "data": rows},
    "code and data as text": lambda rows: json.dumps({"code": 200, "data": rows}, default=str),
    "status and result": lambda rows: {"status": "0", "message": "ok", "result": rows},
    "date, so spelt": lambda rows: {"date": rows},
    "result in result": lambda rows: {"result": {"result": rows}},
    "each row twice": lambda rows: rows * 2,
}


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("entry", ENTRIES, ids=lambda one: one["case"])
def test_a_case_is_judged_the_same_in_every_shape_of_datas(
    entry: dict[str, Any], shape: str
) -> None:
    records = entry.get("records") or {}
    wrapped = {
        source: {number: SHAPES[shape](rows) for number, rows in people.items()}
        for source, people in records.items()
    }
    assert decided(judged(entry, wrapped)) == decided(judged(entry, records))
