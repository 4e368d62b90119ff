"""直管公房承租."""

from datashare.cells import Row, place
from datashare.replies import Tenancy
from datashare.sources.orphan import by_number_and_name
from datashare.sources.property import district_of
from datashare.sources.source import NONE, Source, subjects_by


def read(row: Row) -> Tenancy | None:
    location = row.text("fwzl", "zl")
    return Tenancy(
        contract=row.text("htbh"),
        location=place(location),
        area=row.number("jzmj", "symj", "mj"),
        district=district_of(row, location, "xzqhdm"),
        since=row.day("qsrq"),
        until=row.day("zzrq", end=True),
        ended=any(word in row.text("zt") for word in ("退", "终止", "注销", "解除")),
    )


SPEC = Source(
    code="public_tenancy",
    name="直管公房承租",
    owner="住建(房管)",
    path="api/001008002016015001/dataSharing/2e96b7d13c80fa54.htm",
    empty=NONE,
    request=by_number_and_name,
    read=read,
    subjects=subjects_by("sfzh", "czrsfzh"),
)
