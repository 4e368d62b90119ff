"""残疾人证 (disabledBaseInfo): 20 digits = ID number + type + level."""

from datashare.cells import Row
from datashare.replies import Disability
from datashare.sources import laws
from datashare.sources.source import NONE, SENSITIVE, Asked, Source, assumed, seen, subjects_by

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
        valid=not row.says("注销", "失效", "过期", "无效", of=("zt",)),
        synced=row.day("tongTime", "tong_time"),
    )


FIELDS = (
    seen("name", "姓名", "name"),
    seen("identityCard", "公民身份号码", "ID number", "cardId"),
    seen("disableCardNum", "残疾人证号", "number of the certificate"),
    seen("disableType", "残疾类别", "type"),
    seen("disableLevel", "残疾等级", "level"),
    seen("issueDate", "发证日期", "issued on"),
    seen("tongTime", "同步时间", "synchronised", "tong_time"),
    assumed("zt", "状态", "state"),
)

SPEC = Source(
    code="disability",
    name="残疾人证",
    owner="残联",
    english="disability certificates",
    owner_english="disabled persons' federation",
    path="api/disabledBaseInfo.htm",
    empty=NONE,
    laws=(
        laws.ZJ_ASSISTANCE.clause(32),
        laws.DISABLED.clause(46),
    ),
    fields=FIELDS,
    dropped=(
        "nation",
        "phone",
        "nativePlace",
        "guardianName",
        "guardianIdentityCard",
        "guardianRelation",
        "guardianPhone",
        "guardianAddress",
    ),
    request=request,
    read=read,
    subjects=subjects_by("identityCard", "cardId", name=("name",)),
    ttl=30,
    sensitivity=SENSITIVE,
    newest=lambda record: record.synced or record.since,
)
