"""The changed lane (标准有调整): another tier or rent, told with its sum, objected to, agreed to.

A person settles it; from then on the household has a letter with both sums, the month and the way
to object, and the agreement about the rent to sign. A lower rent holds from the month of the
re-check, a higher one never backwards. While an objection is being looked at, a higher rent waits.
"""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from allocation import months, rent_sums, rent_terms
from allocation import states as allocation_states
from allocation.leases import changing
from allocation.models import Home, Lease, LeaseText
from applications import periods, permissions
from applications.letters import PHONE
from core import audit, clock, display, locks
from core.notices import Template, tell
from core.workflow import Refusal
from renewal.models import Recheck, TermsNotice

Fit, Outcome = TermsNotice.Fit, TermsNotice.Outcome
SIZES = ("1R", "2R", "3R")  # 一居室、二居室、三居室

TOLD = Template(
    "recheck_terms",
    gettext_lazy("保障标准有调整"),
    gettext_lazy(
        "年度复核后，您家从{month}起月租由{old}改为{new}，怎么算的在「年度复核」里逐项写明。"
        "觉得算得不对，可以在{until}前请另一位工作人员重新计算，也可以打{line}。"
    ),
    gettext_lazy(
        "您家的住房保障标准有调整，怎么算的请看浙里办—住房保障—年度复核。"
        "我们不会在短信里要您转账或点链接。"
    ),
)
AGAIN = Template(
    "recheck_terms_again",
    gettext_lazy("已经重新计算"),
    gettext_lazy("{outcome}：从{month}起月租{rent}。{answer}仍有疑问，可以打{line}。"),
    gettext_lazy(
        "您家的租金已经重新计算，结果请看浙里办—住房保障—年度复核。"
        "我们不会在短信里要您转账或点链接。"
    ),
)


class TermsRefused(Refusal):
    """The changed terms cannot be objected to or computed again like this now."""


def put_in_force(row: Recheck, *, by: Any) -> TermsNotice | None:
    """The changed tier and rent, once a person has settled them; None where nothing changes.

    The caller holds the re-check's lock.
    """
    lease, change = row.lease, row.change
    if not change.get("tier_new") or lease.state not in allocation_states.L_IN_FORCE:
        return None
    old, new = Decimal(change["rent_old"]), Decimal(change["rent_new"])
    month = month_of(lease, change, clock.today())
    if month >= lease.term.upper:
        return None
    staff = getattr(by, "as_staff", None)
    notice = _write(row, month, staff) if staff is not None else None
    if notice is not None and staff is not None and month >= lease.term.lower:
        notice.text = _agreement(lease, change["tier_new"], new, month, by=staff)
        notice.save(update_fields=["text"])
    rent_terms.change(
        lease, from_month=month, rent=new, tier=change["tier_new"], reason=str(_("年度复核")), by=by
    )
    if notice is not None:
        _tell(
            lease, TOLD, by, month=partial(display.month, month), old=partial(display.rent, old),
            new=partial(display.rent, new), until=notice.object_until, line=PHONE,
        )  # fmt: skip
    return notice


def month_of(lease: Lease, change: Mapping[str, str], today: date) -> date:
    """The first day of the month from which the new rent holds: never a rise for months gone by."""
    month = max(months.of_text(change["from_month"]), months.first(lease.term.lower))
    if Decimal(change["rent_new"]) > Decimal(change["rent_old"]):
        return max(month, months.after(months.first(today)))
    return month


def sum_of(home: Home, tier: str, rent: Decimal, on: date) -> dict[str, str]:
    """The sum that gives this rent; {} where the day's policy and standard do not give it."""
    found = rent_sums.at(home, tier, on)
    return found.kept() if found is not None and found.monthly == rent else {}


def fit_of(home: Home, result: Mapping[str, Any] | None) -> str:
    """Whether the home suits the household by the policy's types: too small, too large, or right.

    Nobody has to move for it; a swap is offered.
    """
    allowed = [one for one in (result or {}).get("unit_types", []) if one in SIZES]
    if not allowed or home.unit_type not in SIZES:
        return str(Fit.UNKNOWN)
    if home.unit_type in allowed:
        return str(Fit.FITS)
    smaller = SIZES.index(home.unit_type) < min(map(SIZES.index, allowed))
    return str(Fit.CROWDED if smaller else Fit.ROOMY)


# -- Objection ---------------------------------------------------------------------------------


def object_to(notice: TermsNotice, *, text: str, by: Any) -> TermsNotice:
    """The household thinks the sum is wrong; a rise that is not agreed to in writing waits until
    another person has computed it.

    Late is taken, too, for as long as nobody has answered one. Raises TermsRefused.
    """
    with transaction.atomic():
        locks.fresh(notice.lease)
        row = locks.fresh(notice)
        if why := why_not_object(row):
            raise TermsRefused(why)
        if not text.strip():
            raise TermsRefused(_("请写下您觉得哪里不对，一句话就够。"), field="text")
        row.objected_at, row.objected_by = clock.now(), audit.label(by)[:80]
        row.objection = text.strip()[:2000]
        row.save(update_fields=["objected_at", "objected_by", "objection"])
        audit.record("terms.objected", by=by, thing=row)
        rises = row.rent_new > row.rent_old and not _is_agreed(row)
        if rises and row.lease.state in allocation_states.L_IN_FORCE:
            rent_terms.change(
                row.lease, from_month=row.from_month, rent=row.rent_old, tier=row.tier_old,
                reason=str(_("异议核对期间，按原来的租金")), by=by,
            )  # fmt: skip
        return row


