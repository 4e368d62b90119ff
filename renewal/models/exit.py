"""The orderly way out: clue, second route, notice, hearing, two signatures, move-out, hand-back."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation.models import Lease
from applications.models import Decision
from applications.models.statement import Statement
from core.identity.fields import EncryptedJSONField, EncryptedTextField
from core.workflow import StateTable
from renewal import states
from renewal.models.campaign import Recheck


class ExitCase(models.Model):
    """The case of a household that may no longer qualify (退出, 令11号 §31).

    Nothing here happens by itself: each step names the person who took it, and the database
    refuses an end without confirmation, notice, hearing and two signatures.
    """

    STATES: ClassVar[StateTable] = states.EXIT

    class Ground(models.TextChoices):
        NOT_ENTITLED = "not_entitled", _("不再符合条件")  # 令11号 §31
        VIOLATION = "violation", _("违反使用规定")  # §27
        ARREARS = "arrears", _("累计欠租")  # §29
        IDLE = "idle", _("连续空置")  # §27
        MOVED_ON = "moved_on", _("已有其他住房")  # §31
        NO_RENEWAL = "no_renewal", _("期满没有续租")  # §30
        LEFT = "left", _("自愿退出")
        DECEASED = "deceased", _("承租人去世")

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="exits")
    recheck = models.OneToOneField(Recheck, models.PROTECT, null=True, related_name="exit_case")
    state = models.CharField(max_length=14, choices=states.EXIT.choices, default=states.X_FLAGGED)
    state_since = models.DateTimeField()
    opened_at = models.DateTimeField()
    opened_by = models.CharField(max_length=80, blank=True)
    ground = models.CharField(max_length=12, choices=Ground, default=Ground.NOT_ENTITLED)
    flags = EncryptedJSONField(default=list)
    note = EncryptedTextField(blank=True, default="")  # what whoever opened it wrote
    confirmed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    confirmed_at = models.DateTimeField(null=True)
    second_route = EncryptedTextField(
        blank=True, default=""
    )  # what the second register says, in words
    noticed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    noticed_at = models.DateTimeField(null=True)
    hearing_due = models.DateField(null=True)
    heard_at = models.DateTimeField(null=True)
    decision = models.OneToOneField(Decision, models.PROTECT, null=True, related_name="exit_case")
    decided_at = models.DateTimeField(null=True)
    move_out_until = models.DateField(null=True)
    closed_at = models.DateTimeField(null=True)
    closed_reason = EncryptedTextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["lease"],
                condition=models.Q(state__in=states.EXIT.open_ids),
                name="one_open_exit_per_lease",
            ),
            models.CheckConstraint(
                condition=~models.Q(
                    state__in=[
                        states.X_DECIDED, states.X_MOVING, states.X_COURT, states.X_HANDED_BACK,
                    ]
                )
                | models.Q(
                    confirmed_by__isnull=False,
                    noticed_at__isnull=False,
                    heard_at__isnull=False,
                    decision__isnull=False,
                    decided_at__isnull=False,
                ),
                name="exit_only_by_the_book",
                violation_error_message=_("没有核实、告知、听取和签发，不能终止保障。"),
            ),
        ]  # fmt: skip

    @property
    def case_no(self) -> str:
        return self.lease.case_no


class Hearing(Statement):
    """A hearing (陈述申辩) before an exit is decided."""

    exit_case = models.ForeignKey(ExitCase, models.CASCADE, related_name="hearings")
