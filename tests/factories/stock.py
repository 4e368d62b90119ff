"""Workbooks of households in force, as an older system exports them."""

from collections.abc import Iterable
from io import BytesIO
from typing import Any

import xlsxwriter

from accounts.models import Staff
from renewal.models import StockImport
from renewal.stock import file, imports, take_in
from tests.factories import accounts
from tests.factories import allocation as make

SHEETS = {file.HOUSES: file.COLUMNS[file.HOUSES], file.PEOPLE: file.COLUMNS[file.PEOPLE]}


def house(no: str = "H1", room: str = "501", **changes: Any) -> dict[str, Any]:
    """A line of the sheet of households without fault."""
    return {
        file.NO: no, file.NAME: "王小明", file.NUMBER: accounts.id_number(), file.PHONE: "",
        file.TIER: "中等偏下收入", file.STREET: accounts.bureau("street").name,
        file.LEASE: f"旧合同-{no}", file.STARTS: "2024-03-01", file.ENDS: "2099-02-28",
        file.LEFT: "", file.ESTATE: "EST-A", file.BUILDING: "1", file.UNIT: "1", file.ROOM: room,
        file.RENT: "962.50", file.DEPOSIT: "1000", file.ARREARS: "120.00",
        "楼层": "5", "户型": "两室", "建筑面积": "54.90", **changes,
    }  # fmt: skip


def person(no: str = "H1", **changes: Any) -> dict[str, Any]:
    """A line of the sheet of people without fault: a spouse."""
    return {
        file.NO: no, file.WHO: "李小红", file.NUMBER: accounts.id_number(), file.RELATION: "10",
        **changes,
    }  # fmt: skip


def book(
    houses: Iterable[dict[str, Any]],
    people: Iterable[dict[str, Any]] = (),
    titles: dict[str, str] | None = None,
) -> bytes:
    """The workbook; ``titles`` are the office's own words for columns."""
    store, words = BytesIO(), titles or {}
    with xlsxwriter.Workbook(store, {"in_memory": True}) as made:
        for name, lines in ((file.HOUSES, houses), (file.PEOPLE, people)):
            sheet = made.add_worksheet(name)
            sheet.write_row(0, 0, [words.get(one, one) for one in SHEETS[name]])
            for at, line in enumerate(lines, start=1):
                for place, column in enumerate(SHEETS[name]):
                    sheet.write(at, place, line.get(column, ""))
    return store.getvalue()


def checked(
    content: bytes, *, by: Staff | None = None, make_homes: bool = True, name: str = "存量.xlsx"
) -> StockImport:
    """An import judged by the proposed mapping."""
    by = by or make.administrator()
    row = imports.upload(content, file_name=name, by=by)
    return imports.judge(row, row.mapping, by=by, make_homes=make_homes)


def taken(content: bytes, *, by: Staff | None = None, make_homes: bool = True) -> StockImport:
    """An import taken in to its end."""
    by = by or make.administrator()
    row = imports.start(checked(content, by=by, make_homes=make_homes), by=by)
    run(row)
    return row


def run(row: StockImport) -> StockImport:
    """Chunk by chunk, as the worker does."""
    while take_in.step(row.pk):
        pass
    row.refresh_from_db()
    return row
