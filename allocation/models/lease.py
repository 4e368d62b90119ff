"""Leases and the keys that follow from them."""

from datetime import date
from decimal import Decimal
from typing import ClassVar

import pgtrigger
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from allocation import states
from allocation.models.home import Home
from allocation.models.offer import Offer
from applications.models import Application, Member
from core import clock
from core.identity.fields import EncryptedTextField
from core.workflow import StateTable


class Lease(models.Model):
    """A lease (租赁合同, 令11号 §16–18): at most five years, filed within thirty days."""

    STATES: ClassVar[StateTable] = states.LEASE

    class Ending(models.TextChoices):
        HAND_BACK = "hand_back", _("签字交还")
        COURT = "court", _("法院执行")
        SUCCEEDED = "succeeded", _("由下一份合同接着")

    number = models.CharField(max_length=30, unique=True)
    application = models.ForeignKey(Application, models.PROTECT, related_name="leases")
    offer = models.OneToOneField(Offer, models.PROTECT, null=True, related_name="lease")
    home = models.ForeignKey(Home, models.PROTECT, related_name="leases")
    tier = models.CharField(max_length=10)
    # [first day, day after the last); shortened when a lease ends early
    term = DateRangeField()
    rent_monthly = models.DecimalField(max_digits=8, decimal_places=2)  # 元
    deposit = models.DecimalField(max_digits=8, decimal_places=2)
    state = models.CharField(max_length=10, choices=states.LEASE.choices, default=states.L_TO_SIGN)
    state_since = models.DateTimeField()
    created_at = models.DateTimeField()
    explained_at = models.DateTimeField(null=True)  # 令11号 §16: clauses explained beforehand
    signed_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=80, blank=True)
    filed_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    text_digest = models.CharField(max_length=64, blank=True)

    # the lease that this one goes on from: renewed, swapped, moved
    previous = models.OneToOneField("self", models.PROTECT, null=True, related_name="successor")
    filing_no = models.CharField(max_length=60, blank=True)  # written in by a person, else empty
    filed_by = models.CharField(max_length=80, blank=True)
    ended_by = models.CharField(max_length=12, choices=Ending, blank=True)

    class Meta:
        constraints = [
            ExclusionConstraint(
                name="one_lease_per_home",
                expressions=[("home", RangeOperators.EQUAL), ("term", RangeOperators.OVERLAPS)],
                condition=~models.Q(state=states.L_CANCELLED),
                violation_error_message=_("这套房在这段时间已有租约。"),
            ),
            ExclusionConstraint(
                name="one_lease_per_household",
                expressions=[
                    ("application", RangeOperators.EQUAL),
                    ("term", RangeOperators.OVERLAPS),
                ],
                condition=~models.Q(state=states.L_CANCELLED),
                violation_error_message=_("这个家庭在这段时间已有租约。"),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[states.L_TO_SIGN, states.L_CANCELLED])
                | models.Q(signed_at__isnull=False),
                name="lease_signed_has_time",
            ),
            # access ends with a lease: no way to end one but these two
            models.CheckConstraint(
                condition=~models.Q(state=states.L_ENDED)
                | models.Q(ended_by__in=["hand_back", "court"], ended_at__isnull=False),
                name="lease_ends_by_hand_back_or_court",
                violation_error_message=_("签字交还或者法院执行以后，租约才结束。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[states.L_RENEWED, states.L_SUCCEEDED])
                | models.Q(ended_by="succeeded"),
                name="lease_succeeded_by_another",
            ),
            models.CheckConstraint(
                condition=models.Q(filing_no="") | ~models.Q(filed_by=""),
                name="lease_filing_number_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["state"])]

    def __str__(self) -> str:
        return self.number

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""

    def agreed(self, on: date) -> tuple[str, Decimal]:
        """Tier and yuan a month in force in the month of a day: as signed, or as changed since.

        No query where ``rent_terms`` were prefetched.
        """
        terms = [one for one in self.rent_terms.all() if one.from_month <= on]
        term = max(terms, key=lambda one: (one.from_month, one.pk), default=None)
        return (term.tier, term.rent) if term else (self.tier, self.rent_monthly)

    @property
    def rent_now(self) -> Decimal:
        """Yuan a month in force today."""
        return self.agreed(clock.today())[1]


class AccessGrant(models.Model):
    """Access of one member to gate and lock (门禁与门锁)."""

    class State(models.TextChoices):
        QUEUED = "queued", _("开通中")
        CONFIRMED = "confirmed", _("已开通")
        FAILED = "failed", _("正在处理")
        REVOKED = "revoked", _("已停用")

    lease = models.ForeignKey(Lease, models.CASCADE, related_name="grants")
    member = models.ForeignKey(Member, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=State, default=State.QUEUED)
    valid_from = models.DateField()
    valid_to = models.DateField()
    changed_at = models.DateTimeField()
    # how gate and lock know the person, where somebody set the case's name or number right
    told_name = models.CharField(max_length=60, blank=True, default="")
    told_mobile = EncryptedTextField(null=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lease", "member"], name="grant_once")]
        triggers = [
            pgtrigger.Trigger(
                name="ends_on_a_ground",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert | pgtrigger.Update,
                condition=pgtrigger.Q(new__state="revoked"),
                func=(
                    "IF NOT EXISTS (SELECT 1 FROM allocation_accessend"
                    " WHERE lease_id = NEW.lease_id) THEN RAISE EXCEPTION"
                    " 'access ends only at a signed hand-back or a recorded enforcement';"
                    " END IF; RETURN NEW;"
                ),
            )
        ]

    @property
    def name(self) -> str:
        """The name that gate and lock are told."""
        return self.told_name or self.member.name

    @property
    def mobile(self) -> str:
        """The number that gate and lock are told; empty for who has none."""
        return self.member.phone or "" if self.told_mobile is None else self.told_mobile
