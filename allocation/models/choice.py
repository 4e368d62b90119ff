"""选房日: the households of a round choose in the order that was drawn."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from allocation import states
from allocation.models.home import Home
from allocation.models.round import Entrant, Round
from core.workflow import StateTable


class ChoiceDay(models.Model):
    """The session of a round in which the order was drawn; it may go on for several days."""

    STATES: ClassVar[StateTable] = states.CHOICE_DAY

    round = models.OneToOneField(Round, models.PROTECT, related_name="choice_day")
    state = models.CharField(
        max_length=10, choices=states.CHOICE_DAY.choices, default=states.D_PLANNED
    )
    state_since = models.DateTimeField()
    place = models.CharField(max_length=100)
    starts_at = models.DateTimeField()
    minutes = models.PositiveSmallIntegerField()  # of one turn, by the table of periods that day
    opened_at = models.DateTimeField(null=True)
    paused_at = models.DateTimeField(null=True)
    pause_reason = models.CharField(max_length=200, blank=True)
    ended_at = models.DateTimeField(null=True)

    @property
    def case_no(self) -> str:
        return ""


class ChoiceTurn(models.Model):
    """A household's turn (叫号): its place in the line, its slot, and the home it chose."""

    STATES: ClassVar[StateTable] = states.TURN

    day = models.ForeignKey(ChoiceDay, models.PROTECT, related_name="turns")
    entrant = models.OneToOneField(Entrant, models.PROTECT, related_name="turn")
    place = models.PositiveIntegerField()  # the drawn one, until it was passed over
    slot_at = models.DateTimeField()  # not called before
    state = models.CharField(max_length=10, choices=states.TURN.choices, default=states.T_WAITING)
    state_since = models.DateTimeField()
    passed_over = models.BooleanField(default=False)
    called_at = models.DateTimeField(null=True)
    due_at = models.DateTimeField(null=True)
    home = models.ForeignKey(Home, models.PROTECT, null=True, related_name="+")
    chosen_via = models.CharField(max_length=40, blank=True)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.UniqueConstraint(fields=["day", "place"], name="turn_place_once"),
            models.UniqueConstraint(
                fields=["day"],
                condition=models.Q(state=states.T_CALLED),
                name="one_household_called",
            ),
            models.UniqueConstraint(
                fields=["day", "home"],
                name="home_chosen_once",
                violation_error_message=_("这套房刚刚被选走了。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.T_CHOSEN) | models.Q(home__isnull=False),
                name="turn_chosen_has_home",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.T_CALLED) | models.Q(due_at__isnull=False),
                name="turn_called_has_end",
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.entrant.case_no
