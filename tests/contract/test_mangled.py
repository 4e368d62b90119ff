"""Whatever comes over the wire, a typed reply or a typed fault comes out, for every source."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.identity.fields import EncryptedJSONField
from datashare import cells
from datashare.gateway.envelope import open_envelope, open_token
from datashare.gateway.faults import VERDICTS, Fault
from datashare.reading import read
from datashare.replies import FOUND, NO_RECORD, UNAVAILABLE, Faulted, Reply
from datashare.sources import CATALOGUE
from tests.contract import recordings

AT = datetime(2026, 3, 18, 4, tzinfo=UTC)
EXAMPLES = recordings.examples()
FIELDS = sorted({name for spec in CATALOGUE.values() for one in spec.fields
                 for name in (one.name, *one.also)})  # fmt: skip
BODIES = [path.read_bytes() for path in sorted(recordings.FOLDER.glob("*/*.txt"))]
ODD = [
    None, "", "\\N", "null", "无", "未知", "0", 0, -1, 1.5, True, float("nan"), 10**30, [], {},
    ["a"], {"a": {"b": []}}, "是", "否", "1899-12-31", "0000-00-00", "2021年9月", "2021-13-45",
    "99999999", "1632412800000", "1/2", "1/0", "按份共有 50%", "-5", "1,5", "8.9.5㎡", "100万元",
    "壹拾万", "<b>", "[", "[{}]", '{"a":1}', "\u0000", "\u200b", "𠮷·阿卜杜拉", "330203****",
    "*" * 18, "x" * 5000, "٣", "½", "E9", "1E99", "９", "2021-09-23T99:99:99Z", "长期", "至今",
]  # fmt: skip
cell = st.sampled_from(ODD) | st.text(max_size=12) | st.integers() | st.floats() | st.dates()
row = st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=6), cell, max_size=12)
inner = st.recursive(
    cell.filter(lambda one: not isinstance(one, date)),
    lambda one: (
        st.lists(one, max_size=4)
        | st.dictionaries(
            st.sampled_from(["data", "datas", "date", "result", "code", "success", *FIELDS]),
            one,
            max_size=5,
        )
        | one.map(lambda value: json.dumps(value, ensure_ascii=False))
    ),
    max_leaves=15,
)
sources = st.sampled_from(sorted(CATALOGUE))


def through(source: str, body: bytes) -> Reply | Fault:
    """The client's path from bytes to a reply; anything else that is raised fails the test."""
    person = EXAMPLES[source].person
    try:
        opened = open_envelope(body)
    except Fault as fault:
        assert fault.kind in VERDICTS
        assert fault.detail.isascii()
        read(source, person.id_number, Faulted(fault.kind), fetched_at=AT)
        return fault
    assert opened.request_id.isascii()
    assert opened.request_id.isprintable()
    assert opened.pages >= 1
    return checked(source, list(opened.rows))


def checked(source: str, rows: Any) -> Reply:
    """A typed reply that can be written down and read again to the same."""
    person = EXAMPLES[source].person
    reply = read(source, person.id_number, rows, name=person.name, fetched_at=AT)
    assert reply.status in (FOUND, NO_RECORD, UNAVAILABLE)
    assert (reply.status == UNAVAILABLE) == (reply.error in VERDICTS)
    assert (reply.status == FOUND) == bool(reply.records)
    if reply.status == UNAVAILABLE:
        assert reply.rows == ()
    return reply


def stored(rows: Any) -> Any:
    """The rows as they come back from the database."""
    field = EncryptedJSONField()
    return field.from_text(field.to_text(rows).encode().decode())


@settings(deadline=None, max_examples=300)
@given(source=sources, raw=st.binary(max_size=300))
def test_random_bytes(source: str, raw: bytes) -> None:
    assert isinstance(through(source, raw), Fault)


@settings(deadline=None, max_examples=400)
@given(source=sources, body=st.sampled_from(BODIES), data=st.data())
def test_a_recorded_answer_cut_flipped_or_doubled(
    source: str, body: bytes, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, max(len(body) - 1, 0)))
    how = data.draw(st.sampled_from(["cut", "flip", "double", "insert"]))
    extra = data.draw(st.binary(max_size=6))
    through(source, {
        "cut": body[:at],
        "flip": body[:at] + extra + body[at + len(extra) :],
        "double": body[:at] + body + body[at:],
        "insert": body[:at] + extra + body[at:],
    }[how])  # fmt: skip


@settings(deadline=None, max_examples=400)
@given(source=sources, datas=inner, code=st.sampled_from(["00", "18", 0, "0", "", "99" * 40]))
def test_any_content_of_datas(source: str, datas: Any, code: Any) -> None:
    text = json.dumps({"code": code, "datas": datas, "requestId": datas, "totalPage": datas})
    reply = through(source, text.encode())
    if isinstance(reply, Reply):
        assert [dict(one) for one in reply.rows] == stored([dict(one) for one in reply.rows])


@settings(deadline=None, max_examples=600)
@given(source=sources, changes=row, keep=st.booleans())
def test_rows_whose_cells_are_mangled(source: str, changes: dict[str, Any], keep: bool) -> None:
    known = dict(EXAMPLES[source].rows[0]) if keep else {}
    checked(source, [{**known, **changes}])


