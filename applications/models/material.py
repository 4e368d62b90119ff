"""What the family adds by itself: papers, promises, later supplements."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models.application import Application
from applications.models.household import Member


class Material(models.Model):
    """A paper of the family (材料); stored outside the web root."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="materials")
    member = models.ForeignKey(Member, models.CASCADE, null=True)
    kind = models.CharField(max_length=40)
    file = models.CharField(max_length=200)  # path under MEDIA_ROOT
    content_type = models.CharField(max_length=60)
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=80)


class Commitment(models.Model):
    """A promise in place of a paper (告知承诺): fact, effect, check and consequence were told."""

    class State(models.TextChoices):
        OPEN = "open", _("承诺待核实")
        KEPT = "kept", _("已核实")
        DOUBTED = "doubted", _("核对中")
        FALSE = "false", _("不实（待听取）")

    application = models.ForeignKey(Application, models.CASCADE, related_name="commitments")
    member = models.ForeignKey(Member, models.CASCADE, null=True)
    fact = models.CharField(max_length=40)  # rule code or fact name that the promise settles
    text = models.TextField()
    text_digest = models.CharField(max_length=64)
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    given_at = models.DateTimeField()
    check_due = models.DateField(null=True)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.CharField(max_length=80, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "member", "fact"],
                name="commitment_once",
                nulls_distinct=False,
            )
        ]


class Supplement(models.Model):
    """An item that may follow later (容缺): listed, with a date."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="supplements")
    item = models.CharField(max_length=40)
    text = models.CharField(max_length=200)
    due_on = models.DateField()
    received_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "item"], name="supplement_once")
        ]
