"""The yearly campaign and one household's part in it."""

from datetime import date
from typing import ClassVar

from django.conf import settings
from django.db import models

from allocation.models import Lease
from applications.models import Assessment
from applications.models.evidence import RENEWAL_ROUND
from core.identity.fields import EncryptedJSONField
from core.workflow import StateTable
from renewal import states


class Campaign(models.Model):
    """A year's re-check of every household in force (年度复核).

    What is asked of whom stands in applications' Evidence under ``round``: the same work items,
    the same workers and the same rules as at the first application.
    """

    STATES: ClassVar[StateTable] = states.CAMPAIGN

    year = models.PositiveSmallIntegerField(unique=True)
    on = models.DateField()  # the day as of which everybody is assessed
    state = models.CharField(
        max_length=10, choices=states.CAMPAIGN.choices, default=states.C_PLANNED
    )
    state_since = models.DateTimeField()
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)
    limit = models.PositiveIntegerField(null=True)
    sample_seed = models.CharField(max_length=64, blank=True)

    class Meta:
        ordering = ["-year"]

    def __str__(self) -> str:
        return str(self.year)

    @property
    def round(self) -> str:
        """The round under which evidence and assessments of this campaign are kept."""
        return f"recheck-{self.year}"


class Recheck(models.Model):
    """One household's re-check (一户复核): exactly one per lease and campaign.

    One for a renewal of the lease alone belongs to no campaign and has a day of its own.
    """

    STATES: ClassVar[StateTable] = states.RECHECK

    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, related_name="rechecks")
    alone_on = models.DateField(null=True)  # without a campaign: the day as of which it is assessed
    lease = models.ForeignKey(Lease, models.PROTECT, related_name="rechecks")
    state = models.CharField(
        max_length=10, choices=states.RECHECK.choices, default=states.K_CHECKING
    )
    state_since = models.DateTimeField()
    assessment = models.ForeignKey(Assessment, models.PROTECT, null=True, related_name="+")
    # for the changed lane: old and new tier and rent, and the month from which they hold
    change = models.JSONField(default=dict)
    flags = EncryptedJSONField(default=list)  # rule, source, fact: what a person must confirm
    sampled = models.BooleanField(default=False)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "lease"], name="recheck_once_per_year"),
            models.CheckConstraint(
                condition=models.Q(state__in=[states.K_CHECKING])
                | models.Q(assessment__isnull=False),
                name="recheck_decided_has_assessment",
            ),
            models.CheckConstraint(
                condition=models.Q(campaign__isnull=False, alone_on__isnull=True)
                | models.Q(campaign__isnull=True, alone_on__isnull=False),
                name="recheck_of_a_campaign_or_alone",
            ),
            models.UniqueConstraint(
                fields=["lease"],
                condition=models.Q(campaign__isnull=True, state__in=states.RECHECK.open_ids),
                name="one_recheck_alone_under_way",
            ),
        ]
        indexes = [models.Index(fields=["campaign", "state", "id"])]

    @property
    def case_no(self) -> str:
        return self.lease.case_no

    @property
    def round(self) -> str:
        """The round under which its evidence and assessments are kept."""
        return self.campaign.round if self.campaign else f"{RENEWAL_ROUND}{self.pk}"

    @property
    def on(self) -> date:
        """The day as of which it is assessed."""
        day = self.campaign.on if self.campaign else self.alone_on
        assert day is not None  # the constraint says so
        return day
