"""契税完税: a cross-check on purchases and inheritances."""

import re

from datashare.cells import Row, place
from datashare.replies import DeedTax
from datashare.sources import laws
from datashare.sources.source import NONE, SENSITIVE, Asked, Source, seen, subjects_by

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
        area=row.measure("KSSL"),
        location=place(named[1]) if named else "",
    )


FIELDS = (
    seen("NSRMC", "纳税人", "taxpayer"),
    seen("NSRSBH", "纳税人识别号", "taxpayer's number"),
    seen("ZSXMMC", "征收项目", "tax"),
    seen("ZSPMMC", "征收品目", "item"),
    seen("NSRQ", "申报日期", "declared on", "SKSSQQ"),
    seen("KSSL", "面积", "area"),
    seen("BZ", "备注", "note: location"),
)

SPEC = Source(
    code="deed_tax",
    name="契税完税",
    owner="税务",
    english="deed tax",
    owner_english="tax",
    path="api/001008002016288/dataSharing/5b20e8c7f4d1396a.htm",
    empty=NONE,
    laws=(
        laws.ASSISTANCE.clause(58),
        laws.DEED_TAX.clause(13),
    ),
    fields=FIELDS,
    request=request,
    read=read,
    subjects=subjects_by("NSRSBH", name=("NSRMC",)),
    sensitivity=SENSITIVE,
)
