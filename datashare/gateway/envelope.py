"""返回报文 the gateway's envelope in all the shapes that were seen, opened without guessing.

Pure: bytes in, rows out, or a `Fault`; nothing else leaves this module whatever the bytes are.
What lies inside `datas` is unwrapped by the reader that cast files and replay use too.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from datashare.gateway.faults import Fault, of_code
from datashare.jsontext import parse
from datashare.unwrapping import Malformed, Row, rows_in

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Opened:
    """A usable envelope: its rows (possibly none), the gateway's request number, its pages."""

    rows: tuple[Row, ...]
    request_id: str = ""
    pages: int = 1
    total: int | None = None  # rows on all pages; None where the envelope says nothing


def outer(body: bytes) -> Json:
    """The outermost JSON object; `empty` for no bytes, `garbage` for HTML and the like."""
    if not body.strip():
        raise Fault("empty")
    try:
        parsed = parse(body)
    except ValueError:
        raise Fault("garbage") from None
    if not isinstance(parsed, dict) or not isinstance(parsed.get("code"), str | int):
        raise Fault("garbage")
    return parsed


def open_envelope(body: bytes) -> Opened:
    """Rows of a data call's answer; raises `Fault` for any code but 00."""
    envelope = outer(body)
    _refuse_code(envelope)
    content = envelope.get("datas")
    if content in (None, ""):
        content = envelope.get("data")
    try:
        rows = tuple(rows_in(content))
    except Malformed as malformed:
        raise Fault(malformed.kind, malformed.detail) from None
    pages, total = _pages(envelope.get("totalPage")), _count(envelope.get("totalDataCount"))
    return Opened(rows, _plain(envelope.get("requestId"), 64), pages, total)


def open_token(body: bytes) -> Json:
    """The pair of secrets in a token endpoint's answer; raises `Fault`."""
    envelope = outer(body)
    _refuse_code(envelope)
    pair = envelope.get("datas")
    if not isinstance(pair, dict):
        raise Fault("shape")
    for secret in ("requestSecret", "refreshSecret"):
        if not isinstance(pair.get(secret), str) or not pair[secret].strip():
            raise Fault("shape")
    return pair


def _refuse_code(envelope: Json) -> None:
    """Raises the fault of any code but 00."""
    code = str(envelope["code"]).strip()
    if code != "00":
        raise of_code(_plain(code, 8), str(envelope.get("msg") or ""))


def _plain(value: Any, length: int) -> str:
    """A number of the gateway's as the call log may keep it, whatever was sent."""
    return re.sub(r"[^0-9A-Za-z_.:-]", "", str(value or ""))[:length]


def _pages(told: Any) -> int:
    """How many pages the answer has; 1 where the envelope says nothing that makes sense."""
    return max(1, _count(told) or 1)


def _count(told: Any) -> int | None:
    """A whole number of sane size; None for anything else."""
    text = str(told)
    return int(text) if text.isascii() and text.isdigit() and len(text) < 9 else None


__all__ = ["Opened", "Row", "open_envelope", "open_token", "outer"]
