"""不在岗和代办: who stands in for whom, on which days. It begins and ends by its days alone."""

from datetime import date

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Staff
from accounts.roles import BureauKind, Role
from applications import periods
from applications.models import Absence
from core import audit, clock, display, locks
from core.refusals import Refusal

WORKING = (Role.STREET, Role.REVIEWER, Role.DISTRICT)
_LEADS = (Role.ADMIN, Role.LEADER)


class AbsenceRefused(Refusal):
    """The days, the deputy or the person do not fit."""


def is_lead(staff: Staff) -> bool:
    """Whether the person may balance the work of their own desk.

    An administrator or leader of the same bureau; at the district centre every reviewer.
    """
    if set(_LEADS) & set(staff.roles):
        return True
    return Role.DISTRICT in staff.roles and staff.bureau.kind == BureauKind.CENTRE


def colleagues(staff: Staff) -> QuerySet[Staff]:
    """People of the same desk who work on tasks, the person among them."""
    same = Staff.objects.filter(bureau_id=staff.bureau_id, user__is_active=True)
    return same.filter(roles__overlap=list(WORKING)).order_by("name", "pk")


def in_force(today: date) -> QuerySet[Absence]:
    """Absences of this day."""
    return Absence.objects.filter(starts_on__lte=today, ends_on__gte=today, ended_at=None)


def ahead(staff: Staff, today: date) -> QuerySet[Absence]:
    """Absences of the person's desk that are not over, with both people."""
    rows = Absence.objects.filter(staff__bureau_id=staff.bureau_id, ends_on__gte=today)
    return rows.filter(ended_at=None).select_related("staff", "deputy")


def concerning(staff: Staff, today: date) -> list[Absence]:
    """Today's absences in which the person is away or stands in."""
    rows = in_force(today).filter(Q(staff=staff) | Q(deputy=staff))
    return list(rows.select_related("staff", "deputy"))


def receiver_of(staff: Staff, today: date) -> Staff | None:
    """Who receives what is meant for somebody today: they themselves, or who stands in for them.

    None where those who stand in for each other are all away.
    """
    away = {one.staff_id: one.deputy for one in in_force(today).select_related("deputy__user")}
    person, seen = staff, {staff.pk}
    while person.pk in away:
        person = away[person.pk]
        if person.pk in seen:
            return None
        seen.add(person.pk)
    return person


def why_not_enter(staff: Staff, by: Staff) -> str:
    """Why ``by`` may not enter an absence of ``staff``: one's own, or that of one's own desk."""
    if staff.pk == by.pk or (staff.bureau_id == by.bureau_id and is_lead(by)):
        return ""
    return _("不在岗由本人或本单位的负责人登记。")


def enter(staff: Staff, *, deputy: Staff, starts_on: date, ends_on: date, by: Staff) -> Absence:
    """Enters days of absence with a deputy; one that begins today passes the tasks on at once.

    Raises AbsenceRefused.
    """
    with transaction.atomic():
        # the earlier key first: two people who name each other at once must not wait for each other
        for one in sorted((staff, deputy), key=lambda one: one.pk):
            locks.fresh(one)
        if why := why_not_enter(staff, by):
            raise AbsenceRefused(why)
        _refuse_days(starts_on, ends_on)
        _refuse_deputy(staff, deputy)
        _refuse_overlap(staff, deputy, starts_on, ends_on)
        made = Absence.objects.create(
            staff=staff, deputy=deputy, starts_on=starts_on, ends_on=ends_on, entered_by=by,
            entered_at=clock.now(),
        )  # fmt: skip
        audit.record(
            "absence.entered", by=by.user, thing=made, staff=staff.pk, deputy=deputy.pk,
            starts_on=starts_on, ends_on=ends_on,
        )  # fmt: skip
        return made


def end(absence: Absence, *, by: Staff) -> Absence:
    """Takes an absence back, or ends it early; what the deputy has stays with the deputy."""
    with transaction.atomic():
        row = locks.fresh(absence)
        if why := why_not_enter(row.staff, by):
            raise AbsenceRefused(why)
        if row.ended_at is None:
            row.ended_at = clock.now()
            row.save(update_fields=["ended_at"])
            audit.record("absence.ended", by=by.user, thing=row, staff=row.staff_id)
        return row


def _refuse_days(starts_on: date, ends_on: date) -> None:
    today = clock.today()
    if ends_on < starts_on:
        raise AbsenceRefused(_("结束日期不能早于开始日期。"), "ends_on")
    if ends_on < today:
        raise AbsenceRefused(_("这几天已经过去，不用登记。"), "ends_on")
    longest = periods.of("absence")
    if ends_on >= longest.after(starts_on):
        raise AbsenceRefused(
            _("一次最长登记%(n)d天，更长的请分次登记。") % {"n": longest.value}, "ends_on"
        )


def _refuse_deputy(staff: Staff, deputy: Staff) -> None:
    if deputy.pk == staff.pk:
        raise AbsenceRefused(_("代办人要是另一位同事。"), "deputy")
    same = deputy.bureau_id == staff.bureau_id and deputy.user.is_active
    if not same or not set(deputy.roles) & set(staff.roles) & set(WORKING):
        raise AbsenceRefused(_("代办人要是本单位、同一岗位的同事。"), "deputy")


def _refuse_overlap(staff: Staff, deputy: Staff, starts_on: date, ends_on: date) -> None:
    standing = Absence.objects.filter(ended_at=None, starts_on__lte=ends_on, ends_on__gte=starts_on)
    if standing.filter(staff=staff).exists():
        raise AbsenceRefused(_("这几天已经登记过不在岗。"), "starts_on")
    if away := standing.filter(staff=deputy).first():
        raise AbsenceRefused(
            _("%(who)s在%(first)s至%(last)s也不在岗，请选另一位同事。")
            % {
                "who": deputy.name,
                "first": display.day_short(away.starts_on),
                "last": display.day_short(away.ends_on),
            },
            "deputy",
        )
