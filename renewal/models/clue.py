"""A sign that something may have changed for a household between two yearly checks."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau, Staff
from allocation.models import Lease
from applications.models import Assessment, Change
from applications.models.evidence import CLUE_ROUND
from core.identity.fields import EncryptedJSONField, EncryptedTextField
from core.workflow import StateTable
from renewal import states
from renewal.models.exit import ExitCase

_BY_A_PERSON = [states.L_TO_CASE, states.L_EXPLAINED, states.L_HANDED]


class Clue(models.Model):
    """A clue (线索): something that a register or a person has seen, with its day and its end.

    It is no verdict and changes nothing: a person takes it, a second route is asked, and the rules
    read the new facts. The same fact from the same source is one clue for good (``key``).
    """

    STATES: ClassVar[StateTable] = states.CLUE

    class Kind(models.TextChoices):
        DEATH = "death", _("离世")
        HOME = "home", _("取得房产")
        CONTRACT = "contract", _("购房合同")
        COMPANY = "company", _("开办企业")
        AID_STARTED = "aid_started", _("开始救助")
        AID_ENDED = "aid_ended", _("救助停发")
        MOVED_OUT = "moved_out", _("户籍迁出")
        JOB_ENDED = "job_ended", _("停止参保")
        MARRIAGE = "marriage", _("婚姻变化")
        BIRTH = "birth", _("出生")
        REPORT = "report", _("群众反映")
        OTHER = "other", _("其他")

    class Outcome(models.TextChoices):
        """What the rules say of the new facts, as of the day of the look."""

        STAYS = "stays", _("仍然符合，没有变化")
        TIER = "tier", _("仍然符合，租金档次会变")
        FAILS = "fails", _("有一项条件不符合")
        UNKNOWN = "unknown", _("还不清楚")

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="clues")
    street = models.ForeignKey(Bureau, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=12, choices=Kind)
    source = models.CharField(max_length=30)  # a register's code, or who saw it
    key = models.CharField(max_length=64)  # keyed digest of the fact
    on = models.DateField()  # the day the fact bears
    person_index = models.CharField(max_length=64, blank=True, default="")
    evidence = EncryptedJSONField(default=dict)
    noted_at = models.DateTimeField()
    noted_by = models.CharField(max_length=80)
    expires_on = models.DateField()
    state = models.CharField(max_length=10, choices=states.CLUE.choices, default=states.L_FOUND)
    state_since = models.DateTimeField()
    taken_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    taken_at = models.DateTimeField(null=True)
    asked_at = models.DateTimeField(null=True)  # the second route, last
    outcome = models.CharField(max_length=8, choices=Outcome, blank=True, default="")
    assessment = models.ForeignKey(Assessment, models.PROTECT, null=True, related_name="+")
    reason = EncryptedTextField(blank=True, default="")
    closed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    exit_case = models.ForeignKey(ExitCase, models.PROTECT, null=True, related_name="clues")
    change = models.ForeignKey(Change, models.PROTECT, null=True, related_name="clues")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lease", "kind", "source", "key"],
                name="clue_once",
                violation_error_message=_("这条线索已经有了。"),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[states.L_FOUND, states.L_EXPIRED])
                | models.Q(taken_by__isnull=False, taken_at__isnull=False),
                name="clue_looked_at_by_somebody",
                violation_error_message=_("线索要有人认领才能核实。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(
                    state__in=[states.L_TO_CASE, states.L_EXPLAINED, states.L_HANDED]
                )
                | models.Q(closed_by__isnull=False, closed_at__isnull=False),
                name="clue_closed_by_somebody",
                violation_error_message=_("线索的结果要由人写下。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.L_TO_CASE) | models.Q(exit_case__isnull=False),
                name="clue_to_case_has_case",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.L_HANDED) | models.Q(change__isnull=False),
                name="clue_handed_has_change",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "on", "id"], name="clue_list"),
            models.Index(fields=["street", "state", "on", "id"], name="clue_street"),
            models.Index(
                fields=["expires_on"], condition=models.Q(state="found"), name="clue_expiry"
            ),
        ]

    def __str__(self) -> str:
        return f"clue {self.pk} {self.kind}"  # no name: this ends in logs

    @property
    def case_no(self) -> str:
        return self.lease.case_no

    @property
    def round(self) -> str:
        """The round under which the second route's answers are kept."""
        return f"{CLUE_ROUND}{self.pk}"
