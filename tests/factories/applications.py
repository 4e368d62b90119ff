"""Applications in any state. Situations are named by arguments; nobody here is a real person."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from hashlib import sha256
from typing import Any

from accounts.models import Bureau, Citizen
from applications import authority, case_numbers, states
from applications.models import (
    Application,
    Assessment,
    Consent,
    Evidence,
    Member,
    PolicyText,
)
from core import clock, workdays
from core.models import Transition
from datashare import authorities
from tests.factories import accounts

ADULT_BORN, CHILD_BORN = date(1985, 5, 5), date(2018, 6, 1)
_PATH = (states.SUBMITTED, states.ACCEPTED, states.STREET_REVIEW, states.JOINT_REVIEW,
         states.DISTRICT_REVIEW, states.PUBLICITY, states.WAITLISTED)  # fmt: skip


_DECIDED = (states.WAITLISTED, states.WAIT_SUSPENDED, states.INTENTION, states.RE_REVIEW,
            states.IN_ROUND, states.ALLOTTED, states.CLOSED)  # fmt: skip


@dataclass(frozen=True)
class Person:
    """Somebody to be named in an application; ``relation`` by GB/T 4761 to the applicant."""

    name: str
    id_number: str
    relation: str = "01"
    phone: str = ""


def person(
    relation: str = "01", *, name: str = "", number: str = "", child: bool = False
) -> Person:
    """An invented person; a child was born in 2018."""
    number = number or accounts.id_number(born=CHILD_BORN if child else None)
    return Person(name or f"试{accounts._numeral(int(number[-6:-2]))}", number, relation)


def couple_with_child() -> list[Person]:
    """Applicant, spouse and a daughter."""
    return [person("01"), person("10"), person("31", child=True)]


def application(
    members: int | Sequence[Person] = 1,
    *,
    state: str = states.DRAFT,
    applicant: Citizen | None = None,
    channel: str = "online",
    street: Bureau | str | None = None,
    consents: bool = True,
    declared: dict[str, Any] | None = None,
    wishes: dict[str, Any] | None = None,
    accepted_days_ago: int = 0,
    **fields: Any,
) -> Application:
    """An application in ``state`` with its members, consents, stamps and history.

    ``members`` is a number of people or the people themselves, the applicant first. With
    ``applicant`` the first member is this citizen.
    """
    people = _people(members, applicant)
    citizen = applicant or accounts.citizen(name=people[0].name, number=people[0].id_number)
    since = clock.now() - timedelta(days=accepted_days_ago)
    row = Application(
        state=state,
        state_since=since,
        created_at=since,
        created_by=citizen.user,
        channel=channel,
        street=street if isinstance(street, Bureau) else accounts.bureau(street or "street"),
        declared=declared or {},
        wishes=wishes or {"programme": "public_rental"},
        **fields,
    )
    _stamp(row, since)
    row.save()
    for position, someone in enumerate(people):
        _member(row, someone, position, consents)
    _history(row, since)
    return row


def evidence(
    application: Application,
    source: str = "property",
    *,
    member: Member | None = None,
    status: str = "no_record",
    rows: Iterable[dict[str, Any]] = (),
    round: str = "apply",
    **fields: Any,
) -> Evidence:
    """One register's answer about one member (the applicant unless told)."""
    now = clock.now()
    answered = status in {"found", "no_record"}
    return Evidence.objects.create(
        application=application,
        member=member or application.applicant,
        source=source,
        round=round,
        status=status,
        rows=list(rows),
        asked_at=now if status != "pending" else None,
        fetched_at=now if answered else None,
        due_at=now,
        **fields,
    )


def finding(rule: str, result: str = "pass", **fields: Any) -> dict[str, Any]:
    """A finding as an assessment's JSON holds it."""
    return {
        "rule": rule, "result": result, "person": None, "actual": None, "limit": None,
        "op": None, "citation": "令11号 §7", "evidence": [], **fields,
    }  # fmt: skip


