"""The verifier in the browser, opened as a file, agrees with the two in Python (section 5)."""

import base64
import json
import random
import time
import zipfile
from pathlib import Path

import pytest

from allocation import bundle, shape, verify
from tests.draw import broken, bundles, mutations

pytestmark = pytest.mark.browser

DRAW = Path(__file__).parents[2] / "static" / "draw"

# Run many bundles in one visit: [{file name: base64}] → [[names of failing checks]]
CHECK_ALL = """
async (all) => {
  const failing = [];
  for (const packed of all) {
    const files = {};
    for (const name of Object.keys(packed)) {
      files[name] = Uint8Array.from(atob(packed[name]), (c) => c.charCodeAt(0));
    }
    const checks = await YzDraw.verify(files);
    failing.push(checks.filter((check) => !check.passed).map((check) => check.name));
  }
  return failing;
}
"""


@pytest.fixture
def verifier(page):
    """The page from disk, with no network to go to."""
    page.context.set_offline(True)
    page.goto((DRAW / "verify.html").as_uri())
    page.wait_for_selector("body[data-ready]")
    return page


def failing(page, bundles_of_files):
    packed = [
        {name: base64.b64encode(data).decode() for name, data in files.items()}
        for files in bundles_of_files
    ]
    return page.evaluate(CHECK_ALL, packed)


def outcome(page, *paths):
    """What the page says after these files were chosen: passed or failed."""
    page.evaluate("delete document.body.dataset.outcome")
    page.set_input_files("#files", [str(path) for path in paths])
    page.wait_for_selector("body[data-outcome]")
    return page.get_attribute("body", "data-outcome")


def test_every_golden_bundle_passes_every_check(verifier):
    golden = [bundle.read(path) for path in sorted(bundles.GOLDEN.iterdir())]
    assert failing(verifier, golden) == [[]] * len(golden)


def test_every_broken_bundle_is_named(verifier):
    found = failing(verifier, [make() for make, _ in broken.VARIANTS.values()])
    missed = [
        name
        for (name, (_, check)), names in zip(broken.VARIANTS.items(), found, strict=True)
        if check not in names
    ]
    assert missed == []


def names_of(files):
    return [check.name for check in verify.verify_files(files) if not check.passed]


def test_the_browser_and_the_platform_fail_the_same_checks(verifier):
    """Of the broken bundles one by one, and of many that were spoilt by chance."""
    made = {name: make() for name, (make, _) in broken.VARIANTS.items()}
    made |= {number: mutations.mutated(number) for number in range(700)}
    found = dict(zip(made, failing(verifier, made.values()), strict=True))
    wanted = {name: names_of(files) for name, files in made.items()}
    assert {name: names for name, names in found.items() if names != wanted[name]} == {}


CHECK_ZIPS = """
async (all) => {
  const found = [];
  for (const packed of all) {
    try {
      const files = await YzDraw.unzip(Uint8Array.from(atob(packed), (c) => c.charCodeAt(0)));
      found.push((await YzDraw.verify(files)).filter((c) => !c.passed).map((c) => c.name));
    } catch (error) { found.push(Array.isArray(error.words) ? "refused" : String(error)); }
  }
  return found;
}
"""
MATCH_ALL = """
(all) => all.map(([form, value]) => {
  try { return YzDraw.matches(form, value); } catch (error) { return "refused"; }
})
"""


def test_zips_and_formats_are_read_as_the_platform_reads_them(verifier):
    zips = [*map(mutations.mutated_zip, range(400)), *mutations.odd_zips().values()]
    packed = [base64.b64encode(data).decode() for data in zips]
    assert verifier.evaluate(CHECK_ZIPS, packed) == list(map(by_platform, zips))
    chance = random.Random(1)
    forms = ["^" + "".join(chance.choices(mutations.PIECES, k=chance.randint(0, 6))) + "$"
             for _n in range(4000)]  # fmt: skip
    pairs = [(form, "".join(chance.choices("a0-.b_/", k=chance.randint(1, 4)))) for form in forms]
    found = zip(pairs, verifier.evaluate(MATCH_ALL, pairs), strict=True)
    assert [pair for pair, one in found if one != matched(*pair)] == []


def by_platform(data):
    try:
        return names_of(bundle.unpack(data))
    except bundle.Malformed:
        return "refused"


def matched(form, value):
    try:
        return shape.entropy_matches(form, value)
    except shape.Malformed:
        return "refused"


