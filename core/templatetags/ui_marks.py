"""Small marks and frames: icon, state mark, tag, plate, button, notice, panel."""

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.templatetags.static import static
from django.utils.html import format_html
from django.utils.translation import gettext as _

register = template.Library()

# A mark differs by shape, colour and word; verdicts are accepted by their own names.
MARKS = {
    "PASS": "met",
    "FAIL": "unmet",
    "UNKNOWN": "unknown",
    "done": "met",
    "waiting": "paused",
    "now": "current",
}
SHAPES = {"met", "unmet", "unknown", "paused", "current", "later"}

# 进 办 等 成 止: the five tones of a state tag (words before colours).
TONES = {
    "going": "progress",
    "进": "progress",
    "办": "yours",
    "等": "waiting",
    "成": "done",
    "止": "ended",
}


# django.contrib.messages levels, in the tones of a notice
NOTICE_TONES = {"success": "good", "warning": "caution", "error": "stop", "debug": "info"}


def tone_class(tone) -> str:
    return TONES.get(str(tone), str(tone) or "progress")


def mark_shape(kind) -> str:
    shape = MARKS.get(str(kind), str(kind))
    return shape if shape in SHAPES else "unknown"


def _words():
    return {
        "met": _("符合"),
        "unmet": _("不符"),
        "unknown": _("未知"),
        "paused": _("暂停"),
        "current": _("进行中"),
        "later": _("以后"),
    }


@register.simple_tag
def office_phone():
    """The line that people call (`{% office_phone as line %}`): one number on every page."""
    return settings.OFFICE_PHONE


@register.simple_tag
def icon(name, label="", size=""):
    """One icon of the sprite; decorative unless it has a label."""
    href = f"{static('icons/sprite.svg')}#{name}"
    classes = f"yz-icon yz-icon-{size}" if size else "yz-icon"
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}"><use href="{}"></use></svg>',
            classes,
            label,
            href,
        )
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}"></use></svg>',
        classes,
        href,
    )


@register.inclusion_tag("components/state_mark.html")
def state_mark(kind, word=None, quiet=False):
    """Disc ✓, square ✕, dashed ring ?, two bars, ring with dot, hollow ring; with its word.

    ``word=None`` takes the standard word; ``quiet=True`` hides it visually only.
    """
    shape = mark_shape(kind)
    return {"shape": shape, "word": _words()[shape] if word is None else word, "quiet": quiet}


@register.inclusion_tag("components/tag.html")
def tag(word, tone="going"):
    """A state's word, at most six characters, in one of five tones."""
    return {"word": word, "tone": tone_class(tone)}


@register.inclusion_tag("components/tag.html")
def state_tag(state):
    """The tag of a ``core.workflow.State`` (its word and tone)."""
    return {"word": state.tag, "tone": tone_class(state.tone)}


@register.inclusion_tag("components/plate.html")
def plate(number, label="", size="", note=""):
    """门牌: case number, ticket or home number. Sizes: small, (normal), large."""
    return {"number": number, "label": label, "size": size, "note": note}


@register.inclusion_tag("components/button.html")
def button(
    text,
    kind="primary",
    href="",
    name="",
    value="",
    icon="",
    form="",
    type="submit",
    disabled="",
    id="",
):
    """A button, or a link that looks like one when ``href`` is given.

    Kinds: primary (one a page), secondary, quiet, accent (请您办理), danger.
    ``disabled`` is the reason, shown beside the button; without a reason nothing is disabled.
    """
    return {
        "text": text,
        "kind": kind,
        "href": href,
        "name": name,
        "value": value,
        "icon_name": icon,
        "form_id": form,
        "type": type,
        "disabled": disabled,
        "id": id,
    }


@register.inclusion_tag("components/back_link.html")
def back_link(href, text=""):
    return {"href": href, "text": text or _("返回")}


@register.inclusion_tag("components/service_line.html")
def service_line(phone="", office="", hours=""):
    """Who to call, with hours; defaults are the district centre's."""
    return {"phone": phone or settings.OFFICE_PHONE, "office": office, "hours": hours}


@register.inclusion_tag("components/skeleton.html")
def skeleton(lines=3, label=""):
    """Grey lines that appear after 400 ms while htmx is loading."""
    return {"lines": range(int(lines)), "label": label or _("正在读取")}


@register.inclusion_tag("components/copy.html")
def copy_text(text, label=""):
    """The text with a button that copies it (the button appears with JavaScript)."""
    return {"text": text, "label": label or _("复制")}


@register.simple_block_tag(end_name="endnotice")
def notice(content, tone="info", title="", role=""):
    """A message in the page. Tones: info, good, caution, stop, waiting."""
    return render_to_string(
        "components/notice.html",
        {
            "content": content,
            "tone": NOTICE_TONES.get(tone, tone),
            "title": title,
            "role": role,
        },
    )


@register.simple_block_tag(end_name="endpanel")
def panel(content, title="", level=2, id=""):
    """One white surface with an optional heading. Never a panel in a panel."""
    return render_to_string(
        "components/panel.html",
        {"content": content, "title": title, "level": level, "id": id},
    )


@register.simple_block_tag(end_name="endactions")
def actions(content, split=False):
    """The row of buttons that ends a form or page."""
    return render_to_string("components/actions.html", {"content": content, "split": split})


@register.simple_block_tag(end_name="endempty")
def empty(content, title="", icon="check"):
    """Empty state: what is (not) here, and what one can do."""
    return render_to_string(
        "components/empty_state.html",
        {"content": content, "title": title or _("现在没有要您办理的事"), "icon_name": icon},
    )


@register.simple_block_tag(end_name="endmore")
def more(content, summary="", open=False):
    """Something that can wait, folded away under one line."""
    return render_to_string(
        "components/more.html", {"content": content, "summary": summary, "open": open}
    )


@register.simple_block_tag(end_name="endspoken")
def spoken(content):
    """A block that the read-aloud button reads, with its own button in 长者模式."""
    return render_to_string("components/spoken.html", {"content": content})
