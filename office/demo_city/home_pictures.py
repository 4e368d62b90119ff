"""Drawn plans and views of the demo's homes (示意图): lines and words, no real house."""

import io
from hashlib import sha256

import pylopdf_fonts_zh_cn as fonts
from PIL import Image, ImageDraw, ImageFont

from allocation.models import Estate, HomePicture
from applications.papers import store
from core import clock

_SIZE = (1000, 750)  # pixels
_INK, _PAPER, _WALL, _GLASS, _GREEN = "#16202A", "#FFFFFF", "#475462", "#7DB7EA", "#E6F3EC"
# rooms of each type: word and box, in shares of the plan's inside
_ROOMS = {
    "1R": (("卧室", (0, 0, 0.6, 0.55)), ("客厅", (0, 0.55, 0.6, 1)), ("厨房", (0.6, 0, 1, 0.4)),
           ("卫生间", (0.6, 0.4, 1, 0.75)), ("阳台", (0.6, 0.75, 1, 1))),
    "2R": (("主卧", (0, 0, 0.4, 0.5)), ("次卧", (0.4, 0, 0.75, 0.5)), ("厨房", (0.75, 0, 1, 0.5)),
           ("客厅", (0, 0.5, 0.6, 1)), ("卫生间", (0.6, 0.5, 1, 0.78)),
           ("阳台", (0.6, 0.78, 1, 1))),
    "3R": (("主卧", (0, 0, 0.34, 0.5)), ("次卧", (0.34, 0, 0.64, 0.5)),
           ("小卧室", (0.64, 0, 1, 0.36)), ("厨房", (0.64, 0.36, 1, 0.64)),
           ("客厅", (0, 0.5, 0.64, 1)), ("卫生间", (0.64, 0.64, 1, 0.84)),
           ("阳台", (0.64, 0.84, 1, 1))),
}  # fmt: skip
_WORDS = {"1R": "一室户型", "2R": "两室户型", "3R": "三室户型"}


def build() -> int:
    """A plan for each type of home in each estate and a view of each estate; how many."""
    made = []
    for estate in Estate.objects.order_by("code"):
        floors = max(estate.homes.values_list("floor", flat=True), default=1)
        view = _view(estate.name, floors)
        types = estate.homes.order_by().values_list("unit_type", flat=True).distinct()
        for unit_type in sorted(set(types) & set(_ROOMS)):
            plan = _plan(estate.name, unit_type)
            made += [
                _row(estate, unit_type, HomePicture.Kind.PLAN, _WORDS[unit_type], plan),
                _row(estate, unit_type, HomePicture.Kind.PHOTO, "小区外观", view),
            ]
    return len(HomePicture.objects.bulk_create(made))


def _row(estate: Estate, unit_type: str, kind: str, title: str, content: bytes) -> HomePicture:
    return HomePicture(
        estate=estate, unit_type=unit_type, kind=kind, title=title, illustrative=True,
        digest=sha256(content).hexdigest(), file=store.keep(content), width=_SIZE[0],
        height=_SIZE[1], added_at=clock.now(),
    )  # fmt: skip


def _plan(name: str, unit_type: str) -> bytes:
    picture, pen = _sheet(f"{name} {_WORDS[unit_type]} 示意图")
    left, top, wide, high = 120, 110, 760, 560
    for word, (x0, y0, x1, y1) in _ROOMS[unit_type]:
        box = (left + x0 * wide, top + y0 * high, left + x1 * wide, top + y1 * high)
        pen.rectangle(box, outline=_WALL, width=8, fill=_GREEN if word == "阳台" else _PAPER)
        middle = ((box[0] + box[2]) / 2, (box[1] + box[3]) / 2)
        pen.text(middle, word, fill=_INK, font=_font(30), anchor="mm")
    pen.rectangle((left - 4, top - 4, left + wide + 4, top + high + 4), outline=_INK, width=12)
    pen.line((left + 60, top + high + 4, left + 150, top + high + 4), fill=_PAPER, width=14)
    pen.text((left + 105, top + high + 26), "入户门", fill=_INK, font=_font(24), anchor="mm")
    pen.text((940, 150), "北", fill=_INK, font=_font(28), anchor="mm")
    pen.line((940, 260, 940, 180), fill=_INK, width=5)
    return _as_jpeg(picture)


def _view(name: str, floors: int) -> bytes:
    picture, pen = _sheet(f"{name} 外观示意图")
    step = min(44, 560 // floors)
    top = 680 - floors * step
    pen.rectangle((230, top, 770, 680), outline=_INK, width=6, fill="#F5F7F8")
    for floor in range(floors):
        for column in range(6):
            x, y = 260 + column * 84, top + floor * step + step // 5
            pen.rectangle((x, y, x + 54, y + step * 3 // 5), outline=_WALL, width=2, fill=_GLASS)
    pen.rectangle((470, 640, 530, 680), fill=_WALL)
    pen.line((60, 683, 940, 683), fill=_INK, width=6)
    return _as_jpeg(picture)


def _sheet(title: str) -> tuple[Image.Image, ImageDraw.ImageDraw]:
    picture = Image.new("RGB", _SIZE, _PAPER)
    pen = ImageDraw.Draw(picture)
    pen.text((500, 52), title, fill=_INK, font=_font(36), anchor="mm")
    return picture, pen


def _font(size: int) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(str(fonts.sans_path()), size)


def _as_jpeg(picture: Image.Image) -> bytes:
    kept = io.BytesIO()
    picture.save(kept, "JPEG", quality=80)
    return kept.getvalue()
