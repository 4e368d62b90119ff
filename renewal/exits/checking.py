"""A clue is looked at by a second route, or cleared (两路核实、核对清楚)."""

from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import states as allocation_states
from applications import deliveries
from core import locks
from core.workflow import advance
from renewal import states
from renewal.exits import letters, telling
from renewal.exits.opening import Ground
from renewal.models import ExitCase


def confirm(case: ExitCase, *, by: Staff, second_route: str) -> ExitCase:
    """A person confirms a clue and says what the second route shows (两路印证).

    One register alone is a question, a death in it most of all: there the family's own word is
    the second route too.
    """
    with transaction.atomic():
        row = locks.fresh(case)
        telling.refuse_kin(row, by)
        row.second_route = telling.refuse_blank(
            second_route, _("请写明第二个部门的核实结果。"), "second_route"
        )
        row.confirmed_by = by
        row.save(update_fields=["confirmed_by", "second_route"])
        return advance(row, states.X_VERIFYING, by=by.user)


def clear(case: ExitCase, *, by: Staff, reason: str) -> ExitCase:
    """The clue did not hold, or the hearing explained it: nothing changes for the household."""
    with transaction.atomic():
        row = locks.fresh(case)
        telling.refuse_kin(row, by)
        return cleared(row, by=by, reason=telling.refuse_blank(
            reason, _("请写明核对结果。"), "reason"
        ))  # fmt: skip


def cleared(row: ExitCase, *, by: Staff, reason: str) -> ExitCase:
    """The case is over and everything stands as before; the caller holds the lock."""
    row.closed_reason = reason
    row.save(update_fields=["closed_reason"])
    row = advance(row, states.X_CLEARED, by=by.user, reason=reason)
    take_back(row, by)
    if row.noticed_at is not None and row.ground != Ground.DECEASED:
        letters.issue(row, letters.CLEARED, letters.cleared_lines(reason), by=by)
        telling.say(row, telling.CLEARED, by=by.user)
    settle_recheck(row, by.user, reason)
    return row


def take_back(row: ExitCase, by: Staff) -> None:
    """A cleared household keeps its lease, and no letter to end it stands any more."""
    for letter in (row.notice, row.decision):
        if letter is None:
            continue
        if letter == row.decision:
            letter.replaced = True
            letter.save(update_fields=["replaced"])
        deliveries.stop_letter(letter, by=by.user, reason="cleared")
    if row.notice is not None and row.notice.served_at is None:
        row.notice.replaced = True  # what nobody has received is not sent any more
        row.notice.save(update_fields=["replaced"])
    lease_as_before(row, by.user)


def lease_as_before(row: ExitCase, by: Any) -> None:
    """A lease in its move-out goes on as it stood before."""
    if row.lease.state == allocation_states.L_ENDING:
        before = allocation_states.L_FILED if row.lease.filed_at else allocation_states.L_SIGNED
        advance(row.lease, before, by=by)


def settle_recheck(row: ExitCase, by: Any, reason: str) -> None:
    """The yearly re-check that led here is settled with the case."""
    if row.recheck is not None and row.recheck.state == states.K_SUSPECT:
        row.recheck.settled_by = by.audit_label
        row.recheck.save(update_fields=["settled_by"])
        advance(row.recheck, states.K_SETTLED, by=by, reason=reason)
