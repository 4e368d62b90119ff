"""Policies (政策参数): every number a rule reads, dated, with its source or marked unverified.

A pack is YAML. Each value says what it is, its unit and operator, the clause it carries out, and by
start date what it is and where that stands; the loader (pack.py) refuses anything else. A released
policy in the database is such a text, read by the same loader.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cache, cached_property
from pathlib import Path
from typing import Any

PACKS = Path(__file__).parent / "policies"
UNVERIFIED = "unverified"


class PolicyError(ValueError):
    """A pack that cannot be used: says the line, which value and why."""


@dataclass(frozen=True, slots=True)
class Dated:
    """One value from a day on; ``source`` names a document of the pack, or ``mark`` unverified.

    ``article`` is the article of that document, where it is not the parameter's own clause.
    """

    start: date
    end: date | None
    value: Any
    source: str
    mark: str
    article: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True)
class Parameter:
    """One value of a policy through time."""

    key: str
    description: str
    unit: str
    op: str
    clause: str
    dated: tuple[Dated, ...]

    def at(self, on: date) -> Dated:
        """The value in force on a day: the latest start, never the year. Raises PolicyError."""
        for one in reversed(self.dated):
            if one.start <= on and (one.end is None or on <= one.end):
                return one
        raise PolicyError(f"{self.key}: no value is in force on {on.isoformat()}")


@dataclass(frozen=True, slots=True)
class Day:
    """All values in force on one day, ready to be read many times."""

    values: Mapping[str, Any]
    ops: Mapping[str, str]
    citations: Mapping[str, str]
    unverified: frozenset[str]


@dataclass(frozen=True)
class Policy:
    """政策包: an immutable set of parameters, with the text it was read from."""

    id: str
    title: str
    start: date
    end: date | None
    documents: Mapping[str, Mapping[str, Any]]
    parameters: Mapping[str, Parameter]
    text: str = field(repr=False, default="")
    _days: dict[date, Day] = field(default_factory=dict, repr=False, compare=False)

    @cached_property
    def digest(self) -> str:
        """SHA-256 of the text; two packs with one digest decide alike."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    def value(self, key: str, on: date) -> Any:
        return self.parameters[key].at(on).value

    @property
    def draw_tiers(self) -> dict[str, int]:
        """Tier of the draw by group, smaller first; ``none`` for households in no group."""
        latest = self.parameters["draw.tiers"].dated[-1].value
        return {group: int(tier) for group, tier in latest.items()}

    def op(self, key: str) -> str:
        return self.parameters[key].op

    def is_unverified(self, key: str, on: date) -> bool:
        return self.parameters[key].at(on).mark == UNVERIFIED

    def day(self, on: date) -> Day:
        """Every value of a day at once. Raises PolicyError if one has none."""
        if on not in self._days:
            if len(self._days) > 400:  # a year's days at a time are plenty
                self._days.clear()
            self._days[on] = self._read_day(on)
        return self._days[on]

    def _read_day(self, on: date) -> Day:
        return Day(
            values={key: self.value(key, on) for key in self.parameters},
            ops={key: one.op for key, one in self.parameters.items()},
            citations={key: self.citation(key, on) for key in self.parameters},
            unverified=frozenset(self.unverified_keys(on)),
        )

    def citation(self, key: str, on: date) -> str:
        """Clause and document of a value as printed: 《…》第7条（YZ-DEMO-2021，未核实）."""
        parameter = self.parameters[key]
        dated = parameter.at(on)
        document = self.documents.get(dated.source, {})
        named = document.get("title", "") if dated.source else ""
        number = f"（{document['number']}）" if document.get("number") else ""
        clause = f"《{named}》{dated.article}" if dated.article else parameter.clause
        source = f"；{named}{number}" if named and named not in clause else ""
        mark = "，未核实" if dated.mark == UNVERIFIED else ""
        return f"{clause}{source}（{self.id}{mark}）"

    def provenance(self, key: str, on: date) -> dict[str, str]:
        """Where a value stands: what a page shows beside it, every part as text, '' for none."""
        parameter = self.parameters[key]
        dated = parameter.at(on)
        document = self.documents.get(dated.source, {})
        return {
            "key": key,
            "description": parameter.description,
            "unit": parameter.unit,
            "since": dated.start.isoformat(),
            "clause": parameter.clause,
            "article": dated.article,
            "mark": dated.mark,
            "note": dated.note,
        } | {part: str(document.get(part) or "") for part in ("title", "number", "link", "read")}

    def unverified_keys(self, on: date) -> list[str]:
        """What a banner must name: values that nobody has checked against a document."""
        return [key for key in self.parameters if self.is_unverified(key, on)]


def load(source: str | Path) -> Policy:
    """A policy from YAML text, or from a path. Raises PolicyError with line, value and fault."""
    from applications.eligibility import pack  # the loader builds what stands here

    if not isinstance(source, Path) and "\n" in source:
        return pack.read(str(source))
    path = Path(source)
    try:
        return pack.read(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise PolicyError(f"{path.name}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise PolicyError(f"{path.name}: is not UTF-8 text") from None


@cache
def shipped() -> dict[str, Policy]:
    """The packs of the repository by id, the oldest first."""
    packs = [load(path) for path in sorted(PACKS.glob("*.yaml"))]
    return {pack.id: pack for pack in sorted(packs, key=lambda pack: pack.start)}


def default_for(on: date) -> Policy:
    """The pack in force on a day; before the first and after the last, the nearest."""
    packs = list(shipped().values())
    in_force = [pack for pack in packs if pack.start <= on]
    return in_force[-1] if in_force else packs[0]


def find(name: str) -> Policy:
    """A shipped pack by its id, or a pack at a path. Raises PolicyError."""
    if name in shipped():
        return shipped()[name]
    if Path(name).is_file():
        return load(Path(name))
    known = ", ".join(shipped())
    raise PolicyError(f"policy {name!r}: neither a pack ({known}) nor a file")
