"""Evidence in plain words (核对结果的说法): what a register said, as the person concerned reads it.

Only that person, or who cares for a minor, is shown a line (privacy); health facts stay out.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from applications import authority, registers
from applications.models import Evidence
from core import clock, display
from core.identity.masking import mask_text
from datashare import catalogue
from datashare.reading import read

_OFTEN_EMPTY = frozenset({"education", "provident_fund", "residence_permit", "social_insurance"})
_EMPTY_FOR_CHILDREN = frozenset({"identity_card", "income_check"})
_DIGEST, _REQUEST = 16, 16  # characters shown of each
PENDING, FOUND = Evidence.Status.PENDING, Evidence.Status.FOUND
NO_RECORD, UNAVAILABLE = Evidence.Status.NO_RECORD, Evidence.Status.UNAVAILABLE
ORDERED = Evidence.Status.ORDERED


@dataclass(frozen=True)
class Line:
    """One row of a list of evidence: drawn by the component evidence_row."""

    evidence: Evidence
    title: str
    kind: str  # shape of the mark
    word: str
    value: str
    source: str
    as_of: str
    free: bool
    note: str = ""
    code: str = ""  # 证照编码 or the number of the query, with its label
    digest: str = ""  # of the answer as it is kept; keyed, so it tells nothing of it


def line(
    evidence: Evidence, *, differs: bool = False, kept: Mapping[str, Any] | None = None
) -> Line:
    """The row's words by product-design part 4.2.

    ``differs``: another register says something else, and a department is looking at it.
    ``kept``: digest and request of the answer in the archive (archive.newest_kept).
    """
    entry = catalogue.entry(evidence.source)
    kind, word = _state(evidence, entry.silence_is_unknown)
    if differs and not evidence.disputed:
        kind, word = "unknown", _("两处信息不同，核对中")
    answered = evidence.status in (FOUND, NO_RECORD)
    return Line(
        evidence=evidence,
        title=registers.name_of(evidence.source),
        kind=kind,
        word=word,
        value=_value(evidence) if evidence.status == FOUND else "",
        source=registers.owner_of(evidence.source),
        as_of=display.day_time(evidence.fetched_at) if answered else "",
        free=answered and not evidence.disputed,
        note=evidence.disputed_reason if evidence.disputed else _expected(evidence),
        code=_code(evidence, kept or {}) if answered else "",
        digest=str((kept or {}).get("digest", ""))[:_DIGEST],
    )


def _code(evidence: Evidence, kept: Mapping[str, Any]) -> str:
    """证照编码 where a licence was fetched, else the number of the query; no ID number in full."""
    licences = (str(row.get("ELC_LICENCE_CODE") or "") for row in evidence.rows)
    if licence := next(filter(None, licences), ""):
        return _("证照编码%(code)s") % {"code": mask_text(licence)}
    asked = str(kept.get("request_id") or evidence.call_ref)[:_REQUEST]
    return _("查询编号%(code)s") % {"code": asked} if asked else ""


def _state(evidence: Evidence, silence_is_unknown: bool) -> tuple[str, str]:
    if evidence.disputed:
        return "unknown", _("您已提出异议")
    if evidence.status == PENDING:
        return "current", _("查询中")
    if evidence.status == ORDERED:
        return "current", _("民政核对收入中")
    if evidence.status == UNAVAILABLE:
        return "paused", _("等部门答复")
    if evidence.status == FOUND:
        return "met", _("已查到")
    if silence_is_unknown and not _is_usual(evidence):
        return "unknown", _("没查到，人工核对")
    return "met", _("没有登记")


def _expected(evidence: Evidence) -> str:
    """When an ordered report is expected; empty for everything that is answered at once."""
    if evidence.status != ORDERED or evidence.expected_on is None:
        return ""
    return _("报告预计%(day)s前出具，其他环节照常办理，不用您办理。") % {
        "day": display.day(evidence.expected_on)
    }


def _is_usual(evidence: Evidence) -> bool:
    """Silence that most people's registers share, and that no rule holds against them by itself."""
    child = not authority.is_adult(evidence.member, clock.today())
    return evidence.source in _OFTEN_EMPTY or (child and evidence.source in _EMPTY_FOR_CHILDREN)


def _value(evidence: Evidence) -> str:
    """A short sentence for what people ask about most; else how many records there are."""
    reply = read(evidence.source, evidence.member.id_number, evidence.rows)
    say = _SAYINGS.get(evidence.source)
    said = say(reply.records) if say and reply.records else ""
    return said or _("查到%(n)s条记录") % {"n": max(len(reply.records), 1)}


def _homes(records: tuple[Any, ...]) -> str:
    held = [one for one in records if one.housing and one.left is None and not one.historic]
    area = sum((one.area or Decimal(0) for one in held), Decimal(0))
    if not held:
        return _("现在名下没有住房，有以前的登记")
    return _("%(n)s处住房，共%(area)s") % {"n": len(held), "area": display.area(area)}


def _contracts(records: tuple[Any, ...]) -> str:
    live = [one for one in records if not one.cancelled]
    area = sum((one.area or Decimal(0) for one in live), Decimal(0))
    if not live:
        return _("合同已撤销")
    return _("%(n)s份购房合同，共%(area)s") % {"n": len(live), "area": display.area(area)}


def _register(records: tuple[Any, ...]) -> str:
    first = records[0]
    return _("户籍在%(place)s") % {"place": first.address} if first.address else ""


def _insured(records: tuple[Any, ...]) -> str:
    last = max((one.last for one in records if one.last), default=None)
    return _("参保缴费到%(month)s") % {"month": display.month(last)} if last else ""


def _married(records: tuple[Any, ...]) -> str:
    words = {"married": _("已登记结婚"), "divorced": _("已登记离婚"), "never": _("没有婚姻登记")}
    kinds = [getattr(one, "kind", "") or getattr(one, "verdict", "") for one in records]
    return words.get(kinds[-1], "") if kinds else ""


def _vehicles(records: tuple[Any, ...]) -> str:
    held = [one for one in records if one.held and one.counted]
    return _("%(n)s辆车") % {"n": len(held)}


def _confirmed(records: tuple[Any, ...]) -> str:
    return _("登记信息一致")


_SAYINGS: dict[str, Callable[[tuple[Any, ...]], str]] = {
    "property": _homes,
    "presale_contract": _contracts,
    "resale_contract": _contracts,
    "household_register": _register,
    "social_insurance": _insured,
    "marriage": _married,
    "marriage_national": _married,
    "vehicle": _vehicles,
    "identity_card": _confirmed,
}
