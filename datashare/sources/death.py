"""死亡登记 (卫健)."""

from datashare.cells import Row
from datashare.replies import DeathEntry
from datashare.sources.source import NONE, Asked, Source, subjects_by


def request(asked: Asked) -> dict[str, str]:
    return {"name": asked.name, "idCardCode": asked.id_number}


def read(row: Row) -> DeathEntry | None:
    return DeathEntry(row.day("deathDate", "swrq"))


SPEC = Source(
    code="death",
    name="死亡登记",
    owner="卫健",
    path="api/001008002016127/dataSharing/9be41d70f6a2c358.htm",
    empty=NONE,
    request=request,
    read=read,
    subjects=subjects_by("idCardCode", "sfzh"),
    ttl=1,
    sensitivity="sensitive",
)
