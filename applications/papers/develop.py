"""The darkroom's inner room: one hostile file on standard input, clean page pictures out.

Runs as a process of its own with little memory, little time, no database and no secrets; see
`darkroom`. What leaves it was drawn anew: no metadata (EXIF, GPS), no script, no second format
hidden behind the first survives. Output: one line of JSON, then the pictures one after another.
"""

import io
import json
import resource
import sys
import tempfile
import warnings
from pathlib import Path

from PIL import Image, ImageFile, ImageOps, ImageStat

SECONDS = 20
MEMORY = 3 << 30  # bytes of address space; a rendered A4 page needs far less
LONGEST = 2400  # pixels: an A4 page stays readable at four times its size
MOST_PIXELS = 60_000_000
SHORTEST = 320  # pixels: below it no writing can be read
FLAT = 2.0  # standard deviation of a picture that shows nothing
QUALITY = 82
PPI = 170.0
_PAGE = """#set page(width: auto, height: auto, margin: 0pt, fill: white)
#let file = "paper.pdf"
#for n in range(1, int(sys.inputs.pages) + 1) {
  if n > 1 { pagebreak() }
  context {
    let size = measure(image(file, page: n))
    let k = calc.min(297mm / size.width, 297mm / size.height)
    image(file, page: n, width: size.width * k)
  }
}
"""
_PROBE = """#let wide = context [#metadata(
  measure(image("paper.pdf", page: int(sys.inputs.page))).width.pt()
) <w>]
#wide
"""


class Refused(Exception):
    """The file cannot be taken; the code says why."""


def kind_of(content: bytes) -> str:
    """The real type by the first bytes; the name and what the browser said count for nothing."""
    if content[:3] == b"\xff\xd8\xff":
        return "image/jpeg"
    if content[:8] == b"\x89PNG\r\n\x1a\n":
        return "image/png"
    if content[:4] == b"RIFF" and content[8:12] == b"WEBP":
        return "image/webp"
    if content[:5] == b"%PDF-":
        return "application/pdf"
    if content[4:8] == b"ftyp" and content[8:12] in (b"heic", b"heix", b"hevc", b"mif1", b"msf1"):
        raise Refused("heic")
    raise Refused("empty" if not content else "unknown_type")


def pages_of(content: bytes, kind: str, most: int) -> list[tuple[bytes, int, int]]:
    """JPEG, width and height of each page. Raises Refused."""
    if kind == "application/pdf":
        pictures = _pdf(content, most)
    else:
        pictures = [_open(content, kind.partition("/")[2].upper())]
    return [_finish(one) for one in pictures]


def _open(content: bytes, format: str) -> Image.Image:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            picture = Image.open(io.BytesIO(content), formats=[format])
            if picture.width * picture.height > MOST_PIXELS:
                raise Refused("too_many_pixels")
            if format == "JPEG":
                picture.draft("RGB", (LONGEST, LONGEST))
            picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused("too_many_pixels") from error
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise Refused("broken") from error
    return ImageOps.exif_transpose(picture) or picture


def _finish(picture: Image.Image) -> tuple[bytes, int, int]:
    """Small enough, without transparency, without metadata."""
    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        ground = Image.new("RGBA", picture.size, "white")
        picture = Image.alpha_composite(ground, picture.convert("RGBA"))
    elif picture.mode.startswith("I") or picture.mode == "F":
        picture = ImageOps.autocontrast(picture.convert("F").convert("L"))
    picture = picture.convert("RGB")
    if min(picture.size) < SHORTEST:
        raise Refused("unreadable")
    if max(picture.size) > LONGEST:
        picture.thumbnail((LONGEST, LONGEST), Image.Resampling.LANCZOS)
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=QUALITY, optimize=True)
    return kept.getvalue(), picture.width, picture.height


def _is_flat(picture: Image.Image) -> bool:
    return max(ImageStat.Stat(picture.convert("L")).stddev) < FLAT


def _pdf(content: bytes, most: int) -> list[Image.Image]:
    import typst

    with tempfile.TemporaryDirectory(dir=_memory()) as folder:
        place = Path(folder)
        (place / "paper.pdf").write_bytes(content)
        (place / "page.typ").write_text(_PAGE)
        (place / "probe.typ").write_text(_PROBE)
        count = _count(typst, place, most)
        try:
            drawn = typst.compile(
                str(place / "page.typ"), root=folder, format="png", ppi=PPI,
                sys_inputs={"pages": str(count)}, ignore_system_fonts=True,
            )  # fmt: skip
        except Exception as error:
            raise Refused("broken") from error
    sheets = drawn if isinstance(drawn, list) else [drawn]
    return [_open(one, "PNG") for one in sheets]


def _count(typst: object, place: Path, most: int) -> int:
    """How many pages: halving, because the file's own count may lie."""
    low, high = 0, most + 1
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if _has(typst, place, middle) else (low, middle - 1)
    if low == 0:
        raise Refused("broken")
    if low > most:
        raise Refused("too_many_pages")
    return low


def _has(typst: object, place: Path, page: int) -> bool:
    try:
        typst.query(  # type: ignore[attr-defined]
            str(place / "probe.typ"), "<w>", root=str(place), sys_inputs={"page": str(page)},
            ignore_system_fonts=True,
        )  # fmt: skip
    except Exception as error:
        said = str(error)
        if "does not exist" in said:
            return False
        raise Refused("locked" if "encrypt" in said or "password" in said else "broken") from error
    return True


def _memory() -> str | None:
    """A folder in memory where there is one: no paper touches the disk unencrypted."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


def _confine() -> None:
    resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS))
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    ImageFile.LOAD_TRUNCATED_IMAGES = False
    Image.MAX_IMAGE_PIXELS = MOST_PIXELS


def main() -> None:
    """Reads standard input to its end; the first argument is how many pages are allowed."""
    _confine()
    content = sys.stdin.buffer.read()
    out = sys.stdout.buffer
    try:
        kind = kind_of(content)
        pages = pages_of(content, kind, int(sys.argv[1]))
        if all(_is_flat(Image.open(io.BytesIO(one))) for one, _wide, _high in pages):
            raise Refused("unreadable")
    except Refused as refused:
        out.write(json.dumps({"refused": str(refused)}).encode() + b"\n")
        return
    head = {"kind": kind, "pages": [[len(one), wide, high] for one, wide, high in pages]}
    out.write(json.dumps(head).encode() + b"\n")
    for one, _wide, _high in pages:
        out.write(one)


if __name__ == "__main__":
    main()
