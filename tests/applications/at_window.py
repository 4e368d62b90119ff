"""What tests of the window share: a clerk, a family that the register names, the first page."""

from typing import Any

from applications import household
from applications.models import Application
from tests.factories import applications as make

AGREED = {"agreed": "on"}


def family(monkeypatch: Any) -> tuple[make.Person, make.Person]:
    """Spouse and child, as the household register names them."""
    spouse, child = make.person("10", name="周二"), make.person("20", name="林三", child=True)
    drawn = household.queries.HouseholdDraft(
        tuple(
            household.queries.Relative(one.name, one.id_number, one.relation)
            for one in (spouse, child)
        ),
        certain=True,
    )
    monkeypatch.setattr(household.queries, "household_of", lambda *_a, **_k: drawn)
    return spouse, child


def begin(client: Any, **changes: Any) -> tuple[Any, make.Person]:
    """The first page, sent."""
    someone = make.person(name="林一")
    data = {"id_number": someone.id_number, "name": someone.name, **AGREED, **changes}
    return client.post("/window/", data), someone


def open_desk(client: Any, **changes: Any) -> tuple[Application, str]:
    """A case on the desk, and its address."""
    answer, _someone = begin(client, **changes)
    assert answer.status_code == 302, answer.content.decode()
    return Application.objects.get(channel="window"), answer.url
