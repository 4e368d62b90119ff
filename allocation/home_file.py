"""A list of homes as a file (房源清单.xlsx or .csv): the template, and reading it cell by cell.

It knows neither the database nor who is asking: whether an estate exists or an address is taken is
for ``home_imports``.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from applications import table_file
from applications.table_file import Problem, UnreadableFile, text_of

MOST_ROWS, MOST_BYTES = 5_000, 5_000_000
# the words of the file itself, in no other language
ESTATE, BUILDING, UNIT, ROOM, FLOOR = "小区编号", "幢", "单元", "室", "楼层"
TYPE, AREA, ORIENTATION, ACCESSIBLE = "户型", "建筑面积", "朝向", "无障碍"
COLUMNS = (ESTATE, BUILDING, UNIT, ROOM, FLOOR, TYPE, AREA, ORIENTATION, ACCESSIBLE)
_NEEDED = (ESTATE, BUILDING, UNIT, ROOM, FLOOR, TYPE, AREA)
_ALSO = {
    "小区": ESTATE, "楼幢": BUILDING, "幢号": BUILDING, "单元号": UNIT, "室号": ROOM,
    "房号": ROOM, "层": FLOOR, "面积": AREA, "建筑面积（㎡）": AREA, "建筑面积(㎡)": AREA,
}  # fmt: skip
_TYPES = {
    "一室": "1R", "1室": "1R", "1r": "1R", "两室": "2R", "二室": "2R", "2室": "2R", "2r": "2R",
    "三室": "3R", "3室": "3R", "3r": "3R",
}  # fmt: skip
ORIENTATIONS = (
    "东", "南", "西", "北", "东南", "西南", "东北", "西北", "南北", "东西",
)  # fmt: skip
_YES, _NO = ("是", "有", "y", "yes", "1"), ("", "否", "无", "n", "no", "0")
_PART = re.compile(r"[A-Za-z0-9]{1,10}")
_LOWEST, _HIGHEST = -3, 60
_SMALLEST, _LARGEST = Decimal(10), Decimal(300)  # ㎡: outside it is a slip of the keyboard


@dataclass(frozen=True)
class Listed:
    """One line of the file, cleaned; ``row`` as the spreadsheet counts, area in ㎡ as text."""

    row: int
    estate: str
    building: str
    unit: str
    room: str
    floor: int
    unit_type: str
    area: str
    orientation: str = ""
    accessible: bool = False

    @property
    def code(self) -> str:
        """The home's public code: its estate and its address."""
        return f"{self.estate}/{self.building}-{self.unit}-{self.room}"


def read(content: bytes) -> tuple[list[Listed], list[Problem]]:
    """Homes and problems of a file; a line with a problem is among the homes, too.

    Raises UnreadableFile where it is no table, has no header, or is too long.
    """
    rows = table_file.rows(content, most_bytes=MOST_BYTES, also_csv=True)
    found = table_file.header(rows, COLUMNS, _NEEDED, _ALSO)
    if found is None:
        raise UnreadableFile(
            _("没有找到表头。第一行要有这些列：%(columns)s。") % {"columns": "、".join(_NEEDED)},
            "file",
        )
    start, places = found
    homes: list[Listed] = []
    problems: list[Problem] = []
    for at, cells in enumerate(rows[start + 1 :], start=start + 2):
        values = {
            name: text_of(cells[place]).strip() if place < len(cells) else ""
            for name, place in places
        }
        if not any(values.values()):
            continue
        if len(homes) >= MOST_ROWS:
            raise UnreadableFile(_("一份清单最多%(n)d套，请分成几份。") % {"n": MOST_ROWS}, "file")
        home, wrong = line(at, values)
        homes.append(home)
        problems += wrong
    if not homes:
        raise UnreadableFile(_("清单里没有房源，请从表头下面一行开始填写。"), "file")
    return homes, sorted([*problems, *_twice(homes)], key=lambda one: (one.row, one.column))


def template(estates: Sequence[tuple[str, str]]) -> bytes:
    """The workbook to fill in; ``estates`` are codes and names, listed on a sheet of their own."""
    store = BytesIO()
    with xlsxwriter.Workbook(store, {"in_memory": True}) as book:
        text = book.add_format({"num_format": "@"})
        head = book.add_format({"num_format": "@", "bold": True, "bottom": 1})
        sheet = book.add_worksheet("房源清单")
        sheet.set_column(0, len(COLUMNS) - 1, 12, text)
        sheet.write_row(0, 0, COLUMNS, head)
        sheet.freeze_panes(1, 0)
        for column, choices in ((TYPE, ["一室", "两室", "三室"]), (ACCESSIBLE, ["是", "否"])):
            place = COLUMNS.index(column)
            sheet.data_validation(
                1, place, MOST_ROWS, place,
                {"validate": "list", "source": choices, "error_type": "warning"},
            )  # fmt: skip
        notes = book.add_worksheet("填写说明")
        notes.set_column(0, 0, 90)
        for row, line in enumerate(_NOTES):
            notes.write_string(row, 0, line)
        listed = book.add_worksheet("小区编号")
        listed.set_column(0, 1, 24)
        for row, names in enumerate(estates):
            for place, word in enumerate(names):
                listed.write_string(row, place, word)
    return store.getvalue()


