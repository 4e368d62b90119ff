"""孤儿登记."""

from datashare.cells import Row
from datashare.replies import OrphanEntry
from datashare.sources import laws
from datashare.sources.source import NONE, SENSITIVE, Asked, Member, Source, assumed, subjects_by


def by_number_and_name(asked: Asked) -> dict[str, str]:
    return {"sfzh": asked.id_number, "xm": asked.name}


def read(row: Row) -> OrphanEntry | None:
    ended = row.says("注销", "终止", "停", of=("zt",))
    return OrphanEntry(row.day("rdrq"), row.day("zxrq", "zzrq", end=True), ended)


def _young(member: Member) -> bool:
    return member.age < 35


FIELDS = (
    assumed("xm", "姓名", "name"),
    assumed("sfzh", "公民身份号码", "ID number"),
    assumed("rdrq", "认定日期", "recognised on"),
    assumed("zxrq", "注销日期", "ended on", "zzrq"),
    assumed("zt", "状态", "state"),
)

SPEC = Source(
    code="orphan",
    name="孤儿登记",
    owner="民政",
    english="orphan register",
    owner_english="civil affairs",
    path="api/001003010/dataSharing/e80d6b3f92c7a415.htm",
    empty=NONE,
    laws=(
        laws.ORPHANS.clause(),
        laws.HOUSING.clause(8),
    ),
    fields=FIELDS,
    request=by_number_and_name,
    read=read,
    subjects=subjects_by("sfzh"),
    ttl=30,
    sensitivity=SENSITIVE,
    applies_to=_young,
)
