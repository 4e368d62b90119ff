"""The offices that work on a case."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts import bureau_list
from accounts.roles import BureauKind


class BureauQuerySet(models.QuerySet["Bureau"]):
    """Bureaus by kind and by area."""

    def streets(self) -> "BureauQuerySet":
        """The 25 streets and towns."""
        return self.filter(kind=BureauKind.STREET)

    def of_kind(self, kind: str) -> "BureauQuerySet":
        """The bureaus of one kind."""
        return self.filter(kind=kind)

    def of_area(self, area_code: str) -> "Bureau | None":
        """The street of a statistical code of 9 or more digits; None outside the district."""
        return self.streets().filter(area_code=area_code[:9]).first()

    def ensure_all(self) -> None:
        """Writes the bureaus of `accounts.bureau_list`; safe to repeat."""
        rows: list[Any] = [
            Bureau(
                code=entry.code,
                name=entry.name,
                kind=entry.kind,
                area_code=entry.area_code,
                flagged_jurisdiction=bool(entry.jurisdiction),
                jurisdiction=entry.jurisdiction,
            )
            for entry in bureau_list.entries()
        ]
        told = ["name", "kind", "area_code", "flagged_jurisdiction", "jurisdiction"]
        self.bulk_create(rows, update_conflicts=True, unique_fields=["code"], update_fields=told)


class Bureau(models.Model):
    """单位: a street, a department, the housing centre or the operating company."""

    code = models.CharField(_("代码"), max_length=32, unique=True)
    name = models.CharField(_("名称"), max_length=64)
    kind = models.CharField(_("类别"), max_length=32, choices=BureauKind.choices)
    area_code = models.CharField(
        _("统计用区划代码"), max_length=9, null=True, blank=True, unique=True
    )
    flagged_jurisdiction = models.BooleanField(_("由其他管委会管理"), default=False)
    jurisdiction = models.CharField(_("实际管理单位"), max_length=64, blank=True)

    objects = BureauQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(
                name="bureau_street_has_area",
                condition=Q(kind=BureauKind.STREET, area_code__isnull=False)
                | (~Q(kind=BureauKind.STREET) & Q(area_code__isnull=True)),
                violation_error_message=_("镇街要有区划代码，其他单位没有。"),
            ),
            models.CheckConstraint(
                name="bureau_flag_names_jurisdiction",
                condition=Q(flagged_jurisdiction=False, jurisdiction="")
                | (Q(flagged_jurisdiction=True) & ~Q(jurisdiction="")),
                violation_error_message=_("由其他管委会管理的镇街要写明是谁。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name
