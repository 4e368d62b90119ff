"""小区和租金标准: estates as they are registered, and what a square metre costs from which day."""

import re
from datetime import date
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from accounts.access import has_role
from accounts.models import Bureau, Staff
from accounts.roles import Role
from allocation.models import Estate, RentStandard
from core import audit, clock, display, locks
from core.refusals import Refusal

_CODE = re.compile(r"[A-Za-z0-9_.-]{1,30}")
# words of our own addresses, and of `allocation/urls_homes.py`
_RESERVED = frozenset({"import", "buildings", "new", "pictures"})
_MOST = Decimal(500)  # 元/㎡·month: above it is a slip of the keyboard


class StandardRefused(Refusal):
    """The estate or the standard cannot be registered like this."""


def why_not(staff: Staff) -> str:
    """Why this person may not register estates and standards."""
    if has_role(staff.user, Role.ADMIN):
        return ""
    return _("小区和租金标准由住房保障管理中心的业务管理岗位登记。")


def add_estate(
    *, by: Staff, code: str, name: str, address: str, street: Bureau, phone: str
) -> Estate:
    """Registers an estate. Raises StandardRefused for a code that is taken or unfit."""
    if why := why_not(by):
        raise StandardRefused(why)
    if not _CODE.fullmatch(code) or code.lower() in _RESERVED:
        raise StandardRefused(
            _("小区编号用字母、数字和 _ . -，最多30个字符，例如 YIN-DONG。"), "code"
        )
    try:
        with transaction.atomic():
            row = Estate.objects.create(
                code=code, name=name.strip(), address=address.strip(), street=street,
                phone=phone.strip(),
            )  # fmt: skip
            audit.record("estate.added", by=by.user, thing=row, code=code)
            return row
    except IntegrityError as error:
        raise StandardRefused(_("这个小区编号已经用过。"), "code") from error


def set_standard(
    estate: Estate, *, by: Staff, starts_on: date, per_square_metre: Decimal, source: str
) -> RentStandard:
    """A rent standard from a day, 元/㎡·month, with its source (令11号 §19).

    It begins tomorrow or later: what was in force stays what it was. Only an estate without any
    standard may get one from an earlier day. Raises StandardRefused.
    """
    if why := why_not(by):
        raise StandardRefused(why)
    with transaction.atomic():
        row = locks.fresh(estate)
        _refuse_day(row, starts_on)
        if not Decimal(0) < per_square_metre <= _MOST:
            raise StandardRefused(
                _("租金标准要大于0，不超过%(most)s元。") % {"most": _MOST}, "per_square_metre"
            )
        if not source.strip():
            raise StandardRefused(_("请写明依据的文件和文号。"), "source")
        made = RentStandard.objects.create(
            estate=row, starts_on=starts_on, per_square_metre=per_square_metre,
            source=source.strip()[:200], set_by=audit.label(by.user)[:80], set_at=clock.now(),
        )  # fmt: skip
        audit.record(
            "estate.standard_set", by=by.user, thing=row, starts_on=starts_on,
            per_square_metre=per_square_metre, source=made.source,
        )  # fmt: skip
        return made


def take_back(standard: RentStandard, *, by: Staff, reason: str) -> None:
    """Removes a standard that has not begun, with a reason. Raises StandardRefused."""
    if why := why_not(by):
        raise StandardRefused(why)
    with transaction.atomic():
        estate = locks.fresh(standard.estate)
        row = estate.rent_standards.filter(pk=standard.pk).first()
        if row is None:
            return  # taken back in another tab
        if row.starts_on <= clock.today():
            raise StandardRefused(_("已经开始执行的标准不能删去，请从以后的一天定新的标准。"))
        if not reason.strip():
            raise StandardRefused(_("请写明为什么撤回。"), "reason")
        audit.record(
            "estate.standard_taken_back", by=by.user, thing=estate, starts_on=row.starts_on,
            per_square_metre=row.per_square_metre, reason=reason.strip()[:400],
        )  # fmt: skip
        row.delete()


def in_force(estate: Estate, on: date) -> RentStandard | None:
    """The standard of a day."""
    return estate.rent_standards.filter(starts_on__lte=on).first()


def _refuse_day(estate: Estate, starts_on: date) -> None:
    if estate.rent_standards.filter(starts_on=starts_on).exists():
        raise StandardRefused(
            _("%(day)s已经有一条租金标准，同一天只能有一条。") % {"day": display.day(starts_on)},
            "starts_on",
        )
    if starts_on <= clock.today() and estate.rent_standards.exists():
        raise StandardRefused(_("以前的标准不能改写，请从明天或以后的一天开始。"), "starts_on")
