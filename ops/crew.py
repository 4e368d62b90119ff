"""Starts programs, watches them, starts them again when they die, stops all of them.

Each program leads a session of its own, so that a Ctrl-C at the terminal reaches only us and its
whole family can be ended together.
"""

import json
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ops import processes, secret_keys
from ops.refusal import CannotRun, Stopped

STEADY_AFTER = 60  # seconds without a death after which the pause before a restart is short again
LONGEST_PAUSE = 30
HOPELESS = 5  # deaths before the first sign of life
LARGEST_LOG = 20_000_000  # bytes
SERVERS = ("postgres", "valkey")  # stopped last, for everybody else uses them


def say(message: str) -> None:
    print(message, flush=True)


class Ending:
    """Set by INT, TERM and HUP. A second signal asks for haste."""

    def __init__(self) -> None:
        self.signals = 0

    def install(self) -> None:
        """Explicitly, also where the shell that started us had INT ignored."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._arrived)

    def _arrived(self, _number: int, _frame: object) -> None:
        self.signals += 1

    def check(self) -> None:
        if self.signals:
            raise Stopped

    def pause(self, seconds: float) -> None:
        deadline = time.monotonic() + seconds
        while (left := deadline - time.monotonic()) > 0:
            self.check()
            time.sleep(min(0.05, left))
        self.check()


@dataclass
class Program:
    """One command to keep running."""

    name: str
    command: Sequence[str]
    environment: dict[str, str]
    folder: Path
    log: Path
    before: Callable[[], None] | None = None
    ready: Callable[[], bool] | None = None
    stop_signal: signal.Signals = signal.SIGTERM
    grace: float = 15
    popen: dict[str, Any] = field(default_factory=dict)


@dataclass
class Member:
    """A program and its present process."""

    program: Program
    process: subprocess.Popen[bytes] | None = None
    started: float = 0.0
    mark: str = ""
    deaths: int = 0
    again_at: float = 0.0

    def start(self) -> None:
        if self.program.before:
            self.program.before()
        self._turn_log()
        with self.program.log.open("ab") as log:
            self.process = subprocess.Popen(
                list(self.program.command),
                env=self.program.environment,
                cwd=self.program.folder,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                **self.program.popen,
            )
        self.started = time.monotonic()
        self.mark = processes.birth(self.process.pid) or ""

    def _turn_log(self) -> None:
        """One older log is kept beside a log that grew large."""
        log = self.program.log
        if log.exists() and log.stat().st_size > LARGEST_LOG:
            log.replace(log.with_suffix(".log.1"))

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def pause_after_death(self) -> float:
        """Seconds until the next try: 0.2, 1, 2, 4 … 30."""
        if time.monotonic() - self.started > STEADY_AFTER:
            self.deaths = 0
        self.deaths += 1
        return 0.2 if self.deaths == 1 else min(2 ** (self.deaths - 2), LONGEST_PAUSE)

    def clear_family(self) -> None:
        """End what a dead leader left of its session."""
        if self.process:
            processes.send(self.process.pid, signal.SIGKILL, group=True)

    def log_end(self, size: int = 2000) -> str:
        try:
            return self.program.log.read_text(errors="replace")[-size:]
        except OSError:
            return ""


class Crew:
    """The programs of one run, in the order in which they were started."""

    def __init__(self, record: Path, ending: Ending) -> None:
        self.members: list[Member] = []
        self.record = record
        self.ending = ending

    def start(self, program: Program) -> Member:
        self.ending.check()
        member = Member(program)
        self.members.append(member)
        member.start()
        self._write_record()
        return member

    def start_and_wait(self, program: Program, seconds: float = 60) -> Member:
        """Start, and wait until it answers; a program that dies is tried again for a while."""
        member = self.start(program)
        self.wait_ready([member], seconds)
        return member

    def wait_ready(self, members: Sequence[Member], seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        for member in members:
            while not (member.running and self._answers(member)):
                if time.monotonic() > deadline or member.deaths >= HOPELESS:
                    raise CannotRun(self._not_ready(member))
                self.watch()
                self.ending.pause(0.05)

    @staticmethod
    def _answers(member: Member) -> bool:
        return member.program.ready is None or member.program.ready()

    @staticmethod
    def _not_ready(member: Member) -> str:
        program = member.program
        return f"{program.name} did not become ready; {program.log} ends:\n{member.log_end()}"

    def watch(self) -> None:
        """One look at everybody: the dead are started again after a growing pause."""
        for member in self.members:
            if member.running:
                continue
            if member.process is not None:
                self._mourn(member)
            elif time.monotonic() >= member.again_at:
                member.start()
                self._write_record()

    def _mourn(self, member: Member) -> None:
        assert member.process is not None
        code = member.process.returncode
        pause = member.pause_after_death()
        member.clear_family()
        member.process = None
        member.again_at = time.monotonic() + pause
        say(f"  ! {member.program.name} ended ({code}); starting it again in {pause:g} s")
        if last := member.log_end().strip().splitlines():
            say(f"    {member.program.log}: {last[-1]}")

    # -- the end ----------------------------------------------------------------------------
    def stop(self) -> None:
        """Applications together first, then the servers they use, newest first."""
        servers = [m for m in self.members if m.program.name in SERVERS]
        self._stop_together([m for m in self.members if m not in servers])
        for member in reversed(servers):
            self._stop_together([member])
        self.members.clear()
        self.record.unlink(missing_ok=True)

    def _stop_together(self, members: Sequence[Member]) -> None:
        for member in members:
            if member.running and member.process:
                processes.send(member.process.pid, member.program.stop_signal)
        deadline = time.monotonic() + max((m.program.grace for m in members), default=0)
        hurry = self.ending.signals
        while any(m.running for m in members) and time.monotonic() < deadline:
            if self.ending.signals > hurry + 1:
                break
            time.sleep(0.03)
        for member in members:
            member.clear_family()
            if member.process:
                member.process.wait()

    # -- for the next run -------------------------------------------------------------------
    def _write_record(self) -> None:
        rows = [
            {
                "name": member.program.name,
                "pid": member.process.pid,
                "birth": member.mark,
                "signal": int(member.program.stop_signal),
            }
            for member in self.members
            if member.process
        ]
        secret_keys.write_private(self.record, json.dumps(rows, indent=1))


def end_leftovers(record: Path) -> list[str]:
    """Stop what a run that was killed left behind; the names of what was still there."""
    try:
        rows = json.loads(record.read_text())
    except (OSError, ValueError):
        return []
    left = [row for row in rows if processes.birth(row["pid"]) == row["birth"]]
    for row in left:  # applications all at once, so that their last seconds are the same seconds
        if row["name"] not in SERVERS:
            processes.send(row["pid"], signal.Signals(row["signal"]))
    for row in reversed(rows):  # also those whose leader is gone: children may have stayed
        processes.end_leftover(row["pid"], row["birth"], signal.Signals(row["signal"]))
    record.unlink(missing_ok=True)
    return [row["name"] for row in left]
