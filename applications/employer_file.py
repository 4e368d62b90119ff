"""The employer's list as a file (单位名单.xlsx): the template, reading it, the file of errors.

Reading judges a cell by what is in it and answers line by line: row, column, what is wrong, how to
mend it. It knows neither the database nor who is asking; that is ``employer_lists``.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

import xlsxwriter
from django.utils.translation import gettext as _

from applications import card_reader, table_file
from applications.submission import number_sentence
from applications.table_file import Problem, UnreadableFile, text_of
from core import clock
from core.identity import numbers, phones

MOST_ROWS, MOST_BYTES = 5_000, 5_000_000
_MOST_NAME = 60
NAME, NUMBER, PHONE, STREET = "姓名", "身份证号", "手机号", "居住镇街"
COLUMNS = (NAME, NUMBER, PHONE, STREET)  # the words of the file itself, in no other language
_ALSO = {
    "身份证号码": NUMBER,
    "公民身份号码": NUMBER,
    "手机": PHONE,
    "手机号码": PHONE,
    "镇街": STREET,
}
_NEEDED = (NAME, NUMBER)


@dataclass(frozen=True)
class Listed:
    """One line of the list, cleaned; ``row`` as the spreadsheet counts."""

    row: int
    name: str
    id_number: str
    phone: str = ""
    street: str = ""


def read(content: bytes, streets: dict[str, str]) -> tuple[list[Listed], list[Problem]]:
    """People and problems of a file. ``streets``: name → who else runs it, or empty.

    Raises UnreadableFile where it is no workbook, has no table, or is too long.
    """
    rows = table_file.rows(content, most_bytes=MOST_BYTES)
    start, places = _header(rows)
    people: list[Listed] = []
    problems: list[Problem] = []
    for at, cells in enumerate(rows[start + 1 :], start=start + 2):
        values = {name: cells[place] if place < len(cells) else "" for name, place in places}
        if not any(str(value).strip() for value in values.values()):
            continue
        if len(people) >= MOST_ROWS:
            raise UnreadableFile(_("一份名单最多%(n)d人，请分成几份。") % {"n": MOST_ROWS}, "file")
        listed, wrong = _line(at, values, streets)
        people.append(listed)
        problems += wrong
    if not people:
        raise UnreadableFile(_("名单里没有人，请从表头下面一行开始填写。"), "file")
    return people, sorted([*problems, *_twice(people)], key=lambda one: (one.row, one.column))


def template(streets: Sequence[str]) -> bytes:
    """The workbook to fill in: text cells, so that no number loses its last digits."""
    store = BytesIO()
    with xlsxwriter.Workbook(store, {"in_memory": True}) as book:
        text = book.add_format({"num_format": "@"})
        head = book.add_format({"num_format": "@", "bold": True, "bottom": 1})
        sheet = book.add_worksheet("名单")
        sheet.set_column(0, 0, 14, text)
        sheet.set_column(1, 1, 24, text)
        sheet.set_column(2, 3, 18, text)
        sheet.write_row(0, 0, COLUMNS, head)
        sheet.freeze_panes(1, 0)
        sheet.data_validation(1, 3, MOST_ROWS, 3, {
            "validate": "list", "source": f"=镇街!$A$1:$A${len(streets)}", "ignore_blank": True,
            "error_type": "warning",
        })  # fmt: skip
        notes = book.add_worksheet("填写说明")
        notes.set_column(0, 0, 90)
        for row, line in enumerate(_NOTES):
            notes.write_string(row, 0, line)
        book.add_worksheet("镇街").write_column(0, 0, streets)
    return store.getvalue()


def with_problems(people: Iterable[Listed], problems: Iterable[Problem]) -> bytes:
    """The list again, with a column that says what to mend; lines without fault stay empty."""
    by_row: dict[int, list[str]] = {}
    for wrong in problems:
        by_row.setdefault(wrong.row, []).append(f"{wrong.column}：{wrong.what}{wrong.mend}")
    store = BytesIO()
    with xlsxwriter.Workbook(store, {"in_memory": True, "constant_memory": True}) as book:
        text = book.add_format({"num_format": "@"})
        sheet = book.add_worksheet("名单")
        sheet.set_column(0, 3, 22, text)
        sheet.set_column(4, 4, 80)
        heads = [*COLUMNS, "要改的地方", "原来的行"]
        for place, head in enumerate(heads):
            sheet.write_string(0, place, head)
        for at, one in enumerate(people, start=1):
            cells = [one.name, one.id_number, one.phone, one.street]
            cells += ["；".join(by_row.get(one.row, [])), str(one.row)]
            for place, cell in enumerate(cells):
                sheet.write_string(at, place, cell, text)  # a string: never a formula
    return store.getvalue()


_NOTES = (
    "一行一个人。姓名、身份证号必填；手机号、居住镇街可以不填。",
    "身份证号请按文本填写。数字格式会把后几位变成0，那样的号码不能用。",
    "没有手机的不填手机号，由窗口打印授权码单。",
    "导入以后，每个人各有一份未提交的申请；本人同意之前，我们不会查询任何信息。",
    "名单里有一行要改，整份都不导入；改好后重新上传。",
)


def _header(rows: list[list[Any]]) -> tuple[int, list[tuple[str, int]]]:
    found = table_file.header(rows, COLUMNS, _NEEDED, _ALSO)
    if found is None:
        raise UnreadableFile(_("没有找到表头。第一行要有「姓名」和「身份证号」两列。"), "file")
    return found


def _line(at: int, values: dict[str, Any], streets: dict[str, str]) -> tuple[Listed, list[Problem]]:
    name = card_reader.clean_name(text_of(values.get(NAME, "")))
    number = numbers.normalise(text_of(values.get(NUMBER, "")))
    phone = phones.narrow(text_of(values.get(PHONE, "")))
    street = text_of(values.get(STREET, "")).strip()
    wrong = [
        Problem(at, column, str(what), str(mend))
        for column, what, mend in (
            *_name_problems(name),
            *_number_problems(number, values.get(NUMBER, "")),
            *_phone_problems(phone),
            *_street_problems(street, streets),
        )
    ]
    return Listed(at, name, number, phone, street), wrong


def _name_problems(name: str) -> Iterable[tuple[str, Any, Any]]:
    if not name:
        yield NAME, _("没有填姓名。"), _("请按身份证填写。")
    elif len(name) > _MOST_NAME:
        yield NAME, _("姓名太长。"), _("请只填姓名。")
    elif card_reader.unknown_signs(name):
        yield NAME, _("有的字别的电脑读不出来。"), _("请用标准字，或用〓代替，本人到窗口补录。")
    elif not card_reader.is_name(name):
        yield NAME, _("姓名里有数字或符号。"), _("请只填姓名，少数民族姓名用“·”。")


def _number_problems(number: str, cell: Any) -> Iterable[tuple[str, Any, Any]]:
    if not number:
        yield NUMBER, _("没有填身份证号。"), _("请按身份证填写18位。")
        return
    if isinstance(cell, float | int) and not isinstance(cell, bool):
        yield NUMBER, _("这一格是数字格式，后几位已经变成0。"), _("请把格式改成文本，再重新填写。")
        return
    try:
        born = numbers.parse(number).birth_date
    except numbers.IdNumberError as error:
        yield NUMBER, number_sentence(error), _("请对照身份证重新填写。")
        return
    if not numbers.is_adult_on(born, clock.today()):
        yield NUMBER, _("这个人不满18岁。"), _("请监护人到窗口办理，从名单里删去这一行。")


def _phone_problems(phone: str) -> Iterable[tuple[str, Any, Any]]:
    if phone and not phones.is_mobile(phone):
        yield PHONE, _("手机号码是11位，以1开头。"), _("没有手机的，这一格不填。")


def _street_problems(street: str, streets: dict[str, str]) -> Iterable[tuple[str, Any, Any]]:
    if not street:
        return
    if street not in streets:
        yield STREET, _("没有这个镇街。"), _("请从模板的下拉框里选，或者不填。")
    elif runs := streets[street]:
        yield STREET, _("这个镇街由%(office)s管理。") % {"office": runs}, _("请向该单位申报。")


def _twice(people: list[Listed]) -> Iterable[Problem]:
    first: dict[str, int] = {}
    for one in people:
        if not one.id_number:
            continue
        if (before := first.setdefault(one.id_number, one.row)) != one.row:
            yield Problem(
                one.row, NUMBER, _("和第%(row)d行是同一个人。") % {"row": before}, _("请删去一行。")
            )
