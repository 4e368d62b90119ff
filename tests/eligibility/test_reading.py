"""Rows as registers really send them: every spelling read, nothing guessed."""

import re
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
import yaml

from datashare import cells
from datashare.reading import read
from datashare.replies import Faulted
from datashare.sources import CATALOGUE

NUMBER = "330212198701189934"
DOCUMENT = (Path(__file__).parents[2] / "docs" / "records.md").read_text(encoding="utf-8")


def example_rows():
    for block in re.findall(r"```yaml\n(.*?)```", DOCUMENT, re.DOTALL):
        for source, people in yaml.safe_load(block).items():
            for number, rows in people.items():
                yield pytest.param(source, number, rows, id=f"{source}-{number[-4:]}")


@pytest.mark.parametrize(("source", "number", "rows"), list(example_rows()))
def test_every_example_of_the_document_is_read(source, number, rows):
    reply = read(source, number, rows)
    assert reply.found, reply.error
    assert reply.records


def test_the_document_describes_every_source_and_what_its_silence_means():
    for code, spec in CATALOGUE.items():
        assert f"\n## {code} " in DOCUMENT
        row = next(line for line in DOCUMENT.splitlines() if line.startswith(f"| {code} |"))
        assert row.split("|")[4].strip() == spec.empty
        assert row.split("|")[5].strip() == str(spec.ttl)


@pytest.mark.parametrize(
    "nothing", ["", None, [], "[]", "\\N", '{"success":true,"data":[]}', {"datas": ""}, [None]]
)
def test_nothing_in_any_spelling_is_no_record(nothing):
    assert read("property", NUMBER, nothing).silent


@pytest.mark.parametrize(
    "shape",
    [
        [{"zl": "某路1号", "jzmj": "52"}],
        '[{"zl": "某路1号", "jzmj": "52"}]',
        '{"success": true, "errorCode": "", "data": [{"zl": "某路1号", "jzmj": "52"}]}',
        {"code": 200, "message": "success", "data": {"zl": "某路1号", "jzmj": "52"}},
        {"status": "0", "result": {"result": '[{"zl": "某路1号", "jzmj": "52"}]'}},
        {"date": [{"zl": "某路1号", "jzmj": "52"}]},
        '{"datas": [{"ZL": "某路１号", "JZMJ": 52.0, "extra": {}}]}',
    ],
)
def test_every_shape_of_datas_gives_the_same_row(shape):
    (home,) = read("property", NUMBER, shape).records
    assert (home.location, home.area) == ("某路1号", Decimal(52))


@pytest.mark.parametrize(
    "garbage",
    [
        "<html>",
        "{",
        42,
        ["a"],
        b"x",
        {"success": False, "data": [{"zl": "某路1号"}]},
        [{"jzmj": "见附图"}],
        [{"djsj": "2021-13-45"}],
    ],
)
def test_what_cannot_be_read_is_unavailable_and_never_no_record(garbage):
    assert read("property", NUMBER, garbage).unavailable


def test_a_fault_is_unavailable_and_names_itself():
    reply = read("property", NUMBER, Faulted("quota"))
    assert reply.unavailable and reply.error == "quota"


def test_an_answer_about_somebody_else_is_unavailable():
    reply = read("property", NUMBER, [{"qlrzjh": "330212196801019917", "jzmj": "52"}])
    assert reply.unavailable and reply.error == "somebody_else"


def test_rows_about_others_are_dropped_beside_the_right_ones():
    rows = [{"qlrzjh": "330212196801019917", "jzmj": "52"}, {"qlrzjh": NUMBER, "jzmj": "20"}]
    reply = read("property", NUMBER, rows)
    assert [home.area for home in reply.records] == [Decimal(20)]
    assert len(reply.rows) == 1


@pytest.mark.parametrize(
    "answered",
    [
        "330212************",
        "3302121987********",
        "330212870118993",
        f" {NUMBER} ",
        "３３0212198701189934",
    ],
)
def test_the_same_number_in_other_spellings_is_the_same_person(answered):
    assert read("property", NUMBER, [{"qlrzjh": answered, "jzmj": "1"}]).found


def test_a_small_x_is_a_check_character():
    assert read("death", "33021219860925991X", [{"idCardCode": "33021219860925991x"}]).found


def test_equal_rows_count_once_and_the_newest_of_a_register_prevails():
    row = {"name": "甲", "censusAddr": "甲地", "tong_time": "2019-01-01 00:00:00.0"}
    newer = {"name": "乙", "censusAddr": "乙地", "tong_time": "2021-01-01 00:00:00.0"}
    (only,) = read("population", NUMBER, [row, newer, row]).records
    assert only.name == "乙"


@pytest.mark.parametrize(
    ("written", "wanted"),
    [
        ("20210924", date(2021, 9, 24)),
        ("2021-09-24", date(2021, 9, 24)),
        ("2021-9-4", date(2021, 9, 4)),
        ("2021/09/24", date(2021, 9, 24)),
        ("2021年9月24日", date(2021, 9, 24)),
        ("2021-09-24 10:11:12.0", date(2021, 9, 24)),
        ("2021-09-24T10:11:12", date(2021, 9, 24)),
        ("20210924101112", date(2021, 9, 24)),
        ("２０２１０９２４", date(2021, 9, 24)),
        (20210924, date(2021, 9, 24)),
        (date(2021, 9, 24), date(2021, 9, 24)),
        ("202109", date(2021, 9, 1)),
        ("2021-09", date(2021, 9, 1)),
        ("1899-12-31", None),
        (date(1899, 12, 31), None),
        ("9999-12-31", None),
        ("长期", None),
        ("\\N", None),
        ("", None),
        (None, None),
    ],
)
def test_days(written, wanted):
    assert cells.day(written) == wanted


def test_a_month_that_ends_something_means_its_last_day():
    assert cells.day("202202", end=True) == date(2022, 2, 28)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [("52.00", "52"), (52.5, "52.5"), ("1,560,000.00元", "1560000"), ("100万元", "1000000"),
     ("36㎡", "36"), ("３６", "36"), (0, "0")],
)  # fmt: skip
def test_numbers(written, wanted):
    assert cells.number(written) == Decimal(wanted)


@pytest.mark.parametrize(
    ("written", "wanted"),
    [("1/2", "0.5"), ("50%", "0.5"), ("0.5", "0.5"), (50, "0.5"), ("1", "1"), ("3分之1", None)],
)
def test_shares(written, wanted):
    got = cells.share(written)
    assert got == (Decimal(wanted) if wanted else Decimal(1) / 3)


def test_a_share_that_is_not_stated_is_the_whole():
    assert cells.share("共同共有") is None and cells.share("") is None


@pytest.mark.parametrize("source", CATALOGUE)
def test_every_source_can_be_asked(source):
    from datashare.sources.source import Asked

    sent = CATALOGUE[source].request(Asked("孙立明", NUMBER, date(2021, 9, 24)))
    assert NUMBER in sent.values()
    assert all(isinstance(value, str) for value in sent.values())
