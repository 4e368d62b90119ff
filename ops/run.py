"""``./run``: everything on one machine, until INT or TERM."""

import argparse
import json
import sys
import time

from ops import catalogues, environment, secret_keys
from ops.crew import Ending, say
from ops.live import FILE as ENVIRONMENT_FILE
from ops.places import ROOT, Place
from ops.refusal import CannotRun, Stopped
from ops.stack import MOCKS, Stack


def main(arguments: list[str] | None = None) -> int:
    options = parse(arguments)
    ending = Ending()
    ending.install()
    place = Place()
    stack = None
    try:
        with environment.exclusive(place.local / "run.lock", already_running()):
            stack = Stack(place, ending)
            serve(stack, options)
    except Stopped:
        return 0
    except CannotRun as refusal:
        print(f"✗ {refusal}", file=sys.stderr, flush=True)
        return 1
    return 0


def parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="./run", description=__doc__)
    parser.add_argument("--fresh", action="store_true", help="start over with empty servers")
    parser.add_argument("--port", type=int, default=8700, help="of the web pages (default 8700)")
    parser.add_argument("--households", type=int, default=1000, help="size of the demo city")
    parser.add_argument("--seed", default="1", help="of the demo city")
    return parser.parse_args(arguments)


def already_running() -> str:
    return f"./run is already running in {ROOT}: stop it first (its addresses are in .local/)"


def serve(stack: Stack, options: argparse.Namespace) -> None:
    """Build up, say READY, watch; whatever happens, take everything down again."""
    started = time.monotonic()
    try:
        stack.recover()
        environment.ensure(stack.ending)
        if options.fresh:
            say("· starting over")
            stack.forget()
        build_up(stack, options)
        announce(stack, time.monotonic() - started)
        stack.run_forever()
    finally:
        say("· stopping")
        stack.crew.stop()
        ENVIRONMENT_FILE.unlink(missing_ok=True)
        say("· stopped")


def build_up(stack: Stack, options: argparse.Namespace) -> None:
    say("· starting the servers")
    stack.choose_ports(options.port)
    stack.start_servers()
    stack.configure()
    secret_keys.write_private(ENVIRONMENT_FILE, json.dumps(stack.shared_environment(), indent=1))
    prepare(stack, options)
    say("· starting web, workers, scheduler and mock services")
    stack.start_programs()


def prepare(stack: Stack, options: argparse.Namespace) -> None:
    """Catalogues, migrations, demo city, sign-ins; skipped while nothing of it can have changed."""
    if catalogues.stale(ROOT / "locale") and stack.python("-m", "ops.catalogues"):
        raise CannotRun("the catalogues could not be compiled (see above)")
    note = stack.place.local / "prepared"
    digest = stack.prepared_digest(f"{options.households} {options.seed}")
    if digest and note.exists() and note.read_text() == digest:
        return
    notes = stack.place.local
    city = ("--demo", "--households", str(options.households), "--seed", options.seed)
    files = ("--city", str(notes / "city.json"), "--signins", str(notes / "signins.txt"))
    if stack.python("-m", "ops.prepare", *city, *files):
        raise CannotRun("the database could not be prepared (see above)")
    note.write_text(digest)


def announce(stack: Stack, seconds: float) -> None:
    site = stack.address("web")
    signins = stack.place.local / "signins.txt"
    say("")
    if signins.exists():
        say(signins.read_text().rstrip())
        say("")
    say(f"  site             {site}/")
    for command in MOCKS:
        say(f"  {command:<16} {stack.address(command)}/")
    say(f"  logs             {stack.place.logs}")
    say(f"  十分钟看懂 → {site}/demo/")
    say(f"READY {site}/ after {seconds:.1f} s (Ctrl-C stops everything)")


if __name__ == "__main__":
    sys.exit(main())
