"""Dry run and pace in words (试算、进度的说法)."""

import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from applications.models.application import Category
from datashare import catalogue
from renewal import call_costs, campaign_list
from renewal.estimates import Estimate, Part
from renewal.models import Campaign
from renewal.progress import Progress


@dataclass(frozen=True)
class Line:
    """One register of a dry run, or what it was asked in the end."""

    name: str
    calls: int
    rate: float
    daily: int
    time: str
    days: int
    cost: Decimal
    verified: bool
    limits: bool  # sets the pace


def lines(found: Estimate) -> list[Line]:
    """A dry run register by register, the one that sets the pace first."""
    slowest = found.limiting
    return [_line(one, one is slowest) for one in found.parts]


def _line(part: Part, limits: bool) -> Line:
    return Line(
        name=source_name(part.source), calls=part.calls, rate=part.rate, daily=part.daily,
        time=lasting(part.seconds), days=part.days, cost=part.cost, verified=part.verified,
        limits=limits,
    )  # fmt: skip


def source_name(code: str) -> str:
    """A register's name in the language of the page."""
    try:
        return catalogue.entry(code).named_in(get_language() or "")
    except KeyError:
        return code


def cost_of(calls: dict[str, int]) -> Decimal:
    """Yuan for so many calls of each register."""
    return sum((n * call_costs.of(code).yuan for code, n in calls.items()), Decimal(0))


def lasting(seconds: float | None) -> str:
    """A stretch of time as people say it; empty where it is not known."""
    if seconds is None or math.isinf(seconds):
        return ""
    minutes = math.ceil(seconds / 60)
    if minutes < 60:
        return ngettext("约%(n)s分钟", "约%(n)s分钟", minutes) % {"n": max(1, minutes)}
    hours = round(seconds / 3600, 1)
    return _("约%(n)s小时") % {"n": f"{hours:g}"}


def time_left(done: Progress) -> str:
    """How long it still takes at the pace of the last minutes; empty where nothing moves."""
    return lasting(done.seconds_left)


def scope(campaign: Campaign) -> list[Any]:
    """Whom a campaign looks at, in words."""
    words: list[Any] = [campaign.get_population_display()]
    if campaign.street:
        words.append(campaign.street.name)
    if campaign.category:
        words.append(dict(Category.choices).get(campaign.category, campaign.category))
    if campaign.limit:
        words.append(_("最多%(n)s户") % {"n": campaign.limit})
    if campaign.elsewhere:
        words.append(_("%(n)s户在别的复核里，没有列入") % {"n": campaign.elsewhere})
    return words


tier_word = campaign_list.tier_word
