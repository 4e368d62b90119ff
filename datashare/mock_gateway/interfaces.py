"""模拟接口 how each mock source is asked, in which shape and how fast it answers."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Rows = list[dict[str, Any]]
# rows and a number fixed by source and person → the value of `datas`
Shape = Callable[[Rows, int], Any]


def text(value: Any) -> str:
    """A JSON text inside JSON, as most newer interfaces answer."""
    return json.dumps(value, ensure_ascii=False)


def array(rows: Rows, pick: int) -> Any:
    """A plain array; nothing found is [], null or an empty text."""
    return rows or ([], None, "")[pick % 3]


def array_text(rows: Rows, pick: int) -> Any:
    """A JSON text of an array."""
    return text(rows) if rows else ("[]", "")[pick % 2]


def success_text(rows: Rows, pick: int) -> Any:
    """A JSON text of {success, errorCode, errorMsg, data}."""
    content: Any = rows if rows or pick % 2 else None
    return text({"success": True, "errorCode": None, "errorMsg": None, "data": content})


def code_text(rows: Rows, pick: int) -> Any:
    """A JSON text of {code: 200, data, message}; one row comes without its array."""
    content: Any = rows[0] if len(rows) == 1 else rows
    return text({"code": 200, "data": content or None, "message": "success"})


def status_text(rows: Rows, pick: int) -> Any:
    """A JSON text of {status, message, result}, as the contract registers answer."""
    content: Any = rows[0] if len(rows) == 1 else rows
    return text({"status": "0", "message": "查询成功" if rows else "未查询到数据", "result": content})


def date_text(rows: Rows, pick: int) -> Any:
    """A JSON text of {date: […]}: so spelt by the land register."""
    return text({"date": rows})


def datas_text(rows: Rows, pick: int) -> Any:
    """A JSON text of {datas: […]}."""
    return text({"datas": rows})


def result_text(rows: Rows, pick: int) -> Any:
    """A JSON text of {result: {result: …}}, as the ministry's check answers."""
    return text({"result": {"result": rows}}) if rows else ""


@dataclass(frozen=True, slots=True)
class MockInterface:
    """One mock interface. `person` names the request fields that may hold the ID number."""

    source: str
    path: str
    shape: Shape
    person: tuple[str, ...]
    latency_ms: tuple[int, int] = (20, 60)
    rate: float = 50.0
    burst: int = 100
    daily: int = 200_000


def _table(*rows: tuple[str, str, Shape, str, tuple[int, int]]) -> dict[str, MockInterface]:
    return {
        source: MockInterface(source, f"api/{path}.htm", shape, tuple(person.split()), latency)
        for source, path, shape, person, latency in rows
    }


CITY = "001008002016"
INTERFACES: dict[str, MockInterface] = _table(
    ("identity_card", "001003001029/certificate/c7a1f40b92de3056", array_text,
     "czrkgmsfhm", (40, 80)),
    ("household_register", "001003001/dataSharing/5b0e93d1a8c74f26", code_text,
     "czrkgmsfhm", (30, 70)),
    ("population", "popInfo", array, "cardId", (20, 50)),
    ("residence_permit", f"{CITY}006/dataSharing/9f24b7c3d06e815a", code_text,
     "sfzh", (25, 60)),
    ("marriage", "marryInfo", array, "cardId", (25, 60)),
    ("marriage_national", "national/2d86e1f07b934ca5", result_text,
     "cert_num_man cert_num_woman", (150, 300)),
    ("orphan", "001003010/dataSharing/e13c5a7098bd4f62", success_text,
     "sfzh cardId idCard", (20, 50)),
    ("low_income_aid", "lowestRescueInfo", array, "aHAP0015 cardId", (20, 60)),
    ("extreme_poverty", "001003010/dataSharing/47d9b0e86f125ca3", success_text,
     "sfzh cardId", (20, 50)),
    ("disability", "disabledBaseInfo", array, "cardId", (20, 50)),
    ("death", f"{CITY}127/dataSharing/b8f05c29e4a7163d", success_text,
     "idCardCode", (20, 60)),
    ("cremation", "001003010/dataSharing/0a6c4de92f8b7153", array_text, "cardId", (20, 50)),
    ("education", "national/8ce2705b1fa9d364", array_text, "sfzh", (60, 140)),
    ("property", f"{CITY}013/dataSharing/61b7f3a0d59c2e84", date_text, "qlrzjh", (60, 120)),
    ("public_tenancy", f"{CITY}015/dataSharing/d5038e6ab1c4f297", code_text,
     "sfzh zjh idNo", (20, 50)),
    ("presale_contract", f"{CITY}015001/dataSharing/3f9a62c81e7d04b5", status_text,
     "idNo", (30, 80)),
    ("resale_contract", f"{CITY}015001/dataSharing/74eb1d05a9f3c268", status_text,
     "idNo", (30, 80)),
    ("deed_tax", f"{CITY}288/dataSharing/ac52f8b9306e41d7", datas_text, "nsrsbh", (40, 90)),
    ("social_insurance", f"{CITY}011/dataSharing/1e84c7d2f0b63a95", code_text,
     "aac002 AAC002", (40, 90)),
    ("provident_fund", f"{CITY}003/dataSharing/f60d3b8a592ce714", datas_text, "zjh", (30, 70)),
    ("vehicle", f"{CITY}006/dataSharing/85a2e9f71c0bd346", success_text,
     "sfzmhm sfzh", (25, 60)),
    ("company", "001003026/dataSharing/2bd7640fe8953ac1", success_text,
     "sfzh cardId idNo regno", (30, 70)),
    ("income_check", f"{CITY}008/windowSystem/c05fa193b7e8d264", code_text,
     "sfzh cardId", (40, 90)),
    ("social_assistance", "001003010/dataSharing/9d31e6c4a02f875b", success_text,
     "sfzh cardId", (30, 70)),
    ("housing_benefit", f"{CITY}015/dataSharing/56fc08d7b3e1a942", code_text,
     "sfzh cardId", (20, 50)),
)  # fmt: skip
BY_PATH: dict[str, MockInterface] = {item.path: item for item in INTERFACES.values()}
