"""Due dates on pages: marked where the calendar of their year is not published (暂定)."""

from datetime import date

from django import template

from applications import deadlines

register = template.Library()


@register.filter
def due(value: date | None) -> str:
    """2027年1月20日（星期三）, with （暂定） behind it where it may still move."""
    return deadlines.told(value)


@register.filter
def due_short(value: date | None) -> str:
    """As ``due``, without the weekday."""
    return deadlines.told_short(value)
