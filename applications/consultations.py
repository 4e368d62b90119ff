"""Advice without a case (咨询): the self-check's rules, a sheet to take home, and a count.

No register is asked and nobody's name, number or answer is stored; what is kept is that advice was
given, where, and what it came to.
"""

from datetime import datetime
from typing import Any

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from applications import letters
from applications.models import Consultation
from core import audit, clock, display

_ABROAD = gettext_lazy("外省登记的婚姻：结婚证或离婚证（省内登记的不用带）")
_BRING: dict[str, list[Any]] = {
    "": [
        gettext_lazy("身份证原件；丢了的，带户口簿或临时身份证"),
        gettext_lazy("成年家人本人的授权：在手机上授权，或者在授权书上签字"),
    ],
    "urban_low_income": [_ABROAD],
    "migrant_worker": [_ABROAD],
    "new_employee": [gettext_lazy("学信网查不到的学历：毕业证书")],
}


def count(*, word: str, category: str, by: Staff) -> Consultation:
    """Notes that advice was given; nothing about whom."""
    with transaction.atomic():
        made = Consultation.objects.create(
            bureau=by.bureau, by=by, at=clock.now(), word=word, category=category
        )
        audit.record("consultation.given", by=by.user, thing=made, word=word)
        return made


def since(staff: Staff, moment: datetime) -> int:
    """How many the office has advised since."""
    return Consultation.objects.filter(bureau=staff.bureau, at__gte=moment).count()


def bring(category: str) -> list[str]:
    """What to bring, in words; papers that a register answers for are not on the list."""
    return [str(one) for one in (*_BRING[""], *_BRING.get(category, []))]


def sheet_pdf(found: dict[str, Any], *, by: Staff) -> bytes:
    """一次性告知单 as PDF, in Chinese: outlook, what is missing, what to bring, where, phones."""
    with translation.override("zh-hans"):
        data = {
            "sentence": found["sentence"],
            "lines": found["lines"],
            "bring": bring(found["category"]),
            "where": [
                [_("窗口"), _("%(office)s便民服务中心住房保障窗口") % {"office": by.bureau.name}],
                [_("在手机上办"), _("浙里办—住房保障—我要申请")],
                [_("咨询电话"), letters.PHONE],
                [_("规定"), _("按%(day)s的规定估算") % {"day": display.day_short(found["day"])}],
            ],
        }
        return letters.pdf("consult", data)
