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

    class RentAfter(models.TextChoices):
        MARKET = "market", _("没有其他住房，按市场租金")
        COURT = "court", _("有其他住房，依法起诉")

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
    # 告知书 and what else was written in this case: each a letter with number and check code
    notice = models.OneToOneField(Decision, models.PROTECT, null=True, related_name="exit_notice")
    letters = models.ManyToManyField(Decision, related_name="+")
    noticed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    noticed_at = models.DateTimeField(null=True)
    # by its proof, or since the household answered it: the time to speak runs from here
    notice_served_at = models.DateTimeField(null=True)
    hearing_due = models.DateField(null=True)
    heard_at = models.DateTimeField(null=True)
    decision = models.OneToOneField(Decision, models.PROTECT, null=True, related_name="exit_case")
    decided_at = models.DateTimeField(null=True)
    move_out_until = models.DateField(null=True)
    # 令11号 §31: what the rent is once the move-out period is over; said before the signature
    rent_after = models.CharField(max_length=8, choices=RentAfter, blank=True)
    rent_after_monthly = models.DecimalField(max_digits=8, decimal_places=2, null=True)  # 元
    rent_after_from = models.DateField(null=True)  # the month from which a person put it in force
    # 司法程序: referred by a person, filed under a number, carried out under a document
    court = models.CharField(max_length=80, blank=True)
    referred_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    referred_at = models.DateTimeField(null=True)
    filing_no = models.CharField(max_length=60, blank=True)
    enforcement_no = models.CharField(max_length=60, blank=True)
    wish_signed_by = models.CharField(max_length=80, blank=True)  # 自愿退出
    reminded = models.JSONField(default=list)
    archived_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    archived_at = models.DateTimeField(null=True)
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
                    notice_served_at__isnull=False,
                    heard_at__isnull=False,
                    decision__isnull=False,
                    decided_at__isnull=False,
                )
                # nobody is heard against the dead: two sources or the family's word, and time
                | models.Q(
                    ground="deceased",
                    state=states.X_HANDED_BACK,
                    confirmed_by__isnull=False,
                    move_out_until__isnull=False,
                )
                # nor against their own signed wish
                | models.Q(
                    ~models.Q(wish_signed_by=""),
                    ground="left",
                    state=states.X_HANDED_BACK,
                    confirmed_by__isnull=False,
                ),
                name="exit_only_by_the_book",
                violation_error_message=_("没有核实、告知、听取和签发，不能终止保障。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.X_COURT)
                | models.Q(referred_by__isnull=False, referred_at__isnull=False)
                & ~models.Q(court=""),
                name="exit_referred_by_somebody",
                violation_error_message=_("移送法院要写明由谁移送、移送哪个法院。"),
            ),
            models.CheckConstraint(
                condition=models.Q(enforcement_no="") | ~models.Q(filing_no=""),
                name="exit_enforced_after_filing",
                violation_error_message=_("先登记立案编号，再登记执行文书。"),
            ),
        ]  # fmt: skip

    @property
    def case_no(self) -> str:
        return self.lease.case_no


class Hearing(Statement):
    """A hearing (陈述申辩) before an exit is decided."""

    exit_case = models.ForeignKey(ExitCase, models.CASCADE, related_name="hearings")
    # the household has said that this is all: nothing more is waited for
    all_said = models.BooleanField(default=False)


class Extension(models.Model):
    """More time (延期): to speak or to move out, asked by the household or given by a person."""

    class Of(models.TextChoices):
        HEARING = "hearing", _("陈述申辩")
        MOVE_OUT = "move_out", _("搬迁期")

    exit_case = models.ForeignKey(ExitCase, models.CASCADE, related_name="extensions")
    of = models.CharField(max_length=8, choices=Of)
    reason = EncryptedTextField()  # may tell of an illness
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    granted = models.BooleanField(null=True)
    until = models.DateField(null=True)
    answer = EncryptedTextField(blank=True, default="")
    decided_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["exit_case", "of"],
                condition=models.Q(granted__isnull=True),
                name="one_open_extension",
                violation_error_message=_("已经提过延期，正在办理。"),
            ),
            models.CheckConstraint(
                condition=models.Q(granted__isnull=True)
                | models.Q(granted=False, decided_by__isnull=False)
                | models.Q(granted=True, decided_by__isnull=False, until__isnull=False),
                name="extension_decided_by_somebody",
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.exit_case.case_no


class HearingAppointment(models.Model):
    """A day to speak face to face (当面听取): wished by the household, set by a person."""

    exit_case = models.ForeignKey(ExitCase, models.CASCADE, related_name="appointments")
    wish = EncryptedTextField(blank=True, default="")
    asked_by = models.CharField(max_length=80)
    asked_at = models.DateTimeField()
    at = models.DateTimeField(null=True)
    place = models.CharField(max_length=100, blank=True)
    set_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["asked_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["exit_case"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_hearing_appointment",
                violation_error_message=_("已经约过当面听取。"),
            ),
            models.CheckConstraint(
                condition=models.Q(at__isnull=True)
                | models.Q(set_by__isnull=False) & ~models.Q(place=""),
                name="hearing_appointment_has_place",
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.exit_case.case_no
