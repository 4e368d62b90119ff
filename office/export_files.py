"""Rows into a file, a few at a time (导出文件): CSV and xlsx, sealed, in flat memory."""

import csv
import io
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import xlsxwriter

from office import sealed_file
from office.sealed_file import SealedFile

_BOM = b"\xef\xbb\xbf"  # Excel reads UTF-8 only by it
_LINES = 500  # of a CSV before they are sealed
_SHEET = 1_000_000  # rows of a sheet; the format ends at 1,048,576
_PIECE = 1 << 20
_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def safe(value: Any) -> str:
    """A cell as text that no spreadsheet takes for a formula."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip(" ").startswith(_DANGEROUS) else text


class CsvFile:
    """UTF-8 with BOM, CRLF; the watermark is the first line and the last."""

    suffix, content_type = "csv", "text/csv; charset=utf-8"

    def __init__(self, watermark: str, heads: Sequence[str]) -> None:
        self._sealed = SealedFile()
        self._text = io.StringIO()
        self._rows = csv.writer(self._text)
        self._waiting = 0
        self._mark = watermark
        self._sealed.write(_BOM)
        self.add([watermark])
        self.add(heads)

    def add(self, cells: Sequence[Any]) -> None:
        """One row."""
        self._rows.writerow([safe(cell) for cell in cells])
        self._waiting += 1
        if self._waiting >= _LINES:
            self._flush()

    def close(self) -> tuple[SealedFile, str]:
        """The finished file and its digest."""
        self.add([self._mark])
        self._flush()
        return self._sealed, self._sealed.close()

    def drop(self) -> None:
        self._sealed.drop()

    def _flush(self) -> None:
        self._sealed.write(self._text.getvalue().encode())
        self._text.seek(0)
        self._text.truncate()
        self._waiting = 0


class XlsxFile:
    """Sheets of a million rows; the watermark heads each, stands in its footer and in the file's
    properties. A row is on disk, in a folder of its own, before the next one comes."""

    suffix = "xlsx"
    content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"

    def __init__(self, watermark: str, heads: Sequence[str]) -> None:
        self._mark, self._heads = watermark, list(heads)
        self._folder = tempfile.TemporaryDirectory(dir=sealed_file.scratch())
        self._path = Path(self._folder.name) / "book"
        self._book = xlsxwriter.Workbook(
            str(self._path),
            {
                "constant_memory": True, "tmpdir": self._folder.name, "strings_to_urls": False,
                "strings_to_formulas": False, "strings_to_numbers": False, "use_zip64": True,
            },
        )  # fmt: skip
        self._book.set_properties({"title": safe(watermark)[:250]})
        self._row = 0
        self._sheet: Any = None

    def add(self, cells: Sequence[Any]) -> None:
        """One row."""
        if self._sheet is None or self._row >= _SHEET + 2:
            self._begin()
        self._write(cells)

    def close(self) -> tuple[SealedFile, str]:
        """The finished file and its digest; the readable one is gone."""
        if self._sheet is None:
            self._begin()
        self._book.close()
        sealed = SealedFile()
        with self._path.open("rb") as book:
            while piece := book.read(_PIECE):
                sealed.write(piece)
        self._folder.cleanup()
        return sealed, sealed.close()

    def drop(self) -> None:
        for sheet in self._book.worksheets():
            sheet._opt_close()
        self._book.fileclosed = True
        self._folder.cleanup()

    def _begin(self) -> None:
        self._sheet = self._book.add_worksheet()
        self._sheet.set_footer(f"&L{self._mark[:200].replace('&', '&&')}")
        self._sheet.freeze_panes(2, 0)
        self._row = 0
        self._write([self._mark])
        self._write(self._heads)

    def _write(self, cells: Sequence[Any]) -> None:
        for column, cell in enumerate(cells):
            self._sheet.write_string(self._row, column, safe(cell))
        self._row += 1


KINDS: dict[str, type[CsvFile] | type[XlsxFile]] = {"csv": CsvFile, "xlsx": XlsxFile}
