"""A report that is ordered: an answer at once that states no facts, the report days later."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from datashare.reading import read
from datashare.replies import Reply

NUMBER = "330212198701189934"
AT = datetime(2026, 3, 18, 9, tzinfo=UTC)
ORDER = {
    "sfzh": NUMBER,
    "xm": "某人",
    "hdzt": "核对中",
    "wtdh": "WT0001",
    "wtrq": "20260318",
    "yjrq": "2026-03-27",
}
REPORT = {
    "sfzh": NUMBER,
    "xm": "某人",
    "hdzt": "已出具",
    "hdbgbh": "HD0001",
    "hdrq": "20260320",
    "hdqq": "202503",
    "hdqz": "202602",
    "bgyxq": "20260619",
    "srlx": "工资性",
    "ny": "202602",
    "je": "4200",
}


def answered(*rows: dict[str, Any], at: datetime | None = AT) -> Reply:
    return read("income_check", NUMBER, list(rows), fetched_at=at)


def test_an_order_is_an_answer_with_a_receipt_and_a_day() -> None:
    reply = answered(ORDER)
    assert reply.found
    assert reply.ordered
    assert (reply.receipt, reply.expected) == ("WT0001", date(2026, 3, 27))
    assert reply.records[0].ordered_on == date(2026, 3, 18)


def test_an_order_is_not_kept_as_a_fresh_answer() -> None:
    assert answered(ORDER).fresh_until == AT


@pytest.mark.parametrize("word", ["核对中", "已委托", "待核对", "办理中", "已受理", "未出具", ""])
def test_every_word_for_under_way_is_understood(word: str) -> None:
    assert answered({**ORDER, "hdzt": word}).ordered


@pytest.mark.parametrize("word", ["已出具", "部分出具", "已完成", ""])
def test_a_delivered_report_is_no_order(word: str) -> None:
    reply = answered({**REPORT, "hdzt": word})
    assert reply.found
    assert not reply.ordered
    assert (reply.receipt, reply.expected) == ("", None)


def test_a_partial_report_says_so() -> None:
    assert answered({**REPORT, "hdzt": "部分出具"}).records[0].partial
    assert not answered(REPORT).records[0].partial


def test_a_report_is_fresh_no_longer_than_it_says_itself() -> None:
    until = answered(REPORT).fresh_until
    assert until is not None
    assert until.isoformat() == "2026-06-19T23:59:59.999999+08:00"


def test_other_answers_are_fresh_for_their_sources_days() -> None:
    reply = read("death", NUMBER, [], fetched_at=AT)
    assert reply.fresh_until == AT + timedelta(days=1)
    assert read("death", NUMBER, []).fresh_until is None


def test_an_older_report_beside_a_new_order_is_still_a_report() -> None:
    reply = answered(REPORT, ORDER)
    assert not reply.ordered
    assert [record.delivered for record in reply.records] == [True, False]


@pytest.mark.parametrize("source", ["death", "property", "vehicle"])
def test_an_empty_answer_is_no_order(source: str) -> None:
    assert not read(source, NUMBER, []).ordered
    assert not read(source, NUMBER, [{"zt": "正常"}]).ordered
