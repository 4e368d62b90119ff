"""办件汇聚 of the mock portal: numbers, status and ratings of cases, received once each.

It checks the signature, answers the same key with the same receipt, and orders status by its
sequence number, whatever order it came in. It knows nothing of the platform's database.
"""

from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from accounts.mock_portal import pages
from accounts.mock_portal.inbox import FAULTS, Inbox
from core.identity.masking import mask_id, mask_name

_KINDS = ("case.number", "case.status", "case.rating")
WORDS = {
    "received": "收件",
    "accepted": "受理",
    "step": "办理",
    "correction": "补正",
    "closed_returned": "退件",
    "closed_withdrawn": "撤回",
    "closed_transferred": "转办",
    "closed_refused": "办结（不予）",
    "closed_granted": "办结（准予）",
}
STEPS = {"accepted": "受理", "decided": "审核决定", "moved_in": "配租入住"}


@dataclass
class Case:
    """One 办件 as the province sees it."""

    proj_id: str
    applicant: str = ""
    number: str = ""
    statuses: dict[int, dict[str, Any]] = field(default_factory=dict)
    ratings: dict[str, dict[str, Any]] = field(default_factory=dict)

    @property
    def timeline(self) -> list[dict[str, Any]]:
        """Status by sequence, oldest first."""
        return [self.statuses[seq] for seq in sorted(self.statuses)]

    def to_dict(self) -> dict[str, Any]:
        """What a test asks for."""
        ratings = list(self.ratings.values())
        return {"projId": self.proj_id, "statuses": self.timeline, "ratings": ratings}


class Cases(Inbox):
    """What was received, and the fault that is played."""

    name, later = "cases", "C-PROJ-LATER"
    modes = ("ok", *FAULTS, "silent")

    def __init__(self, secret: str) -> None:
        super().__init__(secret)
        self.cases: dict[str, Case] = {}

    def why_not(self, message: dict[str, Any]) -> str:
        whole = message.get("kind") in _KINDS and message.get("caseNo") and message.get("key")
        return "" if whole else "C-PROJ-BAD-FORMAT"

    def take(self, message: dict[str, Any]) -> dict[str, Any]:
        case = self._case(str(message["caseNo"]))
        if message["kind"] == "case.number":
            case.applicant = mask_name(str(message.get("applyName", "")))
            case.number = mask_id(str(message.get("applyCardNumber", "")))
        elif message["kind"] == "case.status":
            case.statuses[int(message["seq"])] = {
                name: message.get(name) for name in ("seq", "status", "word", "at")
            }
        else:
            names = ("step", "level", "reasons", "text", "at", "revision")
            known = case.ratings.get(str(message["step"]))
            if known is None or known["revision"] < message["revision"]:
                case.ratings[message["step"]] = {name: message.get(name) for name in names}
        data = {"projId": case.proj_id}
        return {"success": True, "errorCode": "0", "errorMsg": "", "data": data}

    def told(self) -> dict[str, Any]:
        return {number: one.to_dict() for number, one in self.cases.items()}

    def page(self) -> str:
        return pages.cases(self.cases.items(), WORDS | {f"rated_{k}": w for k, w in STEPS.items()})

    def _case(self, case_no: str) -> Case:
        if case_no not in self.cases:
            digits = int(sha256(case_no.encode()).hexdigest()[:12], 16) % 10**12
            self.cases[case_no] = Case(f"330212{digits:012d}")
        return self.cases[case_no]
