"""What the registers answered and what the rules made of it."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models.application import Application
from applications.models.household import Member
from applications.models.material import Material
from core.identity.fields import EncryptedJSONField, EncryptedTextField

APPLY = "apply"  # the round of the first check; later ones: "pre-allotment-…", "recheck-2027"
PRE_ALLOTMENT = "pre-allotment-"
RECHECK_ROUND = "recheck-"
RENEWAL_ROUND = "renewal-"  # of one household that asks to renew its lease
CONCLUDED = "concluded"  # assessments alone: the first check with what people settled
CHANGE_ROUND = "change-"  # of one reported change, by its key
CLUE_ROUND = "clue-"  # the second route of one clue between the years, by its key


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
        ORDERED = "ordered", _("核对报告在途")  # the receipt is there, the report is being made

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
    # an ordered report: 委托单号, when it was ordered, when the department expects it
    receipt = models.CharField(max_length=64, blank=True)
    ordered_at = models.DateTimeField(null=True)
    expected_on = models.DateField(null=True)
    silent_since = models.DateTimeField(null=True)  # the first silence of those that stand now
    waived_at = models.DateTimeField(null=True)  # people go on without this register (容缺)
    valid_to = models.DateField(null=True)  # the last day on which the answer may be relied on
    unread = models.BooleanField(default=False)  # answered late, consequences not drawn yet

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "member", "source", "round"], name="evidence_once"
            ),
            models.CheckConstraint(
                condition=models.Q(status__in=["pending", "unavailable", "ordered"])
                | models.Q(fetched_at__isnull=False),
                name="evidence_answered_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="ordered") | models.Q(ordered_at__isnull=False),
                name="evidence_ordered_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_at"],
                condition=models.Q(status__in=["pending", "unavailable", "ordered"]),
                name="evidence_due",
            ),
            models.Index(fields=["round", "status"]),
            models.Index(
                fields=["application"], condition=models.Q(unread=True), name="evidence_unread"
            ),
        ]


# What belongs to the file of a case is never changed and never removed. A draft is no case yet:
# who is taken out of it leaves nothing behind. Lawful erasure: applications.archive.erasing().
_APPEND_ONLY = """
    IF TG_OP = 'DELETE' AND EXISTS (
        SELECT 1 FROM applications_evidence e
        JOIN applications_application a ON a.id = e.application_id
        WHERE e.id = OLD.evidence_id AND a.state = 'draft'
    ) THEN
        RETURN OLD;
    END IF;
    RAISE EXCEPTION 'append-only: rows of % stay as they are', TG_TABLE_NAME;
"""


def _append_only() -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name="append_only",
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func=_APPEND_ONLY,
    )


class EvidenceAnswer(models.Model):
    """What a register said at one moment (答复存档), or that it fell silent; append-only.

    Each usable answer is kept whole, also one that a later answer replaced. Of an order under way
    the receipt is kept once, of a silence its beginning and every change of its kind.
    """

    evidence = models.ForeignKey(
        Evidence, models.CASCADE, related_name="answers", db_index=False
    )  # by the index below
    status = models.CharField(max_length=12, choices=Evidence.Status)
    # {"rows": as the department sent them, "records": as they were read on that day}
    content = EncryptedJSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)  # keyed, over the raw rows
    error = models.CharField(max_length=60, blank=True)
    receipt = models.CharField(max_length=64, blank=True)
    expected_on = models.DateField(null=True)
    request_id = models.CharField(max_length=64, blank=True)
    asked_at = models.DateTimeField(null=True)
    fetched_at = models.DateTimeField(null=True)
    valid_from = models.DateField(null=True)  # the day whose facts it tells
    valid_to = models.DateField(null=True)  # the last day on which it may be relied on
    fresh_until = models.DateTimeField(null=True)  # until then nobody needs to ask again
    recorded_at = models.DateTimeField()  # from here on the platform knew it

    class Meta:
        indexes = [models.Index(fields=["evidence", "recorded_at"], name="answer_of_evidence")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["unavailable"])
                | (models.Q(fetched_at__isnull=False) & ~models.Q(digest="")),
                name="answer_has_time_and_digest",
            ),
        ]
        triggers = [_append_only()]


class Correction(models.Model):
    """What a person says instead of a register's answer (当事人更正), beside it, never over it.

    The person's own material prevails until a department has looked (浙江省保障“最多跑一次”
    改革规定 §7). Append-only: a second thought is a second row.
    """

    evidence = models.ForeignKey(Evidence, models.CASCADE, related_name="corrections")
    # the very answer that it is about; null where none was kept
    answer = models.ForeignKey(EvidenceAnswer, models.CASCADE, null=True, related_name="+")
    claim = EncryptedTextField(blank=True, default="")  # what is so instead
    reason = EncryptedTextField()
    document = models.ForeignKey(Material, models.PROTECT, null=True, related_name="+")
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        triggers = [_append_only()]


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
