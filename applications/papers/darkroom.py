"""The darkroom (冲洗): what was handed in becomes clean page pictures, or a sentence says why not.

Files from outside are opened only in a child process with limits of memory and time, without
database, keys or environment; the parent never parses them. See docs/adr/0015-papers.md.
"""

import json
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _

from core.refusals import Refusal

_INNER_ROOM = Path(__file__).with_name("develop.py")
_WAIT = 40  # seconds of wall clock, on a busy machine
_MEGABYTE = 1 << 20
PAPER, PLACE = "paper", "place"  # what a photo is to show: words, or a room and what is in it


class PaperRefused(Refusal):
    """The file cannot be taken, or the paper may not be touched now."""


@dataclass(frozen=True)
class Picture:
    """One page as JPEG, upright and without metadata; sizes in pixels."""

    content: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Developed:
    """What a file showed: its real type and its pages."""

    kind: str
    pages: list[Picture]


def develop(content: bytes, *, most: int, shows: str = PAPER) -> Developed:
    """The pages of a JPEG, PNG, WebP or PDF file. Raises PaperRefused with the way out.

    ``most`` is how many pages may come; ``shows`` is PAPER or PLACE, for what is said of a photo
    on which nothing can be made out.
    """
    refuse_size(len(content))
    command = [sys.executable, "-I", str(_INNER_ROOM), str(most)]
    try:
        done = subprocess.run(
            command, input=content, capture_output=True, timeout=_WAIT, check=False,
            env={"PATH": "", "LANG": "C.UTF-8"}, close_fds=True,
        )  # fmt: skip
    except subprocess.TimeoutExpired as error:
        raise PaperRefused(_sentence("broken", most, shows)) from error
    head, _line, rest = done.stdout.partition(b"\n")
    told: dict[str, Any] = _head(head) if done.returncode == 0 else {"refused": "broken"}
    if code := told.get("refused"):
        raise PaperRefused(_sentence(code, most, shows))
    return Developed(told["kind"], _cut(told["pages"], rest))


def refuse_size(size: int) -> None:
    """Raises PaperRefused for an empty file or one over the limit (standard sentence 28)."""
    if size > settings.PAPER_MOST_BYTES:
        raise PaperRefused(
            _("文件%(size)sMB，最大%(max)sMB；直接拍照会自动缩小。")
            % {"size": megabytes(size), "max": megabytes(settings.PAPER_MOST_BYTES)},
            "files",
        )
    if size <= 0:
        raise PaperRefused(_("这个文件是空的。请重新选一个，或者直接拍照。"), "files")


def _head(line: bytes) -> dict[str, Any]:
    try:
        told = json.loads(line)
    except ValueError:
        return {"refused": "broken"}
    return told if isinstance(told, dict) else {"refused": "broken"}


def _cut(sizes: list[list[int]], rest: bytes) -> list[Picture]:
    pages, at = [], 0
    for size, width, height in sizes:
        pages.append(Picture(rest[at : at + size], width, height))
        at += size
    return pages


def _sentence(code: str, most: int, shows: str) -> str:
    """Why a file was not taken, and what to do."""
    if code == "unreadable" and shows == PLACE:
        return _("照片太暗或者太小，看不清里面。请开灯，或者在亮处再拍一张。")
    return {
        "empty": _("这个文件是空的。请重新选一个，或者直接拍照。"),
        "unknown_type": _("只能收照片（JPEG、PNG、WebP）和PDF。别的文件请拍成照片。"),
        "heic": _("这种照片格式（HEIC）读不了。请在这里直接拍照，或把相机格式改成“兼容性最佳”。"),
        "unreadable": _("照片看不清文字，请在亮处再拍，四个角都拍进去。"),
        "too_many_pixels": _("照片的尺寸太大，打不开。请直接拍照，会自动缩小。"),
        "too_many_pages": _("一样材料最多%(n)d页，请删掉不需要的页，或分成几份。") % {"n": most},
        "locked": _("这个PDF有密码，打不开。请去掉密码，或拍成照片。"),
    }.get(code, _("这个文件打不开，可能没有传完整。请重新拍照或换一个文件。"))


def megabytes(size: int) -> str:
    """A size in bytes as megabytes with at most one decimal."""
    return f"{size / _MEGABYTE:.1f}".removesuffix(".0")
