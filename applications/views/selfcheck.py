"""测一测 (/check/): eight questions without signing in; nothing is stored.

The answers travel in the page itself: no session, no cookie, no address holds them.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.access import public
from applications import releases
from applications.eligibility import explain, stated
from applications.eligibility.finding import Finding
from applications.forms import selfcheck as questions
from applications.forms.selfcheck import QUESTIONS, Filled
from core import clock

CATEGORIES = {
    "urban_low_income": _("城镇住房困难家庭"),
    "new_employee": _("新就业职工"),
    "migrant_worker": _("外来务工人员"),
}
# a statement of one's own is never 不符: what is missing is said first, and how much
_MARKS = {
    "fail": ("UNKNOWN", _("还差")),
    "unknown": ("UNKNOWN", _("请工作人员看")),
    "pass": ("PASS", _("符合")),
}


@require_http_methods(["GET", "POST"])
@public
@never_cache
def check(request: HttpRequest) -> HttpResponse:
    """One question a page; after the last one the outlook."""
    filled = Filled(request.POST.dict())
    if request.method == "GET":
        return _question(request, filled, 0, bound=False)
    place = min(_place(request.POST.get("place", "")), len(QUESTIONS))
    if "back" in request.POST:
        before = next((one for one in range(place - 1, -1, -1) if filled.asks(one)), 0)
        return _question(request, filled, before, bound=filled.typed(before))
    for one in range(min(place + 1, len(QUESTIONS))):
        if filled.asks(one) and not filled.form(one).is_valid():
            return _question(request, filled, one, bound=True)
    after = next((one for one in range(place + 1, len(QUESTIONS)) if filled.asks(one)), None)
    if after is not None:
        return _question(request, filled, after, bound=filled.typed(after))
    return _outlook(request, filled)


def _place(text: str) -> int:
    """The number of the question answered, or one past the last; rubbish counts as the first."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 3 else 0


def _question(request: HttpRequest, filled: Filled, place: int, *, bound: bool) -> HttpResponse:
    context = {
        "form": filled.form(place, bound=bound),
        "place": place,
        "number": place + 1,
        "count": len(QUESTIONS),
        "carried": filled.carried(place),
    }
    return render(request, "check/question.html", context)


def _outlook(request: HttpRequest, filled: Filled) -> HttpResponse:
    context = {
        **outlook_of(filled),
        "carried": filled.carried(-1),
        "last": len(QUESTIONS) - 1,
    }
    return render(request, "check/outlook.html", context)


def outlook_of(filled: Filled) -> dict[str, Any]:
    """What the rules in force say of the answers, in words; all of them must be valid."""
    today = clock.today()
    policy = releases.in_force(today)
    found = stated.judge(questions.stated(filled), on=today, policy=policy)
    language = get_language() or "zh-hans"
    granted = found.word == "likely"
    return {
        "outlook": found,
        "today": today,
        "category": CATEGORIES[found.assessment.category],
        "tier": explain.tier_name(found.assessment.tier, language) if found.assessment.tier else "",
        "lines": [
            _line(one, language)
            for one in sorted(found.findings, key=lambda one: list(_MARKS).index(one.result))
        ],
        "rent": found.assessment.rent.monthly if granted and found.assessment.rent else None,
        "subsidy": found.assessment.subsidy.monthly
        if granted and found.assessment.subsidy
        else None,
        "steps": explain.sums(found.assessment, language) if granted else [],
    }


def _line(one: Finding, language: str) -> dict[str, Any]:
    mark, word = _MARKS[one.result]
    return {
        "title": explain.title(one.rule, language),
        "mark": mark,
        "word": word,
        "sentence": explain.sentence(one, language),
        "change": explain.change(one, language),
        "clause": explain.clause(one.citation, language),
        "unverified": one.unverified,
    }
