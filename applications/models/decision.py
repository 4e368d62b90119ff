"""Publicity, decisions, re-consideration and the waiting list."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications.models.application import Application
from applications.models.evidence import Assessment
from core.identity.fields import EncryptedJSONField, EncryptedTextField


class Publicity(models.Model):
    """A public notice (公示) of one household, in natural days."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="publicities")
    kind = models.CharField(
        max_length=12,
        choices=[("eligibility", _("资格公示")), ("allotment", _("选房公示"))],
        default="eligibility",
    )
    starts_on = models.DateField()
    ends_on = models.DateField()  # last day, until 24:00
    closed_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["ends_on"])]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "kind"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_publicity",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="publicity_has_days"
            ),
        ]


class Objection(models.Model):
    """Somebody's objection to a notice (异议)."""

    publicity = models.ForeignKey(Publicity, models.CASCADE, related_name="objections")
    text = EncryptedTextField()
    contact = EncryptedTextField()
    made_at = models.DateTimeField()
    answered_at = models.DateTimeField(null=True)
    upheld = models.BooleanField(null=True)
    answer = EncryptedTextField(blank=True, default="")
    answered_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")


class Decision(models.Model):
    """A written decision (决定书): drafted by one person, signed by another."""

    class Kind(models.TextChoices):
        APPROVE = "approve", _("准予登记轮候")
        REFUSE = "refuse", _("不符合条件")
        END = "end", _("终止保障")

    application = models.ForeignKey(Application, models.CASCADE, related_name="decisions")
    assessment = models.ForeignKey(Assessment, models.PROTECT, null=True)
    kind = models.CharField(max_length=10, choices=Kind)
    letter_no = models.CharField(max_length=30, unique=True)
    check_code = models.CharField(max_length=16, unique=True)  # typed at /letter/
    reasons = EncryptedJSONField(default=list)  # rule, sentence, clause: sums, health facts
    text = EncryptedTextField()
    drafted_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    signed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    served_at = models.DateTimeField(null=True)
    replaced = models.BooleanField(default=False)

    class Meta:
        ordering = ["drafted_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(signed_by__isnull=True, signed_at__isnull=True)
                | models.Q(signed_by__isnull=False, signed_at__isnull=False),
                name="decision_signed_by_someone",
            ),
            models.CheckConstraint(
                condition=models.Q(signed_by__isnull=True)
                | ~models.Q(signed_by=models.F("drafted_by")),
                name="decision_signed_by_another",
                violation_error_message=_("拟稿人不能签发自己拟的决定。"),
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""


class Reconsideration(models.Model):
    """A request to look at a decision again (复核申请, 令11号 §9): answered by another person."""

    decision = models.OneToOneField(Decision, models.CASCADE, related_name="reconsideration")
    text = EncryptedTextField()
    asked_at = models.DateTimeField()
    due_on = models.DateField()  # 15 working days
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    overturned = models.BooleanField(null=True)
    answer = EncryptedTextField(blank=True, default="")


class WaitEntry(models.Model):
    """A household on the waiting list (轮候登记)."""

    application = models.OneToOneField(Application, models.CASCADE, related_name="wait_entry")
    registered_at = models.DateTimeField()
    tier = models.CharField(max_length=10)
    draw_tier = models.PositiveSmallIntegerField()
    priority = EncryptedJSONField(default=list)  # tells who is disabled or an orphan
    unit_types = models.JSONField(default=list)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["draw_tier", "registered_at"],
                condition=models.Q(ended_at__isnull=True),
                name="waiting_in_order",
            )
        ]
