"""人口信息 (popInfo, legacy): a second source of the name."""

from datashare.cells import Row
from datashare.replies import PopulationEntry
from datashare.sources import laws
from datashare.sources.source import SENSITIVE, UNKNOWN, Asked, Source, assumed, seen, subjects_by


def request(asked: Asked) -> dict[str, str]:
    return {"cardId": asked.id_number}


def read(row: Row) -> PopulationEntry | None:
    entry = PopulationEntry(
        row.text("name", "xm"), row.text("censusAddr"), row.day("tong_time", "tongTime")
    )
    return entry if entry.name or entry.address else None


FIELDS = (
    assumed("cardId", "公民身份号码", "ID number", "sfzh"),
    assumed("name", "姓名", "name", "xm"),
    seen("censusAddr", "户籍地址", "registered address"),
    seen("tong_time", "同步时间", "synchronised", "tongTime"),
)

SPEC = Source(
    code="population",
    name="人口信息",
    owner="公安",
    english="population file",
    owner_english="public security",
    path="api/popInfo.htm",
    empty=UNKNOWN,
    laws=(
        laws.HOUSEHOLD.clause(4),
        laws.HOUSING.clause(8),
    ),
    fields=FIELDS,
    request=request,
    read=read,
    subjects=subjects_by("cardId", "sfzh", name=("name", "xm")),
    ttl=30,
    newest=lambda record: record.synced,
    sensitivity=SENSITIVE,
)
