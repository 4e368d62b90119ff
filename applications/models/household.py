"""The people of an application, their consent, and what the platform knows of them elsewhere."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from applications.models import queue_triggers
from applications.models.application import Application
from core.identity import ciphers, names
from core.identity.fields import EncryptedTextField
from core.identity.numbers import normalise


def tail_index(id_number: str) -> str:
    """The keyed digest that the last four characters of an ID number are found by."""
    return ciphers.blind_index(normalise(id_number)[-4:], kind="id_tail")


class Member(models.Model):
    """A person of the household (家庭成员); the applicant stands first."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="members")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=60)
    name_key = models.CharField(max_length=200)
    id_number = EncryptedTextField()
    id_index = models.CharField(max_length=64)
    # keyed digest of the last four characters, to search by; empty in rows written before it
    id_tail = models.CharField(max_length=64, editable=False, db_default="")
    relation = models.CharField(max_length=2)  # GB/T 4761, to the applicant
    is_applicant = models.BooleanField(default=False)
    phone = EncryptedTextField(null=True)
    origin = models.CharField(
        max_length=10,
        choices=[("register", _("户籍登记")), ("added", _("本人补充"))],
        default="register",
    )
    excluded = models.BooleanField(default=False)
    excluded_reason = models.CharField(max_length=200, blank=True)
    # after the case was sent: since when a person belongs to it, until when and why no longer
    joined_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    left_because = models.CharField(max_length=10, blank=True)  # death, divorce
    # True from submission until the case ends: one open application per person
    holding = models.BooleanField(default=False)

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(
                fields=["id_index"],
                condition=models.Q(holding=True),
                name="one_open_application_per_person",
                violation_error_message=_("同一个人不能同时在两份申请里。"),
            ),
            models.UniqueConstraint(
                fields=["application", "id_index"], name="member_once_per_application"
            ),
            models.UniqueConstraint(
                fields=["application"],
                condition=models.Q(is_applicant=True),
                name="one_applicant_per_application",
            ),
        ]
        indexes = [
            models.Index(fields=["id_index"]),
            models.Index(fields=["name_key"]),
        ]
        triggers = [queue_triggers.naming()]

    def __str__(self) -> str:
        return f"member {self.pk}"  # no name: this ends in logs

    def save(self, *args: object, **kwargs: object) -> None:
        self.id_number = normalise(self.id_number)
        self.id_index = ciphers.blind_index(self.id_number)
        self.id_tail = tail_index(self.id_number)
        self.name_key = names.pinyin_key(self.name)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class Consent(models.Model):
    """A member's consent to being asked about (授权), by a versioned text; withdrawable."""

    class Method(models.TextChoices):
        ONLINE = "online", _("本人网上授权")
        WINDOW = "window", _("窗口签字授权")
        GUARDIAN = "guardian", _("监护人代为授权")
        MANDATE = "mandate", _("受托人依委托授权")
        STAND_IN = "stand_in", _("按代签办法授权")

    member = models.ForeignKey(Member, models.CASCADE, related_name="consents")
    method = models.CharField(max_length=10, choices=Method)
    text_version = models.CharField(max_length=20)
    text_digest = models.CharField(max_length=64)
    digest = models.CharField(max_length=64, unique=True)  # passed to datashare as authority
    given_at = models.DateTimeField(null=True)
    refused_at = models.DateTimeField(null=True)
    withdrawn_at = models.DateTimeField(null=True)
    # 监护人的授权到此为止: the child has come of age and is asked about on the own word alone
    outgrown_at = models.DateTimeField(null=True)
    recorded_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(given_at__isnull=False) ^ models.Q(refused_at__isnull=False),
                name="consent_given_or_refused",
            ),
            models.UniqueConstraint(
                fields=["member"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_consent_in_force_per_member",
            ),
        ]


class Benefit(models.Model):
    """A housing benefit of a person (保障记录): keeps `in force` and `ever` apart."""

    class Kind(models.TextChoices):
        HOME = "home", _("公租房实物配租")
        SUBSIDY = "subsidy", _("租赁补贴")

    person_index = models.CharField(max_length=64, db_index=True)
    kind = models.CharField(max_length=10, choices=Kind)
    case_no = models.CharField(max_length=40)
    began_on = models.DateField()
    ended_on = models.DateField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_index"],
                condition=models.Q(ended_on__isnull=True),
                name="one_benefit_in_force_per_person",
                violation_error_message=_("此人已在另一份保障中。"),
            )
        ]


class Ban(models.Model):
    """A time in which a person may not apply (限制申请), by rule and decision."""

    person_index = models.CharField(max_length=64, db_index=True)
    reason = models.CharField(max_length=40)
    case_no = models.CharField(max_length=40)
    starts_on = models.DateField()
    until = models.DateField()
    decided_by = models.CharField(max_length=80)
