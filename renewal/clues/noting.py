"""Clues (线索): noted with their evidence, looked at by a person, closed in one of four ways.

found → looking → to a case | explained | handed on as a change of the household; or expired,
because nobody looked in time. A clue is no verdict: in none of its states does anything change for
the household, and what follows is the business of the step it is handed to.
"""

import json
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import states as allocation_states
from allocation.models import Lease
from applications import periods, permissions
from core import audit, clock, locks
from core.identity.ciphers import keyed_digest
from core.workflow import Refusal, advance
from renewal import states
from renewal.models import Clue

SYSTEM = audit.System("线索")
MOST_WORDS = 1000


class ClueRefused(Refusal):
    """This cannot be done with the clue now."""


def note(
    lease: Lease,
    *,
    kind: str,
    source: str,
    evidence: Mapping[str, Any],
    on: date,
    by: Any,
    person_index: str = "",
) -> Clue:
    """Notes a clue about a household in force; the same fact of the same source is noted once.

    ``evidence`` is what was seen, in plain values; its entry "key" says what makes the fact one
    (else the whole of it does). ``on`` is the day the fact bears. Returns the clue that stands,
    whatever became of it. Raises ClueRefused.
    """
    if kind not in Clue.Kind.values:
        raise ClueRefused(_("没有这一类线索。"), field="kind")
    if lease.state not in allocation_states.L_IN_FORCE:
        raise ClueRefused(_("这份租约已经结束，不再记线索。"))
    now = clock.now()
    with transaction.atomic():
        row, new = Clue.objects.get_or_create(
            lease=lease, kind=kind, source=source, key=key_of(evidence),
            defaults={
                "street_id": lease.application.street_id, "on": on, "evidence": dict(evidence),
                "person_index": person_index, "noted_at": now, "noted_by": audit.label(by)[:80],
                "expires_on": expiry(kind, clock.today()), "state_since": now,
            },
        )  # fmt: skip
        if new:
            audit.record(
                "clue.noted", by=by, thing=row, kind=kind, source=source, on=on.isoformat(),
                subjects=[person_index] if person_index else [],
            )  # fmt: skip
    return row


def key_of(evidence: Mapping[str, Any]) -> str:
    """What makes a fact one, as a keyed digest: its "key", or all of it."""
    named = evidence.get("key") or json.dumps(
        evidence, sort_keys=True, ensure_ascii=False, default=str
    )
    return keyed_digest(str(named), kind="clue")


def expiry(kind: str, noted: date) -> date:
    """The last day on which a clue of that kind waits for somebody."""
    return periods.of(f"clue_{kind}").after(noted)


# -- Who may look ----------------------------------------------------------------------------------


def why_not_take(clue: Clue, staff: Staff) -> str:
    """Why this person may not take the clue; empty if they may."""
    if clue.state != states.L_FOUND:
        return str(_("这条线索已经有人在核实，或者已经有结果。"))
    return permissions.why_not_free(staff, clue.lease.application)


def why_not_work(clue: Clue, staff: Staff) -> str:
    """Why this person may not go on with the clue: another's, closed, or their own family's."""
    if clue.state != states.L_LOOKING:
        return str(_("请先认领这条线索。"))
    if clue.taken_by_id != staff.pk:
        return str(_("这条线索由另一位同事在核实。"))
    return permissions.why_not_free(staff, clue.lease.application)


def take(clue: Clue, *, by: Staff) -> Clue:
    """A person takes the clue to look at it (认领)."""
    with transaction.atomic():
        row = locks.fresh(clue)
        refuse_if(why_not_take(row, by))
        row.taken_by, row.taken_at = by, clock.now()
        row.save(update_fields=["taken_by", "taken_at"])
        return advance(row, states.L_LOOKING, by=by.user)


def put_back(clue: Clue, *, by: Staff) -> Clue:
    """The person gives the clue back for somebody else."""
    with transaction.atomic():
        row = locks.fresh(clue)
        if row.state != states.L_LOOKING or row.taken_by_id != by.pk:
            raise ClueRefused(_("只有认领的人可以放回线索。"))
        return _free(row, by.user, "put back")


def explain(clue: Clue, *, by: Staff, reason: str) -> Clue:
    """The person has found why the fact changes nothing, and says so."""
    with transaction.atomic():
        row = locks.fresh(clue)
        refuse_if(why_not_work(row, by))
        close(row, by, reason)
        return advance(row, states.L_EXPLAINED, by=by.user)


def claim_ends(clue: Clue) -> date | None:
    """The last day on which the clue is kept for whoever took it."""
    if clue.taken_at is None:
        return None
    return periods.of("clue_claim").after(clue.taken_at.astimezone(clock.LOCAL).date())


def _free(row: Clue, by: Any, why: str) -> Clue:
    row = advance(row, states.L_FOUND, by=by, reason=why)
    row.taken_by = row.taken_at = None
    row.save(update_fields=["taken_by", "taken_at"])
    return row


def close(row: Clue, by: Staff, words: str) -> str:
    """Writes down who closes a locked clue and why; the words. Raises ClueRefused without any."""
    if not words.strip():
        raise ClueRefused(_("请写下核实的情况，一两句话就够。"), field="words")
    row.reason, row.closed_by, row.closed_at = words.strip()[:MOST_WORDS], by, clock.now()
    row.save(update_fields=["reason", "closed_by", "closed_at"])
    return row.reason


def refuse_if(why: str) -> None:
    """Raises ClueRefused with the sentence, if there is one."""
    if why:
        raise ClueRefused(why)


# -- Time ------------------------------------------------------------------------------------------


def tend(limit: int = 1000) -> tuple[int, int]:
    """Frees clues held too long and lets those expire that nobody took; how many of each."""
    today = clock.today()
    held = Clue.objects.filter(state=states.L_LOOKING).order_by("taken_at", "id")[:limit]
    freed = sum(_free_if_over(row, today) for row in list(held))
    over = Clue.objects.filter(state=states.L_FOUND, expires_on__lt=today).order_by("expires_on")
    return freed, sum(_expire(row, today) for row in list(over[:limit]))


def _free_if_over(clue: Clue, today: date) -> bool:
    ends = claim_ends(clue)
    if ends is None or ends >= today:
        return False
    with transaction.atomic():
        row = locks.fresh(clue)
        if row.state != states.L_LOOKING or row.taken_at != clue.taken_at:
            return False
        _free(row, SYSTEM, "claim expired")
        return True


def _expire(clue: Clue, today: date) -> bool:
    """By its date, with its record; False if somebody has taken it meanwhile."""
    with transaction.atomic():
        row = locks.fresh(clue)
        if row.state != states.L_FOUND or row.expires_on >= today:
            return False
        advance(row, states.L_EXPIRED, by=SYSTEM, reason=f"expires_on {row.expires_on}")
        return True
