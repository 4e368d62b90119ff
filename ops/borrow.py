"""``./bench`` and ``./shots``: a whole demo of their own for the length of one command.

Usage: ``python -m ops.borrow NAME HOUSEHOLDS MODULE [ARGUMENT …]``. The stack NAME has its own data
folder, ports and log files under ``.local/NAME``, so that a running ``./run`` is not disturbed.
Only the command itself prints to standard output; what we say about the stack goes to standard
error, so that ``./bench --json`` can be piped.
"""

import os
import sys

from ops import browser, environment
from ops.crew import Ending, say
from ops.places import ROOT, Place
from ops.refusal import CannotRun, Stopped
from ops.run import build_up, parse
from ops.stack import Stack

FIRST_PORT = "8780"


def main(name: str, households: str, module: str, arguments: list[str]) -> int:
    """The command's own exit code; 130 after INT or TERM, 1 when the stack cannot start."""
    ending = Ending()
    ending.install()
    place = Place(name=name)
    try:
        with environment.exclusive(place.local / "run.lock", f"another ./{name} runs in {ROOT}"):
            stack = Stack(place, ending)
            return run(stack, households, ["-m", module, *arguments], set_output_aside())
    except Stopped:
        return 130
    except CannotRun as refusal:
        print(f"✗ {refusal}", file=sys.stderr, flush=True)
        return 1


def set_output_aside() -> int:
    """Standard output, kept for the command; ours becomes standard error."""
    kept = os.dup(1)
    os.dup2(2, 1)
    return kept


def run(stack: Stack, households: str, command: list[str], output: int) -> int:
    try:
        stack.recover()
        environment.ensure(stack.ending, development=True)
        browser.ensure(stack.ending)
        forget_if_stale(stack)
        members = build_up(stack, parse(["--households", households, "--port", FIRST_PORT]))
        stack.crew.wait_ready(members, 120)
        stack.start_background()
        return stack.python(*command, output=output)
    finally:
        stack.crew.stop()


def forget_if_stale(stack: Stack) -> None:
    """Start over where the tables were made by other migrations: nobody's data is in them."""
    note = stack.place.local / "prepared"
    if not note.exists():
        return
    try:
        digest = stack.prepared_digest()
    except FileNotFoundError:  # the note outlived its tables
        digest = "gone"
    if digest and note.read_text() != digest:
        say("· the migrations have changed: starting over")
        stack.forget()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1], sys.argv[2], sys.argv[3], sys.argv[4:]))
