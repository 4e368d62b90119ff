"""变更订阅 the change feed as an interface of the gateway: by days, on pages, about everybody.

Asked about days and never about a person; each row carries a number that stays its own, so that
whoever reads a day again can tell what was read before. [assumed]: no such interface is published.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from typing import Any

from datashare.mock_gateway.feed import Change
from datashare.mock_gateway.paging import Page, number_in

SOURCE = "changes"
MOST = 1_000  # rows that one page may hold
# code list [assumed]; what happened, by the feed's kinds
CODES = {
    "birth": "01", "death": "02", "marriage": "03", "divorce": "04", "moved_out": "05",
    "presale": "11", "resale": "12", "home_gained": "13", "home_left": "14",
    "job_begun": "21", "job_ended": "22", "aid_granted": "31", "aid_ended": "32",
    "company": "41", "disability": "51", "car": "61", "benefit": "71", "posted": "99",
}  # fmt: skip


def days_of(params: dict[str, Any]) -> tuple[date, date]:
    """First and last day asked for. ValueError where they make no sense."""
    first, last = (date.fromisoformat(str(params.get(name) or "")) for name in ("ksrq", "jsrq"))
    if last < first:
        raise ValueError("jsrq is before ksrq")
    return first, last


def page(changes: Sequence[Change], params: dict[str, Any], names: dict[str, str]) -> Page:
    """The page asked for; it always says how many rows the days have in all."""
    wanted = set(filter(None, str(params.get("bglx") or "").split(",")))
    told = [one for one in changes if not wanted or CODES[one.kind] in wanted]
    size = min(number_in(params.get("pageSize")) or MOST, MOST)
    first = ((number_in(params.get("pageNo")) or 1) - 1) * size
    rows = [_row(one, names) for one in told[first : first + size]]
    return Page(rows, len(told), max(1, -(-len(told) // size)))


def _row(change: Change, names: dict[str, str]) -> dict[str, Any]:
    return {
        "bgbh": number_of(change),
        "bgrq": f"{change.on:%Y%m%d}",
        "bglx": CODES[change.kind],
        "sfzh": change.person,
        "xm": names.get(change.person, ""),
        "sjly": change.source,
        "bgsm": change.what,
        "xgzjh": change.about,
    }


def number_of(change: Change) -> str:
    """A number that stays the change's own, whatever else is told of the day."""
    parts = (change.on.isoformat(), change.kind, change.person, change.source, change.what,
             change.about)  # fmt: skip
    return "BG" + hashlib.blake2b("|".join(parts).encode(), digest_size=12).hexdigest().upper()


__all__ = ["CODES", "MOST", "SOURCE", "days_of", "number_of", "page"]
