"""一站式, the part on filling in: minutes, pages at which drafts are put down, papers asked for."""

from typing import Any

from django.utils.translation import gettext as _

from applications.models.application import Channel
from core import display
from office.figures import applying
from office.figures.durations import Summary
from office.figures.figure import Moment, cases_href, measure
from office.figures.populations import STEP_WORDS

_FIGURES = {Channel.ONLINE: applying.TIMED_ONLINE, Channel.WINDOW: applying.TIMED_WINDOW}


def parts(moment: Moment, cases: int) -> dict[str, Any]:
    """What the page takes; ``cases`` are all that were sent."""
    numbers = measure(applying.FIGURES, moment)
    whole, pages = applying.filling_in(moment)
    return {
        "minutes": [
            {
                "title": Channel(channel).label,
                **_took(whole[channel]),
                "cases": display.few(whole[channel].cases),
                "definition": figure.definition,
                # the list behind a small group would tell what is not shown
                "href": "" if 0 < whole[channel].cases < display.SMALL else cases_href(figure.key),
            }
            for channel, figure in _FIGURES.items()
        ],
        "steps": [_page(one) for one in pages],
        "papers": [
            _card(applying.PAPERS_ASKED, numbers, each=cases),
            _card(applying.PAPERS_BROUGHT, numbers, each=cases),
            _card(applying.DRAFTS_OPEN, numbers),
            _card(applying.DRAFTS_LEFT, numbers),
        ],
    }


def clock_words(seconds: int | None) -> str:
    """2分40秒; a dash where too few are counted."""
    if seconds is None:
        return display.NOTHING
    return _("%(m)s分%(s)02d秒") % {"m": display.count(seconds // 60), "s": seconds % 60}


def _took(one: Summary) -> dict[str, str]:
    """Fastest, median and P90 together; of fewer than five none, it would tell one family's."""
    many = one.cases >= display.SMALL
    return {
        "fastest": clock_words(one.fastest if many else None),
        "median": clock_words(one.median if many else None),
        "p90": clock_words(one.p90 if many else None),
    }


def _page(one: applying.Page) -> dict[str, Any]:
    plain = one.left == 0 or one.left >= display.SMALL
    return {
        "title": STEP_WORDS[one.step],
        "reached": display.few(one.reached),
        "left": display.few(one.left),
        "share": display.percent(one.share) if plain and one.share is not None else display.NOTHING,
        **_took(one.seconds),
    }


def _card(figure: Any, numbers: dict[str, int], *, each: int = 0) -> dict[str, Any]:
    number = numbers[figure.key]
    note = _("每件%(n)s份") % {"n": f"{number / each:.2f}"} if each else ""
    return {
        "title": figure.title, "value": display.count(number), "unit": figure.counted_in,
        "definition": figure.definition, "href": cases_href(figure.key), "note": note,
    }  # fmt: skip
