"""Policies (政策参数): every number a rule reads, dated, with its source or marked unverified.

A pack is YAML. Each value says what it is, its unit and operator, the clause it carries out, and by
start date what it is and where that stands; the loader refuses anything else. A released policy
in the database is such a text, read by the same loader.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from itertools import pairwise
from pathlib import Path
from typing import Any

import yaml

PACKS = Path(__file__).parent / "policies"
NUMBER, WHOLE, TEXT, LIST, TABLE = "number", "whole", "text", "list", "table"
OPERATORS = ("<=", "<", ">=", ">")
UNVERIFIED = "unverified"
_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

# Every value that a rule reads, and its kind. A pack holds exactly these.
KNOWN: dict[str, str] = {
    "hukou.area": TEXT,
    "hukou.min_months": WHOLE,
    "housing.property_scope": LIST,
    "housing.area_per_person": NUMBER,
    "housing.small_household_persons": WHOLE,
    "housing.small_household_area": NUMBER,
    "housing.transfer_lookback_months": WHOLE,
    "housing.divorce_lookback_months": WHOLE,
    "housing.deed_tax_months": WHOLE,
    "income.base": NUMBER,
    "income.window_months": WHOLE,
    "income.ratio_low": NUMBER,
    "income.ratio_lower_middle": NUMBER,
    "income.ratio_new_employee": NUMBER,
    "income.ratio_migrant": NUMBER,
    "single.min_age": WHOLE,
    "single.exempt": LIST,
    "vehicle.count_max": WHOLE,
    "vehicle.value_max": NUMBER,
    "vehicle.exempt_uses": LIST,
    "company.capital_review_over": NUMBER,
    "deposit.per_person_review_over": NUMBER,
    "migrant.insured_months": WHOLE,
    "migrant.form": TEXT,
    "new_employee.degree_min": TEXT,
    "new_employee.graduated_within_months": WHOLE,
    "new_employee.insured_months": WHOLE,
    "units.by_persons": TABLE,
    "units.reference_area": TABLE,
    "rent.market": NUMBER,
    "rent.coefficient": TABLE,
    "subsidy.area_cap": NUMBER,
    "subsidy.area_floor": NUMBER,
    "subsidy.area_per_person": NUMBER,
    "subsidy.unit": NUMBER,
    "subsidy.coefficient": TABLE,
    "priority.order": LIST,
    "priority.lone_elder_age": WHOLE,
    "priority.elder_age": WHOLE,
    "priority.children": WHOLE,
    "priority.minor_children": WHOLE,
    "draw.tiers": TABLE,
    "publicity.eligibility_days": WHOLE,
    "publicity.roster_days": WHOLE,
    "publicity.allotment_days": WHOLE,
    "ban.deceit_years": WHOLE,
    "ban.sublet_years": WHOLE,
    "ban.decline_twice_years": WHOLE,
}
_PACK_KEYS = {"id", "title", "effective_from", "effective_to", "note", "documents", "values"}
_DOCUMENT_KEYS = {"title", "number", "link", "read"}
_VALUE_KEYS = {"description", "unit", "op", "clause", "values"}
_DATED_KEYS = {"from", "to", "value", "source", "mark", "note"}


class PolicyError(ValueError):
    """A pack that cannot be used: says which value and why."""


@dataclass(frozen=True, slots=True)
class Dated:
    """One value from a day on; ``source`` names a document of the pack, or ``mark`` unverified."""

    start: date
    end: date | None
    value: Any
    source: str
    mark: str


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

    @property
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

    def citation(self, key: str, on: date) -> str:
        """Clause and document of a value as printed: 《…》第7条（YZ-DEMO-2021，未核实）."""
        parameter = self.parameters[key]
        dated = parameter.at(on)
        document = self.documents.get(dated.source, {})
        named = document.get("title", "") if dated.source else ""
        number = f"（{document['number']}）" if document.get("number") else ""
        source = f"；{named}{number}" if named and named not in parameter.clause else ""
        mark = "，未核实" if dated.mark == UNVERIFIED else ""
        return f"{parameter.clause}{source}（{self.id}{mark}）"

    def unverified_keys(self, on: date) -> list[str]:
        """What a banner must name: values that nobody has checked against a document."""
        return [key for key in self.parameters if self.is_unverified(key, on)]


def load(source: str | Path) -> Policy:
    """A policy from YAML text, or from a path. Raises PolicyError with the value and the fault."""
    is_path = isinstance(source, Path) or "\n" not in source
    if is_path:
        path = Path(source)
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            raise PolicyError(f"{path.name}: cannot be read ({error.strerror})") from None
    else:
        text = str(source)
    return _read(text)


@lru_cache(maxsize=64)
def _read(text: str) -> Policy:
    """A text is immutable and so is its policy; replay reads one text thousands of times."""
    try:
        raw = yaml.load(text, Loader=_LOADER)
    except yaml.YAMLError as error:
        raise PolicyError(f"not YAML: {error}") from None
    return _policy(raw, text)


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


# -- Reading and refusing ----------------------------------------------------------------------


def _policy(raw: Any, text: str) -> Policy:
    if not isinstance(raw, Mapping):
        raise PolicyError("a pack is a mapping with id, effective_from, documents and values")
    _only(raw, _PACK_KEYS, "pack")
    documents = raw.get("documents") or {}
    for code, document in documents.items():
        _only(document, _DOCUMENT_KEYS, f"documents.{code}")
    values = raw.get("values") or {}
    _complete(values)
    start, end = _day(raw.get("effective_from"), "effective_from"), raw.get("effective_to")
    parameters = {key: _parameter(key, values[key], documents, start) for key in KNOWN}
    if not raw.get("id"):
        raise PolicyError("pack: id is missing")
    return Policy(
        id=str(raw["id"]),
        title=str(raw.get("title", raw["id"])),
        start=start,
        end=_day(end, "effective_to") if end else None,
        documents=documents,
        parameters=parameters,
        text=text,
    )


def _complete(values: Any) -> None:
    _only(values, set(KNOWN), "values")
    missing = [key for key in KNOWN if key not in values]
    if missing:
        raise PolicyError(f"values: missing {', '.join(missing)}")


def _parameter(key: str, raw: Any, documents: Mapping[str, Any], start: date) -> Parameter:
    _only(raw, _VALUE_KEYS, key)
    for needed in ("description", "unit", "clause", "values"):
        if not raw.get(needed):
            raise PolicyError(f"{key}: {needed} is missing")
    op = str(raw.get("op", ""))
    if op and op not in OPERATORS:
        raise PolicyError(f"{key}: op must be one of {' '.join(OPERATORS)}")
    dated = tuple(_dated(key, one, documents) for one in raw["values"])
    _in_order(key, dated, start)
    return Parameter(key, raw["description"], raw["unit"], op, raw["clause"], dated)


def _dated(key: str, raw: Any, documents: Mapping[str, Any]) -> Dated:
    _only(raw, _DATED_KEYS, key)
    source, mark = str(raw.get("source") or ""), str(raw.get("mark") or "")
    if not source and not mark:
        raise PolicyError(f"{key}: a value has neither source nor mark")
    if source and source not in documents:
        raise PolicyError(f"{key}: source {source} is no document of the pack")
    if mark and mark != UNVERIFIED:
        raise PolicyError(f"{key}: mark can only be {UNVERIFIED}")
    if "value" not in raw:
        raise PolicyError(f"{key}: value is missing")
    end = _day(raw["to"], f"{key}.to") if raw.get("to") else None
    start = _day(raw.get("from"), f"{key}.from")
    return Dated(start, end, _value(key, raw["value"]), source, mark)


def _in_order(key: str, dated: tuple[Dated, ...], start: date) -> None:
    """No overlap, no gap, and a value from the pack's first day on."""
    if dated[0].start > start:
        raise PolicyError(f"{key}: no value on the pack's first day {start.isoformat()}")
    for one, after in pairwise(dated):
        if after.start <= one.start or (one.end and after.start <= one.end):
            raise PolicyError(f"{key}: values overlap at {after.start.isoformat()}")
        if one.end and after.start > one.end + timedelta(days=1):
            raise PolicyError(f"{key}: no value after {one.end.isoformat()}")


