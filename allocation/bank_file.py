"""The bank's file of receipts (银行流水): layout, template, reading. Knows no database.

First row: the column heads, in any order, other columns are left alone.

====== ==================================== ========
列      what it holds                         needed
====== ==================================== ========
交易日期  2026-12-03, 2026/12/3 or 20261203     yes
流水号    the bank's own number of the receipt   yes
金额     yuan, at most two decimals             yes
付款人    who paid                             no
附言     what the payer wrote; the lease number  no
====== ==================================== ========

A workbook (.xlsx) or a text file with commas (.csv in UTF-8 or GB18030).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from applications import table_file
from applications.table_file import Problem, UnreadableFile
from core import clock

DAY, SERIAL, AMOUNT, PAYER, REMARK = "交易日期", "流水号", "金额", "付款人", "附言"
COLUMNS = (DAY, SERIAL, AMOUNT, PAYER, REMARK)  # the words of the file itself
MOST_ROWS, MOST_BYTES = 20_000, 5_000_000
_ALSO = {
    "日期": DAY, "交易流水号": SERIAL, "银行流水号": SERIAL, "收入金额": AMOUNT, "贷方金额": AMOUNT,
    "对方户名": PAYER, "付款人名称": PAYER, "摘要": REMARK, "用途": REMARK, "备注": REMARK,
    "合同编号": REMARK,
}  # fmt: skip
_NEEDED = (DAY, SERIAL, AMOUNT)
_DAYS = ("%Y-%m-%d", "%Y/%m/%d", "%Y%m%d", "%Y.%m.%d", "%Y年%m月%d日")
_MOST = Decimal("9999999.99")
_EXACT = 10**15  # a spreadsheet's number keeps no more digits
_SERIAL = re.compile(r"[A-Za-z0-9_./-]{1,60}")
_TOTALS = ("合计", "总计", "小计")


@dataclass(frozen=True)
class Receipt:
    """One receipt as read; ``row`` as the spreadsheet counts, ``day`` ISO, ``amount`` yuan."""

    row: int
    day: str
    serial: str
    amount: str
    payer: str = ""
    remark: str = ""


def read(content: bytes) -> tuple[list[Receipt], list[Problem]]:
    """Receipts and problems of a file. Raises UnreadableFile where it is no list at all."""
    if len(content) > MOST_BYTES:
        raise UnreadableFile(_("文件太大，最大5MB。请按月分成几份。"), "file")
    rows = table_file.rows(content, most_bytes=MOST_BYTES, also_csv=True)
    start, places = _header(rows)
    receipts: list[Receipt] = []
    problems: list[Problem] = []
    for at, cells in enumerate(rows[start + 1 :], start=start + 2):
        values = {head: cells[place] if place < len(cells) else "" for head, place in places}
        if _nothing(cells, values):
            continue
        if len(receipts) >= MOST_ROWS:
            raise UnreadableFile(_("一份流水最多%(n)d行，请分成几份。") % {"n": MOST_ROWS}, "file")
        receipt, wrong = _line(at, values)
        receipts.append(receipt)
        problems += wrong
    if not receipts:
        raise UnreadableFile(_("文件里没有流水，请从表头下面一行开始。"), "file")
    return receipts, sorted([*problems, *_twice(receipts)], key=lambda one: (one.row, one.column))


def template() -> bytes:
    """The workbook to fill in: text cells, so that no serial loses its last digits."""
    store = BytesIO()
    with xlsxwriter.Workbook(store, {"in_memory": True}) as book:
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet("流水")
        sheet.set_column(0, 4, 24, text)
        sheet.write_row(0, 0, COLUMNS, book.add_format({"num_format": "@", "bold": True}))
        sheet.freeze_panes(1, 0)
        notes = book.add_worksheet("填写说明")
        notes.set_column(0, 0, 90)
        for row, line in enumerate(_NOTES):
            notes.write_string(row, 0, line)
    return store.getvalue()


_NOTES = (
    "一行一笔收款。交易日期、流水号、金额必填；付款人、附言可以不填。",
    "附言里写合同编号，会自动记到那一户；认不出的，留在待认领里由人核对。",
    "流水号请按文本填写：同一个流水号只计一次，可以放心导入有重叠的流水。",
    "退款和负数不在这里录，请做人工更正。",
)


def _header(rows: list[list[Any]]) -> tuple[int, list[tuple[str, int]]]:
    found = table_file.header(rows, COLUMNS, _NEEDED, _ALSO)
    if found is None:
        raise UnreadableFile(
            _("没有找到表头。要有「交易日期」「流水号」「金额」三列，可以下载模板对照。"), "file"
        )
    return found


def _nothing(cells: list[Any], values: dict[str, Any]) -> bool:
    """An empty row, or the bank's own line of totals."""
    words = [str(cell).strip() for cell in cells]
    totals = any(word.startswith(_TOTALS) for word in words) and not _text(values[SERIAL]).strip()
    return totals or not any(words)


