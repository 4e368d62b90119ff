"""Writes stories as rows: what a year of submissions, checks and reviews would have left.

In bulk, because a thousand households step by step would take an hour; each table in one go. The
rows obey the same constraints as those the verbs write, and the assessments are those that the
rules give, so `replay` holds for them, too.
"""

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import sha256
from typing import Any

from accounts.models import User
from applications import case_numbers, consent, deadlines, states, verification
from applications.evaluation import policy_of
from applications.models import (
    Application,
    Assessment,
    Consent,
    Decision,
    Evidence,
    Member,
    Opinion,
    Pause,
    Publicity,
    ReviewTask,
    WaitEntry,
    WaitMove,
)
from applications.models.household import tail_index
from core import clock, workdays
from core.identity import ciphers, names
from core.models import Transition
from datashare import authorities, catalogue
from datashare.models import Call, GivenConsent
from office.demo_city.families import Story
from office.demo_city.reviewed import Reviewed
from office.demo_city.staff import Cast

_PATH = (
    states.DRAFT, states.SUBMITTED, states.ACCEPTED, states.STREET_REVIEW, states.JOINT_REVIEW,
    states.DISTRICT_REVIEW, states.PUBLICITY, states.WAITLISTED, states.IN_ROUND, states.ALLOTTED,
    states.CLOSED,
)  # fmt: skip
_SLOW_SHARE = 0.07
_ENDS_AFTER = {states.REFUSED: states.DISTRICT_REVIEW, states.WITHDRAWN: states.STREET_REVIEW}


def _digest(application: Application, member: Member) -> str:
    key = f"{application.case_no}\0{member.id_index}\0{consent.text_digest()}"
    return sha256(key.encode()).hexdigest()


