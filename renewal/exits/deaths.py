"""A tenant has died: the survivors first (承租人离世), and nobody is heard against the dead.

Two sources that agree, or the family's own word, confirm it; one register alone is a question.
Whoever lives there goes on living there: an adult of the household takes the lease over. Where
nobody is left, the relatives have long to clear the home, a letter of condolence asks for nothing.
"""

from datetime import date

from django.db import transaction
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import leases
from allocation.leases import changing
from applications import authority, change_settling, periods
from applications.models import Benefit, Member
from core import audit, clock, locks
from core.workflow import advance
from renewal import states
from renewal.exits import checking, letters, telling
from renewal.exits.opening import ExitRefused, Ground
from renewal.models import ExitCase

_DEATH = ("DECEASED", "DEATH")


def gone_of(case: ExitCase) -> list[Member]:
    """Who has died by what was confirmed: the people the findings name, else the tenant."""
    named = {one.get("person") for one in case.flags if one.get("rule") in _DEATH}
    people = list(case.lease.application.members.filter(excluded=False).order_by("position"))
    found = [one for one in people if one.id_number in named]
    return found or [one for one in people if one.is_applicant]


def survivors(case: ExitCase, today: date) -> list[Member]:
    """The adults of the household who live on, the tenant's first; children among them not."""
    gone = {one.pk for one in gone_of(case)}
    people = case.lease.application.members.filter(excluded=False).exclude(pk__in=gone)
    return [one for one in people.order_by("position") if authority.is_adult(one, today)]


def somebody_is_left(case: ExitCase) -> bool:
    """Whether anybody of the household lives on, a child as much as an adult."""
    gone = {one.pk for one in gone_of(case)}
    people = case.lease.application.members.filter(excluded=False).exclude(pk__in=gone)
    return people.exists()


def take_over(case: ExitCase, *, by: Staff, successor: Member) -> ExitCase:
    """A survivor holds the lease from now on; home, term and rent stay. Raises ExitRefused.

    The agreement that writes the new name into the lease is drawn up to be signed; until then
    they live there unchanged.
    """
    with transaction.atomic():
        row = _confirmed(case, by)
        today = clock.today()
        if successor.pk not in {one.pk for one in survivors(row, today)}:
            raise ExitRefused(_("请选择由哪一位成年家人接着承租。"), field="successor")
        gone = gone_of(row)
        change_settling.pass_on_after_death(
            row.lease.application, gone=gone, successor=successor, by=by
        )
        Benefit.objects.filter(
            case_no=row.case_no, person_index__in=[one.id_index for one in gone], ended_on=None
        ).update(ended_on=today)
        row.closed_reason = gettext("家人%(name)s接着承租。") % {"name": successor.name}
        row.save(update_fields=["closed_reason"])
        row = advance(row, states.X_CLEARED, by=by.user, reason="taken over")
        checking.settle_recheck(row, by.user, row.closed_reason)
        changing.change_tenant(row.lease, by=by)
        telling.say(row, telling.TAKEN_OVER, by=by.user, name=successor.name)
        return row


def to_relatives(case: ExitCase, *, by: Staff) -> ExitCase:
    """Nobody is left: relatives have long to clear the home; a letter of condolence goes out."""
    with transaction.atomic():
        row = _confirmed(case, by)
        if somebody_is_left(row):
            raise ExitRefused(_("家里还有人住着，请先办家人接着承租；只有孩子的，先确定监护人。"))
        until = periods.of("relatives_clear").after(clock.today())
        row.move_out_until = until
        row.save(update_fields=["move_out_until"])
        row = advance(row, states.X_RELATIVES, by=by.user)
        leases.start_move_out(row.lease, until=until, by=by.user)
        name = row.lease.application.applicant.name
        letters.issue(
            row, letters.CONDOLENCE, letters.condolence_lines(until), by=by,
            addressee=gettext("%(name)s的家人") % {"name": name},
        )  # fmt: skip
        checking.settle_recheck(row, by.user, "deceased")
        audit.record("exit.relatives", by=by.user, thing=row, until=until)
        return row


def _confirmed(case: ExitCase, by: Staff) -> ExitCase:
    row = locks.fresh(case)
    telling.refuse_kin(row, by)
    if row.ground != Ground.DECEASED:
        raise ExitRefused(_("这件事不是因为承租人离世，不能这样办。"))
    if row.state != states.X_VERIFYING:
        raise ExitRefused(_("先由第二个来源或者家人确认，再办这一步。"))
    return row
