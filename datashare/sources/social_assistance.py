"""省大救助快照: the second route to a status of aid."""

from datashare.cells import Row
from datashare.replies import AidStatus
from datashare.sources.low_income_aid import aid_kind, stopped
from datashare.sources.orphan import by_number_and_name
from datashare.sources.source import NONE, Source


def _people(row: Row) -> tuple[str, ...]:
    return tuple(person.id("sfzh", "id_number") for person in row.rows("cy", "成员"))


def subjects(row: Row) -> tuple[str, ...]:
    """The person asked, if named; else the listed family. A head alone is no list."""
    people = _people(row)
    return row.ids("sfzh") or (tuple(filter(None, (row.id("hzsfzh"), *people))) if people else ())


def read(row: Row) -> AidStatus | None:
    kind = aid_kind(row.text("jzlx", "救助类型"))
    if not kind:
        return None
    return AidStatus(
        kind=kind,
        head_id=row.id("hzsfzh"),
        member_ids=_people(row),
        since=row.day("qsrq"),
        until=row.day("zzrq", end=True),
        stopped=stopped(row.text("zt")),
    )


SPEC = Source(
    code="social_assistance",
    name="省大救助快照",
    owner="民政(省)",
    path="api/001003010/dataSharing/903a7cd6e25bf184.htm",
    empty=NONE,
    request=by_number_and_name,
    read=read,
    subjects=subjects,
    sensitivity="sensitive",
)
