"""救助与保障 what a person is given: aid by both routes, care, a home or a subsidy."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

from datashare.mock_gateway import monthly
from datashare.mock_gateway.city_model import Aid, Benefit, Person, in_force
from datashare.mock_gateway.interfaces import Rows
from datashare.mock_gateway.registers.cells import NULL, birthday, choice, compact, stamp

if TYPE_CHECKING:
    from datashare.mock_gateway.city import City

AID_ROWS = 3  # months of aid a question brings back
KINDS = {"4": "肢体", "1": "视力", "2": "听力"}


def orphan(city: City, person: Person, today: date) -> Rows:
    """孤儿登记 up to eighteen."""
    if person.orphan_since is None or person.orphan_since > today:
        return []
    grown = birthday(person, 18)
    ended = grown if grown <= today else None
    return [
        {
            "xm": person.name,
            "sfzh": person.id_number,
            "gelx": "机构养育",
            "rdrq": compact(person.orphan_since),
            "zxrq": compact(ended),
            "zt": "注销" if ended else "在册",
            "jhrmc": "区儿童福利机构",
        }
    ]


def _grants(person: Person, today: date, *kinds: str) -> list[Aid]:
    return [
        aid for aid in person.aid if aid.kind in kinds and in_force(aid.since, aid.until, today)
    ]


def low_income_aid(city: City, person: Person, today: date) -> Rows:
    """低保、低保边缘: a row a month."""
    rows = []
    for aid in _grants(person, today, "低保", "低保边缘"):
        first = max(monthly.of(today) - AID_ROWS + 1, monthly.of(aid.since))
        for month in range(first, monthly.of(today) + 1):
            text = monthly.label(month)
            rows.append(
                {
                    "dbId": aid.number,
                    "dbHzxm": city.people[aid.head].name,
                    "dbHzsfz": aid.head,
                    "dblx": aid.kind,
                    "aHAP0015": person.id_number,
                    "bHAX0114": text[:4],
                    "bHAX0115": text[4:],
                    "qsrq": compact(aid.since),
                    "zt": "在保",
                    "dbJthk": str(len(aid.members)),
                    "dbZpyy": "因病" if choice(aid.number, of=2) else "缺劳力",
                }
            )
    return rows


def extreme_poverty(city: City, person: Person, today: date) -> Rows:
    """特困供养."""
    return [
        {
            "xm": person.name,
            "sfzh": person.id_number,
            "gyfs": "分散",
            "rdrq": compact(aid.since),
            "zzrq": NULL,
            "zt": "在供",
        }
        for aid in _grants(person, today, "特困")
    ]


def social_assistance(city: City, person: Person, today: date) -> Rows:
    """省大救助: the second route for every kind of aid."""
    return [
        {
            "sfzh": person.id_number,
            "jtbh": f"JT{aid.number[2:]}",
            "hzxm": city.people[aid.head].name,
            "hzsfzh": aid.head,
            "cy": [
                {"xm": city.people[member].name, "sfzh": member}
                for member in aid.members
                if member != aid.head
            ],
            "jzlx": aid.kind,
            "qsrq": compact(aid.since),
            "zzrq": NULL,
            "zt": "在保",
        }
        for aid in _grants(person, today, "特困", "低保", "低保边缘")
    ]


def disability(city: City, person: Person, today: date) -> Rows:
    """残疾人证."""
    card = person.disability
    if card is None or card.issued > today:
        return []
    return [
        {
            "name": person.name,
            "identityCard": person.id_number,
            "disableCardNum": f"{person.id_number}{card.kind}{card.level}",
            "disableType": KINDS[card.kind],
            "disableLevel": "一二三四"[int(card.level) - 1] + "级",
            "issueDate": stamp(card.issued),
            "tongTime": stamp(today.replace(day=1)),
        }
    ]


def housing_benefit(city: City, person: Person, today: date) -> Rows:
    """在保公租房和租赁补贴."""
    return [
        _benefit(benefit, person)
        for benefit in person.benefits
        if in_force(benefit.since, benefit.until, today)
    ]


def _benefit(benefit: Benefit, person: Person) -> dict[str, Any]:
    principal = person.id_number == benefit.holder.id_number
    return {
        "xm": person.name,
        "sfzh": person.id_number,
        "bzfs": "公租房" if benefit.kind == "实物配租" else "租赁补贴",
        "htbh": benefit.number,
        "cyjs": "主申请人" if principal else "共同成员",
        "zsqrxm": benefit.holder.name,
        "zsqrzjh": benefit.holder.id_number,
        "qsrq": compact(benefit.since),
        "zzrq": compact(benefit.until),
        "zt": "在保",
        "xzqhdm": "330212",
        "fwzl": benefit.located,
    }
