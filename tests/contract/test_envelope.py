"""The envelope is opened in every shape seen, and nothing but rows or a fault comes out."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from datashare.gateway.envelope import open_envelope
from datashare.gateway.faults import VERDICTS, Fault, Verdict

ROW = {"xm": "某人", "zt": "在保"}
OTHER = {"xm": "某人", "zt": "停保"}


def body(datas: Any, **more: Any) -> bytes:
    envelope = {"code": "00", "msg": "成功", "data": "", "datas": datas, "requestId": "r1", **more}
    return json.dumps(envelope, ensure_ascii=False).encode()


def text(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize(
    ("datas", "rows"),
    [
        (ROW, [ROW]),
        ([ROW, OTHER], [ROW, OTHER]),
        (text([ROW, OTHER]), [ROW, OTHER]),
        (text(ROW), [ROW]),
        (text({"success": True, "errorCode": None, "errorMsg": None, "data": [ROW]}), [ROW]),
        (text({"code": 200, "data": ROW, "message": "success"}), [ROW]),
        (text({"status": "0", "message": "ok", "result": {"located": "某路", "x": 1}}),
         [{"located": "某路", "x": 1}]),
        (text({"date": [ROW]}), [ROW]),
        (text({"datas": [ROW]}), [ROW]),
        (text({"result": {"result": [ROW]}}), [ROW]),
        (text({"result": {"result": "一致"}}), [{"result": "一致"}]),
        (text({"success": True, "data": text([ROW])}), [ROW]),
        ("", []), (None, []), ([], []), ("[]", []), ("null", []), ({}, []), ("  ", []),
        (text({"success": True, "errorCode": "", "data": None}), []),
        (text({"code": 200, "message": "success"}), []),
        (text({"status": "0", "message": "未查询到数据", "result": []}), []),
    ],
)  # fmt: skip
def test_every_shape_of_datas_is_opened(datas: Any, rows: list[dict[str, Any]]) -> None:
    opened = open_envelope(body(datas))
    assert list(opened.rows) == rows
    assert opened.request_id == "r1"


def test_content_may_stand_under_data_where_datas_is_empty() -> None:
    assert list(open_envelope(body("", data=[ROW])).rows) == [ROW]


@pytest.mark.parametrize(
    ("raw", "kind"),
    [
        (b"", "empty"),
        (b"  \n", "empty"),
        (b"<html><body>503</body></html>", "garbage"),
        (b"[]", "garbage"),
        (b'{"msg": "no code"}', "garbage"),
        (b"\xff\xfe\x00", "garbage"),
        (body("<html>"), "garbage"),
        (body("七"), "garbage"),
        (body("7"), "shape"),
        (body(7), "shape"),
        (body([[[[[[[[[ROW]]]]]]]]]), "shape"),
        (body(text({"success": False, "errorCode": "E1", "data": None})), "upstream"),
        (body(text({"code": 500, "message": "error", "data": None})), "upstream"),
        (body(text({"status": "-1", "message": "error"})), "upstream"),
        (body("", code="03"), "signature"),
        (body("", code="11"), "secret_expired"),
        (body("", code="14"), "signature"),
        (body("", code="18"), "quota"),
        (body("", code="37"), "unknown_code"),
    ],
)  # fmt: skip
def test_what_is_no_answer_is_a_fault_of_a_named_kind(raw: bytes, kind: str) -> None:
    with pytest.raises(Fault) as caught:
        open_envelope(raw)
    assert caught.value.kind == kind
    assert kind in VERDICTS


def test_a_kind_that_nobody_listed_is_unknown_and_not_retried() -> None:
    assert Fault("news").verdict is Verdict.UNKNOWN


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.floats(allow_nan=False),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(["data", "datas", "date", "result", "code", "success", "xm"]),
            inner,
            max_size=4,
        )
        | inner.map(text)
    ),
    max_leaves=12,
)


@settings(deadline=None)  # a busy machine is no defect
@given(datas=json_values)
def test_whatever_datas_holds_only_rows_or_a_fault_come_out(datas: Any) -> None:
    _only_rows_or_a_fault(body(datas))


@settings(deadline=None)
@given(raw=st.binary(max_size=200))
def test_whatever_the_bytes_are_only_rows_or_a_fault_come_out(raw: bytes) -> None:
    _only_rows_or_a_fault(raw)


def _only_rows_or_a_fault(raw: bytes) -> None:
    try:
        rows = open_envelope(raw).rows
    except Fault as fault:
        assert fault.kind in VERDICTS
    else:
        assert all(isinstance(row, dict) for row in rows)
