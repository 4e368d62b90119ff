"""Reminders of an exit (临期提醒): before the time to speak and the move-out period are over.

Each once for each day that they speak of; a reminder changes nothing.
"""

from datetime import date

from django.db import transaction
from django.db.models import Q

from applications import periods
from applications.letters import PHONE
from core import workdays
from renewal import states
from renewal.exits import telling
from renewal.exits.hearing import SYSTEM
from renewal.models import ExitCase


def remind_due(today: date) -> int:
    """Reminds every household whose last day is near; returns how many messages were left."""
    last = workdays.add_workdays(today, periods.of("exit_hearing_remind").value)
    speaking = Q(state=states.X_NOTICE, hearing_due__gte=today, hearing_due__lte=last)
    until = periods.of("exit_move_out_remind").after(today)
    moving = Q(state=states.X_MOVING, move_out_until__gte=today, move_out_until__lte=until)
    near = ExitCase.objects.filter(speaking | moving).order_by("pk")
    return sum(_remind(pk) for pk in near.values_list("pk", flat=True))


def _remind(pk: int) -> bool:
    with transaction.atomic():
        row = ExitCase.objects.select_for_update(no_key=True, of=("self",)).get(pk=pk)
        speaking = row.state == states.X_NOTICE
        due = row.hearing_due if speaking else row.move_out_until
        if due is None or row.state not in (states.X_NOTICE, states.X_MOVING):
            return False
        key = f"{row.state} {due.isoformat()}"
        if key in row.reminded:
            return False
        row.reminded = [*row.reminded, key]
        row.save(update_fields=["reminded"])
        if speaking:
            telling.say(row, telling.HEARING_SOON, by=SYSTEM, due=due)
        else:
            telling.say(row, telling.MOVE_OUT_SOON, by=SYSTEM, until=due, due=due, line=PHONE)
        return True
