"""A change of the rules on its way into force (政策发布)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from applications import states
from core.workflow import StateTable


class PolicyRelease(models.Model):
    """政策包发布: drafted by one person, previewed over all cases, put into force by another.

    The text is a policy pack; what is released is never edited again, only followed by a later one.
    """

    STATES: ClassVar[StateTable] = states.RELEASE

    code = models.CharField(_("政策包编号"), max_length=40)
    title = models.CharField(_("名称"), max_length=120)
    text = models.TextField(_("内容"))
    digest = models.CharField(max_length=64)
    effective_on = models.DateField(_("生效日期"))
    reason = models.TextField(_("为什么改"), max_length=400)
    state = models.CharField(
        max_length=10, choices=states.RELEASE.choices, default=states.RELEASE_DRAFT
    )
    state_since = models.DateTimeField()
    drafted_by = models.ForeignKey(User, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    decided_by = models.ForeignKey(User, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    note = models.TextField(blank=True)  # why it was sent back or withdrawn
    # the preview belongs to the text with this digest; counts while it runs, then the result
    preview_of = models.CharField(max_length=64, blank=True)
    preview_done = models.PositiveIntegerField(default=0)
    preview_total = models.PositiveIntegerField(default=0)
    preview_at = models.DateTimeField(null=True)
    preview = models.JSONField(null=True)

    class Meta:
        verbose_name = _("政策包发布")
        verbose_name_plural = _("政策包发布")
        ordering = ["-effective_on", "-id"]
        constraints = [
            models.UniqueConstraint(
                fields=["code"],
                condition=~models.Q(state=states.RELEASE_WITHDRAWN),
                name="release_code_once",
                violation_error_message=_("这个政策包编号已经用过。"),
            ),
            models.UniqueConstraint(
                fields=["effective_on"],
                condition=models.Q(state=states.RELEASE_RELEASED),
                name="release_one_a_day",
                violation_error_message=_("这一天已经有一个政策包生效。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.RELEASE_RELEASED)
                | (
                    models.Q(decided_by__isnull=False)
                    & ~models.Q(decided_by=models.F("drafted_by"))
                ),
                name="release_by_two_people",
                violation_error_message=_("政策包由一人起草、另一人批准。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.state}"

    @property
    def is_previewed(self) -> bool:
        """Whether a finished preview belongs to the text as it stands."""
        return self.preview is not None and self.preview_of == self.digest
