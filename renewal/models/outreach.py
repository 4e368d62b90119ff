"""Families that may need help and have not asked."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau


class Outreach(models.Model):
    """A family found in the registers (主动发现): a task of its street, never an application."""

    class State(models.TextChoices):
        OPEN = "open", _("待联系")
        CONTACTED = "contacted", _("已联系")
        APPLIED = "applied", _("已申请")
        DECLINED = "declined", _("暂不需要")
        EXPIRED = "expired", _("线索已过期")

    person_index = models.CharField(max_length=64)
    name = models.CharField(max_length=60)
    street = models.ForeignKey(Bureau, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=60)  # e.g. new_aid_without_home
    evidence = models.JSONField(default=dict)
    found_on = models.DateField()
    expires_on = models.DateField()
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    handled_by = models.CharField(max_length=80, blank=True)
    handled_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_index", "reason"],
                condition=models.Q(state__in=["open", "contacted"]),
                name="outreach_once",
            )
        ]
