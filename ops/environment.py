"""The Python environment in ``.venv``: made once, installed again only when requirements changed.

uv is used where it is found (seconds instead of half a minute), else pip. Hashes are required.
"""

import fcntl
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from ops import processes
from ops.crew import Ending, say
from ops.places import PYTHON, ROOT, VENV
from ops.refusal import CannotRun, Stopped

OLDEST = (3, 11)
RUNTIME = ROOT / "requirements.txt"
DEVELOPMENT = ROOT / "requirements-dev.txt"
FOREIGN = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV", "PIP_USER", "PIP_REQUIRE_VIRTUALENV")


def clean_environment() -> dict[str, str]:
    """The caller's environment without what would lead Python into another one."""
    kept = {name: value for name, value in os.environ.items() if name not in FOREIGN}
    return kept | {"PYTHONUNBUFFERED": "1", "PYTHONUTF8": "1"}


@contextmanager
def exclusive(lock: Path, busy: str = "") -> Iterator[None]:
    """Hold a lock file; with ``busy`` refuse at once with that sentence, else wait."""
    lock.parent.mkdir(exist_ok=True)
    with lock.open("a") as held:
        try:
            fcntl.flock(held, fcntl.LOCK_EX | (fcntl.LOCK_NB if busy else 0))
        except BlockingIOError:
            raise CannotRun(busy) from None
        yield


def ensure(ending: Ending, *, development: bool = False) -> None:
    """Make ``.venv`` hold exactly the pinned requirements (and the development ones on top)."""
    if sys.version_info < OLDEST:
        raise CannotRun(
            f"Python {'.'.join(map(str, OLDEST))} or newer is needed, this is {sys.version}"
        )
    with exclusive(ROOT / ".local" / "environment.lock"):
        if not _usable():
            _create(ending)
        for file in [RUNTIME, DEVELOPMENT] if development else [RUNTIME]:
            _install(file, ending)


def _usable() -> bool:
    """Whether the environment's Python starts and is new enough (a moved one does not)."""
    check = f"import sys; sys.exit(sys.version_info < {OLDEST})"
    try:
        return subprocess.run([PYTHON, "-c", check], check=False).returncode == 0
    except OSError:
        return False


def _uv() -> str | None:
    """The path of a uv that really starts (a version manager's shim may not)."""
    found = shutil.which("uv")
    try:
        works = found and subprocess.run([found, "--version"], capture_output=True, check=False)
    except OSError:
        return None
    return found if works and works.returncode == 0 else None


def _create(ending: Ending) -> None:
    say("· making .venv")
    shutil.rmtree(VENV, ignore_errors=True)
    uv = _uv()
    if uv and step([uv, "venv", "--quiet", "--python", sys.executable, str(VENV)], ending) == 0:
        return
    if not importlib.util.find_spec("ensurepip"):
        _install_venv_module(ending)
    if step([sys.executable, "-m", "venv", str(VENV)], ending):
        raise CannotRun(".venv could not be made (see above)")


def _install_venv_module(ending: Ending) -> None:
    """Debian keeps ensurepip in a package of its own."""
    if os.geteuid() == 0 and shutil.which("apt-get"):
        say("· installing python3-venv")
        step(["apt-get", "update", "-qq"], ending)
        if step(["apt-get", "install", "-y", "-qq", "python3-venv"], ending) == 0:
            return
    raise CannotRun(
        "Python's venv module is missing: install it (Debian: apt install python3-venv)"
    )


# The files are locked whole, so nothing is left to resolve. Where pip resolves all the same, it
# takes a dependency with an extra (coverage[toml]) for another one than its pin, wants the newest
# of it, and fails from the day that one appears.
_AS_LOCKED = ("--require-hashes", "--no-deps")


def _install(file: Path, ending: Ending) -> None:
    """Install one requirements file unless this very text is installed already."""
    stamp = VENV / f".installed-{file.stem}"
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == digest:
        return
    say(f"· installing {file.name}")
    stamp.unlink(missing_ok=True)
    if not (_install_by_uv(file, ending) or _install_by_pip(file, ending)):
        raise CannotRun(f"{file.name} could not be installed (see above)")
    stamp.write_text(digest)


def _install_by_uv(file: Path, ending: Ending) -> bool:
    uv = _uv()
    if not uv:
        return False
    command = [uv, "pip", "install", "--quiet", "--python", str(PYTHON)]
    return step([*command, *_AS_LOCKED, "-r", str(file)], ending) == 0


def _install_by_pip(file: Path, ending: Ending) -> bool:
    step([str(PYTHON), "-m", "ensurepip", "--default-pip"], ending, quiet=True)
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    return step([*command, *_AS_LOCKED, "-r", str(file)], ending) == 0


def step(
    command: list[str],
    ending: Ending,
    *,
    environment: dict[str, str] | None = None,
    quiet: bool = False,
    output: int | None = None,
) -> int:
    """Run one command to its end in the clone; a signal ends it and its children too.

    ``output`` is a file descriptor for what it prints, if not ours.
    """
    process = begin(command, environment, subprocess.DEVNULL if quiet else output)
    try:
        return wait(process, ending)
    except Stopped:
        end_family(process)
        raise


def begin(
    command: list[str], environment: dict[str, str] | None, output: int | IO[bytes] | None
) -> subprocess.Popen[bytes]:
    """Start one command in the clone, in a session of its own; ended by ``end_family``."""
    return subprocess.Popen(
        command,
        cwd=ROOT,
        env=environment or clean_environment(),
        stdin=subprocess.DEVNULL,
        stdout=output,
        stderr=output if output == subprocess.DEVNULL else None,
        start_new_session=True,
    )


def wait(process: subprocess.Popen[bytes], ending: Ending) -> int:
    while (code := process.poll()) is None:
        ending.pause(0.05)
    return code


def end_family(process: subprocess.Popen[bytes]) -> None:
    """TERM, five seconds, KILL: the process and its group."""
    processes.send(process.pid, signal.SIGTERM, group=True)
    processes.until(lambda: process.poll() is not None, 5)
    processes.send(process.pid, signal.SIGKILL, group=True)
    process.wait()


if __name__ == "__main__":
    this_run = Ending()
    this_run.install()
    ensure(this_run, development=True)
