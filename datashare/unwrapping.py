"""拆封 the rows inside any shape of ``datas``: one reader for the wire, cast files and replay.

`datas` is an object, an array, a JSON text of an array, a JSON text of a second envelope (in
half a dozen dialects), an empty text or null (data-sharing.md, C1). Pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from datashare.jsontext import parse
from datashare.written import text_of

Row = Mapping[str, Any]

# Where dialects of the inner envelope keep their content; `date` is how one of them spells data.
CONTENT = ("datas", "data", "date", "result", "results", "rows", "list")
# What else an inner envelope may hold. A dictionary with any other key is a row, not an envelope.
FRAME = frozenset({
    "success", "code", "status", "errorCode", "errorMsg", "error", "msg", "message",
    "requestId", "total", "totalCount", "dataCount", "totalDataCount", "totalPage", "pageNo",
    "pageSize", "interfaces", "secondaryResults", "timestamp",
})  # fmt: skip
_ENVELOPE = FRAME | set(CONTENT)
_WELL = frozenset({"", "0", "00", "200", "true", "success", "ok", "none"})
_NOTHING = frozenset({"", "\\N", "NULL", "NONE", "[]", "{}"})  # words like 未知 are no empty list
_DEPTH = 6  # deeper nesting than ever seen twice over


class Malformed(ValueError):
    """Content that is no list of rows. ``kind``: garbage, shape or upstream; never any content."""

    def __init__(self, kind: str, detail: str = "") -> None:
        super().__init__(kind)
        self.kind = kind
        self.detail = detail  # a code of the department behind the gateway


def rows_in(content: Any) -> list[Row]:
    """Rows, possibly none. Raises Malformed, also for an inner envelope that reports a failure."""
    return _rows(content, nested=False, depth=0)


def _rows(content: Any, *, nested: bool, depth: int) -> list[Row]:
    """Unwrap texts, arrays and inner envelopes until rows remain."""
    if depth > _DEPTH:
        raise Malformed("shape")
    if _says_nothing(content):
        return []
    if isinstance(content, str):
        return _rows_of_text(content, nested=nested, depth=depth)
    if isinstance(content, Mapping):
        return _rows_of_object(content, depth=depth)
    if isinstance(content, (list, tuple)):
        return [row for item in content for row in _rows(item, nested=nested, depth=depth + 1)]
    raise Malformed("shape")


def _says_nothing(content: Any) -> bool:
    if isinstance(content, str):
        return text_of(content).upper() in _NOTHING
    return content is None or (isinstance(content, (list, tuple, Mapping)) and not content)


def _rows_of_text(text: str, *, nested: bool, depth: int) -> list[Row]:
    """A JSON text is opened; plain words count only inside an inner envelope (民政部核验)."""
    try:
        parsed = parse(text)
    except ValueError:
        if nested and not text.lstrip().startswith(("<", "[", "{")):
            return [{"result": text.strip()}]
        raise Malformed("garbage") from None
    if isinstance(parsed, str | list | dict) or parsed is None:
        return _rows(parsed, nested=nested, depth=depth + 1)
    if nested:
        return [{"result": text.strip()}]
    raise Malformed("shape")


def _rows_of_object(item: Row, *, depth: int) -> list[Row]:
    if not _is_envelope(item):
        return [item]
    if not _is_well(item):
        code = str(item.get("code") or item.get("errorCode") or "")
        raise Malformed("upstream", "".join(c for c in code if c.isascii() and c.isalnum())[:8])
    for key in CONTENT:
        if not _says_nothing(item.get(key)):
            return _rows(item[key], nested=True, depth=depth + 1)
    return []


def _is_envelope(item: Row) -> bool:
    """Nothing but frame and content keys, and one that only an envelope has."""
    if any(key not in _ENVELOPE for key in item):
        return False
    keys = set(item)
    return bool(keys & {*CONTENT, "success", "code"}) or {"status", "message"} <= keys


def _is_well(item: Row) -> bool:
    """No part of the inner envelope reports an error."""
    if str(item.get("success")).lower() in ("false", "0"):
        return False
    reports = (item.get("code"), item.get("status"), item.get("errorCode"))
    return all(report is None or str(report).lower() in _WELL for report in reports)
