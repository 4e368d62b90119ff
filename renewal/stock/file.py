"""The workbook of households in force (存量.xlsx): its sheets, which column is which, its cells.

The office's own titles are kept: a mapping says which of them is which of our columns. What a cell
said stays as text beside what was made of it. Nothing here knows the database.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from allocation import home_file
from applications import card_reader, table_file
from applications.eligibility.cast import RELATION_WORDS
from applications.eligibility.wording.names import TIERS
from applications.submission import number_sentence
from applications.table_file import UnreadableFile, text_of
from core.identity import numbers, phones
from datashare import dates

MOST_BYTES, MOST_ROWS = 20_000_000, 20_000
HOUSES, PEOPLE = "家庭", "成员"  # the words of the file itself, in no other language
NO, NAME, NUMBER, PHONE, TIER, STREET = "户号", "承租人", "身份证号", "手机号", "保障类别", "镇街"
LEASE, STARTS, ENDS, LEFT = "合同编号", "起租日期", "到期日期", "退出日期"
RENT, DEPOSIT, ARREARS = "月租金", "押金", "期初欠租"
WHO, RELATION = "姓名", "与承租人关系"
ESTATE, BUILDING, UNIT, ROOM = (
    home_file.ESTATE, home_file.BUILDING, home_file.UNIT, home_file.ROOM,
)  # fmt: skip
NEW_HOME = (home_file.FLOOR, home_file.TYPE, home_file.AREA)  # for homes that are to be made
COLUMNS: dict[str, tuple[str, ...]] = {
    HOUSES: (
        NO, NAME, NUMBER, PHONE, TIER, STREET, LEASE, STARTS, ENDS, LEFT, ESTATE, BUILDING, UNIT,
        ROOM, RENT, DEPOSIT, ARREARS, *NEW_HOME,
    ),
    PEOPLE: (NO, WHO, NUMBER, RELATION),
}  # fmt: skip
_MAY_MISS = {PHONE, LEFT, DEPOSIT, ARREARS, *NEW_HOME}
NEEDED = {
    sheet: tuple(one for one in columns if one not in _MAY_MISS)
    for sheet, columns in COLUMNS.items()
}
_ALSO = {
    "家庭编号": NO, "户编号": NO, "姓名": NAME, "承租人姓名": NAME, "身份证号码": NUMBER,
    "公民身份号码": NUMBER, "证件号码": NUMBER, "手机": PHONE, "联系电话": PHONE, "手机号码": PHONE,
    "保障对象类别": TIER, "收入类别": TIER, "街道": STREET, "所属镇街": STREET,
    "合同号": LEASE, "租赁合同编号": LEASE, "租期起": STARTS, "合同起始日": STARTS,
    "租期止": ENDS, "合同终止日": ENDS, "腾退日期": LEFT, "小区": ESTATE, "幢号": BUILDING,
    "楼幢": BUILDING, "单元号": UNIT, "室号": ROOM, "房号": ROOM, "租金": RENT, "月租": RENT,
    "保证金": DEPOSIT, "欠租": ARREARS, "欠缴租金": ARREARS, "面积": home_file.AREA,
}  # fmt: skip
_ALSO_PEOPLE = {"成员姓名": WHO, "关系": RELATION, "与户主关系": RELATION, "关系代码": RELATION}
_TIERS = {word: code for code, (word, _english) in TIERS.items()} | {code: code for code in TIERS}
_HEADER_WITHIN = 10
_TITLES_AT_LEAST = 3  # cells that make a row a header
_LONGEST = {NO: 40, LEASE: 30, NAME: 60, WHO: 60}
_MOST_YUAN = Decimal(100_000)
_WHOLE_DAY = re.compile(r"\d{8}|\d{4}\D+\d{1,2}\D+\d{1,2}")
_EARLIEST = date(1990, 1, 1)
Mapped = Mapping[str, Mapping[str, str]]


@dataclass(frozen=True)
class Fault:
    """What is wrong in one cell, and how to mend it; by the platform where not ``of_file``."""

    sheet: str
    row: int
    column: str
    what: str
    mend: str
    of_file: bool = True


@dataclass(frozen=True)
class Person:
    """One of a household; the tenant stands first and has the row of the household."""

    sheet: str
    row: int
    name: str
    id_number: str
    relation: str


@dataclass
class House:
    """One household as read; sums in yuan, ``ends`` the last day of the term."""

    row: int
    no: str
    people: list[Person]
    phone: str
    tier: str
    street: str
    lease_no: str
    starts: date | None
    ends: date | None
    left: date | None
    home: home_file.Listed
    rent: Decimal
    deposit: Decimal
    arrears: Decimal
    faults: list[Fault] = field(default_factory=list)
    home_faults: list[Fault] = field(default_factory=list)  # that matter where it is to be made

    @property
    def first_day(self) -> date:
        """Of the term, in a household without fault."""
        return self.starts or date.max

    @property
    def last_day(self) -> date:
        """Of the term, in a household without fault."""
        return self.ends or date.min

    @property
    def ever(self) -> bool:
        """Whether it has left: kept as a benefit that was, without a lease."""
        return self.left is not None


def titles(content: bytes) -> dict[str, list[str]]:
    """The column titles of both sheets. Raises UnreadableFile where one of them is missing."""
    book = table_file.sheets(content, most_bytes=MOST_BYTES)
    return {sheet: _head(_sheet(book, sheet), sheet)[1] for sheet in COLUMNS}


def proposed(found: Mapping[str, list[str]], earlier: Mapped) -> dict[str, dict[str, str]]:
    """Which title is probably which column: as in the last upload, by name, by another word."""
    return {sheet: _proposed(sheet, found[sheet], earlier.get(sheet, {})) for sheet in COLUMNS}


def unmapped(mapping: Mapped) -> list[tuple[str, str]]:
    """Sheet and column that are needed and that no title was given to."""
    return [
        (sheet, column)
        for sheet, needed in NEEDED.items()
        for column in needed
        if not mapping.get(sheet, {}).get(column)
    ]


def read(content: bytes, mapping: Mapped) -> tuple[list[dict[str, Any]], list[Fault]]:
    """What the file says, household by household (see ``house``), and lines of nobody.

    Raises UnreadableFile.
    """
    book = table_file.sheets(content, most_bytes=MOST_BYTES)
    said: list[dict[str, Any]] = []
    by_no: dict[str, dict[str, Any]] = {}
    for row, cells in _lines(_sheet(book, HOUSES), HOUSES, mapping[HOUSES]):
        one: dict[str, Any] = {HOUSES: {"row": row, "cells": cells}, PEOPLE: []}
        said.append(one)
        by_no.setdefault(cells.get(NO, ""), one)
    if not said:
        raise UnreadableFile(_("「%(sheet)s」里没有家庭。") % {"sheet": HOUSES}, "file")
    strays = []
    for row, cells in _lines(_sheet(book, PEOPLE), PEOPLE, mapping[PEOPLE]):
        home = by_no.get(cells.get(NO, ""))
        if home is None:
            what = _("「家庭」里没有这个户号。")
            strays.append(Fault(PEOPLE, row, NO, what, _("请补上这一户，或者改正户号。")))
        else:
            home[PEOPLE].append({"row": row, "cells": cells})
    return said, strays


def house(said: Mapping[str, Any], today: date) -> House:
    """One household from its own cells, with everything that is wrong in them."""
    row, cells = said[HOUSES]["row"], said[HOUSES]["cells"]
    faults: list[Fault] = []
    reader = _Reader(HOUSES, row, cells, faults)
    listed, wrong = home_file.line(row, cells)
    address = (ESTATE, BUILDING, UNIT, ROOM)
    of_home = [Fault(HOUSES, row, one.column, one.what, one.mend) for one in wrong]
    faults += [one for one in of_home if one.column in address]
    made = House(
        row=row,
        no=reader.text(NO),
        people=[],
        phone=reader.phone(),
        tier=reader.tier(),
        street=reader.text(STREET),
        lease_no=reader.text(LEASE),
        starts=reader.day(STARTS),
        ends=reader.day(ENDS),
        left=reader.day(LEFT, needed=False),
        home=listed,
        rent=reader.yuan(RENT),
        deposit=reader.yuan(DEPOSIT, needed=False),
        arrears=reader.yuan(ARREARS, needed=False),
        faults=faults,
        home_faults=[one for one in of_home if one.column not in address],
    )
    made.people = list(_people(said, reader, faults))
    faults += _days(made, today)
    return made


def template() -> bytes:
    """The workbook to fill in."""
    store = BytesIO()
    with xlsxwriter.Workbook(store, {"in_memory": True}) as book:
        text = book.add_format({"num_format": "@"})
        head = book.add_format({"num_format": "@", "bold": True, "bottom": 1})
        for name, columns in COLUMNS.items():
            sheet = book.add_worksheet(name)
            sheet.set_column(0, len(columns) - 1, 16, text)
            sheet.write_row(0, 0, columns, head)
            sheet.freeze_panes(1, 0)
        notes = book.add_worksheet("填写说明")
        notes.set_column(0, 0, 90)
        for row, line in enumerate(_NOTES):
            notes.write_string(row, 0, line)
    return store.getvalue()


_NOTES = (
    "「家庭」一行一户，「成员」一行一个人，用户号对上；承租人不必在「成员」里再写一次。",
    "身份证号请按文本填写。数字格式会把后几位变成0，那样的号码不能用。",
    "已经退出的家庭填退出日期，只作为曾经保障的记录；在租的家庭不填。",
    "与承租人关系按GB/T 4761填代码，例如配偶10、儿子20、女儿30；也可以填汉字。",
    "楼层、户型、建筑面积只在要新建房源时填写。",
)


@dataclass
class _Reader:
    """Reads the cells of a line and complains of them."""

    sheet: str
    row: int
    cells: Mapping[str, str]
    faults: list[Fault]

    def complain(self, column: str, what: str, mend: str) -> None:
        self.faults.append(Fault(self.sheet, self.row, column, str(what), str(mend)))

    def text(self, column: str) -> str:
        value = self.cells.get(column, "")
        if not value:
            self.complain(column, _("没有填%(column)s。") % {"column": column}, _("请补上。"))
        if len(value) > _LONGEST.get(column, 60):
            mend = _("最多%(n)d个字。") % {"n": _LONGEST.get(column, 60)}
            self.complain(column, _("%(column)s太长。") % {"column": column}, mend)
        return value

    def name(self, column: str) -> str:
        self.text(column)
        return card_reader.clean_name(self.cells.get(column, ""))

    def id_number(self) -> str:
        number = numbers.normalise(self.cells.get(NUMBER, ""))
        try:
            return numbers.parse(number).text
        except numbers.IdNumberError as error:
            what = number_sentence(error) if number else _("没有填身份证号。")
            self.complain(NUMBER, what, _("请对照证件改正，按文本填写。"))
            return ""

    def phone(self) -> str:
        value = phones.narrow(self.cells.get(PHONE, ""))
        if value and not phones.is_mobile(value):
            self.complain(PHONE, _("不是手机号。"), _("填11位手机号，或者不填。"))
        return value

    def tier(self) -> str:
        value = self.cells.get(TIER, "")
        found = _TIERS.get(value) or _TIERS.get(value.upper(), "")
        if not found:
            what = _("没有「%(value)s」这种类别。") % {"value": value[:20]}
            mend = _("填这些里的一种：%(words)s。")
            self.complain(TIER, what, mend % {"words": "、".join(w for w, _e in TIERS.values())})
        return found

    def relation(self) -> str:
        value = self.cells.get(RELATION, "")
        code = RELATION_WORDS.get(value, value.zfill(2) if value.isdigit() else "")
        if len(code) != 2 or not "01" <= code <= "99":
            what = _("「%(value)s」不是关系代码。") % {"value": value[:20]}
            self.complain(RELATION, what, _("按GB/T 4761填两位代码，例如配偶10。"))
            return ""
        return code

    def day(self, column: str, *, needed: bool = True) -> date | None:
        value = self.cells.get(column, "")
        if not value and not needed:
            return None
        try:
            found = dates.day(value) if _WHOLE_DAY.match(value) else None
        except ValueError:
            found = None
        if found is None:  # a bare month or year is no day either
            what = _("%(column)s「%(value)s」不是日期。") % {"column": column, "value": value[:20]}
            self.complain(column, what, _("例如 2024-03-01。"))
        return found

    def yuan(self, column: str, *, needed: bool = True) -> Decimal:
        value = self.cells.get(column, "").replace(",", "").removesuffix("元").strip()
        if not value and not needed:
            return Decimal(0)
        try:
            sum_ = Decimal(value)
        except InvalidOperation:
            sum_ = Decimal("NaN")
        if not sum_.is_finite() or not 0 <= sum_ < _MOST_YUAN or sum_ != round(sum_, 2):
            what = _("%(column)s「%(value)s」不是金额。") % {"column": column, "value": value[:20]}
            self.complain(column, what, _("单位是元，最多两位小数，例如 962.50。"))
            return Decimal(0)
        return round(sum_, 2)


def _people(said: Mapping[str, Any], tenant: _Reader, faults: list[Fault]) -> Iterator[Person]:
    head = Person(HOUSES, tenant.row, tenant.name(NAME), tenant.id_number(), "01")
    yield head
    for line in said[PEOPLE]:
        reader = _Reader(PEOPLE, line["row"], line["cells"], faults)
        one = Person(
            PEOPLE, reader.row, reader.name(WHO), reader.id_number(), reader.relation()
        )  # fmt: skip
        if one.id_number and one.id_number == head.id_number:
            if one.name != head.name:
                reader.complain(WHO, _("和「家庭」里承租人的姓名不一样。"), _("请核对后改成一样。"))
            continue  # the tenant once more, as many offices list them
        if one.relation in ("01", "02"):
            what = _("关系是本人，身份证号却和承租人不一样。")
            reader.complain(RELATION, what, _("请核对这一行是谁。"))
        yield one


def _days(one: House, today: date) -> Iterator[Fault]:
    def fault(column: str, what: str, mend: str) -> Fault:
        return Fault(HOUSES, one.row, column, what, mend)

    if one.starts is None or one.ends is None:
        return
    if one.ends < one.starts:
        yield fault(ENDS, _("到期日期早于起租日期。"), _("请核对两个日期。"))
    elif not _EARLIEST <= one.starts <= today:
        yield fault(STARTS, _("起租日期不像真的，或者还没有到。"), _("没有起租的不在这里导入。"))
    elif one.left is not None and not one.starts <= one.left <= today:
        yield fault(LEFT, _("退出日期不在起租和今天之间。"), _("请核对；没有退出的不填。"))
    elif one.left is None and one.ends < today:
        # nobody is taken for gone because a paper has run out
        what = _("租期已满，没有填退出日期。")
        yield fault(ENDS, what, _("已退出的填退出日期；还住着的先续签，再填新的到期日期。"))


def _sheet(book: Mapping[str, list[list[Any]]], name: str) -> list[list[Any]]:
    found = next((rows for title, rows in book.items() if title.strip() == name), None)
    if found is None:
        raise UnreadableFile(_("没有找到名为「%(name)s」的表。") % {"name": name}, "file")
    return found


def _head(rows: list[list[Any]], sheet: str) -> tuple[int, list[str]]:
    """Which row is the header, and its titles: the first with enough words in it."""
    for at, cells in enumerate(rows[:_HEADER_WITHIN]):
        words = ["".join(text_of(cell).split()).strip("*＊") for cell in cells]
        if sum(bool(word) for word in words) >= _TITLES_AT_LEAST:
            return at, words
    raise UnreadableFile(_("「%(sheet)s」里没有找到表头。") % {"sheet": sheet}, "file")


def _proposed(sheet: str, found: list[str], earlier: Mapping[str, str]) -> dict[str, str]:
    also = _ALSO_PEOPLE | {"身份证号码": NUMBER, "家庭编号": NO} if sheet == PEOPLE else _ALSO
    by_column = {also.get(title, title): title for title in reversed(found) if title}
    by_column |= {title: title for title in found if title in COLUMNS[sheet]}
    by_column |= {column: title for column, title in earlier.items() if title in found}
    return {column: by_column[column] for column in COLUMNS[sheet] if column in by_column}


def _lines(
    rows: list[list[Any]], sheet: str, mapping: Mapping[str, str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Row number and cells by our columns, each as the file has it; empty lines are left out."""
    start, found = _head(rows, sheet)
    if len(rows) - start - 1 > MOST_ROWS:
        raise UnreadableFile(_("一张表最多%(n)d行，请分成几份。") % {"n": MOST_ROWS}, "file")
    places = {column: found.index(title) for column, title in mapping.items() if title in found}
    for at, cells in enumerate(rows[start + 1 :], start=start + 2):
        said = {
            column: _plain(cells[place])
            for column, place in places.items()
            if place < len(cells) and _plain(cells[place])
        }
        if said:
            yield at, said


def _plain(cell: Any) -> str:
    if isinstance(cell, date):
        return cell.isoformat()[:10]
    return text_of(cell).strip()
