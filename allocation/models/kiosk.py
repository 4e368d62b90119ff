"""Self-service machines, when and where they serve, and the appointments at them."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from allocation.models.round import Entrant


class Kiosk(models.Model):
    """A self-service machine or a hall screen, known by a secret that lies in its browser alone."""

    class Kind(models.TextChoices):
        MACHINE = "machine", _("自助机")
        HALL = "hall", _("大厅屏幕")

    name = models.CharField(max_length=40, unique=True)
    place = models.CharField(max_length=100)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.MACHINE)
    # SHA-256: of the one-time setup code until the machine is bound, of its own secret afterwards
    token_hash = models.CharField(max_length=64, unique=True)
    bound_at = models.DateTimeField(null=True)
    active = models.BooleanField(default=True)
    seen_at = models.DateTimeField(null=True)
    paper_out_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class OpeningHours(models.Model):
    """When the machines of a place serve (开放时间), and how many households at the same time."""

    place = models.CharField(max_length=100, unique=True)
    opens = models.TimeField()
    closes = models.TimeField()
    minutes = models.PositiveSmallIntegerField(default=10)  # one household at a machine
    capacity = models.PositiveSmallIntegerField(default=1)  # households at the same time
    weekends = models.BooleanField(default=False)

    class Meta:
        ordering = ["place"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(closes__gt=models.F("opens")),
                name="opening_hours_in_order",
                violation_error_message=_("关门时间要晚于开门时间。"),
            ),
            models.CheckConstraint(
                condition=models.Q(minutes__gt=0, capacity__gt=0), name="opening_hours_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.place


class Appointment(models.Model):
    """A household's time at the kiosk (预约) and its six-digit 摇号码."""

    entrant = models.OneToOneField(Entrant, models.CASCADE, related_name="appointment")
    place = models.CharField(max_length=100)
    starts_at = models.DateTimeField()
    # which of the places at that time; None where none is held any more
    seat = models.PositiveSmallIntegerField(null=True)
    came_at = models.DateTimeField(null=True)  # stood before a machine, the result being out
    reminded_at = models.DateTimeField(null=True)  # of the present time
    missed_at = models.DateTimeField(null=True)  # the present time passed and none could follow
    code_index = models.CharField(max_length=64)  # keyed hash of the 摇号码
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    reprints = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["starts_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["place", "starts_at", "seat"],
                name="appointment_seat_once",
                violation_error_message=_("这个时间刚刚约满，请另选一个。"),
            ),
        ]


class HelpCall(models.Model):
    """Somebody at a machine needs a person (呼叫值守); whom it is for does not stand here.

    Who takes the call gets six digits for that machine and some minutes: what the attendant signs
    in with at the machine.
    """

    class Kind(models.TextChoices):
        CODE = "code", _("没有摇号码")
        PAPER = "paper", _("没有出纸")
        OTHER = "other", _("需要帮忙")

    kiosk = models.ForeignKey(Kiosk, models.PROTECT, related_name="calls")
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()
    taken_at = models.DateTimeField(null=True)
    taken_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+"
    )
    pass_index = models.CharField(max_length=64, blank=True)  # keyed hash of the six digits
    pass_until = models.DateTimeField(null=True)
    pass_failures = models.PositiveSmallIntegerField(default=0)
    closed_at = models.DateTimeField(null=True)
    closed_by = models.CharField(max_length=80, blank=True)

    class Meta:
        ordering = ["at"]
        constraints = [
            models.UniqueConstraint(
                fields=["kiosk", "kind"],
                condition=models.Q(closed_at=None),
                name="help_call_open_once",
            ),
        ]
