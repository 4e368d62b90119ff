"""租金减免: asked for, decided by a person with its policy source, from–to month, told in words."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from allocation import months, rent_basis, rent_corrections, states
from allocation.models import Lease, Reduction
from applications import permissions
from applications.letters import PHONE
from core import audit, clock, display, locks
from core.notices import Template, tell
from core.refusals import Refusal
from core.workflow import advance

_MOST_WORDS = 400

GRANTED = Template(
    "rent_reduction_granted",
    gettext_lazy("租金减免已决定"),
    gettext_lazy("您家的租金减免从{first}到{last}，不用您再办理。{words}"),
    gettext_lazy(
        "您家的租金减免已经决定，不用您再办理。请看浙里办—住房保障—我的租金。"
        "我们不会在短信里要您转账或点链接。"
    ),
)
DECLINED = Template(
    "rent_reduction_declined",
    gettext_lazy("租金减免没有批准"),
    gettext_lazy("这次没有减免，原因：{words}。可以再申请，也可以商量分期；不同意请拨{line}。"),
    gettext_lazy(
        "您家的租金减免申请已有答复，请看浙里办—住房保障—我的租金。"
        "我们不会在短信里要您转账或点链接。"
    ),
)


class ReductionRefused(Refusal):
    """The reduction cannot be asked for or decided like this."""


def ask(lease: Lease, *, from_month: date, to_month: date, reason: str, by: Any) -> Reduction:
    """Asks for a reduction; one at a time. Raises ReductionRefused."""
    with transaction.atomic():
        row = locks.fresh(lease)
        if row.state not in states.L_IN_FORCE:
            raise ReductionRefused(_("这份租约没有在租，不能申请减免。"))
        if not reason.strip():
            raise ReductionRefused(_("请写一句家里遇到了什么困难。"), field="reason")
        if months.first(to_month) < months.first(from_month):
            raise ReductionRefused(_("结束的月份在开始的月份之前。"), field="to_month")
        if row.rent_reductions.filter(state=states.D_ASKED).exists():
            raise ReductionRefused(_("已经有一份减免申请在核对，请等它的结果。"))
        now = clock.now()
        made = Reduction.objects.create(
            lease=row, from_month=months.first(from_month), to_month=months.first(to_month),
            reason=reason.strip()[:_MOST_WORDS], state_since=now, asked_at=now,
            asked_by=audit.label(by)[:80], asked_staff=getattr(by, "as_staff", None),
        )  # fmt: skip
        audit.record("rent.reduction_asked", by=by, thing=made)
        return made


def why_not_decide(row: Reduction, staff: Staff) -> str:
    """Why this person may not decide it: answered already, or their own household."""
    if row.state != states.D_ASKED:
        return _("这份减免申请已经答复，请刷新页面。")
    if row.asked_staff_id == staff.pk:
        return _("您代住户提出的申请，请由另一位同事决定。")
    return permissions.why_not_free(staff, row.lease.application)


def grant(
    row: Reduction, *, by: Staff, source: str, words: str, share: Decimal | None = None,
    amount: Decimal | None = None, from_month: date | None = None, to_month: date | None = None,
) -> Reduction:  # fmt: skip
    """Grants it: a share (0–1) of the rent or yuan a month, by a named policy.

    Months billed already get a line for it. Raises ReductionRefused.
    """
    with transaction.atomic():
        fresh = _decidable(row, by)
        _refuse_terms(share, amount, source)
        fresh.share, fresh.amount = share, amount
        fresh.from_month = months.first(from_month or fresh.from_month)
        fresh.to_month = months.first(to_month or fresh.to_month)
        if fresh.to_month < fresh.from_month:
            raise ReductionRefused(_("结束的月份在开始的月份之前。"), field="to_month")
        fresh.source, fresh.words = source.strip()[:200], words.strip()[:_MOST_WORDS]
        fresh.save(update_fields=["share", "amount", "from_month", "to_month", "source", "words"])
        fresh = _decided(fresh, states.D_GRANTED, by)
        rent_corrections.true_up(fresh.lease, words=fresh.source, by=by.user)
        _tell(fresh, GRANTED, by)
        return fresh


def decline(row: Reduction, *, by: Staff, words: str) -> Reduction:
    """Declines it, with the reason for the household."""
    with transaction.atomic():
        fresh = _decidable(row, by)
        if not words.strip():
            raise ReductionRefused(_("请写明原因，住户看得到。"), field="words")
        fresh.words = words.strip()[:_MOST_WORDS]
        fresh.save(update_fields=["words"])
        fresh = _decided(fresh, states.D_DECLINED, by)
        _tell(fresh, DECLINED, by)
        return fresh


def end_over() -> int:
    """Closes reductions whose last month is over; nothing else follows. How many."""
    this = months.first(clock.today())
    over = Reduction.objects.filter(state=states.D_GRANTED, to_month__lt=this)
    return len([advance(one, states.D_OVER, by=rent_basis.SYSTEM) for one in over])


def line_of(row: Reduction) -> str:
    """The line under its tag, filled in."""
    line = str(states.REDUCTION[row.state].line)
    return line.format(first=display.month(row.from_month), last=display.month(row.to_month))


def _refuse_terms(share: Decimal | None, amount: Decimal | None, source: str) -> None:
    if not source.strip():
        raise ReductionRefused(_("请写明减免的政策依据。"), field="source")
    if (share is None) == (amount is None):
        raise ReductionRefused(_("减免比例和每月金额，请只填一项。"), field="share")
    if share is not None and not 0 < share <= 1:
        raise ReductionRefused(_("减免比例在1%到100%之间。"), field="share")
    if amount is not None and amount <= 0:
        raise ReductionRefused(_("每月减免的金额要大于0。"), field="amount")


def _decidable(row: Reduction, by: Staff) -> Reduction:
    locks.fresh(row.lease)  # before the reduction: as every verb on a household's book
    locks.fresh(row)
    fresh = Reduction.objects.select_related("lease__application").get(pk=row.pk)
    if why := why_not_decide(fresh, by):
        raise ReductionRefused(why)
    return fresh


def _decided(row: Reduction, to: str, by: Staff) -> Reduction:
    row.decided_by, row.decided_at, row.state = by, clock.now(), states.D_ASKED
    # who and when stand before the state moves: the constraint wants all three together
    Reduction.objects.filter(pk=row.pk).update(decided_by=by, decided_at=row.decided_at)
    return advance(row, to, by=by.user)


def _tell(row: Reduction, template: Template, by: Staff) -> None:
    applicant = row.lease.application.applicant
    tell(
        applicant.id_index, template, by=by.user, case_no=row.case_no,
        phone=applicant.phone or "", first=partial(display.month, row.from_month),
        last=partial(display.month, row.to_month), words=row.words, line=PHONE,
    )  # fmt: skip