@dataclass
class Chronicle:
    """Rows to be written, table by table, with their order kept."""

    cast: Cast
    on: date
    seed: int
    chance: random.Random = field(init=False)
    reviewed: Reviewed = field(init=False)
    rows: dict[type, list[Any]] = field(default_factory=lambda: defaultdict(list))

    def __post_init__(self) -> None:
        self.chance = random.Random(f"chronicle:{self.seed}")
        self.reviewed = Reviewed(self.cast, self.seed, self._keep)

    def _keep(self, row: Any) -> None:
        self.rows[type(row)].append(row)

    def write(self, stories: Iterable[Story], users: dict[str, User]) -> list[Application]:
        """Writes the stories; the applications in their order, with ``story`` attached."""
        stories = list(stories)
        made = [self._application(story, users) for story in stories]
        Application.objects.bulk_create(made)
        for application, story in zip(made, stories, strict=True):
            application.story = story  # type: ignore[attr-defined]
            self._about(application, story)
        for model in (Member, Consent, GivenConsent, Evidence, Assessment, ReviewTask, Opinion,
                      Publicity, Pause, Decision, WaitEntry, WaitMove, Transition,
                      Call):  # fmt: skip
            model.objects.bulk_create(self.rows.pop(model, []), batch_size=2000)
        return made

    # -- the application itself ---------------------------------------------------------------

    def _application(self, story: Story, users: dict[str, User]) -> Application:
        at = self._at(story.submitted)
        street = self.cast.streets[story.family.street]
        online = story.channel == "online"
        application = Application(
            case_no=case_numbers.draw(at),
            category=story.result["category"] or "",
            channel=story.channel,
            state=story.state,
            created_at=at,
            submitted_at=at,
            accepted_at=at,
            created_by=users[story.family.key] if online else self.cast.windows[street.pk],
            street=street,
            declared={"commitments": []},
            wishes={"programme": "public_rental", "any_estate": True, "preferences": []},
            step="done",
            visits=0 if online else 1,
            papers=0 if online else 2,
        )
        deadlines.start(application, at)
        application.moments = self._moments(story, at)  # type: ignore[attr-defined]
        application.state_since = application.moments[-1][1]  # type: ignore[attr-defined]
        self._stamp(application)
        return application

    def _stamp(self, application: Any) -> None:
        last = application.moments[-1][1]
        if application.state == states.WAITLISTED:
            application.decided_at = last
        elif not states.APPLICATION[application.state].open:
            application.closed_at = last

    def _moments(self, story: Story, at: datetime) -> list[tuple[str, datetime]]:
        """Each state the case went through with its time, never later than the city's day."""
        reached = _ENDS_AFTER.get(story.state, story.state)
        path = list(_PATH[: _PATH.index(reached) + 1])
        if story.state in _ENDS_AFTER:
            path.append(story.state)
        moments, now = [], at
        slow = self._slow_desk(story)
        for state in path:
            now = self._next(state, now, slow if state == states.DISTRICT_REVIEW else 0)
            moments.append((state, now))
        return moments

    def _slow_desk(self, story: Story) -> int:
        """Working days that one department took too long: a year of work is never all in time."""
        old = story.submitted < self.on - timedelta(days=90)
        return self.chance.randint(5, 24) if old and self.chance.random() < _SLOW_SHARE else 0

    def _next(self, state: str, now: datetime, slow: int) -> datetime:
        days = {
            states.JOINT_REVIEW: self.chance.randint(1, 2),
            states.DISTRICT_REVIEW: self.chance.randint(1, 4),
            states.PUBLICITY: self.chance.randint(1, 2),
            states.REFUSED: self.chance.randint(2, 4),
            states.WITHDRAWN: self.chance.randint(1, 3),
        }.get(state, 0)
        if state == states.WAITLISTED:
            return clock.local_midnight(now.astimezone(clock.LOCAL).date() + timedelta(days=8))
        if not days:
            return now + timedelta(seconds=2)
        later = workdays.add_workdays(now.astimezone(clock.LOCAL).date(), days + slow)
        return min(self._at(later), clock.local_midnight(self.on) - timedelta(minutes=1))

    def _at(self, day: date) -> datetime:
        minute = timedelta(minutes=self.chance.randrange(8 * 60, 20 * 60))
        moment = datetime.combine(day, time(), tzinfo=clock.LOCAL) + minute
        return min(moment, clock.local_midnight(self.on) - timedelta(minutes=5))

    # -- what hangs on it ---------------------------------------------------------------------

    def _about(self, application: Any, story: Story) -> None:
        times = dict(application.moments)
        members = self._members(application, story)
        assessment = self._assessment(application, story, times[states.ACCEPTED])
        self._evidence(application, story, members, times[states.ACCEPTED])
        self._transitions(application)
        self.reviewed.about(application, assessment, story, times)

    def _members(self, application: Application, story: Story) -> list[Member]:
        held = application.is_open
        members = []
        for position, (person, relation) in enumerate((*story.people, *story.born_since)):
            member = Member(
                application=application,
                position=position,
                name=person.name,
                name_key=names.pinyin_key(person.name),
                id_number=person.id_number,
                id_index=ciphers.blind_index(person.id_number),
                id_tail=tail_index(person.id_number),
                relation=relation,
                is_applicant=position == 0,
                holding=held,
            )
            members.append(member)
            given = self._consent(application, member)
            self._keep(given)
            self._keep(self._registered(application, given))
        self.rows[Member] += members
        return members

    def _consent(self, application: Application, member: Member) -> Consent:
        return Consent(
            member=member,
            method="online" if application.channel == "online" else "window",
            text_version=consent.VERSION,
            text_digest=consent.text_digest(),
            digest=_digest(application, member),
            given_at=application.created_at,
            recorded_by="demo",
        )

    def _registered(self, application: Any, given: Consent) -> GivenConsent:
        """The same consent as datashare was told of it; a withdrawn application ended it."""
        over = application.closed_at if application.state == states.WITHDRAWN else None
        return GivenConsent(
            digest=given.digest,
            person_index=given.member.id_index,
            case_no=application.case_no,
            kinds=sorted(authorities.CONSENT_KINDS),
            given_at=application.created_at,
            ends_at=over,
            ended_because=GivenConsent.Because.CASE_ENDED if over else "",
        )

    def _assessment(self, application: Application, story: Story, at: datetime) -> Assessment:
        body = {**story.case.to_dict(), "case": application.case_no}
        made = Assessment(
            application=application,
            on=story.submitted,
            policy=policy_of(story.submitted)[1],
            outcome=story.result["outcome"],
            category=story.result["category"] or "",
            tier=story.result["tier"] or "",
            result={**story.result, "case": application.case_no},
            inputs=body,
            created_at=at,
        )
        self._keep(made)
        return made

    def _evidence(
        self, application: Application, story: Story, members: list[Member], at: datetime
    ) -> None:
        """Kept rows of cases under way; of a closed one the assessment's inputs are enough."""
        over = story.state in (states.CLOSED, states.REFUSED, states.WITHDRAWN)
        by_number = {member.id_number: member for member in members}
        for source, answers in story.case.to_dict()["records"].items():
            for number, rows in answers.items():
                self._call(application, by_number[number], source, len(rows), at)
                if not over:
                    self._keep(answered(application, by_number[number], source, rows, at, "apply"))

    def _call(
        self, application: Application, member: Member, source: str, found: int, at: datetime
    ) -> None:
        """The log of the question: who asked which register, why, and what came of it."""
        self._keep(
            Call(
                source=source,
                case_no=application.case_no or "",
                purpose=verification.MATTER,
                basis=f"consent:{_digest(application, member)}",
                by=verification.WORKER.name,
                person_index=member.id_index,
                started_at=at,
                duration_ms=self.chance.randint(25, 320),
                outcome=Call.Outcome.FOUND if found else Call.Outcome.NO_RECORD,
                row_count=found,
            )
        )

    def _transitions(self, application: Any) -> None:
        pairs = zip(application.moments, application.moments[1:], strict=False)
        for (came_from, _at), (to, at) in pairs:
            self._keep(
                Transition(
                    thing_type="applications.application",
                    thing_id=application.pk,
                    case_no=application.case_no,
                    from_state=came_from,
                    to_state=to,
                    by="demo",
                    at=at,
                )
            )


def answered(
    application: Application, member: Member, source: str, rows: Any, at: datetime, round_: str
) -> Evidence:
    """A register's answer as a worker would have written it; a report was delivered long ago."""
    serves = timedelta(days=catalogue.entry(source).ttl)
    return Evidence(
        application=application,
        member=member,
        source=source,
        round=round_,
        status=Evidence.Status.FOUND if rows else Evidence.Status.NO_RECORD,
        rows=list(rows),
        asked_at=at,
        fetched_at=at,
        attempts=1,
        due_at=at,
        valid_to=at.astimezone(clock.LOCAL).date() + serves,
    )
