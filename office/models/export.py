"""Lists taken out of the platform as files (导出)."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from core.workflow import StateTable
from office import states


class Export(models.Model):
    """One file asked for by one person for one purpose (导出): made in the background, sealed on
    disk, gone after some days."""

    STATES: ClassVar[StateTable] = states.EXPORT

    class Kind(models.TextChoices):
        QUEUE = "queue", _("待办任务")
        CASES = "cases", _("办件清单")
        RENTS = "rents", _("租金清单")
        RECHECKS = "rechecks", _("年度复核清单")

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel"

    kind = models.CharField(max_length=10, choices=Kind)
    format = models.CharField(max_length=5, choices=Format)
    query = models.JSONField(default=dict)  # the filters of the list, as in its address
    title = models.CharField(max_length=200)  # the list and its filters in words
    purpose = models.CharField(max_length=200)
    asked_by = models.ForeignKey(Staff, models.PROTECT, related_name="exports")
    asked_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=states.EXPORT.choices, default=states.EXPORT_WAITING
    )
    state_since = models.DateTimeField()
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    moved_at = models.DateTimeField()  # the last sign of life of its worker
    attempt = models.PositiveSmallIntegerField(default=0)  # an older worker stops at a newer one
    file = models.CharField(max_length=40, blank=True, default="")
    size = models.PositiveBigIntegerField(default=0)  # bytes as downloaded
    digest = models.CharField(max_length=64, blank=True, default="")  # SHA-256 as downloaded
    expires_at = models.DateTimeField(null=True)
    downloads = models.PositiveIntegerField(default=0)

    class Meta:
        verbose_name = _("导出")
        verbose_name_plural = _("导出")
        ordering = ["-id"]
        indexes = [models.Index(fields=["asked_by", "-id"], name="export_of_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["asked_by"],
                condition=models.Q(state__in=[states.EXPORT_WAITING, states.EXPORT_RUNNING]),
                name="export_one_at_a_time",
                violation_error_message=_("您有一份导出正在生成，请等它完成或者先取消。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(purpose=""),
                name="export_has_purpose",
                violation_error_message=_("导出要写明用途。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.EXPORT_READY)
                | ~models.Q(file="") & models.Q(expires_at__isnull=False),
                name="export_ready_has_file",
                violation_error_message=_("已生成的导出要有文件和到期时间。"),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind}.{self.format}"

    @property
    def case_no(self) -> str:
        return ""  # of many cases
