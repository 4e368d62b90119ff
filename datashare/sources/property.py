"""不动产登记 (有无住房、房屋登记): homes held and homes given away."""

from datashare.cells import Row, district, district_in, place
from datashare.replies import Home
from datashare.sources import laws
from datashare.sources.source import (
    DISCOVERY,
    NONE,
    SENSITIVE,
    USUAL,
    Asked,
    Source,
    assumed,
    seen,
    subjects_by,
)

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


_SHARE = ("gyfe", "qlbl", "fe", "share")


def read(row: Row) -> Home | None:
    location = row.text("zl", "located", "fwzl")
    share = row.share(*_SHARE)
    return Home(
        location=place(location),
        certificate=row.text("bdcqzh", "fczh"),
        unit=row.text("bdcdyh"),
        area=row.measure("jzmj", "mj", "fwmj", "area"),
        share=share,
        district=district_of(row, location, "xzqhdm", "xzqbm", "qxdm", "districtCode"),
        housing=is_housing(row.text("fwyt", "ghyt")),
        acquired=row.day("djsj", "djrq"),
        acquired_by=row.text("djyy", "qdfs"),
        left=row.day("zysj", "zxsj"),
        way=row.text("zyyy", "zxyy"),
        to_ids=row.ids("srrzjh"),
        historic=row.says("历史", "注销", of=("qszt",)),
        share_open=share is None and "按份" in row.text(*_SHARE) + row.text("gyqk"),
    )


FIELDS = (
    seen("qlrmc", "权利人", "owner's name"),
    seen("qlrzjh", "权利人证件号码", "owner's ID number", "zjh", "sfzh"),
    seen("zl", "坐落", "location", "located", "fwzl"),
    seen("bdcqzh", "不动产权证号", "certificate", "fczh"),
    assumed("bdcdyh", "不动产单元号", "unit number"),
    assumed("jzmj", "建筑面积", "floor area", "mj", "fwmj", "area"),
    assumed("gyfe", "共有份额", "share", "qlbl", "fe", "share"),
    assumed("gyqk", "共有情况", "how it is owned"),
    assumed("fwyt", "房屋用途", "use", "ghyt"),
    assumed("xzqhdm", "区划代码", "district code", "xzqbm", "qxdm", "districtCode"),
    assumed("djsj", "登记时间", "registered on", "djrq"),
    assumed("djyy", "登记原因", "how acquired", "qdfs"),
    assumed("zysj", "转移时间", "transferred away on", "zxsj"),
    assumed("zyyy", "转移原因", "how transferred", "zxyy"),
    assumed("srrzjh", "受让人证件号码", "to whom"),
    assumed("qszt", "权属状态", "current or past"),
)

SPEC = Source(
    code="property",
    name="不动产登记",
    owner="自然资源(不动产登记)",
    english="real estate register",
    owner_english="natural resources",
    path="api/001008002016013/dataSharing/c47a1e93d05b8f26.htm",
    empty=NONE,
    laws=(
        laws.REAL_ESTATE.clause(27),
        laws.ASSISTANCE.clause(58),
        laws.HOUSING.clause(8),
    ),
    fields=FIELDS,
    request=request,
    read=read,
    subjects=subjects_by("qlrzjh", "zjh", "sfzh", name=("qlrmc",)),
    batch=10,
    sensitivity=SENSITIVE,
    purposes=(*USUAL, DISCOVERY),
)
