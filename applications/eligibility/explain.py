"""Explanations (说明): findings and sums in plain Chinese and English, the same everywhere.

Pages, letters and the API all take their sentences from here, from a live assessment or from its
stored record. ``language`` is "zh-hans" or "en".
"""

import re
from collections.abc import Iterator, Mapping
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from applications.eligibility import wording
from applications.eligibility.assessment import Assessment
from applications.eligibility.finding import FAIL, PASS, UNKNOWN, Finding, two_places
from applications.eligibility.policy import Policy
from applications.eligibility.wording import EN
from datashare import catalogue

_DATE = re.compile(r"(\d{4})-(\d{2})-(\d{2})", re.ASCII)
_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September",
    "October", "November", "December",
)  # fmt: skip


class _Values(dict[str, str]):
    """A value that an older record does not carry shows as a dash, not as an error."""

    def __missing__(self, key: str) -> str:
        return "—"


def title(rule: str, language: str) -> str:
    """The rule's name as people read it."""
    return _of(wording.RULES, rule, language)


def sentence(finding: Finding | Mapping[str, Any], language: str, name: str = "") -> str:
    """What was found: value, limit and difference. ``name`` of the person, for person rules."""
    one = _finding(finding)
    pattern = _of(wording.SENTENCES, one.reason, language)
    if one.reason not in wording.SENTENCES:
        pattern = _plain_pattern(one, language)
    text = pattern.format_map(_values(one, language))
    joint = ": " if language == EN else "："
    return f"{name}{joint}{text}" if name and one.person else text


def basis(finding: Finding | Mapping[str, Any], language: str) -> str:
    """Article, source and date behind a finding; says so where a number is unverified."""
    one = _finding(finding)
    sources = _list([source_name(code, language) for code in one.evidence], language)
    dates = sorted({found.dated for found in one.references if found.dated}, reverse=True)
    english = language == EN
    parts = [f"Basis: {clause(one.citation, EN)}" if english else f"依据：{one.citation}"]
    if sources:
        parts.append(f"source: {sources}" if english else f"来源：{sources}")
    if dates:
        day = shown_date(dates[0], language)
        parts.append(f"date: {day}" if english else f"日期：{day}")
    if one.unverified:
        parts.append("value not verified" if english else "数值未经核实")
    return ("; ".join(parts) + ".") if english else "；".join(parts) + "。"


def change(finding: Finding | Mapping[str, Any], language: str) -> str:
    """What would change a failure: a date, a sum, a step to take; '' for what does not fail."""
    one = _finding(finding)
    if one.result != FAIL:
        return ""
    pattern = _of(wording.CHANGES, one.reason, language)
    values = _values(one, language)
    if one.reason not in wording.CHANGES or ("{earliest}" in pattern and not values["earliest"]):
        return _over(values, language)
    return pattern.format_map(values)


def _over(values: Mapping[str, str], language: str) -> str:
    """By how much a home, or homes, are above the limit."""
    pattern = wording.CHANGES["HOUSING_AREA_FAIL"][1 if language == EN else 0]
    return pattern.format_map(values) if values.get("over") else ""


def difference(finding: Finding | Mapping[str, Any]) -> str:
    """How far what was found lies from the limit, in the rule's unit; '' if nothing compares."""
    one = _finding(finding)
    if not one.actual or not one.limit:
        return ""
    try:
        apart = abs(Decimal(one.actual) - Decimal(one.limit))
    except InvalidOperation:  # a date, a degree
        return ""
    return two_places(apart) if "." in one.actual + one.limit else str(apart)


def told(finding: Finding | Mapping[str, Any], language: str, name: str = "") -> dict[str, str]:
    """A finding in words: what was found, on what basis, what would change it.

    The one wording of pages, letters and the API.
    """
    return {
        "sentence": sentence(finding, language, name),
        "basis": basis(finding, language),
        "change": change(finding, language),
        "difference": difference(finding),
    }


def outcome(result: Assessment | Mapping[str, Any], language: str) -> str:
    """The whole in one sentence. No failure is called a decision: a person decides."""
    failed = {one.rule for one in _findings(result) if one.result == FAIL}
    said = result.outcome if isinstance(result, Assessment) else result["outcome"]
    return _of(wording.OUTCOMES, said, language).format(count=len(failed))


