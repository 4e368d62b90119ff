"""Tasks that pass between colleagues: handed over, and taken over in an absence."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications.models.review import ReviewTask


class HandOver(models.Model):
    """转办: a task given by one person to another of the same desk; told until it was seen."""

    task = models.ForeignKey(ReviewTask, models.CASCADE, related_name="hand_overs")
    given_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    # whose task it was; null where nobody had it
    came_from = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    to = models.ForeignKey(Staff, models.PROTECT, related_name="handed")
    # who was meant, where a deputy received it (代办)
    meant_for = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    note = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()
    seen_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["to", "at"], condition=Q(seen_at__isnull=True), name="hand_over_unseen"
            )
        ]


class Absence(models.Model):
    """不在岗: days on which somebody is away, and who stands in for them (代办人).

    Both days count. It ends by itself with its last day, or earlier by ``ended_at``.
    """

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="absences")
    deputy = models.ForeignKey(Staff, models.PROTECT, related_name="stands_in")
    starts_on = models.DateField()
    ends_on = models.DateField()
    entered_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # taken back, or back at work early
    passed_at = models.DateTimeField(null=True)  # when what they held went to the deputy

    class Meta:
        ordering = ["starts_on", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=Q(starts_on__lte=F("ends_on")),
                name="absence_ends_after_it_starts",
                violation_error_message=_("结束日期不能早于开始日期。"),
            ),
            models.CheckConstraint(
                condition=~Q(staff=F("deputy")),
                name="absence_deputy_is_another",
                violation_error_message=_("代办人要是另一位同事。"),
            ),
            ExclusionConstraint(
                name="absence_once_a_day",
                expressions=[
                    ("staff", RangeOperators.EQUAL),
                    (
                        Func(
                            F("starts_on"), F("ends_on"), Value("[]"), function="daterange"
                        ),
                        RangeOperators.OVERLAPS,
                    ),
                ],
                condition=Q(ended_at__isnull=True),
                violation_error_message=_("这几天已经登记过不在岗。"),
            ),
        ]  # fmt: skip
