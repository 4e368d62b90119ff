"""居民身份证 (e-licence): the name that goes with a number."""

from datashare.cells import Row, id_text
from datashare.replies import IdentityCard
from datashare.sources.source import CHECK, DRAFT, RECHECK, UNKNOWN, Asked, Source


def _data(row: Row) -> Row:
    """The licence's own data: nested in ELC_LICENCE_STRUCT.DATA, or flat."""
    for struct in row.rows("ELC_LICENCE_STRUCT"):
        for data in struct.rows("DATA"):
            return data
    return row


def request(asked: Asked) -> dict[str, str]:
    return {"czrkgmsfhm": asked.id_number, "czrkxm": asked.name}


def subjects(row: Row) -> tuple[str, ...]:
    number = _data(row).cell("CZRKGMSFHM", "gmsfhm", "sfzh")
    return (id_text(number),) if number else ()


def read(row: Row) -> IdentityCard | None:
    data = _data(row)
    name = data.text("CZRKXM", "xm")
    if not name:
        return None
    return IdentityCard(
        name=name,
        id_number=data.id("CZRKGMSFHM", "gmsfhm", "sfzh"),
        valid_to=data.day("CZRKYXQXJZRQ", end=True),
    )


SPEC = Source(
    code="identity_card",
    name="居民身份证",
    owner="公安",
    path="api/001008002016006/certificate/b2f0c1d4e7a85931.htm",
    empty=UNKNOWN,
    request=request,
    read=read,
    subjects=subjects,
    purposes=(CHECK, RECHECK, DRAFT),
    ttl=30,
    sensitivity="sensitive",
)
