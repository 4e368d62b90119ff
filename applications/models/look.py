"""What belongs to 谁查过我的数据 beside the logs themselves: questions about a line, deferrals."""

from datetime import date
from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.identity.fields import EncryptedTextField


class LookQuestion(models.Model):
    """A person's question about one line of who used their data (查询疑问), with a due date."""

    class Kind(models.TextChoices):
        CALL = "call", _("查询")
        ENTRY = "entry", _("查阅")

    person_index = models.CharField(max_length=64, db_index=True)
    kind = models.CharField(max_length=6, choices=Kind)
    ref = models.BigIntegerField()  # of a call or an audit entry: neither is ever removed
    case_no = models.CharField(max_length=40, blank=True)
    text = EncryptedTextField()
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    answer = EncryptedTextField(blank=True, default="")
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["due_on", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["person_index", "kind", "ref"],
                name="one_question_per_look",
                violation_error_message=_("这条记录您已经提过疑问。"),
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True, answered_by__isnull=True)
                | models.Q(answered_at__isnull=False, answered_by__isnull=False),
                name="look_question_answered_by_somebody",
            ),
        ]


class LookDeferralQuerySet(models.QuerySet["LookDeferral"]):
    """Which deferrals."""

    def in_force(self, today: date) -> Self:
        """Approved, not lifted, and the last day has not passed."""
        return self.filter(approved=True, lifted_at=None, ends_on__gte=today)

    def approved_ones(self) -> Self:
        """Those that hide, or once hid, something."""
        return self.filter(approved=True)


class LookDeferral(models.Model):
    """Looks of an authority's investigation that a person sees later (暂缓展示): by two people.

    It names the person, the case, who looks and from when; everything else of the case stays on
    the person's page. After the last day the lines appear by themselves, with this reason.
    """

    subject_index = models.CharField(max_length=64, db_index=True)
    case_no = models.CharField(max_length=40, db_index=True)
    actors = ArrayField(models.CharField(max_length=80))  # as the logs name them
    looks_from = models.DateField()
    office = models.CharField(max_length=80)  # the authority that investigates
    legal_basis = models.CharField(max_length=160)
    document_no = models.CharField(max_length=60)
    reason = EncryptedTextField()
    ends_on = models.DateField()  # the last day on which the lines stay away
    # also keeps the line 暂不显示 away: only where knowing of it would defeat the investigation
    quiet = models.BooleanField(default=False)
    requested_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    requested_at = models.DateTimeField()
    approved = models.BooleanField(null=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True)
    decided_why = models.CharField(max_length=200, blank=True)
    lifted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    lifted_at = models.DateTimeField(null=True)

    objects = LookDeferralQuerySet.as_manager()

    class Meta:
        ordering = ["-requested_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    approved__isnull=True, decided_by__isnull=True, decided_at__isnull=True
                )
                | models.Q(
                    approved__isnull=False, decided_by__isnull=False, decided_at__isnull=False
                ),
                name="look_deferral_decided_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(decided_by__isnull=True)
                | ~models.Q(decided_by=models.F("requested_by")),
                name="look_deferral_by_two_people",
                violation_error_message=_("申请人和批准人必须是两个人。"),
            ),
            models.CheckConstraint(
                condition=models.Q(actors__len__gt=0) & ~models.Q(actors__contains=["worker"]),
                name="look_deferral_names_people",
                violation_error_message=_("暂缓展示必须写明由谁查阅，平台自动核对不能暂缓。"),
            ),
        ]
