"""The app of people, bureaus and sign-in."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """人员与登录."""

    name = "accounts"
    default_auto_field = "django.db.models.BigAutoField"
    verbose_name = _("人员与登录")
