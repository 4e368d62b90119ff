"""Guardians (监护人): who may agree for a minor, and where.

Online nobody sees a guardian's papers, so the register has to say it: the minor was drawn up from
the applicant's household register as a child, and who is signed in is the applicant or the spouse
whom the register names. Everybody else brings the papers to the window.
"""

from typing import Any

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models import Application, Member
from core.identity import kinship

APPLICANT_AT_WINDOW = _(
    "为未成年人或您监护的人申请，请监护人带双方身份证和户口簿（或监护证明）到镇街窗口办理，窗口当场受理。"
)
CHILD_AT_WINDOW = _(
    "户籍登记没有写明您是这位未成年人的父母，网上不能代为同意。您可以先提交，申请照常受理；再请监护人带身份证和户口簿（或监护证明）到您选的镇街窗口签字。"
)


def why_not_agree_for(member: Member, by: Any) -> Any:
    """Why this account may not agree for the minor (民法典 §27); '' if it may.

    A clerk has the guardian's papers on the table and may record the signature.
    """
    if getattr(by, "as_staff", None) is not None:
        return ""
    if member.is_applicant:
        return APPLICANT_AT_WINDOW
    if _is_registered_child(member) and _is_parent(member.application, by):
        return ""
    return CHILD_AT_WINDOW


def _is_registered_child(member: Member) -> bool:
    return member.origin == "register" and member.relation in kinship.CHILDREN


def _is_parent(application: Application, by: Any) -> bool:
    """The applicant, or the spouse whom a register names."""
    citizen = getattr(by, "as_citizen", None)
    if citizen is None:
        return False
    parents = Q(is_applicant=True) | Q(relation__in=kinship.SPOUSES)
    rows = application.members.filter(parents, origin="register", id_index=citizen.id_index)
    return rows.exists()
