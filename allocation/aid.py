"""主动救助: a household in arrears that may be owed help is called on by its street.

What the operating company heard at the door leads to a person of the street, with a day. The street
says what came of it; a reduction is asked for with that, on the household's behalf. Nothing adverse
follows, whatever the outcome; the company learns that the street has it, never why or what came.
"""

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import Staff
from accounts.roles import Role
from allocation import facts, months, reductions, states
from allocation.models import AidReferral, Lease, RentContact
from applications import periods, permissions, staff_notices
from applications.models import StaffNotice
from core import audit, clock, locks
from core.notices import Template, tell
from core.refusals import Refusal
from core.workflow import advance

Outcome = AidReferral.Outcome
REDUCTION_MONTHS = 3  # asked for by the street; whoever decides may set others
_MOST_WORDS = 400

REFERRED = Template(
    "rent_aid",
    gettext_lazy("街道会和您家联系"),
    gettext_lazy(
        "您家的租金有困难，我们已请{street}在{due}前联系您家，看能不能申请救助或者租金减免。"
        "现在不用您办理，居住不受影响。"
    ),
)


class AidRefused(Refusal):
    """The referral cannot be settled like this."""


def refer(contact: RentContact, *, by: Staff) -> AidReferral:
    """Hands the household to its street; while one is open it is returned as it is.

    Called by `arrears.note_contact` inside its transaction.
    """
    lease = locks.fresh(contact.lease)
    standing = lease.aid_referrals.filter(state=states.A_OPEN).first()
    if standing is not None:
        return standing
    now = clock.now()
    made = AidReferral.objects.create(
        lease=lease, street=lease.application.street or lease.home.estate.street, contact=contact,
        state_since=now, asked_by=by, asked_at=now,
        due_on=periods.of("aid_contact").after(clock.today()),
    )  # fmt: skip
    audit.record("aid.referred", by=by.user, thing=made, street=made.street.name)
    _tell_street(made, by)
    _tell_household(made, by)
    return made


def why_not_settle(row: AidReferral, staff: Staff) -> str:
    """Why this person may not say what came of it. Button, view and verb ask this."""
    if row.state != states.A_OPEN:
        return _("这一户已经联系过，请刷新页面。")
    if Role.STREET not in staff.roles or row.street_id != staff.bureau_id:
        return _("由%(street)s办理。") % {"street": row.street.name}
    return permissions.why_not_free(staff, row.lease.application)


def settle(row: AidReferral, *, by: Staff, outcome: str, words: str) -> AidReferral:
    """The street has called and says what came of it; a reduction is asked for along with that.

    Raises AidRefused, ReductionRefused.
    """
    with transaction.atomic():
        locks.fresh(row.lease)
        fresh = locks.fresh(row)
        if why := why_not_settle(fresh, by):
            raise AidRefused(why)
        if outcome not in Outcome.values:
            raise AidRefused(_("请选择联系的结果。"), field="outcome")
        if not words.strip():
            raise AidRefused(_("请写一句了解到的情况。"), field="words")
        fresh.outcome, fresh.words = outcome, words.strip()[:_MOST_WORDS]
        fresh.settled_by = by
        if outcome == Outcome.REDUCTION:
            _ask_reduction(fresh, by)
        fresh.settled_at = clock.now()
        fresh.save(update_fields=["outcome", "words", "settled_by", "settled_at"])
        return advance(fresh, states.A_DONE, by=by.user)


def of_street(staff: Staff) -> QuerySet[AidReferral]:
    """Households that this person's street is to call on, the first to be due first."""
    rows = AidReferral.objects.filter(street=staff.bureau_id, state=states.A_OPEN)
    return rows.select_related("lease__home__estate", "lease__application").order_by("due_on", "pk")


def settled_by_street(staff: Staff) -> QuerySet[AidReferral]:
    """Those it has called on, the newest first."""
    rows = AidReferral.objects.filter(street=staff.bureau_id, state=states.A_DONE)
    return rows.select_related("lease__home__estate", "settled_by").order_by("-settled_at", "-pk")


def standing(lease: Lease) -> AidReferral | None:
    """The newest referral of a household, for its own pages and those about its rent."""
    return lease.aid_referrals.select_related("street").order_by("-asked_at", "-pk").first()


def overdue() -> QuerySet[AidReferral]:
    """Referrals whose day has passed without a call."""
    return AidReferral.objects.filter(state=states.A_OPEN, due_on__lt=clock.today())


# -- Parts -----------------------------------------------------------------------------------------


def _ask_reduction(row: AidReferral, by: Staff) -> None:
    first = months.first(clock.today())
    reductions.ask(
        row.lease, from_month=first, to_month=months.after(first, REDUCTION_MONTHS - 1),
        reason=row.words, by=by.user,
    )  # fmt: skip


def _tell_street(row: AidReferral, by: Staff) -> None:
    people = Staff.objects.filter(
        bureau=row.street_id, roles__contains=[Role.STREET], user__is_active=True
    )
    free = [one for one in people if not permissions.has_conflict(one, row.lease.application)]
    staff_notices.tell(
        free, StaffNotice.Kind.AID, key=f"aid-{row.pk}", application=row.lease.application,
        by=by.user, about=facts.address(row.lease.home)[:120], day=row.due_on,
        path=reverse("aid_one", args=[row.pk]),
    )  # fmt: skip


def _tell_household(row: AidReferral, by: Staff) -> None:
    applicant = row.lease.application.applicant
    tell(
        applicant.id_index, REFERRED, by=by.user, case_no=row.case_no,
        phone=applicant.phone or "", street=row.street.name, due=row.due_on,
    )  # fmt: skip
