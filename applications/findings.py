"""What the newest assessment leaves to people, and how they settled it (核实).

A FAIL or an UNKNOWN of the rules decides nothing. The department that owns the rule settles it, and
its settlement holds only for the value it was given on: a later answer of the register that says
something else asks the department again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applications import duties
from applications.eligibility import explain
from applications.models import Application, Assessment, Opinion
from applications.models.evidence import APPLY
from core.identity import ciphers
from core.identity.masking import mask_text

PASS, FAIL, UNKNOWN = "pass", "fail", "unknown"
_WORST_LAST = (PASS, UNKNOWN, FAIL)


class How(models.TextChoices):
    """核实结果: what a department found about a rule by its own means."""

    CONFIRMED_FAIL = "confirmed_fail", _("核实不符")
    OVERRIDDEN_PASS = "overridden_pass", _("核实符合，更正系统判断")
    VERIFIED_PASS = "verified_pass", _("人工核实符合")
    ON_COMMITMENT = "on_commitment", _("按承诺办理，事后核实")


@dataclass(frozen=True)
class Settled:
    """One rule as a department settled it."""

    rule: str
    person: str  # person_tag; '' for the household
    how: str
    reason: str
    was: str  # the finding it was given on
    bureau: str
    by: str
    at: datetime
    second: str = ""  # who confirmed it, where it overrides the registers

    @property
    def failed(self) -> bool:
        return self.how == How.CONFIRMED_FAIL


def latest_assessment(application: Application, round: str = APPLY) -> Assessment | None:
    """The newest assessment of a round."""
    return application.assessments.filter(round=round).select_related("policy").first()


def findings_of(assessment: Assessment | None) -> list[dict[str, Any]]:
    """The findings of an assessment, as contract JSON; none if there is no assessment."""
    return list(assessment.result.get("findings", [])) if assessment else []


def readable_by(kind: str, found: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """What the staff of a department read: the findings of its own rules in full.

    Of another department's rule stands the verdict alone, the worst one, once: no person, value,
    limit or source. ``kind`` by permissions.confined_to; empty: everything is read in full.
    """
    if not kind:
        return found
    own = [one for one in found if duties.department_of(one["rule"]) == kind]
    foreign = [one for one in found if duties.department_of(one["rule"]) != kind]
    foreign.sort(key=lambda one: _WORST_LAST.index(one["result"]))
    worst = {one["rule"]: one["result"] for one in foreign}
    closed = [{"rule": rule, "result": worst[rule], "closed": True} for rule in worst]
    return [*own, *closed]


def doubtful(assessment: Assessment | None) -> list[str]:
    """Codes of the rules that failed or are unknown, once each, in the order of the findings."""
    codes = [one["rule"] for one in findings_of(assessment) if one["result"] != PASS]
    return list(dict.fromkeys(codes))


def value_of(assessment: Assessment | None, rule: str) -> str:
    """What the assessment says of a rule, in one line: results and values of its findings."""
    lines = [
        f"{one['result']} {one.get('actual') or ''}".strip()
        for one in findings_of(assessment)
        if one["rule"] == rule
    ]
    return "; ".join(lines)[:200]


def worst_of(assessment: Assessment | None, rule: str) -> str:
    """fail, unknown or pass; pass for a rule that does not apply."""
    results = {one["result"] for one in findings_of(assessment) if one["rule"] == rule}
    return FAIL if FAIL in results else UNKNOWN if UNKNOWN in results else PASS


def person_tag(number: str | None) -> str:
    """What stands for a person in a settlement: no number, and '' for the household."""
    return ciphers.blind_index(number)[:16] if number else ""


def values_of(assessment: Assessment | None, rule: str) -> dict[str, str]:
    """What the assessment says of a rule about each person, by person_tag."""
    values: dict[str, str] = {}
    for one in findings_of(assessment):
        if one["rule"] == rule:
            tag = person_tag(one.get("person"))
            said = f"{one['result']} {one.get('actual') or ''}".strip()
            values[tag] = f"{values[tag]}; {said}" if tag in values else said
    return values


def covered_by(assessment: Assessment | None, rule: str) -> dict[str, str]:
    """Whom a settlement of a rule given now is about: the doubtful ones, each with its value.

    Where nobody is doubtful it is about everybody.
    """
    values = values_of(assessment, rule)
    return {tag: value for tag, value in values.items() if value != PASS and
            not value.startswith(f"{PASS} ")} or values  # fmt: skip


def settled_of(
    application: Application, assessment: Assessment | None
) -> dict[tuple[str, str], Settled]:
    """The settlements that hold for this assessment, by rule and person; the newest prevails.

    An override counts once a second person has confirmed it; what was taken back never does.
    """
    # what passed by rule settled nothing, and nobody gave it
    opinions = Opinion.objects.standing().filter(task__application=application, by__isnull=False)
    settled: dict[tuple[str, str], Settled] = {}
    for opinion in opinions.select_related("by__bureau", "second_by").order_by("at", "pk"):
        for rule, how in opinion.settled.items():
            now = values_of(assessment, rule)
            for tag, was in _given_on(application, assessment, opinion, rule, how).items():
                if now.get(tag) == was:
                    settled[rule, tag] = _settled(rule, tag, how, opinion)
                else:
                    settled.pop((rule, tag), None)
    return settled


def _given_on(
    application: Application,
    assessment: Assessment | None,
    opinion: Opinion,
    rule: str,
    how: dict[str, Any],
) -> dict[str, str]:
    """Value by person on which a settlement was given.

    Rows of before kept the values without the persons: the assessment of that moment still names
    them. Where there is none, the line must be the same now.
    """
    if "persons" in how:
        persons: dict[str, str] = how["persons"]
        return persons
    was = how.get("was", "")
    if was == value_of(assessment, rule) and opinion.at >= _made(assessment):
        return covered_by(assessment, rule)
    then = application.assessments.filter(round=APPLY, created_at__lte=opinion.at).first()
    if then is not None and was == value_of(then, rule):
        return covered_by(then, rule)
    return covered_by(assessment, rule) if was == value_of(assessment, rule) else {}


def _made(assessment: Assessment | None) -> datetime:
    return assessment.created_at if assessment else datetime.max.replace(tzinfo=UTC)


def doubtful_people(assessment: Assessment | None) -> list[tuple[str, str]]:
    """Rule and person of each finding that failed or is unknown."""
    found = [one for one in findings_of(assessment) if one["result"] != PASS]
    return list(dict.fromkeys((one["rule"], person_tag(one.get("person"))) for one in found))


def unsettled(application: Application, assessment: Assessment | None) -> list[str]:
    """Doubtful rules that no department has settled yet about everybody whom they concern."""
    settled = settled_of(application, assessment)
    open_ = [rule for rule, tag in doubtful_people(assessment) if (rule, tag) not in settled]
    return list(dict.fromkeys(open_))


def confirmed_fails(application: Application, assessment: Assessment | None) -> list[Settled]:
    """Rules that a person has confirmed as failed, about whom."""
    return [one for one in settled_of(application, assessment).values() if one.failed]


def sentence(finding: dict[str, Any], name: str = "") -> str:
    """One stored finding in a plain sentence of the page's language; no ID number stands in it.

    Empty for a finding of which the reader sees the verdict alone.
    """
    if finding.get("closed"):
        return ""
    return mask_text(explain.sentence(finding, get_language() or "zh-hans", name))


def told(finding: dict[str, Any], name: str = "") -> dict[str, str]:
    """The finding in all its words (explain.told), under the same rule as ``sentence``."""
    words = explain.told(finding, get_language() or "zh-hans", name)
    closed = bool(finding.get("closed"))
    return {part: "" if closed else mask_text(text) for part, text in words.items()}


def _settled(rule: str, tag: str, how: dict[str, str], opinion: Opinion) -> Settled:
    by = opinion.by
    assert by is not None
    return Settled(
        rule=rule,
        person=tag,
        how=how["how"],
        reason=how.get("reason", ""),
        was=how.get("was", ""),
        bureau=by.bureau.name,
        by=by.name,
        at=opinion.at,
        second=opinion.second_by.name if opinion.second_by else "",
    )
