"""责令限期改正通知书 as PDF, by the common frame of letters."""

from django.utils import translation
from django.utils.translation import gettext as _

from applications import decision_letter, letters, periods, seals
from applications.models import Decision
from core import display
from renewal.models import Violation
from renewal.violations import kinds


def pdf(violation: Violation) -> bytes:
    """The order in Chinese: what was seen, what is to be put right by when, what can be done."""
    lease = violation.lease
    with translation.override("zh-hans"):
        data = {
            "title": _("责令限期改正通知书"),
            "number": violation.case_no,
            "letter_no": violation.order_no,
            "addressee": lease.application.applicant.name,
            "plain": [*violation.order_text.splitlines(), _days(violation)],
            "reasons": [
                {
                    "rule": violation.kind,
                    "sentence": violation.facts,
                    "clause": kinds.of(violation.kind).clause,
                }
            ],
            "remedies": [
                _("有困难的，可以在到期以前说明，请求延长。改正以后请告诉我们。"),
                *decision_letter.remedies(Decision.Kind.FINE),
            ],
            "facts": [(_("合同编号"), lease.number), *_service(violation)],
            "issuer": _("鄞州区住房保障管理中心"),
            "signed": display.day_short(violation.ordered_at),
            "seal": seals.configured().slot(),
        }
    code = letters.check_code(str(violation.order_no))
    sheet = letters.pdf("decision", data, check=code)
    return seals.configured().sealed(sheet, number=str(violation.order_no))


def _days(violation: Violation) -> str:
    # the same sentence for ever: what was handed over is not written anew by an extension
    period = periods.of("violation_correction")
    return _("请在收到本通知书以后%(n)s个工作日内改正。") % {"n": period.value}


def _service(violation: Violation) -> list[tuple[str, str]]:
    """What came after the letter: the day of service, and the last day that follows from it."""
    if violation.served_on is None or violation.due_on is None:
        return []
    word = _("延长改正的时间") if violation.extended_by_id else _("改正到")
    return [
        (_("送达日期"), display.day_short(violation.served_on)),
        (word, display.day_short(violation.due_on)),
    ]
