"""Finding a case by what is typed (查找): by the beginnings of words that triggers keep.

A case number by its end, a name by its beginning, pinyin by initials or from any syllable on, an
ID number by its last four characters, keyed. No part of it reads through a table.
"""

import re
from typing import Any

from django.db.models import BooleanField, Case, Exists, OuterRef, Q, When

from applications.models import SearchWord
from applications.models.household import tail_index

_BETWEEN = re.compile(r"[\s'’·•・.‧\-]+")
_TAIL = re.compile(r"[0-9]{3}[0-9x]", re.ASCII)
FEW = 5000  # words that match: up to here they are all read, which takes milliseconds
_NUMBER = re.compile(r"[0-9a-z]{1,20}", re.ASCII)


def condition(text: str) -> Q:
    """Which words match. Nothing typed, or nothing that can be a word, matches none."""
    whole = "".join(text.split()).lower()
    plain = _BETWEEN.sub("", whole)
    if not plain:
        return Q(pk__in=[])
    found = Q(word__startswith=plain)
    if _NUMBER.fullmatch(plain) and any(map(str.isdigit, plain)):
        found |= Q(word__startswith=whole[::-1])
    if _TAIL.fullmatch(plain):
        found |= Q(word=f"#{tail_index(plain)}")
    return found


def few(text: str) -> bool:
    """Whether no more words match than are read at once; one query that reads at most so many."""
    return SearchWord.objects.filter(condition(text))[: FEW + 1].count() <= FEW


def matching(text: str, case: str = "pk") -> Any:
    """A condition on rows of cases, or of what belongs to one: ``case`` names its key.

    Few matches are read first and their rows looked up. Of many, a list in any order finds its
    page by walking along that order and asking of each row whether it matches. Told as a case, so
    that the planner, who takes a common beginning for a rare one, does not turn the two around.
    """
    if few(text):
        return first_matching(text, case)
    words = SearchWord.objects.filter(condition(text), application_id=OuterRef(case))
    return Q(Case(When(Exists(words), then=True), default=False, output_field=BooleanField()))


def first_matching(text: str, case: str = "pk") -> Q:
    """As ``matching``, of the first ``FEW`` words alone; all of them where they are few."""
    words = SearchWord.objects.filter(condition(text))
    return Q(**{f"{case}__in": words.values("application_id")[:FEW]})
