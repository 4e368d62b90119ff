"""Canonical JSON and the permitted shapes (docs/draw-protocol.md, section 1)."""

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from allocation import draw, shape
from allocation.shape import Malformed
from tests.draw import bundles

values = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-draw.SAFE_INTEGER, draw.SAFE_INTEGER)
    | st.text(st.characters(codec="utf-8")),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(st.characters(codec="utf-8")), inner, max_size=4)
    ),
    max_leaves=12,
)


@given(values)
def test_canonical_bytes_read_back_as_the_same_value(value):
    data = draw.canonical(value)
    assert json.loads(data) == value
    shape.refuse_if_not_canonical(shape.parse(data), data)


def test_text_is_escaped_as_rfc_8785_says():
    controls = "".join(map(chr, range(32)))
    expected = (
        r"\u0000\u0001\u0002\u0003\u0004\u0005\u0006\u0007\b\t\n\u000b\f\r\u000e\u000f"
        r"\u0010\u0011\u0012\u0013\u0014\u0015\u0016\u0017\u0018\u0019\u001a\u001b\u001c"
        r"\u001d\u001e\u001f"
    )
    assert draw.canonical(controls) == f'"{expected}"'.encode()
    assert draw.canonical('"\\/\x7f\u2028鄞𠮷') == '"\\"\\\\/\x7f\u2028鄞𠮷"'.encode()


def test_keys_are_sorted_by_code_point():
    """U+FF5E comes before U+1F600, though not in UTF-16."""
    assert (
        draw.canonical({"😀": 1, "～": 2, "b": 3, "B": 4}) == '{"B":4,"b":3,"～":2,"😀":1}'.encode()
    )


@pytest.mark.parametrize(
    "value", [1.0, float("nan"), {1: 2}, {True: 1}, b"x", {"a": {1}}, 2**53, -(2**53), "\ud800"]
)
def test_what_has_no_canonical_form_is_refused(value):
    with pytest.raises(draw.NotCanonical):
        draw.canonical(value)


def test_nesting_beyond_reason_is_refused_rather_than_crashing():
    deep = []
    for _ in range(200_000):
        deep = [deep]
    with pytest.raises(draw.NotCanonical):
        draw.canonical(deep)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'\xef\xbb\xbf{"a":1}', "byte order mark"),
        (b"\xff\xfe{}", "not UTF-8"),
        ('{"a":1}'.encode("utf-16"), "not UTF-8"),
        (b'{"a":1.0}', "not an integer"),
        (b'{"a":1e3}', "not an integer"),
        (b'{"a":NaN}', "not an integer"),
        (b'{"a":-Infinity}', "not an integer"),
        (b"", "not JSON"),
        (b"{", "not JSON"),
        (b"1" * 10_000, "beyond 2"),
        (b"[" * 1_000_000, "nested too deeply"),
        (b"[" * 2_000_001, "too many values"),
    ],
)
def test_bytes_that_are_no_permitted_json_are_refused(data, words):
    with pytest.raises(Malformed, match=words):
        shape.parse(data)


@pytest.mark.parametrize(
    "data",
    [b'{"a":1,"a":1}', b'{"b":1,"a":1}', b'{"a": 1}', b'{"a":1}\n', b' {"a":1}', b'{"a":-0}',
     rb'{"a":"\u0041"}', rb'{"a":"\/"}', rb'{"a":"\u001F"}', b'"\\ud800"'],
)  # fmt: skip
def test_other_spellings_of_a_value_are_refused(data):
    with pytest.raises(Malformed):
        shape.refuse_if_not_canonical(shape.parse(data), data)


def test_a_repeated_key_is_named():
    data = b'{"a":[{"b":1,"c":2,"b":1}]}'
    with pytest.raises(Malformed, match="'b' appears twice"):
        shape.refuse_if_not_canonical(shape.parse(data), data)


# --- The format of the public event ---------------------------------------------------

