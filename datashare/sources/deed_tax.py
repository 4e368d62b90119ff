"""契税完税: a cross-check on purchases and inheritances."""

import re

from datashare.cells import Row, place
from datashare.replies import DeedTax
from datashare.sources.source import NONE, Asked, Source, subjects_by

_PLACE = re.compile(r"(?:坐落|地址)[::为]?\s*([^;；,，。]+)")


def request(asked: Asked) -> dict[str, str]:
    return {
        "nsrsbh": asked.id_number,
        "nsrmc": asked.name,
        "nsrqq": asked.params.get("from", f"{asked.on.year - 5}-01-01"),
        "nsrqz": f"{asked.on:%Y-%m-%d}",
        "qshm": "",
    }


def read(row: Row) -> DeedTax | None:
    """The location stands in free text; a payment that names none matches by its area alone."""
    named = _PLACE.search(row.text("BZ"))
    return DeedTax(
        item=row.text("ZSPMMC", "ZSXMMC"),
        on=row.day("NSRQ", "SKSSQQ"),
        area=row.number("KSSL"),
        location=place(named[1]) if named else "",
    )


SPEC = Source(
    code="deed_tax",
    name="契税完税",
    owner="税务",
    path="api/001008002016288/dataSharing/5b20e8c7f4d1396a.htm",
    empty=NONE,
    request=request,
    read=read,
    subjects=subjects_by("NSRSBH"),
    sensitivity="sensitive",
)
