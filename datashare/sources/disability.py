"""残疾人证 (disabledBaseInfo): 20 digits = ID number + type + level."""

from datashare.cells import Row
from datashare.replies import Disability
from datashare.sources.source import NONE, Asked, Source, subjects_by

_LEVELS = {"一": 1, "二": 2, "三": 3, "四": 4, "1": 1, "2": 2, "3": 3, "4": 4}


def request(asked: Asked) -> dict[str, str]:
    return {"cardId": asked.id_number}


def _level(row: Row) -> int | None:
    written = row.text("disableLevel").removeprefix("残疾")[:1]
    number = row.id("disableCardNum")
    if written in _LEVELS:
        return _LEVELS[written]
    return _LEVELS.get(number[19]) if len(number) >= 20 else None


def read(row: Row) -> Disability | None:
    return Disability(
        level=_level(row),
        kind=row.text("disableType"),
        since=row.day("issueDate"),
        valid=not any(word in row.text("zt") for word in ("注销", "失效", "过期")),
        synced=row.day("tongTime", "tong_time"),
    )


SPEC = Source(
    code="disability",
    name="残疾人证",
    owner="残联",
    path="api/disabledBaseInfo.htm",
    empty=NONE,
    request=request,
    read=read,
    subjects=subjects_by("identityCard", "cardId"),
    ttl=30,
    sensitivity="sensitive",
    newest=lambda record: record.synced or record.since,
)
