"""学历学籍: degrees held and courses under way."""

from datashare.replies import Course
from datashare.sources.cells import Row
from datashare.sources.orphan import by_number_and_name
from datashare.sources.source import UNKNOWN, Member, Source, subjects_by

_RANKS = (("博士", 6), ("硕士", 5), ("研究生", 5), ("本科", 4), ("学士", 4), ("大专", 3), ("专科", 3),
          ("高职", 3), ("中专", 2), ("中职", 2), ("高中", 2), ("技校", 2), ("初中", 1), ("小学", 0))  # fmt: skip
_PART_TIME = ("非全日制", "函授", "业余", "网络", "自考", "自学", "夜大", "电大", "开放", "成人")
_LEFT = ("肄业", "退学", "结业", "休学退")


def rank(level: str) -> int | None:
    """How high a degree is (大专 3, 本科 4 …); None for a word that is not known."""
    return next((value for word, value in _RANKS if word in level), None)


def read(row: Row) -> Course | None:
    level = row.text("xlcc")
    study = row.text("xxxs")
    state = row.text("xjzt", "zt")
    return Course(
        level=level,
        rank=rank(level),
        entered=row.day("rxrq"),
        graduated=row.day("byrq", end=True),
        full_time=not any(word in study for word in _PART_TIME),
        state="studying" if "在读" in state or "在籍" in state or "在校" in state
        else "left" if any(word in state for word in _LEFT)
        else "graduated" if "毕业" in state
        else "",
    )  # fmt: skip


def _of_school_leaving_age(member: Member) -> bool:
    return member.applicant and member.age >= 16


SPEC = Source(
    code="education",
    name="学历学籍",
    owner="教育",
    path="api/001003025/dataSharing/0c5f8e2a7b9d6134.htm",
    empty=UNKNOWN,
    request=by_number_and_name,
    read=read,
    subjects=subjects_by("sfzh"),
    ttl=30,
    applies_to=_of_school_leaving_age,
)
