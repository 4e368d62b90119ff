"""摇号 The draw YZ-DRAW-1: a pure function of a frozen roster, a secret and a public event.

Nothing here reads a clock, a database, a file or a source of randomness, so whoever holds
the published bundle computes the same result. Numbers in brackets are sections of
docs/draw-protocol.md. Who may draw, and when, is decided elsewhere (allocation.rounds).
"""

import hashlib
import hmac
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

PROTOCOL = "YZ-DRAW-1"
SAFE_INTEGER = 2**53 - 1

Row = Mapping[str, Any]


class NotCanonical(ValueError):
    """The value has no canonical JSON form (section 1)."""


# --- Canonical JSON (section 1) -------------------------------------------------------


def canonical(obj: object) -> bytes:
    """The canonical JSON bytes of `obj` (section 1); NotCanonical if it has none.

    Only dicts with text keys, lists, text, booleans, None and integers that every JSON
    reader keeps exactly (up to 2^53 - 1 either way). Areas and money are text.
    """
    _refuse_foreign_values(obj)
    return encode(obj)


def encode(obj: object) -> bytes:
    """As `canonical`, for a value known to hold permitted types only (fresh from a parser)."""
    try:
        text = json.dumps(
            obj, ensure_ascii=False, allow_nan=False, sort_keys=True, separators=(",", ":")
        )
        return text.encode("utf-8")
    except (UnicodeEncodeError, RecursionError, ValueError) as error:
        raise NotCanonical(f"no canonical form: {type(error).__name__}") from None


def _refuse_foreign_values(obj: object) -> None:
    pending = [obj]
    while pending:
        value = pending.pop()
        if isinstance(value, dict):
            if any(type(name) is not str for name in value):
                raise NotCanonical("a key is not text")
            pending.extend(value.values())
        elif isinstance(value, list | tuple):
            pending.extend(value)
        elif type(value) is int:
            if abs(value) > SAFE_INTEGER:
                raise NotCanonical("an integer is beyond 2^53 - 1")
        elif value is not None and type(value) not in (str, bool):
            raise NotCanonical(f"a {type(value).__name__} is not allowed")


# --- Commitment and seed (sections 1 and 2) -------------------------------------------


def commitment(secret: bytes) -> str:
    """Hex SHA-256 of the 32-byte secret, published in the roster before the event (section 1)."""
    if len(secret) != 32:
        raise ValueError("the secret has 32 bytes")
    return hashlib.sha256(secret).hexdigest()


def digest(data: bytes) -> str:
    """Hex SHA-256 of a file's bytes, as in `roster_sha256` (section 1)."""
    return hashlib.sha256(data).hexdigest()


def seed(roster_bytes: bytes, secret: bytes, entropy: str) -> bytes:
    """The 32-byte seed: the exact bytes of roster.json, the secret, the event (section 2)."""
    parts = (
        PROTOCOL.encode(),
        b"\x00",
        hashlib.sha256(roster_bytes).digest(),
        secret,
        entropy.encode("utf-8"),
    )
    return hashlib.sha256(b"".join(parts)).digest()


# --- Order (section 3) ----------------------------------------------------------------


def key(seed: bytes, kind: str, id: str) -> bytes:
    """The 32 bytes that place an "entrant" or a "home" in its order (section 3)."""
    return hmac.digest(seed, kind.encode() + b"\x00" + id.encode(), "sha256")


def order(roster: Row, seed: bytes) -> list[str]:
    """Every ticket in drawn order: by tier, then key, then ticket (section 3)."""
    return [entrant["ticket"] for entrant in _entrants_in_order(roster["entrants"], seed)]


def _entrants_in_order(entrants: Iterable[Row], seed: bytes) -> list[Row]:
    return sorted(
        entrants,
        key=lambda row: (row["tier"], key(seed, "entrant", row["ticket"]), row["ticket"]),
    )


def home_order(roster: Row, seed: bytes) -> list[str]:
    """Every home from the smallest rank to the largest (section 3)."""
    return [home["home"] for home in _homes_in_order(roster["homes"], seed)]


def _homes_in_order(homes: Iterable[Row], seed: bytes) -> list[Row]:
    return sorted(homes, key=lambda row: (key(seed, "home", row["home"]), row["home"]))


