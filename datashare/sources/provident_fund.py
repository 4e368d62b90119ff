"""公积金缴存. No rule needs it; it helps a person who reviews a file."""

from datashare.cells import Row
from datashare.replies import FundAccount
from datashare.sources.source import UNKNOWN, Asked, Source, adults, subjects_by


def request(asked: Asked) -> dict[str, str]:
    return {"zjh": asked.id_number, "xingming": asked.name}


def read(row: Row) -> FundAccount | None:
    return FundAccount(
        employer=row.text("dwmc"),
        base=row.number("grjcjs"),
        opened=row.day("grkhrq"),
        closed=row.day("grxhrq"),
    )


SPEC = Source(
    code="provident_fund",
    name="公积金缴存",
    owner="公积金中心",
    path="api/001008002016030/dataSharing/17e8b5c2d9064fa3.htm",
    empty=UNKNOWN,
    request=request,
    read=read,
    subjects=subjects_by("zjh", "sfzh"),
    sensitivity="sensitive",
    applies_to=adults,
)
