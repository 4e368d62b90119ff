"""People confirmed to be one (确认为同一人): whose other number counts as their own.

Only a person's judgement that stands makes it so; undone, it is gone from here at once.
"""

from collections.abc import Iterable, Mapping

from django.db.models import Q

from applications import states
from applications.models import Application, Member, PossibleDuplicate


def others_of(indexes: Iterable[str]) -> dict[str, str]:
    """Blind index of another number → that of the person to whom it belongs too."""
    known = set(indexes)
    same = PossibleDuplicate.objects.filter(state=states.DUPLICATE_SAME)
    pairs = same.filter(Q(low_index__in=known) | Q(high_index__in=known))
    found: dict[str, str] = {}
    for low, high in pairs.values_list("low_index", "high_index"):
        found |= {high: low} if low in known else {}
        found |= {low: high} if high in known else {}
    return found


def earlier_cases(application: Application, others: Mapping[str, str]) -> dict[str, str]:
    """Other applications under way, sent before this one, by the other index.

    Of two applications of one person only the later one is in question. The end of the number is
    enough for a desk to find the case; the family's letter does not carry another case's number.
    """
    if not others:
        return {}
    rows = Member.objects.filter(id_index__in=others, holding=True, excluded=False)
    rows = rows.exclude(application=application).select_related("application")
    mine = _order(application)
    return {
        one.id_index: "…" + (one.application.case_no or "")[-4:]
        for one in rows
        if _order(one.application) < mine
    }


def _order(application: Application) -> tuple[object, int]:
    return (application.accepted_at or application.created_at, application.pk)
