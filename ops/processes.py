"""Processes by number, without ever mistaking a newcomer with a used number for ours."""

import contextlib
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

PROC = Path("/proc")
HAS_PROC = (PROC / "self" / "stat").exists()


def birth(pid: int) -> str | None:
    """A mark that tells this process from any later one of the same number; None when it is gone.

    A zombie counts as gone: nothing may ever reap it where the first process does not.
    """
    return _birth_by_proc(pid) if HAS_PROC else _birth_by_ps(pid)


def _stat_fields(pid: int) -> list[str]:
    """Fields of /proc/PID/stat from the state on (the name before it may hold anything)."""
    return (PROC / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()


def _birth_by_proc(pid: int) -> str | None:
    try:
        fields = _stat_fields(pid)
        boot = (PROC / "sys/kernel/random/boot_id").read_text().strip()
    except (OSError, IndexError):
        return None
    return None if fields[0] in "ZX" else f"{boot}:{fields[19]}"


def _birth_by_ps(pid: int) -> str | None:
    shown = subprocess.run(
        ["ps", "-o", "stat=,lstart=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout.strip()
    return None if not shown or shown.startswith("Z") else shown.split(None, 1)[1]


def arguments(pid: int) -> list[str]:
    """The command line of a process; empty when it is gone."""
    try:
        if HAS_PROC:
            return (PROC / str(pid) / "cmdline").read_bytes().decode(errors="replace").split("\0")
        shown = ["ps", "-o", "command=", "-p", str(pid)]
        return subprocess.run(shown, capture_output=True, text=True, check=False).stdout.split()
    except OSError:
        return []


def session_members(leader: int) -> list[int]:
    """Processes of the session that ``leader`` opened (Linux; elsewhere the leader alone)."""
    if not HAS_PROC:
        return [leader] if birth(leader) else []
    found = []
    for entry in PROC.iterdir():
        if entry.name.isdigit() and _session_of(int(entry.name)) == leader:
            found.append(int(entry.name))
    return found


def _session_of(pid: int) -> int | None:
    try:
        fields = _stat_fields(pid)
    except (OSError, IndexError):
        return None
    return None if fields[0] in "ZX" else int(fields[3])


def send(pid: int, number: signal.Signals, *, group: bool = False) -> None:
    """Signal a process or its group; one that is gone is no error."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        (os.killpg if group else os.kill)(pid, number)


def until(done: Callable[[], bool], seconds: float, pause: float = 0.05) -> bool:
    """Poll ``done`` for at most ``seconds``; whether it came true."""
    deadline = time.monotonic() + seconds
    while not done():
        if time.monotonic() > deadline:
            return False
        time.sleep(pause)
    return True


def end_leftover(pid: int, mark: str, number: signal.Signals, grace: float = 10) -> bool:
    """Stop what an earlier run left: the leader if it is still the same, then its session.

    Returns whether anything was there. A number that is now somebody else's is left alone.
    """
    now = birth(pid)
    if now is not None and now != mark:
        return False
    members = session_members(pid)
    if now == mark:
        send(pid, number)
        until(lambda: birth(pid) != mark, grace)
    for member in session_members(pid):
        send(member, signal.SIGKILL)
    until(lambda: not session_members(pid), 5)
    return bool(members)
