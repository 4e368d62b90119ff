"""The application itself and the pauses of its clock."""

import uuid
from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau
from applications import states
from applications.models import queue_triggers
from core.identity.fields import EncryptedJSONField
from core.workflow import StateTable


class Programme(models.TextChoices):
    PUBLIC_RENTAL = "public_rental", _("公共租赁住房")
    RENTAL_SUBSIDY = "rental_subsidy", _("租赁补贴")


class Category(models.TextChoices):
    URBAN = "urban_low_income", _("城镇中等偏下收入住房困难家庭")
    NEW_EMPLOYEE = "new_employee", _("新就业无房职工")
    MIGRANT = "migrant_worker", _("稳定就业外来务工人员")


class Channel(models.TextChoices):
    ONLINE = "online", _("网上申请")
    WINDOW = "window", _("窗口申请")


class Origin(models.TextChoices):
    """由来: who thought of applying; counts "found and housed"."""

    OWN = "own", _("自己申请")
    OUTREACH = "outreach", _("主动发现")


class ApplicationQuerySet(models.QuerySet["Application"]):
    """Which rows: the questions that several modules ask of applications."""

    def in_state(self, *state_ids: str) -> "ApplicationQuerySet":
        return self.filter(state__in=state_ids)

    def in_progress(self) -> "ApplicationQuerySet":
        return self.filter(state__in=states.APPLICATION.open_ids).exclude(state=states.DRAFT)

    def sent(self) -> "ApplicationQuerySet":
        return self.exclude(state=states.DRAFT)

    def naming(self, id_index: str) -> "ApplicationQuerySet":
        """Applications in which the person is a member now."""
        return self.filter(members__id_index=id_index, members__excluded=False).distinct()


class Application(models.Model):
    """A household's application (申请、办件), from draft to archive."""

    STATES: ClassVar[StateTable] = states.APPLICATION

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)  # in URLs of drafts
    case_no = models.CharField(max_length=20, unique=True, null=True)
    # 统一办件编码 of the province; empty until its portal has answered
    unified_no = models.CharField(max_length=40, blank=True, default="")
    programme = models.CharField(max_length=20, choices=Programme, default=Programme.PUBLIC_RENTAL)
    category = models.CharField(max_length=20, choices=Category, blank=True)
    channel = models.CharField(max_length=10, choices=Channel)
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.OWN)
    state = models.CharField(
        max_length=20, choices=states.APPLICATION.choices, default=states.DRAFT
    )
    state_since = models.DateTimeField()
    created_at = models.DateTimeField()
    submitted_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    decided_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    # who typed it: the citizen online, the clerk at the window
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    street = models.ForeignKey(Bureau, models.PROTECT, null=True, related_name="+")
    # what the applicant states, shaped like a cast file's `declared`
    declared = EncryptedJSONField(default=dict)
    # estates in order of liking, any_estate, needs_accessible
    wishes = models.JSONField(default=dict)
    statutory_due = models.DateField(null=True)  # 45 working days
    promised_due = models.DateField(null=True)  # 15 working days
    pending_sources = models.BooleanField(default=False)  # overlay 等部门答复
    visits = models.PositiveSmallIntegerField(default=0)  # times the family had to come
    papers = models.PositiveSmallIntegerField(default=0)  # papers the family had to bring
    step = models.CharField(max_length=20, default="consent")  # where the draft was left
    version = models.PositiveIntegerField(default=0)  # two tabs: the older one is told

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["state", "state_since"]),
            models.Index(fields=["street", "state"]),
            models.Index(fields=["accepted_at"]),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["unified_no"],
                condition=~models.Q(unified_no=""),
                name="application_unified_no_once",
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[states.DRAFT, states.WITHDRAWN])
                | models.Q(case_no__isnull=False, submitted_at__isnull=False),
                name="application_sent_has_number",
                violation_error_message=_("已提交的申请必须有办件编号。"),
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at__isnull=False)
                | models.Q(
                    state__in=[
                        states.DRAFT, states.SUBMITTED, states.CORRECTION, states.NOT_ACCEPTED,
                        states.WITHDRAWN, states.DEEMED_WITHDRAWN, states.TRANSFERRED,
                    ]
                ),
                name="application_reviewed_was_accepted",
                violation_error_message=_("未受理的申请不能进入审核。"),
            ),
        ]  # fmt: skip
        triggers = queue_triggers.following()

    def __str__(self) -> str:
        return self.case_no or f"draft {self.ref}"

    def get_absolute_url(self) -> str:
        return reverse("my_case", args=[self.case_no])

    @property
    def applicant(self) -> Any:  # a Member, which is defined on top of this module
        return self.members.get(is_applicant=True)

    @property
    def is_open(self) -> bool:
        return self.STATES[self.state].open


class Pause(models.Model):
    """An interval in which the clock stands (暂停计时); gross time runs on."""

    class Reason(models.TextChoices):
        SOURCE = "source", _("部门数据暂时没有答复")
        CORRECTION = "correction", _("等待补正材料")
        CONSENT = "consent", _("等待家人授权")
        PUBLICITY = "publicity", _("公示期间")
        OBJECTION = "objection", _("核查异议")
        OUT_OF_PROVINCE = "out_of_province", _("外省协查")

    application = models.ForeignKey(Application, models.CASCADE, related_name="pauses")
    reason = models.CharField(max_length=20, choices=Reason)
    detail = models.CharField(max_length=200, blank=True)
    began_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["began_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "reason"],
                condition=models.Q(ended_at__isnull=True),
                name="pause_once_per_reason",
            ),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True)
                | models.Q(ended_at__gte=models.F("began_at")),
                name="pause_ends_after_it_begins",
            ),
        ]
