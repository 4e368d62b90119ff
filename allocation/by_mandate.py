"""代办 in the allocation: what a helper may do for a household, and that the principal hears of it.

Looking needs a mandate to follow, choosing one to apply, signing one that says so itself: whoever
gave a mandate for papers has not thereby let anybody sign a contract (民法典 §165).
"""

from typing import Any

from django.utils.translation import gettext_lazy as _

from allocation import states
from allocation.models import Offer
from applications import acting, mandates
from applications.models import Mandate
from core import audit, clock
from core.identity import masking
from core.notices import Template, tell
from core.workflow import Refusal

_WAY = "代办"
_ANSWERED = "offer.answered_by_mandate"
_APPLY, _FOLLOW, _SIGN = Mandate.Scope.APPLY, Mandate.Scope.FOLLOW, Mandate.Scope.SIGN
_SEEN = (
    "my_wait", "my_draw", "my_slip", "my_appointment", "my_offer", "my_home_picture", "my_viewing",
    "my_cause", "my_ban_hearing", "my_choice", "my_choice_home", "my_lease", "my_lease_pdf",
    "my_lease_text", "my_lease_text_pdf", "my_lease_renew", "my_keys", "my_sheet", "my_repair",
    "my_rent", "my_rent_pdf", "home_photo",
)  # fmt: skip
_DONE = (
    "my_wait_leave", "my_wait_change", "my_slot", "my_choose", "my_choice_none", "my_repair_answer",
    "my_rent_ask",
)  # fmt: skip
# what a page needs before anything is sent from it, where that is more than to see it
_SENT = {
    **dict.fromkeys(
        ("my_wait", "my_viewing", "my_cause", "my_ban_hearing", "my_choice_home", "my_lease_renew",
         "my_repair"), _APPLY
    ),
    **dict.fromkeys(("my_lease", "my_lease_text", "my_rent_answer"), _SIGN),
    "my_sheet": acting.NOBODY,  # at the door stands whoever lives there
}  # fmt: skip
# pictures belong to a page that was recorded already
_NOT_NOTED = ("my_home_picture", "home_photo")

BY_HELPER = Template(
    "offer_answered_by_helper",
    _("代办人已替您选房"),
    _("{helper}凭您的委托对{home}作了选择：{choice}。如果不是您的意思，请马上拨{line}。"),
)


class MandateOver(Refusal):
    """The mandate under which somebody acts does not carry it, or carries it no more."""


def register() -> None:
    """Admits the household's pages of the allocation to those that open under a mandate."""
    acting.admit(
        see={
            **dict.fromkeys(_SEEN, _FOLLOW),
            **dict.fromkeys(_DONE, _APPLY),
            "my_rent_answer": _SIGN,
        },
        send=_SENT,
        files=[page for page in _SEEN if page not in _NOT_NOTED],
    )


def way(place: str, mandate: Mandate | None) -> str:
    """How an answer is noted: the machine or phone, and whether a helper gave it."""
    return f"{place} · {_WAY}" if mandate else place


def refuse_unless_choosing(mandate: Mandate | None) -> None:
    """Raises MandateOver where a helper may look, but not choose."""
    if mandate is not None and not mandates.allows(mandate, _APPLY, clock.today()):
        raise MandateOver(_("您的委托不包括代为选房，或者已经结束。请本人在手机或一体机上选。"))


def refuse_unless_signing(mandate: Mandate | None) -> None:
    """Raises MandateOver where a helper may not sign in the principal's name."""
    if mandate is not None and not may_sign(mandate):
        raise MandateOver(_("您的委托里没有写明代签合同。请本人签，或者请本人在委托里加上这一项。"))


def may_sign(mandate: Mandate) -> bool:
    """Whether the mandate in force says that the helper signs."""
    return mandates.allows(mandate, _SIGN, clock.today())


def tell_principal(offer: Offer, mandate: Mandate | None, *, by: Any) -> None:
    """Tells the principal, and records, that a helper answered in their name."""
    if mandate is None:
        return
    tell(
        mandate.principal_index, BY_HELPER, by=by, case_no=offer.case_no,
        helper=masking.mask_name(mandate.helper_name), home=offer.home.code,
        choice=lambda: str(states.OFFER[offer.state].tag),
    )  # fmt: skip
    audit.record(
        _ANSWERED, by=by, thing=offer, case_no=offer.case_no,
        subjects=[mandate.principal_index, mandate.helper_index], mandate=mandate.pk,
    )  # fmt: skip
