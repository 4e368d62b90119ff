"""The steps before the first page, in one Django process: migrate, demo city, demo sign-ins.

Runs inside the environment (``python -m ops.prepare --households N --seed S --city FILE
--signins FILE``). Which city stands in the database is noted in the city file, so that a second
start leaves it alone.
"""

import argparse
import io
import json
from collections.abc import Mapping
from pathlib import Path

import django


def main() -> None:
    options = _options()
    django.setup()
    from django.core.management import call_command, get_commands

    known = get_commands()
    call_command("migrate", verbosity=0, interactive=False)
    if options.demo:
        _build_city(options, known, call_command)
        _note_signins(options.signins, known, call_command)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("--households", type=int, required=True)
    parser.add_argument("--seed", required=True)
    parser.add_argument("--city", type=Path, required=True)
    parser.add_argument("--signins", type=Path, required=True)
    parser.add_argument("--demo", action="store_true")
    return parser.parse_args()


def _build_city(options: argparse.Namespace, known: Mapping[str, object], call) -> None:
    wanted = {"households": options.households, "seed": options.seed}
    if "demo_city" not in known:
        print("  (no demo city yet: manage.py demo_city does not exist)", flush=True)
        return
    if options.city.exists():
        _mention_other(json.loads(options.city.read_text()), wanted)
        return
    print(f"· building the demo city: {options.households} households", flush=True)
    call("demo_city", households=options.households, seed=options.seed)
    options.city.write_text(json.dumps(wanted))


def _mention_other(have: dict[str, object], wanted: dict[str, object]) -> None:
    if have != wanted:
        print(
            f"  the demo city of {have['households']} households (seed {have['seed']}) stays; "
            "start with --fresh for another one",
            flush=True,
        )


def _note_signins(file: Path, known: Mapping[str, object], call) -> None:
    if "demo_signins" not in known:
        return
    shown = io.StringIO()
    call("demo_signins", stdout=shown)
    file.write_text(shown.getvalue())


if __name__ == "__main__":
    main()
