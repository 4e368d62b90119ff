"""省大救助快照: the second route to a status of aid."""

from datashare.cells import Row
from datashare.replies import AidStatus
from datashare.sources import laws
from datashare.sources.low_income_aid import aid_kind, stopped
from datashare.sources.orphan import by_number_and_name
from datashare.sources.source import (
    DISCOVERY,
    NONE,
    SENSITIVE,
    USUAL,
    Source,
    Subject,
    assumed,
    subjects_by,
)


def _people(row: Row) -> tuple[Subject, ...]:
    return tuple(
        Subject(person.id("sfzh", "id_number"), person.text("xm", "name"))
        for person in row.rows("cy", "成员")
    )


def subjects(row: Row) -> tuple[Subject, ...]:
    """The person asked, if named; else the listed family. A head alone is no list."""
    people = _people(row)
    if row.id("sfzh"):
        return _asked(row)
    head = Subject(row.id("hzsfzh"), row.text("hzxm"))
    return tuple(one for one in (head, *people) if one.number) if people else ()


_asked = subjects_by("sfzh")


def read(row: Row) -> AidStatus | None:
    kind = aid_kind(row.text("jzlx", "救助类型"))
    if not kind:
        return None
    return AidStatus(
        kind=kind,
        head_id=row.id("hzsfzh"),
        member_ids=tuple(person.number for person in _people(row)),
        since=row.day("qsrq"),
        until=row.day("zzrq", end=True),
        stopped=stopped(row.text("zt")),
    )


FIELDS = (
    assumed("sfzh", "公民身份号码", "ID number"),
    assumed("xm", "姓名", "name"),
    assumed("hzxm", "户主", "head"),
    assumed("hzsfzh", "户主证件号码", "ID number of the head"),
    assumed("cy", "家庭成员", "members", "成员"),
    assumed("jzlx", "救助类型", "kind of aid", "救助类型"),
    assumed("qsrq", "起始日期", "from"),
    assumed("zzrq", "终止日期", "to"),
    assumed("zt", "状态", "state"),
)

SPEC = Source(
    code="social_assistance",
    name="省大救助快照",
    owner="民政(省)",
    english="provincial assistance snapshot",
    owner_english="civil affairs, provincial",
    path="api/001003010/dataSharing/903a7cd6e25bf184.htm",
    empty=NONE,
    laws=(
        laws.ASSISTANCE.clause(58),
        laws.ZJ_ASSISTANCE.clause(29),
    ),
    fields=FIELDS,
    request=by_number_and_name,
    read=read,
    subjects=subjects,
    sensitivity=SENSITIVE,
    purposes=(*USUAL, DISCOVERY),
)
