"""Estates, homes and what a square metre costs."""

from typing import ClassVar

import pgtrigger
from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau
from allocation import states
from core.workflow import StateTable

# draw-protocol 1: what may stand in a public bundle
public_code = RegexValidator(
    r"\A[A-Za-z0-9/_.-]{1,64}\Z", _("只能用字母、数字和 / _ . -，最多64个字符。")
)


class Estate(models.Model):
    """A housing estate (小区、项目)."""

    code = models.CharField(max_length=30, unique=True, validators=[public_code])
    name = models.CharField(max_length=60)
    address = models.CharField(max_length=200)
    street = models.ForeignKey(Bureau, models.PROTECT, related_name="+")
    phone = models.CharField(max_length=20)
    # where it is, for who has no map at hand; empty while nobody has written it down
    latitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)  # degrees, WGS 84
    longitude = models.DecimalField(max_digits=9, decimal_places=6, null=True)
    metro = models.CharField(max_length=100, blank=True)
    bus = models.CharField(max_length=200, blank=True)
    way = models.CharField(max_length=300, blank=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(latitude__isnull=True, longitude__isnull=True)
                | models.Q(
                    latitude__isnull=False,
                    latitude__gte=18,
                    latitude__lte=54,
                    longitude__isnull=False,
                    longitude__gte=73,
                    longitude__lte=136,
                ),
                name="estate_stands_in_the_country",
                violation_error_message=_("经纬度要成对填写，单位是度，先纬度后经度。"),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class RentStandard(models.Model):
    """The market rent from which a rent is computed (租金标准): 元/㎡·month, from a date."""

    estate = models.ForeignKey(Estate, models.CASCADE, related_name="rent_standards")
    starts_on = models.DateField()
    per_square_metre = models.DecimalField(max_digits=6, decimal_places=2)
    source = models.CharField(max_length=200)
    set_by = models.CharField(max_length=80, blank=True)
    set_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-starts_on"]
        constraints = [
            models.UniqueConstraint(fields=["estate", "starts_on"], name="rent_standard_once"),
            models.CheckConstraint(
                condition=models.Q(per_square_metre__gt=0), name="rent_standard_positive"
            ),
        ]
        triggers = [
            # rents were computed from it: a new one from a later day, never another past
            pgtrigger.Protect(name="never_rewritten", operation=pgtrigger.Update),
        ]


class HomeQuerySet(models.QuerySet["Home"]):
    """Homes by what may be done with them."""

    def to_let(self) -> "HomeQuerySet":
        """Fit to let now: inspected, and neither in repair, held back nor given."""
        return self.filter(state=states.H_AVAILABLE)


class Home(models.Model):
    """A home to let (房源)."""

    STATES: ClassVar[StateTable] = states.HOME

    code = models.CharField(max_length=64, unique=True, validators=[public_code])
    estate = models.ForeignKey(Estate, models.PROTECT, related_name="homes")
    building = models.CharField(max_length=10)
    unit = models.CharField(max_length=10)
    room = models.CharField(max_length=10)
    floor = models.SmallIntegerField()
    unit_type = models.CharField(max_length=4)  # 1R, 2R, 3R
    area = models.DecimalField(max_digits=6, decimal_places=2)  # ㎡
    orientation = models.CharField(max_length=10, blank=True)
    accessible = models.BooleanField(default=False)
    state = models.CharField(max_length=12, choices=states.HOME.choices, default=states.H_AVAILABLE)
    state_since = models.DateTimeField()
    # where it came by a file, so that the file can be taken back while none of its homes was used
    source_import = models.ForeignKey(
        "allocation.HomeImport", models.PROTECT, null=True, related_name="homes"
    )

    objects = HomeQuerySet.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.CheckConstraint(condition=models.Q(area__gt=0), name="home_area_positive"),
            models.UniqueConstraint(
                fields=["estate", "building", "unit", "room"], name="home_once_per_address"
            ),
        ]
        indexes = [
            models.Index(fields=["estate", "state"]),
            models.Index(fields=["state", "code"], name="homes_by_state"),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="not_while_held",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(new__state__in=["in_round", "offered", "let"]),
                func="""
                    IF EXISTS (SELECT 1 FROM allocation_homehold
                               WHERE home_id = NEW.id AND ended_at IS NULL) THEN
                        RAISE EXCEPTION 'home % is in repair or held back', NEW.code;
                    END IF;
                    RETURN NEW;
                """,
            ),
        ]

    def __str__(self) -> str:
        return self.code
