"""Clean cases in batches, and opinions that the system gave."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau, Staff
from applications.models.review import Opinion, ReviewTask
from core.identity.fields import EncryptedTextField


class Batch(models.Model):
    """Clean tasks of one desk that are passed together (批量同意).

    The seed of the sample is drawn when the set is shown and kept, so that anybody who reads the
    row can draw the same sample again.
    """

    class State(models.TextChoices):
        LOOKING = "looking", _("抽查中")
        PASSING = "passing", _("正在提交")
        DONE = "done", _("已提交")

    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="+")
    made_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    seed = models.CharField(max_length=64)
    share = models.PositiveSmallIntegerField()  # percent drawn, as the policy stood
    minimum = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State, default=State.LOOKING)
    text = EncryptedTextField(blank=True, default="")  # what each opinion says
    passed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    passed_at = models.DateTimeField(null=True)  # when passing began

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(state="looking", passed_at__isnull=True)
                | models.Q(
                    ~models.Q(state="looking"), passed_at__isnull=False, passed_by__isnull=False
                ),
                name="batch_passed_by_somebody",
            )
        ]


class BatchItem(models.Model):
    """One task of a batch: as it stood in the preview, whether it was looked at, what became."""

    class Outcome(models.TextChoices):
        WAITING = "", _("等待提交")
        PASSED = "passed", _("已同意")
        LEFT = "left", _("已移出")

    batch = models.ForeignKey(Batch, models.CASCADE, related_name="items")
    task = models.ForeignKey(ReviewTask, models.CASCADE, related_name="+")
    digest = models.CharField(max_length=64)  # of the answers and the assessment, as shown
    sampled = models.BooleanField(default=False)
    opened_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default=Outcome.WAITING)
    why = models.CharField(max_length=200, blank=True, default="")

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "task"], name="batch_names_a_task_once")
        ]
        indexes = [models.Index(fields=["batch", "outcome"])]


class AutoPass(models.Model):
    """What an automatic opinion rests on (自动通过), and its check by a person afterwards."""

    class Outcome(models.TextChoices):
        RIGHT = "right", _("没有问题")
        WRONG = "wrong", _("有问题")

    opinion = models.OneToOneField(Opinion, models.CASCADE, related_name="auto_pass")
    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    digest = models.CharField(max_length=64)  # of the answers and the assessment it rests on
    answers = models.JSONField(default=list)  # keys of the answers
    seed = models.CharField(max_length=64)
    share = models.PositiveSmallIntegerField()  # percent of which one is drawn
    sampled = models.BooleanField()
    looked_at = models.DateTimeField(null=True)  # a person opened the case
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default="")
    text = EncryptedTextField(blank=True, default="")
    checked_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome="", checked_at__isnull=True)
                | models.Q(
                    ~models.Q(outcome=""), checked_at__isnull=False, checked_by__isnull=False
                ),
                name="auto_pass_checked_by_somebody",
            )
        ]
        indexes = [
            models.Index(
                fields=["bureau", "at"],
                condition=models.Q(sampled=True, outcome=""),
                name="auto_pass_to_check",
            )
        ]
