"""搬迁期 and what may follow it (令11号 §31): market rent, or the court; each by a person.

Nothing happens when the period is over: the household lives there, its keys work, its rent stays.
A person may put the rent in force that the decision named, or refer the matter to the court, and
records what the court did. No lock is ever changed by us.
"""

from datetime import date

from django.db import transaction
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import access_ends, leases, months, rent_terms
from core import audit, clock, locks
from core.workflow import advance
from renewal import states
from renewal.exits import deciding, letters, telling
from renewal.exits.opening import ExitRefused
from renewal.models import ExitCase


def why_not_after(case: ExitCase, today: date) -> str:
    """Why nothing may follow the move-out period yet."""
    if case.state != states.X_MOVING or case.move_out_until is None:
        return str(_("现在不在搬迁期，请刷新页面看最新进度。"))
    if deciding.is_looked_at_again(case):
        return str(_("复核还没有答复和送达，现在不往下办。"))
    if case.decision is None or case.decision.replaced:
        return str(_("终止决定已经撤销，不往下办。"))
    if case.extensions.filter(granted=None).exists():
        return str(_("延期申请还没有答复，先答复再往下办。"))
    if today <= case.move_out_until:
        return str(_("搬迁期还没有到，现在不往下办。"))
    return ""


def why_not_market_rent(case: ExitCase, today: date) -> str:
    """Why the market's rent cannot be put in force."""
    if case.rent_after != ExitCase.RentAfter.MARKET or case.rent_after_monthly is None:
        return str(_("决定书没有写市场租金，不能调整。"))
    if case.rent_after_from is not None:
        return str(_("市场租金已经开始。"))
    return why_not_after(case, today)


def start_market_rent(case: ExitCase, *, by: Staff) -> ExitCase:
    """Puts the rent in force that the signed decision named, from the next month on (§31)."""
    with transaction.atomic():
        row = locks.fresh(case)
        telling.refuse_kin(row, by)
        if why := why_not_market_rent(row, clock.today()):
            raise ExitRefused(why)
        assert row.rent_after_monthly is not None and row.decision is not None
        row.rent_after_from = months.after(clock.today())
        row.save(update_fields=["rent_after_from"])
        with translation.override("zh-hans"):
            reason = gettext("搬迁期满，按终止决定书%(no)s写明的市场租金") % {
                "no": row.decision.letter_no
            }
        rent_terms.change(
            row.lease, from_month=row.rent_after_from, rent=row.rent_after_monthly,
            reason=reason, by=by.user,
        )  # fmt: skip
        audit.record("exit.market_rent", by=by.user, thing=row, rent=str(row.rent_after_monthly))
        return row


# -- 司法程序 --------------------------------------------------------------------------------------


def refer(case: ExitCase, *, by: Staff, court: str, reason: str) -> ExitCase:
    """Refers a home that was not handed back to the court; keys and rent stay as they are."""
    with transaction.atomic():
        row = locks.fresh(case)
        telling.refuse_kin(row, by)
        if why := why_not_after(row, clock.today()):
            raise ExitRefused(why)
        row.court = telling.refuse_blank(court, _("请写明移送哪个法院。"), "court")[:80]
        reason = telling.refuse_blank(reason, _("请写明为什么移送。"), "reason")
        row.referred_by, row.referred_at = by, clock.now()
        row.save(update_fields=["court", "referred_by", "referred_at"])
        row = advance(row, states.X_COURT, by=by.user, reason=reason)
        letters.issue(row, letters.REFERRED, letters.referred_lines(row), by=by)
        telling.say(row, telling.REFERRED, by=by.user, court=row.court)
        return row


def note_filing(case: ExitCase, *, by: Staff, filing_no: str) -> ExitCase:
    """Writes down the number under which the court has filed the case (立案编号)."""
    with transaction.atomic():
        row = locks.fresh(case)
        telling.refuse_kin(row, by)
        if row.state != states.X_COURT:
            raise ExitRefused(_("移送法院以后才登记立案编号。"))
        row.filing_no = telling.refuse_blank(filing_no, _("请写立案编号。"), "filing_no")[:60]
        row.save(update_fields=["filing_no"])
        audit.record("exit.filed", by=by.user, thing=row, filing_no=row.filing_no)
        return row


def enforce(case: ExitCase, *, by: Staff, document: str, on: date | None = None) -> ExitCase:
    """Records the court's enforcement by its document: the one other ground on which access ends.

    The court has acted; here it is only written down. Raises ExitRefused, AccessKept.
    """
    with transaction.atomic():
        row = locks.fresh(case)
        telling.refuse_kin(row, by)
        if row.state != states.X_COURT:
            raise ExitRefused(_("只有法院执行以后才能登记强制执行。"))
        if not row.filing_no:
            raise ExitRefused(_("先登记立案编号，再登记执行文书。"), field="document")
        if row.decision is None or row.decision.replaced or deciding.is_looked_at_again(row):
            raise ExitRefused(_("终止决定已经撤销，或者正在复核，不能登记执行。"))
        document = telling.refuse_blank(document, _("请写执行文书的文号。"), "document")[:60]
        day = on or clock.today()
        row.enforcement_no = document
        row.save(update_fields=["enforcement_no"])
        row = advance(row, states.X_HANDED_BACK, by=by.user, reason=document)
        access_ends.enforced(row.lease, by=by.user, document=document, on=day)
        leases.end(row.lease, on=day, by=by.user)
        return row
