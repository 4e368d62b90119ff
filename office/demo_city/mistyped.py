"""Two people who came to a window a second time and were mistyped there, by the real verbs."""

from collections.abc import Iterator
from dataclasses import dataclass

from accounts.models import Staff
from accounts.roles import Role
from applications import consent, duplicates, states, submission
from applications.models import Application, Consent, Member
from core.identity import ciphers, names
from core.identity.numbers import check_character, is_valid
from datashare.mock_gateway.city_places import GIVEN

_WANTED = 2


@dataclass(frozen=True)
class Typed:
    """A name and a number as a clerk heard and typed them."""

    name: str
    id_number: str


def build() -> None:
    """Sends the second applications; likeness finds them as it finds anybody's."""
    clerk = Staff.objects.filter(roles__contains=[Role.WINDOW]).order_by("id").first()
    if clerk is None:
        return
    for first, typed in _people():
        row = submission.start_draft(by=clerk.user, channel="window", person=typed)
        consent.give(row.applicant, method=Consent.Method.WINDOW, by=clerk.user)
        submission.confirm_household(row, [], by=clerk.user)
        row = submission.save_step(row, "check", by=clerk.user, street=first.application.street)
        row = submission.submit(row, by=clerk.user)
        duplicates.check(first.application)
        duplicates.check(row)


def _people() -> Iterator[tuple[Member, Typed]]:
    """Applicants under review whose name has a second spelling and whose digits can be swapped."""
    reviewed = Application.objects.in_state(states.JOINT_REVIEW, states.STREET_REVIEW)
    rows = Member.objects.filter(application__in=reviewed, is_applicant=True)
    found = 0
    for one in rows.select_related("application__street").order_by("application_id"):
        name, number = _by_sound(one.name), _swapped(one.id_number)
        if name and number and found < _WANTED:
            found += 1
            yield one, Typed(name, number)


def _by_sound(name: str) -> str:
    """The name with its last character written as another of that sound; '' if there is none."""
    last = name[-1]
    parts = sorted({part for pair in GIVEN.values() for text in pair for part in text.split()})
    alike = [one for one in parts if one != last and names.readings(one) == names.readings(last)]
    return name[:-1] + alike[0] if alike else ""


def _swapped(number: str) -> str:
    """The number with two of its last digits swapped and a right check character."""
    first17 = number[:14] + number[15] + number[14] + number[16]
    made = first17 + check_character(first17)
    taken = Member.objects.filter(id_index=ciphers.blind_index(made)).exists()
    return made if is_valid(made) and made != number and not taken else ""
