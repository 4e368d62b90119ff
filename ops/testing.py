"""``./test``: everything pytest needs, then pytest, then nothing left behind."""

import os
import sys

from ops import browser, catalogues, environment
from ops.crew import Ending, say
from ops.places import ROOT, Place
from ops.refusal import CannotRun, Stopped
from ops.stack import Stack

# In the order of collection, which puts browser tests last (tests/conftest.py).
PROCESSES = ("-n", "2", "--dist", "loadfile", "--no-loadscope-reorder")


def main(arguments: list[str]) -> int:
    """pytest's own exit code; 130 after INT or TERM, 1 when the servers cannot start."""
    ending = Ending()
    ending.install()
    place = Place(name="test")
    busy = f"another ./test is running in {ROOT}"
    try:
        with environment.exclusive(place.local / "run.lock", busy):
            return run(place, ending, arguments)
    except Stopped:
        return 130
    except CannotRun as refusal:
        print(f"✗ {refusal}", file=sys.stderr, flush=True)
        return 1


def run(place: Place, ending: Ending, arguments: list[str]) -> int:
    stack = Stack(place, ending, settings="yinzhou_housing.settings.test", fast=True)
    try:
        stack.recover()
        environment.ensure(ending, development=True)
        if arguments[:1] != ["--command"]:
            browser.ensure(ending)
        stack.start_servers()
        if catalogues.stale(ROOT / "locale") and stack.python("-m", "ops.catalogues"):
            raise CannotRun("the catalogues could not be compiled (see above)")
        if arguments[:1] == ["--command"]:  # any other Python command beside the test servers
            return stack.python(*arguments[1:])
        return stack.python("-m", "pytest", *pytest_arguments(arguments))
    finally:
        stack.crew.stop()


def pytest_arguments(arguments: list[str]) -> list[str]:
    """Everything but the soak tests on two processes; named files and soak tests in one."""
    if "--soak" in arguments:
        return ["-m", "soak", "--timeout", "10800", *(a for a in arguments if a != "--soak")]
    whole = not any((ROOT / a.partition("::")[0]).exists() for a in arguments)
    spread = PROCESSES if whole and (os.cpu_count() or 1) > 1 else ()
    return ["-m", "not soak", *spread, *arguments]


if __name__ == "__main__":
    code = main(sys.argv[1:])
    if code == 130:
        say("· stopped")
    sys.exit(code)
