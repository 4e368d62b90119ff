"""``{% load family %}``: for whom this page is (代办), said on every page of a citizen."""

from typing import Any

from django import template

register = template.Library()


@register.inclusion_tag("my/helpers/_banner.html", takes_context=True)
def acting_banner(context: template.Context) -> dict[str, Any]:
    """「您正在代某某办理」, or that this page is the helper's own; nothing for everybody else."""
    request = context.get("request")
    mandate, theirs = getattr(request, "acting_banner", (None, False))
    return {"mandate": mandate, "theirs": theirs, "csrf_token": context.get("csrf_token", "")}
