"""Facts of all cases in columns, for the leaders' what-if panel (试算准备)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications.models.evidence import PolicyText
from core.identity.fields import EncryptedBytesField


class Preparation(models.Model):
    """试算准备: every household's newest assessment under one pack, made in parts by workers.

    It can be thrown away and made anew at any time: the assessments are the record, not this.
    """

    policy = models.ForeignKey(PolicyText, models.PROTECT, related_name="+")
    on = models.DateField()  # the day whose values of the pack hold
    streets = models.JSONField(default=list)  # names, in the order that the columns count them
    total = models.PositiveIntegerField()
    newest = models.BigIntegerField(default=0)  # the newest assessment that is in it
    asked_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField()
    moved_at = models.DateTimeField()  # when the last part came
    finished_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("试算准备")
        verbose_name_plural = _("试算准备")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(
                models.Value(1),
                condition=models.Q(finished_at__isnull=True),
                name="preparation_one_at_a_time",
                violation_error_message=_("已经在准备数据。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.asked_at:%Y-%m-%d %H:%M}"


class PreparedPart(models.Model):
    """Some hundred cases of a preparation; ``data`` holds their columns once they are made."""

    preparation = models.ForeignKey(Preparation, models.CASCADE, related_name="parts")
    position = models.PositiveIntegerField()
    assessments = models.JSONField()
    cases = models.PositiveIntegerField()
    data = EncryptedBytesField(null=True)  # incomes and homes of households, by assessment

    class Meta:
        verbose_name = _("试算准备的一部分")
        verbose_name_plural = _("试算准备的一部分")
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["preparation", "position"],
                name="prepared_part_once",
                violation_error_message=_("这一部分已经有了。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.preparation_id}/{self.position}"
