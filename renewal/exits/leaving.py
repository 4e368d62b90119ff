"""自愿退出: a household leaves by its own signed wish, and may take it back until the hand-back.

No hearing is held against a wish, and nothing is hurried: home, rent and access stay until the
household has handed the home back.
"""

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import leases
from core import clock, locks
from core.workflow import advance
from renewal import states
from renewal.exits import checking, letters, telling
from renewal.exits.opening import ExitRefused, Ground
from renewal.models import ExitCase


def accept(case: ExitCase, *, by: Staff, signed_by: str, document: str, until: date) -> ExitCase:
    """Writes down the signed wish: who signed, the paper, by when they mean to leave."""
    with transaction.atomic():
        row = locks.fresh(case)
        telling.refuse_kin(row, by)
        if row.ground != Ground.LEFT:
            raise ExitRefused(_("这件事不是家庭自己提出的，请按告知和听取办理。"))
        row.wish_signed_by = telling.refuse_blank(signed_by, _("请写明谁签的字。"), "signed_by")[
            :80
        ]
        row.second_route = telling.refuse_blank(document, _("请写明签字的申请书。"), "words")
        if until < clock.today():
            raise ExitRefused(_("日期不能早于今天。"), "until")
        row.confirmed_by, row.move_out_until = by, until
        row.save(update_fields=["wish_signed_by", "second_route", "confirmed_by", "move_out_until"])
        row = advance(row, states.X_LEAVING, by=by.user)
        leases.start_move_out(row.lease, until=until, by=by.user)
        letters.issue(row, letters.WISH, letters.wish_lines(until), by=by)
        telling.say(row, telling.LEAVING, by=by.user, until=until)
        return row


def take_back(case: ExitCase, *, by: Any) -> ExitCase:
    """The household stays after all: its word is enough. Raises ExitRefused."""
    with transaction.atomic():
        row = locks.fresh(case)
        if row.state != states.X_LEAVING:
            raise ExitRefused(_("现在没有可以收回的退出申请。"))
        row.closed_reason = str(_("家庭收回了退出的申请。"))
        row.save(update_fields=["closed_reason"])
        row = advance(row, states.X_CLEARED, by=by, reason="taken back")
        checking.lease_as_before(row, by)
        checking.settle_recheck(row, by, row.closed_reason)
        return row
