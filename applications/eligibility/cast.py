"""Case (办件事实): a household, what it states, what the registers answered, on a day.

One entry of a cast file and one stored assessment's inputs are the same thing, so that a case can
be judged again at any time from what was known then.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from applications.eligibility import cast_text, cast_words
from applications.eligibility import settled as settlements
from applications.eligibility.schema import CATEGORIES, PROGRAMMES
from applications.eligibility.settled import Settled
from core.identity import kinship, numbers
from datashare import catalogue
from datashare.cells import Unreadable, day, id_text, text

CHANNELS = ("online", "window")
FAULTS = ("quota", "timeout", "http_500", "garbage", "empty", "stale")
RELATION_WORDS = {
    "本人": "01",
    "申请人": "01",
    "户主": "02",
    "配偶": "10",
    "夫": "11",
    "丈夫": "11",
    "妻": "12",
    "妻子": "12",
    "子": "20",
    "儿子": "20",
    "独生子": "21",
    "长子": "22",
    "次子": "23",
    "养子": "27",
    "继子": "27",
    "女": "30",
    "女儿": "30",
    "独生女": "31",
    "长女": "32",
    "次女": "33",
    "养女": "37",
    "继女": "37",
    "孙子": "41",
    "孙女": "42",
    "父母": "50",
    "父": "51",
    "父亲": "51",
    "母": "52",
    "母亲": "52",
    "兄": "71",
    "弟": "73",
    "姐": "75",
    "妹": "77",
    "其他": "80",
}


class CaseError(ValueError):
    """A case that cannot be read; the sentence names file, case and field."""


@dataclass(frozen=True, slots=True)
class Person:
    """家庭成员. ``relation`` to the applicant by GB/T 4761. An invalid number has no ``born``."""

    name: str
    id_number: str
    relation: str
    born: date | None

    @property
    def is_spouse(self) -> bool:
        return self.relation in kinship.SPOUSES

    @property
    def is_child(self) -> bool:
        return self.relation in kinship.CHILDREN

    def age(self, on: date) -> int | None:
        """Completed years on a day; None where the number gives no birth date."""
        return numbers.age_on(self.born, on) if self.born else None

    def is_minor(self, on: date) -> bool:
        return self.born is not None and not numbers.is_adult_on(self.born, on)


@dataclass(frozen=True, slots=True)
class Fault:
    """故障: a source that could not be used from a day to a day, both inclusive."""

    mode: str
    person: str
    start: date | None
    end: date | None

    def strikes(self, person: str, on: date) -> bool:
        if self.person and self.person != person:
            return False
        return (self.start is None or self.start <= on) and (self.end is None or on <= self.end)


@dataclass(frozen=True)
class Case:
    """One case. ``records`` by source and ID number asked; ``platform`` by ID number."""

    case: str
    as_of: date | None
    household: tuple[Person, ...]
    programme: str = "public_rental"
    category: str = ""
    channel: str = "online"
    guardian: Mapping[str, Any] | None = None
    declared: Mapping[str, Any] = field(default_factory=dict)
    records: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    platform: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    faults: Mapping[str, tuple[Fault, ...]] = field(default_factory=dict)
    recheck_of: str = ""
    settled: Settled = field(default_factory=Settled)
    raw: Mapping[str, Any] = field(default_factory=dict, repr=False, compare=False)

    @property
    def applicant(self) -> Person:
        return self.household[0]

    def person(self, id_number: str) -> Person | None:
        return next((one for one in self.household if one.id_number == id_number), None)

    @classmethod
    def from_dict(cls, raw: Any, where: str = "case") -> "Case":
        """A case from plain data. Raises CaseError with a sentence for the first fault found."""
        if not isinstance(raw, Mapping):
            raise CaseError(f"{where}: a case must be a mapping")
        label = text(raw.get("case"))
        where = f"{where}: case {label}" if label else where
        if not label:
            raise CaseError(f"{where}: field case is missing")
        if isinstance(raw["case"], (Mapping, list)):
            raise CaseError(f"{where}: field case must be a name")
        return cls(
            case=label,
            as_of=_day(raw.get("as_of"), f"{where}: field as_of"),
            household=_household(raw.get("household"), where),
            programme=_one_of(raw, "programme", PROGRAMMES, "public_rental", where),
            category=_one_of(raw, "category", CATEGORIES, "", where),
            channel=_one_of(raw, "channel", CHANNELS, "online", where),
            guardian=_mapping(raw.get("guardian"), f"{where}: field guardian") or None,
            declared=_declared(raw.get("declared"), where),
            records=_records(raw.get("records"), where),
            platform=_platform(raw.get("platform"), where),
            faults=_faults(raw.get("faults"), where),
            recheck_of=text(raw.get("recheck_of")),
            settled=_settled(raw.get("settled"), f"{where}: field settled"),
            raw=raw,
        )

    def to_dict(self) -> dict[str, Any]:
        """Plain data that from_dict reads back to an equal case."""
        plain: dict[str, Any] = {
            "case": self.case,
            "as_of": self.as_of.isoformat() if self.as_of else None,
            "programme": self.programme,
            "category": self.category or None,
            "channel": self.channel,
            "household": [
                {"name": one.name, "id_number": one.id_number, "relation": one.relation}
                for one in self.household
            ],
            "guardian": _plain(self.guardian),
            "declared": _plain(self.declared),
            "records": _plain(self.records),
            "platform": _plain(self.platform),
            "faults": {
                source: [_fault_dict(one) for one in faults]
                for source, faults in self.faults.items()
            },
        }
        plain |= {"recheck_of": self.recheck_of} if self.recheck_of else {}
        return plain | ({"settled": self.settled.to_dict()} if self.settled else {})


def load_file(path: str | Path) -> Iterator[tuple[Mapping[str, Any], Case]]:
    """The cases of a cast file in file order, each with its raw entry. Raises CaseError."""
    path = Path(path)
    try:
        entries = cast_text.documents(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise CaseError(f"{path.name}: cannot be read ({error.strerror})") from None
    except UnicodeDecodeError:
        raise CaseError(f"{path.name}: is not UTF-8 text") from None
    except cast_text.TextFault as fault:
        raise CaseError(f"{path.name}: {fault}") from None
    if all(one is None for one in entries):
        raise CaseError(f"{path.name}: lists no case")
    for number, entry in enumerate(_flatten(entries), start=1):
        where = f"{path.name}: entry {number}"
        case = Case.from_dict(entry, where)
        for sentence in cast_words.faults(case.declared, case.guardian):
            raise CaseError(f"{where}: case {case.case}: {sentence}")
        yield entry, case


def _flatten(documents: list[Any]) -> Iterator[Any]:
    """One list, one case a document, or ``cases:`` around the list."""
    for document in documents:
        if isinstance(document, Mapping) and "cases" in document and "household" not in document:
            document = document["cases"]
        if document is None:
            continue
        yield from document if isinstance(document, list) else [document]


_SOURCES = frozenset(one.code for one in catalogue.entries())


# -- Reading and refusing ----------------------------------------------------------------------


def _household(raw: Any, where: str) -> tuple[Person, ...]:
    if not isinstance(raw, list) or not raw:
        raise CaseError(f"{where}: field household must list at least the applicant")
    people = tuple(_person(one, place, where) for place, one in enumerate(raw))
    seen = [one.id_number for one in people]
    if len(set(seen)) != len(seen):
        raise CaseError(f"{where}: field household names one person twice")
    return people


def _person(raw: Any, place: int, where: str) -> Person:
    where = f"{where}: field household[{place}]"
    if not isinstance(raw, Mapping):
        raise CaseError(f"{where} must be a mapping with name, id_number and relation")
    for needed in ("name", "id_number"):
        if not text(raw.get(needed)):
            raise CaseError(f"{where}.{needed} is missing")
    number = id_text(raw["id_number"])
    return Person(text(raw["name"]), number, _relation(raw, place, where), _born(number))


def _relation(raw: Mapping[str, Any], place: int, where: str) -> str:
    written = text(raw.get("relation"))
    if not written and place == 0:
        return "01"
    code = RELATION_WORDS.get(written, written.zfill(2) if written.isdigit() else "")
    if len(code) != 2:
        raise CaseError(f"{where}.relation must be a code of GB/T 4761")
    return code


def _born(number: str) -> date | None:
    """The birth date of a valid number; of an invalid one IDENTITY speaks, not the reader."""
    try:
        return numbers.parse(number).birth_date
    except numbers.IdNumberError:
        return None


def _records(raw: Any, where: str) -> dict[str, dict[str, Any]]:
    found = {}
    for source, by_person in _mapping(raw, f"{where}: field records").items():
        if source not in _SOURCES:
            raise CaseError(f"{where}: field records: {source} is no source")
        people = _mapping(by_person, f"{where}: field records.{source}")
        found[source] = {id_text(number): rows for number, rows in people.items()}
    return found


def _platform(raw: Any, where: str) -> dict[str, dict[str, Any]]:
    found = {}
    for number, known in _mapping(raw, f"{where}: field platform").items():
        entry = dict(_mapping(known, f"{where}: field platform, one person"))
        _day(entry.get("ban_until"), f"{where}: field platform.ban_until")
        for key, value in entry.items():
            if isinstance(value, Mapping):
                _days_of(value, f"{where}: field platform.{key}")
        found[id_text(number)] = entry
    return found


def _declared(raw: Any, where: str) -> Mapping[str, Any]:
    declared = _mapping(raw, f"{where}: field declared")
    consent = declared.get("consent")
    for value in consent.values() if isinstance(consent, Mapping) else ():
        if isinstance(value, Mapping):
            _days_of(value, f"{where}: field declared.consent")
    return declared


def _settled(raw: Any, where: str) -> Settled:
    stated = _mapping(raw, where)
    try:
        return settlements.read(stated)
    except ValueError as fault:
        raise CaseError(f"{where}: {fault}") from None


def _days_of(entry: Mapping[Any, Any], where: str) -> None:
    """Refuse an entry whose dates are none, here and not in the middle of a rule."""
    for key in ("from", "to", "since", "until", "on", True, "date"):
        _day(entry.get(key), f"{where}.{'on' if key is True else key}")


def _faults(raw: Any, where: str) -> dict[str, tuple[Fault, ...]]:
    found = {}
    for source, faults in _mapping(raw, f"{where}: field faults").items():
        if source not in _SOURCES:
            raise CaseError(f"{where}: field faults: {source} is no source")
        listed = faults if isinstance(faults, list) else [faults]
        found[source] = tuple(_fault(one, f"{where}: field faults.{source}") for one in listed)
    return found


def _fault(raw: Any, where: str) -> Fault:
    if isinstance(raw, str):
        raw = {"mode": raw}
    mode = text(_mapping(raw, where).get("mode"))
    if mode not in FAULTS:
        raise CaseError(f"{where}.mode must be one of {', '.join(FAULTS)}")
    start = _day(raw.get("from"), f"{where}.from")
    end = _day(raw.get("to"), f"{where}.to", end=True)
    if start is not None and end is not None and end < start:
        raise CaseError(f"{where}.to is before from")
    return Fault(mode=mode, person=id_text(raw.get("person")), start=start, end=end)


def _fault_dict(fault: Fault) -> dict[str, str | None]:
    return {
        "mode": fault.mode,
        "person": fault.person or None,
        "from": fault.start.isoformat() if fault.start else None,
        "to": fault.end.isoformat() if fault.end else None,
    }


def _one_of(
    raw: Mapping[str, Any], key: str, allowed: tuple[str, ...], default: str, where: str
) -> str:
    value = text(raw.get(key)) or default
    if value and value not in allowed:
        raise CaseError(f"{where}: field {key} must be one of {', '.join(allowed)}")
    return value


def _mapping(raw: Any, where: str) -> Mapping[str, Any]:
    if raw is None or raw == "" or raw == []:
        return {}
    if not isinstance(raw, Mapping):
        raise CaseError(f"{where} must be a mapping")
    return raw


def _day(raw: Any, where: str, *, end: bool = False) -> date | None:
    try:
        return day(raw, end=end)
    except (Unreadable, ValueError):
        raise CaseError(f"{where} is not a date") from None


def _plain(value: Any) -> Any:
    """JSON-safe: dates as ISO text, tuples as lists, keys as text."""
    if isinstance(value, Mapping):
        return {"on" if key is True else str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    if isinstance(value, date):
        return value.isoformat()
    if value is None or isinstance(value, (str, int, float, bool)):
        return value
    return str(value)
