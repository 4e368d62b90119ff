"""房产 homes held, rented and bought: land register, public tenancies, contracts, deed tax."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import TYPE_CHECKING, Any

from datashare.mock_gateway.city_model import Deal, Holder, Home, Person, in_force
from datashare.mock_gateway.interfaces import Rows
from datashare.mock_gateway.registers.cells import NULL, choice, compact

if TYPE_CHECKING:
    from datashare.mock_gateway.city import City


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
