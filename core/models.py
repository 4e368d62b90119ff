"""Tables of the kernel. The verbs that write them stand in the module named like the thing."""

import pgtrigger
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.identity.fields import EncryptedJSONField, EncryptedTextField


class AuditEntry(models.Model):
    """One act or one look (审计记录). Rows are only ever inserted; see core.audit."""

    at = models.DateTimeField()
    verb = models.CharField(max_length=60, db_index=True)
    actor_kind = models.CharField(max_length=10)  # citizen, staff, system
    actor_id = models.BigIntegerField(null=True)
    actor = models.CharField(max_length=80)
    thing_type = models.CharField(max_length=60, blank=True)
    thing_id = models.CharField(max_length=40, blank=True)
    case_no = models.CharField(max_length=40, blank=True, db_index=True)
    # blind indexes of the people whose data was touched
    subjects = ArrayField(models.CharField(max_length=64), default=list)
    purpose = models.CharField(max_length=200, blank=True)
    detail = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(fields=["thing_type", "thing_id"]),
            models.Index(fields=["actor_kind", "actor_id", "at"]),
            GinIndex(fields=["subjects"]),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class AuditSeal(models.Model):
    """A link of the hash chain (审计封存): one per entry, in the order of sealing."""

    position = models.BigIntegerField(primary_key=True)
    entry = models.OneToOneField(AuditEntry, models.PROTECT, related_name="seal")
    hash = models.CharField(max_length=64)

    class Meta:
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class Transition(models.Model):
    """One change of state of one thing (状态变更)."""

    thing_type = models.CharField(max_length=60)
    thing_id = models.BigIntegerField()
    case_no = models.CharField(max_length=40, blank=True, db_index=True)
    from_state = models.CharField(max_length=40)
    to_state = models.CharField(max_length=40)
    by = models.CharField(max_length=80)
    reason = models.CharField(max_length=400, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        indexes = [models.Index(fields=["thing_type", "thing_id", "at"])]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class OutboxMessage(models.Model):
    """A message to another system (推送), written in the transaction of the act it tells of."""

    class State(models.TextChoices):
        PENDING = "pending", _("待推送")
        CONFIRMED = "confirmed", _("已确认")
        DEAD = "dead", _("推送失败")

    destination = models.CharField(max_length=20)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=80)  # the receiver's idempotency key
    case_no = models.CharField(max_length=40, blank=True, db_index=True)
    payload = EncryptedJSONField()
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    receipt = models.JSONField(default=dict)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["destination", "key"], name="outbox_once_per_key"),
            models.CheckConstraint(
                condition=models.Q(state="confirmed", confirmed_at__isnull=False)
                | ~models.Q(state="confirmed"),
                name="outbox_confirmed_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["next_attempt_at"],
                condition=models.Q(state="pending"),
                name="outbox_due",
            )
        ]


class Notice(models.Model):
    """A message to a person (通知): shown under 我的, and sent as SMS where a phone is known."""

    person_index = models.CharField(max_length=64)
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=80)
    text = models.TextField()
    phone = EncryptedTextField(null=True)
    case_no = models.CharField(max_length=40, blank=True, db_index=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [models.Index(fields=["person_index", "-created_at"])]


class CalendarDay(models.Model):
    """A day that an administrator set (工作日历): goes before the library's answer."""

    date = models.DateField(unique=True)
    is_workday = models.BooleanField()
    source = models.CharField(max_length=200)
    changed_by = models.CharField(max_length=80)
    changed_at = models.DateTimeField()
