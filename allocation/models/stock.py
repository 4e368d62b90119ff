"""What happens to homes outside rounds: taken in, inspected, held back, retired."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import states
from allocation.models.home import Home
from core.workflow import StateTable


class HomeHold(models.Model):
    """A home kept out of rounds for a time (维修、保留): why, until when, whose it is."""

    class Kind(models.TextChoices):
        REPAIR = "repair", _("维修")
        HOLD = "hold", _("保留")

    home = models.ForeignKey(Home, models.PROTECT, related_name="holds")
    kind = models.CharField(max_length=10, choices=Kind)
    reason = models.CharField(max_length=400)
    starts_on = models.DateField()
    until = models.DateField()  # the last day
    owner = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    opened_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    opened_at = models.DateTimeField()
    reminded_for = models.DateField(null=True)  # the end that its owner was reminded of
    objection = models.CharField(max_length=400, blank=True)  # why it must not end by itself
    objected_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    objected_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    ended_by = models.CharField(max_length=80, blank=True)
    end_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["home"],
                condition=models.Q(ended_at__isnull=True),
                name="home_held_once",
                violation_error_message=_("这套房已经在维修或保留。"),
            ),
            models.CheckConstraint(
                condition=models.Q(until__gte=models.F("starts_on")), name="hold_ends_after_start"
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="hold_has_reason"),
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_by="")
                | (models.Q(ended_at__isnull=False) & ~models.Q(ended_by="")),
                name="hold_end_has_actor",
            ),
            models.CheckConstraint(
                condition=models.Q(objected_at__isnull=True, objected_by__isnull=True, objection="")
                | (
                    models.Q(objected_at__isnull=False, objected_by__isnull=False)
                    & ~models.Q(objection="")
                ),
                name="hold_objection_has_actor",
            ),
        ]
        indexes = [
            models.Index(
                fields=["until"], condition=models.Q(ended_at__isnull=True), name="holds_in_force"
            )
        ]


class Inspection(models.Model):
    """An acceptance check of an empty home (验收): what was found, and by whom."""

    home = models.ForeignKey(Home, models.PROTECT, related_name="inspections")
    found_in = models.CharField(max_length=12, choices=states.HOME.choices)  # its state that day
    fit = models.BooleanField()
    failing = models.JSONField(default=list)  # keys of inspections.ITEMS
    remarks = models.CharField(max_length=500, blank=True)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(fit=True, failing=[])
                | (models.Q(fit=False) & ~models.Q(remarks="")),
                name="inspection_says_what_fails",
            )
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class Retirement(models.Model):
    """A home taken out for good (退出使用): proposed with a reason, decided by a second person."""

    class Outcome(models.TextChoices):
        OPEN = "", _("待确认")
        RETIRED = "retired", _("已退出")
        WITHDRAWN = "withdrawn", _("已撤回")

    home = models.ForeignKey(Home, models.PROTECT, related_name="retirements")
    reason = models.CharField(max_length=400)
    two_persons = models.BooleanField()  # what the rule asked when it was proposed
    proposed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decided_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True, default=Outcome.OPEN)

    class Meta:
        ordering = ["-proposed_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["home"],
                condition=models.Q(outcome=""),
                name="home_retired_once",
                violation_error_message=_("已有人提出让这套房退出使用。"),
            ),
            models.CheckConstraint(condition=~models.Q(reason=""), name="retirement_has_reason"),
            models.CheckConstraint(
                condition=models.Q(outcome="", decided_at__isnull=True, decided_by__isnull=True)
                | (
                    ~models.Q(outcome="")
                    & models.Q(decided_at__isnull=False, decided_by__isnull=False)
                ),
                name="retirement_decided_has_actor",
            ),
            models.CheckConstraint(
                condition=~models.Q(outcome="retired")
                | models.Q(two_persons=False)
                | ~models.Q(decided_by=models.F("proposed_by")),
                name="retirement_by_two_persons",
                violation_error_message=_("提出的人不能自己确认，请换一位同事。"),
            ),
        ]


class HomeImport(models.Model):
    """A file of homes (房源导入): checked line by line, taken in whole or not at all."""

    STATES: ClassVar[StateTable] = states.HOME_IMPORT

    file_name = models.CharField(max_length=120)
    file_digest = models.CharField(max_length=64)  # SHA-256
    rows = models.JSONField(default=list)  # home_file.Listed
    row_count = models.PositiveIntegerField()
    problems = models.JSONField(default=list)  # table_file.Problem
    problem_count = models.PositiveIntegerField()
    state = models.CharField(
        max_length=10, choices=states.HOME_IMPORT.choices, default=states.I_CHECKED
    )
    state_since = models.DateTimeField()
    uploaded_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    imported_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    imported_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)
    undo_reason = models.CharField(max_length=400, blank=True)

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["file_digest"],
                condition=models.Q(state=states.I_IMPORTED),
                name="home_file_imported_once",
                violation_error_message=_("这份文件已经导入过。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.I_IMPORTED)
                | models.Q(imported_at__isnull=False, imported_by__isnull=False, problem_count=0),
                name="home_import_has_actor",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.I_UNDONE)
                | (
                    models.Q(undone_at__isnull=False, undone_by__isnull=False)
                    & ~models.Q(undo_reason="")
                ),
                name="home_import_undone_has_reason",
            ),
        ]

    def __str__(self) -> str:
        return self.file_name
