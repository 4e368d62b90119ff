"""Cases of which two registers disagree, or a register says nothing."""

from datetime import timedelta
from typing import Any

from accounts.models import Staff
from accounts.roles import BureauKind, Role
from applications import evaluation, review, states
from applications.models import Application, Evidence, Inquiry, Member
from core import clock
from tests.factories import accounts, applications
from tests.factories.review import WORKER


def accepted(members: Any = 1, **fields: Any) -> Application:
    """An accepted case about which no register has answered yet."""
    return applications.application(members, state=states.ACCEPTED, **fields)


def aid(member: Member, kind: str = "低保") -> dict[str, Any]:
    """A row of 低保救助."""
    return {"aHAP0015": member.id_number, "dblx": kind, "zt": "在保"}


def answered(
    case: Application, source: str, rows: Any = (), *, member: Member | None = None
) -> Evidence:
    """A register answers, now or anew."""
    member = member or case.applicant
    now, rows = clock.now(), list(rows)
    row, _made = Evidence.objects.update_or_create(
        application=case,
        member=member,
        source=source,
        round="apply",
        defaults={
            "status": "found" if rows else "no_record", "rows": rows, "asked_at": now,
            "fetched_at": now, "due_at": now, "waived_at": None,
        },
    )  # fmt: skip
    return row


def silent(case: Application, source: str, *, member: Member | None = None) -> Evidence:
    """A register that has been silent for three days."""
    row = applications.evidence(
        case, source, member=member, status="unavailable", attempts=5, error="timeout"
    )
    row.silent_since = clock.now() - timedelta(days=3)
    row.save(update_fields=["silent_since"])
    return row


def opened(case: Application) -> Application:
    """The rules read the answers and the street's review opens, or is brought up to date."""
    evaluation.assess_now(case, round="apply", on=clock.today(), by=WORKER)
    case.refresh_from_db()
    if case.state == states.ACCEPTED:
        review.open_review(case, by=WORKER)
    else:
        review.refresh_findings(case)
    case.refresh_from_db()
    return case


def disputed_aid(members: Any = 1) -> Application:
    """A case at its street: 民政 gives aid that 大救助 does not know."""
    case = accepted(members)
    answered(case, "low_income_aid", [aid(case.applicant)])
    answered(case, "social_assistance")
    return opened(case)


def at_desk(kind: str = BureauKind.CIVIL_AFFAIRS) -> Staff:
    """Somebody of a department."""
    return accounts.staff(Role.REVIEWER, bureau=accounts.bureau(kind))


def only(case: Application, **wanted: Any) -> Inquiry:
    """The one row of a case under these conditions."""
    return case.inquiries.select_related("bureau", "member", "application").get(**wanted)
