"""居民户口簿(个人): hukou, relation to the head, people of the same 户, own children."""

import re

from datashare.cells import Row, district_in
from datashare.replies import Registration, Relative
from datashare.sources import laws
from datashare.sources.source import (
    DECEASED,
    DISCOVERY,
    DRAFT,
    SENSITIVE,
    UNKNOWN,
    USUAL,
    Asked,
    Source,
    assumed,
    seen,
    subjects_by,
)

_MARITAL = {"未婚": "10", "已婚": "20", "初婚": "21", "再婚": "22", "复婚": "23", "丧偶": "30",
            "离婚": "40", "离异": "40", "有配偶": "20"}  # fmt: skip


def request(asked: Asked) -> dict[str, str]:
    return {"czrkgmsfhm": asked.id_number}


def _relatives(rows: tuple[Row, ...]) -> tuple[Relative, ...]:
    return tuple(
        Relative(
            row.text("czrkxm", "xm", "name"),
            row.id("czrkgmsfhm", "sfzh", "gmsfhm", "id_number", "idNo"),
            row.text("czrkyhzgx", "yhzgx", "relation"),
        )
        for row in rows
    )


def _marital(written: str) -> str:
    """GB/T 2261.2 with two digits; '' where the register does not say."""
    for word, code in _MARITAL.items():
        if word in written:
            return code
    found = re.match(r"([1-4])(\d?)(?!\d)", written, re.ASCII)
    return found[1] + (found[2] or "0") if found else ""


def _is_kind(written: str) -> bool:
    """Whether a kind of cancellation is stated; 0 and 否 state that there is none."""
    return written.strip("0").upper() not in ("", "否", "N", "正常")


def read(row: Row) -> Registration | None:
    name = row.text("czrkxm", "xm", "name")
    address = row.text("czrkzz", "zz")
    code = row.district("czrkxzjd", "czrkxzqh", "xzqhdm")
    if not (name or address or code):
        return None
    died = row.day("czrkswrq")
    return Registration(
        name=name,
        former_name=row.text("czrkcym", "cym"),
        marital=_marital(row.text("czrkhyzk", "hyzk")),
        district=code or district_in(address),
        address=address,
        household_no=row.text("czrkhh", "czrkhhid"),
        relation=row.text("czrkyhzgx", "yhzgx"),
        moved_in=row.day("czrkqrrq", "qrrq"),
        moved_out=row.day("czrkqcrq", "qcrq"),
        cancelled=bool(row.flag("czrkzxbs")) or row.says("注销", of=("czrkzxbs",)),
        cancelled_on=row.day("czrkzxrq"),
        death_entry=died is not None or _is_kind(row.text("czrkswzxlb")),
        died=died,
        updated=row.day("czrksjxgxsj"),
        members=_relatives(row.rows("czrkhcy")),
        children=_relatives(row.rows("czrkzn")),
    )


FIELDS = (
    assumed("czrkgmsfhm", "公民身份号码", "ID number", "gmsfhm", "sfzh"),
    seen("czrkxm", "姓名", "name", "xm", "name"),
    seen("czrkcym", "曾用名", "former name", "cym"),
    seen("czrkhyzk", "婚姻状况", "marital status", "hyzk"),
    seen("czrkzz", "住址", "address", "zz"),
    seen("czrkhh", "户号", "household number", "czrkhhid"),
    seen("czrkyhzgx", "与户主关系", "relation to the head", "yhzgx"),
    seen("czrkxzjd", "乡镇街道", "street or town", "czrkxzqh", "xzqhdm"),
    assumed("czrkqrrq", "迁入本区日期", "moved into the district", "qrrq"),
    seen("czrkqcrq", "迁出日期", "moved out", "qcrq"),
    seen("czrkswrq", "死亡日期", "date of death"),
    seen("czrkswzxlb", "死亡注销类别", "kind of cancellation by death"),
    seen("czrkzxrq", "注销日期", "cancelled on"),
    seen("czrkzxbs", "注销标识", "cancelled"),
    seen("czrksjxgxsj", "更新时间", "updated"),
    assumed("czrkhcy", "同户人员", "people of the same household"),
    assumed("czrkzn", "子女", "own children"),
)

SPEC = Source(
    code="household_register",
    name="居民户口簿(个人)",
    owner="公安",
    english="household register",
    owner_english="public security",
    path="api/001008002016006/dataSharing/7d1e5a90c3b8f264.htm",
    empty=UNKNOWN,
    laws=(
        laws.HOUSEHOLD.clause(4),
        laws.ASSISTANCE.clause(58),
        laws.HOUSING.clause(8),
    ),
    fields=FIELDS,
    dropped=(
        "czrkmz",
        "czrkbyzk",
        "czrkwhcd",
        "czrkjgssx",
    ),
    request=request,
    read=read,
    subjects=subjects_by("czrkgmsfhm", "gmsfhm", "sfzh", name=("czrkxm", "xm", "name")),
    purposes=(*USUAL, DRAFT, DECEASED, DISCOVERY),
    ttl=30,
    sensitivity=SENSITIVE,
    newest=lambda record: record.updated,
)
