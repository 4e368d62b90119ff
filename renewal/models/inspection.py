"""Inspections at home (入户检查): who was chosen and why, what was seen, what is said to it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation.models import Home, Lease
from applications.models.statement import Statement
from applications.papers.fields import KeptFile
from core.identity.fields import EncryptedJSONField, EncryptedTextField
from core.workflow import StateTable
from renewal import violation_states as states


class Kind(models.TextChoices):
    """What 令11号 §27 and §29 name; one code each for forms, records and exit cases."""

    SUBLET = "sublet", _("转租")
    LENT = "lent", _("转借或者擅自调换")
    CHANGED_USE = "changed_use", _("改变用途")
    DAMAGE = "damage", _("破坏或者擅自装修")
    ILLEGAL = "illegal", _("在房屋内从事违法活动")
    IDLE = "idle", _("连续六个月以上闲置")
    ARREARS = "arrears", _("累计六个月以上没有交租金")


class InspectionDraw(models.Model):
    """随机抽查: the seed, the numbers drawn from, and how many: anybody can draw it again."""

    seed = models.CharField(max_length=32)
    pool = models.JSONField(default=list)  # numbers of the leases, sorted
    size = models.PositiveIntegerField()
    drawn_at = models.DateTimeField()
    drawn_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(size__gt=0) & ~models.Q(seed=""), name="inspection_draw_has_seed"
            )
        ]


class Inspection(models.Model):
    """入户检查: one household that is to be visited, announced beforehand. Decides nothing."""

    class Reason(models.TextChoices):
        SAMPLE = "sample", _("随机抽查")
        LEAD = "lead", _("线索核实")
        COMPLAINT = "complaint", _("投诉举报")
        FOLLOW_UP = "follow_up", _("整改复查")

    class Part(models.TextChoices):
        MORNING = "morning", _("上午")
        AFTERNOON = "afternoon", _("下午")
        EVENING = "evening", _("晚上7点前")

    STATES: ClassVar[StateTable] = states.INSPECTION

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="inspections")
    draw = models.ForeignKey(InspectionDraw, models.PROTECT, null=True, related_name="inspections")
    violation = models.ForeignKey(
        "renewal.Violation", models.PROTECT, null=True, related_name="inspections"
    )
    reason = models.CharField(max_length=10, choices=Reason)
    words = EncryptedTextField(blank=True, default="")  # what to look at; never shown to others
    state = models.CharField(
        max_length=10, choices=states.INSPECTION.choices, default=states.N_PLANNED
    )
    state_since = models.DateTimeField()
    planned_at = models.DateTimeField()
    planned_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    on = models.DateField(null=True)
    part = models.CharField(max_length=10, choices=Part, blank=True)
    announced_at = models.DateTimeField(null=True)
    announced_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    closed_at = models.DateTimeField(null=True)
    closed_reason = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["lease"],
                condition=models.Q(state__in=states.INSPECTION.open_ids),
                name="one_open_inspection_per_lease",
                violation_error_message=_("这一户已经安排了入户检查。"),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[states.N_PLANNED, states.N_DROPPED])
                | models.Q(on__isnull=False, announced_at__isnull=False, announced_by__isnull=False)
                & ~models.Q(part=""),
                name="inspection_announced_before",
                violation_error_message=_("上门以前先告知住户。"),
            ),
        ]
        indexes = [models.Index(fields=["state", "-id"], name="inspection_list")]

    @property
    def case_no(self) -> str:
        return self.lease.case_no


class InspectionVisit(models.Model):
    """检查记录: what two people saw, in the household's presence; nobody at home is an attempt."""

    class Met(models.TextChoices):
        TENANT = "tenant", _("承租人本人")
        FAMILY = "family", _("同住家人")
        OTHER = "other", _("其他人")
        NOBODY = "nobody", _("家中无人")

    class Signed(models.TextChoices):
        SIGNED = "signed", _("已签名")
        REFUSED = "refused", _("不愿签名")

    class Look(models.TextChoices):
        SEEN = "seen", _("看到了")
        NOT_SEEN = "not_seen", _("没有看到")
        COULD_NOT = "could_not", _("看不了")

    # what can be looked at; arrears stand in the rent book
    LOOKED_AT = (
        Kind.SUBLET, Kind.LENT, Kind.CHANGED_USE, Kind.DAMAGE, Kind.ILLEGAL, Kind.IDLE,
    )  # fmt: skip

    key = models.UUIDField(unique=True)  # made by the form: however often it arrives, one visit
    inspection = models.ForeignKey(Inspection, models.PROTECT, related_name="visits")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    companion = models.CharField(max_length=60)
    visited_at = models.DateTimeField()
    met = models.CharField(max_length=8, choices=Met)
    attempt = models.PositiveSmallIntegerField(null=True)
    met_name = EncryptedTextField(blank=True, default="")
    living = EncryptedTextField(blank=True, default="")  # who lives there, as told and seen
    looks = EncryptedJSONField(default=dict)  # kind → look
    facts = EncryptedTextField(blank=True, default="")  # what was seen, in words
    said = EncryptedTextField(blank=True, default="")  # the household's own words
    signed = models.CharField(max_length=8, choices=Signed, blank=True)
    signature = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering = ["visited_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(met="nobody", attempt__isnull=False, signed="")
                | (~models.Q(met="nobody") & models.Q(attempt=None) & ~models.Q(signed="")),
                name="inspection_met_or_attempted",
                violation_error_message=_("家中无人只记一次上门，不是检查结果。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(companion=""),
                name="inspection_by_two_people",
                violation_error_message=_("入户检查要两个人，请写明同行人。"),
            ),
            models.UniqueConstraint(
                fields=["inspection", "attempt"],
                condition=models.Q(attempt__isnull=False),
                name="inspection_attempt_once",
            ),
            models.UniqueConstraint(
                fields=["inspection"],
                condition=models.Q(attempt=None),
                name="inspection_made_once",
                violation_error_message=_("这一户已经检查过。"),
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.inspection.case_no

    @property
    def nobody(self) -> bool:
        return self.met == self.Met.NOBODY


class InspectionComment(Statement):
    """The household's comment on a record (意见): beside what was seen, never in its place."""

    visit = models.ForeignKey(InspectionVisit, models.PROTECT, related_name="comments")


class InspectionPhoto(models.Model):
    """A photo of an inspection: drawn anew without the phone's data, sealed, read on record."""

    visit = models.ForeignKey(InspectionVisit, models.PROTECT, related_name="photos")
    digest = models.CharField(max_length=64)
    file = KeptFile()
    raw = KeptFile(blank=True)  # kept until a scanner has answered
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(fields=["visit", "digest"], name="inspection_photo_once")
        ]
        indexes = [
            models.Index(
                fields=["id"], condition=~models.Q(raw=""), name="inspection_photo_to_scan"
            )
        ]


class DoorDay(models.Model):
    """A door that reported on a day (门禁上报): a day without it says nothing about anybody."""

    estate = models.CharField(max_length=20)
    building = models.CharField(max_length=10)
    unit = models.CharField(max_length=10)
    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["estate", "building", "unit", "day"], name="door_day_once"
            )
        ]


class HomePresence(models.Model):
    """The last day on which a home's door was opened (最近有人的一天): no person, no hour."""

    home = models.OneToOneField(Home, models.PROTECT, related_name="presence")
    last_on = models.DateField()


class PresenceReport(models.Model):
    """日在家上报: one day of the access system's report, fetched or failed."""

    day = models.DateField(unique=True)
    done_at = models.DateTimeField(null=True)
    error = models.CharField(max_length=60, blank=True)
    doors = models.PositiveIntegerField(default=0)
    homes = models.PositiveIntegerField(default=0)
    unknown = models.PositiveIntegerField(default=0)  # places that we do not know
