"""Clues of the weeks before the demo's day, as the registers' feed would have told of them."""

from datetime import timedelta

from core.identity.ciphers import blind_index
from datashare.changes import Change
from datashare.mock_gateway.city import City
from datashare.mock_gateway.feed import Feed
from datashare.mock_gateway.subscription import number_of
from renewal.clues import watching

_WEEKS = timedelta(weeks=10)


def build(city: City) -> None:
    """Notes what has changed for households in force, by the verb that the nightly feed calls."""
    homes = watching.people_in_force()
    found = []
    for told in Feed(city).between(city.on - _WEEKS, city.on - timedelta(days=1)):
        index = blind_index(told.person)
        if index in homes:
            found.append(
                Change(
                    number=number_of(told), on=told.on, kind=told.kind, person_index=index,
                    source=told.source, case_no=homes[index], what=told.what, about=told.about,
                )
            )  # fmt: skip
    watching.keep(found)
