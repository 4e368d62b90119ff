"""Written notices about acceptance (受理文书)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications.models.application import Application
from core.identity.fields import EncryptedJSONField, EncryptedTextField


class AcceptanceLetter(models.Model):
    """A notice of one of the outcomes of acceptance (浙江省“最多跑一次”改革规定 §11)."""

    class Kind(models.TextChoices):
        FOLLOW = "follow", _("容缺受理一次性告知书")
        CORRECTION = "correction", _("补正一次性告知书")
        NOT_ACCEPTED = "not_accepted", _("不予受理通知书")
        WARNED = "warned", _("拟撤销受理告知书")
        REVOKED = "revoked", _("撤销受理决定书")

    application = models.ForeignKey(Application, models.CASCADE, related_name="acceptance_letters")
    kind = models.CharField(max_length=12, choices=Kind)
    number = models.CharField(max_length=30, unique=True)  # letters.check_code(number) proves it
    items = EncryptedJSONField(default=list)  # what is missing, one sentence each
    reasons = EncryptedTextField(default="")
    due_on = models.DateField(null=True)
    issued_at = models.DateTimeField()
    issued_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True)  # a warning that came to nothing

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind__in=["follow", "correction"])
                | models.Q(issued_by__isnull=False),
                name="adverse_letter_by_a_person",
                violation_error_message=_("不予受理和撤销受理要由工作人员作出。"),
            ),
            models.UniqueConstraint(
                fields=["application", "kind"],
                condition=models.Q(kind__in=["correction", "not_accepted", "revoked"]),
                name="acceptance_letter_once",
                violation_error_message=_("这份文书已经出具过。"),
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=models.Q(kind="warned", lifted_at=None),
                name="one_open_warning",
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""
