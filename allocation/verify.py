"""核验 The platform's verifier of a published draw (section 5).

`verify(path)` never raises on what it finds there: each check is named with pass or fail.
A check that an earlier fault makes impossible is a failed one.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from allocation import bundle, draw, shape
from allocation.shape import Malformed

PARTS = ("roster", "reveal", "result")
NAMES = (
    "files",
    "canonical_roster",
    "canonical_reveal",
    "canonical_result",
    "fields_roster",
    "fields_reveal",
    "fields_result",
    "same_round",
    "roster_digest",
    "entropy_format",
    "commitment",
    "seed",
    "order",
    "assignment",
    "no_home_twice",
    "no_ticket_twice",
    "homes_permitted",
    "entrants_complete",
)


@dataclass(frozen=True)
class Check:
    """One named check: did it pass, and if not, what was found (in English, for a log)."""

    name: str
    passed: bool
    detail: str = ""


class _Failed(Exception):
    """A check found what it looks for."""


def verify(path: str | Path) -> list[Check]:
    """Every check of section 5, by name, for the bundle in the folder or zip at `path`."""
    try:
        files = bundle.read(path)
    except Malformed as error:
        return _nothing_to_check(str(error))
    return verify_files(files)


def _nothing_to_check(fault: str) -> list[Check]:
    rest = [Check(name, False, "no bundle to check") for name in NAMES[1:]]
    return [Check("files", False, fault), *rest]


def passed(checks: Sequence[Check]) -> bool:
    """True only when every check of section 5 was made and passed."""
    return [check.name for check in checks] == list(NAMES) and all(c.passed for c in checks)


def verify_files(files: Mapping[str, bytes]) -> list[Check]:
    """As `verify`, for the three files already in memory (`bundle.NAMES`)."""
    if sorted(files) != sorted(bundle.NAMES):
        fault = "a bundle has exactly roster.json, reveal.json and result.json"
        return _nothing_to_check(fault)
    examined = _Bundle(files)
    return [_run(name, _CHECKS[name], examined) for name in NAMES]


def _run(name: str, check: Callable[["_Bundle"], None], examined: "_Bundle") -> Check:
    try:
        check(examined)
    except _Failed as found:
        return Check(name, False, str(found))
    except ValueError as found:  # Malformed, NotCanonical
        return Check(name, False, str(found))
    except (RecursionError, MemoryError) as found:
        return Check(name, False, f"beyond any real bundle: {type(found).__name__}")
    return Check(name, True)


class _Bundle:
    """What was read, each part present only if it could be read."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.bytes = files
        self._faults: dict[str, str] = {}
        self._values = {
            "roster": self._read("roster", shape.refuse_bad_roster),
            "reveal": self._read("reveal", shape.refuse_bad_reveal),
            "result": self._read("result", shape.refuse_bad_result),
        }
        self._homes: dict[str, str | None] | None = None
        self._seed: bytes | None = None

    def _read(self, part: str, refuse: Callable[[Any], None]) -> Any:
        data = self.bytes[f"{part}.json"]
        try:
            value = shape.parse(data)
            if not self._is_as_it_should_be(part, value, refuse):
                shape.refuse_if_too_deep(data)
        except Malformed as error:
            self._faults[f"parse_{part}"] = str(error)
            return None
        return None if self.fault("fields", part) else value

    def _is_as_it_should_be(self, part: str, value: Any, refuse: Callable[[Any], None]) -> bool:
        try:
            shape.refuse_if_not_canonical(value, self.bytes[f"{part}.json"])
        except Malformed as error:
            self._faults[f"canonical_{part}"] = str(error)
        try:
            refuse(value)
        except Malformed as error:
            self._faults[f"fields_{part}"] = str(error)
        return not self.fault("canonical", part) and not self.fault("fields", part)

    def fault(self, kind: str, part: str) -> str:
        return self._faults.get(f"parse_{part}") or self._faults.get(f"{kind}_{part}", "")

    def __getitem__(self, part: str) -> Any:
        if self._values[part] is None:
            raise _Failed(f"{part}.json cannot be used")
        return self._values[part]

    @property
    def seed(self) -> bytes:
        """The seed as it should be, never the one that is claimed (section 2)."""
        if self._seed is None:
            self["roster"]  # a seed over an unusable roster proves nothing
            reveal = self["reveal"]
            self._seed = draw.seed(
                self.bytes["roster.json"], bytes.fromhex(reveal["secret"]), reveal["entropy"]
            )
        return self._seed

    @property
    def homes(self) -> dict[str, str | None]:
        """Ticket → home as it should be, in the order as it should be (sections 3 and 4)."""
        if self._homes is None:
            self._homes = draw.assign(self["roster"], self.seed)
        return self._homes

    @property
    def assignments(self) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self["result"]["assignments"]
        return rows


