"""机动车登记."""

from datashare.cells import Row, says
from datashare.replies import Vehicle
from datashare.sources import laws
from datashare.sources.source import NONE, Asked, Source, adults, assumed, subjects_by

_GONE = ("注销", "报废", "转出", "灭失", "转移", "过户")
_GONE_CODES = frozenset({"B", "E", "M"})  # 转出, 注销, 强制注销
_LIVELIHOOD = ("生计", "货运", "出租", "客运", "网约", "租赁")


def request(asked: Asked) -> dict[str, str]:
    return {"sfzmhm": asked.id_number, "syr": asked.name}


def vehicle_use(written: str) -> str:
    """ordinary, disabled (残疾人专用) or livelihood (生计用车, 营运)."""
    if "残疾" in written:
        return "disabled"
    commercial = "营运" in written and "非营运" not in written
    return "livelihood" if commercial or any(w in written for w in _LIVELIHOOD) else "ordinary"


def _gone(written: str) -> bool:
    """Whether the state says that it is no longer the person's: in words, or as 公安 codes it."""
    return says(written, *_GONE) or written.upper() in _GONE_CODES


def _counts(kind: str) -> bool:
    """Whether a kind of plate is a motor car's; motorcycles and electric bicycles are none."""
    return not (kind.lstrip("0") in ("7", "8") or "摩托" in kind or "自行车" in kind)


def read(row: Row) -> Vehicle | None:
    return Vehicle(
        plate=row.text("hphm"),
        make=row.text("clpp1"),
        since=row.day("ccdjrq"),
        until=row.day("zxrq"),
        held=not _gone(row.text("zt")),
        value=row.measure("gzj", "gzjg", "购置价"),
        use=vehicle_use(row.text("syxz", "yt", "clyt")),
        counted=_counts(row.text("hpzl")),
    )


FIELDS = (
    assumed("syr", "所有人", "owner"),
    assumed("sfzmhm", "身份证明号码", "ID number", "sfzh"),
    assumed("hphm", "号牌号码", "plate"),
    assumed("hpzl", "号牌种类", "kind of plate"),
    assumed("clpp1", "车辆品牌", "make"),
    assumed("ccdjrq", "初次登记日期", "first registered on"),
    assumed("zt", "状态", "state"),
    assumed("zxrq", "不再持有日期", "ceased to be held on"),
    assumed("gzj", "购置价", "purchase price", "gzjg", "购置价"),
    assumed("syxz", "使用性质", "use", "yt", "clyt"),
)

SPEC = Source(
    code="vehicle",
    name="机动车登记",
    owner="公安车管",
    english="vehicle register",
    owner_english="traffic police",
    path="api/001008002016006/dataSharing/d8e60b3a5f19c724.htm",
    empty=NONE,
    laws=(
        laws.ASSISTANCE.clause(58),
        laws.ROAD_TRAFFIC.clause(8),
    ),
    fields=FIELDS,
    request=request,
    read=read,
    subjects=subjects_by("sfzmhm", "sfzh", name=("syr",)),
    applies_to=adults,
)
