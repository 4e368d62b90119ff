"""商品房合同(期房备案): homes bought that are not built yet."""

from datashare.cells import Row, place, says
from datashare.replies import HomeContract, Party
from datashare.sources import laws
from datashare.sources.property import district_of, is_housing
from datashare.sources.source import NONE, SENSITIVE, Asked, Source, Subject, assumed, seen

_CANCELLED = ("撤销", "注销", "解除", "退房", "作废", "已撤", "cancel")


def request(asked: Asked) -> dict[str, str]:
    return {
        "name": asked.name,
        "idNo": asked.id_number,
        "address": asked.params.get("address", ""),
    }


def _parties(rows: tuple[Row, ...]) -> tuple[Party, ...]:
    return tuple(
        Party(
            row.text("name", "xm"),
            row.id("idNo", "sfzh", "id_number"),
            row.share("share", "gyfe", "fe"),
        )
        for row in rows
    )


def subjects(row: Row) -> tuple[Subject, ...]:
    parties = _parties(row.rows("contractBuyer")) + _parties(row.rows("contractSeller"))
    return tuple(Subject(party.id_number, party.name) for party in parties if party.id_number)


def read(row: Row) -> HomeContract | None:
    location = row.text("located", "zl")
    return HomeContract(
        number=row.text("contractNo", "htbh"),
        location=place(location),
        buyers=_parties(row.rows("contractBuyer")),
        sellers=_parties(row.rows("contractSeller")),
        area=row.measure("area", "jzmj", "mj"),
        on=row.day("contractDate", "qdrq", "signDate", "htrq", "badate"),
        district=district_of(row, location, "districtCode", "xzqhdm"),
        housing=is_housing(row.text("fwyt", "use")),
        cancelled=says(row.text("contractStatus", "htzt").lower(), *_CANCELLED),
        cancelled_on=row.day("cancelDate", "cxrq"),
    )


FIELDS = (
    seen("contractNo", "合同编号", "contract number", "htbh"),
    seen("located", "坐落", "location", "zl"),
    seen("contractBuyer", "买受人", "buyers"),
    seen("contractSeller", "出卖人", "sellers"),
    assumed("area", "建筑面积", "floor area", "jzmj", "mj"),
    assumed("contractDate", "签订日期", "signed or filed on", "qdrq", "signDate", "htrq", "badate"),
    assumed("contractStatus", "合同状态", "state", "htzt"),
    assumed("cancelDate", "撤销日期", "cancelled on", "cxrq"),
    assumed("districtCode", "区划代码", "district code", "xzqhdm"),
    assumed("bdcdyh", "不动产单元号", "unit number"),
    assumed("fwyt", "房屋用途", "use", "use"),
)

SPEC = Source(
    code="presale_contract",
    name="商品房合同(期房备案)",
    owner="住建(房管)",
    english="off-plan contracts",
    owner_english="housing",
    path="api/001008002016015001/dataSharing/83d5f0a6e19c4b27.htm",
    empty=NONE,
    laws=(
        laws.PRESALE.clause(10),
        laws.HOUSING.clause(8),
    ),
    fields=FIELDS,
    request=request,
    read=read,
    subjects=subjects,
    sensitivity=SENSITIVE,
)
