"""直管公房承租."""

from datashare.cells import Row, place
from datashare.replies import Tenancy
from datashare.sources import laws
from datashare.sources.orphan import by_number_and_name
from datashare.sources.property import district_of
from datashare.sources.source import DISCOVERY, NONE, USUAL, Source, assumed, subjects_by


def read(row: Row) -> Tenancy | None:
    location = row.text("fwzl", "zl")
    return Tenancy(
        contract=row.text("htbh"),
        location=place(location),
        area=row.measure("jzmj", "symj", "mj"),
        district=district_of(row, location, "xzqhdm"),
        since=row.day("qsrq"),
        until=row.day("zzrq", end=True),
        ended=row.says("退", "终止", "注销", "解除", of=("zt",)),
    )


FIELDS = (
    assumed("xm", "姓名", "name"),
    assumed("sfzh", "公民身份号码", "ID number", "czrsfzh"),
    assumed("htbh", "合同编号", "contract"),
    assumed("fwzl", "房屋坐落", "location", "zl"),
    assumed("jzmj", "建筑面积", "area", "symj", "mj"),
    assumed("xzqhdm", "区划代码", "district code"),
    assumed("bdcdyh", "不动产单元号", "unit number"),
    assumed("qsrq", "起租日期", "from"),
    assumed("zzrq", "终止日期", "ended on"),
    assumed("zt", "状态", "state"),
)

SPEC = Source(
    code="public_tenancy",
    name="直管公房承租",
    owner="住建(房管)",
    english="public tenancies",
    owner_english="housing",
    path="api/001008002016015001/dataSharing/2e96b7d13c80fa54.htm",
    empty=NONE,
    laws=(laws.HOUSING.clause(7, 8),),
    fields=FIELDS,
    request=by_number_and_name,
    read=read,
    subjects=subjects_by("sfzh", "czrsfzh"),
    purposes=(*USUAL, DISCOVERY),
)
