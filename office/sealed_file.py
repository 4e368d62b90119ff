"""Files that are sealed while they are written and opened while they are read (封存文件).

A file is a row of frames: four bytes of length, then a piece of about a mebibyte sealed under the
field keys. A frame's seal names the file, the frame's number and whether it is the last, so that a
frame cannot be moved, dropped or taken from another file, and a cut file does not pass for a whole.
Neither writing nor reading holds more than one piece.
"""

import hashlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from core.identity import ciphers

_PIECE = 1 << 20
_FOLDER = "exports"


class FileGone(Exception):
    """The file is not where its row says, or was altered."""


class SealedFile:
    """Takes bytes and seals them piece by piece; nothing readable touches the disk."""

    def __init__(self) -> None:
        self.name = secrets.token_hex(20)
        self.size = 0
        self._digest = hashlib.sha256()
        self._frames = 0
        self._waiting = bytearray()
        place = path_of(self.name)
        place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        handle = os.open(_half(self.name), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        self._file = os.fdopen(handle, "wb")

    def write(self, content: bytes) -> None:
        """Appends bytes."""
        self._digest.update(content)
        self.size += len(content)
        self._waiting += content
        while len(self._waiting) > _PIECE:
            piece, self._waiting = bytes(self._waiting[:_PIECE]), self._waiting[_PIECE:]
            self._frame(piece, last=False)

    def close(self) -> str:
        """Writes the last frame and puts the file in its place; the SHA-256 of what was written."""
        self._frame(bytes(self._waiting), last=True)
        self._file.close()
        _half(self.name).rename(path_of(self.name))
        return self._digest.hexdigest()

    def drop(self) -> None:
        """Leaves nothing behind."""
        self._file.close()
        _half(self.name).unlink(missing_ok=True)

    def _frame(self, piece: bytes, *, last: bool) -> None:
        sealed = ciphers.seal(piece, context=_context(self.name, self._frames, last=last))
        self._file.write(len(sealed).to_bytes(4, "big") + sealed)
        self._frames += 1


def read(name: str) -> Iterator[bytes]:
    """The content, piece by piece. Raises FileGone at the first altered one."""
    try:
        with path_of(name).open("rb") as file:
            number, head = 0, file.read(4)
            while head:
                sealed = file.read(int.from_bytes(head, "big"))
                head = file.read(4)
                context = _context(name, number, last=not head)
                yield ciphers.unseal(sealed, context=context)
                number += 1
    except (OSError, ciphers.CannotDecrypt) as error:
        raise FileGone(name) from error
    if not number:
        raise FileGone(name)


def is_there(name: str) -> bool:
    return bool(name) and path_of(name).is_file()


def discard(name: str) -> None:
    """Removes a file at once."""
    if name:
        path_of(name).unlink(missing_ok=True)
        _half(name).unlink(missing_ok=True)


def scratch() -> Path:
    """The folder, closed to others, in which a spreadsheet is put together before it is sealed."""
    folder = Path(settings.MEDIA_ROOT) / _FOLDER / "scratch"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    return folder


def path_of(name: str) -> Path:
    """The place of a file. ValueError for what is no name of ours."""
    if len(name) != 40 or not set(name) <= set("0123456789abcdef"):
        raise ValueError("not the name of an exported file")
    return Path(settings.MEDIA_ROOT) / _FOLDER / name


def _half(name: str) -> Path:
    return path_of(name).with_suffix(".half")


def _context(name: str, number: int, *, last: bool) -> str:
    return f"office_export.{name}.{number}.{'last' if last else 'more'}"