def explained(
    result: Assessment | Mapping[str, Any], language: str, names: Mapping[str, str] | None = None
) -> list[dict[str, str]]:
    """Every finding as plain text, the ones that matter first: for pages, letters and the API."""
    names = names or {}
    order = {FAIL: 0, UNKNOWN: 1, PASS: 2}
    return [
        {
            "rule": one.rule,
            "person": one.person or "",
            "result": one.result,
            "title": title(one.rule, language),
            "word": _of(wording.RESULTS, one.result, language),
            **told(one, language, names.get(one.person or "", "")),
        }
        for one in sorted(_findings(result), key=lambda one: order[one.result])
    ]


def sums(result: Assessment | Mapping[str, Any], language: str) -> list[str]:
    """Each step of rent and subsidy; nothing where none is given."""
    record = _record(result)
    rent = _rent(record.get("rent_sum"), language)
    return [*rent, *_subsidy(record.get("subsidy_sum"), language)]


def report(
    result: Assessment | Mapping[str, Any], language: str, names: Mapping[str, str] | None = None
) -> list[str]:
    """The whole explanation, a sentence a line. ``names`` by ID number: whom a line speaks of."""
    record = _record(result)
    lines = [f"{record['case']} {shown_date(date.fromisoformat(record['on']), language)}"]
    lines.append(outcome(result, language))
    if record["tier"]:
        tier = _of(wording.TIERS, record["tier"], language)
        lines.append(f"Tier: {tier}." if language == EN else f"保障档次：{tier}。")
    lines += _granted(record, language)
    for one in explained(result, language, names):
        space = " " if language == EN else ""
        basis_told = one["basis"] if one["result"] != "pass" else ""
        said = [text for text in (one["sentence"], one["change"], basis_told) if text]
        lines.append(f"[{one['word']}] {one['title']}: {space.join(said)}")
    return lines + sums(record, language)


@lru_cache(maxsize=256)
def source_name(code: str, language: str) -> str:
    """A register and its owner. Raises KeyError for a code that no source has."""
    known = catalogue.entry(code)
    if language == EN:
        return f"{known.english} ({known.owner_english})"
    return f"{known.name}（{known.owner}）"


def provenance(
    finding: Finding | Mapping[str, Any], policy: Policy, on: date, language: str
) -> list[dict[str, str]]:
    """Every value of the policy that the rule read: what, clause, document, link, read or not."""
    found = []
    for key in _finding(finding).policy_keys:
        entry = policy.provenance(key, on)
        entry["clause"] = clause(policy.citation(key, on), language)
        entry["state"] = _of(wording.MARKS, entry["mark"] or "verified", language)
        found.append(entry)
    return found


def tier_name(tier: str, language: str) -> str:
    return _of(wording.TIERS, tier, language)


_ENGLISH_CLAUSES = (
    ("《公共租赁住房管理办法》", "Measures for Public Rental Housing (Order 11), "),
    ("《社会救助暂行办法》", "Interim Measures for Social Assistance, "),
    ("《个人信息保护法》", "Personal Information Protection Law, "),
    ("《居住证暂行条例》", "Interim Regulations on Residence Permits, "),
    ("宁波市国民经济和社会发展统计公报", "Ningbo statistical communiqué"),
    ("建保〔2016〕281号", "Jianbao [2016] No. 281"),
    ("国办发〔2011〕45号", "Guobanfa [2011] No. 45"),
    ("地方规定", "local rule"),
    ("，未核实", ", not verified"),
    ("；", "; "), ("（", " ("), ("）", ")"), ("、", ", "),
)  # fmt: skip


@lru_cache(maxsize=4096)
def clause(citation: str, language: str) -> str:
    """A citation in the reader's language."""
    if language != EN:
        return citation
    text = re.sub(r"第([\d、]+)条第(\d+)项", r"art. \1(\2)", citation)
    text = re.sub(r"第([\d、]+)条", r"art. \1", text)
    for chinese, english in _ENGLISH_CLAUSES:
        text = text.replace(chinese, english)
    return text


def shown_date(day: date, language: str) -> str:
    """2021年9月24日 / 24 September 2021."""
    if language == EN:
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日"


# -- Parts -------------------------------------------------------------------------------------


