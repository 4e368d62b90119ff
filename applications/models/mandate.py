"""Who may act for whom (代办委托), and who signs for somebody who cannot (代签)."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from applications.models.household import Member
from core.identity import ciphers
from core.identity.fields import EncryptedTextField
from core.identity.numbers import normalise


class MandateQuerySet(models.QuerySet["Mandate"]):
    """Which rows: those that stand, and those that count on a day."""

    def standing(self) -> "MandateQuerySet":
        """Not ended by anybody; those asked for and not yet answered are among them."""
        return self.filter(ended_at=None)


class Mandate(models.Model):
    """代办委托: a person lets a helper act for them, for some things and until a day.

    The principal needs no account: who was never online gives it on paper at the window.
    """

    class Scope(models.TextChoices):
        APPLY = "apply", _("填写、提交和补充申请，办轮候和选房")
        FOLLOW = "follow", _("看进度和消息")
        SIGN = "sign", _("代签租赁合同和协议")
        CONSENT = "consent", _("代为同意查询")

    class Evidence(models.TextChoices):
        SELF = "self", _("委托人本人登录确认")
        PAPER = "paper", _("书面委托书（窗口查验）")
        NOTARISED = "notarised", _("公证的委托书")
        REGISTER = "register", _("户籍登记的父母")
        GUARDIAN = "guardian", _("监护证明或法院判决")

    class Ended(models.TextChoices):
        REVOKED = "revoked", _("委托人收回")
        LEFT = "left", _("代办人不再代办")
        DECLINED = "declined", _("委托人没有同意")
        EXPIRED = "expired", _("到期")
        REPLACED = "replaced", _("换成新的委托")

    # what alone carries a consent in somebody else's name
    LISTED_FOR_CONSENT = (Evidence.NOTARISED, Evidence.GUARDIAN)

    principal_index = models.CharField(max_length=64, db_index=True)
    principal_name = models.CharField(max_length=60)
    principal_number = EncryptedTextField()
    helper_index = models.CharField(max_length=64, db_index=True)
    helper_name = models.CharField(max_length=60)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope), default=list)
    evidence = models.CharField(max_length=10, choices=Evidence, blank=True)
    evidence_note = EncryptedTextField(default=str, blank=True)
    asked_at = models.DateTimeField()
    given_at = models.DateTimeField(null=True)
    given_by = models.CharField(max_length=80, blank=True)
    until = models.DateField()
    ended_at = models.DateTimeField(null=True)
    ended_because = models.CharField(max_length=10, choices=Ended, blank=True)

    objects = MandateQuerySet.as_manager()

    class Meta:
        ordering = ["-asked_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["principal_index", "helper_index"],
                condition=Q(ended_at=None),
                name="mandate_once_per_pair",
                violation_error_message=_("这两个人之间已经有一份委托。"),
            ),
            models.CheckConstraint(
                condition=~Q(principal_index=models.F("helper_index")),
                name="mandate_of_two_people",
                violation_error_message=_("不能委托自己。"),
            ),
            models.CheckConstraint(
                condition=Q(given_at=None) | ~Q(evidence=""),
                name="mandate_given_has_evidence",
                violation_error_message=_("委托要写明凭什么确认。"),
            ),
            models.CheckConstraint(
                condition=~Q(scopes__contains=["consent"])
                | Q(evidence__in=["notarised", "guardian"]),
                name="mandate_consent_by_listed_evidence",
                violation_error_message=_("代为同意查询，要有公证的委托书或监护证明。"),
            ),
            models.CheckConstraint(
                condition=Q(ended_at=None, ended_because="")
                | (Q(ended_at__isnull=False) & ~Q(ended_because="")),
                name="mandate_end_has_a_reason",
            ),
        ]

    def __str__(self) -> str:
        return f"mandate {self.pk}"  # no name: this ends in logs

    def save(self, *args: object, **kwargs: object) -> None:
        self.principal_number = normalise(self.principal_number)
        self.principal_index = ciphers.blind_index(self.principal_number)
        super().save(*args, **kwargs)  # type: ignore[arg-type]


class StandIn(models.Model):
    """代签: an adult cannot sign; a listed route says who signs instead and on what evidence.

    Chosen by the family or the clerk, checked by a person. What it says about health or custody is
    encrypted.
    """

    class Verdict(models.TextChoices):
        OPEN = "open", _("等工作人员核对")
        ACCEPTED = "accepted", _("已核对，按代签办理")
        RETURNED = "returned", _("材料不够，请补齐")
        TAKEN_BACK = "taken_back", _("已收回")

    member = models.ForeignKey(Member, models.CASCADE, related_name="stand_ins")
    route = EncryptedTextField()  # a code of applications/signing_routes.yaml: says how they are
    signer = models.CharField(max_length=60, blank=True)
    evidence = EncryptedTextField()  # a code of the same route
    note = EncryptedTextField(default=str, blank=True)
    seen_at_window = models.BooleanField(default=False)
    named_at = models.DateTimeField()
    named_by = models.CharField(max_length=80)
    verdict = models.CharField(max_length=10, choices=Verdict, default=Verdict.OPEN)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.CharField(max_length=80, blank=True)
    reason = EncryptedTextField(default=str, blank=True)

    class Meta:
        ordering = ["named_at"]
        constraints = [
            models.UniqueConstraint(
                fields=["member"],
                condition=Q(verdict="open"),
                name="stand_in_one_open_per_member",
                violation_error_message=_("这位家人已经在按代签办理。"),
            ),
            models.CheckConstraint(
                condition=Q(verdict="open", checked_at=None)
                | (~Q(verdict="open") & Q(checked_at__isnull=False)),
                name="stand_in_checked_has_time",
            ),
            models.CheckConstraint(
                condition=~Q(verdict="accepted") | Q(seen_at_window=True),
                name="stand_in_accepted_was_seen",
                violation_error_message=_("先看过证明原件，才能按代签办理。"),
            ),
        ]

    def __str__(self) -> str:
        return f"stand-in {self.pk}"
