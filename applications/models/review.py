"""Joint review: tasks of the departments and their opinions."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau, Staff
from applications import states
from applications.models import queue_triggers
from applications.models.application import Application
from core.identity.fields import EncryptedJSONField, EncryptedTextField
from core.workflow import StateTable


class Stage(models.TextChoices):
    STREET = "street", _("镇街初审")
    JOINT = "joint", _("部门联审")
    DISTRICT = "district", _("区级复审")


_OPEN = models.Q(state__in=[states.TASK_OPEN, states.TASK_CLAIMED])
_CLAIMED = models.Q(state=states.TASK_CLAIMED)


def _queue_indexes() -> list[models.Index]:
    """Each ends in the order of the queue, so that a page is read and never sorted."""
    return [
        models.Index(fields=[*keys, "due_on", "id"], condition=_OPEN, name=f"task_queue_{name}")
        for name, keys in (
            ("all", []),
            ("street", ["bureau", "street"]),
            ("doubt", ["bureau", "doubt"]),
            ("all_street", ["street"]),
            ("all_stage", ["stage"]),
        )
    ] + [
        models.Index(fields=["due_on", "id"], condition=_CLAIMED, name="task_claimed"),
        models.Index(fields=["claim_expires_at"], condition=_CLAIMED, name="task_claim_ends"),
    ]


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
    # what the queue filters by, kept by a trigger: street and way of applying of the case, and
    # whether a rule is doubtful
    street = models.ForeignKey(
        Bureau, models.PROTECT, null=True, editable=False, related_name="+", db_index=False
    )
    channel = models.CharField(max_length=10, editable=False, db_default="")
    doubt = models.BooleanField(editable=False, db_default=False)
    # 浙政钉: '' not told there, open, ended (applications.todos)
    todo = models.CharField(max_length=5, blank=True, default="", db_default="")

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
            models.Index(
                fields=["bureau", "due_on"],
                condition=models.Q(state=states.TASK_SECOND),
                name="task_second",
            ),
            *_queue_indexes(),
            models.Index(fields=["state"], condition=models.Q(todo="open"), name="task_todo_open"),
        ]
        triggers = [queue_triggers.filling(), *queue_triggers.counting()]

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""


class OpinionQuerySet(models.QuerySet["Opinion"]):
    """Opinions, and which of them hold."""

    def standing(self) -> "OpinionQuerySet":
        """Those that count: not taken back, and confirmed where a second person is needed."""
        return self.filter(undone_at=None, second__in=(Second.NONE, Second.CONFIRMED))


class Second(models.TextChoices):
    """第二人: whether an override was looked at by a second person."""

    NONE = "", _("不需要")
    WAITING = "waiting", _("待第二人确认")
    CONFIRMED = "confirmed", _("第二人已确认")
    RETURNED = "returned", _("第二人退回")


class Opinion(models.Model):
    """A department's opinion (审核意见): one per task, never altered.

    An override of what the registers say counts once a second person has confirmed it. What was
    taken back, or sent back, stays in the file and is read by nothing.
    """

    class Verdict(models.TextChoices):
        AGREE = "agree", _("同意")
        OBJECT = "object", _("不同意")

    objects = OpinionQuerySet.as_manager()

    task = models.OneToOneField(ReviewTask, models.CASCADE, related_name="opinion")
    verdict = models.CharField(max_length=10, choices=Verdict)
    # rule code → how the department settled a FAIL or UNKNOWN by its own knowledge
    settled = EncryptedJSONField(default=dict)
    reason_codes = models.JSONField(default=list)
    text = EncryptedTextField()
    # null where the system gave it (自动通过)
    by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="opinions")
    automatic = models.BooleanField(default=False, db_default=False)
    batch = models.ForeignKey(
        "applications.Batch", models.PROTECT, null=True, related_name="opinions"
    )
    at = models.DateTimeField()
    second = models.CharField(
        max_length=10, choices=Second, blank=True, default=Second.NONE, db_default=Second.NONE
    )
    second_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    second_at = models.DateTimeField(null=True)
    second_text = EncryptedTextField(null=True)  # why it was sent back, or a word beside it
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    undone_reason = EncryptedTextField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(by__isnull=False, automatic=False)
                | models.Q(by__isnull=True, automatic=True, verdict="agree", batch__isnull=True),
                name="opinion_by_a_person_or_automatic",
                violation_error_message=_("意见要有提出的人；系统给出的只能是同意。"),
            ),
            models.CheckConstraint(
                condition=models.Q(second__in=[Second.NONE, Second.WAITING], second_by=None,
                                   second_at=None)
                | models.Q(second__in=[Second.CONFIRMED, Second.RETURNED],
                           second_by__isnull=False, second_at__isnull=False),
                name="opinion_second_says_who",
            ),
            models.CheckConstraint(
                condition=models.Q(second_by=None) | ~models.Q(second_by=models.F("by")),
                name="opinion_second_is_another",
                violation_error_message=_("第二人不能是提出意见的人。"),
            ),
            models.CheckConstraint(
                condition=models.Q(undone_at=None, undone_by=None)
                | models.Q(undone_at__isnull=False, undone_by__isnull=False),
                name="opinion_undone_by_someone",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["-at"], condition=~models.Q(second=Second.NONE), name="opinion_overrides"
            ),
            models.Index(fields=["by", "-at"], name="opinion_by_whom"),
        ]

    @property
    def giver(self) -> Staff:
        """Who gave it; what passed by rule has nobody, and only an agreement passes so."""
        if self.by is None:
            raise ValueError("an automatic opinion was given by nobody")
        return self.by
