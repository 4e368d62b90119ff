"""Possible duplicates (疑似重复): two entries under different ID numbers that may be one person."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications import states
from applications.models.application import Application
from applications.models.household import Member
from core.identity.fields import EncryptedTextField
from core.workflow import StateTable


class LikenessKey(models.Model):
    """比对键: what a member is looked up by, as keyed digests of pairs of features.

    Each key stands for two features together (the sound of the name and the date of birth, …), cut
    to 64 bits: two people share one where both features agree. It tells nobody who that is.
    """

    member = models.OneToOneField(
        Member, models.CASCADE, primary_key=True, related_name="likeness_key"
    )
    keys = ArrayField(models.BigIntegerField())
    form = models.PositiveSmallIntegerField()  # how keys are made: a new form makes them anew
    made_at = models.DateTimeField()

    class Meta:
        indexes = [GinIndex(fields=["keys"], name="likeness_keys")]


class PossibleDuplicate(models.Model):
    """疑似重复: a question to a person, never an answer; both cases go on.

    It is about two people, by their blind indexes in order; the members are where they stand.
    """

    STATES: ClassVar[StateTable] = states.DUPLICATE

    low_index = models.CharField(max_length=64)
    high_index = models.CharField(max_length=64)
    low = models.ForeignKey(Member, models.CASCADE, related_name="+")
    high = models.ForeignKey(Member, models.CASCADE, related_name="+")
    score = models.SmallIntegerField()
    levels = models.JSONField()  # feature → level, no value of either
    table = models.CharField(max_length=20)  # the table of likeness that counted
    state = models.CharField(
        max_length=10, choices=states.DUPLICATE.choices, default=states.DUPLICATE_OPEN
    )
    state_since = models.DateTimeField()
    found_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["low_index", "high_index"],
                name="possible_duplicate_once",
                violation_error_message=_("这两个人已经在疑似重复里。"),
            ),
            # so that the order in which two are named cannot make a second row
            models.CheckConstraint(
                condition=models.Q(low_index__lt=models.F("high_index")),
                name="possible_duplicate_in_order",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "-score", "id"], name="possible_duplicate_list"),
            models.Index(fields=["high_index"], name="possible_duplicate_high"),
        ]

    def __str__(self) -> str:
        return f"possible duplicate {self.pk}"

    @property
    def sides(self) -> tuple[Member, Member]:
        """Both members."""
        return self.low, self.high

    @property
    def applications(self) -> list[Application]:
        """The cases it is about, the one accepted first in front."""
        both = {one.application_id: one.application for one in self.sides}
        return sorted(both.values(), key=lambda one: (one.accepted_at or one.created_at, one.pk))


class DuplicateResolution(models.Model):
    """判断: what a person found about a possible duplicate and why; one stands at a time."""

    class Outcome(models.TextChoices):
        SAME = states.DUPLICATE_SAME, _("同一人")
        DIFFERENT = states.DUPLICATE_DIFFERENT, _("不同人")

    duplicate = models.ForeignKey(PossibleDuplicate, models.CASCADE, related_name="resolutions")
    outcome = models.CharField(max_length=10, choices=Outcome)
    reason_code = models.CharField(max_length=20)
    text = EncryptedTextField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_why = EncryptedTextField(blank=True, default="")
    undone_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    undone_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["duplicate"],
                condition=models.Q(undone_at__isnull=True),
                name="duplicate_resolved_once",
                violation_error_message=_("刚才已经有人判断过了。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(reason_code=""), name="duplicate_resolved_with_reason"
            ),
            models.CheckConstraint(
                condition=models.Q(undone_by__isnull=True, undone_at__isnull=True)
                | models.Q(undone_by__isnull=False, undone_at__isnull=False),
                name="duplicate_undone_by_somebody",
            ),
        ]


class DuplicateRun(models.Model):
    """夜间比对: one look over everybody, in steps that can be taken up where they were left."""

    day = models.DateField(unique=True)
    began_at = models.DateTimeField()
    leased_until = models.DateTimeField()  # a worker that is lost gives it back by itself
    after_low = models.BigIntegerField(default=0)  # pairs up to here are done
    after_high = models.BigIntegerField(default=0)
    pairs = models.PositiveIntegerField(default=0)  # with a key in common
    compared = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)  # new ones
    finished_at = models.DateTimeField(null=True)
