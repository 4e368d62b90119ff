"""Letters (文书): printed sheets as PDF/A, set by typst from a template and plain data.

Data reach the template as JSON input, so that text never becomes markup. A template imports the
common frame by ``#import "/applications/letters/layout.typ": letter``.
"""

import hmac
import json
import struct
from functools import cache
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any

import pylopdf_fonts_zh_cn as fonts
import segno
import typst
from django.conf import settings

from core import clock

FOLDER = Path(__file__).parent
ROOT = settings.BASE_DIR
OFFICE = "宁波市鄞州区住房和城乡建设局"
PHONE: str = settings.OFFICE_PHONE
SIGNS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"  # nothing that is read as something else


def pdf(
    template: str | Path, data: dict[str, Any], *, language: str = "zh", check: str = ""
) -> bytes:
    """The PDF of a template: a name in this folder, or a .typ file of another app.

    ``data`` holds texts, numbers and lists. ``check`` is the code to verify the sheet by; it is
    printed beside its QR. Signs that the font lacks are listed on the sheet. Raises
    typst.TypstError for a broken template.
    """
    source = template if isinstance(template, Path) else FOLDER / f"{template}.typ"
    full = {
        "office": OFFICE,
        "phone": PHONE,
        "language": language,
        "printed": clock.now().astimezone(clock.LOCAL).strftime("%Y-%m-%d %H:%M"),
        "check": check,
        "qr": qr(f"{getattr(settings, 'SITE_URL', '')}/letter/?code={check}") if check else "",
        "qr_label": "验真码",
        **data,
    }
    text = json.dumps(full, ensure_ascii=False, default=str)
    missing = missing_signs(text)
    return typst.compile(
        str(source),
        root=str(ROOT),
        font_paths=[str(Path(fonts.sans_path()).parent)],
        ignore_system_fonts=True,
        sys_inputs={"data": _with_gaps(text, missing)},
        pdf_standards="a-2b",
        format="pdf",
        timestamp=int(clock.now().timestamp()),
    )


def _with_gaps(text: str, missing: list[str]) -> str:
    """The data with 〓 in place of what cannot be printed, and the code points to write in."""
    for sign in missing:
        text = text.replace(sign, "〓")
    points = "、".join(f"U+{ord(sign):04X}" for sign in missing)
    return json.dumps({**json.loads(text), "missing": points}, ensure_ascii=False)


def check_code(number: str) -> str:
    """The number with six signs that only this office can make: YZ2026-000123-7K3Q9D."""
    digest = hmac.new(settings.SECRET_KEY.encode(), f"letter\0{number}".encode(), sha256).digest()
    return f"{number}-{''.join(SIGNS[byte % len(SIGNS)] for byte in digest[:6])}"


def is_genuine(code: str) -> bool:
    """Whether a code on a sheet was made by this office."""
    number, _dash, _signs = code.strip().upper().rpartition("-")
    return bool(number) and hmac.compare_digest(check_code(number), code.strip().upper())


def missing_signs(text: str) -> list[str]:
    """Characters that the font cannot print; rare characters of names are printed by hand."""
    known = _covered()
    return sorted({sign for sign in text if ord(sign) > 0x7F and ord(sign) not in known})


def qr(text: str) -> str:
    """A QR code as SVG, for a sheet whose code is not one to verify by."""
    image = BytesIO()
    segno.make(text, error="m").save(image, kind="svg", border=0, xmldecl=False)
    return image.getvalue().decode()


@cache
def _covered() -> frozenset[int]:
    """Code points in the font's own map (table cmap, format 12)."""
    content = Path(fonts.sans_path()).read_bytes()
    tables = struct.unpack_from(">H", content, 4)[0]
    for entry in range(tables):
        tag, _sum, start, _length = struct.unpack_from(">4sIII", content, 12 + 16 * entry)
        if tag == b"cmap":
            return frozenset(_mapped(content, start))
    raise ValueError("the font has no cmap")


def _mapped(content: bytes, start: int) -> list[int]:
    for entry in range(struct.unpack_from(">H", content, start + 2)[0]):
        offset = start + struct.unpack_from(">I", content, start + 4 + 8 * entry + 4)[0]
        if struct.unpack_from(">H", content, offset)[0] == 12:
            groups = struct.unpack_from(">I", content, offset + 12)[0]
            rows = struct.iter_unpack(">III", content[offset + 16 : offset + 16 + 12 * groups])
            return [code for first, last, _glyph in rows for code in range(first, last + 1)]
    raise ValueError("the font's cmap has no format 12")
