"""The stages of a round (进度) as a calendar: what is done, what is now, what comes."""

from typing import Any

from django.utils.translation import gettext as _

from allocation import states
from allocation.models import Round
from core import clock, display

Stage = tuple[Any, str, str]


def stages(round_: Round) -> list[Stage]:
    """(word, met | current | later | unmet, line) for the stage rail."""
    if round_.state == states.R_VOID:
        return _void(round_)
    done = _done(round_)
    words = _words(round_)
    return [
        (word, "met" if n < done else "current" if n == done else "later", line)
        for n, (word, line) in enumerate(words)
    ]


def _words(round_: Round) -> list[tuple[str, str]]:
    return [
        (_("意向登记"), _("到%(day)s") % {"day": display.day_short(round_.intention_until)}),
        (_("名单公布"), _at(round_.frozen_at)),
        (_("异议期"), _("到%(day)s") % {"day": display.day_short(round_.objection_until)}),
        (_("公开事件"), display.day_time(round_.entropy_at)),
        (_("揭晓"), _at(round_.revealed_at)),
        (_("选房签约"), _at(round_.closed_at)),
    ]


def _done(round_: Round) -> int:
    """How many stages are behind."""
    if round_.state == states.R_CLOSED:
        return 6
    if round_.state == states.R_REVEALED:
        return 5
    if round_.state == states.R_FROZEN:
        if clock.now() >= round_.entropy_at:
            return 4
        return 3 if clock.today() > round_.objection_until else 2
    return 1 if clock.today() > round_.intention_until else 0


def _void(round_: Round) -> list[Stage]:
    words = _words(round_)
    done = 5 if round_.revealed_at else 2 if round_.frozen_at else 1
    rail = [(word, "met", line) for word, line in words[:done]]
    return [*rail, (_("本轮作废"), "unmet", _at(round_.closed_at))]


def _at(moment: Any) -> str:
    return display.day_time(moment) if moment else ""
