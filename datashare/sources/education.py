"""学历学籍: degrees held and courses under way."""

from datashare.cells import Row, says
from datashare.replies import Course, degree_rank
from datashare.sources import laws
from datashare.sources.orphan import by_number_and_name
from datashare.sources.source import UNKNOWN, Member, Source, assumed, subjects_by

_PART_TIME = (
    "非全日制", "函授", "业余", "网络", "自考", "自学", "夜大", "电大", "开放", "成人", "在职",
    "远程",
)  # fmt: skip
_STUDYING = ("在读", "在籍", "在校", "就读", "在学", "注册", "休学", "未毕业")
_LEFT = ("肄业", "退学", "结业", "开除", "取消学籍")


def read(row: Row) -> Course | None:
    level = row.text("xlcc")
    study = row.text("xxxs")
    return Course(
        level=level,
        rank=degree_rank(level),
        entered=row.day("rxrq"),
        graduated=row.day("byrq", end=True),
        full_time=not any(word in study for word in _PART_TIME),
        state=_state(row.text("xjzt", "zt")),
    )


def _state(written: str) -> str:
    """studying, left, graduated, or '' where the register does not say."""
    if any(word in written for word in _LEFT):
        return "left"
    if any(word in written for word in _STUDYING):
        return "studying"
    return "graduated" if says(written, "毕业") else ""


def _of_school_leaving_age(member: Member) -> bool:
    return member.applicant and member.age >= 16


FIELDS = (
    assumed("xm", "姓名", "name"),
    assumed("sfzh", "公民身份号码", "ID number"),
    assumed("xlcc", "学历层次", "level"),
    assumed("rxrq", "入学日期", "entered on"),
    assumed("byrq", "毕业日期", "graduated on"),
    assumed("xxxs", "学习形式", "form of study"),
    assumed("xjzt", "学籍状态", "state", "zt"),
)

SPEC = Source(
    code="education",
    name="学历学籍",
    owner="教育",
    english="education register",
    owner_english="education authority",
    path="api/001003025/dataSharing/0c5f8e2a7b9d6134.htm",
    empty=UNKNOWN,
    laws=(
        laws.EDUCATION.clause(22),
        laws.HOUSING.clause(7),
    ),
    fields=FIELDS,
    request=by_number_and_name,
    read=read,
    subjects=subjects_by("sfzh"),
    ttl=30,
    applies_to=_of_school_leaving_age,
)
