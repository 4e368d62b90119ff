"""Joint review: tasks of the departments and their opinions."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau, Staff
from applications import states
from applications.models.application import Application
from core.identity.fields import EncryptedJSONField, EncryptedTextField
from core.workflow import StateTable


class Stage(models.TextChoices):
    STREET = "street", _("镇街初审")
    JOINT = "joint", _("部门联审")
    DISTRICT = "district", _("区级复审")


class ReviewTask(models.Model):
    """One department's part of a review (审核任务)."""

    STATES: ClassVar[StateTable] = states.REVIEW_TASK

    application = models.ForeignKey(Application, models.CASCADE, related_name="tasks")
    stage = models.CharField(max_length=10, choices=Stage)
    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="tasks")
    round = models.PositiveSmallIntegerField(default=1)  # 2 after a correction or an objection
    state = models.CharField(
        max_length=10, choices=states.REVIEW_TASK.choices, default=states.TASK_OPEN
    )
    state_since = models.DateTimeField()
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    claimed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="claimed_tasks")
    claim_expires_at = models.DateTimeField(null=True)
    # rule codes that this department owns and that failed or are unknown
    findings = models.JSONField(default=list)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "stage", "bureau", "round"], name="task_once_per_bureau"
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.TASK_CLAIMED)
                | models.Q(claimed_by__isnull=False, claim_expires_at__isnull=False),
                name="task_claimed_has_owner",
            ),
        ]
        indexes = [
            # the queue is read by key: bureau, then urgency, then age
            models.Index(
                fields=["bureau", "due_on", "id"],
                condition=models.Q(state__in=[states.TASK_OPEN, states.TASK_CLAIMED]),
                name="task_queue",
            ),
            models.Index(fields=["application", "stage"]),
        ]

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""


class Opinion(models.Model):
    """A department's opinion (审核意见): one per task, never altered."""

    class Verdict(models.TextChoices):
        AGREE = "agree", _("同意")
        OBJECT = "object", _("不同意")

    task = models.OneToOneField(ReviewTask, models.CASCADE, related_name="opinion")
    verdict = models.CharField(max_length=10, choices=Verdict)
    # rule code → how the department settled a FAIL or UNKNOWN by its own knowledge
    settled = EncryptedJSONField(default=dict)
    reason_codes = models.JSONField(default=list)
    text = EncryptedTextField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="opinions")
    at = models.DateTimeField()
