"""Who signs for the lessor (授权签约人): by a letter of authority, from a day until a day."""

from datetime import date

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.roles import Role
from allocation.leases.terms import LeaseRefused
from allocation.models import LessorAuthority
from core import audit, clock, locks


def authorise(
    staff: Staff, *, document: str, starts_on: date, until: date, by: Staff
) -> LessorAuthority:
    """A leader names who signs for the lessor. Raises LeaseRefused."""
    with transaction.atomic():
        locks.advisory("lessor authority", staff.pk)
        if why := why_not_authorise(by):
            raise LeaseRefused(why)
        if staff.pk == by.pk:
            raise LeaseRefused(_("授权要由另一个人给出，不能授权自己。"), "staff")
        if not document.strip():
            raise LeaseRefused(_("请写明授权书的文号。"), "document")
        if until < starts_on:
            raise LeaseRefused(_("截止日期早于开始日期，请重新填写。"), "until")
        made = LessorAuthority.objects.create(
            staff=staff, document=document.strip()[:80], starts_on=starts_on, until=until,
            given_by=by, given_at=clock.now(),
        )  # fmt: skip
        audit.record("lessor.authorised", by=by.user, thing=made, document=made.document)
        return made


def revoke(authority: LessorAuthority, *, by: Staff) -> LessorAuthority:
    """Ends an authority from this moment; what was signed before stands."""
    with transaction.atomic():
        row = locks.fresh(authority)
        if why := why_not_authorise(by):
            raise LeaseRefused(why)
        if row.revoked_at is None:
            row.revoked_at, row.revoked_by = clock.now(), by
            row.save(update_fields=["revoked_at", "revoked_by"])
            audit.record("lessor.revoked", by=by.user, thing=row)
        return row


def why_not_authorise(staff: Staff) -> str:
    """Why this person does not name who signs."""
    return "" if Role.LEADER in staff.roles else _("授权签约人由领导指定。")


def may_sign(staff: Staff, on: date) -> bool:
    """Whether the person holds an authority in force on a day."""
    return in_force(on).filter(staff=staff).exists()


def in_force(on: date) -> QuerySet[LessorAuthority]:
    """Authorities in force on a day."""
    return LessorAuthority.objects.filter(revoked_at=None, starts_on__lte=on, until__gte=on)
