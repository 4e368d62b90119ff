"""A home offered to a household, by the draw or from the reserve list."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from allocation import states
from allocation.models.home import Home
from allocation.models.round import Entrant
from core.workflow import StateTable


class Offer(models.Model):
    """A home held for a household until it answers (选房)."""

    STATES: ClassVar[StateTable] = states.OFFER

    entrant = models.ForeignKey(Entrant, models.PROTECT, related_name="offers")
    home = models.ForeignKey(Home, models.PROTECT, related_name="offers")
    origin = models.CharField(
        max_length=10,
        choices=[("draw", _("摇号")), ("reserve", _("候补")), ("choice", _("选房日"))],
        default="draw",
    )
    state = models.CharField(max_length=10, choices=states.OFFER.choices, default=states.O_UNOPENED)
    state_since = models.DateTimeField()
    rent_monthly = models.DecimalField(max_digits=8, decimal_places=2)
    due_at = models.DateTimeField()
    opened_at = models.DateTimeField(null=True)
    opened_via = models.CharField(max_length=40, blank=True)  # kiosk name, or phone
    answered_at = models.DateTimeField(null=True)
    answered_via = models.CharField(max_length=40, blank=True)
    reminded_at = models.DateTimeField(null=True)
    extended_at = models.DateTimeField(null=True)  # once, where no viewing was to be had in time
    # the household was called, stayed silent, and the policy counts that (lapsed offers only)
    silence_counted = models.BooleanField(default=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["home"],
                condition=models.Q(state__in=states.OFFER.open_ids),
                name="home_offered_once",
                violation_error_message=_("这套房已经给了另一户。"),
            ),
            models.UniqueConstraint(
                fields=["entrant"],
                condition=models.Q(state__in=states.OFFER.open_ids),
                name="one_offer_per_entrant",
            ),
            models.CheckConstraint(
                condition=models.Q(silence_counted=False) | models.Q(state=states.O_LAPSED),
                name="only_silence_counts_as_silence",
            ),
        ]
        indexes = [models.Index(fields=["state", "due_at"])]

    @property
    def case_no(self) -> str:
        return self.entrant.case_no
