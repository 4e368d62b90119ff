"""A sample that anybody can draw again (抽查): from a recorded seed and the keys alone.

The seed is made when the set is fixed, from the system's own secrets, so that nobody who works on
the cases can know beforehand which will be looked at; it is kept beside the set.
"""

import secrets
from collections.abc import Iterable
from hashlib import sha256
from hmac import new as hmac
from math import ceil

_PARTS = 10_000  # in which a share is told


def new_seed() -> str:
    """64 hexadecimal characters."""
    return secrets.token_hex(32)


def size(total: int, *, share: int, minimum: int) -> int:
    """How many of ``total`` are drawn: ``share`` percent, at least ``minimum``, at most all."""
    return min(total, max(minimum, ceil(total * share / 100)))


def drawn(seed: str, keys: Iterable[int], count: int) -> list[int]:
    """``count`` of the keys: those with the smallest marks under the seed, whatever their order."""
    return sorted(set(keys), key=lambda key: (_mark(seed, key), key))[:count]


def is_drawn(seed: str, key: int, *, share: int) -> bool:
    """Whether one key falls under a share of so many percent."""
    return int(_mark(seed, key)[:16], 16) % _PARTS < share * _PARTS // 100


def _mark(seed: str, key: int) -> str:
    return hmac(seed.encode(), str(key).encode(), sha256).hexdigest()
