"""Tables of an application, one module per part of the file."""

from applications.models.acceptance import AcceptanceLetter
from applications.models.after import CallBack, PhoneChange, Rating
from applications.models.application import Application, Pause
from applications.models.batch import AutoPass, Batch, BatchItem
from applications.models.change import Change, StepSeen
from applications.models.clocks import Escalation, Recalculation
from applications.models.conflict import Kin, NamedPerson, Recusal
from applications.models.deciding import MissingList, Referral
from applications.models.decision import (
    Decision,
    Objection,
    Poster,
    Publicity,
    Reconsideration,
    WaitEntry,
)
from applications.models.delivery import Delivery, ServiceConsent
from applications.models.drafting import (
    HouseholdClaim,
    KeptForm,
    MissingConsent,
    PaperTwin,
)
from applications.models.duplicate import (
    DuplicateResolution,
    DuplicateRun,
    LikenessKey,
    PossibleDuplicate,
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
from applications.models.mandate import Mandate, StandIn
from applications.models.material import Commitment, Material, MaterialPage, Supplement
from applications.models.queue_lines import QueueCount, SavedView, SearchWord
from applications.models.release import PolicyRelease
from applications.models.review import Opinion, ReviewTask
from applications.models.visit import StaffNotice, Visit, VisitCall, VisitOrder
from applications.models.wait_move import WaitMove
from applications.models.what_if import Preparation, PreparedPart
from applications.models.window import (
    Attestation,
    Consultation,
    DeskSheet,
    EmployerEntry,
    EmployerList,
    HandoverNote,
    Signature,
    Transfer,
)
from applications.models.workload import Absence, HandOver

__all__ = [
    "Absence",
    "AcceptanceLetter",
    "Application",
    "Assessment",
    "Attestation",
    "AutoPass",
    "Ban",
    "Batch",
    "BatchItem",
    "Benefit",
    "CallBack",
    "Change",
    "Commitment",
    "Consent",
    "Consultation",
    "Correction",
    "Decision",
    "Delivery",
    "DeskSheet",
    "DuplicateResolution",
    "DuplicateRun",
    "EmployerEntry",
    "EmployerList",
    "Escalation",
    "Evidence",
    "EvidenceAnswer",
    "HandOver",
    "HandoverNote",
    "HouseholdClaim",
    "Inquiry",
    "KeptForm",
    "Kin",
    "LikenessKey",
    "LookDeferral",
    "LookQuestion",
    "Mandate",
    "Material",
    "MaterialPage",
    "Member",
    "MissingConsent",
    "MissingList",
    "NamedPerson",
    "Objection",
    "Opinion",
    "PaperTwin",
    "Pause",
    "PhoneChange",
    "PolicyRelease",
    "PolicyText",
    "PossibleDuplicate",
    "Poster",
    "Preparation",
    "PreparedPart",
    "Publicity",
    "QueueCount",
    "Rating",
    "Recalculation",
    "Reconsideration",
    "Recusal",
    "Referral",
    "ReviewTask",
    "SavedView",
    "SearchWord",
    "ServiceConsent",
    "Signature",
    "StaffNotice",
    "StandIn",
    "StepSeen",
    "Supplement",
    "Transfer",
    "Visit",
    "VisitCall",
    "VisitOrder",
    "WaitEntry",
    "WaitMove",
]
