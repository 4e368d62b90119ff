"""How facts are written for people: dates, money, areas, counts, masked numbers.

Pure formatting, shared by templates (the filters of the ``ui`` library) and by
sentences built in Python. Yuan and square metres are Decimal; dates are local.
"""

import datetime as dt
from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal

from django.utils import formats, timezone
from django.utils.translation import get_language, pgettext
from django.utils.translation import gettext as _

SMALL = 5  # a smaller group is not counted out
NOTHING = "—"
_CENT = Decimal("0.01")


def _local(moment):
    """The moment in Asia/Shanghai; a plain date stays as it is."""
    if isinstance(moment, dt.datetime) and timezone.is_aware(moment):
        return timezone.localtime(moment)
    return moment


def day(value) -> str:
    """2026年12月3日（星期四）."""
    if not value:
        return NOTHING
    return formats.date_format(_local(value), pgettext("date format", "Y年n月j日（l）"))


def day_short(value) -> str:
    """2026年12月3日, where the weekday says nothing (births, past events, tables)."""
    if not value:
        return NOTHING
    return formats.date_format(_local(value), pgettext("date format", "Y年n月j日"))


def day_time(value) -> str:
    """2026年12月3日（星期四）17:00."""
    if not value:
        return NOTHING
    return formats.date_format(_local(value), pgettext("date format", "Y年n月j日（l）H:i"))


def clock_time(value) -> str:
    """09:12."""
    return formats.date_format(_local(value), "H:i") if value else NOTHING


def month(value) -> str:
    """2026年12月."""
    if not value:
        return NOTHING
    return formats.date_format(_local(value), pgettext("date format", "Y年n月"))


def listed(words: Iterable[object]) -> str:
    """甲、乙、丙."""
    return pgettext("between words", "、").join(map(str, words))


def _fixed(value) -> str:
    amount = Decimal(str(value)).quantize(_CENT, rounding=ROUND_HALF_UP)
    return f"{amount:,.2f}"


def money(value) -> str:
    """137.50元 (two decimals, thousands separated)."""
    if value in (None, ""):
        return NOTHING
    return _("%(amount)s元") % {"amount": _fixed(value)}


def rent(value) -> str:
    """137.50元/月."""
    if value in (None, ""):
        return NOTHING
    return _("%(amount)s元/月") % {"amount": _fixed(value)}


def area(value) -> str:
    """29.83平方米 (in sentences and lists)."""
    if value in (None, ""):
        return NOTHING
    return _("%(area)s平方米") % {"area": _fixed(value)}


def area_short(value) -> str:
    """29.83㎡ (in tables and on plates)."""
    return NOTHING if value in (None, "") else f"{_fixed(value)}㎡"


def count(value) -> str:
    """12,480."""
    return NOTHING if value in (None, "") else f"{value:,}"


def few(value: int) -> str:
    """A count of households as it may be shown: a group under five would point at its members."""
    return count(value) if value == 0 or value >= SMALL else f"<{SMALL}"


def wan(value) -> str:
    """1.2万 from 10,000 on; smaller counts whole, and in English every count."""
    if value in (None, ""):
        return NOTHING
    if abs(value) < 10_000 or (get_language() or "").startswith("en"):
        return f"{value:,}"
    tenths = (Decimal(value) / 10_000).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    return f"{tenths}万"


def percent(value) -> str:
    """98.6% from a share between 0 and 1."""
    if value in (None, ""):
        return NOTHING
    share = (Decimal(str(value)) * 100).quantize(Decimal("0.1"), rounding=ROUND_HALF_UP)
    return f"{share}%"
