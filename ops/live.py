"""Lets ``manage.py`` speak to what ``./run`` runs.

``./run`` writes the addresses and secrets of its servers to ``.local/environment.json`` (mode
0600). A command started by hand takes over what it was not given itself.
"""

import importlib.util
import json
import os
import sys

from ops.places import PYTHON, ROOT

FILE = ROOT / ".local" / "environment.json"


def enter_environment() -> None:
    """Start again with the Python of ``.venv`` when this one has no Django."""
    if importlib.util.find_spec("django") is None and PYTHON.exists():
        os.execv(PYTHON, [str(PYTHON), *sys.argv])


def adopt() -> None:
    """Fill the environment from the running demo, unless it names servers or settings itself."""
    if "DATABASE_URL" in os.environ or "REDIS_URL" in os.environ or not _for_the_demo():
        return
    try:
        values: dict[str, str] = json.loads(FILE.read_text())
    except (OSError, ValueError):
        return
    for name, value in values.items():
        os.environ.setdefault(name, value)


def _for_the_demo() -> bool:
    demo = "yinzhou_housing.settings.dev"
    return os.environ.get("DJANGO_SETTINGS_MODULE", demo) == demo
