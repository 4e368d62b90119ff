"""家庭经济状况核对报告: income by person, month and kind; deposits. Ordered, delivered later."""

from datetime import date

from datashare.cells import Row
from datashare.replies import ReportLine
from datashare.sources.source import UNKNOWN, Asked, Source, subjects_by


def window(on: date, months: int = 12) -> tuple[date, date]:
    """First days of the first and the last of the months that end with the month before ``on``."""
    index = on.year * 12 + on.month - 2
    first = index - months + 1
    return date(first // 12, first % 12 + 1, 1), date(index // 12, index % 12 + 1, 1)


def request(asked: Asked) -> dict[str, str]:
    first, last = window(asked.on)
    return {
        "sfzh": asked.id_number,
        "xm": asked.name,
        "qsny": f"{first:%Y%m}",
        "zzny": f"{last:%Y%m}",
    }


_UNDER_WAY = ("核对中", "委托", "待", "办理中", "受理", "未出具", "处理中", "查询中")


def _delivered(row: Row) -> bool:
    """Whether the row is of a report; of an order without a state only the receipt is known."""
    state = row.text("hdzt")
    if not state:
        return bool(row.text("hdbgbh", "hdrq") or not row.text("wtdh"))
    return not any(word in state for word in _UNDER_WAY)


def read(row: Row) -> ReportLine | None:
    first = row.month("ny", "qsny")
    return ReportLine(
        report=row.text("hdbgbh"),
        dated=row.day("hdrq"),
        delivered=_delivered(row),
        covers_from=row.month("hdqq"),
        covers_to=row.month("hdqz"),
        kind=row.text("srlx"),
        first=first,
        last=row.month("zzny") or first,
        amount=row.number("je"),
        asset=row.text("cclx"),
        balance=row.number("ccje"),
        valid_to=row.day("bgyxq", end=True),
        partial="部分" in row.text("hdzt"),
        receipt=row.text("wtdh"),
        ordered_on=row.day("wtrq"),
        expected=row.day("yjrq", end=True),
    )


SPEC = Source(
    code="income_check",
    name="家庭经济状况核对报告",
    owner="民政核对平台",
    path="api/001008002016008/dataSharing/b37f05e1c8a96d42.htm",
    empty=UNKNOWN,
    request=request,
    read=read,
    subjects=subjects_by("sfzh"),
    ttl=180,
    sensitivity="sensitive",
    ordered=True,
)
