"""公安、民政、教育、卫健 who a person is: card, register, permit, marriage, death, schooling."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

from datashare.mock_gateway.city_model import Person
from datashare.mock_gateway.interfaces import Rows
from datashare.mock_gateway.registers.cells import NULL, birthday, choice, compact, stamp

if TYPE_CHECKING:
    from datashare.mock_gateway.city import City

SEXES = {"1": "男", "2": "女"}


def identity_card(city: City, person: Person, today: date) -> Rows:
    """居民身份证: from sixteen on."""
    start, end = _card_period(person, today)
    if start is None:
        return []
    data = {
        "CZRKXM": person.name,
        "CZRKGMSFHM": person.id_number,
        "CZRKXB": SEXES[person.sex],
        "CZRKMZ": "汉",
        "CZRKCSRQ": compact(person.birth_date),
        "CZRKZZ": person.hukou.address if person.hukou else "",
        "CZRKQFJG": "宁波市公安局鄞州分局",
        "CZRKYXQXQSRQ": compact(start),
        "CZRKYXQXJZRQ": compact(end) if end else "长期",
    }
    return [
        {
            "ELC_LICENCE_NAME": "居民身份证",
            "ELC_LICENCE_DEPT": "浙江省公安厅",
            "ELC_LICENCE_CODE": person.id_number,
            "ELC_LICENCE_STRUCT": {"DATA": data},
        }
    ]


def _card_period(person: Person, today: date) -> tuple[date | None, date | None]:
    """Cards of ten years at 16, of twenty at 26, and for good at 46."""
    for age, years in ((46, None), (26, 20), (16, 10)):
        start = birthday(person, age) + timedelta(days=20)
        if start <= today:
            return start, birthday(person, age + years) + timedelta(days=20) if years else None
    return None, None


def household_register(city: City, person: Person, today: date) -> Rows:
    """居民户口簿: people registered in the district."""
    page = person.hukou
    if page is None or page.area_code != "330212":
        return []
    others = [other for other in city.household(person, today) if other is not person]
    left = page.until if page.until and page.until <= today else None
    death = person.death if person.death and person.death.struck_off else None
    dead = death if death and death.on <= today else None
    return [
        {
            "czrkgmsfhm": person.id_number,
            "czrkxm": person.name,
            "czrkcym": person.former_name or NULL,
            "czrkjhm": person.old_number or NULL,
            "czrkxb": person.sex,
            "czrkmz": "01",
            "czrkcsrq": compact(person.birth_date),
            "czrkhyzk": person.marital_on(today),
            "czrkbyzk": "现役" if person.soldier else NULL,
            "czrkzz": page.address,
            "czrkhhid": page.household_id,
            "czrkhh": page.number,
            "czrkhlx": page.kind,
            "czrkyhzgx": page.relation,
            "czrkxzjd": page.street_code,
            "czrkjwh": page.community,
            "czrkqrrq": NULL if page.since == person.birth_date else compact(page.since),
            "czrkqcrq": compact(left),
            "czrkswrq": compact(dead.on) if dead else NULL,
            "czrkzxrq": compact(dead.on) if dead else NULL,
            "czrkzxbs": "1" if dead else "0",
            "czrksjxgxsj": stamp(dead.on if dead else left or max(page.since, city.since)),
            "czrkhcy": [
                {**_name(other), "czrkyhzgx": other.hukou.relation}
                for other in others
                if other.hukou
            ],
            "czrkzn": [_name(child) for child in city.children_of(person, today)],
        }
    ]


def _name(person: Person) -> dict[str, str]:
    return {"czrkxm": person.name, "czrkgmsfhm": person.id_number}


def population(city: City, person: Person, today: date) -> Rows:
    """人口信息: a legacy register that keeps old copies and repeats itself."""
    address = person.hukou.address if person.hukou else ""
    fresh = {
        "cardId": person.id_number.lower(),
        "name": person.name,
        "censusAddr": address,
        "tong_time": stamp(today.replace(day=1)),
    }
    old = {**fresh, "censusAddr": "浙江省宁波市", "tong_time": "2014-06-01 02:00:00.0"}
    return [[fresh], [old, fresh], [fresh, fresh]][choice("pop", person.id_number, of=3)]


def residence_permit(city: City, person: Person, today: date) -> Rows:
    """居住证: endorsed each year by those who had it in force on the city's day."""
    rows = []
    for permit in person.permits:
        until = permit.until
        while city.on <= permit.until and until < today:
            until = until.replace(year=until.year + 1)
        rows.append(
            {
                "xm": person.name,
                "sfzh": person.id_number,
                "zzzh": permit.number,
                "xzqhdm": "330212",
                "qx": "鄞州区",
                "zzdz": permit.address,
                "djrq": compact(permit.since),
                "yxqz": compact(until),
                "zxrq": "1899-12-31",
                "djztmc": "有效" if today <= until else "失效",
                "fzxm": permit.landlord,
                "fzsfzh": "330203************",
                "hjqx": "贵州省安顺市",
                "hjdz": person.hukou.address if person.hukou else "",
            }
        )
    return rows


