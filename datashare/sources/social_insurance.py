"""职工个人参保证明: insured months, employer, base."""

from datashare.cells import Row
from datashare.replies import Insured
from datashare.sources.source import UNKNOWN, Asked, Member, Source, subjects_by


def request(asked: Asked) -> dict[str, str]:
    return {
        "aac002": asked.id_number,
        "aac003": asked.name,
        "aab301": asked.params.get("district", "330212"),
        "pageSize": asked.params.get("months", "60"),
    }


def read(row: Row) -> Insured | None:
    first = row.month("AAE002", "AAE003")
    kind = row.text("AAE140")
    if first is None or "居民" in kind:  # residents' schemes are no sign of employment
        return None
    last = row.month("AAE003")
    return Insured(
        kind=kind,
        employer=row.text("AAB004"),
        first=first,
        last=last if last and last > first else first,
        received=row.flag("AAE078") is not False,
        received_in=row.month("AAE079"),
    )


def _works(member: Member) -> bool:
    return member.applicant and member.age >= 16


SPEC = Source(
    code="social_insurance",
    name="职工参保",
    owner="人社",
    path="api/001008002016011/dataSharing/a6d3f17e90c52b48.htm",
    empty=UNKNOWN,
    request=request,
    read=read,
    subjects=subjects_by("AAC002", "sfzh"),
    sensitivity="sensitive",
    applies_to=_works,
)
