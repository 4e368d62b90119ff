"""交班: the day of one office as a list, and the note to the colleague who opens next."""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications import authority, consultations, desk_sheets, states
from applications.models import (
    Application,
    HandoverNote,
    Supplement,
    Transfer,
)
from core import audit, clock, workdays
from core.identity import masking
from core.refusals import Refusal

_MOST = 200  # lines of one table


class NoNote(Refusal):
    """There is nothing to hand over in the note."""


def day_of(staff: Staff, on: date) -> dict[str, Any]:
    """What the office did on the day and what waits: each table in the order of urgency."""
    since, until = clock.local_midnight(on), clock.local_midnight(on + timedelta(days=1))
    here = Application.objects.filter(channel="window", created_by__staff__bureau=staff.bureau)
    accepted = here.filter(accepted_at__gte=since, accepted_at__lt=until).order_by("accepted_at")
    unsigned = _unsigned(staff)
    transferred = Transfer.objects.filter(by__bureau=staff.bureau, at__gte=since, at__lt=until)
    tomorrow = workdays.add_workdays(on, 1)
    return {
        "day": on,
        "tomorrow": tomorrow,
        "accepted": [_line(one) for one in _named(accepted)],
        "unsigned": [_line(one, waiting=_waiting(one)) for one in _named(unsigned)],
        "parked": list(desk_sheets.parked(staff)[:_MOST]),
        "due": _due(staff, tomorrow),
        "transferred": [
            _line(one.application, office=one.office)
            for one in transferred.select_related("application")
            .prefetch_related("application__members")
            .order_by("at")[:_MOST]
        ],
        "consulted": consultations.since(staff, since),
        "unfinished": here.in_state(states.DRAFT).filter(employer_entry=None).count(),
        "notes": list(HandoverNote.objects.filter(bureau=staff.bureau).select_related("by")[:3]),
    }


def note(text: str, *, by: Staff) -> HandoverNote:
    """Leaves a note for the office. Raises NoNote for an empty one."""
    words = masking.mask_text(text.strip())[:500]
    if not words:
        raise NoNote(_("请写一句要交接的事。"), "text")
    with transaction.atomic():
        made = HandoverNote.objects.create(bureau=by.bureau, text=words, by=by, at=clock.now())
        audit.record("window.note", by=by.user, thing=made)
        return made


def _unsigned(staff: Staff) -> Any:
    """Cases of this office under way in which somebody's own word is missing.

    Also of who came of age meanwhile: the guardian's signature counts no more (民法典 §17).
    """
    rows = Application.objects.in_progress().filter(
        channel="window", created_by__staff__bureau=staff.bureau
    )
    waiting = authority.awaiting_a_word()
    return rows.filter(pk__in=waiting.values("application")).order_by("accepted_at")


def _due(staff: Staff, day: date) -> list[dict[str, Any]]:
    """Answers promised, and papers that were to follow, by the next working day."""
    street = Application.objects.in_progress().filter(street=staff.bureau)
    promised = street.filter(decided_at=None, promised_due__lte=day).order_by("promised_due")
    papers = Supplement.objects.filter(
        application__in=street.values("pk"), received_at=None, due_on__lte=day
    )
    lines = [_line(one, due=one.promised_due, what=_("答复")) for one in _named(promised)]
    lines += [
        _line(one.application, due=one.due_on, what=one.text)
        for one in papers.select_related("application")
        .prefetch_related("application__members")
        .order_by("due_on")[:_MOST]
    ]
    return sorted(lines, key=lambda one: one["due"])


def _named(rows: Any) -> list[Application]:
    return list(rows.prefetch_related("members__consents")[:_MOST])


def _waiting(application: Application) -> int:
    people = [one for one in application.members.all() if not one.excluded]
    return sum(map(authority.still_to_agree, people))


def _line(application: Application, **more: Any) -> dict[str, Any]:
    """Masked names: the list is printed and lies on a desk."""
    applicant = next(one for one in application.members.all() if one.is_applicant)
    return {
        "ref": application.ref,
        "case_no": application.case_no,
        "name": masking.mask_name(applicant.name),
        "at": application.accepted_at,
        "tag": application.STATES[application.state],
        **more,
    }