def _values(one: Finding, language: str) -> _Values:
    """All that a sentence may name, dates and operators in the reader's language."""
    values = _Values({key: _dates_in(value, language) for key, value in one.values.items()})
    values["actual"] = one.actual or "—"
    values["limit"] = _dates_in(one.limit or "—", language)
    values["op_text"] = _of(wording.OPERATORS, one.op or "", language)
    if "sources" in one.values:
        codes = one.values["sources"].split(",")
        values["sources"] = _list([source_name(code, language) for code in codes], language)
    values.setdefault("earliest", "")
    if one.actual and one.limit and one.actual.isdigit() and one.limit.isdigit():
        values["short"] = str(max(int(one.limit) - int(one.actual), 0))
    until = values.get("until", "")
    values["until_text"] = (
        (f" on {until}" if language == EN else f"（{until}到期）") if until else ""
    )
    return values


def _plain_pattern(one: Finding, language: str) -> str:
    """A record that carries no reason still says its result and values."""
    word, name = _of(wording.RESULTS, one.result, language), title(one.rule, language)
    if one.actual is None:
        return f"{name}: {word}." if language == EN else f"{name}：{word}。"
    if language == EN:
        return f"{name}: {{actual}}, {{op_text}} {{limit}}: {word}."
    return f"{name}：{{actual}}，规定{{op_text}}{{limit}}，{word}。"


def _granted(record: Mapping[str, Any], language: str) -> Iterator[str]:
    """In which form, and why sooner: nothing for what an older record does not carry."""
    for key, table, words in (
        ("forms", wording.FORMS, ("保障方式：{}。", "Form: {}.")),
        ("unit_types", wording.UNITS, ("户型：{}。", "Type of home: {}.")),
        ("priority", wording.GROUPS, ("优先对象：{}。", "Goes first as: {}.")),
    ):
        names = [_of(table, one, language) for one in record.get(key) or ()]
        if names:
            yield words[1 if language == EN else 0].format(_list(names, language))


def _rent(steps: Mapping[str, str] | None, language: str) -> Iterator[str]:
    if not steps:
        return
    area, market = _trim(steps["area"]), _money(steps["market"])
    share, monthly = _trim(steps["coefficient"]), _money(steps["monthly"])
    if language == EN:
        yield f"Rent: {area} ㎡ × {market} yuan × {share} = {monthly} yuan a month."
    else:
        yield f"租金：{area}平方米×{market}元×{share}＝每月{monthly}元。"


def _subsidy(steps: Mapping[str, str | None] | None, language: str) -> Iterator[str]:
    if not steps:
        return
    covered, own = _trim(steps["covered"]), _trim(steps["own"])
    unit, share = _money(steps["unit"]), _trim(steps["coefficient"])
    rent, monthly = steps["actual_rent"], _money(steps["monthly"])
    if language == EN:
        cap = f", at most the rent of {rent} yuan" if rent else ""
        sum_ = f"({covered} − {own}) ㎡ × {unit} yuan × {share}{cap}"
        yield f"Subsidy: {sum_} = {monthly} yuan a month."
    else:
        cap = f"，不超过实付租金{rent}元" if rent else ""
        yield f"租赁补贴：（{covered}－{own}）平方米×{unit}元×{share}{cap}＝每月{monthly}元。"


def _money(value: str | None) -> str:
    return two_places(Decimal(value or 0))


def _trim(value: str | None) -> str:
    text = f"{Decimal(value or 0):f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _dates_in(text: str, language: str) -> str:
    if text.count("-") < 2:
        return text
    return _DATE.sub(
        lambda found: shown_date(date(int(found[1]), int(found[2]), int(found[3])), language), text
    )


def _list(words: list[str], language: str) -> str:
    return (", " if language == EN else "、").join(words)


def _of(table: Mapping[str, tuple[str, str]], key: str, language: str) -> str:
    pair = table.get(key, (key, key))
    return pair[1] if language == EN else pair[0]


def _finding(one: Finding | Mapping[str, Any]) -> Finding:
    return one if isinstance(one, Finding) else Finding.from_record(one)


def _findings(result: Assessment | Mapping[str, Any]) -> list[Finding]:
    if isinstance(result, Assessment):
        return list(result.findings)
    return [_finding(one) for one in result["findings"]]


def _record(result: Assessment | Mapping[str, Any]) -> Mapping[str, Any]:
    return result.to_record() if isinstance(result, Assessment) else result
