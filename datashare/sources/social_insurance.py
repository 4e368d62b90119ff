"""职工个人参保证明: insured months, employer, base."""

from datashare.cells import Row
from datashare.replies import Insured
from datashare.sources import laws
from datashare.sources.source import SENSITIVE, UNKNOWN, Asked, Member, Source, seen, subjects_by


def request(asked: Asked) -> dict[str, str]:
    return {
        "aac002": asked.id_number,
        "aac003": asked.name,
        "aab301": asked.params.get("district", "330212"),
        "pageSize": asked.params.get("months", "60"),
    }


_RESIDENTS = frozenset({"160", "170", "380", "390"})  # 农村, 城乡居民养老, 新农合, 城镇居民医疗


def _of_residents(kind: str) -> bool:
    """Whether it is a scheme for residents, which is no sign of employment."""
    return "居民" in kind or "农村" in kind or kind in _RESIDENTS


def read(row: Row) -> Insured | None:
    first = row.month("AAE002", "AAE003")
    kind = row.text("AAE140")
    if first is None or _of_residents(kind):
        return None
    last = row.month("AAE003")
    return Insured(
        kind=kind,
        employer=row.text("AAB004"),
        first=first,
        last=last if last and last > first else first,
        received=not (row.flag("AAE078") is False or row.text("AAE078")[:1] in ("未", "欠")),
        received_in=row.month("AAE079"),
    )


def _works(member: Member) -> bool:
    return member.applicant and member.age >= 16


FIELDS = (
    seen("AAC003", "姓名", "name", "xm"),
    seen("AAC002", "社会保障号", "ID number", "sfzh"),
    seen("AAB004", "参保单位", "employer"),
    seen("AAE140", "险种", "kind of insurance"),
    seen("AAE002", "所属期起", "first month"),
    seen("AAE003", "所属期止", "last month"),
    seen("AAE078", "到账标志", "received"),
    seen("AAE079", "到账年月", "received in"),
)

SPEC = Source(
    code="social_insurance",
    name="职工参保",
    owner="人社",
    english="social insurance",
    owner_english="human resources",
    path="api/001008002016011/dataSharing/a6d3f17e90c52b48.htm",
    empty=UNKNOWN,
    laws=(
        laws.ASSISTANCE.clause(58),
        laws.SOCIAL_INSURANCE.clause(74),
    ),
    fields=FIELDS,
    request=request,
    read=read,
    subjects=subjects_by("AAC002", "sfzh", name=("AAC003", "xm")),
    sensitivity=SENSITIVE,
    applies_to=_works,
)
