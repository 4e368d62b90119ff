"""Who must keep away from which case (回避): people named in registers, declared kin, own word."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications.models.application import Application
from core.identity.fields import EncryptedTextField


class NamedPerson(models.Model):
    """登记中的人: somebody whom a register names about a household, by blind index alone.

    Filled where answers are kept; people of the same 户 and spouses, also those outside the case.
    """

    application = models.ForeignKey(Application, models.CASCADE, related_name="named_people")
    person_index = models.CharField(max_length=64)
    source = models.CharField(max_length=30)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_index", "application", "source"], name="named_once_a_source"
            )
        ]


class Kin(models.Model):
    """申报的亲属: a relative that a member of staff declared; no name and no number is kept."""

    class Relation(models.TextChoices):
        SPOUSE = "spouse", _("配偶")
        PARENT = "parent", _("父母、养父母、继父母")
        CHILD = "child", _("子女、养子女、继子女")
        SIBLING = "sibling", _("兄弟姐妹")
        GRANDPARENT = "grandparent", _("祖父母、外祖父母")
        GRANDCHILD = "grandchild", _("孙子女、外孙子女")
        COLLATERAL = "collateral", _("三代以内旁系血亲")
        IN_LAW = "in_law", _("近姻亲")
        OTHER = "other", _("其他可能影响公正办理的关系")

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="kin")
    person_index = models.CharField(max_length=64, db_index=True)
    relation = models.CharField(max_length=12, choices=Relation)
    declared_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["declared_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "person_index"],
                condition=models.Q(ended_at__isnull=True),
                name="kin_declared_once",
                violation_error_message=_("这位亲属您已经申报过。"),
            )
        ]


class Recusal(models.Model):
    """回避: that a person keeps away from a case, and why; never taken back by the person alone."""

    class Cause(models.TextChoices):
        OWN_WORD = "own_word", _("本人申请回避")
        MEMBER = "member", _("本人是家庭成员")
        REGISTER = "register", _("登记中有本人")
        KIN = "kin", _("申报的亲属在办件中")

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="recusals")
    application = models.ForeignKey(Application, models.CASCADE, related_name="recusals")
    cause = models.CharField(max_length=10, choices=Cause)
    reason = EncryptedTextField(blank=True, default="")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "application"], name="recusal_once_a_case",
                violation_error_message=_("您已经对这个办件申请过回避。"),
            )
        ]  # fmt: skip
