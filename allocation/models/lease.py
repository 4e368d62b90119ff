"""Leases and the keys that follow from them."""

from typing import ClassVar

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, RangeOperators
from django.db import models
from django.utils.translation import gettext_lazy as _

from allocation import states
from allocation.models.home import Home
from allocation.models.offer import Offer
from applications.models import Application, Member
from core.workflow import StateTable


class Lease(models.Model):
    """A lease (租赁合同, 令11号 §16–18): at most five years, filed within thirty days."""

    STATES: ClassVar[StateTable] = states.LEASE

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
        ]
        indexes = [models.Index(fields=["state"])]

    def __str__(self) -> str:
        return self.number

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""


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

    class Meta:
        constraints = [models.UniqueConstraint(fields=["lease", "member"], name="grant_once")]