def marriage(city: City, person: Person, today: date) -> Rows:
    """婚姻登记 of the province; some entries come twice."""
    rows = [
        {
            "registrationType": entry.kind,
            "registrationDate": compact(entry.on),
            "manName": entry.man.name,
            "manCardId": entry.man.id_number,
            "womanName": entry.woman.name,
            "womanCardId": entry.woman.id_number,
            "certNo": f"J330212-{entry.on.year}-{choice(entry.man.id_number, of=1_000_000):06d}",
        }
        for entry in person.marriages
        if entry.in_province and entry.on <= today
    ]
    return rows * 2 if choice("marriage", person.id_number, of=5) == 0 else rows


def marriage_national(city: City, person: Person, today: date) -> Rows:
    """民政部核验: knows some of the couples registered outside the province."""
    entries = [entry for entry in person.marriages if entry.on <= today]
    if not entries:
        return []
    last = entries[-1]
    if not last.in_province and choice("national", last.man.id_number, of=5) < 3:
        return []
    return [
        {
            "cert_num_man": last.man.id_number,
            "name_man": last.man.name,
            "cert_num_woman": last.woman.id_number,
            "name_woman": last.woman.name,
            "result": "离婚" if last.kind == "离婚" else "一致",
            "op_date": compact(last.on),
        }
    ]


def death(city: City, person: Person, today: date) -> Rows:
    """死亡登记 of the health commission."""
    if person.death is None or person.death.on > today:
        return []
    return [
        {
            "name": person.name,
            "idCardCode": person.id_number,
            "idCardType": "01",
            "deathDate": compact(person.death.on),
        }
    ]


def cremation(city: City, person: Person, today: date) -> Rows:
    """火化登记, two days after the death."""
    known = person.death
    if known is None or not known.cremated or known.on + timedelta(days=2) > today:
        return []
    return [
        {
            "cardId": person.id_number,
            "name": person.name,
            "deathDate": compact(known.on),
            "cremationDate": compact(known.on + timedelta(days=2)),
            "funeralHome": "宁波市殡仪馆",
        }
    ]


def education(city: City, person: Person, today: date) -> Rows:
    """学历学籍."""
    return [
        {
            "xm": person.name,
            "sfzh": person.id_number,
            "yxmc": course.school,
            "zymc": course.major,
            "xlcc": course.level,
            "rxrq": f"{course.enrolled:%Y%m}",
            "byrq": compact(course.graduated),
            "zsbh": course.certificate if course.graduated else NULL,
            "xxxs": "全日制",
            "xjzt": "毕业" if course.graduated and course.graduated <= today else "在读",
        }
        for course in person.degrees
        if course.enrolled <= today
    ]
