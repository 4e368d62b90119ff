"""People who are, or only look like, somebody in another case."""

from datetime import date
from typing import Any

from applications import duplicates, states
from applications.models import Application, PossibleDuplicate
from core.identity.numbers import check_character
from tests.factories import accounts, applications

HOME = "浙江省宁波市鄞州区下应街道海创路198号3幢2单元501室"
BORN = date(1985, 7, 12)


def number(sequence: str = "141", *, born: date = BORN, area: str = "330212") -> str:
    """A valid number with this end, so that a test may say in which digit two differ."""
    first17 = f"{area}{born:%Y%m%d}{sequence}"
    return first17 + check_character(first17)


def case_of(
    name: str,
    id_number: str,
    *others: applications.Person,
    phone: str = "",
    address: str = "",
    state: str = states.ACCEPTED,
    former: str = "",
    **fields: Any,
) -> Application:
    """A case with this applicant, whose register has told an address if one is given."""
    me = applications.Person(name, id_number, "01", phone)
    row = applications.application([me, *others], state=state, **fields)
    if address or former:
        applications.evidence(
            row, "household_register", status="found",
            rows=[{"czrkgmsfhm": id_number, "czrkxm": name, "czrkzz": address, "czrkcym": former}],
        )  # fmt: skip
    return row


def two_entries(**fields: Any) -> tuple[Application, Application]:
    """One person twice: the second time a clerk swapped two digits and heard the name wrong."""
    first = case_of("曾建国", number("141"), address=HOME, accepted_days_ago=9, **fields)
    second = case_of("增建国", number("114"), address="海创路198-3-2-501", **fields)
    return first, second


def found(**fields: Any) -> PossibleDuplicate:
    """The possible duplicate of `two_entries`, found as a submission finds it."""
    first, second = two_entries(**fields)
    duplicates.check(first)
    duplicates.check(second)
    low, high = sorted((first.applicant.id_index, second.applicant.id_index))
    return PossibleDuplicate.objects.get(low_index=low, high_index=high)


def judge(role: str = "district") -> Any:
    """Somebody who may judge."""
    return accounts.staff(role)