def _line(at: int, values: dict[str, Any]) -> tuple[Receipt, list[Problem]]:
    day, no_day = _day(values[DAY])
    serial, no_serial = _serial(values[SERIAL])
    amount, no_amount = _amount(values[AMOUNT])
    wrong = [
        Problem(at, column, str(found[0]), str(found[1]))
        for column, found in ((DAY, no_day), (SERIAL, no_serial), (AMOUNT, no_amount))
        if found
    ]
    payer, remark = (_text(values.get(name, "")).strip()[:200] for name in (PAYER, REMARK))
    return Receipt(at, day, serial, amount, payer, remark), wrong


Wrong = tuple[Any, Any] | None


def _day(cell: Any) -> tuple[str, Wrong]:
    day = cell.date() if isinstance(cell, datetime) else cell
    if not isinstance(day, date):
        day = _parsed(_text(cell).strip().partition(" ")[0])
    if day is None:
        return "", (_("没有这一天，或者不是日期。"), _("请写成2026-12-03这样。"))
    if day > clock.today():
        return "", (_("日期在今天以后。"), _("请对照银行回单改正。"))
    return day.isoformat(), None


def _parsed(text: str) -> date | None:
    for form in _DAYS:
        try:
            return datetime.strptime(text, form).date()
        except ValueError:
            continue
    return None


def _serial(cell: Any) -> tuple[str, Wrong]:
    if isinstance(cell, float | int) and not isinstance(cell, bool) and abs(cell) >= _EXACT:
        return "", (
            _("这一格是数字格式，后几位已经变成0。"), _("请把格式改成文本，再重新填写。"),
        )  # fmt: skip
    serial = _text(cell).strip()
    if not serial:
        return "", (_("没有填流水号。"), _("请按银行回单填写。"))
    if not _SERIAL.fullmatch(serial):
        return "", (_("流水号只有字母、数字和 - _ . /，最多60个。"), _("请对照银行回单改正。"))
    return serial.upper(), None


def _amount(cell: Any) -> tuple[str, Wrong]:
    mend = _("请写成137.50这样。")
    text = _text(cell).strip().replace(",", "").replace("，", "").strip("¥￥元 ")
    try:
        amount = Decimal(text)
    except InvalidOperation:
        return "0", (_("没有金额，或者不是数字。"), mend)
    if not amount.is_finite() or amount <= 0:
        return "0", (_("金额要大于0。"), _("退款不在这里录，请做人工更正。"))
    if amount > _MOST or amount != amount.quantize(Decimal("0.01")):
        return "0", (_("金额太大，或者多于两位小数。"), mend)
    return f"{amount:.2f}", None


def _twice(receipts: Iterable[Receipt]) -> Iterable[Problem]:
    first: dict[str, int] = {}
    for one in receipts:
        if one.serial and (before := first.setdefault(one.serial, one.row)) != one.row:
            yield Problem(
                one.row, SERIAL, _("和第%(row)d行是同一个流水号。") % {"row": before},
                _("请删去一行。"),
            )  # fmt: skip


def _text(cell: Any) -> str:
    """A cell as typed: whole numbers without the point that spreadsheets add."""
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() else repr(round(cell, 6))
    return "" if cell is None else str(cell)