def _files(b: _Bundle) -> None:
    """Passed already: with other files there is no bundle to examine."""


def _no_fault(kind: str, part: str) -> Callable[[_Bundle], None]:
    def check(b: _Bundle) -> None:
        if fault := b.fault(kind, part):
            raise _Failed(fault)

    return check


def _same_round(b: _Bundle) -> None:
    roster, result = b["roster"], b["result"]
    for name in ("protocol", "round"):
        if roster[name] != result[name]:
            raise _Failed(f"the {name} differs between roster.json and result.json")


def _roster_digest(b: _Bundle) -> None:
    b["roster"]
    actual = hashlib.sha256(b.bytes["roster.json"]).hexdigest()
    if b["result"]["roster_sha256"] != actual:
        raise _Failed(f"the roster's digest is {actual}, result.json says otherwise")


def _entropy_format(b: _Bundle) -> None:
    if not shape.entropy_matches(b["roster"]["entropy_source"]["format"], b["reveal"]["entropy"]):
        raise _Failed("the public value does not match the format fixed at the freeze")


def _commitment(b: _Bundle) -> None:
    secret = bytes.fromhex(b["reveal"]["secret"])
    if draw.commitment(secret) != b["roster"]["secret_commitment"]:
        raise _Failed("the revealed secret is not the one committed to")


def _seed(b: _Bundle) -> None:
    expected = b.seed.hex()
    for part in ("reveal", "result"):
        if b[part]["seed"] != expected:
            raise _Failed(f"the seed is {expected}, {part}.json says otherwise")


def _order(b: _Bundle) -> None:
    expected = list(b.homes)
    for index, row in enumerate(b.assignments):
        if row["position"] != index + 1:
            raise _Failed(f"row {index + 1} carries position {row['position']}")
        if index >= len(expected) or row["ticket"] != expected[index]:
            raise _Failed(f"position {index + 1} does not belong to {row['ticket']}")
    if len(expected) != len(b.assignments):
        raise _Failed(f"{len(b.assignments)} positions for {len(expected)} entrants")


def _assignment(b: _Bundle) -> None:
    expected = b.homes
    for row in b.assignments:
        if row["ticket"] in expected and expected[row["ticket"]] != row["home"]:
            wanted = expected[row["ticket"]] or "none"
            raise _Failed(f"{row['ticket']}: home {row['home'] or 'none'}, should be {wanted}")
    if expected.keys() - {row["ticket"] for row in b.assignments}:
        raise _Failed("an entrant's assignment is missing")


def _twice(values: list[str]) -> str:
    return next((value for value, count in Counter(values).items() if count > 1), "")


def _no_home_twice(b: _Bundle) -> None:
    if home := _twice([row["home"] for row in b.assignments if row["home"] is not None]):
        raise _Failed(f"the home {home} is given twice")


def _no_ticket_twice(b: _Bundle) -> None:
    if ticket := _twice([row["ticket"] for row in b.assignments]):
        raise _Failed(f"the ticket {ticket} is drawn twice")


def _homes_permitted(b: _Bundle) -> None:
    types = {home["home"]: home["unit_type"] for home in b["roster"]["homes"]}
    permitted = {row["ticket"]: row["unit_types"] for row in b["roster"]["entrants"]}
    for row in b.assignments:
        if row["home"] is None:
            continue
        if row["home"] not in types:
            raise _Failed(f"the home {row['home']} is not in the roster")
        if types[row["home"]] not in permitted.get(row["ticket"], ()):
            raise _Failed(f"{row['ticket']} may not have {row['home']}")


def _entrants_complete(b: _Bundle) -> None:
    entered = {row["ticket"] for row in b["roster"]["entrants"]}
    drawn = {row["ticket"] for row in b.assignments}
    if entered - drawn:
        raise _Failed(f"{min(entered - drawn)} is missing from the result")
    if drawn - entered:
        raise _Failed(f"{min(drawn - entered)} is not in the roster")


_CHECKS: dict[str, Callable[[_Bundle], None]] = {
    "files": _files,
    **{f"canonical_{part}": _no_fault("canonical", part) for part in PARTS},
    **{f"fields_{part}": _no_fault("fields", part) for part in PARTS},
    "same_round": _same_round,
    "roster_digest": _roster_digest,
    "entropy_format": _entropy_format,
    "commitment": _commitment,
    "seed": _seed,
    "order": _order,
    "assignment": _assignment,
    "no_home_twice": _no_home_twice,
    "no_ticket_twice": _no_ticket_twice,
    "homes_permitted": _homes_permitted,
    "entrants_complete": _entrants_complete,
}
