"""市场主体: what a person invests or serves in."""

from decimal import Decimal

from datashare.cells import Row, person_name, same_person
from datashare.replies import Interest
from datashare.sources import laws
from datashare.sources.orphan import by_number_and_name
from datashare.sources.source import NONE, Source, adults, assumed, seen, subjects_by


def _subscribed(row: Row) -> Decimal | None:
    """The person's own subscribed capital: stated, or found among the investors."""
    stated = row.measure("subconam", "rjcze")
    if stated is not None:
        return stated
    number, name = row.id("sfzh"), person_name(row.text("xm"))
    for investor in row.rows("e_inv"):
        their = investor.id("cerno", "sfzh")
        if their and number and same_person(number, their):
            return investor.measure("subconam", "rjcze")
        if not their and name and person_name(investor.text("inv", "name")) == name:
            return investor.measure("subconam", "rjcze")
    return None


def read(row: Row) -> Interest | None:
    return Interest(
        company=row.text("entname"),
        code=row.text("uniscid"),
        state=row.text("regstate"),
        role=row.text("role"),
        subscribed=_subscribed(row),
        registered=row.measure("regcap"),
        since=row.day("estdate"),
    )


FIELDS = (
    assumed("xm", "姓名", "name"),
    assumed("sfzh", "公民身份号码", "ID number"),
    seen("entname", "企业名称", "company"),
    seen("uniscid", "统一社会信用代码", "its code"),
    seen("regstate", "登记状态", "state"),
    seen("regcap", "注册资本", "registered capital"),
    seen("estdate", "成立日期", "founded on"),
    seen("e_inv", "股东及出资", "investors"),
    assumed("role", "职务", "role"),
    assumed("subconam", "认缴出资额", "subscribed capital", "rjcze"),
)

SPEC = Source(
    code="company",
    name="市场主体",
    owner="市场监管",
    english="companies",
    owner_english="market regulation",
    path="api/001008002016018/dataSharing/64c9d2f7a1be0583.htm",
    empty=NONE,
    laws=(
        laws.ASSISTANCE.clause(58),
        laws.COMPANIES.clause(6),
    ),
    fields=FIELDS,
    request=by_number_and_name,
    read=read,
    subjects=subjects_by("sfzh"),
    applies_to=adults,
)
