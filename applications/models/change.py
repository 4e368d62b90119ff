"""What happened in a family after its case was accepted (家庭变化)."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications import states
from applications.models.application import Application
from applications.models.household import Member
from core.identity.fields import EncryptedJSONField, EncryptedTextField
from core.workflow import StateTable


class Change(models.Model):
    """家庭变化: reported by a member, or found by the platform; the place in the queue stays.

    What the family says is kept beside what the registers answer. ``effect`` is the preview that
    was shown, as shown. One event of one person is under way once.
    """

    STATES: ClassVar[StateTable] = states.CHANGE

    class Kind(models.TextChoices):
        BIRTH = "birth", _("孩子出生或收养")
        DEATH = "death", _("家人离世")
        MARRIAGE = "marriage", _("结婚")
        DIVORCE = "divorce", _("离婚")
        MAJORITY = "majority", _("孩子满18岁")
        AID = "aid", _("低保、特困等救助有变化")
        WORK = "work", _("工作或收入有变化")
        HOME = "home", _("买房、卖房或合同取消")
        MOVED = "moved", _("搬到另一个镇街")

    class Waits(models.TextChoices):
        NOTHING = "", _("不等待")
        NOTICE = "notice", _("等公示结束")
        ROUND = "round", _("等这一轮摇号结束")
        RENEWAL = "renewal", _("年度复核时办理")

    key = models.UUIDField(default=uuid.uuid4, unique=True)  # of the form: sent twice, kept once
    application = models.ForeignKey(Application, models.CASCADE, related_name="changes")
    kind = models.CharField(max_length=10, choices=Kind)
    member = models.ForeignKey(Member, models.CASCADE, null=True, related_name="changes")
    subject_index = models.CharField(max_length=64, blank=True)  # '' for the whole household
    state = models.CharField(
        max_length=10, choices=states.CHANGE.choices, default=states.CHANGE_REPORTED
    )
    state_since = models.DateTimeField()
    happened_on = models.DateField()
    details = EncryptedJSONField(default=dict)  # what was said, as the form of the kind asks it
    proof = EncryptedTextField(blank=True, default="")  # the paper that the family holds
    effect = EncryptedJSONField(default=dict)
    case_state = models.CharField(max_length=20)  # where the case stood when it was told
    waits_for = models.CharField(max_length=10, choices=Waits, blank=True, default="")
    round = models.CharField(max_length=30, blank=True)  # of the questions asked because of it
    reported_at = models.DateTimeField()
    # null: found by the platform itself
    reported_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    looked_at = models.DateTimeField(null=True)  # by the machine, last
    applied_at = models.DateTimeField(null=True)  # the file of the case says it since
    due_on = models.DateField(null=True)  # the desk's day, or the family's while it is asked
    question = EncryptedTextField(blank=True, default="")
    answer = EncryptedTextField(blank=True, default="")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    note = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering = ["-reported_at", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "kind", "subject_index"],
                condition=models.Q(state__in=states.CHANGE.open_ids),
                name="change_under_way_once",
                violation_error_message=_("这件事已经报告过，正在办理。"),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=states.CHANGE.open_ids)
                | models.Q(settled_at__isnull=False),
                name="change_settled_has_time",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on", "id"],
                condition=models.Q(state__in=states.CHANGE.open_ids),
                name="change_queue",
            ),
            models.Index(fields=["application", "state"]),
        ]

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""


class StepSeen(models.Model):
    """When a draft first and last came to a page of the application (填写步骤).

    Of the draft and the page alone: nothing about the person, the device or what was typed.
    """

    application = models.ForeignKey(Application, models.CASCADE, related_name="steps_seen")
    step = models.CharField(max_length=20)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "step"], name="step_seen_once"),
            models.CheckConstraint(
                condition=models.Q(last_at__gte=models.F("first_at")), name="step_seen_in_order"
            ),
        ]
