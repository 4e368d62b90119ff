"""The invented households of the cast file as cases of the platform, their registers answered."""

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from applications import evaluation, states, verification, waiting
from applications.models import Application, Member
from core import clock
from tests.factories import applications as make

FILE = Path(__file__).parents[1] / "cast" / "households.yaml"
CASES = {one["case"]: one for one in yaml.safe_load(FILE.read_text(encoding="utf-8"))}
WORKER = verification.WORKER


def household(name: str, state: str = states.STREET_REVIEW, **fields: Any) -> Application:
    """A case with the people of a cast file and what the registers said of them, assessed.

    Use it on the day of the file (``on``): the rules read months and dates.
    """
    case = CASES[name]
    people = [
        make.Person(one["name"], one["id_number"], one["relation"]) for one in case["household"]
    ]
    waits = state in (states.WAITLISTED, states.INTENTION, states.RE_REVIEW, states.IN_ROUND)
    row = make.application(people, state=states.PUBLICITY if waits else state, **fields)
    answer(row, case["records"])
    verification.assess_now(row, round="apply", on=clock.today(), by=WORKER)
    if waits:
        waiting.register(row, by=WORKER)
        Application.objects.filter(pk=row.pk).update(state=state)
    row.refresh_from_db()
    return row


def on(name: str) -> Any:
    """Holds the clock on the day of a cast file, at ten in the morning."""
    day: date = CASES[name]["as_of"]
    return clock.held_at(clock.local_midnight(day).replace(hour=10))


def answer(row: Application, records: dict[str, Any], round: str = "apply") -> None:
    """Every question of the round answered: as the file says, or with no record."""
    members = list(row.members.filter(excluded=False).prefetch_related("consents"))
    for member in members:
        for source in evaluation.sources_about(row, member, round, alone=len(members) == 1):
            rows = records.get(source, {}).get(member.id_number, [])
            make.evidence(
                row, source, member=member, rows=rows, round=round,
                status="found" if rows else "no_record",
            )  # fmt: skip


def member(row: Application, relation: str) -> Member:
    """The member of a relation."""
    return row.members.get(relation=relation)


__all__ = ["CASES", "answer", "household", "member", "on"]
