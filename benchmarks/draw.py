"""摇号与核验: the draw and its three verifiers at 1,000, 10,000 and 100,000 households.

A varied round of its own (four homes for five households, 26 estates, three tiers) needs no
database. Each verification is a program of its own from start to end, as a citizen runs it; what
counts is its processor time, for other work on the machine is not its own. The page in the browser
is opened from disk and measured on the wall. The reference is the limit of five seconds; for
memory, ten times what a tenth of the households takes.
"""

import os
import random
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from allocation import bundle, draw
from benchmarks.figures import Figure
from datashare.mock_gateway.city import City

SIZES = (1_000, 10_000, 100_000)
LIMIT = 5.0  # seconds
ROOT = Path(__file__).parent.parent
ALONE = ROOT / "static" / "draw" / "yz_draw_verify.py"
PAGE = ROOT / "static" / "draw" / "verify.html"
# runs a verifier as a program and lets it say, at its end, the most memory it held
_MEASURED = """
import re, runpy, sys
try:
    if sys.argv[1] == "alone":
        sys.argv = [sys.argv[2], sys.argv[3], "--json"]
        runpy.run_path(sys.argv[0], run_name="__main__")
    else:
        from allocation import verify
        sys.exit(not verify.passed(verify.verify(sys.argv[3])))
finally:
    status = open("/proc/self/status", encoding="ascii").read()
    print(re.search(r"VmHWM:\\s+(\\d+) kB", status)[1], file=sys.stderr)
"""
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
_ENTROPY, _SECRET = "3141592653589793238462643383279502884197", bytes(range(32))
_TYPES = ("1R", "2R", "3R")


def figures(city: City) -> Iterator[Figure]:
    """For each size the draw, each verifier, and how much memory the two programs take."""
    memory: dict[str, float] = {}
    with TemporaryDirectory() as folder:
        for size in SIZES:
            data = draw.canonical(_roster(size))
            began = time.process_time()
            reveal = draw.reveal(data, _SECRET, _ENTROPY)
            result = draw.result(data, reveal)
            took = time.process_time() - began
            yield _figure("draw", size, took, "processor seconds of the draw itself")
            path = Path(folder) / f"{size}.zip"
            files = (draw.canonical(result), draw.canonical(reveal), data)
            path.write_bytes(bundle.pack(dict(zip(bundle.NAMES, files, strict=True))))
            yield from _verified(path, size, memory)


def _verified(path: Path, size: int, memory: dict[str, float]) -> Iterator[Figure]:
    for name in ("platform", "alone"):
        wall, processor, mebibytes = _run(name, path)
        note = f"processor time of the whole program, {wall:.1f} s on the wall, {mebibytes:.0f} MiB"
        yield _figure(f"verify_{name}", size, processor, note)
        if size == SIZES[-1]:
            yield _memory(f"verify_{name}_memory", mebibytes, 10 * memory[name])
        memory[name] = mebibytes
    if size == SIZES[-1]:
        yield from _in_the_browser(path, size)


def _run(name: str, path: Path) -> tuple[float, float, float]:
    """Seconds on the wall and of a processor, and the most memory in MiB, of one verification."""
    began = time.perf_counter()
    child = subprocess.Popen(
        [sys.executable, "-c", _MEASURED, name, str(ALONE), str(path)], cwd=ROOT,
        stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert child.stderr is not None
    said = child.stderr.read()
    _pid, status, used = os.wait4(child.pid, 0)
    wall = time.perf_counter() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise RuntimeError(f"a sound bundle failed: {said}")
    return wall, used.ru_utime + used.ru_stime, int(said) / 1024


def _in_the_browser(path: Path, size: int) -> Iterator[Figure]:
    """Nothing where there is no Chromium, as with the tests."""
    found = os.environ.get("YZ_BROWSER") or next(filter(None, map(shutil.which, BROWSERS)), None)
    if not found:
        return
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=found, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(PAGE.as_uri())
        began = time.perf_counter()
        page.set_input_files("#files", str(path))
        page.wait_for_selector("body[data-outcome=passed]", timeout=60_000)
        took = time.perf_counter() - began
        browser.close()
    yield _figure("verify_browser", size, took, "from choosing the zip to the verdict")


def _figure(name: str, size: int, took: float, note: str) -> Figure:
    label = f"{name}_{size // 1000}k"
    note = f"{size:,} households; {note}; reference: the limit"
    return Figure(label, took, "s", LIMIT, took / LIMIT, 1.0, "low", note)


def _memory(name: str, value: float, reference: float) -> Figure:
    note = "100,000 households; reference: ten times what 10,000 take"
    return Figure(name, value, "MiB", reference, value / reference, 1.0, "low", note)


# -- A round ----------------------------------------------------------------------------------


def _roster(size: int) -> dict[str, Any]:
    chance = random.Random(3)
    estates = [f"EST-{letter}" for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ"]
    homes = [_home(chance, chance.choice(estates), n) for n in range(size * 4 // 5)]
    return {
        "protocol": draw.PROTOCOL, "round": "BENCH", "policy": "BENCH",
        "entrants": [_entrant(chance, estates, n) for n in range(size)],
        "homes": sorted(homes, key=lambda home: str(home["home"])),
        "entropy_source": {
            "name": "BENCH", "at": "2026-12-01T10:00:00+08:00", "format": "^[0-9]{40}$",
            "example": _ENTROPY,
        },
        "secret_commitment": draw.commitment(_SECRET),
    }  # fmt: skip


def _entrant(chance: random.Random, estates: list[str], number: int) -> dict[str, Any]:
    return {
        "ticket": f"T{number:06d}", "tier": chance.randint(1, 3),
        "unit_types": chance.sample(_TYPES, chance.randint(1, 3)),
        "needs_accessible": chance.random() < 0.1,
        "preferences": chance.sample(estates, chance.randint(0, 26)),
        "any_estate": chance.random() < 0.6,
    }  # fmt: skip


def _home(chance: random.Random, estate: str, number: int) -> dict[str, Any]:
    return {
        "home": f"{estate}/1-1-{number:06d}", "estate": estate, "unit_type": chance.choice(_TYPES),
        "accessible": chance.random() < 0.15, "area": "55.20", "floor": chance.randint(-1, 30),
    }  # fmt: skip
