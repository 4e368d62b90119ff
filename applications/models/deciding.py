"""What desks tell each other while a case is decided: what is missing, what one asks another."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau, Staff
from applications import states
from applications.models.application import Application
from applications.models.review import Opinion, ReviewTask
from core.identity.fields import EncryptedJSONField, EncryptedTextField
from core.workflow import StateTable


class MissingListQuerySet(models.QuerySet["MissingList"]):
    """Lists, and which of them wait for the one notice."""

    def unsent(self) -> "MissingListQuerySet":
        """Lists of desks still at work that were neither withdrawn nor sent, empty ones too."""
        at_work = (states.TASK_OPEN, states.TASK_CLAIMED)
        return self.filter(withdrawn_at=None, sent_at=None, task__state__in=at_work)

    def pending(self) -> "MissingListQuerySet":
        """Unsent lists on which something stands."""
        return self.unsent().filter(count__gt=0)


class MissingList(models.Model):
    """补正清单: what one desk misses in a case; empty where it says that nothing is missing.

    The lists of all desks of a stage go out in one notice, once in a case.
    """

    task = models.ForeignKey(ReviewTask, models.CASCADE, related_name="missing_lists")
    # what, why, and the key of the listed material ('' where the table knows none)
    items = EncryptedJSONField(default=list)
    count = models.PositiveSmallIntegerField()
    due_on = models.DateField()  # the last day on which the other desks are waited for
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    withdrawn_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    sent_at = models.DateTimeField(null=True)

    objects = MissingListQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task"],
                condition=models.Q(withdrawn_at=None),
                name="missing_list_once",
                violation_error_message=_("本部门已经回复过缺什么。"),
            ),
            models.CheckConstraint(
                condition=models.Q(withdrawn_at=None) | models.Q(sent_at=None),
                name="missing_list_sent_or_withdrawn",
                violation_error_message=_("清单已经发给家庭，不能再撤回。"),
            ),
        ]


class Referral(models.Model):
    """征询: one desk asks another a question about a case; it blocks nobody for ever."""

    STATES: ClassVar[StateTable] = states.REFERRAL

    class Verdict(models.TextChoices):
        CONFIRMED = "confirmed", _("确认")
        DIFFERS = "differs", _("不符")
        CANNOT_TELL = "cannot_tell", _("无法核实")

    application = models.ForeignKey(Application, models.CASCADE, related_name="referrals")
    task = models.ForeignKey(ReviewTask, models.CASCADE, related_name="referrals")
    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="referrals")  # who is asked
    state = models.CharField(
        max_length=10, choices=states.REFERRAL.choices, default=states.REFERRAL_OPEN
    )
    state_since = models.DateTimeField()
    question = EncryptedTextField()
    reason = EncryptedTextField()
    asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    reminded_on = models.DateField(null=True)  # the last day on which the late desk was reminded
    verdict = models.CharField(max_length=12, choices=Verdict, blank=True)
    answer = EncryptedTextField(null=True)
    answered_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)
    # the asking desk went on without the answer, with this opinion and for this reason
    left_with = models.ForeignKey(Opinion, models.SET_NULL, null=True, related_name="left_open")
    left_reason = EncryptedTextField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["task", "bureau"],
                condition=models.Q(state=states.REFERRAL_OPEN),
                name="referral_open_once",
                violation_error_message=_("已经征询过这个部门，还没有答复。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.REFERRAL_ANSWERED)
                | models.Q(answered_by__isnull=False, answered_at__isnull=False),
                name="referral_answered_by_someone",
            ),
        ]
        indexes = [
            models.Index(
                fields=["bureau", "due_on"],
                condition=models.Q(state__in=[states.REFERRAL_OPEN, states.REFERRAL_LEFT]),
                name="referral_queue",
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""
