"""What is agreed in a lease, and its digest."""

import json
from datetime import timedelta
from hashlib import sha256
from typing import Any

from allocation.models import Lease
from core.workflow import Refusal


class LeaseRefused(Refusal):
    """The lease cannot be changed like this now."""


def terms(lease: Lease) -> dict[str, Any]:
    """What is agreed, for the paper, the push and the digest (§17)."""
    home = lease.home
    return {
        "number": lease.number,
        "case_no": lease.case_no,
        "home": home.code,
        "estate": home.estate.name,
        "address": home.estate.address,
        "area": f"{home.area:.2f}",
        "unit_type": home.unit_type,
        "starts_on": lease.term.lower.isoformat(),
        "ends_on": (lease.term.upper - timedelta(days=1)).isoformat(),
        "rent_monthly": f"{lease.rent_monthly:.2f}",
        "deposit": f"{lease.deposit:.2f}",
    }


def digest(lease: Lease) -> str:
    """SHA-256 over the terms: the paper in the household's hand can be checked against it."""
    return digest_of(terms(lease))


def digest_of(content: dict[str, Any]) -> str:
    """SHA-256 over anything agreed, in one canonical spelling."""
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return sha256(text.encode()).hexdigest()
