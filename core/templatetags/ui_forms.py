"""Form components: a field by the design, and the linked error summary."""

from django import template
from django.utils.translation import gettext as _

register = template.Library()


@register.simple_tag
def field(bound, label=None, hint=None):
    """One bound field: label above, hint below it, error above the control.

    ``label`` and ``hint`` replace the form's own for this page.
    """
    if label is not None:
        bound.label = label
    if hint is not None:
        bound.help_text = hint
    return bound.as_field_group()


@register.inclusion_tag("components/error_summary.html")
def error_summary(form, title=""):
    """Errors of a form, each linked to its field; nothing when there are none."""
    problems = []
    for bound in form.visible_fields():
        problems += [{"href": f"#{first_control(bound)}", "text": text} for text in bound.errors]
    general = [] if not form.is_bound else form.non_field_errors()
    for bound in form.hidden_fields():
        general = [*general, *bound.errors]
    return {
        "problems": problems,
        "general": general,
        "title": title or _("请先看这几处"),
    }


def first_control(bound) -> str:
    """The id of the control that receives focus (the first of a group)."""
    return bound.id_for_label or first_of_group(bound)


def first_of_group(bound) -> str:
    widget = bound.field.widget
    if hasattr(widget, "first_id"):
        return widget.first_id(bound.auto_id)
    if hasattr(widget, "id_for_label") and hasattr(widget, "subwidgets"):
        return widget.id_for_label(bound.auto_id, "0") or bound.auto_id
    return bound.auto_id


@register.inclusion_tag("components/keypad.html")
def keypad(target, letter=""):
    """The kiosk's number keys for the box with the id ``target``.

    ``letter="X"`` puts X, the last character of some ID numbers, where 清除 would be.
    """
    return {"target": target, "keys": "123456789", "corner": letter or "clear"}
