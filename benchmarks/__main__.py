"""`./bench [NAME …] [--json]`: runs the named benchmarks, or all, against a running demo."""

import argparse
import importlib
import os
import sys

NAMES = (
    "submit", "recheck", "campaign", "mock", "eligibility", "duplicates", "queue",
    "review_numbers", "export", "draw", "reveals", "feed",
)  # fmt: skip


def main(arguments: list[str]) -> int:
    """0 when every figure could be measured; a missed goal is a figure, not a failure."""
    parser = argparse.ArgumentParser(prog="./bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of: {', '.join(NAMES)}")
    parser.add_argument("--json", action="store_true", help="one JSON object a line")
    options = parser.parse_args(arguments)
    if unknown := set(options.names) - set(NAMES):
        parser.error(f"unknown: {', '.join(sorted(unknown))}")
    _start_django()
    from benchmarks.city import running_city

    city = running_city()
    for name in options.names or NAMES:
        for figure in importlib.import_module(f"benchmarks.{name}").figures(city):
            print(figure.as_json() if options.json else figure.as_text(), flush=True)
    return 0


def _start_django() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "yinzhou_housing.settings.dev")
    import django

    django.setup()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
