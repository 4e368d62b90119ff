"""The watermark (水印): who looks, at which case, when, drawn into the picture itself."""

import io
from functools import cache

import pylopdf_fonts_zh_cn as fonts
from PIL import Image, ImageDraw, ImageFont

THUMBNAIL = 320
_SHARE = 44  # the picture's width holds about this many characters of the line
_SHADE = 70  # of 255: readable itself, and the writing below it stays readable
_QUALITY = 80


def marked(content: bytes, line: str, *, turn: int = 0, small: bool = False) -> bytes:
    """The picture as JPEG, turned clockwise by ``turn`` degrees, with ``line`` across it."""
    kept = Image.open(io.BytesIO(content), formats=["JPEG"])
    if small:
        kept.draft("RGB", (THUMBNAIL, THUMBNAIL))
    picture = kept.convert("RGB")
    if turn:
        picture = picture.rotate(-turn, expand=True)
    if small:
        picture.thumbnail((THUMBNAIL, THUMBNAIL))
    out = io.BytesIO()
    _drawn(picture, line).save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()


def _drawn(picture: Image.Image, line: str) -> Image.Image:
    """The line, slanting, over the whole picture: no part can be cut out without it."""
    size = max(10, max(picture.size) // _SHARE)
    font = _font(size)
    side = int((picture.width**2 + picture.height**2) ** 0.5) + 1
    layer = Image.new("L", (side, side), 0)
    pen = ImageDraw.Draw(layer)
    wide = int(pen.textlength(line, font=font)) + size * 2
    for row, y in enumerate(range(0, side, size * 6)):
        for x in range(-(row % 2) * wide // 2, side, wide):
            pen.text((x, y), line, fill=_SHADE, font=font)
    layer = layer.rotate(24)
    left, top = (side - picture.width) // 2, (side - picture.height) // 2
    mask = layer.crop((left, top, left + picture.width, top + picture.height))
    picture.paste(Image.new("RGB", picture.size, (15, 76, 129)), mask=mask)
    return picture


@cache
def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(fonts.sans_path()), size)
