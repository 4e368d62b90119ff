"""Per member and fact (一人一事): what a re-check found, from which registers, and how it stands.

Read from the stored assessment, its evidence and the household's answers; nothing is kept twice.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Max
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from applications.eligibility import explain
from applications.models import Evidence, Member
from core import clock, display
from renewal import states
from renewal.models import HouseholdQuestion, Recheck

CONFIRMED, WAITING, OPEN, ANSWERED, ACCEPTED, DOUBTED = (
    "confirmed", "waiting", "open", "answered", "accepted", "doubted",
)  # fmt: skip
WORDS = {
    CONFIRMED: _("已确认"),
    WAITING: _("等部门答复"),
    OPEN: _("请家庭回答"),
    ANSWERED: _("家庭已回答"),
    ACCEPTED: _("已核对"),
    DOUBTED: _("核对中"),
}
_OF_QUESTION = {
    states.Q_OPEN: OPEN, states.Q_ANSWERED: ANSWERED, states.Q_ACCEPTED: ACCEPTED,
}  # fmt: skip


@dataclass(frozen=True)
class Fact:
    """One fact about one person (or the household, ``member`` None)."""

    rule: str
    member: Member | None
    status: str
    title: str
    sentence: str
    sources: str  # the registers by name
    dated: date | None  # the day on which the newest of them answered
    question: HouseholdQuestion | None = None

    @property
    def word(self) -> str:
        return str(WORDS[self.status])


def of(row: Recheck) -> list[Fact]:
    """Every fact of a re-check, the household's first, then each member's; none before it is
    assessed. Three queries for any number of facts."""
    if row.assessment is None:
        return []
    people = {one.id_number: one for one in row.lease.application.members.filter(excluded=False)}
    answered = _answered(row, people)
    asked = {(one.rule, one.member_id): one for one in row.questions.order_by("pk")}
    found = [
        _fact(finding, people, answered, asked) for finding in row.assessment.result["findings"]
    ]
    return sorted(found, key=lambda one: one.member.position if one.member else -1)


def confirmed(facts: Iterable[Fact]) -> list[Fact]:
    """What departments or people have confirmed: nothing to do for the household."""
    return [one for one in facts if one.status in (CONFIRMED, ACCEPTED)]


def unsettled(facts: Iterable[Fact]) -> list[Fact]:
    """What is not confirmed yet, whoever has to do something."""
    return [one for one in facts if one.status not in (CONFIRMED, ACCEPTED)]


def _answered(row: Recheck, people: Mapping[str, Member]) -> dict[tuple[str, int], date]:
    """The day on which each register last answered about each member, in the re-check's round."""
    rows = Evidence.objects.filter(
        application=row.lease.application_id, round=row.round, member__in=people.values(),
        fetched_at__isnull=False,
    )  # fmt: skip
    latest = rows.values_list("source", "member_id").annotate(at=Max("fetched_at"))
    return {(code, pk): at.astimezone(clock.LOCAL).date() for code, pk, at in latest}


def _fact(
    finding: Mapping[str, Any],
    people: Mapping[str, Member],
    answered: Mapping[tuple[str, int], date],
    asked: Mapping[tuple[str, int | None], HouseholdQuestion],
) -> Fact:
    language = "en" if (get_language() or "").startswith("en") else "zh-hans"
    member = people.get(finding.get("person") or "")
    question = asked.get((finding["rule"], member.pk if member else None))
    codes = list(finding.get("evidence") or [])
    about = [member.pk] if member else [one.pk for one in people.values()]
    days = [answered[code, pk] for code in codes for pk in about if (code, pk) in answered]
    return Fact(
        rule=finding["rule"],
        member=member,
        status=_status(finding, question),
        title=explain.title(finding["rule"], language),
        sentence=explain.sentence(finding, language),
        sources=display.listed([explain.source_name(code, language) for code in codes]),
        dated=max(days, default=None),
        question=question,
    )


def _status(finding: Mapping[str, Any], question: HouseholdQuestion | None) -> str:
    asked = _OF_QUESTION.get(question.state) if question is not None else None
    if finding["result"] == "pass":
        return ACCEPTED if asked == ACCEPTED else CONFIRMED
    if asked is not None:
        return asked
    if finding.get("route") == "conditional":
        return CONFIRMED  # by the household's promise, which is checked on a day of its own
    return WAITING if finding.get("route") == "pending" else DOUBTED
