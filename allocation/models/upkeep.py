"""At the home: handover sheets, repairs, patrol visits, and the photos of all three."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import states
from allocation.models.home import Home
from allocation.models.lease import Lease
from applications.papers.fields import KeptFile
from core.identity.fields import EncryptedTextField
from core.workflow import StateTable


class HandoverSheet(models.Model):
    """交接单: meters, keys, defects and photos on moving in; the same on moving out (验房)."""

    STATES: ClassVar[StateTable] = states.SHEET

    class Kind(models.TextChoices):
        IN = "in", _("入住交接")
        OUT = "out", _("搬离验房")

    class Method(models.TextChoices):
        SIGNED = "signed", _("手写签名")
        TYPED = "typed", _("输入姓名签名")
        CODE = "code", _("短信验证码")

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="sheets")
    kind = models.CharField(max_length=3, choices=Kind)
    state = models.CharField(max_length=10, choices=states.SHEET.choices, default=states.S_DRAFT)
    state_since = models.DateTimeField()
    water = models.DecimalField(max_digits=9, decimal_places=2, null=True)  # m³
    electricity = models.DecimalField(max_digits=9, decimal_places=2, null=True)  # kWh
    gas = models.DecimalField(max_digits=9, decimal_places=2, null=True)  # m³
    no_gas = models.BooleanField(default=False)
    keys = models.PositiveSmallIntegerField(null=True)
    cards = models.PositiveSmallIntegerField(null=True)
    defects = models.TextField(blank=True)
    prepared_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    prepared_at = models.DateTimeField()
    code_index = models.CharField(max_length=64, blank=True)  # keyed hash of the code sent
    code_until = models.DateTimeField(null=True)
    code_tries = models.PositiveSmallIntegerField(default=0)
    method = models.CharField(max_length=6, choices=Method, blank=True)
    signature = EncryptedTextField(blank=True, default="")  # PNG data URL, or the name typed
    content_digest = models.CharField(max_length=64, blank=True)  # what was signed
    confirmed_by = models.CharField(max_length=80, blank=True)
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["lease", "kind"],
                name="one_sheet_of_a_kind",
                violation_error_message=_("这份合同已有这张交接单。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state="confirmed")
                | (
                    models.Q(confirmed_at__isnull=False)
                    & ~models.Q(method="")
                    & ~models.Q(content_digest="")
                ),
                name="sheet_confirmed_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(state="draft")
                | (
                    models.Q(water__isnull=False, electricity__isnull=False, keys__isnull=False)
                    & (models.Q(gas__isnull=False) | models.Q(no_gas=True))
                ),
                name="sheet_shown_complete",
                violation_error_message=_("水、电、燃气读数和钥匙数都要写。"),
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.lease.case_no


class SheetDispute(models.Model):
    """What a household does not agree with on a sheet (交接异议), and the answer to it."""

    sheet = models.ForeignKey(HandoverSheet, models.PROTECT, related_name="disputes")
    text = models.TextField()
    by = models.CharField(max_length=80)
    at = models.DateTimeField()
    answer = models.TextField(blank=True)
    answered_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["sheet"],
                condition=models.Q(answered_at__isnull=True),
                name="dispute_open_once",
                violation_error_message=_("您的异议已记录，正在等答复。"),
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True)
                | (~models.Q(answer="") & models.Q(answered_by__isnull=False)),
                name="dispute_answered_by_somebody",
            ),
        ]


class Repair(models.Model):
    """报修: what a tenant reports, the time promised, and the tenant's word whether it is done."""

    STATES: ClassVar[StateTable] = states.REPAIR

    class Matter(models.TextChoices):
        WATER = "water", _("漏水、下水堵")
        POWER = "power", _("停电、电路")
        GAS = "gas", _("燃气")
        LOCK = "lock", _("门锁、进不了门")
        FITTING = "fitting", _("门窗、设备")
        OTHER = "other", _("其他")

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="repairs")
    matter = models.CharField(max_length=10, choices=Matter)
    text = models.TextField(blank=True)
    urgent = models.BooleanField(default=False)
    state = models.CharField(
        max_length=10, choices=states.REPAIR.choices, default=states.J_REPORTED
    )
    state_since = models.DateTimeField()
    reported_at = models.DateTimeField()
    reported_by = models.CharField(max_length=80)
    promised_at = models.DateTimeField(null=True)
    worker = models.CharField(max_length=60, blank=True)  # who comes
    done_text = models.TextField(blank=True)
    not_done_text = models.TextField(blank=True)  # the tenant's words the last time
    rounds = models.PositiveSmallIntegerField(default=1)  # once more for each "not done"
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-urgent", "reported_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state__in=["promised", "done"])
                | models.Q(promised_at__isnull=False),
                name="repair_promised_has_time",
            )
        ]
        indexes = [models.Index(fields=["state", "-urgent", "reported_at"])]

    @property
    def case_no(self) -> str:
        return self.lease.case_no


class PatrolVisit(models.Model):
    """巡查: somebody of the operating company was there and says what they saw; no verdict."""

    class Seen(models.TextChoices):
        GOOD = "good", _("一切正常")
        DEFECT = "defect", _("房屋或设备有问题")
        SAFETY = "safety", _("安全隐患")
        NOBODY = "nobody", _("没有人应门")

    home = models.ForeignKey(Home, models.PROTECT, related_name="patrols")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    visited_at = models.DateTimeField()
    seen = models.CharField(max_length=8, choices=Seen)
    text = models.TextField(blank=True)

    class Meta:
        ordering = ["-visited_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(seen__in=["good", "nobody"]) | ~models.Q(text=""),
                name="patrol_says_what_was_seen",
                violation_error_message=_("请写明看到了什么。"),
            )
        ]


class HomePhoto(models.Model):
    """A photo of a home (房屋照片): drawn anew without the phone's data, sealed, read on record."""

    sheet = models.ForeignKey(HandoverSheet, models.PROTECT, null=True, related_name="photos")
    repair = models.ForeignKey(Repair, models.PROTECT, null=True, related_name="photos")
    patrol = models.ForeignKey(PatrolVisit, models.PROTECT, null=True, related_name="photos")
    digest = models.CharField(max_length=64)  # of the file sent: twice the same is one photo
    file = KeptFile()
    raw = KeptFile(blank=True)  # kept until a scanner has answered
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(sheet__isnull=False, repair=None, patrol=None)
                | models.Q(sheet=None, repair__isnull=False, patrol=None)
                | models.Q(sheet=None, repair=None, patrol__isnull=False),
                name="photo_of_one_thing",
            ),
            models.UniqueConstraint(
                fields=["sheet", "repair", "patrol", "digest"],
                name="photo_once",
                nulls_distinct=False,
            ),
        ]
        indexes = [models.Index(fields=["id"], condition=~models.Q(raw=""), name="photo_to_scan")]