_NOTES = (
    "一行一套房。小区编号见第三张表；新的小区先在网页上登记。",
    "幢、单元、室只填数字或字母，例如 3、1、501；房源编号由它们组成。",
    "户型填一室、两室或三室；建筑面积以平方米为单位，最多两位小数。",
    "朝向、无障碍可以不填；不填无障碍就是否。",
    "有一行要改，整份都不导入；改好后重新上传。导入的房源先等待验收。",
)


def line(at: int, values: dict[str, str]) -> tuple[Listed, list[Problem]]:
    """One line by its columns' words: the home, and what is wrong with the cells."""
    wrong: list[Problem] = []

    def complain(column: str, what: str, mend: str) -> None:
        wrong.append(Problem(at, column, what, mend))

    home = Listed(
        row=at,
        estate=_estate(values, complain),
        building=_part(values, BUILDING, complain),
        unit=_part(values, UNIT, complain),
        room=_part(values, ROOM, complain),
        floor=_floor(values, complain),
        unit_type=_type(values, complain),
        area=_area(values, complain),
        orientation=_orientation(values, complain),
        accessible=_accessible(values, complain),
    )
    return home, wrong


def _estate(values: dict[str, str], complain: Any) -> str:
    value = values.get(ESTATE, "")
    if not value:
        complain(ESTATE, _("没有填小区编号。"), _("编号见模板的第三张表。"))
    return value


def _part(values: dict[str, str], column: str, complain: Any) -> str:
    value = values.get(column, "").removesuffix(column)
    if not value:
        complain(column, _("没有填%(column)s。") % {"column": column}, _("只填数字或字母。"))
    elif not _PART.fullmatch(value):
        complain(
            column,
            _("「%(value)s」里有数字和字母以外的字。") % {"value": value[:20]},
            _("只填数字或字母，最多10个，例如 3 或 A3。"),
        )
    return value[:20]


def _floor(values: dict[str, str], complain: Any) -> int:
    value = values.get(FLOOR, "").removesuffix("层").removesuffix("楼")
    number = int(value) if re.fullmatch(r"-?[0-9]{1,3}", value) else None
    if number is None or number == 0 or not _LOWEST <= number <= _HIGHEST:
        complain(
            FLOOR,
            _("楼层「%(value)s」不对。") % {"value": value[:20]} if value else _("没有填楼层。"),
            _("填%(low)d到%(high)d之间的整数，没有0层。") % {"low": _LOWEST, "high": _HIGHEST},
        )
        return 0
    return number


def _type(values: dict[str, str], complain: Any) -> str:
    value = values.get(TYPE, "")
    found = _TYPES.get(value.lower())
    if found is None:
        complain(
            TYPE,
            _("没有「%(value)s」这种户型。") % {"value": value[:20]}
            if value
            else _("没有填户型。"),
            _("填一室、两室或三室。"),
        )
    return found or ""


def _area(values: dict[str, str], complain: Any) -> str:
    value = values.get(AREA, "").removesuffix("㎡").removesuffix("平方米").strip()
    if not value:
        complain(AREA, _("没有填建筑面积。"), _("按产权证填写，单位是平方米。"))
        return ""
    try:
        area = Decimal(value)
    except InvalidOperation:
        area = Decimal("NaN")
    if not area.is_finite():
        complain(AREA, _("「%(value)s」不是数。") % {"value": value[:20]}, _("例如 54.90。"))
        return ""
    if not _SMALLEST <= area <= _LARGEST:
        complain(
            AREA,
            _("%(value)s平方米不像一套住房。") % {"value": value[:20]},
            _("填%(low)s到%(high)s之间的平方米数。") % {"low": _SMALLEST, "high": _LARGEST},
        )
        return ""
    cents = area.quantize(Decimal("0.01"))
    if cents != area:
        complain(AREA, _("面积多于两位小数。"), _("按产权证保留两位小数。"))
    return str(cents)


def _orientation(values: dict[str, str], complain: Any) -> str:
    value = values.get(ORIENTATION, "").removeprefix("朝")
    if value and value not in ORIENTATIONS:
        complain(
            ORIENTATION,
            _("没有「%(value)s」这个朝向。") % {"value": value[:20]},
            _("填%(words)s，或者不填。") % {"words": "、".join(ORIENTATIONS)},
        )
        return ""
    return value


def _accessible(values: dict[str, str], complain: Any) -> bool:
    value = values.get(ACCESSIBLE, "").lower()
    if value not in (*_YES, *_NO):
        complain(ACCESSIBLE, _("「%(value)s」看不懂。") % {"value": value[:20]}, _("填是或否。"))
    return value in _YES


def _twice(homes: list[Listed]) -> Iterable[Problem]:
    first: dict[str, int] = {}
    for one in homes:
        if (before := first.setdefault(one.code, one.row)) != one.row:
            yield Problem(
                one.row, ROOM, _("和第%(row)d行是同一套房。") % {"row": before}, _("请删去一行。")
            )
