"""A change of the monthly rent from a month on (租金调整): by a person, told to the household."""

from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from allocation import months, rent_basis, rent_corrections, states
from allocation.models import Lease, RentTerm
from applications.letters import PHONE
from core import audit, clock, display, locks
from core.notices import Template, tell
from core.refusals import Refusal

_MOST_REASON = 200

CHANGED = Template(
    "rent_changed",
    gettext_lazy("月租金有调整"),
    gettext_lazy(
        "您家的月租金从{month}起为{rent}，原因：{reason}。怎么算的，在「我的租金」里逐项写明；"
        "不同意可以拨{line}。"
    ),
    gettext_lazy(
        "您家的月租金有调整，怎么算的请看浙里办—住房保障—我的租金。"
        "我们不会在短信里要您转账或点链接。"
    ),
)


class TermRefused(Refusal):
    """The rent of this lease cannot be changed like this."""


def change(
    lease: Lease, *, from_month: date, rent: Decimal, reason: str, by: Any, tier: str = ""
) -> RentTerm:
    """New rent in yuan a month from a month on (any day of it); returns the terms in force.

    Months billed already get lines for the difference. Without ``tier`` the tier stays. Repeated
    with the same sum it changes nothing. Raises TermRefused.
    """
    with transaction.atomic():
        locks.fresh(lease)
        row = Lease.objects.select_related("home__estate", "application").get(pk=lease.pk)
        month = months.first(from_month)
        _refuse(row, month, rent, reason)
        rent_basis.seed([row])
        before = rent_basis.term_in_force(row, month)
        tier = tier or before.tier
        if (before.rent, before.tier) == (rent, tier):
            return before
        term = RentTerm.objects.create(
            lease=row, from_month=month, rent=rent, tier=tier,
            basis=rent_basis.explain(row, tier, rent, month), reason=reason.strip()[:_MOST_REASON],
            by=audit.label(by)[:80], at=clock.now(),
        )  # fmt: skip
        audit.record(
            "rent.changed", by=by, thing=row, from_month=month.isoformat(), before=str(before.rent),
            rent=str(rent), reason=reason,
        )  # fmt: skip
        rent_corrections.true_up(row, words=reason.strip(), by=by)
        _tell(row, term, by)
        return term


def _refuse(lease: Lease, month: date, rent: Decimal, reason: str) -> None:
    if lease.state not in states.L_IN_FORCE:
        raise TermRefused(_("这份租约没有在租，不能调整租金。"))
    if month < months.first(lease.term.lower) or month >= lease.term.upper:
        raise TermRefused(_("这个月不在租期里，请换一个月份。"), field="from_month")
    if rent < 0 or rent != rent.quantize(months.FEN):
        raise TermRefused(_("月租金不能是负数，最多两位小数。"), field="rent")
    if not reason.strip():
        raise TermRefused(_("请写明调整的原因，住户看得到。"), field="reason")


def _tell(lease: Lease, term: RentTerm, by: Any) -> None:
    applicant = lease.application.applicant
    tell(
        applicant.id_index, CHANGED, by=by, case_no=lease.case_no, phone=applicant.phone or "",
        month=partial(display.month, term.from_month), rent=partial(display.rent, term.rent),
        reason=term.reason, line=PHONE,
    )  # fmt: skip
