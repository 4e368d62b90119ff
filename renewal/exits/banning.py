"""限制申请 after an exit, by rule alone (令11号 §35–36): for a breach or false papers, never else.

It is only proposed here: notice, hearing and two signatures of its own follow (allocation.bans).
"""

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import bans
from allocation.models import BanProposal
from core import clock, locks
from renewal import states
from renewal.exits import telling
from renewal.exits.opening import ExitRefused, Ground
from renewal.models import ExitCase


def reason_of(case: ExitCase) -> str:
    """The rule that could bar the household; empty where no rule does."""
    if any(one.get("rule") == "FALSE" for one in case.flags):
        return bans.DECEIT
    return bans.SUBLET if case.ground in (Ground.VIOLATION, Ground.IDLE) else ""


def why_not_propose(case: ExitCase) -> str:
    """Why no ban can be proposed: not handed back yet, or no rule that speaks for one."""
    if case.state != states.X_HANDED_BACK or case.closed_at is None:
        return str(_("住房交还以后才核对要不要限制申请。"))
    if not reason_of(case):
        return str(_("只有违反使用规定或者材料不实，才可能限制申请。"))
    if proposal_of(case) is not None:
        return str(_("已经提出，正在核对。"))
    return ""


def proposal_of(case: ExitCase) -> BanProposal | None:
    """The ban proposed after this exit."""
    if case.closed_at is None:
        return None
    returned = case.closed_at.astimezone(clock.LOCAL).date()
    rows = case.lease.application.ban_proposals.filter(reason__in=bans.AFTER_EXIT)
    return rows.filter(counts_from=returned).first()


def propose(case: ExitCase, *, by: Staff, grounds: str) -> BanProposal:
    """Proposes the ban that the rule knows; the household is told and heard there."""
    with transaction.atomic():
        row = locks.fresh(case)
        telling.refuse_kin(row, by)
        if why := why_not_propose(row):
            raise ExitRefused(why)
        assert row.closed_at is not None
        return bans.propose_after_exit(
            row.lease.application, reason=reason_of(row), grounds=grounds, by=by,
            returned_on=row.closed_at.astimezone(clock.LOCAL).date(),
        )  # fmt: skip
