"""``{% load ui %}``: everything a page author uses. See templates/components/README.md."""

from django import template

from core import context, display
from core.identity import masking
from core.templatetags import ui_case, ui_forms, ui_marks, ui_staff, ui_terms

register = template.Library()

for part in (ui_marks, ui_forms, ui_case, ui_staff, ui_terms):
    register.tags.update(part.register.tags)

for name in (
    "day",
    "day_short",
    "day_time",
    "clock_time",
    "month",
    "money",
    "rent",
    "area",
    "area_short",
    "count",
    "wan",
    "percent",
    "listed",
):
    register.filter(name, getattr(display, name))

# a link to a page that this installation does not have is not shown
register.filter("answered", context.answered)

for name in ("mask_name", "mask_id", "mask_id_strong", "mask_phone", "group_id"):
    register.filter(name, getattr(masking, name))
