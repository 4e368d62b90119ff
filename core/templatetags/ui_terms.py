"""Terms on pages: {% term "轮候" %} explains one word where it stands, {% terms … %} a few."""

from itertools import count
from typing import Any

from django import template

from core import terms as glossary

register = template.Library()
_numbers = count(1)  # one word may stand twice on a page


@register.inclusion_tag("components/term.html", takes_context=True)
def term(context: Any, word: str, text: str = "") -> dict[str, Any]:
    """A word with its plain sentence, opened by key, touch or reader, without JavaScript.

    ``text`` shows it in another form. In 长者模式 it is a link to the list: nothing pops up there.
    """
    found = glossary.of(word)
    return {
        "term": found,
        "text": text or found.word,
        "id": f"{found.anchor}-{next(_numbers)}",
        "elder": getattr(context.get("frame"), "elder", False),
    }


@register.inclusion_tag("components/terms.html")
def terms(*words: str) -> dict[str, Any]:
    """这页上的词: a folded list; without words, the whole glossary is shown open."""
    chosen = [glossary.of(word) for word in words] if words else list(glossary.every())
    return {"terms": chosen, "whole": not words}
