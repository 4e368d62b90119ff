"""The platform on its real parts: every program a process of its own, on the test's database.

Web, Celery worker and mock services are started as `./run` starts them and learn by environment
variables where the others are. Only two things are the test's: beat's periodic tasks are sent to
the real broker every second, and time moves through core.clock alone.
"""

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from core import clock
from yinzhou_housing.celery import app

ROOT = Path(__file__).parent.parent
HOST = "127.0.0.1"
QUEUES = "celery,bulk"
TICK = 1.0  # seconds between two rounds of the periodic tasks
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Program:
    """One process with a log file of its own, the leader of a process group."""

    def __init__(
        self, name: str, arguments: list[str], folder: Path, environment: dict[str, str]
    ) -> None:
        self.name = name
        self.log = folder / f"{name}.log"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [sys.executable, *arguments], env=environment, cwd=ROOT, stdin=subprocess.DEVNULL,
                stdout=log, stderr=subprocess.STDOUT, start_new_session=True,
                preexec_fn=_die_with_the_test,
            )  # fmt: skip

    def kill(self) -> None:
        """-9, with all its children: what a power cut leaves."""
        with suppress(OSError):
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def finish(self, seconds: float = 60) -> None:
        """Lets it end what it has begun, as an operator stops a worker."""
        self.process.terminate()
        self.process.wait(seconds)

    @property
    def runs(self) -> bool:
        return self.process.poll() is None

    def end_of_log(self, lines: int = 15) -> str:
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-lines:])


class Stack:
    """The running parts. `programs` by name; ports are free ones of loopback."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.programs: dict[str, Program] = {}
        self.ports = {name: _free_port() for name in ("web", "gateway", "portal", "receivers")}

    # -- starting and ending -------------------------------------------------------------------

    def url(self, name: str) -> str:
        return f"http://{HOST}:{self.ports[name]}"

    def environment(self) -> dict[str, str]:
        """What the processes are told: the test's database and broker, and each other."""
        receivers = self.url("receivers")
        return {
            **os.environ,
            "DATABASE_URL": _database_url(),
            "SITE_URL": self.url("web"),
            "PORTAL_URL": self.url("portal"),
            "DATASHARE_GATEWAY_URL": f"{self.url('gateway')}/gateway/",
            "OPERATOR_URL": f"{receivers}/operator/",
            "ACCESS_URL": f"{receivers}/access/",
            "SMS_URL": f"{receivers}/sms/",
            "PROVINCE_URL": f"{self.url('portal')}/cases/",
            "ZHEZHENGDING_URL": f"{self.url('portal')}/todos/",
            "PYTHONWARNINGS": "default",
        }

    def start(self, name: str, *arguments: str) -> Program:
        made = Program(name, list(arguments), self.folder, self.environment())
        self.programs[name] = made
        return made

    def start_gateway(
        self, *, households: int = 60, on: date | None = None, report_days: str = "0"
    ) -> None:
        on = on or clock.today()
        self._mock(
            "gateway", "--households", str(households), "--on", on.isoformat(),
            "--report-days", report_days,
        )  # fmt: skip

    def start_portal(self) -> None:
        callback = f"{self.url('web')}/accounts/citizen/callback/"
        self._mock("portal", "--callback", callback, "--gateway", self.url("gateway"))

    def start_receivers(self) -> None:
        self._mock("receivers")

    def start_web(self) -> None:
        command = (
            "-m gunicorn yinzhou_housing.wsgi:application --workers 1 --threads 8 "
            f"--no-control-socket --bind {HOST}:{self.ports['web']}"
        )
        self.start("web", *command.split())

    def start_worker(self, name: str = "worker", queues: str = QUEUES) -> Program:
        """A worker, for both queues unless told; what waits in the broker waits for it."""
        command = (
            f"-m celery -A yinzhou_housing worker -Q {queues} -c 2 -l INFO -n {name}@%h "
            "--without-gossip --without-mingle"
        )
        return self.start(name, *command.split())

    def wait_for(self, *names: str, seconds: float = 40) -> None:
        """Until these answer on their ports."""
        for name in names:
            until(partial(self.answers, name), seconds, partial(self.tell, name))

    def answers(self, name: str) -> bool:
        with socket.socket() as probe:
            probe.settimeout(0.5)
            return probe.connect_ex((HOST, self.ports[name])) == 0

    def stop(self, *names: str) -> None:
        for name in names or tuple(self.programs):
            if program := self.programs.pop(name, None):
                program.kill()

    def tell(self, *names: str) -> str:
        """The ends of the logs, for a test that waited in vain."""
        shown = [self.programs[name] for name in names or self.programs if name in self.programs]
        return "\n".join(
            f"--- {one.name} ({'runs' if one.runs else 'ended'})\n{one.end_of_log()}"
            for one in shown
        )

    def _mock(self, name: str, *options: str) -> None:
        port = str(self.ports[name])
        self.start(name, "manage.py", f"mock_{name}", "--port", port, *options)

    # -- the mock services ---------------------------------------------------------------------

    def gateway(self, what: str, content: Any = None) -> Any:
        """Tells the departments something, or asks them."""
        return _json(f"{self.url('gateway')}/_mock/{what}", content)

    def received(self, system: str) -> dict[str, Any]:
        """What the operating company or the access system got, by key."""
        return _json(f"{self.url('receivers')}/_mock/received")["messages"].get(system, {})

    def break_down(self, source: str, mode: str) -> None:
        self.gateway("faults", {"source": source, "mode": mode})

    def mend(self) -> None:
        self.gateway("faults", {"source": "*", "mode": "none"})

    # -- time and waiting ----------------------------------------------------------------------

    def live_at(self, moment: datetime) -> None:
        """Puts the clock of every process there."""
        clock.advance(moment - clock.now())
        time.sleep(clock._KEEP)  # as long as another process may believe the older offset

    def pass_time(self, by: timedelta) -> None:
        clock.advance(by)
        time.sleep(clock._KEEP)

    def until(self, condition: Callable[[], Any], seconds: float = 30) -> Any:
        """Waits for something that the parts bring about; shows their logs if it does not come."""
        return until(condition, seconds, self.tell)


