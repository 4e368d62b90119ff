"""特困供养."""

from datashare.cells import Row
from datashare.replies import AidStatus
from datashare.sources import laws
from datashare.sources.low_income_aid import stopped
from datashare.sources.orphan import by_number_and_name
from datashare.sources.source import DISCOVERY, NONE, SENSITIVE, USUAL, Source, assumed, subjects_by


def read(row: Row) -> AidStatus | None:
    return AidStatus(
        kind="TK",
        since=row.day("rdrq", "qsrq"),
        until=row.day("zzrq", "zxrq", end=True),
        stopped=stopped(row.text("zt")),
    )


FIELDS = (
    assumed("xm", "姓名", "name"),
    assumed("sfzh", "公民身份号码", "ID number"),
    assumed("rdrq", "认定日期", "recognised on", "qsrq"),
    assumed("zzrq", "终止日期", "ended on", "zxrq"),
    assumed("zt", "状态", "state"),
)

SPEC = Source(
    code="extreme_poverty",
    name="特困供养",
    owner="民政",
    english="extreme poverty support",
    owner_english="civil affairs",
    path="api/001003010/dataSharing/46f3a9c1b05e7d82.htm",
    empty=NONE,
    laws=(
        laws.ASSISTANCE.clause(37, 58),
        laws.ZJ_ASSISTANCE.clause(29),
    ),
    fields=FIELDS,
    request=by_number_and_name,
    read=read,
    subjects=subjects_by("sfzh"),
    sensitivity=SENSITIVE,
    purposes=(*USUAL, DISCOVERY),
)
