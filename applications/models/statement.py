"""What a household says before something adverse is decided (陈述申辩)."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.identity.fields import EncryptedTextField


class Statement(models.Model):
    """What was said and how it came, or that nothing was said until the day."""

    channel = models.CharField(
        max_length=10,
        choices=[
            ("online", _("网上说明")), ("window", _("窗口说明")), ("phone", _("电话说明")),
            ("none", _("到期没有说明")),
        ],
    )  # fmt: skip
    text = EncryptedTextField()
    recorded_at = models.DateTimeField()
    recorded_by = models.CharField(max_length=80)

    class Meta:
        abstract = True
