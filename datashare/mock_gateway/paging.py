"""分页 interfaces that give their rows page by page when they are asked to.

`pageSize` and `pageNo` (from 1) are the names that the insurance interface uses; there `pageSize`
counts months, and the first page holds the latest. Others are cut from the front. Without a
`pageSize` everything comes on one page, unless the source gives only so many rows at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from datashare.mock_gateway.interfaces import Rows

LATEST_FIRST = ("social_insurance",)


@dataclass(frozen=True, slots=True)
class Page:
    """The rows of one page, of so many in all; `total` is None where nothing was cut."""

    rows: Rows
    total: int | None = None
    pages: int = 1


def cut(source: str, rows: Rows, params: dict[str, Any], *, most: int = 0) -> Page:
    """The page asked for, of at most `most` rows (0: any); past the last one it is empty."""
    size, number = number_in(params.get("pageSize")), number_in(params.get("pageNo")) or 1
    size = min(size or most, most or size)
    if not size or (len(rows) <= size and number == 1):
        return Page(rows)
    pages = -(-len(rows) // size)
    if source in LATEST_FIRST:
        end = len(rows) - (number - 1) * size
        held = rows[max(0, end - size) : max(0, end)]
    else:
        held = rows[(number - 1) * size : number * size]
    return Page(held, len(rows), pages)


def number_in(value: Any) -> int:
    """A positive whole number, or 0 for anything else."""
    text = str(value or "")
    return int(text) if text.isascii() and text.isdigit() else 0
