"""火化登记 (cremationInfo): the second route to a death."""

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
    assumed,
    subjects_by,
)


def request(asked: Asked) -> dict[str, str]:
    return {"cardId": asked.id_number}


def read(row: Row) -> DeathEntry | None:
    return DeathEntry(row.day("deathDate", "swrq", "cremationDate", "hhrq"))


FIELDS = (
    assumed("name", "姓名", "name", "xm"),
    assumed("cardId", "公民身份号码", "ID number", "sfzh"),
    assumed("deathDate", "死亡日期", "date of death", "swrq"),
    assumed("cremationDate", "火化日期", "date of cremation", "hhrq"),
)

SPEC = Source(
    code="cremation",
    name="火化登记",
    owner="民政",
    english="cremation register",
    owner_english="civil affairs",
    path="api/001003010/cremationInfo.htm",
    empty=NONE,
    laws=(
        laws.FUNERALS.clause(13),
        laws.HOUSING.clause(8),
    ),
    fields=FIELDS,
    request=request,
    read=read,
    subjects=subjects_by("cardId", "sfzh", name=("name", "xm")),
    purposes=(*USUAL, DECEASED),
    ttl=1,
    sensitivity=SENSITIVE,
)
