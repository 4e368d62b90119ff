"""What surrounds an offer: a viewing, a call, a just cause for declining, a proposed ban."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import states
from allocation.models.offer import Offer
from applications.models import Application, Decision
from applications.models.statement import Statement
from core.identity.fields import EncryptedTextField
from core.workflow import StateTable


class Viewing(models.Model):
    """A time to see the home (看房): wished by the household, set by the company."""

    STATES: ClassVar[StateTable] = states.VIEWING

    class Part(models.TextChoices):
        MORNING = "am", _("上午")
        AFTERNOON = "pm", _("下午")

    offer = models.ForeignKey(Offer, models.PROTECT, related_name="viewings")
    state = models.CharField(max_length=10, choices=states.VIEWING.choices, default=states.V_ASKED)
    state_since = models.DateTimeField()
    asked_at = models.DateTimeField()
    wanted_on = models.DateField()
    part = models.CharField(max_length=2, choices=Part)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=80, blank=True)
    at = models.DateTimeField(null=True)
    meet = models.CharField(max_length=100, blank=True)  # where, and whom to ask for
    reason = models.CharField(max_length=200, blank=True)  # why no time could be offered

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["offer"],
                condition=models.Q(state__in=states.VIEWING.open_ids),
                name="one_viewing_at_a_time",
                violation_error_message=_("这套房已经约过看房。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.V_CONFIRMED) | models.Q(at__isnull=False),
                name="viewing_confirmed_has_time",
            ),
        ]
        indexes = [models.Index(fields=["state", "asked_at"])]

    @property
    def case_no(self) -> str:
        return self.offer.case_no


class OfferCall(models.Model):
    """A call to a household that has not answered (电话联系), before silence may mean anything."""

    offer = models.ForeignKey(Offer, models.CASCADE, related_name="calls")
    reached = models.BooleanField()
    note = EncryptedTextField()
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["at", "id"]


class JustCause(models.Model):
    """正当理由: why a home was declined, so that the decline does not count."""

    STATES: ClassVar[StateTable] = states.CAUSE

    offer = models.OneToOneField(Offer, models.PROTECT, related_name="cause")
    code = models.CharField(max_length=20)  # a line of just_causes.yaml
    text = EncryptedTextField()  # may tell of an illness
    state = models.CharField(max_length=10, choices=states.CAUSE.choices, default=states.J_CLAIMED)
    state_since = models.DateTimeField()
    claimed_at = models.DateTimeField()
    reason = EncryptedTextField(blank=True, default="")  # why it is not accepted
    proposed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    decided_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    refused_at = models.DateTimeField(null=True)
    objection_due = models.DateField(null=True)
    objection = EncryptedTextField(blank=True, default="")
    answer = EncryptedTextField(blank=True, default="")
    answered_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(
                    state__in=[states.J_REFUSED, states.J_OBJECTED, states.J_UPHELD]
                )
                | models.Q(proposed_by__isnull=False, decided_by__isnull=False)
                & ~models.Q(proposed_by=models.F("decided_by")),
                name="cause_refused_by_two",
                violation_error_message=_("不认定理由要由两个人决定。"),
            ),
            models.CheckConstraint(
                condition=models.Q(answered_by__isnull=True)
                | ~models.Q(answered_by=models.F("proposed_by"))
                & ~models.Q(answered_by=models.F("decided_by")),
                name="cause_objection_by_a_third",
            ),
        ]
        indexes = [models.Index(fields=["state"])]

    @property
    def case_no(self) -> str:
        return self.offer.case_no

    @property
    def papers(self) -> str:
        """The key under which its papers stand in the case."""
        return f"cause-{self.offer_id}"


class BanProposal(models.Model):
    """限制申请: counted by the machine, decided by two persons after notice and hearing."""

    STATES: ClassVar[StateTable] = states.BAN

    application = models.ForeignKey(Application, models.PROTECT, related_name="ban_proposals")
    # by which rule: declines that were counted, or what an exit has established (令11号 §35–36)
    reason = models.CharField(max_length=20, default="decline_twice", db_default="decline_twice")
    grounds = EncryptedTextField(blank=True, default="")
    counts_from = models.DateField(null=True)  # the return of the home; else the service
    declines = models.ManyToManyField(Offer, related_name="+")  # what was counted
    state = models.CharField(max_length=10, choices=states.BAN.choices, default=states.B_PROPOSED)
    state_since = models.DateTimeField()
    opened_at = models.DateTimeField()
    years = models.PositiveSmallIntegerField()  # by the policy of the day it was counted
    noticed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    noticed_at = models.DateTimeField(null=True)
    hearing_due = models.DateField(null=True)
    heard_at = models.DateTimeField(null=True)
    decision = models.OneToOneField(
        Decision, models.PROTECT, null=True, related_name="ban_proposal"
    )
    decided_at = models.DateTimeField(null=True)
    until = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_reason = EncryptedTextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=models.Q(state__in=states.BAN.open_ids),
                name="one_open_ban_proposal",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.B_DECIDED)
                | models.Q(
                    noticed_at__isnull=False,
                    heard_at__isnull=False,
                    decision__isnull=False,
                    until__isnull=False,
                ),
                name="ban_only_by_the_book",
                violation_error_message=_("没有告知、听取和签发，不能限制申请。"),
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""


class BanStatement(Statement):
    """A hearing (陈述申辩) before a ban is decided."""

    proposal = models.ForeignKey(BanProposal, models.CASCADE, related_name="statements")

    class Meta:
        ordering = ["recorded_at", "id"]
