"""Numbers of the review, one row a case (审核统计): made from the raw rows, thrown away at will."""

from django.db import models
from django.db.models import Value
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau
from applications.models import Application
from applications.models.review import Stage

# where a case was, and why its clock stood: a column of working days each
PLACES = ("intake", "street", "joint", "district", "notice", "correction", "objection", "other")
PAUSES = ("source", "correction", "consent", "publicity", "objection", "out_of_province")


class ReviewedCase(models.Model):
    """An answered case with its working days (已答复办件的时长)."""

    application = models.OneToOneField(Application, models.CASCADE, related_name="reviewed")
    street = models.ForeignKey(Bureau, models.PROTECT, null=True, related_name="+")
    answered_at = models.DateTimeField()
    month = models.DateField()  # first day of the month of the answer, in Ningbo
    net = models.PositiveIntegerField()  # working days without the pauses
    gross = models.PositiveIntegerField()  # with them
    straight = models.BooleanField()  # nothing doubtful, no question, no correction
    returned = models.BooleanField()  # 补正
    refused = models.BooleanField()
    asked_again = models.BooleanField()  # re-consideration, answered
    overturned = models.BooleanField()
    objected = models.BooleanField()  # objection to the notice, answered
    upheld = models.BooleanField()
    # working days in each place; they add up to ``gross``
    in_intake = models.PositiveIntegerField()
    in_street = models.PositiveIntegerField()
    in_joint = models.PositiveIntegerField()
    in_district = models.PositiveIntegerField()
    in_notice = models.PositiveIntegerField()
    in_correction = models.PositiveIntegerField()
    in_objection = models.PositiveIntegerField()
    in_other = models.PositiveIntegerField()
    # working days that the clock stood, by reason; two reasons on one day count in both
    stood_source = models.PositiveIntegerField()
    stood_correction = models.PositiveIntegerField()
    stood_consent = models.PositiveIntegerField()
    stood_publicity = models.PositiveIntegerField()
    stood_objection = models.PositiveIntegerField()
    stood_out_of_province = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("已答复办件的时长")
        verbose_name_plural = _("已答复办件的时长")
        indexes = [models.Index(fields=["month"], name="reviewed_month")]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(net__lte=models.F("gross")),
                name="reviewed_net_within_gross",
                violation_error_message=_("净时长不会超过总时长。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.application_id} {self.net}/{self.gross}"


class DeskDays(models.Model):
    """How long one desk held one answered case (部门办理时长), in working days without pauses."""

    reviewed = models.ForeignKey(ReviewedCase, models.CASCADE, related_name="desks")
    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="+")
    stage = models.CharField(max_length=10, choices=Stage)
    days = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("部门办理时长")
        verbose_name_plural = _("部门办理时长")
        indexes = [models.Index(fields=["bureau", "stage", "days"], name="desk_days_of_bureau")]
        constraints = [
            models.UniqueConstraint(
                fields=["reviewed", "bureau", "stage"],
                name="desk_days_once",
                violation_error_message=_("同一部门在同一环节只有一行时长。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.bureau_id} {self.stage} {self.days}"


class NumbersRun(models.Model):
    """One pass over the cases (统计更新): all of them, or those touched since; goes on where it
    was left."""

    since = models.DateTimeField(null=True)  # null: every case
    began_at = models.DateTimeField()
    upto = models.BigIntegerField(default=0)  # cases up to this key are done
    cases = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("统计更新")
        verbose_name_plural = _("统计更新")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                Value(1),
                condition=models.Q(finished_at__isnull=True),
                name="numbers_run_one_at_a_time",
                violation_error_message=_("已经在更新统计。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.began_at:%Y-%m-%d %H:%M}"
