"""The written answer to a re-consideration (复核决定书), as a letter of its own."""

from typing import Any

from django.utils import translation
from django.utils.translation import gettext as _

from applications import decision, legal_days, letters, periods, seals
from applications.models import Decision, Reconsideration
from core import display


def title_of(letter: Any) -> str:
    """The heading of a decision or of an answer."""
    if isinstance(letter, Decision):
        return str(decision.title_of(letter))
    return _("复核决定书")


def plain_lines(request: Reconsideration) -> list[str]:
    """Three plain lines: the result, why, what can be done."""
    if request.decision.kind == Decision.Kind.END:
        return _of_an_end(request)
    if request.overturned:
        return [
            _("复核后已改为符合条件，您家的申请接着公示。"),
            _("理由写在下面。"),
            _("现在不用您办理；公示结束会通知您。"),
        ]
    return [
        _("复核后维持原来的决定：您家这次不符合条件。"),
        _("理由写在下面，由没有办过原决定的工作人员作出。"),
        _("仍不同意的，可以申请行政复议或者提起行政诉讼，见下面。"),
    ]


def _of_an_end(request: Reconsideration) -> list[str]:
    if request.overturned:
        return [
            _("复核后撤销了终止保障的决定：您家照常居住，租金不变。"),
            _("理由写在下面。"),
            _("现在不用您办理。"),
        ]
    return [
        _("复核后维持终止保障的决定。"),
        _("理由写在下面，由没有办过原决定的工作人员作出；复核的天数不算在搬迁期里。"),
        _("仍不同意的，可以申请行政复议或者提起行政诉讼，见下面。"),
    ]


def remedies(request: Reconsideration) -> list[str]:
    """The ways that stand after an upheld decision; with their last days once they run."""
    if request.overturned:
        return []
    anew = periods.of("remedies_from_answer").value
    start = _("收到这份答复") if anew else _("收到原决定")
    lines = [
        _(
            "从%(start)s的第二天算起，%(days)d日内可以向鄞州区人民政府申请行政复议，%(months)d个月内可以向人民法院提起行政诉讼。"
        )
        % {
            "start": start,
            "days": periods.of("administrative_review").value,
            "months": periods.of("litigation").value,
        }
    ]
    original = request.decision
    if not anew and original.served_at is not None:
        days = {name: legal_days.last_day(name, original) for name in _WAYS}
        lines.append(
            _("原决定于%(served)s送达：行政复议到%(review)s，行政诉讼到%(court)s。")
            % {
                "served": display.day(original.served_at),
                "review": display.day(days["administrative_review"]),
                "court": display.day(days["litigation"]),
            }
        )
    return lines


_WAYS = ("administrative_review", "litigation")


def pdf(request: Reconsideration) -> bytes:
    """The answer as PDF, with number, code and the place of the seal."""
    case = request.decision.application
    with translation.override("zh-hans"):
        data = {
            "title": title_of(request),
            "number": case.case_no,
            "letter_no": request.letter_no,
            "addressee": case.applicant.name,
            "plain": plain_lines(request),
            "reasons": request.answer,
            "remedies": remedies(request),
            "facts": [
                (_("原决定"), request.decision.letter_no),
                (_("申请复核"), display.day_short(request.asked_at)),
            ],
            "issuer": _("鄞州区住房保障管理中心"),
            "signed": display.day_short(request.answered_at),
            "seal": seals.configured().slot(),
        }
        sheet = letters.pdf("answer", data, check=decision.grouped(request.check_code or ""))
    return seals.configured().sealed(sheet, number=request.letter_no or "")
