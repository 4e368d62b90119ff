"""Self-check (测一测): what somebody says of their household, judged by the very same rules.

Statements are written down as the registers would write them, about people who do not exist, and
go through `assess` like any case: there is no second set of rules that could say something else.
"""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any

from applications.eligibility.assessment import (
    ELIGIBLE,
    INELIGIBLE,
    MANUAL_REVIEW,
    ON_COMMITMENT,
    Assessment,
    assess,
)
from applications.eligibility.calendar import add_months
from applications.eligibility.cast import Case
from applications.eligibility.finding import FAIL, Finding
from applications.eligibility.policy import Policy
from applications.eligibility.schema import CATEGORIES
from core.identity.numbers import check_character

HUKOU, PERMIT, NEITHER = "hukou", "permit", "neither"
AID = {"TK": "特困", "DB": "低保", "DBBY": "低保边缘"}
# rules about which the eight questions ask; the others wait for the registers
ASKED = (
    "HUKOU", "PERMIT", "EMPLOYMENT", "SINGLE_AGE", "INCOME", "HOUSING_AREA", "TRANSFER_LOOKBACK",
    "VEHICLE",
)  # fmt: skip
_BEST_FIRST = (ELIGIBLE, ON_COMMITMENT, MANUAL_REVIEW, INELIGIBLE)
_CHILD = 8  # years: an age at which nobody has an income of their own


@dataclass(frozen=True)
class Stated:
    """本人所述. Yuan of the last twelve months, ㎡, dates by the first day of their month."""

    tie: str
    persons: int
    born: date
    hukou_since: date | None = None  # None: registered here since birth
    aid: str = ""
    income: Decimal = Decimal(0)
    area: Decimal = Decimal(0)
    gone_area: Decimal = Decimal(0)
    gone_on: date | None = None
    cars: int = 0
    car_price: Decimal = Decimal(0)
    insured_months: int = 0
    graduated_on: date | None = None  # of a degree that counts; None: no such degree


@dataclass(frozen=True)
class Outlook:
    """初步判断: the category that fits best and what the asked rules say under it."""

    assessment: Assessment
    findings: tuple[Finding, ...]

    @property
    def missing(self) -> tuple[Finding, ...]:
        """What stands in the way."""
        return tuple(one for one in self.findings if one.result == FAIL)

    @property
    def word(self) -> str:
        """likely, not_yet, or ask: a person has to look."""
        if self.missing:
            return "not_yet"
        certain = self.assessment.outcome in (ELIGIBLE, ON_COMMITMENT)
        return "likely" if certain else "ask"


def judge(stated: Stated, *, on: date, policy: Policy) -> Outlook:
    """The best of the three categories; among equals the first of the contract's order."""
    tried = [
        assess(replace(case_of(stated, on), category=one), on=on, policy=policy)
        for one in CATEGORIES
    ]
    best = min(tried, key=lambda one: (_rank(one), len(one.failed)))
    return Outlook(best, tuple(one for one in best.findings if one.rule in ASKED))


def case_of(stated: Stated, on: date) -> Case:
    """The statements as a case: an applicant, and minors for whoever else lives there."""
    head = _number(stated.born, 1)
    children = [
        _number(date(on.year - _CHILD, 1, 1), place) for place in range(2, stated.persons + 1)
    ]
    everybody = [head, *children]
    household = [{"name": "本人", "id_number": head, "relation": "01"}]
    household += [
        {"name": f"家人{place}", "id_number": one, "relation": "20"}
        for place, one in enumerate(children, start=2)
    ]
    names = {str(one["id_number"]): str(one["name"]) for one in household}
    records: dict[str, dict[str, list[Any]]] = {
        "identity_card": {one: [{"CZRKXM": names[one], "CZRKGMSFHM": one}] for one in everybody},
        "household_register": {one: [_register(stated, names, one, head)] for one in everybody},
        "income_check": {head: [_income(stated, head, on)]},
        "vehicle": {head: [_car(stated, head, place) for place in range(stated.cars)]},
        "property": {head: _homes(stated, head)},
        "education": {head: _degree(stated, head)},
        "social_insurance": {head: _insured(stated, head, on)},
        "residence_permit": {head: _permit(stated, head, on)},
        **_aid(stated, everybody, on),
    }
    return Case.from_dict(
        {"case": "CHECK", "as_of": on, "household": household, "records": records}
    )


def income_row(number: str, yearly: Decimal, on: date) -> dict[str, Any]:
    """A year's income of one person as the report would say it; yuan."""
    stated = Stated(tie=HUKOU, persons=1, born=on, income=yearly)
    return _income(stated, number, on)


def aid_rows(kind: str, everybody: list[str], on: date) -> dict[str, dict[str, list[Any]]]:
    """Aid of a kind (TK, DB, DBBY) as both routes would confirm it, by source and person."""
    return _aid(Stated(tie=HUKOU, persons=len(everybody), born=on, aid=kind), everybody, on)


def home_rows(
    number: str, *, area: Decimal = Decimal(0), gone: Decimal = Decimal(0), gone_on: date | None
) -> list[dict[str, Any]]:
    """A home that one person holds, or gave away on a day; ㎡."""
    stated = Stated(HUKOU, 1, date.min, area=area, gone_area=gone, gone_on=gone_on)
    return _homes(stated, number)


