"""What households paid, as the bank tells it (租金收款)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import states
from allocation.models.lease import Lease
from core.identity.fields import EncryptedJSONField, EncryptedTextField
from core.workflow import StateTable

COUNTED = [states.B_CHECKED, states.B_IMPORTED, states.B_RECONCILED]


class BankFile(models.Model):
    """A file of the bank (银行流水文件): looked at first, then counted, then reconciled.

    ``rows`` are the lines as read, encrypted: they name who paid. ``bank_total`` is the sum that
    the bank states, typed by the person who reconciled.
    """

    STATES: ClassVar[StateTable] = states.BANK_FILE

    name = models.CharField(max_length=120)
    digest = models.CharField(max_length=64)
    rows = EncryptedJSONField(default=list)
    row_count = models.PositiveIntegerField()
    total = models.DecimalField(max_digits=12, decimal_places=2)
    problems = models.JSONField(default=list)
    problem_count = models.PositiveIntegerField(default=0)
    bank_total = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    state = models.CharField(
        max_length=12, choices=states.BANK_FILE.choices, default=states.B_CHECKED
    )
    state_since = models.DateTimeField()
    uploaded_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    imported_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-uploaded_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["digest"],
                condition=models.Q(state__in=COUNTED),
                name="bank_file_once",
                violation_error_message=_("这个文件已经上传过。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.B_RECONCILED)
                | models.Q(bank_total__isnull=False, settled_by__isnull=False),
                name="bank_file_reconciled_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RentPayment(models.Model):
    """One receipt of money (收款). Without a lease it waits for a person to match it (待认领)."""

    file = models.ForeignKey(BankFile, models.PROTECT, related_name="payments")
    row = models.PositiveIntegerField()
    serial = models.CharField(max_length=60)  # the bank's own number
    paid_on = models.DateField()
    amount = models.DecimalField(max_digits=9, decimal_places=2)
    payer = EncryptedTextField(blank=True, default="")
    remark = EncryptedTextField(blank=True, default="")
    lease = models.ForeignKey(Lease, models.PROTECT, null=True, related_name="rent_payments")
    matched_by = models.CharField(max_length=80, blank=True)
    matched_at = models.DateTimeField(null=True)
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["paid_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["serial"],
                condition=models.Q(undone_at=None),
                name="bank_serial_counts_once",
                violation_error_message=_("这笔流水已经计入过。"),
            ),
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="payment_positive"),
            models.CheckConstraint(
                condition=models.Q(lease=None, matched_at=None)
                | models.Q(lease__isnull=False, matched_at__isnull=False),
                name="payment_matched_at_a_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["paid_on"], condition=models.Q(lease=None, undone_at=None),
                name="payment_in_suspense",
            )
        ]  # fmt: skip
