"""Written notices about acceptance (受理文书): PDF with a code that /letter/ knows."""

from collections.abc import Sequence
from datetime import date

from django.utils import translation
from django.utils.translation import gettext as _

from accounts.models import Staff
from applications import letters, periods
from applications.models import AcceptanceLetter, Application
from core import clock, display
from core.identity import masking

Kind = AcceptanceLetter.Kind
_SIGN = {
    Kind.FOLLOW: "RQ", Kind.CORRECTION: "BZ", Kind.NOT_ACCEPTED: "BY", Kind.WARNED: "NC",
    Kind.REVOKED: "CX",
}  # fmt: skip


def issue(
    application: Application,
    kind: str,
    *,
    items: Sequence[str] = (),
    due_on: date | None = None,
    reasons: str = "",
    by: Staff | None = None,
) -> AcceptanceLetter:
    """Writes a notice, inside the verb that it tells of. ``by`` is None only on the spot."""
    count = application.acceptance_letters.filter(kind=kind).count() + 1
    return AcceptanceLetter.objects.create(
        application=application, kind=kind, items=list(items), due_on=due_on, reasons=reasons,
        number=f"{application.case_no}-{_SIGN[Kind(kind)]}{count}", issued_at=clock.now(),
        issued_by=by,
    )  # fmt: skip


def by_number(number: str) -> AcceptanceLetter | None:
    """The notice of that number, if we issued one."""
    return AcceptanceLetter.objects.filter(number=number).first()


def is_replaced(letter: AcceptanceLetter) -> bool:
    """Whether the notice no longer holds: a warning that was lifted."""
    return letter.lifted_at is not None


def pdf(letter: AcceptanceLetter) -> bytes:
    """The notice as PDF, in Chinese, with its QR code."""
    case = letter.application
    with translation.override("zh-hans"):
        data = {
            "title": str(Kind(letter.kind).label),
            "number": case.case_no,
            "letter_no": letter.number,
            "addressee": masking.mask_name(case.applicant.name),
            "plain": _plain(letter),
            "items": letter.items,
            "reasons": letter.reasons,
            "remedies": _remedies(letter),
            "signed": display.day(letter.issued_at.astimezone(clock.LOCAL).date()),
            "issuer": case.street.name if case.street else letters.OFFICE,
        }
        return letters.pdf("acceptance", data, check=letters.check_code(letter.number))


def _plain(letter: AcceptanceLetter) -> list[str]:
    """What it says and what to do, before anything else."""
    due = display.day(letter.due_on) if letter.due_on else ""
    return {
        Kind.FOLLOW: [
            _("先给您受理。下面的材料请在%(due)s前补交，其他环节照常办理。") % {"due": due},
            _("到期没有补交，或者补交后仍不符合要求的，会先书面告知您，再决定是否撤销受理。"),
        ],
        Kind.CORRECTION: [
            _("您的申请还差下面这些，请在%(due)s前一次补齐。补齐后接着办。") % {"due": due},
            _("到期没有补，这次申请按撤回处理，可以重新申请。"),
        ],
        Kind.NOT_ACCEPTED: [
            _("您的申请补正后仍不符合受理要求，这次没有受理。原因写在下面。"),
            _("补齐以后可以马上重新申请。"),
        ],
        Kind.WARNED: [
            _("容缺受理的材料还没有补齐，我们拟撤销受理，现在还没有决定。"),
            _("请在%(due)s前补交，或者告诉我们原因；补齐后接着办。") % {"due": due},
        ],
        Kind.REVOKED: [
            _("容缺受理的材料到期没有补齐，这次受理已经撤销。原因写在下面。"),
            _("材料齐了以后可以马上重新申请。"),
        ],
    }[Kind(letter.kind)]


def _remedies(letter: AcceptanceLetter) -> list[str]:
    if letter.kind not in (Kind.NOT_ACCEPTED, Kind.REVOKED):
        return []
    return [
        _("如果不同意，可以在收到后%(days)d日内申请行政复议，或6个月内提起行政诉讼。")
        % {"days": periods.of("administrative_review").value}
    ]