def until(condition: Callable[[], Any], seconds: float, tell: Callable[[], str]) -> Any:
    """The first truth that `condition` gives; AssertionError after so many seconds."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:g} s in vain\n{tell()}")
        time.sleep(0.05)
    return found


# -- the broker --------------------------------------------------------------------------------


def declare_queues() -> None:
    """Redis was emptied: the queues' bindings are written anew, for processes that believe in
    them."""
    with app.connection_for_write() as broker, broker.channel() as channel:
        for name in QUEUES.split(","):
            app.amqp.queues[name](channel).declare()


@contextmanager
def ticking() -> Iterator[None]:
    """Sends what beat would send, every second until the block ends."""
    stop = threading.Event()
    names = [entry["task"] for entry in settings.CELERY_BEAT_SCHEDULE.values()]

    def tick() -> None:
        while not stop.wait(TICK):
            for name in names:
                app.send_task(name, expires=5)

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join(10)


# -- parts -------------------------------------------------------------------------------------


def _database_url() -> str:
    """The test database as a URL, whatever its server."""
    known = connection.settings_dict
    user, secret = quote(known["USER"]), quote(known["PASSWORD"])
    place = f"host={quote(known['HOST'], safe='')}&port={known['PORT']}"
    return f"postgresql://{user}:{secret}@/{quote(known['NAME'])}?{place}"


def _json(address: str, content: Any = None) -> Any:
    body = None if content is None else json.dumps(content, default=str).encode()
    request = urllib.request.Request(address, body, {"Content-Type": "application/json"})
    with _DIRECT.open(request, timeout=20) as answer:
        return json.load(answer)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def _die_with_the_test() -> None:
    """Linux ends the process when the test's own is killed, so that none is left behind."""
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)
