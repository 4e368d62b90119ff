"""Households that may need help and have not asked (主动发现)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau, Staff
from applications.models import Application
from core.identity import masking
from core.identity.fields import EncryptedJSONField, EncryptedTextField
from core.workflow import StateTable
from renewal import states


class DiscoveryRun(models.Model):
    """One search for new entrants of aid (排查): days, how far it has come, and counts only.

    Whoever did not match stands here in no form: the counts name nobody.
    """

    first_day = models.DateField()
    last_day = models.DateField()
    started_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True)
    day = models.DateField()  # the day that is looked at
    after = models.CharField(max_length=64, blank=True)  # last blind index of it that is done
    night = models.DateField(null=True)  # the night of which `asked_tonight` is the number
    asked_tonight = models.PositiveIntegerField(default=0)
    held_until = models.DateTimeField(null=True)  # a stride is under way until then
    waits_since = models.DateTimeField(null=True)  # the household register is away since then
    counts = models.JSONField(default=dict)  # {word: number}

    class Meta:
        ordering = ["-started_at"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=models.Q(finished_at__isnull=True),
                name="discovery_one_run_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(first_day__lte=models.F("last_day")),
                name="discovery_run_has_days",
            ),
        ]


class Outreach(models.Model):
    """A household found in the registers (主动联系): a task of its street, never an application.

    Of the registers' answers only this is kept: which kind of aid since when, whether both routes
    say so, and yes, no or unknown to "is a home known".
    """

    STATES: ClassVar[StateTable] = states.OUTREACH

    class Known(models.TextChoices):
        """What the registers say to one question."""

        YES = "yes", _("有")
        NO = "no", _("没有")
        UNKNOWN = "unknown", _("不清楚")

    person_number = EncryptedTextField()
    person_index = models.CharField(max_length=64)
    household_key = models.CharField(max_length=64)  # blind index of the head of the aid
    name = models.CharField(max_length=60)
    street = models.ForeignKey(Bureau, models.PROTECT, null=True, related_name="+")
    reason = models.CharField(max_length=60, default="new_aid")
    # {source, kind, since, provincial, civil_affairs}
    evidence = EncryptedJSONField(default=dict)
    address = EncryptedTextField(blank=True, default="")  # as registered: where to knock
    home = models.CharField(max_length=8, choices=Known, default=Known.UNKNOWN)
    found_on = models.DateField()
    found_at = models.DateTimeField()
    expires_on = models.DateField()
    state = models.CharField(max_length=16, choices=states.OUTREACH.choices, default=states.O_FOUND)
    state_since = models.DateTimeField()
    next_on = models.DateField()  # by when the next step is due
    assigned_to = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    contacted_at = models.DateTimeField(null=True)  # the first attempt
    reached_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    forgotten_at = models.DateTimeField(null=True)  # name, number, address were deleted by age
    note = EncryptedTextField(blank=True, default="")  # why it ended
    application = models.OneToOneField(
        Application, models.SET_NULL, null=True, related_name="outreach"
    )
    began_here = models.BooleanField(default=False)  # the draft was begun from this task

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_index"],
                condition=models.Q(state__in=states.OUTREACH.open_ids),
                name="outreach_open_once_per_person",
                violation_error_message=_("已经有人在联系这一位。"),
            ),
            models.UniqueConstraint(
                fields=["household_key"],
                condition=models.Q(state__in=states.OUTREACH.open_ids),
                name="outreach_open_once_per_household",
                violation_error_message=_("已经有人在联系这一家。"),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=states.OUTREACH.open_ids, closed_at__isnull=True)
                | (
                    ~models.Q(state__in=states.OUTREACH.open_ids)
                    & models.Q(closed_at__isnull=False)
                ),
                name="outreach_closed_has_time",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.O_ASSIGNED) | models.Q(assigned_to__isnull=False),
                name="outreach_assigned_to_somebody",
            ),
        ]
        indexes = [
            models.Index(fields=["street", "state", "next_on", "id"], name="outreach_of_street"),
            models.Index(fields=["person_index", "state"], name="outreach_of_person"),
            models.Index(fields=["household_key"], name="outreach_of_household"),
        ]

    def __str__(self) -> str:
        return f"outreach {self.pk}"

    @property
    def masked_number(self) -> str:
        return masking.mask_id(self.person_number)

    @property
    def is_open(self) -> bool:
        return self.STATES[self.state].open


class OutreachAttempt(models.Model):
    """One attempt to reach the household (联系记录): how, what came of it, when again."""

    class Way(models.TextChoices):
        PHONE = "phone", _("打电话")
        VISIT = "visit", _("上门")
        NOTICE = "notice", _("留联系函")
        COUNTER = "counter", _("本人来窗口")

    class Result(models.TextChoices):
        REACHED = "reached", _("联系上本人或家人")
        NOBODY = "nobody", _("没有人接、没有人在")
        LEFT = "left", _("联系函已留下")
        WRONG = "wrong", _("电话或地址不对")

    outreach = models.ForeignKey(Outreach, models.CASCADE, related_name="attempts")
    way = models.CharField(max_length=8, choices=Way)
    result = models.CharField(max_length=8, choices=Result)
    note = EncryptedTextField(blank=True, default="")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    again_on = models.DateField(null=True)

    class Meta:
        ordering = ["at", "id"]


class NoContact(models.Model):
    """不要再联系我: this person is not looked for, until they take it back or apply."""

    person_index = models.CharField(max_length=64)
    since = models.DateTimeField()
    said_by = models.CharField(max_length=80)  # the person, or the clerk who wrote it down
    ended_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_index"],
                condition=models.Q(ended_at__isnull=True),
                name="no_contact_said_once",
            )
        ]
