"""A hundred thousand invented households, no two alike: by number, so that anybody makes the same.

Ages, sizes, incomes, homes held, bought and given away, cars, deposits, insured months, degrees and
categories differ, a few registers are silent and some families leave the category to be inferred.
"""

import json
import random
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from applications.eligibility.calendar import add_months
from core.identity.numbers import check_character

ON = date(2021, 9, 24)
SEED = 20210924


@dataclass(frozen=True, slots=True)
class Stated:
    """What the five rules beside us are told of a household, as ready numbers."""

    persons: int
    income: float
    area: float
    gone_area: float
    gone_months: int
    age: int
    insured: int


def household(place: int) -> tuple[str, Stated]:
    """The household of a number: its case as it is stored, and the ready numbers."""
    chance = random.Random(SEED + place)
    kind = chance.choices(("urban_low_income", "migrant_worker", "new_employee"), (70, 20, 10))[0]
    age = chance.randint(23, 29) if kind == "new_employee" else chance.randint(24, 80)
    persons = 1 if kind == "new_employee" else chance.choices((1, 2, 3, 4), (35, 25, 28, 12))[0]
    people = _people(chance, place, age, persons)
    stated = Stated(
        persons=persons,
        income=round(persons * chance.triangular(0, 110_000, 42_000), 2),
        area=round(chance.uniform(8, 90), 2) if chance.random() < 0.45 else 0.0,
        gone_area=round(chance.uniform(20, 90), 2) if chance.random() < 0.08 else 0.0,
        gone_months=chance.randint(1, 90),
        age=age,
        insured=chance.choice((3, 5, 6, 8, 11, 12, 13, 24, 40)),
    )
    case = {
        "case": f"B{place:06}",
        "as_of": ON.isoformat(),
        "programme": chance.choice(("public_rental", "rental_subsidy")),
        "household": people,
        "declared": {"consent": "given"},
        "records": _records(chance, people, stated, kind),
    }
    if chance.random() < 0.9:
        case["category"] = kind
    return json.dumps(case, ensure_ascii=False), stated


def _people(chance: random.Random, place: int, age: int, persons: int) -> list[dict[str, str]]:
    found = [_person(chance, place, 0, age, "01")]
    if persons > 1:
        found.append(_person(chance, place, 1, max(age - chance.randint(0, 4), 22), "10"))
    for at in range(2, persons):
        found.append(_person(chance, place, at, chance.randint(1, 17), "20"))
    return found


def _person(chance: random.Random, place: int, at: int, age: int, relation: str) -> dict[str, str]:
    born = add_months(ON, -12 * age) - timedelta(days=chance.randint(0, 364))
    first = f"330212{born:%Y%m%d}{(place * 7 + at * 331) % 900 + 100}"
    name = "赵钱孙李周吴郑王"[(place + at) % 8] + "甲乙丙丁"[at]
    return {"name": name, "id_number": first + check_character(first), "relation": relation}


def _records(
    chance: random.Random, people: list[dict[str, str]], stated: Stated, kind: str
) -> dict[str, Any]:
    head, adults = people[0]["id_number"], people[:2]
    district = "411702" if kind == "migrant_worker" else "330212"
    marital = "20" if stated.persons > 1 else "10"
    moved = add_months(ON, -chance.randint(2, 240))
    records: dict[str, Any] = {
        "identity_card": {one["id_number"]: [{"CZRKXM": one["name"]}] for one in people},
        "household_register": {
            one["id_number"]: [
                {"czrkxm": one["name"], "czrkhyzk": marital, "czrkxzjd": f"{district}011",
                 "qrrq": f"{moved:%Y%m%d}"}
            ]
            for one in people
        },
        "income_check": {
            one["id_number"]: [
                {"srlx": "工资性", "qsny": "202009", "zzny": "202108", "hdrq": "20210920",
                 "je": f"{stated.income / len(adults):.2f}"},
                {"cclx": "银行存款", "ccje": str(chance.choice((0, 800, 40_000, 400_000))),
                 "hdrq": "20210920"},
            ]
            for one in adults
        },
    }  # fmt: skip
    if len(adults) > 1:
        pair = {"manCardId": head, "womanCardId": adults[1]["id_number"]}
        records["marriage"] = {head: [{"registrationDate": "20140601", **pair}]}
    if homes := _homes(chance, head, stated):
        records["property"] = {head: homes}
    if chance.random() < 0.3:
        price = str(chance.randint(2, 30) * 10_000)
        records["vehicle"] = {head: [{"hphm": f"浙B{chance.randint(10000, 99999)}", "gzj": price}]}
    if kind != "urban_low_income":
        records |= _work(chance, head, people[0]["name"], stated, kind)
    if chance.random() < 0.02:
        records.pop("income_check")
    return records


def _homes(chance: random.Random, head: str, stated: Stated) -> list[dict[str, str]]:
    homes = []
    if stated.area:
        homes.append({"zl": "某路1号101室", "jzmj": f"{stated.area}", "djsj": "20150101"})
    if stated.gone_area:
        left = add_months(ON, -stated.gone_months)
        homes.append({"zl": "某路2号202室", "jzmj": f"{stated.gone_area}", "djsj": "20100101",
                      "zysj": f"{left:%Y%m%d}", "zyyy": "买卖"})  # fmt: skip
    return homes


def _work(chance: random.Random, head: str, name: str, stated: Stated, kind: str) -> dict[str, Any]:
    first = add_months(ON.replace(day=1), -stated.insured)
    found: dict[str, Any] = {
        "social_insurance": {
            head: [
                {
                    "AAC003": name,
                    "AAE140": "企业职工基本养老保险",
                    "AAE002": f"{first:%Y%m}",
                    "AAE003": "202108",
                    "AAE078": "1",
                }
            ]
        },
        "residence_permit": {
            head: [{"xm": name, "djrq": "20200301", "yxqz": "20220301", "xzqhdm": "330212"}]
        },
    }
    if kind == "new_employee":
        graduated = add_months(ON, -chance.randint(2, 80))
        found["education"] = {
            head: [{"xm": name, "xlcc": "大学本科", "byrq": f"{graduated:%Y%m%d}", "xjzt": "毕业"}]
        }
    return found
