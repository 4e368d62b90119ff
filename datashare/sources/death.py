"""死亡登记 (卫健)."""

from datashare.cells import Row
from datashare.replies import DeathEntry
from datashare.sources import laws
from datashare.sources.source import (
    DECEASED,
    NONE,
    SENSITIVE,
    USUAL,
    Asked,
    Source,
    seen,
    subjects_by,
)


def request(asked: Asked) -> dict[str, str]:
    return {"name": asked.name, "idCardCode": asked.id_number}


def read(row: Row) -> DeathEntry | None:
    return DeathEntry(row.day("deathDate", "swrq"))


FIELDS = (
    seen("name", "姓名", "name", "xm"),
    seen("idCardCode", "公民身份号码", "ID number", "sfzh"),
    seen("deathDate", "死亡日期", "date of death", "swrq"),
)

SPEC = Source(
    code="death",
    name="死亡登记",
    owner="卫健",
    english="death register",
    owner_english="health",
    path="api/001008002016127/dataSharing/9be41d70f6a2c358.htm",
    empty=NONE,
    laws=(
        laws.DEATHS.clause(),
        laws.HOUSING.clause(8),
    ),
    fields=FIELDS,
    request=request,
    read=read,
    subjects=subjects_by("idCardCode", "sfzh", name=("name", "xm")),
    purposes=(*USUAL, DECEASED),
    ttl=1,
    sensitivity=SENSITIVE,
)
