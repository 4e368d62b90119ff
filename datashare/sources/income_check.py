"""家庭经济状况核对报告: income by person, month and kind; deposits. Ordered, delivered later."""

from datetime import date

from datashare.cells import Row, Unreadable
from datashare.replies import ReportLine
from datashare.sources import laws
from datashare.sources.source import SENSITIVE, UNKNOWN, Asked, Source, assumed, subjects_by


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
    last = row.month("zzny") or first
    if first is None and row.number("je"):
        # A sum for no month of its own is the sum of the months that the report covers.
        first, last = row.month("hdqq"), row.month("hdqz")
        if first is None or last is None:
            raise Unreadable("ny")
    if first is not None and last is not None and last < first:
        raise Unreadable("zzny")
    return ReportLine(
        report=row.text("hdbgbh"),
        dated=row.day("hdrq"),
        delivered=_delivered(row),
        covers_from=row.month("hdqq"),
        covers_to=row.month("hdqz"),
        kind=row.text("srlx"),
        first=first,
        last=last,
        amount=row.number("je"),
        asset=row.text("cclx"),
        balance=row.measure("ccje"),
        valid_to=row.day("bgyxq", end=True),
        partial="部分" in row.text("hdzt"),
        receipt=row.text("wtdh"),
        ordered_on=row.day("wtrq"),
        expected=row.day("yjrq", end=True),
    )


FIELDS = (
    assumed("xm", "姓名", "name"),
    assumed("sfzh", "公民身份号码", "ID number"),
    assumed("hdzt", "核对状态", "state of the report"),
    assumed("wtdh", "委托单号", "receipt of the order"),
    assumed("wtrq", "委托日期", "ordered on"),
    assumed("yjrq", "预计出具日期", "expected on"),
    assumed("hdbgbh", "核对报告编号", "number of the report"),
    assumed("hdrq", "核对日期", "date of the report"),
    assumed("hdqq", "核对期起", "covers from"),
    assumed("hdqz", "核对期止", "covers to"),
    assumed("bgyxq", "报告有效期至", "valid to"),
    assumed("srlx", "收入类型", "kind of income"),
    assumed("ny", "年月", "month"),
    assumed("qsny", "起始年月", "first month"),
    assumed("zzny", "终止年月", "last month"),
    assumed("je", "金额", "amount"),
    assumed("cclx", "财产类型", "kind of property"),
    assumed("ccje", "财产金额", "balance"),
)

SPEC = Source(
    code="income_check",
    name="家庭经济状况核对报告",
    owner="民政核对平台",
    english="verification report",
    owner_english="civil affairs",
    path="api/001008002016008/dataSharing/b37f05e1c8a96d42.htm",
    empty=UNKNOWN,
    laws=(
        laws.ASSISTANCE.clause(58),
        laws.HOUSING.clause(8),
    ),
    fields=FIELDS,
    request=request,
    read=read,
    subjects=subjects_by("sfzh"),
    ttl=180,
    sensitivity=SENSITIVE,
    ordered=True,
)
