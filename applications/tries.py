"""How often wrong codes may be typed (试错次数): a number in a quarter of an hour, then a pause."""

from django.core.cache import cache

_PAUSE = 900  # seconds; the sentences say 15 minutes


def spent(key: str, most: int) -> bool:
    """Whether this key has no try left."""
    return bool(cache.get(f"tries:{key}", 0) >= most)


def note(key: str) -> None:
    """Counts one wrong code. One that falls into the pause's last moment may go uncounted."""
    if not cache.add(f"tries:{key}", 1, _PAUSE):
        try:
            cache.incr(f"tries:{key}")
        except ValueError:  # it expired between the two
            cache.add(f"tries:{key}", 1, _PAUSE)
