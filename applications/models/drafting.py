"""What keeps a draft and its family together: claims, missing consents, kept forms, paper twins."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models.application import Application
from applications.models.household import Member
from core.identity.fields import EncryptedJSONField, EncryptedTextField


class HouseholdClaim(models.Model):
    """家庭成员更正: what the family says of a line of the register, beside what the register said.

    The family's own proof prevails for the review until the office that keeps the register answers.
    """

    class Kind(models.TextChoices):
        NAME = "name", _("姓名不对")
        RELATION = "relation", _("关系不对")
        MISSING = "missing", _("登记上少了这个人")
        EXTRA = "extra", _("登记上多了这个人")

    application = models.ForeignKey(Application, models.CASCADE, related_name="household_claims")
    member = models.ForeignKey(Member, models.CASCADE, related_name="claims")
    kind = models.CharField(max_length=10, choices=Kind)
    fetched = models.CharField(max_length=60, blank=True)  # as the register had it
    declared = models.CharField(max_length=60, blank=True)  # as the family says it is
    reason = EncryptedTextField()
    made_at = models.DateTimeField()
    made_by = models.CharField(max_length=80)

    class Meta:
        ordering = ["made_at"]
        constraints = [
            models.UniqueConstraint(fields=["member", "kind"], name="household_claim_once")
        ]

    def __str__(self) -> str:
        return f"claim {self.pk} {self.kind}"


class MissingConsent(models.Model):
    """容缺的授权: an adult of an accepted case has not agreed yet; due on a day, reminded before.

    The day that passes loses nobody anything: a person of the street takes it up.
    """

    class Settled(models.TextChoices):
        GIVEN = "given", _("已同意")
        REFUSED = "refused", _("未同意")
        LEFT_OUT = "left_out", _("不一起申请")
        CASE_ENDED = "ended", _("办件已结束")

    application = models.ForeignKey(Application, models.CASCADE, related_name="missing_consents")
    member = models.ForeignKey(Member, models.CASCADE, related_name="missing_consents")
    opened_at = models.DateTimeField()
    began_on = models.DateField()  # the ladder of reminders counts from here
    due_on = models.DateField()
    reminded = ArrayField(models.CharField(max_length=10), default=list)  # rungs of the ladder
    passed_at = models.DateTimeField(null=True)  # handed to a person
    contacts = EncryptedJSONField(default=list)  # what the street noted: when, who, what
    settled_at = models.DateTimeField(null=True)
    settled_as = models.CharField(max_length=10, choices=Settled, blank=True)

    class Meta:
        ordering = ["due_on"]
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(settled_at=None),
                name="missing_consent_once_per_member",
            ),
            models.CheckConstraint(
                condition=Q(settled_at=None, settled_as="")
                | (Q(settled_at__isnull=False) & ~Q(settled_as="")),
                name="missing_consent_settled_says_how",
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on"], condition=Q(settled_at=None), name="missing_consent_open"
            )
        ]

    def __str__(self) -> str:
        return f"missing consent {self.pk}"


class KeptForm(models.Model):
    """留住的填写: what was posted after the sign-in had run out, for its writer alone."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="+")
    path = models.CharField(max_length=200)
    fields = EncryptedJSONField()
    kept_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "path"], name="kept_form_once")]

    def __str__(self) -> str:
        return f"kept form {self.pk}"


class PaperTwin(models.Model):
    """纸质申请表: a draft on paper; the code brings a window to that very draft."""

    application = models.OneToOneField(Application, models.CASCADE, related_name="paper")
    code = models.CharField(max_length=8, unique=True)
    printed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"paper {self.pk}"
