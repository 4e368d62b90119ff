"""People at the door, for the tests of visits."""

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

from accounts.models import Staff
from accounts.roles import Role
from applications import visits
from applications.models import Application, Visit
from applications.visits import Told
from tests.factories import accounts

WELL: dict[str, Any] = {
    "outcome": "as_declared", "companion": "网格员老陈", "met": "applicant", "lived_in": "yes",
    "persons": 2,
}  # fmt: skip
NOBODY = {"outcome": "nobody", "companion": "网格员老陈"}
OTHERWISE = {**WELL, "outcome": "differs", "differs": "家里住着四个人，申报两人"}


def street_of(case: Application, name: str = "") -> Staff:
    """Somebody of the street of a case."""
    return accounts.staff(Role.STREET, bureau=case.street, name=name)


def visit(case: Application, by: Staff, *, key: UUID | None = None, **told: Any) -> Visit:
    """One visit as the verb keeps it."""
    again, ago = told.pop("again", False), told.pop("ago", timedelta(0))
    return visits.record(
        case, by=by, key=key or uuid4(), told=Told(**(told or WELL)), again=again, ago=ago
    )
