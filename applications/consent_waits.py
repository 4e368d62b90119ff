"""Missing consents (容缺的授权): accepted at once, due on a day, reminded before, never lost by it.

The clock stands while one is missing. Reminders go to the member and to the applicant on three
rungs: three and seven days after acceptance and the day before the last one. When the last day has
passed, a person of the street takes it up: gives more time, helps with a signature, or notes what
the family decided. No machine refuses or ends anything here.
"""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications import authority, joining, notices_family, periods, permissions, states
from applications.letters import OFFICE
from applications.models import Application, Member, MissingConsent, Pause, StandIn
from core import audit, clock, display, locks, notices
from core.refusals import Refusal

FIRST, SECOND, LAST = "first", "second", "last"
_Settled = MissingConsent.Settled


class WaitRefused(Refusal):
    """This missing consent cannot be settled like that."""


# -- Verbs -------------------------------------------------------------------------------------


def settle(application: Application) -> None:
    """Brings the list of missing consents up to date; called after every change of a consent.

    Inside the caller's transaction, with the application locked.
    """
    if application.state == states.DRAFT:
        return
    missing = {one.pk: one for one in authority.pending(application)}
    for row in application.missing_consents.filter(settled_at=None).select_related("member"):
        if not application.is_open:
            _close(row, _Settled.CASE_ENDED)
        elif row.member_id not in missing:
            _close(row, _how(row.member))
        missing.pop(row.member_id, None)
    if application.is_open:
        for member in missing.values():
            _open(application, member)


def catch_up() -> int:
    """Lists what was missing before there was this list; returns how many cases."""
    listed = MissingConsent.objects.filter(settled_at=None).values("application")
    waits = Pause.objects.filter(reason=Pause.Reason.CONSENT, ended_at=None)
    paused = Application.objects.filter(pk__in=waits.values("application")).exclude(pk__in=listed)
    keys = list(paused.values_list("pk", flat=True))
    for pk in keys:
        with transaction.atomic():
            settle(locks.fresh(Application.objects.get(pk=pk)))
    return len(keys)


def remind(wait: MissingConsent, today: date) -> bool:
    """Sends the reminder whose rung has come, once; False if none has. Never after the last day."""
    with transaction.atomic():
        application = locks.fresh(wait.application)
        row = locks.fresh(wait)
        rung = rung_of(row, today)
        if row.settled_at is not None or rung is None or not application.is_open:
            return False
        row.reminded = [*row.reminded, rung]
        row.save(update_fields=["reminded"])
        _tell_member(row)
        _tell_applicant(application, row, rung)
        _record("consent.reminded", row, audit.System("reminders"), rung=rung)
        return True


def pass_on(wait: MissingConsent, today: date) -> bool:
    """The last day has passed: a person of the street takes it up; False if it was settled."""
    with transaction.atomic():
        application = locks.fresh(wait.application)
        row = locks.fresh(wait)
        if row.settled_at is not None or row.passed_at is not None or row.due_on >= today:
            return False
        row.passed_at = clock.now()
        row.save(update_fields=["passed_at"])
        applicant = application.applicant
        notices.tell(
            applicant.id_index, notices_family.CONSENT_PASSED, by=audit.System("reminders"),
            case_no=application.case_no or "", due=display.day(row.due_on),
            n=_missing(application), street=_street(application),
        )  # fmt: skip
        _record("consent.passed", row, audit.System("reminders"))
        return True


def extend(wait: MissingConsent, note: str, *, by: Staff) -> MissingConsent:
    """A person gives more time and notes what was said. Raises WaitRefused."""
    with transaction.atomic():
        application = locks.fresh(wait.application)
        row = _noted(wait, note, by)
        row.due_on = periods.of("consent_more").after(max(clock.today(), row.due_on))
        row.began_on, row.passed_at, row.reminded = clock.today(), None, []
        row.save()
        applicant = application.applicant
        notices.tell(
            applicant.id_index, notices_family.CONSENT_EXTENDED, by=by.user,
            case_no=application.case_no or "", due=display.day(row.due_on),
        )  # fmt: skip
        _record("consent.extended", row, by.user, due=row.due_on)
        return row


def contacted(wait: MissingConsent, note: str, *, by: Staff) -> MissingConsent:
    """Notes that the street spoke with the family. Raises WaitRefused."""
    with transaction.atomic():
        locks.fresh(wait.application)
        row = _noted(wait, note, by)
        row.save()
        _record("consent.contacted", row, by.user)
        return row


# -- Questions ---------------------------------------------------------------------------------


