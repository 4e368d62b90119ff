"""Changes that the platform itself has found (平台发现的家庭变化), not the family.

They are kept like what a family reports and go the same way; a household in its home waits for the
re-check, and until then all stays as it is. Nobody is written to: nothing is asked of the family.
"""

from typing import Any

from django.db import transaction

from applications import change_effects, changes, open_changes
from applications.change_effects import Told
from applications.models import Application, Change
from core import audit, clock, locks
from core.identity import ciphers


def find(application: Application, told: Told, *, by: Any, note: str = "") -> Change:
    """Keeps a change of the household; the one under way about the same person where there is one.

    Its effect is not foreseen: the registers are asked when the change is looked at.
    """
    with transaction.atomic():
        row = locks.fresh(application)
        subject = subject_of(told)
        known = open_changes.under_way(row).filter(kind=told.kind, subject_index=subject).first()
        if known is not None:
            return known
        now = clock.now()
        change = Change.objects.create(
            application=row, kind=told.kind, member=told.member, subject_index=subject,
            state_since=now, happened_on=told.happened_on, details=told.details,
            case_state=row.state, waits_for=open_changes.waits_of(row), reported_at=now,
            effect=change_effects.not_known(clock.today()).to_record(), note=note.strip()[:2000],
        )  # fmt: skip
        audit.record(
            "change.found", by=by, thing=change, case_no=row.case_no or "", kind=told.kind,
            subjects=[subject] if subject else [],
        )  # fmt: skip
        return change if change.waits_for else changes.begin(change, by=by)


def subject_of(told: Told) -> str:
    """Whom an event is about: who joins, or the member; '' for the whole household."""
    if number := told.details.get("id_number"):
        return ciphers.blind_index(number)
    return told.member.id_index if told.member is not None else ""
