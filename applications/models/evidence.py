"""What the registers answered and what the rules made of it."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models.application import Application
from applications.models.household import Member
from core.identity.fields import EncryptedJSONField, EncryptedTextField

APPLY = "apply"  # the round of the first check; later ones: "pre-allotment-…", "recheck-2027"
PRE_ALLOTMENT = "pre-allotment-"
RECHECK_ROUND = "recheck-"


class Evidence(models.Model):
    """One question to one register about one person (证据): asked, answered or still open.

    It is also the work item: a worker leases rows that are due, asks outside any transaction, and
    writes back only where the lease is still its own. Nothing is lost with a worker.
    """

    class Status(models.TextChoices):
        PENDING = "pending", _("查询中")
        FOUND = "found", _("已查到")
        NO_RECORD = "no_record", _("没有登记")
        UNAVAILABLE = "unavailable", _("等部门答复")

    application = models.ForeignKey(Application, models.CASCADE, related_name="evidence")
    member = models.ForeignKey(Member, models.CASCADE, related_name="evidence")
    source = models.CharField(max_length=30)
    round = models.CharField(max_length=30, default=APPLY)
    status = models.CharField(max_length=12, choices=Status, default=Status.PENDING)
    rows = EncryptedJSONField(default=list)
    error = models.CharField(max_length=60, blank=True)
    asked_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)
    call_ref = models.CharField(max_length=40, blank=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    due_at = models.DateTimeField()  # next attempt of a pending or unavailable row
    lease = models.CharField(max_length=32, blank=True)
    leased_until = models.DateTimeField(null=True)
    disputed = models.BooleanField(default=False)
    disputed_reason = EncryptedTextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "member", "source", "round"], name="evidence_once"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["pending", "unavailable"])
                | models.Q(fetched_at__isnull=False),
                name="evidence_answered_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(status__in=["pending", "unavailable"]),
                name="evidence_due",
            ),
            models.Index(fields=["round", "status"]),
        ]


class PolicyText(models.Model):
    """A released policy pack (政策包): immutable text, read by the same loader as the seeds."""

    code = models.CharField(max_length=40)
    digest = models.CharField(max_length=64, unique=True)
    text = models.TextField()
    released_at = models.DateTimeField()
    released_by = models.CharField(max_length=80)


class Assessment(models.Model):
    """What the rules say of a household on a day (评估). Decides nothing alone; can be replayed.

    ``inputs`` holds the whole case in the shape of a cast file, so that ``replay`` feeds the very
    same ``assess`` and must get ``result`` again.
    """

    application = models.ForeignKey(Application, models.CASCADE, related_name="assessments")
    round = models.CharField(max_length=30, default=APPLY)
    on = models.DateField()
    policy = models.ForeignKey(PolicyText, models.PROTECT, related_name="+")
    outcome = models.CharField(max_length=20)
    category = models.CharField(max_length=20, blank=True)
    tier = models.CharField(max_length=10, blank=True)
    # findings name people by ID number
    result = EncryptedJSONField()
    inputs = EncryptedJSONField()
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["application", "round", "-created_at"])]
