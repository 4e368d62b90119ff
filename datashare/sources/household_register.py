"""居民户口簿(个人): hukou, relation to the head, people of the same 户, own children."""

from datashare.cells import Row, district_in
from datashare.replies import Registration, Relative
from datashare.sources.source import (
    CHECK,
    DRAFT,
    RECHECK,
    UNKNOWN,
    Asked,
    Source,
    subjects_by,
)

_MARITAL = {"未婚": "10", "已婚": "20", "初婚": "21", "再婚": "22", "复婚": "23", "丧偶": "30",
            "离婚": "40", "离异": "40"}  # fmt: skip


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
    for word, code in _MARITAL.items():
        if word in written:
            return code
    return written if written[:1] in "1234" and written[:2].isdigit() else ""


def read(row: Row) -> Registration | None:
    name = row.text("czrkxm", "xm", "name")
    address = row.text("czrkzz", "zz")
    code = row.district("czrkxzjd", "czrkxzqh", "xzqhdm")
    if not (name or address or code):
        return None
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
        cancelled=bool(row.flag("czrkzxbs")) or "注销" in row.text("czrkzxbs"),
        cancelled_on=row.day("czrkzxrq"),
        death_entry=bool(row.text("czrkswrq", "czrkswzxlb")),
        died=row.day("czrkswrq"),
        updated=row.day("czrksjxgxsj"),
        members=_relatives(row.rows("czrkhcy")),
        children=_relatives(row.rows("czrkzn")),
    )


SPEC = Source(
    code="household_register",
    name="居民户口簿(个人)",
    owner="公安",
    path="api/001008002016006/dataSharing/7d1e5a90c3b8f264.htm",
    empty=UNKNOWN,
    request=request,
    read=read,
    subjects=subjects_by("czrkgmsfhm", "gmsfhm", "sfzh"),
    purposes=(CHECK, RECHECK, DRAFT),
    ttl=30,
    sensitivity="sensitive",
    newest=lambda record: record.updated,
)
