"""Tables of an application, one module per part of the file."""

from applications.models.application import Application, Pause
from applications.models.decision import (
    Decision,
    Objection,
    Publicity,
    Reconsideration,
    WaitEntry,
)
from applications.models.evidence import (
    Assessment,
    Correction,
    Evidence,
    EvidenceAnswer,
    PolicyText,
)
from applications.models.household import Ban, Benefit, Consent, Member
from applications.models.inquiry import Inquiry
from applications.models.look import LookDeferral, LookQuestion
from applications.models.material import Commitment, Material, Supplement
from applications.models.release import PolicyRelease
from applications.models.review import Opinion, ReviewTask

__all__ = [
    "Application",
    "Assessment",
    "Ban",
    "Benefit",
    "Commitment",
    "Consent",
    "Correction",
    "Decision",
    "Evidence",
    "EvidenceAnswer",
    "Inquiry",
    "LookDeferral",
    "LookQuestion",
    "Material",
    "Member",
    "Objection",
    "Opinion",
    "Pause",
    "PolicyRelease",
    "PolicyText",
    "Publicity",
    "Reconsideration",
    "ReviewTask",
    "Supplement",
    "WaitEntry",
]
