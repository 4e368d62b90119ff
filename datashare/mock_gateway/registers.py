"""部门登记 each department's rows about a person of the city, as known on a day.

Layouts are those of docs/records.md. A function per source: facts in, rows out; a fact of a later
day does not exist yet.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from datashare.mock_gateway import monthly
from datashare.mock_gateway.city_model import (
    Aid,
    Benefit,
    Deal,
    Holder,
    Home,
    Job,
    Person,
    in_force,
)
from datashare.mock_gateway.interfaces import Rows

if TYPE_CHECKING:
    from datashare.mock_gateway.city import City

NULL = "\\N"  # how these registers write nothing
SEXES = {"1": "男", "2": "女"}
AID_ROWS = 3  # months of aid a question brings back
INSURANCE_ROWS = 40
REPORT_MONTHS = 12
KINDS = {"4": "肢体", "1": "视力", "2": "听力"}


def compact(day: date | None) -> str:
    """yyyymmdd, or the registers' nothing."""
    return f"{day:%Y%m%d}" if day else NULL


def stamp(day: date) -> str:
    """A date with the zero time that databases print."""
    return f"{day:%Y-%m-%d} 00:00:00.0"


def choice(*parts: str, of: int) -> int:
    """A number below `of` that is fixed by the parts: variety without a generator."""
    return zlib.crc32("|".join(parts).encode()) % of


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
        start = _birthday(person, age) + timedelta(days=20)
        if start <= today:
            return start, _birthday(person, age + years) + timedelta(days=20) if years else None
    return None, None


def _birthday(person: Person, age: int) -> date:
    born = person.birth_date
    return date(born.year + age, born.month, min(born.day, 28))


