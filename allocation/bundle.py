"""公示包 The published folder or zip of a round: exactly three files (section 1).

Pure but for reading the path it is given. The zip is read and written here in the few forms
that are allowed (stored or deflated, no encryption, no extras), with every length bounded, so
that no file can make a verifier run wild.
"""

import stat
import struct
import zlib
from collections.abc import Mapping
from itertools import islice
from pathlib import Path

from allocation.shape import MAX_FILE, Malformed

NAMES = ("result.json", "reveal.json", "roster.json")

_LOCAL = struct.Struct("<4s5H3I2H")
_CENTRAL = struct.Struct("<4s6H3I5H2I")
_END = struct.Struct("<4s4H2IH")
_MAX_ZIP = 3 * MAX_FILE + 4096
_DOS_DATE = 0x21  # 1980-01-01: the zip of the same files is the same zip for ever
_PLAIN = (0, 8)  # the kind of file in a zip made on Unix: not said, or regular; no link
_ENCRYPTED = 0x1 | 0x40 | 0x2000


def read(path: str | Path) -> dict[str, bytes]:
    """The three files of the folder or zip at `path`; Malformed if it is anything else."""
    place = Path(path)
    try:
        if place.is_dir():
            return _read_folder(place)
        return unpack(_read_file(place.resolve(), _MAX_ZIP))
    except Malformed:
        raise
    except (OSError, ValueError, RuntimeError, MemoryError) as error:
        raise Malformed(f"cannot be read: {getattr(error, 'strerror', '') or 'error'}") from None


def _read_folder(folder: Path) -> dict[str, bytes]:
    _refuse_names([entry.name for entry in islice(folder.iterdir(), len(NAMES) + 1)])
    return {name: _read_file(folder / name, MAX_FILE) for name in NAMES}


def _refuse_names(found: list[str]) -> None:
    for name in found:
        if name not in NAMES:
            raise Malformed(f"holds the extra file {ascii(name)[:60]}")
        if found.count(name) > 1:
            raise Malformed(f"holds {name} twice")
    for name in NAMES:
        if name not in found:
            raise Malformed(f"lacks {name}")


def _read_file(path: Path, limit: int) -> bytes:
    """The bytes of a plain file no longer than `limit`; never follows a link or waits on a pipe."""
    if not stat.S_ISREG(path.lstat().st_mode):
        raise Malformed(f"{path.name!a} is not a plain file")
    with path.open("rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise Malformed(f"{path.name!a} is larger than {limit} bytes")
    return data


# --- Zip ------------------------------------------------------------------------------


def pack(files: Mapping[str, bytes]) -> bytes:
    """`bundle.zip`: the three files stored as they are; the same files give the same bytes."""
    _refuse_names(list(files))
    body, directory = bytearray(), bytearray()
    for name in NAMES:
        data = files[name]
        common = (20, 0, 0, 0, _DOS_DATE, zlib.crc32(data), len(data), len(data), len(name), 0)
        directory += _CENTRAL.pack(b"PK\1\2", 20, *common, 0, 0, 0, 0, len(body)) + name.encode()
        body += _LOCAL.pack(b"PK\3\4", *common) + name.encode() + data
    end = _END.pack(b"PK\5\6", 0, 0, 3, 3, len(directory), len(body), 0)
    return bytes(body + directory + end)


def unpack(data: bytes) -> dict[str, bytes]:
    """The three files in the bytes of a zip; Malformed for any other zip, or no zip."""
    try:
        return _unpack(data)
    except (struct.error, zlib.error, UnicodeDecodeError, IndexError):
        raise Malformed("is not a sound zip") from None


def _unpack(data: bytes) -> dict[str, bytes]:
    end_at = len(data) - _END.size
    if end_at < 0 or data[end_at : end_at + 4] != b"PK\5\6":
        raise Malformed("is neither a folder nor a zip")
    _, disk, first_disk, here, total, size, offset, comment = _END.unpack_from(data, end_at)
    if (disk, first_disk, comment) != (0, 0, 0) or here != total or offset + size != end_at:
        raise Malformed("is not a sound zip")
    if total != len(NAMES):
        raise Malformed(f"holds {total} entries, not {len(NAMES)}")
    files: dict[str, bytes] = {}
    names, at = [], offset
    for _ in NAMES:
        name, content, at = _entry(data, at)
        names.append(name)
        files[name] = content
    _refuse_names(names)
    if at != end_at:
        raise Malformed("is not a sound zip")
    return files


def _entry(data: bytes, at: int) -> tuple[str, bytes, int]:
    """One entry of the zip's directory: its name, its content, where the next one starts."""
    fields = _CENTRAL.unpack_from(data, at)
    signature, flags, method, crc, packed, length = (fields[i] for i in (0, 3, 4, 7, 8, 9))
    name_size, extra, comment, mode, local_at = (fields[i] for i in (10, 11, 12, 15, 16))
    start = at + _CENTRAL.size
    raw_name = data[start : start + name_size]
    name = raw_name.decode("ascii")
    if signature != b"PK\1\2" or flags & _ENCRYPTED or method not in (0, 8):
        raise Malformed(f"holds {name!a} in a form that is not allowed")
    if mode >> 28 not in _PLAIN:
        raise Malformed(f"{name!a} is not a plain file")
    if max(packed, length) > MAX_FILE:
        raise Malformed(f"{name!a} is larger than {MAX_FILE} bytes")
    content = _content(data, local_at, raw_name, method, packed, length)
    if len(content) != length or zlib.crc32(content) != crc:
        raise Malformed(f"{name!a} is damaged")
    return name, content, start + name_size + extra + comment


def _content(data: bytes, at: int, name: bytes, method: int, packed: int, length: int) -> bytes:
    fields = _LOCAL.unpack_from(data, at)
    start = at + _LOCAL.size
    if fields[0] != b"PK\3\4" or fields[3] != method or data[start : start + fields[9]] != name:
        raise Malformed("is not a sound zip")
    start += fields[9] + fields[10]
    raw = data[start : start + packed]
    if len(raw) != packed:
        raise Malformed("is cut off")
    if method == 0:
        return raw
    inflater = zlib.decompressobj(-15)
    content = inflater.decompress(raw, length + 1)
    if not inflater.eof or inflater.unused_data:
        raise Malformed(f"{name!a} is damaged")
    return content
