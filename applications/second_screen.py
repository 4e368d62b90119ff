"""What the second person of an override reads (第二人确认): what was settled, how and why."""

from dataclasses import dataclass

from applications import duties, findings, reason_codes
from applications.findings import How
from applications.models import Opinion, ReviewTask
from applications.settlements import is_override


@dataclass(frozen=True)
class Line:
    """One rule of the opinion; ``override`` where it goes against or beyond the registers."""

    rule: str
    how: str
    reason: str
    override: bool


@dataclass(frozen=True)
class Waiting:
    """An opinion that waits for its second person."""

    opinion: Opinion
    lines: list[Line]
    reasons: list[dict[str, str]]


def of(task: ReviewTask) -> Waiting:
    """What stands to be confirmed on a task."""
    opinion = task.opinion
    assessment = findings.latest_assessment(task.application)
    return Waiting(
        opinion=opinion,
        lines=lines(opinion, assessment),
        reasons=reason_codes.shown(opinion.reason_codes),
    )


def lines(opinion: Opinion, assessment: object = None) -> list[Line]:
    """How each rule of an opinion was settled, the overrides first."""
    found = [
        Line(
            rule=duties.name_of(rule),
            how=str(How(one["how"]).label),
            reason=one.get("reason", ""),
            override=is_override(rule, one["how"], assessment),
        )
        for rule, one in opinion.settled.items()
    ]
    return sorted(found, key=lambda line: not line.override)