def rung_of(wait: MissingConsent, today: date) -> str | None:
    """The reminder that is due and was not sent; the latest one, where several were slept over."""
    began = wait.began_on
    rungs = (
        (LAST, wait.due_on - timedelta(days=1)),
        (SECOND, began + timedelta(days=periods.of("consent_second").value)),
        (FIRST, began + timedelta(days=periods.of("consent_first").value)),
    )
    due = next((rung for rung, day in rungs if day <= today <= wait.due_on), None)
    return None if due in wait.reminded else due


def open_of(application: Application) -> list[MissingConsent]:
    """What is missing in a case, the nearest day first."""
    rows = application.missing_consents.filter(settled_at=None).select_related("member")
    return list(rows.order_by("due_on", "pk"))


def due_of(application: Application) -> date | None:
    """The day until which the consents are waited for; None if nothing is missing."""
    rows = open_of(application)
    return rows[0].due_on if rows else None


def to_remind(today: date) -> QuerySet[MissingConsent]:
    """Open ones before or on their last day."""
    return MissingConsent.objects.filter(settled_at=None, due_on__gte=today)


def to_pass(today: date) -> QuerySet[MissingConsent]:
    """Open ones whose last day has passed and that nobody has taken up."""
    return MissingConsent.objects.filter(settled_at=None, passed_at=None, due_on__lt=today)


def of_street(staff: Staff) -> QuerySet[MissingConsent]:
    """Open ones of the cases this person works on; those that passed first."""
    rows = MissingConsent.objects.filter(settled_at=None, application__in=cases_of(staff))
    return rows.select_related("member", "application").order_by("due_on", "pk")


def cases_of(staff: Staff) -> QuerySet[Application]:
    """Cases of the person's street and drafts of the person's office, never of their household."""
    rows = permissions.window_cases_of(staff)
    if not staff.id_index:
        return rows
    own = Member.objects.filter(id_index=staff.id_index)
    return rows.exclude(pk__in=own.values("application"))


# -- Parts -------------------------------------------------------------------------------------


def _open(application: Application, member: Member) -> None:
    due = periods.of("consent_wait").after(clock.today())
    row = MissingConsent.objects.create(
        application=application, member=member, opened_at=clock.now(), began_on=clock.today(),
        due_on=due,
    )  # fmt: skip
    _record("consent.missing", row, audit.System("acceptance"), due=due)


def _close(row: MissingConsent, how: str) -> None:
    row.settled_at, row.settled_as = clock.now(), how
    row.save(update_fields=["settled_at", "settled_as"])


def _how(member: Member) -> str:
    if member.excluded:
        return _Settled.LEFT_OUT
    return _Settled.GIVEN if authority.word_of(member) == "given" else _Settled.REFUSED


def _noted(wait: MissingConsent, note: str, by: Staff) -> MissingConsent:
    row = locks.fresh(wait)
    if row.settled_at is not None:
        raise WaitRefused(_("这位家人已经答复，不用再联系。"))
    if not note.strip():
        raise WaitRefused(_("请写一句联系的情况。"), "note")
    told = {"at": clock.now().isoformat(), "by": audit.label(by.user), "note": note.strip()[:400]}
    row.contacts = [*row.contacts, told]
    return row


def _tell_member(row: MissingConsent) -> None:
    """The member themselves; not a child, and nobody for whom somebody else is to sign."""
    member = row.member
    waits = member.stand_ins.filter(verdict=StandIn.Verdict.OPEN).exists()
    if waits or not authority.is_adult(member, clock.today()):
        return
    notices.tell(
        member.id_index, notices_family.MEMBER_REMINDED, by=audit.System("reminders"), case_no="",
        phone=member.phone or "", code=joining.code_for(member), due=display.day(row.due_on),
        due_short=display.day_short(row.due_on),
    )  # fmt: skip


def _tell_applicant(application: Application, row: MissingConsent, rung: str) -> None:
    """Once a rung, however many are missing."""
    others = application.missing_consents.filter(settled_at=None, reminded__contains=[rung])
    if others.exclude(pk=row.pk).filter(due_on=row.due_on).exists():
        return
    applicant = application.applicant
    notices.tell(
        applicant.id_index, notices_family.CONSENT_REMINDED, by=audit.System("reminders"),
        case_no=application.case_no or "", phone=applicant.phone or "", n=_missing(application),
        due=display.day(row.due_on), due_short=display.day_short(row.due_on),
    )  # fmt: skip


def _missing(application: Application) -> int:
    return application.missing_consents.filter(settled_at=None).count()


def _street(application: Application) -> str:
    return str(application.street.name) if application.street else OFFICE


def _record(verb: str, row: MissingConsent, by: Any, **detail: Any) -> None:
    audit.record(
        verb, by=by, thing=row, case_no=row.application.case_no or "",
        subjects=[row.member.id_index], **detail,
    )  # fmt: skip
