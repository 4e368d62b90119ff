"""The sum of a rent, line by line: area × market rent × coefficient, each with source and date."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext as _

from allocation import rents
from allocation.models import Home
from core import display

COEFFICIENT = "rent.coefficient"


@dataclass(frozen=True)
class RentSum:
    """One home's rent for one tier on one day; yuan a month, square metres."""

    area: Decimal
    market: Decimal
    market_since: date
    market_source: str
    tier: str
    share: Decimal
    share_source: str
    monthly: Decimal
    on: date

    def kept(self) -> dict[str, str]:
        """The sum as it is kept in a signed text."""
        return {
            "area": f"{self.area:.2f}",
            "market": f"{self.market:.2f}",
            "market_since": self.market_since.isoformat(),
            "market_source": self.market_source,
            "tier": self.tier,
            "share": str(self.share),
            "share_source": self.share_source,
            "monthly": f"{self.monthly:.2f}",
            "on": self.on.isoformat(),
        }


def of(home: Home, tier: str, on: date) -> RentSum:
    """The sum by the policy and the estate's standard of a day (令11号 §19–20).

    Raises NoRentStandard, and KeyError for a tier without a coefficient.
    """
    monthly = rents.rent_for(home, tier, on)
    standard = home.estate.rent_standards.filter(starts_on__lte=on).first()
    assert standard is not None  # rent_for has refused a day without one
    policy = rents.policy_on(on)
    return RentSum(
        area=home.area,
        market=standard.per_square_metre,
        market_since=standard.starts_on,
        market_source=standard.source,
        tier=tier,
        share=Decimal(str(policy.value(COEFFICIENT, on)[tier])),
        share_source=policy.citation(COEFFICIENT, on),
        monthly=monthly,
        on=on,
    )


def at(home: Home, tier: str, on: date) -> RentSum | None:
    """The sum of a day; None where the estate has no standard or the tier no coefficient."""
    try:
        return of(home, tier, on)
    except (rents.NoRentStandard, KeyError):
        return None


def read(kept: dict[str, str]) -> RentSum:
    """A sum as it stands in a signed text."""
    return RentSum(
        area=Decimal(kept["area"]),
        market=Decimal(kept["market"]),
        market_since=date.fromisoformat(kept["market_since"]),
        market_source=kept["market_source"],
        tier=kept["tier"],
        share=Decimal(kept["share"]),
        share_source=kept["share_source"],
        monthly=Decimal(kept["monthly"]),
        on=date.fromisoformat(kept["on"]),
    )


def lines(rent: RentSum) -> list[dict[str, Any]]:
    """The lines of the sum for a paper: word, value, note with source and date."""
    rows = _rows(rent)
    return [
        one | {"note": " · ".join(part for part in (one["source"], one["note"]) if part)}
        for one in rows
    ]


def page_lines(rent: RentSum) -> list[dict[str, Any]]:
    """The same for a page: the source is Chinese, whatever the language of the page."""
    return [
        one | {"note": format_html('<span lang="zh-Hans">{}</span> {}', one["source"], one["note"])}
        if one["source"]
        else one
        for one in _rows(rent)
    ]


def _rows(rent: RentSum) -> list[dict[str, Any]]:
    return [
        {"word": _("建筑面积"), "value": display.area(rent.area), "source": "", "note": ""},
        {
            "word": _("市场租金"),
            "value": _("%(sum)s每平方米每月") % {"sum": display.money(rent.market)},
            "source": rent.market_source,
            "note": _("从%(day)s起") % {"day": display.day_short(rent.market_since)},
        },
        {
            "word": _("租金系数"),
            "value": display.percent(rent.share),
            "source": rent.share_source,
            "note": _("按%(day)s的政策") % {"day": display.day_short(rent.on)},
        },
        {
            "word": _("每月租金"),
            "value": display.rent(rent.monthly),
            "source": "",
            "note": f"{rent.area:.2f} × {rent.market:.2f} × {rent.share}",
        },
    ]


def written(rent: RentSum) -> list[str]:
    """The lines as sentences of a clause."""
    return [
        _("%(word)s：%(value)s（%(note)s）") % one
        if one["note"]
        else _("%(word)s：%(value)s") % one
        for one in lines(rent)
    ]


def tiers(on: date) -> list[str]:
    """The tiers that have a coefficient on a day."""
    return list(rents.policy_on(on).value(COEFFICIENT, on))
