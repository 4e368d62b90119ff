"""Citizens and members of staff."""

import uuid

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models.bureau import Bureau
from accounts.models.user import User
from accounts.roles import GUARDIANS, Role
from core.identity.ciphers import blind_index
from core.identity.fields import EncryptedTextField
from core.identity.masking import mask_id, mask_name, mask_phone
from core.identity.numbers import normalise


class CitizenQuerySet(models.QuerySet["Citizen"]):
    """Citizens by ID number, through the blind index."""

    def with_number(self, id_number: str) -> "Citizen | None":
        """The citizen with this ID number, however it is spelled, or None."""
        return self.filter(id_index=blind_index(id_number)).select_related("user").first()

    def ensure(
        self, *, name: str, id_number: str, phone: str = "", authlevel: int = 3
    ) -> "Citizen":
        """The citizen with this ID number, made if missing.

        Name, phone and level are brought up to date; an empty phone leaves the known one. The
        caller holds the transaction and, where two may race, the advisory lock.
        """
        citizen = self.with_number(id_number)
        if citizen is None:
            user = User.objects.create_user(f"c-{uuid.uuid4().hex}", kind=User.Kind.CITIZEN)
            citizen = Citizen(user=user, id_number=normalise(id_number))
        citizen.name, citizen.authlevel = name, authlevel
        citizen.phone = phone or citizen.phone
        citizen.save()
        return citizen


class Citizen(models.Model):
    """群众: a person as the province's sign-in vouches for them."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="citizen")
    name = models.CharField(_("姓名"), max_length=64)
    id_number = EncryptedTextField(_("证件号码"))
    id_index = models.CharField(max_length=64, unique=True, editable=False)
    phone = EncryptedTextField(_("手机号码"), default=str, blank=True)
    authlevel = models.PositiveSmallIntegerField(_("实名等级"), default=3)

    objects = CitizenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="citizen_authlevel_known",
                condition=Q(authlevel__in=[1, 2, 3]),
                violation_error_message=_("实名等级只有1、2、3。"),
            )
        ]

    def __str__(self) -> str:
        return self.audit_label

    def save(self, *args: object, **kwargs: object) -> None:
        """Keeps the blind index in step with the number."""
        self.id_number = normalise(self.id_number)
        self.id_index = blind_index(self.id_number)
        super().save(*args, **kwargs)  # type: ignore[arg-type]

    @property
    def masked_id(self) -> str:
        """The ID number as its owner may see it on a page."""
        return mask_id(self.id_number)

    @property
    def masked_phone(self) -> str:
        """The phone number as its owner may see it on a page."""
        return mask_phone(self.phone) if self.phone else ""

    @property
    def audit_label(self) -> str:
        """The masked name."""
        return mask_name(self.name)


class Staff(models.Model):
    """工作人员: a person who works for a bureau, and what they are trusted to do there."""

    user = models.OneToOneField(User, on_delete=models.PROTECT, related_name="staff")
    name = models.CharField(_("姓名"), max_length=64)
    bureau = models.ForeignKey(
        Bureau, on_delete=models.PROTECT, related_name="staff", verbose_name=_("单位")
    )
    roles = ArrayField(
        models.CharField(max_length=16, choices=Role.choices), verbose_name=_("岗位")
    )
    # Blind index of the person's own ID number: tells that a case is about themselves or their kin.
    id_index = models.CharField(max_length=64, null=True, blank=True, unique=True)

    class Meta:
        verbose_name_plural = "staff"
        constraints = [
            models.CheckConstraint(
                name="staff_has_a_role",
                condition=Q(roles__len__gte=1),
                violation_error_message=_("工作人员至少要有一个岗位。"),
            ),
            models.CheckConstraint(
                name="staff_guardians_apart",
                condition=~Q(roles__overlap=list(GUARDIANS)) | Q(roles__len=1),
                violation_error_message=_("系统、安全、审计三员互相分开，也不兼办业务。"),
            ),
        ]

    def __str__(self) -> str:
        return self.audit_label

    @property
    def audit_label(self) -> str:
        """Name and bureau, as the audit log and a case's timeline show them."""
        return f"{self.name} ({self.bureau.name})"

    @property
    def role_names(self) -> list[str]:
        """The Chinese (or translated) names of the roles, in the order of Role."""
        return [str(role.label) for role in Role if role in self.roles]
