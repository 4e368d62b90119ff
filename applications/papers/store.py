"""Where papers lie (材料存放): outside the web root, sealed under the field keys, by random names.

The name of a file is part of its seal, so that one file cannot be put in another's place. Files
are written before their row and removed after it: a file without a row is swept, a row without a
file does not come about.
"""

import os
import secrets
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from django.conf import settings
from django.db import transaction

from core.identity import ciphers

_TABLE = "applications_paper"


class PaperGone(Exception):
    """The file is not where its row says, or was altered."""


def keep(content: bytes) -> str:
    """Seals and writes a file; its name. Nothing is left behind if the transaction fails."""
    name = secrets.token_hex(20)
    place = path_of(name)
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    half = place.with_suffix(".half")
    handle = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(ciphers.seal(content, context=_context(name)))
    half.rename(place)
    return name


def read(name: str) -> bytes:
    """The content of a kept file. Raises PaperGone."""
    try:
        return ciphers.unseal(path_of(name).read_bytes(), context=_context(name))
    except (OSError, ciphers.CannotDecrypt) as error:
        raise PaperGone(name) from error


def drop(*names: str) -> None:
    """Removes files once the transaction has ended well."""
    transaction.on_commit(lambda: discard(*names))


def discard(*names: str) -> None:
    """Removes files at once."""
    for name in filter(None, names):
        path_of(name).unlink(missing_ok=True)


def path_of(name: str) -> Path:
    """The place of a file. ValueError for what is no name of ours."""
    if len(name) != 40 or not set(name) <= set("0123456789abcdef"):
        raise ValueError("not the name of a paper")
    return Path(settings.MEDIA_ROOT) / name[:2] / name


def forgotten(known: Collection[str], *, older_than: float) -> Iterator[Path]:
    """Files that no row names, written more than ``older_than`` seconds ago."""
    limit = time.time() - older_than  # noqa: TID251  (age of a file: the system's own clock)
    for one in Path(settings.MEDIA_ROOT).glob("??/*"):
        if one.is_file() and one.name not in known and one.stat().st_mtime < limit:
            yield one


def _context(name: str) -> str:
    return f"{_TABLE}.{name}"
