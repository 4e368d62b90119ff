"""Programs are watched, started again, and ended with their whole family."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ops import processes
from ops.crew import Crew, Ending, Program, end_leftovers
from ops.places import ROOT
from ops.refusal import CannotRun, Stopped

SLEEP = "import time; time.sleep(60)"
PARENT = f"import subprocess, sys; subprocess.run([sys.executable, '-c', '{SLEEP}'])"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"


def program(ground: Path, code: str, **more: object) -> Program:
    return Program(
        name="probe",
        command=[sys.executable, "-c", code],
        environment={"PATH": "/usr/bin:/bin"},
        folder=ground,
        log=ground / "probe.log",
        **more,  # type: ignore[arg-type]
    )


def family(crew: Crew) -> list[int]:
    process = crew.members[0].process
    return processes.session_members(process.pid) if process else []


def test_stop_ends_children_of_children(ground: Path, crew: Crew) -> None:
    crew.start(program(ground, PARENT))
    assert processes.until(lambda: len(family(crew)) == 2, 10)
    leader = crew.members[0].process
    assert leader is not None

    crew.stop()

    assert processes.until(lambda: not processes.session_members(leader.pid), 5)
    assert not crew.record.exists()


def test_a_program_that_does_not_listen_is_killed_after_its_grace(ground: Path, crew: Crew) -> None:
    member = crew.start(program(ground, STUBBORN, grace=0.3))
    crew.stop()
    assert member.process is not None
    assert member.process.returncode == -signal.SIGKILL or not member.running


def test_a_dead_program_is_started_again_and_the_person_told(
    ground: Path, crew: Crew, capsys: pytest.CaptureFixture[str]
) -> None:
    member = crew.start(program(ground, SLEEP))
    assert member.process is not None
    first = member.process.pid
    member.process.kill()
    member.process.wait()

    assert processes.until(lambda: crew.watch() or member.running, 5)

    assert member.process.pid != first
    assert "probe ended (-9)" in capsys.readouterr().out


def test_the_pause_before_a_restart_grows_and_is_bounded(ground: Path, crew: Crew) -> None:
    member = crew.start(program(ground, SLEEP))
    assert [member.pause_after_death() for _ in range(8)] == [0.2, 1, 2, 4, 8, 16, 30, 30]


def test_a_program_that_never_becomes_ready_is_named_with_the_end_of_its_log(
    ground: Path, crew: Crew
) -> None:
    failing = program(ground, "raise SystemExit('no such table')", ready=lambda: False)
    with pytest.raises(CannotRun, match=r"(?s)probe did not become ready.*no such table"):
        crew.start_and_wait(failing, seconds=1)


def test_the_next_run_ends_what_a_killed_one_left(ground: Path, crew: Crew) -> None:
    member = crew.start(program(ground, PARENT))
    assert processes.until(lambda: len(family(crew)) == 2, 10)
    assert member.process is not None

    assert end_leftovers(crew.record) == ["probe"]

    member.process.wait(5)
    assert not processes.session_members(member.process.pid)
    assert end_leftovers(crew.record) == []


def test_a_number_that_is_now_somebody_elses_is_left_alone(ground: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", SLEEP], start_new_session=True) as stranger:
        row = {"name": "old", "pid": stranger.pid, "birth": "another boot:1", "signal": 15}
        (ground / "run.json").write_text(json.dumps([row]))
        assert end_leftovers(ground / "run.json") == []
        assert stranger.poll() is None
        stranger.kill()


def test_int_ends_us_even_where_the_shell_had_it_ignored() -> None:
    code = (
        "from ops.crew import Ending\nfrom ops.refusal import Stopped\n"
        "e = Ending(); e.install(); print('up', flush=True)\n"
        "try: e.pause(30)\nexcept Stopped: print('stopped')\n"
    )
    command = ["sh", "-c", 'trap "" INT; exec "$@"', "sh", sys.executable, "-c", code]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as shell:
        assert shell.stdout is not None
        assert shell.stdout.readline() == "up\n"
        shell.send_signal(signal.SIGINT)
        assert shell.communicate(timeout=10)[0] == "stopped\n"


def test_a_signal_unwinds_at_the_next_pause() -> None:
    ending = Ending()
    ending.signals = 1
    with pytest.raises(Stopped):
        ending.pause(10)