PERMITTED = [
    ("^[0-9]{40}$", "0123456789" * 4, "0123456789" * 3),
    ("^$", "", "0"),
    ("^abc$", "abc", "abcd"),
    ("^a{3}b$", "aaab", "aab"),
    ("^[a-c-]{3}$", "a-c", "a-d"),
    ("^[-a]$", "-", "b"),
    (r"^\.\$\{\}\[$", ".${}[", ".${}]"),
    (r"^[\]\\]{2}$", r"]\ ".strip(), "]]]"),
    ("^[0-9a-f]{64}$", "0f" * 32, "0F" * 32),
    ("^[0-9]{2},[0-9]{2} [+]{1}$", "12,34 +", "12,34  "),
    ("^[a-a]$", "a", "b"),
    ("^[0-9]{3}$", "123", "１２３"),
    ("^[0-9]{3}$", "123", "123\n"),
]
REFUSED = [
    "", "^", "$", "[0-9]{40}", "^[0-9]{40}", "[0-9]{40}$", "^a*$", "^a+$", "^a?$", "^a|b$", "^(a)$",
    "^.$", r"^\d{40}$", r"^\w$", "^[^0-9]$", "^[]$", "^[z-a]$", "^a{0}$", "^a{1,2}$", "^a{,2}$",
    "^a{2}{3}$", "^{3}$", "^a{01}$", "^a{10000}$", "^鄞$", "^[鄞]$", "^a^b$", "^a$b$", r"^a\$",
    "^[a$", "^a]$", "^a}$", "^[[a]]$", "^[a-]-z]$", "^a\n$", "^a$\n", "^[0-9]{2}\\$", "^[a--]$",
    r"^\ $",
    r"^[\d]$", "^[--a]$",
]  # fmt: skip


@pytest.mark.parametrize(("format", "good", "bad"), PERMITTED)
def test_a_permitted_format_matches_whole_values_only(format, good, bad):
    assert shape.entropy_matches(format, good)
    assert not shape.entropy_matches(format, bad)
    assert re.fullmatch(format[1:-1], good, re.ASCII)


@pytest.mark.parametrize("format", REFUSED)
def test_any_other_regular_expression_is_refused(format):
    with pytest.raises(Malformed):
        shape.entropy_matches(format, "0" * 40)


def test_the_bits_of_a_format_are_counted():
    assert shape.entropy_bits("^[0-9]{40}$") == 132
    assert shape.entropy_bits("^[0-9a-f]{32}$") == 128
    assert shape.entropy_bits("^lucky-[0-9]{7}$") == 23


# --- Fields ---------------------------------------------------------------------------


def roster(**changes):
    return bundles.roster([bundles.entrant(1)], [bundles.home("EST-A", 1)], **changes)


WRONG = [
    lambda r: r.pop("policy"),
    lambda r: r.update(extra=1),
    lambda r: r.update(protocol="YZ-DRAW-2"),
    lambda r: r.update(secret_commitment="AB" * 32),
    lambda r: r.update(round=""),
    lambda r: r.update(homes={}),
    lambda r: r["entropy_source"].update(at="2026-12-01 10:00"),
    lambda r: r["entropy_source"].update(at="2026-13-01T10:00:00+08:00"),
    lambda r: r["entropy_source"].update(example="1"),
    lambda r: r["entropy_source"].update(format="^[0-9]+$"),
    lambda r: r["entropy_source"].pop("name"),
    lambda r: r["entrants"][0].update(ticket="T 1"),
    lambda r: r["entrants"][0].update(ticket="T1\n"),
    lambda r: r["entrants"][0].update(ticket="x" * 65),
    lambda r: r["entrants"][0].update(ticket="摇1"),
    lambda r: r["entrants"][0].update(tier=True),
    lambda r: r["entrants"][0].update(tier="1"),
    lambda r: r["entrants"][0].update(unit_types=[]),
    lambda r: r["entrants"][0].update(unit_types=["2R"] * 65),
    lambda r: r["entrants"][0].update(unit_types="2R"),
    lambda r: r["entrants"][0].update(needs_accessible=0),
    lambda r: r["entrants"][0].update(any_estate=None),
    lambda r: r["entrants"][0].update(preferences=[""]),
    lambda r: r["entrants"][0].update(name="somebody"),
    lambda r: r["entrants"].append(bundles.entrant(0)),
    lambda r: r["entrants"].append(bundles.entrant(1)),
    lambda r: r["homes"].append(bundles.home("EST-A", 1)),
    lambda r: r["homes"][0].update(area=55),
    lambda r: r["homes"][0].update(area="055.20"),
    lambda r: r["homes"][0].update(floor=2**53),
    lambda r: r["homes"].append([]),
]


def test_a_complete_roster_is_accepted():
    shape.refuse_bad_roster(roster())


@pytest.mark.parametrize("spoil", WRONG)
def test_a_roster_with_one_thing_wrong_is_refused(spoil):
    spoiled = roster()
    spoil(spoiled)
    with pytest.raises(Malformed):
        shape.refuse_bad_roster(spoiled)
