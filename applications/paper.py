"""The application on paper (纸质申请表): filled with what was typed so far, or empty.

Numbers stay masked: the code restores them at the window.
"""

from typing import Any

from django.utils import translation

from applications import consent, drafts, household, kin, letters
from applications.models import Application
from applications.models.application import Programme
from core.identity import masking

_NEEDS = (("needs_accessible", "需要无障碍住房"), ("low_floor", "需要低楼层或电梯"))


def filled(application: Application, *, by: Any) -> bytes:
    """The sheet of a draft with its code and QR, as PDF. Raises NotReady once it was sent."""
    code = drafts.code_of(application, by=by)
    with translation.override("zh-hans"):
        people = household.people_of(application)
        applicant = people[0]
        rent = application.declared.get("actual_rent")
        data = {
            "code": code,
            "qr": letters.qr(code),
            "qr_label": "窗口扫码接着填",
            "check": f"{code[:4]} {code[4:]}",
            "name": applicant.name,
            "id": masking.mask_id(applicant.id_number),
            "applicant_phone": masking.mask_phone(applicant.phone) if applicant.phone else "",
            "street": str(application.street.name) if application.street else "",
            "people": [
                [one.name, str(kin.relation_word(one.relation)), masking.mask_id(one.id_number)]
                for one in people[1:]
            ],
            "programmes": _programmes(application.programme),
            "needs": [[word, bool(application.wishes.get(key))] for key, word in _NEEDS],
            "rent": str(rent or ""),
        }
        return letters.pdf("application", {**_words(), **data})


def empty() -> bytes:
    """The sheet for who has no telephone: nothing filled in, no code."""
    with translation.override("zh-hans"):
        data: dict[str, Any] = dict.fromkeys(
            ("code", "name", "id", "applicant_phone", "street", "rent"), ""
        )
        data |= {
            "people": [],
            "programmes": _programmes(""),
            "needs": [[word, False] for _key, word in _NEEDS],
        }
        return letters.pdf("application", {**_words(), **data})


def _programmes(chosen: str) -> list[list[Any]]:
    return [[str(one.label), one.value == chosen] for one in Programme]


def _words() -> dict[str, Any]:
    return {
        "text": str(consent.TEXT),
        "points": [[str(head), str(body)] for head, body in consent.POINTS],
        "version": consent.VERSION,
    }
