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
    return text(
        {"status": "0", "message": "查询成功" if rows else "未查询到数据", "result": content}
    )


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
    """One mock interface. `person` names the request fields that may hold the ID number.

    Answers take from 20 to 150 ms by source and person, and 300 ms for the slowest source; the
    quota is 50 calls a second, of which a second's worth may be saved up, and 200,000 a day.
    """

    source: str
    path: str
    shape: Shape
    person: tuple[str, ...]
    latency_ms: tuple[int, int] = (20, 60)
    rate: float = 50.0
    burst: int = 50
    daily: int = 200_000


def _table(*rows: tuple[str, str, Shape, str, tuple[int, int]]) -> dict[str, MockInterface]:
    return {
        source: MockInterface(source, f"api/{path}.htm", shape, tuple(person.split()), latency)
        for source, path, shape, person, latency in rows
    }


INTERFACES: dict[str, MockInterface] = _table(
    ("identity_card", "001008002016006/certificate/b2f0c1d4e7a85931", array_text,
     "czrkgmsfhm", (40, 80)),
    ("household_register", "001008002016006/dataSharing/7d1e5a90c3b8f264", code_text,
     "czrkgmsfhm", (30, 70)),
    ("population", "popInfo", array, "cardId", (20, 50)),
    ("residence_permit", "001008002016006/dataSharing/31c9e07b5fd2a846", code_text,
     "sfzh", (25, 60)),
    ("marriage", "marryInfo", array, "cardId", (25, 60)),
    ("marriage_national", "001003010/national/5a7c20e9d8b143f6", result_text,
     "cert_num_man cert_num_woman", (300, 300)),
    ("orphan", "001003010/dataSharing/e80d6b3f92c7a415", success_text,
     "sfzh cardId idCard", (20, 50)),
    ("low_income_aid", "lowestRescueInfo", array, "aHAP0015 cardId", (20, 60)),
    ("extreme_poverty", "001003010/dataSharing/46f3a9c1b05e7d82", success_text,
     "sfzh cardId", (20, 50)),
    ("disability", "disabledBaseInfo", array, "cardId", (20, 50)),
    ("death", "001008002016127/dataSharing/9be41d70f6a2c358", success_text,
     "idCardCode", (20, 60)),
    ("cremation", "001003010/cremationInfo", array_text, "cardId", (20, 50)),
    ("education", "001003025/dataSharing/0c5f8e2a7b9d6134", array_text, "sfzh", (60, 150)),
    ("property", "001008002016013/dataSharing/c47a1e93d05b8f26", date_text, "qlrzjh", (60, 120)),
    ("public_tenancy", "001008002016015001/dataSharing/2e96b7d13c80fa54", code_text,
     "sfzh zjh idNo", (20, 50)),
    ("presale_contract", "001008002016015001/dataSharing/83d5f0a6e19c4b27", status_text,
     "idNo", (30, 80)),
    ("resale_contract", "001008002016015001/dataSharing/f19b6c4d7e0a2853", status_text,
     "idNo", (30, 80)),
    ("deed_tax", "001008002016288/dataSharing/5b20e8c7f4d1396a", datas_text, "nsrsbh", (40, 90)),
    ("social_insurance", "001008002016011/dataSharing/a6d3f17e90c52b48", code_text,
     "aac002 AAC002", (40, 90)),
    ("provident_fund", "001008002016030/dataSharing/17e8b5c2d9064fa3", datas_text, "zjh", (30, 70)),
    ("vehicle", "001008002016006/dataSharing/d8e60b3a5f19c724", success_text,
     "sfzmhm sfzh", (25, 60)),
    ("company", "001008002016018/dataSharing/64c9d2f7a1be0583", success_text,
     "sfzh cardId idNo regno", (30, 70)),
    ("income_check", "001008002016008/dataSharing/b37f05e1c8a96d42", code_text,
     "sfzh cardId", (40, 90)),
    ("social_assistance", "001003010/dataSharing/903a7cd6e25bf184", success_text,
     "sfzh cardId", (30, 70)),
    ("housing_benefit", "001008002016015001/dataSharing/7fa82d60b9c3e514", code_text,
     "sfzh cardId", (20, 50)),
)  # fmt: skip
# 变更订阅: asked about days, never about a person; see `subscription`
FEED = MockInterface(
    "changes", "api/001008002016999/dataSharing/d41c7be02f9a6385.htm", success_text, (), (40, 80)
)
SERVED: dict[str, MockInterface] = {**INTERFACES, FEED.source: FEED}
BY_PATH: dict[str, MockInterface] = {item.path: item for item in SERVED.values()}
