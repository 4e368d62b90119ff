"""The yearly campaign and one household's part in it."""

from datetime import date
from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from accounts.models import Bureau, Staff
from allocation.models import Lease
from applications.models import Application, Assessment
from applications.models.evidence import RECHECK_ROUND, RENEWAL_ROUND
from core.identity.fields import EncryptedJSONField, EncryptedTextField
from core.workflow import StateTable
from renewal import states

# every household that a campaign took in is held until the campaign is over, whoever ends it
_HOLD = """
    UPDATE renewal_recheck SET held = NEW.state IN ('planned', 'running', 'paused')
    WHERE campaign_id = NEW.id AND held <> (NEW.state IN ('planned', 'running', 'paused'));
    RETURN NULL;
"""
_HOUSEHOLD = """
    SELECT application_id INTO NEW.household_id FROM allocation_lease WHERE id = NEW.lease_id;
    NEW.held := EXISTS (
        SELECT 1 FROM renewal_campaign
        WHERE id = NEW.campaign_id AND state IN ('planned', 'running', 'paused')
    );
    RETURN NEW;
"""


class Campaign(models.Model):
    """A year's re-check of every household in force (年度复核), or a special one of some of them.

    What is asked of whom stands in applications' Evidence under ``round``: the same work items,
    the same workers and the same rules as at the first application.
    """

    STATES: ClassVar[StateTable] = states.CAMPAIGN

    class Population(models.TextChoices):
        IN_FORCE = "in_force", _("在保家庭")
        EVER = "ever", _("历年在保家庭（含已退出）")

    year = models.PositiveSmallIntegerField()
    number = models.PositiveSmallIntegerField(default=0)  # 0: the year's own; from 1: special ones
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
    # who is looked at: all, or those of one street or category
    population = models.CharField(max_length=10, choices=Population, default=Population.IN_FORCE)
    street = models.ForeignKey(Bureau, models.PROTECT, null=True, related_name="+")
    category = models.CharField(max_length=20, blank=True)
    estimate = models.JSONField(default=dict)  # what was foreseen when it was planned
    elsewhere = models.PositiveIntegerField(default=0)  # left out: in another open campaign

    class Meta:
        ordering = ["-year", "number"]
        constraints = [
            models.UniqueConstraint(fields=["year", "number"], name="campaign_once"),
            models.CheckConstraint(
                condition=models.Q(number__gt=0) | models.Q(street=None, category=""),
                name="yearly_campaign_takes_everybody",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="holds_households",
                when=pgtrigger.After,
                operation=pgtrigger.UpdateOf("state"),
                func=_HOLD,
            )
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def code(self) -> str:
        """The campaign as addresses and rounds name it: the year, or year and number."""
        return f"{self.year}-{self.number}" if self.number else str(self.year)

    @property
    def round(self) -> str:
        """The round under which evidence and assessments of this campaign are kept."""
        return f"{RECHECK_ROUND}{self.code}"


class Recheck(models.Model):
    """One household's re-check (一户复核): exactly one per lease and campaign.

    ``lane`` is where the machine put it and stays when a person has settled it; ``held`` is true
    while the campaign is not over: no household is in two such campaigns. One for a renewal of the
    lease alone belongs to no campaign and has a day of its own.
    """

    STATES: ClassVar[StateTable] = states.RECHECK

    class Skip(models.TextChoices):
        ENDED = "ended", _("保障在复核前已经结束")
        CANCELLED = "cancelled", _("复核已取消")

    campaign = models.ForeignKey(Campaign, models.PROTECT, null=True, related_name="rechecks")
    alone_on = models.DateField(null=True)  # without a campaign: the day as of which it is assessed
    lease = models.ForeignKey(Lease, models.PROTECT, related_name="rechecks")
    # the lease's application; like `held` it is written by the database
    household = models.ForeignKey(Application, models.PROTECT, related_name="+")
    held = models.BooleanField(default=True)
    in_force = models.BooleanField(default=True)  # at the planning; false: for information only
    state = models.CharField(
        max_length=10, choices=states.RECHECK.choices, default=states.K_CHECKING
    )
    state_since = models.DateTimeField()
    lane = models.CharField(max_length=10, blank=True)
    skip_reason = models.CharField(max_length=10, choices=Skip, blank=True)
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
            models.UniqueConstraint(
                fields=["household"],
                condition=models.Q(held=True),
                name="household_in_one_open_campaign",
                violation_error_message=_("这一户正在另一次复核中。"),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[states.K_CHECKING, states.K_SKIPPED])
                | models.Q(assessment__isnull=False),
                name="recheck_decided_has_assessment",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.K_SKIPPED) | ~models.Q(skip_reason=""),
                name="recheck_skipped_has_reason",
            ),
            # who is no longer housed is looked at for information: nothing can follow
            models.CheckConstraint(
                condition=models.Q(in_force=True)
                | models.Q(state__in=[states.K_CHECKING, states.K_NOTED, states.K_SKIPPED]),
                name="recheck_of_the_past_has_no_consequence",
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
        indexes = [
            models.Index(fields=["campaign", "state", "id"]),
            models.Index(
                fields=["campaign", "id"], condition=models.Q(sampled=True), name="recheck_sampled"
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="knows_its_household",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func=_HOUSEHOLD,
            )
        ]

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


class SampleCheck(models.Model):
    """What a person found in a clean household of the sample (抽查结论): one word, and why."""

    class Verdict(models.TextChoices):
        AGREES = "agrees", pgettext_lazy("sample", "与系统一致")
        DIFFERS = "differs", pgettext_lazy("sample", "有出入")

    recheck = models.OneToOneField(Recheck, models.PROTECT, related_name="sample_check")
    verdict = models.CharField(max_length=8, choices=Verdict)
    note = EncryptedTextField(blank=True, default="")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
