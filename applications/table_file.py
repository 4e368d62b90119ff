"""A table handed in as a file (xlsx, csv): its rows, its header, what is wrong cell by cell.

What the columns mean is for who asked for the file; nothing here knows the database.
"""

import csv
import zipfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from io import BytesIO, StringIO
from typing import Any

from django.utils.translation import gettext as _
from python_calamine import CalamineError, CalamineWorkbook

from core.refusals import Refusal

_MOST_UNPACKED = 100_000_000  # a small archive may unpack to a great deal
_HEADER_WITHIN = 10  # rows above the table that a covering title may take


class UnreadableFile(Refusal):
    """The file is no list at all."""


@dataclass(frozen=True)
class Problem:
    """What is wrong in one cell and how to mend it."""

    row: int
    column: str
    what: str
    mend: str
    of_cell: bool = True  # else of what the platform knows; judged anew before the import


def rows(content: bytes, *, most_bytes: int, also_csv: bool = False) -> list[list[Any]]:
    """The cells of the first sheet, row by row. Raises UnreadableFile with the way out."""
    if len(content) > most_bytes:
        raise UnreadableFile(
            _("文件太大，最大%(n)dMB。请只留名单这一张表。") % {"n": most_bytes // 1_000_000},
            "file",
        )
    if also_csv and not content.startswith(b"PK"):
        return _csv_rows(content)
    return next(iter(_sheets(content).values()))


def sheets(content: bytes, *, most_bytes: int) -> dict[str, list[list[Any]]]:
    """The cells of every sheet of a workbook, by the sheet's name. Raises UnreadableFile."""
    if len(content) > most_bytes:
        raise UnreadableFile(
            _("文件太大，最大%(n)dMB。请只留要导入的表。") % {"n": most_bytes // 1_000_000}, "file"
        )
    return _sheets(content, every=True)


def header(
    lines: list[list[Any]],
    columns: Sequence[str],
    needed: Iterable[str],
    also: Mapping[str, str],
) -> tuple[int, list[tuple[str, int]]] | None:
    """Which row is the header and where each column stands; None where there is none.

    ``also`` gives other words for a column.
    """
    for at, cells in enumerate(lines[:_HEADER_WITHIN]):
        words = ["".join(str(cell).split()).strip("*＊") for cell in cells]
        names = [also.get(word, word) for word in words]
        if all(one in names for one in needed):
            return at, [(name, names.index(name)) for name in columns if name in names]
    return None


def text_of(cell: Any) -> str:
    """A cell as typed: whole numbers without the point that spreadsheets add."""
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return "" if cell is None else str(cell)


def plain(things: Iterable[Any]) -> list[dict[str, Any]]:
    """Lines and problems as they are stored."""
    return [asdict(one) for one in things]


def _sheets(content: bytes, *, every: bool = False) -> dict[str, list[list[Any]]]:
    try:
        with zipfile.ZipFile(BytesIO(content)) as archive:
            if sum(one.file_size for one in archive.infolist()) > _MOST_UNPACKED:
                raise UnreadableFile(_sorry(), "file")
        book = CalamineWorkbook.from_filelike(BytesIO(content))
        names = book.sheet_names if every else book.sheet_names[:1]
        found = {
            name: list(book.get_sheet_by_name(name).to_python(skip_empty_area=False))
            for name in names
        }
        if not found:
            raise UnreadableFile(_sorry(), "file")
        return found
    except (zipfile.BadZipFile, CalamineError, IndexError, OSError, ValueError) as error:
        raise UnreadableFile(_sorry(), "file") from error


def _csv_rows(content: bytes) -> list[list[Any]]:
    """As spreadsheets of this country save it: UTF-8, or else GB 18030."""
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
            if "\0" not in text:
                return list(csv.reader(StringIO(text), strict=True))
        except (UnicodeDecodeError, csv.Error):
            continue
    raise UnreadableFile(_sorry(), "file")


def _sorry() -> str:
    return _("打不开这个文件。请用下载的模板填写，保存成xlsx格式。")
