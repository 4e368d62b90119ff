"""Reasons (依据): what the rules found, as the person concerned may read it.

Before somebody has signed a decision a machine's FAIL or UNKNOWN reads 核对中: value, limit and
clause are shown, the verdict is not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from applications import inquiries
from applications.eligibility import explain
from applications.models import Application, Assessment, Decision
from applications.models.evidence import APPLY
from core import display

PASS, FAIL = "pass", "fail"
# unit in which a rule's value is told
_AREA = {"HOUSING_AREA", "HOUSING_OFFPLAN", "TRANSFER_LOOKBACK", "DIVORCE_LOOKBACK"}
_YUAN = {"INCOME", "DEPOSIT", "COMPANY"}

_COUNTED: dict[str, Callable[[int], str]] = {
    "HUKOU": lambda n: ngettext("%(n)s个月", "%(n)s个月", n) % {"n": n},
    "EMPLOYMENT": lambda n: ngettext("%(n)s个月", "%(n)s个月", n) % {"n": n},
    "SINGLE_AGE": lambda n: ngettext("%(n)s周岁", "%(n)s周岁", n) % {"n": n},
    "VEHICLE": lambda n: ngettext("%(n)s辆", "%(n)s辆", n) % {"n": n},
}


@dataclass(frozen=True)
class Reason:
    """One finding: drawn by reason_card."""

    item: int
    rule: str
    title: str
    person: str
    mark: str
    word: str
    sentence: str
    change: str
    value: str
    limit: str
    difference: str
    clause: str
    sources: str
    as_of: str
    unverified: bool
    source_codes: tuple[str, ...]


def of(application: Application, *, reader: str) -> list[Reason]:
    """Every finding of the newest assessment; what needs a look stands first.

    ``reader`` is the blind index of who reads: values about another person stay out.
    """
    assessment = newest(application)
    if assessment is None:
        return []
    decided = is_decided(application)
    names = {one.id_number: one for one in application.members.all()}
    found = enumerate(assessment.result["findings"])
    reasons = [_reason(item, one, assessment, decided, names, reader) for item, one in found]
    if not decided:
        reasons = _with_differing(application, reasons, names, reader)
    order = {"unmet": 0, "unknown": 1, "met": 2}
    return sorted(reasons, key=lambda one: order[one.mark])


@dataclass(frozen=True)
class Rule:
    """One rule over the whole household: the worst of its findings, and whom it concerns."""

    item: int
    title: str
    mark: str
    word: str
    people: list[str]


def by_rule(application: Application, *, reader: str) -> list[Rule]:
    """The findings gathered by rule, in the order of ``of``; names only where not all are met."""
    gathered: dict[str, list[Reason]] = {}
    for one in of(application, reader=reader):
        gathered.setdefault(one.rule, []).append(one)
    return [
        Rule(
            item=same[0].item,
            title=same[0].title,
            mark=same[0].mark,
            word=same[0].word,
            people=[one.person for one in same if one.person and one.mark == same[0].mark]
            if same[0].mark != "met"
            else [],
        )
        for same in gathered.values()
    ]


def newest(application: Application) -> Assessment | None:
    """The newest assessment of the first round."""
    return application.assessments.filter(round=APPLY).first()


def is_decided(application: Application) -> bool:
    """Whether a decision that a person signed has been served and stands."""
    served = application.decisions.filter(served_at__isnull=False, replaced=False)
    return served.exclude(kind=Decision.Kind.NOTICE).exists()


def _reason(
    item: int,
    finding: Mapping[str, Any],
    assessment: Assessment,
    decided: bool,
    names: Mapping[str, Any],
    reader: str,
) -> Reason:
    language = "en" if (get_language() or "").startswith("en") else "zh-hans"
    mark, word = _verdict(finding["result"], decided)
    person = names.get(finding.get("person") or "")
    own = person is None or person.id_index == reader
    told = mark != "unknown" and own
    return Reason(
        item=item,
        rule=finding["rule"],
        title=explain.title(finding["rule"], language),
        person=person.name if person else "",
        mark=mark,
        word=word,
        sentence=explain.sentence(finding, language) if told else _waiting(mark),
        change=explain.change(finding, language) if told else "",
        value=_amount(finding, finding.get("actual")) if own else "",
        limit=_limit(finding),
        difference=_amount(finding, explain.difference(finding)) if own else "",
        clause=explain.clause(finding.get("citation") or "", language),
        sources=display.listed(explain.source_name(code, language) for code in finding["evidence"]),
        as_of=display.day_short(assessment.on),
        unverified=bool(finding.get("unverified")),
        source_codes=tuple(finding["evidence"]),
    )


def _with_differing(
    application: Application, reasons: list[Reason], names: Mapping[str, Any], reader: str
) -> list[Reason]:
    """What rests on two registers that disagree says so; about the reader, or the household."""
    differing = inquiries.differing(application)
    if not differing.pairs:
        return reasons
    own = next((one.pk for one in names.values() if one.id_index == reader), None)
    people = {one.name: one.pk for one in names.values()}
    word = _("两处信息不同，核对中")
    return [
        replace(
            one,
            mark="unknown",
            word=word,
            sentence=_waiting("unknown"),
            change="",
            value="",
            difference="",
        )
        if people.get(one.person, own) == own and differing.rule(one.rule, own)
        else one
        for one in reasons
    ]


def _verdict(result: str, decided: bool) -> tuple[str, str]:
    if result == PASS:
        return "met", _("符合")
    if result == FAIL and decided:
        return "unmet", _("不符合")
    return "unknown", _("核对中")


def _waiting(mark: str) -> str:
    return _("这一项正在核对，还不是结论。") if mark == "unknown" else ""


def _limit(finding: Mapping[str, Any]) -> str:
    words = {"<=": _("不超过%s"), "<": _("低于%s"), ">=": _("不少于%s"), ">": _("多于%s")}
    amount = _amount(finding, finding.get("limit"))
    pattern = words.get(finding.get("op") or "")
    return pattern % amount if pattern and amount else amount


def _amount(finding: Mapping[str, Any], value: Any) -> str:
    """A value of the finding in the unit that its rule counts in."""
    if value in (None, ""):
        return ""
    rule = finding["rule"]
    if rule in _AREA:
        return display.area(value)
    if rule in _YUAN or (rule == "VEHICLE" and "." in value):  # a price; else a count of cars
        return display.money(value)
    if rule in _COUNTED and value.isdecimal():
        return _COUNTED[rule](int(value))
    try:
        return display.day_short(date.fromisoformat(str(value)))
    except ValueError:
        return str(value)