def test_any_changed_byte_is_named(verifier):
    files = bundles.golden()["three_households"]
    changed = []
    for name in bundles.NAMES:
        for at in range(0, len(files[name]), 3):
            data = bytearray(files[name])
            data[at] ^= 1
            changed.append({**files, name: bytes(data)})
    assert [] not in failing(verifier, changed)


def test_rubbish_fails_without_a_crash(verifier):
    rubbish = [b"", b"\xff\x00" * 99, b"[" * 100_000, b"[" * 9_000 + b"]" * 9_000, b"null", b"{}",
               rb'{"__proto__":{"entropy":""}}', b'{"assignments":[null]}']  # fmt: skip
    found = failing(verifier, [dict.fromkeys(bundles.NAMES, data) for data in rubbish])
    assert all("fields_roster" in names for names in found)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_a_household_checks_a_zip_and_finds_its_own_result(verifier, tmp_path, method):
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w", method) as box:
        for name, data in bundles.golden()["long_reserve"].items():
            box.writestr(name, data)
    assert outcome(verifier, path) == "passed"
    row = verify_rows("long_reserve")[0]
    verifier.fill("#ticket", row["ticket"].lower())
    verifier.press("#ticket", "Enter")
    assert verifier.inner_text("#answer .plate") == row["home"]
    assert "第 1 位" in verifier.inner_text("#answer")
    verifier.fill("#ticket", verify_rows("long_reserve")[6]["ticket"])
    verifier.press("#ticket", "Enter")
    assert "候补第 3 位" in verifier.inner_text("#answer")


def verify_rows(name):
    return json.loads(bundles.golden()[name]["result.json"])["assignments"]


def test_the_three_files_can_be_chosen_one_by_one(verifier):
    folder = bundles.GOLDEN / "whole_round"
    assert outcome(verifier, *(folder / name for name in bundles.NAMES)) == "passed"
    assert outcome(verifier, folder / "roster.json") == "failed"
    assert outcome(verifier, *(folder / name for name in bundles.NAMES)) == "passed"


def test_a_forged_result_is_said_in_words(verifier, tmp_path):
    path = tmp_path / "bundle.zip"
    path.write_bytes(bundle.pack(broken.VARIANTS["a home withheld"][0]()))
    assert outcome(verifier, path) == "failed"
    assert "有 1 项没有通过" in verifier.inner_text("#some-failed")
    assert verifier.locator("li.fail").get_attribute("data-check") == "assignment"
    assert verifier.is_hidden("#mine")


def test_damaged_and_bloated_zips_are_refused(verifier, tmp_path):
    path = tmp_path / "bundle.zip"
    packed = bundle.pack(bundles.golden()["whole_round"])
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as box:
        for name in bundles.NAMES:
            box.writestr(name, bytes(70 * 2**20))
    assert outcome(verifier, tmp_path / "bomb.zip") == "failed"
    for data in (packed[:-1], packed[50:], packed.replace(b"EST-A", b"EST-B", 1), b"PK", b"PK\5\6"):
        path.write_bytes(data)
        assert outcome(verifier, path) == "failed"


def test_the_page_speaks_both_languages_and_fits_a_phone(verifier):
    assert verifier.is_visible("text=选择文件")
    assert verifier.evaluate("document.documentElement.scrollWidth") <= 360
    verifier.click("#to-en")
    assert verifier.inner_text("h1") == "Check a draw"
    visible = verifier.inner_text("main")
    assert not [c for c in visible if "\u4e00" <= c <= "\u9fff"]


def test_the_page_can_send_nothing_anywhere(verifier):
    policy = verifier.get_attribute("meta[http-equiv]", "content")
    assert "connect-src 'none'" in policy
    script = (DRAW / "verify.js").read_text(encoding="utf-8")
    assert not [word for word in ("fetch(", "XMLHttpRequest", "http:", "https:") if word in script]


@pytest.mark.soak
def test_a_hundred_thousand_entrants_take_under_five_seconds_in_the_browser(verifier, tmp_path):
    crowd = bundles.crowd(100_000, 80_000, chance=random.Random(3), estates=26)
    path = tmp_path / "bundle.zip"
    path.write_bytes(bundle.pack(bundles.bundle(crowd)))
    start = time.perf_counter()
    assert outcome(verifier, path) == "passed"
    assert time.perf_counter() - start < 5
