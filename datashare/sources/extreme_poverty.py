"""特困供养."""

from datashare.cells import Row
from datashare.replies import AidStatus
from datashare.sources.low_income_aid import stopped
from datashare.sources.orphan import by_number_and_name
from datashare.sources.source import NONE, Source, subjects_by


def read(row: Row) -> AidStatus | None:
    return AidStatus(
        kind="TK",
        since=row.day("rdrq", "qsrq"),
        until=row.day("zzrq", "zxrq", end=True),
        stopped=stopped(row.text("zt")),
    )


SPEC = Source(
    code="extreme_poverty",
    name="特困供养",
    owner="民政",
    path="api/001003010/dataSharing/46f3a9c1b05e7d82.htm",
    empty=NONE,
    request=by_number_and_name,
    read=read,
    subjects=subjects_by("sfzh"),
    sensitivity="sensitive",
)
