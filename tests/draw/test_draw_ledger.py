"""The public log of a round (docs/draw-protocol.md, section 6)."""

import hashlib
import json

import pytest

from allocation import ledger
from allocation.draw import NotCanonical

EVENTS = [
    {"at": "2026-12-01T10:05:00+08:00", "event": "offered", "home": "EST-A/1", "ticket": "T1"},
    {"at": "2026-12-04T09:00:00+08:00", "event": "declined", "home": "EST-A/1", "ticket": "T1"},
    {"at": "2026-12-04T09:00:01+08:00", "event": "offered", "home": "EST-A/1", "ticket": "T2"},
    {"at": "2026-12-05T11:30:00+08:00", "event": "accepted", "home": "EST-A/1", "ticket": "T2"},
]


def lines():
    written, last = [], None
    for event in EVENTS:
        last = ledger.append_line(last, event)
        written.append(last)
    return written


def test_an_untouched_ledger_is_sound():
    assert ledger.verify_ledger(b"".join(lines())) == []
    assert ledger.verify_ledger(b"") == []


def test_each_line_carries_the_digest_of_the_line_before_it():
    first, second, *_ = lines()
    assert json.loads(first)["previous"] == "0" * 64
    assert json.loads(second)["previous"] == hashlib.sha256(first.rstrip(b"\n")).hexdigest()
    assert ledger.head(first) == json.loads(second)["previous"]


@pytest.mark.parametrize("number", [1, 2, 3])
def test_a_changed_line_is_named_by_the_one_after_it(number):
    written = lines()
    written[number - 1] = written[number - 1].replace(b"EST-A/1", b"EST-A/2")
    assert ledger.verify_ledger(b"".join(written)) == [
        f"line {number + 1}: does not follow from the line before it"
    ]


def test_a_change_to_the_last_line_shows_against_the_published_head():
    written = lines()
    changed = written[-1].replace(b"T2", b"T3")
    assert ledger.head(changed) != ledger.head(written[-1])


@pytest.mark.parametrize("spoil", [
    lambda ls: ls[:1] + ls[2:],
    lambda ls: [ls[0], ls[2], ls[1], ls[3]],
    lambda ls: ls[1:],
    lambda ls: [*ls, ls[-1]],
    lambda ls: [*ls, b"\n"],
    lambda ls: [*ls[:-1], ls[-1][:-1]],
    lambda ls: [ls[0].replace(b":", b": ", 1), *ls[1:]],
    lambda ls: [b"\xff\n", *ls],
    lambda ls: [b"[]\n"],
    lambda ls: [b'{"line":true,"previous":""}\n'],
    lambda ls: [b"[" * 100_000 + b"\n"],
])  # fmt: skip
def test_a_removed_moved_added_or_cut_line_is_named(spoil):
    assert ledger.verify_ledger(b"".join(spoil(lines())))


def test_the_ledgers_own_fields_cannot_be_given():
    with pytest.raises(ValueError, match="set by the ledger"):
        ledger.append_line(None, {"line": 1})


def test_what_is_not_canonical_cannot_be_logged():
    with pytest.raises(NotCanonical):
        ledger.append_line(None, {"rent": 1.5})
