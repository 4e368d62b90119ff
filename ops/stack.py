"""The platform's servers and programs, put together for one place."""

import hashlib
import os
import shutil
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from ops import ports, secret_keys
from ops.city import City
from ops.crew import Crew, Ending, Member, Program, end_leftovers, say
from ops.environment import clean_environment, step
from ops.places import PYTHON, ROOT, Place
from ops.postgres import Postgres
from ops.refusal import CannotRun
from ops.valkey import Valkey

LOOPBACK = "127.0.0.1"
MOCKS = {"mock_portal": 8701, "mock_gateway": 8702, "mock_receivers": 8703}
# A mock is left out when the caller's environment names the real system.
REPLACES = {
    "mock_portal": "PORTAL_URL",
    "mock_gateway": "DATASHARE_GATEWAY_URL",
    "mock_receivers": "OPERATOR_URL",
}


@dataclass
class Stack:
    """Servers, then programs; ``environment`` grows as their addresses become known."""

    place: Place
    ending: Ending
    settings: str = "yinzhou_housing.settings.dev"
    fast: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    ports: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.crew = Crew(self.place.local / "run.json", self.ending)
        self.environment = clean_environment()
        self.environment["DJANGO_SETTINGS_MODULE"] = self.settings
        self.taken: set[int] = set()

    # -- servers ----------------------------------------------------------------------------
    def recover(self) -> None:
        """Stop what an earlier run left behind."""
        if names := end_leftovers(self.crew.record):
            say(f"· stopped what an earlier run left: {', '.join(names)}")

    def start_servers(self) -> None:
        """PostgreSQL and Valkey, each unless the caller named an outside server."""
        members = []
        database, broker = Postgres(self.place, fast=self.fast), Valkey(self.place)
        if "DATABASE_URL" not in os.environ:
            members.append(self.crew.start(database.program()))
            self.environment["DATABASE_URL"] = database.url
        if "REDIS_URL" not in os.environ:
            members.append(self.crew.start(broker.program()))
            self.environment["REDIS_URL"] = broker.url
        self.crew.wait_ready(members)
        if "DATABASE_URL" not in os.environ:
            database.make_database()

    def forget(self) -> None:
        """Delete data and notes of this place (embedded servers only)."""
        if "DATABASE_URL" in os.environ or "REDIS_URL" in os.environ:
            raise CannotRun(
                "--fresh only empties the embedded servers: unset DATABASE_URL and "
                "REDIS_URL, or empty the outside servers yourself"
            )
        Postgres(self.place).prepare_removal()
        Valkey(self.place).prepare()
        for name in ("pg", "pg.new", "kv"):
            shutil.rmtree(self.place.state / name, ignore_errors=True)
        for name in ("papers", "city.json", "prepared", "gateway.journal", "signins.txt"):
            _remove(self.place.local / name)

    # -- the environment of the programs ----------------------------------------------------
    def choose_ports(self, web: int) -> None:
        for name, wanted in {"web": web, **MOCKS}.items():
            self.ports[name] = ports.choose(wanted, self.taken)

    def address(self, name: str) -> str:
        return f"http://{LOOPBACK}:{self.ports[name]}"

    def configure(self) -> None:
        """Addresses and secrets; what the caller's environment names stays as it is."""
        chosen = secret_keys.load(self.place.local / "secrets.json") | {
            "SITE_URL": self.address("web"),
            "PORTAL_URL": self.address("mock_portal"),
            "DATASHARE_GATEWAY_URL": f"{self.address('mock_gateway')}/gateway/",
            "OPERATOR_URL": f"{self.address('mock_receivers')}/operator/",
            "ACCESS_URL": f"{self.address('mock_receivers')}/access/",
            "SMS_URL": f"{self.address('mock_receivers')}/sms/",
            "PROVINCE_URL": f"{self.address('mock_portal')}/cases/",
            "ZHEZHENGDING_URL": f"{self.address('mock_portal')}/todos/",
        }
        for name, value in chosen.items():
            self.environment.setdefault(name, value)

    def shared_environment(self) -> dict[str, str]:
        """What a command started by hand needs to speak to the same servers."""
        names = (
            *secret_keys.NAMES,
            "DATABASE_URL",
            "REDIS_URL",
            "SITE_URL",
            "PORTAL_URL",
            "DATASHARE_GATEWAY_URL",
            "OPERATOR_URL",
            "ACCESS_URL",
            "SMS_URL",
            "PROVINCE_URL",
            "ZHEZHENGDING_URL",
        )
        return {name: self.environment[name] for name in names}

    def note(self, name: str) -> Path:
        """A file about the present database; an outside one has files of its own."""
        outside = os.environ.get("DATABASE_URL")
        mark = f"{hashlib.sha256(outside.encode()).hexdigest()[:10]}-" if outside else ""
        return self.place.local / f"{mark}{name}"

    def prepared_digest(self) -> str:
        """Changes with the cluster and with the migrations.

        Empty for an outside database: anything may have happened to it meanwhile.
        """
        if "DATABASE_URL" in os.environ:
            return ""
        inputs = [Postgres(self.place).data / "PG_VERSION", *sorted(ROOT.glob("*/migrations/*.py"))]
        facts = [f"{file} {file.stat().st_mtime_ns}" for file in inputs]
        return hashlib.sha256("\n".join(facts).encode()).hexdigest()

    # -- programs ---------------------------------------------------------------------------
    def python(self, *arguments: str, output: int | None = None) -> int:
        """One command inside the environment, to its end."""
        command = [str(PYTHON), *arguments]
        return step(command, self.ending, environment=self.environment, output=output)

    def program(self, name: str, *arguments: str, port: int = 0, **more: object) -> Program:
        ready = (lambda: ports.answers(port)) if port else None
        return Program(
            name=name,
            command=[str(PYTHON), *arguments],
            environment=self.environment,
            folder=ROOT,
            log=self.place.logs / f"{name}.log",
            **{"ready": ready, **more},  # type: ignore[arg-type]
        )

    def web(self) -> Program:
        gunicorn = (
            f"-m gunicorn yinzhou_housing.wsgi:application --bind {LOOPBACK}:{self.ports['web']} "
            "--preload --workers 2 --threads 4 --graceful-timeout 5 --no-control-socket"
        )
        health = f"{self.address('web')}/healthz"
        return self.program("web", *gunicorn.split(), ready=lambda: page_answers(health))

    def worker(self, name: str, queue: str, size: int) -> Program:
        celery = (
            f"-m celery -A yinzhou_housing worker -n {name}@%h -Q {queue} -c {size} -l INFO "
            "--without-gossip --without-mingle"
        )
        ready = says(self.place.logs / f"{name}.log", b" ready.")
        return self.program(name, *celery.split(), ready=ready)

    def beat(self) -> Program:
        schedule = str(self.place.local / "beat-schedule")
        celery = "-m celery -A yinzhou_housing beat -l WARNING --pidfile= --schedule"
        return self.program("beat", *celery.split(), schedule)

    def mock(self, command: str, *options: str) -> Program:
        port = self.ports[command]
        return self.program(command, "manage.py", command, "--port", str(port), *options, port=port)

    def mock_options(self, city: City) -> dict[str, list[str]]:
        """What each mock service must know of the others."""
        callbacks = [
            f"--callback=http://{host}:{self.ports['web']}/accounts/citizen/callback/"
            for host in (LOOPBACK, "localhost")
        ]
        journal = str(self.note("gateway.journal"))
        return {
            "mock_gateway": [*city.options(), "--journal", journal],
            "mock_portal": [*callbacks, "--gateway", self.address("mock_gateway")],
            "mock_receivers": [],
        }

    def start_mocks(self, city: City) -> list[Member]:
        """The departments' and other systems' side, each in a process of its own."""
        members = []
        for command, options in self.mock_options(city).items():
            if REPLACES[command] in os.environ:
                say(f"  ({command} is not started: {REPLACES[command]} names another)")
            elif command_exists(command):
                members.append(self.crew.start(self.mock(command, *options)))
            else:
                say(f"  (not started: manage.py {command} does not exist yet)")
        return members

    def start_platform(self) -> list[Member]:
        """What people wait for; these tell when they are ready."""
        return [
            self.crew.start(self.web()),
            self.crew.start(self.worker("worker", "celery", 2)),
        ]

    def start_background(self) -> None:
        """What nobody waits for, started last so that the first page comes sooner."""
        self.crew.start(self.worker("worker-bulk", "bulk", 1))
        self.crew.start(self.beat())

    def run_forever(self) -> None:
        while True:
            self.crew.watch()
            self.ending.pause(0.5)


def command_exists(name: str) -> bool:
    return any(ROOT.glob(f"*/management/commands/{name}.py"))


def says(log: Path, words: bytes) -> Callable[[], bool]:
    """Whether ``words`` were written to ``log`` since now."""
    start = log.stat().st_size if log.exists() else 0

    def said() -> bool:
        with log.open("rb") as lines:
            lines.seek(start)
            return words in lines.read()

    return said


def page_answers(address: str) -> bool:
    """Whether the web server gives any answer; it has started even if a check of it fails."""
    try:
        with urllib.request.urlopen(address, timeout=5):
            return True
    except urllib.error.HTTPError:
        return True
    except OSError:
        return False


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
