"""Guardians (监护人): who may agree for a minor, and where.

Online nobody sees a guardian's papers, so the register has to say it: the minor was drawn up from
the applicant's household register as a child, and who is signed in is the applicant or the spouse
whom the register names. Of a family that is registered elsewhere no register here can say it: there
the applicant may promise to be the guardian of a child (告知承诺), which is checked after approval.
Everybody else brings the papers to the window.
"""

import re
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications import joining, mandates
from applications.authority import is_adult, word_of
from applications.material_items import GUARDIANSHIP
from applications.models import Application, Commitment, Consent, Member
from core import audit, clock, locks
from core.identity import kinship, numbers
from core.refusals import Refusal

# who may be a minor's guardian, in the law's order (民法典 §27, §32)
KINDS = (
    ("parent", _("父母")),
    ("relative", _("祖父母、兄姐或者其他亲属")),
    ("institution", _("儿童福利机构")),
    ("civil_affairs", _("民政部门或者村居委员会")),
)
OFFICES = ("institution", "civil_affairs")
_CODE = re.compile(r"[0-9A-HJ-NP-RTUWXY]{18}")  # GB 32100
APPLICANT_AT_WINDOW = _(
    "为未成年人或您监护的人申请，请监护人带双方身份证和户口簿（或监护证明）到镇街窗口办理，窗口当场受理。"
)
CHILD_AT_WINDOW = _(
    "户籍登记没有写明您是这位未成年人的父母，网上不能代为同意。您可以先提交，申请照常受理；再请监护人带身份证和户口簿（或监护证明）到您选的镇街窗口签字。"
)


class GuardianRefused(Refusal):
    """Nobody a guardian can be: a name or a number is missing or wrong."""


def name_guardian(
    application: Application, *, name: str, kind: str, number: str, evidence: str, by: Any
) -> Application:
    """Writes down who acts for a minor applicant and which paper was seen (民法典 §27, §32).

    ``number`` is an ID number, of an institution its unified code. Raises GuardianRefused.
    """
    checked = _checked(name.strip(), kind, number, evidence.strip())
    with transaction.atomic():
        row = locks.fresh(application)
        if not row.is_open:
            raise GuardianRefused(_("这份申请已经结束。"))
        if is_adult(row.applicant, clock.today()):
            raise GuardianRefused(_("申请人已经成年，由本人办理。"))
        row.declared = {**row.declared, "guardian": checked}
        row.save(update_fields=["declared"])
        audit.record(
            "guardian.named", by=by, thing=row, case_no=row.case_no or "", kind=kind,
            subjects=[row.applicant.id_index],
        )  # fmt: skip
        return row


def needs_a_name(member: Member) -> bool:
    """Whether a minor applies and nobody has written down who the guardian is."""
    named = member.application.declared.get("guardian")
    return member.is_applicant and not is_adult(member, clock.today()) and not named


def named(application: Application) -> dict[str, str] | None:
    """Who acts for a minor applicant; empty while nobody is named, None for an adult applicant."""
    guardian: dict[str, str] = application.declared.get("guardian") or {}
    return guardian if guardian or needs_a_name(application.applicant) else None


def _checked(name: str, kind: str, number: str, evidence: str) -> dict[str, str]:
    if kind not in dict(KINDS):
        raise GuardianRefused(_("请选择监护人是谁。"), "kind")
    if not name:
        raise GuardianRefused(_("请填写监护人的姓名或者单位名称。"), "name")
    if not evidence:
        raise GuardianRefused(_("请写明看了哪种监护证明。"), "evidence")
    key, clean = "code", "".join(number.split()).upper()
    if kind in OFFICES:
        if not _CODE.fullmatch(clean):
            raise GuardianRefused(_("统一社会信用代码是18位数字和大写字母，请核对。"), "number")
    else:
        key = "id_number"
        try:
            clean = numbers.parse(clean).text
        except numbers.IdNumberError:
            raise GuardianRefused(
                _("监护人的身份证号码可能有一位填错，请对照证件再看一遍。"), "number"
            ) from None
    return {"name": name, "kind": kind, key: clean, "evidence": evidence[:200]}


def why_not_agree_for(member: Member, by: Any) -> Any:
    """Why this account may not agree for the minor (民法典 §27); '' if it may.

    A clerk has the guardian's papers on the table and may record the signature.
    """
    if getattr(by, "as_staff", None) is not None:
        return _("请先写明监护人是谁、看了哪种监护证明，再记签字。") if needs_a_name(member) else ""
    if mandates.may_consent_for(member, by):
        return ""  # the papers were seen at a window and recorded with the mandate
    if member.is_applicant:
        return APPLICANT_AT_WINDOW
    if _is_registered_child(member) and _is_parent(member.application, by):
        return ""
    if may_promise(member, by) and has_promised(member):
        return ""
    return CHILD_AT_WINDOW


def is_own(member: Member, by: Any) -> bool:
    """Whether this account is the member's own."""
    citizen = getattr(by, "as_citizen", None)
    return citizen is not None and bool(member.id_index == citizen.id_index)


def needs_principal(applicant: Member, by: Any) -> bool:
    """Whether the applicant has to act first, before this account goes on with the application.

    An adult for whom somebody else types, on no paper that carries a consent; and anybody who has
    not confirmed the helper yet: names of the family are drawn up for nobody else.
    """
    if mandates.unconfirmed(by):
        return True
    adult = is_adult(applicant, clock.today())
    if is_own(applicant, by) or not adult or word_of(applicant) == "given":
        return False
    return not mandates.may_consent_for(applicant, by)


def why_principal_first(applicant: Member, by: Any) -> Any:
    """The sentence of `needs_principal` with the way out; '' if this account may go on."""
    if not needs_principal(applicant, by):
        return ""
    if word_of(applicant) == "given":
        return _("要等本人确认代办。")
    return _("授权要由本人做。请本人登录后打开「家人授权」，输入授权码%(code)s。") % {
        "code": joining.code_for(applicant)
    }


def method_for(applicant: Member, by: Any) -> str:
    """How this account agrees for the applicant: in the own name, as guardian or by a mandate."""
    if not is_adult(applicant, clock.today()):
        return Consent.Method.GUARDIAN
    return Consent.Method.ONLINE if is_own(applicant, by) else Consent.Method.MANDATE


def may_promise(member: Member, by: Any) -> bool:
    """Whether the applicant may promise to be this child's guardian.

    Only where the household register has never heard of the family: one that named other children
    and not this one would have to be asked why, by a person, and one that is away answers later.
    """
    citizen = getattr(by, "as_citizen", None)
    application = member.application
    return (
        citizen is not None
        and not member.is_applicant
        and member.origin == "added"
        and member.relation in kinship.CHILDREN
        and application.declared.get("household_known") is False
        and application.applicant.id_index == citizen.id_index
    )


def has_promised(member: Member) -> bool:
    """Whether the promise about this child is on file."""
    return Commitment.objects.filter(member=member, fact=GUARDIANSHIP.key).exists()


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
