"""Who stands with us already (已有关系): nobody of their household is looked for."""

from collections.abc import Set
from datetime import date

from applications import periods
from applications.models import Ban, Benefit, Member
from core import clock
from renewal import states
from renewal.models import NoContact, Outreach

HOUSED, APPLYING, IN_HAND, NOT_WANTED, BARRED = (
    "housed", "applying", "in_hand", "not_wanted", "barred",
)  # fmt: skip


def of(indexes: Set[str], today: date) -> dict[str, str]:
    """Of these blind indexes those that are passed over, with the word why; six queries.

    A benefit in force, an application under way, a task in somebody's hand, a "not wanted" of the
    last months or "do not contact me again", or a bar from applying.
    """
    asked = list(indexes)
    held = Member.objects.filter(id_index__in=asked, holding=True)
    barred = Ban.objects.filter(person_index__in=asked, starts_on__lte=today, until__gte=today)
    return {
        **_each(barred.values_list("person_index", flat=True), BARRED),
        **_each(_not_wanted(asked, today), NOT_WANTED),
        **_each(_in_hand(asked), IN_HAND),
        **_each(held.values_list("id_index", flat=True), APPLYING),
        **_each(_housed(asked), HOUSED),
    }


def case_or_home(person_index: str, today: date) -> bool:
    """Whether the person has a benefit in force or a case under way."""
    return of({person_index}, today).get(person_index) in (HOUSED, APPLYING)


def _each(found: object, word: str) -> dict[str, str]:
    return dict.fromkeys(found, word)  # type: ignore[call-overload,no-any-return]


def _housed(asked: list[str]) -> object:
    rows = Benefit.objects.filter(person_index__in=asked, ended_on=None)
    return rows.values_list("person_index", flat=True)


def _in_hand(asked: list[str]) -> set[str]:
    rows = Outreach.objects.filter(state__in=states.OUTREACH.open_ids)
    people = rows.filter(person_index__in=asked).values_list("person_index", flat=True)
    heads = rows.filter(household_key__in=asked).values_list("household_key", flat=True)
    return {*people, *heads}


def _not_wanted(asked: list[str], today: date) -> set[str]:
    since = periods.months_later(today, -periods.of("outreach_not_wanted").value)
    said = Outreach.objects.filter(
        person_index__in=asked, state=states.O_NOT_WANTED,
        closed_at__gte=clock.local_midnight(since),
    )  # fmt: skip
    never = NoContact.objects.filter(person_index__in=asked, ended_at=None)
    return {
        *said.values_list("person_index", flat=True),
        *never.values_list("person_index", flat=True),
    }