def assessment(
    application: Application,
    outcome: str = "eligible",
    *,
    tier: str = "ZPX",
    findings: Iterable[dict[str, Any]] = (),
    round: str = "apply",
    on: date | None = None,
    **result: Any,
) -> Assessment:
    """A stored assessment with the given findings; its policy is a stub: it cannot be replayed."""
    on = on or clock.today()
    body = {
        "case": application.case_no, "on": on.isoformat(), "policy": "TEST", "outcome": outcome,
        "category": "urban_low_income", "tier": tier or None, "findings": list(findings),
        "unit_types": ["2R"], "rent_monthly": "962.50", "subsidy_monthly": "540.00",
        "priority": [], **result,
    }  # fmt: skip
    policy, _made = PolicyText.objects.get_or_create(
        digest=sha256(b"TEST").hexdigest(),
        defaults={
            "code": "TEST",
            "text": "id: TEST",
            "released_at": clock.now(),
            "released_by": "test",
        },
    )
    return Assessment.objects.create(
        application=application, round=round, on=on, policy=policy, outcome=outcome,
        category=body["category"], tier=tier, result=body, inputs={}, created_at=clock.now(),
    )  # fmt: skip


def consent(
    member: Member, *, method: str = Consent.Method.ONLINE, refused: bool = False
) -> Consent:
    """A consent in force, or a refusal."""
    now = clock.now()
    row = Consent.objects.create(
        member=member,
        method=method,
        text_version="test",
        text_digest="0" * 64,
        digest=sha256(f"{member.pk}{now}".encode()).hexdigest(),
        given_at=None if refused else now,
        refused_at=now if refused else None,
        recorded_by="test",
    )
    if not refused:
        case_no = authority.asked_as(member.application)
        authorities.register(row.digest, member.id_index, case_no=case_no)
    return row


def _people(members: int | Sequence[Person], applicant: Citizen | None) -> list[Person]:
    if isinstance(members, int):
        members = [
            person("01" if n == 0 else "10" if n == 1 else "20", child=n > 1)
            for n in range(members)
        ]
    people = list(members)
    if applicant is not None:
        people[0] = Person(applicant.name, applicant.id_number, "01", applicant.phone)
    return people


def _member(row: Application, someone: Person, position: int, consents: bool) -> Member:
    member = Member.objects.create(
        application=row,
        position=position,
        name=someone.name,
        id_number=someone.id_number,
        relation=someone.relation,
        is_applicant=position == 0,
        phone=someone.phone or None,
        holding=row.is_open and row.state != states.DRAFT,
    )
    if consents:
        consent(member)
    return member


def _stamp(row: Application, since: Any) -> None:
    if row.state == states.DRAFT:
        return
    row.case_no = row.case_no or case_numbers.draw(since)
    row.submitted_at = row.submitted_at or since
    if row.state == states.SUBMITTED:
        return
    row.accepted_at = row.accepted_at or since
    accepted_on = since.astimezone(clock.LOCAL).date()
    row.promised_due = row.promised_due or workdays.add_workdays(accepted_on, 15)
    row.statutory_due = row.statutory_due or workdays.add_workdays(accepted_on, 45)
    if row.state in _DECIDED:
        row.decided_at = row.decided_at or since
    if row.STATES[row.state].stamp == "closed_at":
        row.closed_at = row.closed_at or since


def _history(row: Application, since: Any) -> None:
    if row.state == states.DRAFT:
        return
    known = _PATH[: _PATH.index(row.state) + 1] if row.state in _PATH else (*_PATH[:2], row.state)
    came_from = states.DRAFT
    for step in known:
        Transition.objects.create(
            thing_type=row._meta.label_lower, thing_id=row.pk, case_no=row.case_no,
            from_state=came_from, to_state=step, by="test", at=since,
        )  # fmt: skip
        came_from = step
