"""What a home costs a household a month: area × market rent × the tier's coefficient."""

from datetime import date
from decimal import ROUND_HALF_UP, Decimal

from django.utils.translation import gettext_lazy as _

from allocation.models import Home
from applications import releases
from applications.eligibility.policy import Policy
from core.workflow import Refusal

_FEN = Decimal("0.01")


class NoRentStandard(Refusal):
    """The estate has no market rent in force on that day."""


def rent_for(home: Home, tier: str, on: date) -> Decimal:
    """Rent in yuan a month for a tier on a day, rounded half up to a fen (令11号 §19–20).

    Raises NoRentStandard, and KeyError for a tier without a coefficient.
    """
    share = policy_on(on).value("rent.coefficient", on)[tier]
    return rounded(home.area * market_rent(home, on) * share)


def rounded(amount: Decimal) -> Decimal:
    """Yuan, half up to a fen."""
    return amount.quantize(_FEN, ROUND_HALF_UP)


def market_rent(home: Home, on: date) -> Decimal:
    """The estate's market rent in yuan a square metre and month on a day."""
    standard = home.estate.rent_standards.filter(starts_on__lte=on).first()
    if standard is None:
        raise NoRentStandard(
            _("%(estate)s没有这一天的租金标准，请先录入。") % {"estate": home.estate.name}
        )
    return standard.per_square_metre


def policy_on(day: date) -> Policy:
    """The policy pack in force on a day."""
    return releases.in_force(day)
