"""Two verifiers in Python, one verdict (docs/draw-protocol.md, section 5).

The third, in the browser, is held to the same bundles in test_draw_browser.
"""

import contextlib
import importlib.util
import io
import json
import os
import random
import resource
import struct
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from allocation import bundle, verify
from allocation.shape import MAX_FILE
from tests.draw import broken, bundles, reference

ROOT = Path(__file__).parents[2]
STANDALONE = ROOT / "static" / "draw" / "yz_draw_verify.py"

_spec = importlib.util.spec_from_file_location("yz_draw_verify", STANDALONE)
standalone = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(standalone)

GOLDEN = sorted(path.name for path in bundles.GOLDEN.iterdir())


def failing(path):
    """Names of failing checks by the platform and by the stand-alone verifier."""
    platform = {check.name for check in verify.verify(path) if not check.passed}
    alone = {name for name, fault in standalone.verify(path)[0].items() if fault}
    return platform, alone


# --- Sound bundles --------------------------------------------------------------------


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_bundle_passes_every_check(name):
    assert failing(bundles.GOLDEN / name) == (set(), set())


@pytest.mark.parametrize("name", GOLDEN)
def test_a_golden_bundle_is_what_the_literal_reading_gives(name):
    files = bundle.read(bundles.GOLDEN / name)
    reveal = json.loads(files["reveal.json"])
    secret = bytes.fromhex(reveal["secret"])
    seed = reference.seed_of(files["roster.json"], secret, reveal["entropy"])
    rows = json.loads(files["result.json"])["assignments"]
    assert seed.hex() == reveal["seed"]
    assert [(row["ticket"], row["home"]) for row in rows] == reference.draw(
        json.loads(files["roster.json"]), seed
    )


def test_the_golden_folders_are_what_the_code_writes_today():
    assert {name: bundle.read(bundles.GOLDEN / name) for name in GOLDEN} == bundles.golden()


def test_both_name_the_same_checks_in_the_same_order():
    assert tuple(standalone.TITLES) == verify.NAMES


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_zip_of_the_three_files_passes_like_the_folder(tmp_path, method):
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w", method) as box:
        for name, data in broken.sound().items():
            box.writestr(name, data)
    assert failing(path) == (set(), set())


def test_the_published_zip_is_the_same_for_the_same_files_and_opens_anywhere():
    files = broken.sound()
    data = bundle.pack(files)
    assert data == bundle.pack(dict(reversed(files.items())))
    with zipfile.ZipFile(io.BytesIO(data)) as box:
        assert box.testzip() is None
        assert {name: box.read(name) for name in box.namelist()} == files
    assert bundle.unpack(data) == files


# --- Broken bundles -------------------------------------------------------------------


@pytest.mark.parametrize("name", broken.VARIANTS)
def test_a_broken_bundle_is_named(name, tmp_path):
    make, check = broken.VARIANTS[name]
    platform, alone = failing(bundles.save(make(), tmp_path / "bundle"))
    assert check in platform
    assert check in alone


@pytest.mark.parametrize("name", ["roster.json", "reveal.json", "result.json"])
def test_any_changed_byte_is_named(name):
    files = bundles.golden()["three_households"]
    for at in range(len(files[name])):
        for flip in (0x01, 0x20, 0x80):
            data = bytearray(files[name])
            data[at] ^= flip
            changed = {**files, name: bytes(data)}
            assert not verify.passed(verify.verify_files(changed)), (at, flip)
            assert any(standalone.Checker(changed).run().values()), (at, flip)


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_any_cut_or_inserted_bytes_are_named(data):
    files = dict(bundles.golden()["three_households"])
    name = data.draw(st.sampled_from(bundles.NAMES))
    at = data.draw(st.integers(0, len(files[name])))
    cut = data.draw(st.integers(0, 5))
    piece = data.draw(st.binary(max_size=5))
    changed = files[name][:at] + piece + files[name][at + cut :]
    if changed == files[name]:
        return
    files[name] = changed
    assert not verify.passed(verify.verify_files(files))
    assert any(standalone.Checker(files).run().values())


