"""Proactive aid: what the street does about a household that cannot pay."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau, Staff
from allocation import states
from allocation.models.arrears import RentContact
from allocation.models.lease import Lease
from core.identity.fields import EncryptedTextField
from core.workflow import StateTable


class AidReferral(models.Model):
    """转街道主动救助: a household in arrears may be owed aid; the street calls on it and says what
    came of it. Nothing adverse follows from it, whatever it says."""

    STATES: ClassVar[StateTable] = states.AID

    class Outcome(models.TextChoices):
        AID = "aid", _("符合低保、特困等条件，已帮助申请")
        REDUCTION = "reduction", _("一时困难，代为申请租金减免")
        RECHECK = "recheck", _("收入减少了，转中心重新核对租金档次")
        OTHER = "other", _("用其他办法帮助")
        NOT_NEEDED = "not_needed", _("住户说不需要")

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="aid_referrals")
    street = models.ForeignKey(Bureau, models.PROTECT, related_name="+")
    contact = models.ForeignKey(RentContact, models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=states.AID.choices, default=states.A_OPEN)
    state_since = models.DateTimeField()
    asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    words = EncryptedTextField(blank=True, default="")
    settled_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["lease"],
                condition=models.Q(state="open"),
                name="one_open_aid_referral",
                violation_error_message=_("这一户已经转给街道，正在联系。"),
            ),
            models.CheckConstraint(
                condition=models.Q(state="open")
                | (
                    models.Q(settled_by__isnull=False, settled_at__isnull=False)
                    & ~models.Q(outcome="")
                ),
                name="aid_settled_by_somebody",
                violation_error_message=_("请写明联系的结果和谁联系的。"),
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.lease.case_no
