"""Workbooks as offices hand them in: the same rows are the same bytes, whenever they are made."""

from collections.abc import Iterable
from datetime import date, datetime
from io import BytesIO

import xlsxwriter

SAVED = datetime(2026, 9, 1, 9, 30)


def of(rows: Iterable[Iterable[object]], name: str = "Sheet1") -> bytes:
    """One sheet: text stays text, a date is a cell of a date, numbers are numbers."""
    store = BytesIO()
    with xlsxwriter.Workbook(store, {"in_memory": True}) as book:
        book.set_properties({"created": SAVED})  # else the second of saving is in the file
        sheet = book.add_worksheet(name)
        for at, cells in enumerate(rows):
            for place, cell in enumerate(cells):
                if isinstance(cell, date):
                    sheet.write_datetime(at, place, cell, book.add_format({"num_format": 14}))
                elif isinstance(cell, str):
                    sheet.write_string(at, place, cell)
                else:
                    sheet.write(at, place, cell)
    return store.getvalue()
