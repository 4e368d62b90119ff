"""Which demo city stands in a place: its size, seed and day, noted in ``city.json``.

The same three give the same city on both sides, the platform's and the departments', so the mock
gateway is always started with the noted ones.
"""

import json
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta, timezone
from pathlib import Path

from ops import secret_keys
from ops.crew import say

CHINA = timezone(timedelta(hours=8))


@dataclass(frozen=True)
class City:
    """``on`` is the day on which it was drawn (ISO); ``built`` once the platform's side stands."""

    households: int
    seed: int
    on: str
    built: bool = False

    def options(self) -> list[str]:
        return ["--households", str(self.households), "--seed", str(self.seed), "--on", self.on]


def today() -> str:
    """The day in Ningbo; the platform's own clock is not running yet."""
    return datetime.now(CHINA).date().isoformat()  # noqa: TID251


def settle(note: Path, households: int, seed: int) -> City:
    """The city that stands, whatever is asked for now; else a new one of today."""
    standing = _read(note)
    if standing and standing.built:
        if (households, seed) != (standing.households, standing.seed):
            say(
                f"  the demo city of {standing.households} households (seed {standing.seed}) "
                "stays; --fresh makes another one"
            )
        return standing
    return City(households, seed, today())


def _read(note: Path) -> City | None:
    try:
        return City(**json.loads(note.read_text()))
    except (OSError, ValueError, TypeError):
        return None


def note_built(note: Path, city: City) -> None:
    secret_keys.write_private(note, json.dumps(asdict(city) | {"built": True}))
