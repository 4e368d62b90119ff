"""Help with the rent and what is done about arrears (减免、分期、欠租). A machine ends nothing."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import states
from allocation.models.lease import Lease
from allocation.models.rent import append_only, first_of_month
from core.identity.fields import EncryptedTextField
from core.workflow import StateTable


class Reduction(models.Model):
    """租金减免: asked for by the household or an office, decided by a person, from–to month.

    ``share`` (0–1) of the month's rent, or ``amount`` in yuan a month, is taken off.
    """

    STATES: ClassVar[StateTable] = states.REDUCTION

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="rent_reductions")
    from_month = models.DateField()
    to_month = models.DateField()
    share = models.DecimalField(max_digits=5, decimal_places=4, null=True)
    amount = models.DecimalField(max_digits=8, decimal_places=2, null=True)
    reason = EncryptedTextField()  # the household's own words: never for the operating company
    source = models.CharField(max_length=200, blank=True)  # the policy that allows it
    words = models.CharField(max_length=400, blank=True)  # the decision, for the household
    state = models.CharField(
        max_length=10, choices=states.REDUCTION.choices, default=states.D_ASKED
    )
    state_since = models.DateTimeField()
    asked_by = models.CharField(max_length=80)
    asked_staff = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    asked_at = models.DateTimeField()
    decided_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lease"],
                condition=models.Q(state=states.D_ASKED),
                name="one_reduction_asked",
                violation_error_message=_("已经有一份减免申请在核对。"),
            ),
            models.CheckConstraint(
                condition=models.Q(to_month__gte=models.F("from_month")),
                name="reduction_months_in_order",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[states.D_GRANTED, states.D_OVER])
                | models.Q(share__gt=0, share__lte=1, amount=None)
                | models.Q(share=None, amount__gt=0),
                name="reduction_says_how_much",
            ),
            models.CheckConstraint(
                condition=models.Q(state=states.D_ASKED)
                | models.Q(decided_by__isnull=False, decided_at__isnull=False),
                name="reduction_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[states.D_GRANTED, states.D_OVER])
                | ~models.Q(source=""),
                name="reduction_names_its_source",
            ),
            models.CheckConstraint(
                condition=models.Q(asked_staff=None)
                | models.Q(decided_by=None)
                | ~models.Q(asked_staff=models.F("decided_by")),
                name="reduction_decided_by_another",
                violation_error_message=_("您代住户提出的申请，请由另一位同事决定。"),
            ),
            first_of_month("from_month", "reduction_from_first"),
            first_of_month("to_month", "reduction_to_first"),
        ]

    @property
    def case_no(self) -> str:
        return self.lease.case_no


class RentContact(models.Model):
    """An attempt to reach a household about its rent (欠租联系记录), with the help offered."""

    class Way(models.TextChoices):
        PHONE = "phone", _("打电话")
        VISIT = "visit", _("上门")
        LETTER = "letter", _("书面通知")
        COUNTER = "counter", _("来服务中心")

    class Help(models.TextChoices):
        INSTALMENTS = "instalments", _("商量分期")
        RECHECK = "recheck", _("收入减少了，重新核对租金档次")
        REDUCTION = "reduction", _("申请租金减免")
        AID = "aid", _("转民政主动救助")

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="rent_contacts")
    at = models.DateTimeField()
    way = models.CharField(max_length=10, choices=Way)
    reached = models.BooleanField()
    words = EncryptedTextField(blank=True, default="")
    helps = models.JSONField(default=list)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        ordering = ["-at", "-id"]
        triggers = [append_only("rent_contact_append_only")]


class Arrangement(models.Model):
    """分期: arrears in instalments, proposed by staff and agreed by the household."""

    STATES: ClassVar[StateTable] = states.ARRANGEMENT

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="rent_arrangements")
    total = models.DecimalField(max_digits=9, decimal_places=2)
    state = models.CharField(
        max_length=10, choices=states.ARRANGEMENT.choices, default=states.G_PROPOSED
    )
    state_since = models.DateTimeField()
    proposed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    answered_by = models.CharField(max_length=80, blank=True)
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-proposed_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lease"],
                condition=models.Q(state__in=[states.G_PROPOSED, states.G_AGREED]),
                name="one_arrangement_at_a_time",
                violation_error_message=_("这一户已经有一份分期。"),
            ),
            models.CheckConstraint(condition=models.Q(total__gt=0), name="arrangement_positive"),
            models.CheckConstraint(
                condition=~models.Q(state=states.G_AGREED) | ~models.Q(answered_by=""),
                name="arrangement_agreed_by_somebody",
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.lease.case_no


class Instalment(models.Model):
    """One part of an arrangement: a sum by a day."""

    arrangement = models.ForeignKey(Arrangement, models.CASCADE, related_name="instalments")
    due_on = models.DateField()
    amount = models.DecimalField(max_digits=9, decimal_places=2)

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(fields=["arrangement", "due_on"], name="instalment_once_a_day"),
            models.CheckConstraint(condition=models.Q(amount__gte=0), name="instalment_positive"),
        ]


class ArrearsFlag(models.Model):
    """累计欠租提示 (令11号 §29): the months have come to the line; a person looks. Ends nothing."""

    STATES: ClassVar[StateTable] = states.ARREARS_FLAG

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="arrears_flags")
    months = models.PositiveSmallIntegerField()
    amount = models.DecimalField(max_digits=9, decimal_places=2)
    state = models.CharField(
        max_length=10, choices=states.ARREARS_FLAG.choices, default=states.F_RAISED
    )
    state_since = models.DateTimeField()
    raised_at = models.DateTimeField()
    settled_by = models.CharField(max_length=80, blank=True)
    settled_at = models.DateTimeField(null=True)
    words = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering = ["-raised_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lease"],
                condition=models.Q(state=states.F_RAISED),
                name="one_arrears_flag_open",
            )
        ]

    @property
    def case_no(self) -> str:
        return self.lease.case_no
