"""Questions of fact that no rule decides and a department answers (核实单)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau, Staff
from applications import states
from applications.models.application import Application
from applications.models.evidence import APPLY, Evidence
from applications.models.household import Member
from applications.models.material import Supplement
from core.identity.fields import EncryptedJSONField, EncryptedTextField
from core.workflow import StateTable


class Inquiry(models.Model):
    """核实单: one question to one department about one person, or the household.

    Two registers disagree, a register stays silent, it answers after the case was settled without
    it, or the person concerned says that it is wrong. A row is never asked twice: where a side's
    fact changes a new row is opened, and the old one stays as history.
    """

    STATES: ClassVar[StateTable] = states.INQUIRY

    class Kind(models.TextChoices):
        ROUTES = "two_routes", _("两路不一致")
        SILENT = "silent_source", _("源不可用")
        LATE = "late_answer", _("迟到的答复")
        DISPUTE = "dispute", _("当事人有异议")
        CHECKED = "checked", _("事后抽查有疑问")

    application = models.ForeignKey(Application, models.CASCADE, related_name="inquiries")
    round = models.CharField(max_length=30, default=APPLY)
    kind = models.CharField(max_length=15, choices=Kind)
    subject = models.CharField(max_length=30)  # the pair of routes, or the register
    member = models.ForeignKey(Member, models.CASCADE, null=True, related_name="inquiries")
    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="inquiries")
    evidence = models.ForeignKey(Evidence, models.SET_NULL, null=True, related_name="inquiries")
    state = models.CharField(
        max_length=10, choices=states.INQUIRY.choices, default=states.INQUIRY_OPEN
    )
    state_since = models.DateTimeField()
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    # both sides as they stood, and the key by which a change is told
    facts = EncryptedJSONField(default=dict)
    outcome = models.CharField(max_length=15, blank=True)
    reason_code = models.CharField(max_length=20, blank=True)
    text = EncryptedTextField(blank=True, default="")
    settled_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    settled_at = models.DateTimeField(null=True)
    supplement = models.ForeignKey(Supplement, models.SET_NULL, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "round", "kind", "subject", "member"],
                condition=models.Q(state__in=[states.INQUIRY_OPEN, states.INQUIRY_WAITING]),
                name="inquiry_open_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.INQUIRY_SETTLED)
                | (models.Q(settled_by__isnull=False, settled_at__isnull=False)
                   & ~models.Q(outcome="") & ~models.Q(reason_code="")),
                name="inquiry_settled_says_how",
            ),
        ]  # fmt: skip
        indexes = [
            models.Index(
                fields=["bureau", "due_on", "id"],
                condition=models.Q(state__in=[states.INQUIRY_OPEN, states.INQUIRY_WAITING]),
                name="inquiry_queue",
            ),
            models.Index(fields=["application", "round"]),
        ]

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""