# --- Assignment (section 4) -----------------------------------------------------------


class _FreeHomes:
    """The homes nobody has yet, so arranged that each choice costs a few steps.

    A home is known by its rank (0 is the smallest). One ascending queue of ranks is kept per
    (estate, unit type, accessible) and one per (unit type, accessible). A home taken through
    one queue is skipped when it comes up in the other, so all choices together walk each
    queue once.
    """

    def __init__(self, homes: Sequence[Row]) -> None:
        self._taken = bytearray(len(homes))
        self._names: list[str] = [home["home"] for home in homes]
        self._queues: dict[tuple[str | None, str, bool], list[int]] = {}
        for rank in range(len(homes) - 1, -1, -1):  # reversed: the smallest rank is popped first
            home = homes[rank]
            for estate in (home["estate"], None):
                slot = (estate, home["unit_type"], home["accessible"])
                self._queues.setdefault(slot, []).append(rank)

    def choose(self, entrant: Row, accessible: tuple[bool, ...]) -> str | None:
        """Take the entrant's choice from the set of that accessibility, or None (section 4)."""
        types = entrant["unit_types"]
        for estate in self._estates(entrant):
            ranks = [r for r in self._smallest(estate, types, accessible) if r is not None]
            if ranks:
                return self._take(min(ranks))
        return None

    @staticmethod
    def _estates(entrant: Row) -> Iterator[str | None]:
        yield from entrant["preferences"]
        if entrant["any_estate"]:
            yield None

    def _smallest(
        self, estate: str | None, types: Iterable[str], accessible: tuple[bool, ...]
    ) -> Iterator[int | None]:
        for unit_type in types:
            for flag in accessible:
                yield self._head(self._queues.get((estate, unit_type, flag)))

    def _head(self, queue: list[int] | None) -> int | None:
        while queue and self._taken[queue[-1]]:
            queue.pop()
        return queue[-1] if queue else None

    def _take(self, rank: int) -> str:
        self._taken[rank] = 1
        return self._names[rank]


def assign(roster: Row, seed: bytes) -> dict[str, str | None]:
    """Ticket → home, or None for the reserve list; keys in drawn order (section 4)."""
    entrants = _entrants_in_order(roster["entrants"], seed)
    free = _FreeHomes(_homes_in_order(roster["homes"], seed))
    homes = {entrant["ticket"]: _phase_one(entrant, free) for entrant in entrants}
    for entrant in entrants:
        if homes[entrant["ticket"]] is None:
            homes[entrant["ticket"]] = free.choose(entrant, (False, True))
    return homes


def _phase_one(entrant: Row, free: _FreeHomes) -> str | None:
    """Accessible homes first for who needs one; all others leave them alone (section 4)."""
    if entrant["needs_accessible"]:
        return free.choose(entrant, (True,)) or free.choose(entrant, (False,))
    return free.choose(entrant, (False,))


# --- The published files (section 1) --------------------------------------------------


def reveal(roster_bytes: bytes, secret: bytes, entropy: str) -> dict[str, str]:
    """The content of reveal.json (section 1)."""
    return {
        "entropy": entropy,
        "secret": secret.hex(),
        "seed": seed(roster_bytes, secret, entropy).hex(),
    }


def result(roster_bytes: bytes, reveal: Row) -> dict[str, Any]:
    """The content of result.json, from the roster's bytes and the reveal (section 1).

    ValueError if the reveal's secret is not the one committed to, or its seed is not the
    seed of these bytes. The roster's shape is checked where it is frozen (allocation.shape).
    """
    roster = json.loads(roster_bytes)
    secret = bytes.fromhex(reveal["secret"])
    if commitment(secret) != roster["secret_commitment"]:
        raise ValueError("the secret is not the one committed to")
    drawn = seed(roster_bytes, secret, reveal["entropy"])
    if drawn.hex() != reveal["seed"]:
        raise ValueError("the seed does not follow from the roster, the secret and the event")
    homes = assign(roster, drawn)
    return {
        "protocol": PROTOCOL,
        "roster_sha256": digest(roster_bytes),
        "round": roster["round"],
        "seed": drawn.hex(),
        "assignments": [
            {"position": position, "ticket": ticket, "home": home}
            for position, (ticket, home) in enumerate(homes.items(), start=1)
        ],
    }
