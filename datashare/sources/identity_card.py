"""居民身份证 (e-licence): the name that goes with a number."""

from datashare.cells import Row
from datashare.replies import IdentityCard
from datashare.sources import laws
from datashare.sources.source import DRAFT, SENSITIVE, UNKNOWN, USUAL, Asked, Source, Subject, seen


def _data(row: Row) -> Row:
    """The licence's own data: nested in ELC_LICENCE_STRUCT.DATA, or flat."""
    for struct in row.rows("ELC_LICENCE_STRUCT"):
        for data in struct.rows("DATA"):
            return data
    return row


def request(asked: Asked) -> dict[str, str]:
    return {"czrkgmsfhm": asked.id_number, "czrkxm": asked.name}


def subjects(row: Row) -> tuple[Subject, ...]:
    data = _data(row)
    number = data.id("CZRKGMSFHM", "gmsfhm", "sfzh")
    return (Subject(number, data.text("CZRKXM", "xm")),) if number else ()


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


FIELDS = (
    seen("CZRKXM", "姓名", "name", "xm"),
    seen("CZRKGMSFHM", "公民身份号码", "ID number", "gmsfhm", "sfzh"),
    seen("CZRKYXQXJZRQ", "有效期截止", "valid to"),
    seen("ELC_LICENCE_STRUCT", "证照结构", "the licence's own data"),
)

SPEC = Source(
    code="identity_card",
    name="居民身份证",
    owner="公安",
    english="identity card",
    owner_english="public security",
    path="api/001008002016006/certificate/b2f0c1d4e7a85931.htm",
    empty=UNKNOWN,
    laws=(
        laws.IDENTITY_CARD.clause(13),
        laws.HOUSING.clause(8),
    ),
    fields=FIELDS,
    dropped=("ELC_LICENCE_FILE",),
    request=request,
    read=read,
    subjects=subjects,
    purposes=(*USUAL, DRAFT),
    ttl=30,
    sensitivity=SENSITIVE,
)