def why_not_object(notice: TermsNotice) -> str:
    """Why no objection is taken: there is one."""
    if notice.answered_at is not None:
        return _("已经由另一位工作人员重新计算过。仍不同意，可以打0574-12345。")
    if notice.objected_at is not None:
        return _("已经收到您的异议，正在由另一位工作人员重新计算。")
    return ""


def compute_again(
    notice: TermsNotice, *, tier: str, by: Staff, answer: str, today: date | None = None
) -> TermsNotice:
    """Another person computes the rent anew for the tier they found; yuan by the standard in force.

    The result holds from the notice's month, a rise from the month after the answer. Raises
    TermsRefused, NoRentStandard.
    """
    today = today or clock.today()
    with transaction.atomic():
        locks.fresh(notice.lease)
        row = locks.fresh(notice)
        if why := why_not_compute(row, by):
            raise TermsRefused(why)
        if not answer.strip():
            raise TermsRefused(_("请写明怎么算的，家庭会看到。"), field="answer")
        on = min(row.from_month, today)
        if tier not in rent_sums.tiers(on):
            raise TermsRefused(_("请选择租金档次。"), field="tier")
        rent = rent_sums.of(row.lease.home, tier, on).monthly
        same = (tier, rent) == (row.tier_new, row.rent_new)
        row.answered_at, row.answered_by, row.answer = clock.now(), by, answer.strip()[:2000]
        row.outcome = Outcome.UPHELD if same else Outcome.CORRECTED
        row.tier_final, row.rent_final = tier, rent
        row.save()
        audit.record("terms.computed_again", by=by.user, thing=row, outcome=row.outcome)
        month = row.from_month
        if rent > row.rent_old:
            month = max(month, months.after(months.first(today)))
        if row.lease.state in allocation_states.L_IN_FORCE and month < row.lease.term.upper:
            if not same:
                _replace_agreement(row, month, by)
            rent_terms.change(
                row.lease, from_month=month, rent=rent, tier=tier,
                reason=str(_("年度复核，重新计算")), by=by.user,
            )  # fmt: skip
        _tell(
            row.lease, AGAIN, by.user, outcome=lambda: str(Outcome(row.outcome).label),
            month=partial(display.month, month), rent=partial(display.rent, rent),
            answer=row.answer, line=PHONE,
        )  # fmt: skip
        return row


def why_not_compute(notice: TermsNotice, staff: Staff) -> str:
    """Why this person may not compute it again: another than who made the notice does."""
    if why := permissions.why_not_free(staff, notice.lease.application):
        return why
    if notice.objected_at is None:
        return _("家庭没有提出异议。")
    if notice.answered_at is not None:
        return _("这份异议已经答复。")
    if notice.made_by_id == staff.pk:
        return _("重新计算要由另一位工作人员来做。")
    return ""


# -- Parts -------------------------------------------------------------------------------------


def _write(row: Recheck, month: date, by: Staff) -> TermsNotice:
    change, lease = row.change, row.lease
    old, new = Decimal(change["rent_old"]), Decimal(change["rent_new"])
    result = row.assessment.result if row.assessment else None
    return TermsNotice.objects.create(
        recheck=row, lease=lease, made_at=clock.now(), made_by=by,
        tier_old=change["tier_old"], tier_new=change["tier_new"], rent_old=old, rent_new=new,
        sum_old=sum_of(lease.home, change["tier_old"], old, row.on),
        sum_new=sum_of(lease.home, change["tier_new"], new, row.on),
        from_month=month, fit=fit_of(lease.home, result),
        object_until=periods.of("terms_object").after(clock.today()),
    )  # fmt: skip


def _agreement(
    lease: Lease, tier: str, rent: Decimal, month: date, *, by: Staff
) -> LeaseText | None:
    """The agreement about the rent, to be read and signed like any; None where one is being signed
    or today's standard gives another sum (then a person draws it up on the lease's page)."""
    found = rent_sums.at(lease.home, tier, min(month, clock.today()))
    open_ = lease.texts.filter(kind=LeaseText.Kind.RENT, state=allocation_states.T_TO_SIGN)
    if (
        found is None
        or found.monthly != rent
        or open_.exists()
        or lease.state not in changing.CHANGEABLE
        or lease.agreed(month) == (tier, rent)
    ):
        return None
    return changing.change_rent(lease, tier, month, by=by)


def _is_agreed(row: TermsNotice) -> bool:
    return row.text is not None and row.text.state == allocation_states.T_IN_FORCE


def _replace_agreement(row: TermsNotice, month: date, by: Staff) -> None:
    """The old words are not signed any more, or, if they were, do not come into effect later; the
    corrected sum is agreed to on a text of its own."""
    if row.text is not None and row.text.state == allocation_states.T_TO_SIGN:
        changing.withdraw(row.text, by=by, reason=str(_("重新计算后改正")))
    elif row.text is not None and row.text.applied_at is None:
        row.text.applied_at = clock.now()  # overtaken before its month began
        row.text.save(update_fields=["applied_at"])
    if row.tier_final and row.rent_final is not None and month >= row.lease.term.lower:
        row.text = _agreement(row.lease, row.tier_final, row.rent_final, month, by=by)
        row.save(update_fields=["text"])


def _tell(lease: Lease, template: Template, by: Any, **values: Any) -> None:
    applicant = lease.application.applicant
    tell(
        applicant.id_index, template, by=by, case_no=lease.case_no, phone=applicant.phone or "",
        **values,
    )  # fmt: skip
