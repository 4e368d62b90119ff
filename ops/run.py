"""``./run``: everything on one machine, until INT or TERM."""

import argparse
import json
import sys
import time
from pathlib import Path

from ops import catalogues, environment, secret_keys
from ops import city as cities
from ops.city import City
from ops.crew import Ending, Member, say
from ops.live import FILE as ENVIRONMENT_FILE
from ops.places import ROOT, Place
from ops.refusal import CannotRun, Stopped
from ops.stack import MOCKS, Stack, command_exists


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
    parser.add_argument("--seed", type=int, default=1, help="of the demo city")
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
        members = build_up(stack, options)
        signins = list_signins(stack)  # while the programs come up
        stack.crew.wait_ready(members, 120)
        stack.start_background()
        secret_keys.write_private(
            ENVIRONMENT_FILE, json.dumps(stack.shared_environment(), indent=1)
        )
        announce(stack, signins, time.monotonic() - started)
        stack.run_forever()
    finally:
        say("· stopping")
        stack.crew.stop()
        ENVIRONMENT_FILE.unlink(missing_ok=True)
        say("· stopped")


def build_up(stack: Stack, options: argparse.Namespace) -> list[Member]:
    """Servers, tables, departments, the demo city, then everything that serves people.

    Returns those that must answer before anybody is told READY.
    """
    say("· starting the servers")
    stack.choose_ports(options.port)
    stack.start_servers()
    stack.configure()
    note = stack.note("city.json")
    city = cities.settle(note, options.households, options.seed)
    prepare(stack)
    say("· starting web, workers, scheduler and mock services")
    mocks = stack.start_mocks(city)
    if not city.built:
        build_city(stack, city, note, mocks)
    return [*mocks, *stack.start_platform()]


def prepare(stack: Stack) -> None:
    """Catalogues and tables; skipped while nothing of them can have changed."""
    if catalogues.stale(ROOT / "locale") and stack.python("-m", "ops.catalogues"):
        raise CannotRun("the catalogues could not be compiled (see above)")
    note, digest = stack.place.local / "prepared", stack.prepared_digest()
    if digest and note.exists() and note.read_text() == digest:
        return
    if stack.python("manage.py", "migrate", "--verbosity", "0", "--no-input"):
        raise CannotRun(
            "the database could not be migrated (see above); if migrations were written anew, "
            "./run --fresh starts over"
        )
    note.write_text(digest)


def build_city(stack: Stack, city: City, note: Path, mocks: list[Member]) -> None:
    """The platform's side of the city; the departments' side is the mock gateway's."""
    if not command_exists("demo_city"):
        say("  (no demo city: manage.py demo_city does not exist yet)")
        return
    say(f"· building the demo city: {city.households} households")
    stack.crew.wait_ready(mocks, 120)
    if stack.python("manage.py", "demo_city", *city.options()):
        say("  ! the demo city could not be built (see above): the site starts without it")
        return
    cities.note_built(note, city)


def list_signins(stack: Stack) -> str:
    """One sign-in per role, as the platform prints them."""
    if not command_exists("demo_signins"):
        return ""
    file = stack.place.local / "signins.txt"
    with file.open("wb") as out:
        file.chmod(0o600)
        stack.python("manage.py", "demo_signins", "--skip-checks", output=out.fileno())
    return file.read_text()


def announce(stack: Stack, signins: str, seconds: float) -> None:
    site = stack.address("web")
    say(f"\n{signins}")
    say(f"  site             {site}/")
    for command in MOCKS:
        say(f"  {command:<16} {stack.address(command)}/")
    say(f"  logs             {stack.place.logs}")
    say(f"  十分钟看懂 → {site}/demo/")
    say(f"READY {site}/ after {seconds:.1f} s (Ctrl-C stops everything)")


if __name__ == "__main__":
    sys.exit(main())
