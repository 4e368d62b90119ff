"""Three verifiers and a reading of the protocol: one verdict on whatever is put before them."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation import bundle, draw, shape, verify
from tests.draw import bundles, mutations, oracle, vectors
from tests.draw.test_draw_order_and_homes import any_seed, rosters
from tests.draw.test_draw_verifiers import standalone

SMALL, FULL = 1500, 40_000


def by_platform(files):
    return {check.name for check in verify.verify_files(files) if not check.passed}


def by_stand_alone(files):
    return {name for name, fault in standalone.Checker(files).run().items() if fault}


@pytest.mark.parametrize("name", bundles.golden())
def test_a_golden_bundle_is_sound_by_the_protocol_itself(name):
    assert oracle.sound(bundles.golden()[name])


@given(rosters, any_seed)
@settings(max_examples=200, deadline=None)
def test_the_draw_is_what_trying_every_home_gives(roster, seed):
    assert list(draw.assign(roster, seed).items()) == oracle.drawn(roster, seed)
    assert standalone.compute(roster, seed) == oracle.drawn(roster, seed)


@pytest.mark.parametrize(
    "count", [SMALL, pytest.param(FULL, marks=pytest.mark.soak)], ids=["small", "full"]
)
def test_both_in_python_fail_the_same_checks_of_any_spoilt_bundle(count):
    sound = 0
    for number in range(count):
        files = mutations.mutated(number)
        found = by_platform(files)
        assert found == by_stand_alone(files), number
        assert (not found) == oracle.sound(files), (number, found)
        sound += not found
    assert sound > count / 50  # rosters changed before the freeze: sound, and agreed to be


def test_any_zip_is_read_alike_and_a_changed_one_is_refused_or_the_same(tmp_path):
    path = tmp_path / "bundle.zip"
    zips = [*map(mutations.mutated_zip, range(1500)), *mutations.odd_zips().values()]
    kept = 0
    for data in zips:
        path.write_bytes(data)
        files, alone = by_platform_zip(data), by_stand_alone_zip(path)
        assert files == alone
        kept += files is not None
    assert 0 < kept < len(zips) / 2


def by_platform_zip(data):
    try:
        return bundle.unpack(data)
    except bundle.Malformed:
        return None


def by_stand_alone_zip(path):
    try:
        return standalone.read_bundle(path)
    except standalone.Bad:
        return None


@pytest.mark.parametrize("name", bundles.NAMES)
def test_a_byte_changed_anywhere_in_a_large_file_is_named(name):
    files = bundles.bundle(bundles.crowd(300, 200, chance=random.Random(9)))
    chance = random.Random(name)
    for _n in range(40):
        data = bytearray(files[name])
        data[chance.randrange(len(data))] ^= chance.randrange(1, 256)
        changed = {**files, name: bytes(data)}
        assert by_platform(changed) == by_stand_alone(changed) != set()
        assert not oracle.sound(changed)


@given(st.lists(st.sampled_from(mutations.PIECES), max_size=7), st.text("a0-.b_/,2é", max_size=6))
@settings(max_examples=1500, deadline=None)
def test_formats_are_permitted_and_matched_alike(pieces, value):
    for form in ("^" + "".join(pieces) + "$", "".join(pieces)):
        wanted = answer(oracle.fits, oracle.No, form, value or "a")
        assert answer(shape.entropy_matches, shape.Malformed, form, value or "a") == wanted, form
        assert answer(standalone.matches, standalone.Bad, form, value or "a") == wanted, form


def answer(match, refusal, form, value):
    try:
        return bool(match(form, value)) if form else "refused"
    except refusal:
        return "refused"


def test_the_page_of_golden_vectors_is_what_the_bundles_hold():
    assert vectors.PAGE.read_text(encoding="utf-8") == vectors.page(), (
        "run python -m tests.draw.vectors and read the difference"
    )
