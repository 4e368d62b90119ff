"""Tables of the kernel. The verbs that write them stand in the module named like the thing."""

import pgtrigger
from django.conf import settings
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
        GIVEN_UP = "given_up", _("不再推送")

    destination = models.CharField(max_length=20)
    kind = models.CharField(max_length=40)
    key = models.CharField(max_length=80)  # the receiver's idempotency key
    case_no = models.CharField(max_length=40, blank=True, db_index=True)
    payload = EncryptedJSONField()
    daytime = models.BooleanField(default=False)  # rings somebody's phone: never at night
    state = models.CharField(max_length=10, choices=State, default=State.PENDING)
    attempts = models.PositiveIntegerField(default=0)
    next_attempt_at = models.DateTimeField()
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True)
    receipt = models.JSONField(default=dict)
    error = models.CharField(max_length=200, blank=True)
    given_up_by = models.CharField(max_length=80, blank=True, default="")
    given_up_because = models.CharField(max_length=300, blank=True, default="")
    emptied_at = models.DateTimeField(null=True)  # when its content was forgotten

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["destination", "key"], name="outbox_once_per_key"),
            models.CheckConstraint(
                condition=~models.Q(state="given_up")
                | (~models.Q(given_up_by="") & ~models.Q(given_up_because="")),
                name="outbox_given_up_by_somebody",
                violation_error_message=_("不再推送要写明谁决定的、为什么。"),
            ),
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
            ),
            # what stands before another message to the same receiver about the same household
            models.Index(
                fields=["case_no", "destination", "id"],
                condition=models.Q(state__in=["pending", "dead"]),
                name="outbox_in_order",
            ),
            models.Index(
                fields=["created_at"],
                condition=models.Q(state__in=["confirmed", "given_up"]),
                name="outbox_over",
            ),
        ]


class Contact(models.Model):
    """How a person wants to be reached (联系方式), whether or not they ever signed in.

    ``phone`` is null as long as the number given in a case serves, and empty for somebody who has
    none; any other number was confirmed by a code, or by a clerk with the ID card in hand.
    """

    person_index = models.CharField(max_length=64, unique=True)
    phone = EncryptedTextField(null=True)
    address = EncryptedTextField(blank=True, default="")  # for letters (送达地址)
    language = models.CharField(max_length=10, blank=True)  # empty: Chinese
    text_size = models.CharField(max_length=10, blank=True)
    sms = models.BooleanField(default=True)  # agrees to be told by SMS; the app always tells
    changed_at = models.DateTimeField()


class Notice(models.Model):
    """A message to a person (通知): shown under 我的, and sent as SMS where a phone is known."""

    class Sms(models.TextChoices):
        NONE = "", _("没有发短信")
        QUEUED = "queued", _("等待发送")
        DELIVERED = "delivered", _("已送到")
        FAILED = "failed", _("没有送到")
        UNKNOWN = "unknown", _("号码不存在")

    person_index = models.CharField(max_length=64)
    code = models.CharField(max_length=40)
    title = models.CharField(max_length=80)
    text = models.TextField()
    phone = EncryptedTextField(null=True)
    case_no = models.CharField(max_length=40, blank=True, db_index=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)
    sms_state = models.CharField(max_length=10, choices=Sms, blank=True, default=Sms.NONE)
    sms_tries = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["person_index", "-created_at"]),
            models.Index(
                fields=["id"], condition=models.Q(sms_state="queued"), name="notice_sms_queued"
            ),
        ]


class CalendarDay(models.Model):
    """A day that an administrator set (工作日历): goes before the library's answer."""

    date = models.DateField(unique=True)
    is_workday = models.BooleanField()
    source = models.CharField(max_length=200)
    reason = models.CharField(max_length=200, blank=True, db_default="", default="")
    changed_by = models.CharField(max_length=80)
    changed_at = models.DateTimeField()


class CalendarChange(models.Model):
    """One change of the working calendar (日历修改): entered by one person, settled by another.

    Rows stay as the calendar's history; to undo one is to enter another.
    """

    class State(models.TextChoices):
        ENTERED = "entered", _("待确认")
        CONFIRMED = "confirmed", _("已生效")
        DECLINED = "declined", _("没有采用")

    date = models.DateField()
    is_workday = models.BooleanField(null=True)  # null: the administrator's day is taken away
    was = models.BooleanField(null=True)  # the administrator's day as it stood on entering
    source = models.CharField(max_length=200)
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.ENTERED)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    settled_at = models.DateTimeField(null=True)
    undoes = models.ForeignKey("self", models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-entered_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["date"],
                condition=models.Q(state="entered"),
                name="calendar_one_change_waits",
                violation_error_message=_("这一天已有一项修改在等确认。"),
            ),
            models.CheckConstraint(
                condition=models.Q(settled_by__isnull=True)
                | ~models.Q(settled_by=models.F("entered_by"))
                | models.Q(state="declined"),
                name="calendar_confirmed_by_another",
                violation_error_message=_("录入的人不能自己确认，请由另一位同事办理。"),
            ),
            models.CheckConstraint(
                condition=models.Q(state="entered", settled_at__isnull=True)
                | models.Q(
                    ~models.Q(state="entered"), settled_at__isnull=False, settled_by__isnull=False
                ),
                name="calendar_settled_by_somebody",
            ),
        ]
