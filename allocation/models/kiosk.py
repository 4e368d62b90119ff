"""Self-service machines and the appointments at them."""

from django.db import models

from allocation.models.round import Entrant


class Kiosk(models.Model):
    """A self-service machine (一体机), known by a token bound to it."""

    name = models.CharField(max_length=40, unique=True)
    place = models.CharField(max_length=100)
    token_hash = models.CharField(max_length=64, unique=True)  # SHA-256 of the device token
    active = models.BooleanField(default=True)
    seen_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Appointment(models.Model):
    """A household's time at the kiosk (预约) and its six-digit 摇号码."""

    entrant = models.OneToOneField(Entrant, models.CASCADE, related_name="appointment")
    place = models.CharField(max_length=100)
    starts_at = models.DateTimeField()
    code_index = models.CharField(max_length=64)  # keyed hash of the 摇号码
    failures = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True)
    reprints = models.PositiveSmallIntegerField(default=0)

    class Meta:
        indexes = [models.Index(fields=["starts_at"])]
