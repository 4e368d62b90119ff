"""What one lease's page in the office shows: everything signed, paid, asked and done."""

from typing import Any

from django.db.models import Q

from accounts.models import Staff
from allocation import facts, rent_sums, states
from allocation.leases import deposits, filing, moving, renewing, texts
from allocation.models import Lease, LeaseRequest, LeaseText
from applications import materials
from core import clock, workflow
from core.identity.masking import mask_name
from core.models import OutboxMessage


def page_of(row: Lease, staff: Staff) -> dict[str, Any]:
    """The context of the page."""
    rent = texts.sum_of(row)
    return {
        "lease": row,
        "state": states.LEASE[row.state],
        "tenant": mask_name(texts.tenant_of(row).name),
        "people": [mask_name(one.name) for one in texts.people_of(row)],
        "address": facts.address(row.home),
        "term": facts.term(row),
        "sum": rent_sums.page_lines(rent) if rent else [],
        "clock": filing.clock_of(row, clock.today()),
        "receipt": _receipt(row),
        "deposit": deposits.standing(row),
        "deposit_back": deposits.due_back(row),
        "texts": [_text(one) for one in _texts(row)],
        "requests": [_request(one) for one in requests_of(row)],
        "ask_until": renewing.ask_until(row),
        "reminders": list(row.reminders.order_by("-days")),
        "successor": getattr(row, "successor", None),
        "history": [(one, states.LEASE[one.to_state]) for one in workflow.history(row)],
        "scans": list(materials.pages_of(row.application, scan_key(row))),
        "staff": staff,
    }


def requests_of(row: Lease) -> list[LeaseRequest]:
    """Every request that concerns the lease: its own, and a swap that another household asks."""
    rows = LeaseRequest.objects.filter(Q(lease=row) | Q(other=row))
    related = ("lease__home__estate", "other__home__estate", "home__estate", "decided_by")
    return list(rows.select_related(*related))


def scan_key(row: Lease) -> str:
    """Under which item the scans of signed papers lie among the case's papers."""
    return f"{materials.OFFICE}lease-{row.pk}"


def _texts(row: Lease) -> list[LeaseText]:
    return list(row.texts.prefetch_related("signatures__member", "signatures__staff", "reads"))


def _text(one: LeaseText) -> dict[str, Any]:
    signatures = [
        {
            "slot": slot,
            "who": mask_name(slot.member.name)
            if slot.member
            else (slot.staff.name if slot.staff else ""),
        }
        for slot in one.signatures.all()
    ]
    return {"text": one, "state": states.LEASE_TEXT[one.state], "signatures": signatures}


def _request(one: LeaseRequest) -> dict[str, Any]:
    return {
        "request": one,
        "state": states.LEASE_REQUEST[one.state],
        "homes": [(lease.number, home.code) for lease, home in moving.pairs(one)]
        if one.kind != LeaseRequest.Kind.RENEWAL
        else [],
    }


def _receipt(row: Lease) -> OutboxMessage | None:
    return OutboxMessage.objects.filter(
        destination="operator", key=f"lease-{row.number}", state="confirmed"
    ).first()