@pytest.mark.parametrize("source", CATALOGUE)
@pytest.mark.parametrize("odd", ODD, ids=lambda one: repr(one)[:24])
def test_every_field_holding_every_oddity(source: str, odd: Any) -> None:
    for one in CATALOGUE[source].fields:
        checked(source, [{**EXAMPLES[source].rows[0], one.name: odd}])


def _envelope(datas: str) -> bytes:
    return b'{"code":"00","datas":' + datas.encode() + b"}"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param("{}".join(["[" * 5000, "]" * 5000]).encode(), id="a pit of brackets"),
        pytest.param(_envelope("[" * 200 + "]" * 200), id="a pit inside"),
        pytest.param(_envelope('[{"xm":"\\ud800"}]'), id="half a character"),
        pytest.param(_envelope('"[{\\"xm\\":\\"\\\\ud800\\"}]"'), id="half a character inside"),
        pytest.param(_envelope('[{"je":1e999}]'), id="an endless number"),
        pytest.param(_envelope('[{"je":Infinity}]'), id="infinity"),
        pytest.param(_envelope('[{"je":' + "9" * 5000 + "}]"), id="five thousand digits"),
        pytest.param('{"code":"00","datas":[{"xm":"王建国"}]}'.encode("gbk"), id="GBK"),
        pytest.param('{"code":"00","datas":[]}'.encode("utf-16"), id="UTF-16"),
        pytest.param(b'{"code":["00"],"datas":[]}', id="a code that is a list"),
        pytest.param(b'{"code":{"00":1}}', id="a code that is an object"),
    ],
)
def test_what_would_fail_later_fails_here(body: bytes) -> None:
    fault = through("death", body)
    assert isinstance(fault, Fault)
    assert fault.kind in ("garbage", "shape")


def test_a_mark_of_byte_order_and_nan_do_no_harm() -> None:
    body = b"\xef\xbb\xbf" + _envelope('[{"xm": "\\u738b", "je": NaN}]')
    assert list(open_envelope(body).rows) == [{"xm": "王", "je": None}]


def test_of_a_key_that_stands_twice_the_last_counts() -> None:
    assert open_envelope(b'{"code":"18","code":"00","datas":[],"datas":[{"xm":1}]}').rows


def test_a_row_of_an_unknown_layout_is_unreadable_and_no_empty_fact() -> None:
    reply = read("property", EXAMPLES["property"].person.id_number, [{"message": "暂无数据"}])
    assert (reply.status, reply.error) == (UNAVAILABLE, "unreadable")


@settings(deadline=None)
@given(datas=inner)
def test_a_token_is_a_pair_of_texts_or_a_fault(datas: Any) -> None:
    try:
        pair = open_token(json.dumps({"code": "00", "datas": datas}).encode())
    except Fault as fault:
        assert fault.kind in VERDICTS
    else:
        assert isinstance(pair["requestSecret"], str)


@settings(deadline=None, max_examples=400)
@given(value=cell)
def test_a_cell_is_read_or_refused(value: Any) -> None:
    for reader in (cells.day, cells.month, cells.number, cells.measure, cells.whole, cells.share):
        try:
            found = reader(value)
        except cells.Unreadable:
            continue
        assert found is None or isinstance(found, date | Decimal | int)
    assert isinstance(cells.text(value), str)
    assert isinstance(cells.id_text(value), str)


@given(on=st.dates(date(1901, 1, 1), date(2100, 12, 31)))
def test_a_day_is_the_same_in_every_spelling(on: date) -> None:
    spellings = [
        f"{on:%Y%m%d}", f"{on:%Y-%m-%d}", f"{on:%Y/%m/%d}", f"{on:%Y.%m.%d}",
        f"{on.year}年{on.month}月{on.day}日", f"{on.year}-{on.month}-{on.day}",
        f"{on:%Y-%m-%d} 10:11:12.0", f"{on:%Y%m%d}101112", f"{on:%Y-%m-%d}T00:00:00+08:00",
        int(f"{on:%Y%m%d}"), on, datetime(on.year, on.month, on.day),
        datetime(on.year, on.month, on.day, tzinfo=cells_here()).isoformat(),
        f"{on:%b} {on.day}, {on.year} 12:00:00 AM",
    ]  # fmt: skip
    assert {cells.day(one) for one in spellings} == {on}
    moment = datetime(on.year, on.month, on.day, tzinfo=cells_here()).timestamp()
    if abs(moment) > 10**9:
        assert cells.day(round(moment * 1000)) == on


def cells_here() -> Any:
    from datashare.dates import HERE

    return HERE


@given(amount=st.decimals(0, 10**9, places=2))
def test_a_sum_is_the_same_in_every_spelling(amount: Decimal) -> None:
    spellings = [f"{amount}", f"{amount:,}", f"￥{amount:,}元", f"人民币{amount}", f" {amount} ㎡",
                 f"{amount / 10_000:f}万元"]  # fmt: skip
    assert {cells.number(one) for one in spellings} == {amount}


@given(part=st.integers(1, 30), of=st.integers(1, 30))
def test_a_share_is_the_same_in_every_spelling(part: int, of: int) -> None:
    if part > of:
        with pytest.raises(cells.Unreadable):
            cells.share(f"{part}/{of}")
        return
    share = Decimal(part) / Decimal(of)
    for written in (f"{part}/{of}", f"按份共有 {part}/{of}", f"{of}分之{part}", f"占{part}／{of}"):
        assert cells.share(written) == share
