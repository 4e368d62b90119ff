"""What came of a story (审核和结果): tasks, opinions, notice, place in the queue, refusal."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from accounts.models import Bureau
from applications import (
    decision,
    duties,
    periods,
    reason_codes,
    settlements,
    states,
    verification,
    wait_moves,
)
from applications.findings import FAIL, How, doubtful, worst_of
from applications.models import (
    Application,
    Assessment,
    Decision,
    Opinion,
    Pause,
    Publicity,
    ReviewTask,
    WaitEntry,
    WaitMove,
)
from applications.models.review import Second, Stage
from applications.publicity import days_of_notice
from applications.waiting import draw_tier_of
from core import clock
from office.demo_city.families import Story
from office.demo_city.staff import Cast

Times = Mapping[str, datetime]
"""When a case came into each state."""


@dataclass
class Reviewed:
    """The rows that people's work left on a case; ``keep`` takes each one."""

    cast: Cast
    seed: int
    keep: Callable[[Any], None]

    def about(
        self, application: Application, assessment: Assessment, story: Story, times: Times
    ) -> None:
        """Everything that came after the checks, as far as the case has got."""
        self._reviews(application, story, times)
        if states.PUBLICITY in times:
            self._publicity(application, times)
        if states.WAITLISTED in times:
            self._waiting(application, story, times)
        if story.state == states.REFUSED:
            self._refusal(application, assessment, story, times)

    def _reviews(self, application: Application, story: Story, times: Times) -> None:
        street = self.cast.streets[story.family.street]
        stages = [
            (Stage.STREET, states.STREET_REVIEW, [street], states.JOINT_REVIEW),
            (Stage.JOINT, states.JOINT_REVIEW, self.cast.departments, states.DISTRICT_REVIEW),
            (Stage.DISTRICT, states.DISTRICT_REVIEW, [self.cast.centre], states.PUBLICITY),
        ]
        for stage, state, bureaus, next_state in stages:
            if state not in times:
                continue
            done = times.get(next_state) or (
                times.get(states.REFUSED) if stage == Stage.DISTRICT else None
            ) or times.get(states.WITHDRAWN)  # fmt: skip
            for bureau in bureaus:
                self._task(application, story, stage, bureau, times[state], done)

    def _task(
        self,
        application: Application,
        story: Story,
        stage: str,
        bureau: Bureau,
        opened: datetime,
        done: datetime | None,
    ) -> None:
        asked = doubtful(Assessment(result=story.result))
        rules = [rule for rule in asked if duties.RULES.get(rule) == bureau.kind]
        withdrawn = story.state == states.WITHDRAWN
        task = ReviewTask(
            application=application,
            stage=stage,
            bureau=bureau,
            state=_task_state(done, withdrawn),
            state_since=done or opened,
            opened_at=opened,
            due_on=periods.of(str(stage)).after(opened.astimezone(clock.LOCAL).date()),
            findings=sorted(rules),
        )
        self.keep(task)
        if done and not withdrawn:
            self.keep(self._opinion(task, story, bureau, done, rules))

    def _opinion(
        self, task: ReviewTask, story: Story, bureau: Bureau, at: datetime, rules: list[str]
    ) -> Opinion:
        """Settles each rule as the registers have it, checked as a reviewer's own word is."""
        assessment = Assessment(result=story.result)
        failed = [rule for rule in rules if worst_of(assessment, rule) == FAIL]
        said = {rule: _said(rule in failed) for rule in rules}
        settled = settlements.checked(said, assessment)
        override = settlements.needs_second(settled, assessment)
        return Opinion(
            task=task,
            verdict="object" if failed else "agree",
            settled=settled,
            reason_codes=[_reason(rule, one["how"]) for rule, one in settled.items()],
            text="经核对，有不符合条件的事项。" if failed else "经核对，符合条件。",
            by=self.cast.by_bureau.get(bureau.pk, self.cast.district[0]),
            at=at,
            # one person at each desk of the demo: the centre's reviewer is the second
            second=Second.CONFIRMED if override else Second.NONE,
            second_by=self.cast.district[1] if override else None,
            second_at=at if override else None,
        )

    def _publicity(self, application: Application, times: Times) -> None:
        first = times[states.PUBLICITY].astimezone(clock.LOCAL).date() + timedelta(days=1)
        last = first + timedelta(days=days_of_notice(first) - 1)
        self.keep(
            Publicity(
                application=application,
                starts_on=first,
                ends_on=last,
                closed_at=times.get(states.WAITLISTED),
            )
        )
        if times.get(states.WAITLISTED) and not periods.of("publicity_counts").value:
            self.keep(
                Pause(
                    application=application,
                    reason=Pause.Reason.PUBLICITY,
                    began_at=times[states.PUBLICITY],
                    ended_at=times[states.WAITLISTED],
                )
            )

    def _waiting(self, application: Application, story: Story, times: Times) -> None:
        result = story.result
        housed = times.get(states.CLOSED)
        entry = WaitEntry(
            application=application,
            registered_at=times[states.WAITLISTED],
            order_at=times[states.WAITLISTED],
            tier=result["tier"] or "ZPX",
            draw_tier=draw_tier_of(result["priority"], story.submitted),
            priority=result["priority"],
            unit_types=result["unit_types"] or ["2R"],
            ended_at=housed,
        )
        self.keep(entry)
        self.keep(wait_moves.first(entry, by=verification.WORKER))
        if housed is not None:
            self.keep(
                wait_moves.last(
                    entry, by=verification.WORKER, reason=WaitMove.Reason.HOUSED, at=housed,
                    unit_type=entry.unit_types[0],
                )
            )  # fmt: skip

    def _refusal(
        self, application: Application, assessment: Assessment, story: Story, times: Times
    ) -> None:
        drafted, signed = self.cast.district
        failed = [f for f in story.result["findings"] if f["result"] == "fail"]
        key = sha256(f"{self.seed}\0{story.family.key}".encode()).hexdigest()
        self.keep(
            Decision(
                application=application,
                assessment=assessment,
                kind=Decision.Kind.REFUSE,
                letter_no=f"YZ-BY-{application.case_no}",
                check_code=key[:12].upper(),
                reasons=[decision.reason_of(one, {}) for one in failed],
                text="您家这次不符合条件，原因见下。",
                drafted_by=drafted,
                drafted_at=times[states.REFUSED] - timedelta(hours=1),
                signed_by=signed,
                signed_at=times[states.REFUSED],
                served_at=times[states.REFUSED],
            )
        )


def _task_state(done: datetime | None, withdrawn: bool) -> str:
    if done is None:
        return states.TASK_OPEN
    return states.TASK_CANCELLED if withdrawn else states.TASK_DONE


def _said(is_failed: bool) -> dict[str, str]:
    """What a desk of the demo says about a doubtful rule: the registers had it right or not."""
    if is_failed:
        return {"how": How.CONFIRMED_FAIL}
    return {"how": How.VERIFIED_PASS, "reason": "已向登记部门书面核实，符合规定。"}


def _reason(rule: str, how: str) -> str:
    """The first reason of the table that fits how a rule was settled."""
    return reason_codes.of_rule(rule, [how])[0].code
