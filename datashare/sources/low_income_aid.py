"""低保、低保边缘救助 (lowestRescueInfo): a status per month."""

from datetime import date

from datashare.cells import Row, says
from datashare.replies import AidStatus
from datashare.sources import laws
from datashare.sources.source import (
    DISCOVERY,
    NONE,
    SENSITIVE,
    USUAL,
    Asked,
    Source,
    assumed,
    seen,
    subjects_by,
)


def request(asked: Asked) -> dict[str, str]:
    return {
        "aHAP0015": asked.id_number,
        "bHAX0114": f"{asked.on:%Y}",
        "bHAX0115": f"{asked.on:%m}",
    }


def aid_kind(written: str) -> str:
    """特困 TK, 低保 DB, 低保边缘 DBBY; '' for any other kind of aid."""
    word = written.upper()
    if "特困" in word or word == "TK":
        return "TK"
    if "边" in word or word == "DBBY":
        return "DBBY"
    return "DB" if "低保" in word or "最低生活" in word or word == "DB" else ""


def stopped(written: str) -> bool:
    return says(written, "停", "注销", "终止", "退出", "失效")


def _month(row: Row) -> date | None:
    year, month = row.whole("bHAX0114"), row.whole("bHAX0115")
    if year and month:
        return date(year, month, 1)
    return row.month("dbNy", "ny")


def read(row: Row) -> AidStatus | None:
    kind = aid_kind(row.text("dblx", "jzlx") or "低保")
    if not kind:
        return None
    return AidStatus(
        kind=kind,
        head_id=row.id("dbHzsfz"),
        since=row.day("qsrq"),
        until=row.day("zzrq", end=True),
        month=_month(row),
        stopped=stopped(row.text("zt")),
    )


FIELDS = (
    assumed("aHAP0015", "公民身份号码", "ID number", "sfzh"),
    assumed("xm", "姓名", "name"),
    seen("dbHzsfz", "户主证件号码", "ID number of the head"),
    assumed("dblx", "救助类型", "kind of aid", "jzlx"),
    assumed("bHAX0114", "年份", "year"),
    assumed("bHAX0115", "月份", "month"),
    assumed("ny", "年月", "month as one field", "dbNy"),
    assumed("qsrq", "起始日期", "from"),
    assumed("zzrq", "终止日期", "to"),
    assumed("zt", "状态", "state"),
)

SPEC = Source(
    code="low_income_aid",
    name="低保、低保边缘救助",
    owner="民政",
    english="minimum living allowance",
    owner_english="civil affairs",
    path="api/lowestRescueInfo.htm",
    empty=NONE,
    laws=(
        laws.ASSISTANCE.clause(37, 58),
        laws.ZJ_ASSISTANCE.clause(29),
    ),
    fields=FIELDS,
    dropped=("dbZpyy",),
    request=request,
    read=read,
    subjects=subjects_by("aHAP0015", "sfzh"),
    sensitivity=SENSITIVE,
    purposes=(*USUAL, DISCOVERY),
)
