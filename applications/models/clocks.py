"""Dates computed anew, and cases that will be late."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models.application import Application


class Recalculation(models.Model):
    """Due dates of every open case computed anew (期限重算), after the calendar has changed.

    ``position`` is the key of the last case done: what a lost worker left is taken up there.
    """

    key = models.CharField(max_length=60, unique=True)  # the change, or the year's publication
    begun_by = models.CharField(max_length=80)
    begun_at = models.DateTimeField()
    position = models.BigIntegerField(default=0)
    cases = models.PositiveIntegerField(default=0)
    moved = models.PositiveIntegerField(default=0)
    later = models.PositiveIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-begun_at", "-id"]
        indexes = [
            models.Index(
                fields=["id"], condition=models.Q(finished_at=None), name="recalculation_open"
            )
        ]


class Escalation(models.Model):
    """A case that will miss a day, or has missed it (督办): recorded once per level."""

    class Level(models.TextChoices):
        AT_RISK = "at_risk", _("预计超过15个工作日")
        LATE = "late", _("已超过15个工作日")
        LEGAL_RISK = "legal_risk", _("预计超过法定期限")
        LEGAL_LATE = "legal_late", _("已超过法定期限")

    application = models.ForeignKey(Application, models.CASCADE, related_name="escalations")
    level = models.CharField(max_length=10, choices=Level)
    rank = models.PositiveSmallIntegerField()  # the gravest first: 1 past the statutory date
    due_on = models.DateField()  # the day that is missed
    earliest = models.DateField()  # the forecast as it stood
    latest = models.DateField()
    desks = models.JSONField(default=list)  # codes of the bureaus that held the case
    raised_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)  # no longer so; null: it stands

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "level"], name="escalation_once_per_level"
            )
        ]
        indexes = [
            models.Index(
                fields=["rank", "due_on", "id"],
                condition=models.Q(ended_at=None),
                name="escalation_standing",
            )
        ]

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""
