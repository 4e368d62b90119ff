"""在保公租房和租赁补贴: the city's register of support in force."""

from datashare.cells import Row
from datashare.replies import Benefit
from datashare.sources import laws
from datashare.sources.orphan import by_number_and_name
from datashare.sources.source import DISCOVERY, NONE, USUAL, Source, assumed, subjects_by


def read(row: Row) -> Benefit | None:
    return Benefit(
        kind=row.text("bzfs"),
        contract=row.text("htbh"),
        role=row.text("cyjs"),
        since=row.day("qsrq"),
        until=row.day("zzrq", end=True),
        ended=row.says("退", "终止", "注销", "失效", "停", of=("zt",)),
    )


FIELDS = (
    assumed("xm", "姓名", "name"),
    assumed("sfzh", "公民身份号码", "ID number"),
    assumed("bzfs", "保障方式", "kind of support"),
    assumed("htbh", "合同编号", "contract"),
    assumed("cyjs", "成员角色", "role"),
    assumed("qsrq", "起始日期", "from"),
    assumed("zzrq", "终止日期", "to"),
    assumed("zt", "状态", "state"),
)

SPEC = Source(
    code="housing_benefit",
    name="在保公租房和租赁补贴",
    owner="住建",
    english="housing support in force",
    owner_english="housing",
    path="api/001008002016015001/dataSharing/7fa82d60b9c3e514.htm",
    empty=NONE,
    laws=(laws.HOUSING.clause(7, 35),),
    fields=FIELDS,
    request=by_number_and_name,
    read=read,
    subjects=subjects_by("sfzh"),
    ttl=1,
    purposes=(*USUAL, DISCOVERY),
)
