"""不动产登记 (有无住房、房屋登记): homes held and homes given away."""

from datashare.cells import Row, district, district_in, place
from datashare.replies import Home
from datashare.sources.source import NONE, Asked, Source, subjects_by

_NOT_HOUSING = (
    "车位",
    "车库",
    "商",
    "办公",
    "工业",
    "仓",
    "储藏",
    "厂房",
    "酒店",
    "非住宅",
    "杂物",
)


def request(asked: Asked) -> dict[str, str]:
    """The whole family may stand in one call: ``family_ids`` and ``family_names`` in params."""
    return {
        "qlrzjh": asked.params.get("family_ids", asked.id_number),
        "qlrmc": asked.params.get("family_names", asked.name),
        "clientusercid": asked.params.get("operator_id", ""),
        "clientusername": asked.params.get("operator", ""),
        "cxfw": asked.params.get("district", "330212"),
        "computername": asked.params.get("office", ""),
    }


def is_housing(use: str) -> bool:
    """Whether a recorded use is a dwelling; no recorded use counts as one."""
    return not any(word in use for word in _NOT_HOUSING)


def district_of(row: Row, location: str, *names: str) -> str:
    """District by its code, else by the unit number, else by the words of the address."""
    return row.district(*names) or district(row.cell("bdcdyh")) or district_in(location)


def read(row: Row) -> Home | None:
    location = row.text("zl", "located", "fwzl")
    return Home(
        location=place(location),
        certificate=row.text("bdcqzh", "fczh"),
        unit=row.text("bdcdyh"),
        area=row.number("jzmj", "mj", "fwmj", "area"),
        share=row.share("gyfe", "qlbl", "fe", "share"),
        district=district_of(row, location, "xzqhdm", "xzqbm", "qxdm", "districtCode"),
        housing=is_housing(row.text("fwyt", "ghyt")),
        acquired=row.day("djsj", "djrq"),
        acquired_by=row.text("djyy", "qdfs"),
        left=row.day("zysj", "zxsj"),
        way=row.text("zyyy", "zxyy"),
        to_ids=row.ids("srrzjh"),
        historic="历史" in row.text("qszt") or "注销" in row.text("qszt"),
    )


SPEC = Source(
    code="property",
    name="不动产登记",
    owner="自然资源(不动产登记)",
    path="api/001008002016013/dataSharing/c47a1e93d05b8f26.htm",
    empty=NONE,
    request=request,
    read=read,
    subjects=subjects_by("qlrzjh", "zjh", "sfzh"),
    batch=10,
)
