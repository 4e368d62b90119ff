"""公开日志 `ledger.jsonl`: what happens to homes after the draw, append-only (section 6).

Each line is canonical JSON with two fields of its own: `line`, counting from 1, and
`previous`, the hex SHA-256 of the line before it (its bytes without the line feed; 64 zeros
for the first). Whoever once noted the digest of the last line sees any later change before it.
"""

from collections.abc import Mapping
from typing import Any

from allocation import draw, shape
from allocation.shape import Malformed

START = "0" * 64


def append_line(prev: bytes | None, obj: Mapping[str, Any]) -> bytes:
    """The next line, ending in a line feed, after the line `prev` (None for the first).

    ValueError if `obj` uses the fields `line` or `previous`, or `prev` is no ledger line.
    """
    if {"line", "previous"} & obj.keys():
        raise ValueError("`line` and `previous` are set by the ledger")
    number = 1 if prev is None else _read_line(prev.removesuffix(b"\n"))["line"] + 1
    return draw.canonical({**obj, "line": number, "previous": head(prev)}) + b"\n"


def head(last: bytes | None) -> str:
    """The digest to publish for a ledger that ends with the line `last`."""
    return START if last is None else draw.digest(last.removesuffix(b"\n"))


def verify_ledger(data: bytes) -> list[str]:
    """What is wrong with the bytes of a ledger.jsonl, in English; an empty list if nothing is.

    An empty ledger is sound. A cut-off tail shows only against a published `head`.
    """
    if not data:
        return []
    if len(data) > shape.MAX_FILE:
        return [f"the ledger is larger than {shape.MAX_FILE} bytes"]
    if not data.endswith(b"\n"):
        return ["the last line is cut off"]
    faults, previous = [], START
    for number, line in enumerate(data[:-1].split(b"\n"), start=1):
        if fault := _fault_of(line, number, previous):
            faults.append(f"line {number}: {fault}")
        previous = draw.digest(line)
    return faults


def _fault_of(line: bytes, number: int, previous: str) -> str:
    try:
        value = _read_line(line)
    except Malformed as error:
        return str(error)
    if value["line"] != number:
        return f"is numbered {value['line']}"
    if value["previous"] != previous:
        return "does not follow from the line before it"
    return ""


def _read_line(line: bytes) -> dict[str, Any]:
    value = shape.parse(line)
    shape.refuse_if_not_canonical(value, line)
    if type(value) is not dict or type(value.get("line")) is not int or "previous" not in value:
        raise Malformed("is not a ledger line")
    return value