def household_register(city: City, person: Person, today: date) -> Rows:
    """居民户口簿: people registered in the district."""
    page = person.hukou
    if page is None or page.area_code != "330212":
        return []
    others = [other for other in city.household(person) if other is not person]
    death = person.death if person.death and person.death.struck_off else None
    dead = death if death and death.on <= today else None
    return [
        {
            "czrkgmsfhm": person.id_number,
            "czrkxm": person.name,
            "czrkcym": person.former_name or NULL,
            "czrkxb": person.sex,
            "czrkmz": "01",
            "czrkcsrq": compact(person.birth_date),
            "czrkhyzk": person.marital,
            "czrkbyzk": "现役" if person.soldier else NULL,
            "czrkzz": page.address,
            "czrkhhid": page.household_id,
            "czrkhh": page.number,
            "czrkhlx": page.kind,
            "czrkyhzgx": page.relation,
            "czrkxzjd": page.street_code,
            "czrkjwh": page.community,
            "czrkqrrq": NULL if page.since == person.birth_date else compact(page.since),
            "czrkqcrq": NULL,
            "czrkswrq": compact(dead.on) if dead else NULL,
            "czrkzxrq": compact(dead.on) if dead else NULL,
            "czrkzxbs": "1" if dead else "0",
            "czrksjxgxsj": stamp(dead.on if dead else max(page.since, city.since)),
            "czrkhcy": [
                {**_name(other), "czrkyhzgx": other.hukou.relation}
                for other in others
                if other.hukou
            ],
            "czrkzn": [_name(child) for child in city.children_of(person)],
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


def orphan(city: City, person: Person, today: date) -> Rows:
    """孤儿登记 up to eighteen."""
    if person.orphan_since is None or person.orphan_since > today:
        return []
    grown = _birthday(person, 18)
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


def property_(city: City, person: Person, today: date) -> Rows:
    """不动产登记: homes held, and homes held once."""
    return [_home(home, person, today) for home in person.homes if home.since <= today]


def _home(home: Home, person: Person, today: date) -> dict[str, Any]:
    gone = home.until if home.until and home.until <= today else None
    share = next(holder.share for holder in home.holders if holder.id_number == person.id_number)
    return {
        "qlrmc": person.name,
        "qlrzjh": person.id_number,
        "zl": home.located,
        "bdcqzh": home.certificate,
        "bdcdyh": f"{home.area_code}{choice(home.certificate, of=10**9):09d}GB00001F0001",
        "jzmj": home.sqm,
        "gyfe": "" if share == "1" else share,
        "gyqk": "单独所有" if len(home.holders) == 1 else "按份共有",
        "fwyt": "住宅",
        "xzqhdm": home.area_code,
        "djsj": compact(home.since),
        "djyy": home.how,
        "zysj": compact(gone),
        "zyyy": home.left_by if gone else NULL,
        "qszt": "历史" if gone else "现势",
    }


def public_tenancy(city: City, person: Person, today: date) -> Rows:
    """直管公房承租."""
    return [
        {
            "xm": person.name,
            "sfzh": person.id_number,
            "htbh": f"ZG-{tenancy.since.year}-{choice(person.id_number, of=10_000):04d}",
            "fwzl": tenancy.located,
            "jzmj": tenancy.sqm,
            "xzqhdm": "330212",
            "qsrq": compact(tenancy.since),
            "zzrq": compact(tenancy.until),
            "zt": "在租" if in_force(tenancy.since, tenancy.until, today) else "退租",
        }
        for tenancy in person.tenancies
        if tenancy.since <= today
    ]


def _contracts(kind: str) -> Callable[[City, Person, date], Rows]:
    def rows(city: City, person: Person, today: date) -> Rows:
        return [
            _contract(deal, today)
            for deal in person.deals
            if deal.kind == kind and deal.on <= today
        ]

    rows.__doc__ = "商品房或存量房合同 of which the person is a party."
    return rows


def _contract(deal: Deal, today: date) -> dict[str, Any]:
    cancelled = deal.cancelled_on if deal.cancelled_on and deal.cancelled_on <= today else None
    sellers = [_party(holder) for holder in deal.sellers]
    developer = {"name": "宁波东港置业有限公司", "idNo": "91330212MA2AH00001"}
    return {
        "contractNo": deal.number,
        "located": deal.located,
        "contractBuyer": [_party(holder) for holder in deal.buyers],
        "contractSeller": sellers or [developer],
        "area": deal.sqm,
        "contractDate": compact(deal.on),
        "contractStatus": "撤销" if cancelled else "备案",
        "cancelDate": compact(cancelled),
        "districtCode": deal.area_code,
    }


def _party(holder: Holder) -> dict[str, str]:
    return {"name": holder.name, "idNo": holder.id_number}


def deed_tax(city: City, person: Person, today: date) -> Rows:
    """契税完税 of buyers."""
    rows = []
    for deal in person.deals:
        if deal.taxed_on is None or deal.taxed_on > today:
            continue
        if person.id_number not in {buyer.id_number for buyer in deal.buyers}:
            continue
        rows.append(
            {
                "ZSXMMC": "契税",
                "ZSPMMC": "存量房",
                "NSRMC": person.name,
                "NSRSBH": person.id_number,
                "NSRQ": f"{deal.taxed_on:%Y-%m-%d}",
                "JSJE": f"{deal.price}.00",
                "SJJE": f"{deal.price // 100}.00",
                "SL_1": "0.01",
                "KSSL": deal.sqm,
                "DZSPHM": f"3330{choice(deal.number, of=10**9):09d}",
                "SWJGMC": "国家税务总局宁波市鄞州区税务局",
                "BZ": f"坐落:{deal.located};面积:{deal.sqm};合同日期:{deal.on}",
            }
        )
    return rows


def social_insurance(city: City, person: Person, today: date) -> Rows:
    """职工参保: a row for each month of work up to last month."""
    last = monthly.of(today) - 1
    return [
        _contribution(person, job, month)
        for job in person.jobs
        for month in range(max(monthly.of(job.since), last - INSURANCE_ROWS + 1), last + 1)
        if job.until is None or month < monthly.of(job.until)
    ]


def _contribution(person: Person, job: Job, month: int) -> dict[str, Any]:
    base = max(job.wage, 3_957)
    text = monthly.label(month)
    return {
        "AAC002": person.id_number,
        "AAC003": person.name,
        "AAB004": job.employer,
        "AAE140": "110",
        "AAE002": text,
        "AAE003": text,
        "AAE180": f"{base}.00",
        "AAE020": f"{base * 14 / 100:.2f}",
        "AAE022": f"{base * 8 / 100:.2f}",
        "AAE078": "1",
        "AAE079": text,
    }


def provident_fund(city: City, person: Person, today: date) -> Rows:
    """公积金缴存 of those who work."""
    return [
        {
            "zjh": person.id_number,
            "xingming": person.name,
            "grzh": f"3302{choice(person.id_number, of=10**9):09d}",
            "dwmc": job.employer,
            "tyshxydm": job.uscc,
            "grjcjs": f"{job.wage}.00",
            "grjcbl": "12",
            "gryjce": f"{job.wage * 24 / 100:.2f}",
            "grzhzt": "正常",
            "grkhrq": compact(job.since),
            "grxhrq": "1899-12-31",
        }
        for job in person.jobs
        if job.fund and in_force(job.since, job.until, today)
    ]


def vehicle(city: City, person: Person, today: date) -> Rows:
    """机动车登记."""
    return [
        {
            "syr": person.name,
            "sfzmhm": person.id_number,
            "hphm": car.plate,
            "hpzl": "02",
            "clpp1": car.model,
            "ccdjrq": compact(car.registered),
            "zt": "正常",
            "gzj": str(car.price),
            "syxz": "残疾人专用" if car.for_disabled else car.use,
        }
        for car in person.cars
        if car.registered <= today
    ]


def company(city: City, person: Person, today: date) -> Rows:
    """市场主体 in which the person invests or serves."""
    return [
        {
            "sfzh": person.id_number,
            "xm": person.name,
            "entname": firm.name,
            "uniscid": firm.uscc,
            "regstate": "存续",
            "regcap": str(firm.capital),
            "name": person.name,
            "estdate": compact(firm.established),
            "e_inv": [
                {"inv": person.name, "cerno": person.id_number, "subconam": str(firm.capital)}
            ],
            "e_pri_person": [],
            "role": firm.role,
        }
        for firm in person.firms
        if firm.established <= today
    ]


def income_check(city: City, person: Person, today: date) -> Rows:
    """核对报告: kinds of income over the twelve months before, and a deposit; adults only."""
    if _birthday(person, 18) > today:
        return []
    last = monthly.of(today) - 1
    first = last - REPORT_MONTHS + 1
    frame = {
        "xm": person.name,
        "sfzh": person.id_number,
        "hdbgbh": f"HD{today:%Y%m}{choice(person.family, of=10_000):04d}",
        "hdrq": compact(today - timedelta(days=1)),
        "hdzt": "已出具",
        "hdqq": monthly.label(first),
        "hdqz": monthly.label(last),
    }
    rows = [
        {**frame, "srlx": kind, "ny": monthly.label(month), "je": f"{amount}.00"}
        for kind, amount, since, until in _incomes(person)
        for month in range(max(first, monthly.of(since)), last + 1)
        if until is None or month < monthly.of(until)
    ]
    deposit = choice("deposit", person.id_number, of=36) * 1_000
    return [*rows, {**frame, "cclx": "存款", "ccje": f"{deposit}.00"}]


def _incomes(person: Person) -> list[tuple[str, int, date, date | None]]:
    wages = [("工资性收入", job.wage, job.since, job.until) for job in person.jobs]
    return wages + [(item.kind, item.amount, item.since, item.until) for item in person.earnings]


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


REGISTERS: dict[str, Callable[[City, Person, date], Rows]] = {
    "identity_card": identity_card,
    "household_register": household_register,
    "population": population,
    "residence_permit": residence_permit,
    "marriage": marriage,
    "marriage_national": marriage_national,
    "orphan": orphan,
    "low_income_aid": low_income_aid,
    "extreme_poverty": extreme_poverty,
    "disability": disability,
    "death": death,
    "cremation": cremation,
    "education": education,
    "property": property_,
    "public_tenancy": public_tenancy,
    "presale_contract": _contracts("presale"),
    "resale_contract": _contracts("resale"),
    "deed_tax": deed_tax,
    "social_insurance": social_insurance,
    "provident_fund": provident_fund,
    "vehicle": vehicle,
    "company": company,
    "income_check": income_check,
    "social_assistance": social_assistance,
    "housing_benefit": housing_benefit,
}
