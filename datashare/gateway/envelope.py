"""返回报文 the gateway's envelope in all the shapes that were seen, opened without guessing.

`datas` is an object, an array, a JSON text of an array, a JSON text of a second envelope (in
half a dozen dialects), an empty text or null (data-sharing.md, C1). Pure: bytes in, rows out,
or a `Fault`; nothing else leaves this module whatever the bytes are.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from datashare.gateway.faults import Fault, of_code

Row = dict[str, Any]

# Where dialects of the inner envelope keep their content; `date` is how one of them spells data.
CONTENT = ("datas", "data", "date", "result", "results", "rows")
# What else an inner envelope may hold. A dictionary with any other key is a row, not an envelope.
FRAME = {
    "success", "code", "status", "errorCode", "errorMsg", "error", "msg", "message",
    "requestId", "total", "totalCount", "dataCount", "totalDataCount", "totalPage", "pageNo",
    "pageSize", "interfaces", "secondaryResults", "timestamp",
}  # fmt: skip
WELL = {"", "0", "00", "200", "true", "success", "ok", "none"}
DEPTH = 6  # deeper nesting than ever seen twice over


@dataclass(frozen=True, slots=True)
class Opened:
    """A usable envelope: its rows (possibly none) and the gateway's request number."""

    rows: tuple[Row, ...]
    request_id: str = ""


def outer(body: bytes) -> Row:
    """The outermost JSON object; `empty` for no bytes, `garbage` for HTML and the like."""
    if not body.strip():
        raise Fault("empty")
    try:
        parsed = json.loads(body)
    except (ValueError, RecursionError):
        raise Fault("garbage") from None
    if not isinstance(parsed, dict) or "code" not in parsed:
        raise Fault("garbage")
    return parsed


def open_envelope(body: bytes) -> Opened:
    """Rows of a data call's answer; raises `Fault` for any code but 00."""
    envelope = outer(body)
    code = str(envelope["code"])
    if code != "00":
        raise of_code(code)
    content = envelope.get("datas")
    if content in (None, ""):
        content = envelope.get("data")
    return Opened(tuple(_rows(content, nested=False)), str(envelope.get("requestId") or ""))


def open_token(body: bytes) -> Row:
    """The pair of secrets in a token endpoint's answer; raises `Fault`."""
    envelope = outer(body)
    if str(envelope["code"]) != "00":
        raise of_code(str(envelope["code"]))
    pair = envelope.get("datas")
    if not isinstance(pair, dict) or not (pair.get("requestSecret") and pair.get("refreshSecret")):
        raise Fault("shape")
    return pair


def _rows(content: Any, *, nested: bool, depth: int = 0) -> list[Row]:
    """Unwrap texts, arrays and inner envelopes until rows remain."""
    if depth > DEPTH:
        raise Fault("shape")
    if content is None or content == "" or content == [] or content == {}:
        return []
    if isinstance(content, str):
        return _rows_of_text(content, nested=nested, depth=depth)
    if isinstance(content, list):
        return [row for item in content for row in _rows(item, nested=nested, depth=depth + 1)]
    if isinstance(content, dict):
        return _rows_of_object(content, depth=depth)
    raise Fault("shape")


def _rows_of_text(text: str, *, nested: bool, depth: int) -> list[Row]:
    """A JSON text is opened; plain words count only inside an inner envelope (民政部核验)."""
    if not text.strip():
        return []
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError):
        if nested and "<" not in text:
            return [{"result": text.strip()}]
        raise Fault("garbage") from None
    if isinstance(parsed, str | list | dict) or parsed is None:
        return _rows(parsed, nested=nested, depth=depth + 1)
    if nested:
        return [{"result": text.strip()}]
    raise Fault("shape")


def _rows_of_object(item: Row, *, depth: int) -> list[Row]:
    if not _is_envelope(item):
        return [item]
    if not _is_well(item):
        raise Fault("upstream", detail=str(item.get("code") or item.get("errorCode") or "")[:8])
    for key in CONTENT:
        if key in item:
            return _rows(item[key], nested=True, depth=depth + 1)
    return []


def _is_envelope(item: Row) -> bool:
    """Nothing but frame and content keys, and one that only an envelope has."""
    keys = set(item)
    if keys - FRAME - set(CONTENT):
        return False
    return bool(keys & {*CONTENT, "success", "code"}) or {"status", "message"} <= keys


def _is_well(item: Row) -> bool:
    """No part of the inner envelope reports an error."""
    if item.get("success") is False:
        return False
    reports = (item.get("code"), item.get("status"), item.get("errorCode"))
    return all(report is None or str(report).lower() in WELL for report in reports)
