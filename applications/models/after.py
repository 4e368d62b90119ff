"""What follows a case that was sent: how it was for the person (好差评), a new phone number."""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications import states
from applications.models.application import Application
from core.identity.fields import EncryptedTextField
from core.workflow import StateTable


class Rating(models.Model):
    """One person's word on one finished step of a case (好差评)."""

    class Step(models.TextChoices):
        ACCEPTED = "accepted", _("受理")
        DECIDED = "decided", _("审核决定")
        MOVED_IN = "moved_in", _("配租入住")

    class Level(models.IntegerChoices):
        VERY_GOOD = 5, _("非常满意")
        GOOD = 4, _("满意")
        FAIR = 3, _("基本满意")
        POOR = 2, _("不满意")
        VERY_POOR = 1, _("非常不满意")

    application = models.ForeignKey(Application, models.CASCADE, related_name="ratings")
    step = models.CharField(max_length=10, choices=Step)
    level = models.PositiveSmallIntegerField(choices=Level)
    reasons = models.JSONField(default=list)  # codes of applications.ratings.REASONS
    text = EncryptedTextField(blank=True, default="")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    changed_at = models.DateTimeField()
    revision = models.PositiveSmallIntegerField(default=1)

    class Meta:
        ordering = ["made_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "step"],
                name="rating_once_per_step",
                violation_error_message=_("这一步已经评价过。"),
            ),
            models.CheckConstraint(
                condition=models.Q(level__gte=1, level__lte=5), name="rating_has_five_levels"
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""


class CallBack(models.Model):
    """回访整改: what becomes of a bad rating: somebody calls, checks, mends and answers."""

    STATES: ClassVar[StateTable] = states.CALL_BACK

    class Finding(models.TextChoices):
        TRUE = "true", _("反映的情况属实")
        PARTLY = "partly", _("部分属实")
        UNTRUE = "untrue", _("不属实，已说明")
        UNREACHED = "unreached", _("三次联系不上")

    rating = models.OneToOneField(Rating, models.CASCADE, related_name="call_back")
    state = models.CharField(
        max_length=10, choices=states.CALL_BACK.choices, default=states.CALL_BACK_OPEN
    )
    state_since = models.DateTimeField()
    opened_at = models.DateTimeField()
    call_by = models.DateField()  # last day to reach the person
    due_on = models.DateField()  # last day to answer
    heard = EncryptedTextField(blank=True, default="")  # what the person said on the phone
    reached_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    reached_at = models.DateTimeField(null=True)
    finding = models.CharField(max_length=10, choices=Finding, blank=True)
    answer = EncryptedTextField(blank=True, default="")  # what was mended, as the person is told
    closed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=states.CALL_BACK_CLOSED)
                | (
                    models.Q(closed_by__isnull=False, closed_at__isnull=False)
                    & ~models.Q(finding="")
                ),
                name="call_back_closed_says_how",
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.rating.case_no


class PhoneChange(models.Model):
    """A number under test (更换手机号): in force once its code came back. One open per person."""

    person_index = models.CharField(max_length=64)
    phone = EncryptedTextField()
    code_digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    wrong = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)
    confirmed = models.BooleanField(default=False)

    class Meta:
        indexes = [models.Index(fields=["person_index", "-sent_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["person_index"],
                condition=models.Q(ended_at__isnull=True),
                name="phone_change_open_once",
            ),
        ]
