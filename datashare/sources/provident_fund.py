"""公积金缴存. No rule needs it; it helps a person who reviews a file."""

from datashare.cells import Row
from datashare.replies import FundAccount
from datashare.sources import laws
from datashare.sources.source import (
    SENSITIVE,
    UNKNOWN,
    Asked,
    Source,
    adults,
    assumed,
    seen,
    subjects_by,
)


def request(asked: Asked) -> dict[str, str]:
    return {"zjh": asked.id_number, "xingming": asked.name}


def read(row: Row) -> FundAccount | None:
    return FundAccount(
        employer=row.text("dwmc"),
        base=row.measure("grjcjs"),
        opened=row.day("grkhrq"),
        closed=row.day("grxhrq"),
    )


FIELDS = (
    assumed("xingming", "姓名", "name", "xm"),
    assumed("zjh", "证件号码", "ID number", "sfzh"),
    seen("dwmc", "缴存单位", "employer"),
    seen("grjcjs", "缴存基数", "base"),
    seen("grkhrq", "开户日期", "opened on"),
    seen("grxhrq", "销户日期", "closed on"),
)

SPEC = Source(
    code="provident_fund",
    name="公积金缴存",
    owner="公积金中心",
    english="provident fund",
    owner_english="provident fund centre",
    path="api/001008002016030/dataSharing/17e8b5c2d9064fa3.htm",
    empty=UNKNOWN,
    laws=(
        laws.ASSISTANCE.clause(58),
        laws.FUND.clause(36),
    ),
    fields=FIELDS,
    dropped=("grzh",),
    request=request,
    read=read,
    subjects=subjects_by("zjh", "sfzh", name=("xingming", "xm")),
    sensitivity=SENSITIVE,
    applies_to=adults,
)