def _value(key: str, raw: Any) -> Any:
    kind = KNOWN[key]
    try:
        if kind == NUMBER:
            return Decimal(str(raw))
        if kind == WHOLE and isinstance(raw, int) and not isinstance(raw, bool):
            return raw
        if kind == TEXT and isinstance(raw, (str, int)):
            return str(raw)
        if kind == LIST and isinstance(raw, list):
            return tuple(str(one) for one in raw)
        if kind == TABLE and isinstance(raw, Mapping):
            return {str(name): _entry(one) for name, one in raw.items()}
    except InvalidOperation:
        pass
    raise PolicyError(f"{key}: the value must be a {kind}")


def _entry(raw: Any) -> Any:
    return tuple(str(one) for one in raw) if isinstance(raw, list) else Decimal(str(raw))


def _day(raw: Any, where: str) -> date:
    if isinstance(raw, date):
        return raw
    try:
        return date.fromisoformat(str(raw))
    except ValueError:
        raise PolicyError(f"{where}: not a date") from None


def _only(raw: Any, allowed: set[str], where: str) -> None:
    if not isinstance(raw, Mapping):
        raise PolicyError(f"{where}: must be a mapping")
    unknown = sorted(str(key) for key in raw if key not in allowed)
    if unknown:
        raise PolicyError(f"{where}: unknown {', '.join(unknown)}")
