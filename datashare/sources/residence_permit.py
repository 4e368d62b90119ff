"""流动人口居住登记/居住证: lapses without its yearly endorsement."""

from datashare.cells import Row, district_in, says
from datashare.replies import Permit
from datashare.sources import laws
from datashare.sources.source import UNKNOWN, Asked, Member, Source, assumed, seen, subjects_by


def request(asked: Asked) -> dict[str, str]:
    return {"sfzh": asked.id_number}


def _state(written: str) -> bool | None:
    if says(written, "失效", "注销", "过期", "无效"):
        return False
    return True if "有效" in written or written == "1" else None


def read(row: Row) -> Permit | None:
    return Permit(
        number=row.text("zzzh"),
        district=row.district("xzqhdm", "qxdm")
        or district_in(row.text("qx"))
        or district_in(row.text("zzdz")),
        since=row.day("djrq"),
        until=row.day("yxqz", "yxqzz", "yxjzrq", "yxq", end=True),
        cancelled_on=row.day("zxrq"),
        state=_state(row.text("djztmc")),
    )


def _needed(member: Member) -> bool:
    return member.applicant and member.category != "urban_low_income"


FIELDS = (
    seen("xm", "姓名", "name"),
    seen("sfzh", "公民身份号码", "ID number", "gmsfhm"),
    seen("zzzh", "居住证号", "number of the permit"),
    assumed("xzqhdm", "区划代码", "district code", "qxdm"),
    seen("qx", "区县", "district"),
    seen("zzdz", "居住地址", "address"),
    seen("djrq", "登记日期", "registered on"),
    assumed("yxqz", "有效期至", "valid to", "yxqzz", "yxjzrq", "yxq"),
    seen("zxrq", "注销日期", "cancelled on"),
    seen("djztmc", "登记状态", "state"),
)

SPEC = Source(
    code="residence_permit",
    name="流动人口居住登记/居住证",
    owner="公安/流口办",
    english="residence permits",
    owner_english="public security",
    path="api/001008002016006/dataSharing/31c9e07b5fd2a846.htm",
    empty=UNKNOWN,
    laws=(
        laws.RESIDENCE.clause(10),
        laws.HOUSING.clause(7),
    ),
    fields=FIELDS,
    dropped=(
        "mz",
        "lxdh",
        "fzxm",
        "fzsfzh",
    ),
    request=request,
    read=read,
    subjects=subjects_by("sfzh", "gmsfhm"),
    applies_to=_needed,
)
