"""Texts of leases as the verbs leave them, signed by whom a test names."""

from datetime import timedelta
from typing import Any

from django.db.backends.postgresql.psycopg_any import DateRange

from accounts.models import Staff
from accounts.roles import Role
from allocation.leases import explaining, lessor, moving, signing, texts
from allocation.models import Home, Lease, LeaseRequest, LeaseText
from core import clock
from tests.factories import accounts, tenancies

BY = "somebody"
DAY = timedelta(days=1)


def officer() -> Staff:
    """Somebody of the centre who decides about leases."""
    return accounts.staff(Role.DISTRICT)


def signer() -> Staff:
    """The lessor's authorised person."""
    made, today = accounts.staff(Role.ADMIN), clock.today()
    lessor.authorise(
        made, document="授权〔1〕号", starts_on=today, until=today + 999 * DAY,
        by=accounts.staff(Role.LEADER),
    )  # fmt: skip
    return made


def running(*args: Any, left: int = 800, **kwargs: Any) -> Lease:
    """A lease in force whose last day is so many days away."""
    made = tenancies.lease(*args, **kwargs)
    made.term = DateRange(made.term.lower, clock.today() + (left + 1) * DAY)
    made.save(update_fields=["term"])
    return made


def signed_by_all(text: LeaseText, *, by: Any = BY, for_lessor: Staff | None = None) -> LeaseText:
    """Every place of a text is signed, its clauses read before."""
    text = explaining.read(text, texts.key_clauses(text), by=by)
    for slot in text.signatures.exclude(party="lessor"):
        signing.sign_text(text, by=by, member=slot.member)
    someone = for_lessor or signer()
    return signing.sign_as_lessor(text, by=someone, value=someone.name)


def swap(one: Lease, other: Lease, *, ready: bool = True) -> LeaseRequest:
    """Two households that want to swap; ``ready``: approved for today and signed by all."""
    asked = moving.ask_swap(one, other.number, by=BY)
    if not ready:
        return asked
    agreed = moving.consent(asked, by=BY)
    approved = moving.approve(agreed, clock.today(), by=officer())
    for text in approved.texts.all():
        signed_by_all(text)
    return approved


def free_home() -> Home:
    """A home that may be let."""
    return tenancies.home()
