"""人口信息 (popInfo, legacy): a second source of the name."""

from datashare.cells import Row
from datashare.replies import PopulationEntry
from datashare.sources.source import UNKNOWN, Asked, Source, subjects_by


def request(asked: Asked) -> dict[str, str]:
    return {"cardId": asked.id_number}


def read(row: Row) -> PopulationEntry | None:
    entry = PopulationEntry(
        row.text("name", "xm"), row.text("censusAddr"), row.day("tong_time", "tongTime")
    )
    return entry if entry.name or entry.address else None


SPEC = Source(
    code="population",
    name="人口信息",
    owner="公安",
    path="api/popInfo.htm",
    empty=UNKNOWN,
    request=request,
    read=read,
    subjects=subjects_by("cardId", "sfzh"),
    ttl=30,
    newest=lambda record: record.synced,
)
