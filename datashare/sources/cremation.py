"""火化登记 (cremationInfo): the second route to a death."""

from datashare.cells import Row
from datashare.replies import DeathEntry
from datashare.sources.source import NONE, Asked, Source, subjects_by


def request(asked: Asked) -> dict[str, str]:
    return {"cardId": asked.id_number}


def read(row: Row) -> DeathEntry | None:
    return DeathEntry(row.day("deathDate", "swrq", "cremationDate", "hhrq"))


SPEC = Source(
    code="cremation",
    name="火化登记",
    owner="民政",
    path="api/001003010/cremationInfo.htm",
    empty=NONE,
    request=request,
    read=read,
    subjects=subjects_by("cardId", "sfzh"),
    ttl=1,
    sensitivity="sensitive",
)
