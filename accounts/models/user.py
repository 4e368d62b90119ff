"""The account behind a session, whoever the person is."""

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock

if TYPE_CHECKING:
    from accounts.models.people import Citizen, Staff


class UserManager(BaseUserManager["User"]):
    """Makes accounts; a citizen's has no password."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "User":
        """An account of the given ``kind``; without a password it cannot sign in by one."""
        user = self.model(username=username, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user


class User(AbstractBaseUser):
    """账号: one account, of a citizen or of a member of staff, never both."""

    class Kind(models.TextChoices):
        CITIZEN = "citizen", _("群众")
        STAFF = "staff", _("工作人员")

    # A citizen's name for the system is random: neither ID number nor name stands in it.
    username = models.CharField(_("用户名"), max_length=64, unique=True)
    kind = models.CharField(_("类别"), max_length=8, choices=Kind.choices)
    is_active = models.BooleanField(_("启用"), default=True)
    created_at = models.DateTimeField(_("创建时间"), default=clock.now)
    # Names the one session in force. A newer sign-in writes another, and the older one ends.
    session_mark = models.CharField(max_length=32, blank=True, editable=False)

    objects = UserManager()

    # masked name of the person acted for in one request (代办); set by who knows mandates
    acts_for = ""

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="user_kind_known",
                condition=models.Q(kind__in=["citizen", "staff"]),
                violation_error_message=_("账号要么属于群众，要么属于工作人员。"),
            )
        ]

    def __str__(self) -> str:
        return self.display_name

    @property
    def is_citizen(self) -> bool:
        """Whether the account is a citizen's."""
        return self.kind == self.Kind.CITIZEN

    @property
    def is_staff_member(self) -> bool:
        """Whether the account is that of a member of staff."""
        return self.kind == self.Kind.STAFF

    @property
    def as_staff(self) -> "Staff | None":
        """The member of staff, or None."""
        return getattr(self, "staff", None) if self.is_staff_member else None

    @property
    def as_citizen(self) -> "Citizen | None":
        """The citizen, or None."""
        return getattr(self, "citizen", None) if self.is_citizen else None

    @property
    def display_name(self) -> str:
        """The name the person sees of themselves."""
        person = self.as_staff or self.as_citizen
        return person.name if person else self.username

    @property
    def audit_kind(self) -> str:
        """What kind of actor the audit log notes."""
        return self.kind

    @property
    def audit_label(self) -> str:
        """How the audit log calls the person; never an ID number."""
        person = self.as_staff or self.as_citizen
        label = person.audit_label if person else self.username
        return f"{label}（代{self.acts_for}办理）" if self.acts_for else label