def _rank(one: Assessment) -> int:
    return _BEST_FIRST.index(one.outcome) if one.outcome in _BEST_FIRST else len(_BEST_FIRST)


def _number(born: date, place: int) -> str:
    """A number of nobody: it never leaves this module."""
    first = f"330212{born:%Y%m%d}{990 + place:03d}"[:17]
    return first + check_character(first)


def _register(stated: Stated, names: dict[str, str], one: str, head: str) -> dict[str, Any]:
    since = f"{stated.hukou_since:%Y%m%d}" if stated.hukou_since else ""
    here = stated.tie == HUKOU
    row: dict[str, Any] = {
        "czrkgmsfhm": one,
        "czrkxm": names[one],
        "czrkhyzk": "10",
        "czrkyhzgx": "02" if one == head else "20",
        "czrkxzjd": "330212001" if here else "330206001",
        "czrkqrrq": since,
    }
    if one == head:
        row["czrkzn"] = [
            {"czrkxm": name, "czrkgmsfhm": child} for child, name in names.items() if child != head
        ]
    return row


def _income(stated: Stated, head: str, on: date) -> dict[str, Any]:
    first, last = add_months(on.replace(day=1), -12), add_months(on.replace(day=1), -1)
    return {
        "sfzh": head, "hdbgbh": "CHECK", "hdrq": f"{on:%Y%m%d}", "hdzt": "已出具",
        "hdqq": f"{first:%Y%m}", "hdqz": f"{last:%Y%m}", "qsny": f"{first:%Y%m}",
        "zzny": f"{last:%Y%m}", "srlx": "工资性", "je": f"{stated.income:f}",
    }  # fmt: skip


def _car(stated: Stated, head: str, place: int) -> dict[str, Any]:
    """Only the dearest car's price is asked; it stands for each."""
    return {
        "sfzmhm": head, "hphm": f"浙B{place:05d}", "hpzl": "02", "zt": "正常",
        "gzj": f"{stated.car_price:f}", "syxz": "非营运",
    }  # fmt: skip


def _homes(stated: Stated, head: str) -> list[dict[str, Any]]:
    held = {"qlrzjh": head, "xzqhdm": "330212", "fwyt": "住宅", "qszt": "现势"}
    rows = []
    if stated.area:
        rows.append({**held, "zl": "现有住房", "bdcqzh": "1", "jzmj": f"{stated.area:f}"})
    if stated.gone_area and stated.gone_on:
        gone = {"zysj": f"{stated.gone_on:%Y%m%d}", "zyyy": "买卖", "qszt": "历史"}
        rows.append(
            {**held, "zl": "转出住房", "bdcqzh": "2", "jzmj": f"{stated.gone_area:f}", **gone}
        )
    return rows


def _degree(stated: Stated, head: str) -> list[dict[str, Any]]:
    if stated.graduated_on is None:
        return []
    done = f"{stated.graduated_on:%Y%m%d}"
    return [{"sfzh": head, "xlcc": "大专", "byrq": done, "xjzt": "毕业", "xxxs": "全日制"}]


def _insured(stated: Stated, head: str, on: date) -> list[dict[str, Any]]:
    """An unbroken run up to the month before; without one, a single month long ago."""
    last = add_months(on.replace(day=1), -1)
    first = add_months(last, 1 - stated.insured_months)
    if not stated.insured_months:
        first = last = add_months(on.replace(day=1), -120)
    return [
        {
            "AAC002": head, "AAE140": "企业职工基本养老保险", "AAE002": f"{first:%Y%m}",
            "AAE003": f"{last:%Y%m}", "AAE078": "1",
        }
    ]  # fmt: skip


def _permit(stated: Stated, head: str, on: date) -> list[dict[str, Any]]:
    """Held in the district or, for whoever says that there is none, long lapsed."""
    until = add_months(on, 6) if stated.tie == PERMIT else add_months(on, -1)
    return [
        {
            "sfzh": head, "zzzh": "CHECK", "qx": "330212", "djrq": f"{add_months(on, -24):%Y%m%d}",
            "yxqz": f"{until:%Y%m%d}", "djztmc": "有效" if stated.tie == PERMIT else "失效",
        }
    ]  # fmt: skip


def _aid(stated: Stated, everybody: list[str], on: date) -> dict[str, dict[str, list[Any]]]:
    """Aid as both routes would confirm it."""
    if not stated.aid:
        return {}
    kind, since = AID[stated.aid], f"{add_months(on, -24):%Y%m%d}"
    other = {
        one: [{"sfzh": one, "hzsfzh": everybody[0], "jzlx": kind, "qsrq": since, "zt": "在保"}]
        for one in everybody
    }
    if stated.aid == "TK":
        own = {
            one: [{"sfzh": one, "gyfs": "分散", "rdrq": since, "zt": "在供"}] for one in everybody
        }
        return {"extreme_poverty": own, "social_assistance": other}
    own = {
        one: [
            {
                "aHAP0015": one, "dbHzsfz": everybody[0], "dblx": kind, "bHAX0114": f"{on:%Y}",
                "bHAX0115": f"{on:%m}", "zt": "在保",
            }
        ]
        for one in everybody
    }  # fmt: skip
    return {"low_income_aid": own, "social_assistance": other}