def test_a_check_that_cannot_be_made_is_a_failed_one():
    files = {**broken.sound(), "roster.json": b"rubbish"}
    found = {check.name: check for check in verify.verify_files(files)}
    assert not found["order"].passed
    assert "roster.json" in found["order"].detail
    assert found["no_home_twice"].passed


# --- Rubbish --------------------------------------------------------------------------


def big_zip(path):
    """A few kilobytes that unfold to gigabytes, honestly and dishonestly labelled."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as box:
        for name in bundles.NAMES:
            with box.open(name, "w") as file:
                for _ in range(MAX_FILE // 2**20 + 2):
                    file.write(bytes(2**20))


def lying_zip(path):
    big_zip(path)
    data = path.read_bytes()
    path.write_bytes(data.replace(struct.pack("<I", MAX_FILE + 2 * 2**20), struct.pack("<I", 10)))


def folder_with(**contents):
    def make(path):
        bundles.save(broken.sound() | {f"{k}.json": v for k, v in contents.items()}, path)

    return make


def linked(path):
    bundles.save(broken.sound(), path)
    (path / "roster.json").rename(path.with_name("elsewhere.json"))
    (path / "roster.json").symlink_to(path.with_name("elsewhere.json"))


def pipe(path):
    bundles.save(broken.sound(), path)
    (path / "roster.json").unlink()
    os.mkfifo(path / "roster.json")


def directory_inside(path):
    bundles.save(broken.sound(), path)
    (path / "roster.json").unlink()
    (path / "roster.json").mkdir()


def zip_with(*names):
    def make(path):
        with zipfile.ZipFile(path, "w") as box:
            for name in names:
                box.writestr(name, broken.sound().get(Path(name).name, b""))

    return make


def changed_zip(change):
    def make(path):
        path.write_bytes(change(bundle.pack(broken.sound())))

    return make


RUBBISH = {
    "nothing there": lambda path: None,
    "an empty file": lambda path: path.write_bytes(b""),
    "an empty folder": lambda path: path.mkdir(),
    "binary": lambda path: path.write_bytes(bytes(range(256)) * 500),
    "a lone roster": lambda path: path.write_bytes(broken.sound()["roster.json"]),
    "binary files": folder_with(roster=b"\xff\x00" * 999, reveal=b"\x00", result=b"\x80"),
    "deep nesting": folder_with(roster=b'{"a":' * 500_000, result=b"[" * 500_000),
    "deep nesting, closed": folder_with(result=b"[" * 100_000 + b"]" * 100_000),
    "very many values": folder_with(roster=b"[" + b"[]," * 3_000_000 + b"[]]"),
    "too large a file": folder_with(roster=b" " * (MAX_FILE + 1)),
    "a huge number": folder_with(result=b'{"a":' + b"9" * 100_000 + b"}"),
    "lone surrogates": folder_with(reveal=rb'{"entropy":"\ud800","secret":"","seed":""}'),
    "a lone surrogate in the entropy": folder_with(
        reveal=broken.sound()["reveal.json"].replace(b'"entropy":"3', rb'"entropy":"\udfff')
    ),
    "strange keys": folder_with(roster=rb'{"__proto__":1,"constructor":2,"":{}}'),
    "numbers for names": folder_with(result=b'{"1":{},"0":[]}'),
    "a symbolic link inside": linked,
    "a pipe inside": pipe,
    "a folder inside": directory_inside,
    "a zip bomb": big_zip,
    "a zip bomb that lies": lying_zip,
    "an extra file in the zip": zip_with(*bundles.NAMES, "readme.txt"),
    "a file twice in the zip": zip_with("roster.json", "roster.json", "result.json"),
    "files below a folder in the zip": zip_with(*(f"b/{name}" for name in bundles.NAMES)),
    "a zip that climbs out": zip_with("../roster.json", "reveal.json", "result.json"),
    "a damaged zip": changed_zip(lambda data: data.replace(b"EST-A", b"EST-B", 1)),
    "a cut-off zip": changed_zip(lambda data: data[:-1]),
    "a zip without its start": changed_zip(lambda data: data[100:]),
    "a zip of nothing": changed_zip(lambda data: data[-22:]),
}


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("name", RUBBISH)
def test_rubbish_fails_without_a_crash(name, tmp_path):
    path = tmp_path / "thing"
    RUBBISH[name](path)
    platform, alone = failing(path)
    assert platform
    assert alone


@given(st.binary(max_size=400))
@settings(max_examples=200, deadline=None)
def test_any_bytes_in_place_of_a_zip_are_refused_by_name(data):
    with pytest.raises(bundle.Malformed):
        bundle.unpack(data)


@given(st.data())
@settings(max_examples=200, deadline=None)
def test_a_zip_with_one_byte_changed_fails_or_still_holds_the_same_files(data):
    files = bundles.golden()["three_households"]
    packed = bytearray(bundle.pack(files))
    at = data.draw(st.integers(0, len(packed) - 1))
    packed[at] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(bundle.Malformed):
        assert bundle.unpack(bytes(packed)) == files


# --- The commands ---------------------------------------------------------------------


def run(*arguments):
    return subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=120)


def test_the_stand_alone_file_needs_nothing_but_itself(tmp_path):
    alone = tmp_path / "yz_draw_verify.py"
    alone.write_bytes(STANDALONE.read_bytes())
    for language, words in ((), "全部通过"), (("--en",), "All passed"):
        done = run(sys.executable, "-I", str(alone), str(bundles.GOLDEN / GOLDEN[0]), *language)
        assert done.returncode == 0, done.stderr
        assert words in done.stdout


def test_the_stand_alone_file_tells_a_household_its_own_result(tmp_path):
    folder = bundles.GOLDEN / "long_reserve"
    row = json.loads((folder / "result.json").read_bytes())["assignments"][7]
    done = run(sys.executable, str(STANDALONE), str(folder), row["ticket"])
    assert f"号牌 {row['ticket']}：第 8 位，候补" in done.stdout


def test_the_stand_alone_file_exits_1_and_says_why(tmp_path):
    folder = bundles.save(broken.VARIANTS["two homes exchanged"][0](), tmp_path / "bundle")
    done = run(sys.executable, str(STANDALONE), str(folder), "--en")
    assert done.returncode == 1
    assert "FAIL  the assignment follows" in done.stdout


def test_the_verifiers_share_no_code():
    assert "allocation" not in STANDALONE.read_text(encoding="utf-8").replace("allocation.", "?")


def test_the_platform_command_names_each_check_and_exits_0_only_when_all_pass(tmp_path, capsys):
    from django.core.management import call_command

    call_command("verify_draw", str(bundles.GOLDEN / "whole_round"))
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[:2] for line in lines] == [["pass", name] for name in verify.NAMES]
    folder = bundles.save(broken.VARIANTS["two homes exchanged"][0](), tmp_path / "bundle")
    with pytest.raises(SystemExit) as exit:
        call_command("verify_draw", str(folder))
    assert exit.value.code == 1
    assert "FAIL  assignment" in capsys.readouterr().out


# --- Speed ----------------------------------------------------------------------------


PLATFORM = (
    "import sys; from allocation import verify as v; sys.exit(not v.passed(v.verify(sys.argv[1])))"
)


def _seconds(*arguments):
    """Processor seconds, start of Python included: other work on the machine does not count."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = run(sys.executable, *arguments)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    assert done.returncode == 0, done.stdout + done.stderr
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def _large(size):
    crowd = bundles.crowd(size, size * 8 // 10, chance=random.Random(3), estates=26)
    return bundles.bundle(crowd)


@pytest.mark.parametrize(
    "size", [10_000, pytest.param(100_000, marks=pytest.mark.soak)], ids=["10k", "100k"]
)
def test_a_large_round_verifies_in_under_five_seconds(size, tmp_path):
    folder = bundles.save(_large(size), tmp_path / "bundle")
    assert _seconds("-c", PLATFORM, str(folder)) < 5
    assert _seconds(str(STANDALONE), str(folder)) < 5
