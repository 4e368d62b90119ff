"""Pointing at another gateway is settings only: address, keys, and what differs by source."""

from __future__ import annotations

from typing import Any

import pytest

from core import audit
from datashare import rehearsal
from datashare.gateway.interfaces import DEFAULTS
from datashare.models import Call
from datashare.queries import Person, Purpose, Question, ask
from tests.factories.authorities import DUTY
from tests.factories.departments import Departments

pytestmark = pytest.mark.django_db
PURPOSE = Purpose("公共服务-00610-000-002", "YZ202603180001", DUTY)
MATTER = "许可-00757-000/许可-00757-001"
WORKER = audit.System("worker")


def about(mock: Departments, source: str) -> Question:
    number = mock.city.situations["tenant"][0]
    return Question(source, Person(mock.city.people[number].name, number))


def test_an_interface_may_be_granted_under_a_matter_of_its_own(
    mock: Departments, settings: Any
) -> None:
    settings.DATASHARE_INTERFACES = {"death": {"matter": MATTER}}
    questions = [about(mock, "death"), about(mock, "cremation")]
    replies = ask(questions, purpose=PURPOSE, by=WORKER)
    assert not any(reply.unavailable for reply in replies.values())
    written = dict(Call.objects.values_list("source", "purpose"))
    assert written == {"death": MATTER, "cremation": PURPOSE.matter}
    (plan,) = rehearsal.planned([(questions[0], PURPOSE)], "worker")
    assert "许可-00757-001" in str(plan)


def test_address_and_way_of_passing_are_the_sites(mock: Departments, settings: Any) -> None:
    settings.DATASHARE_INTERFACES = {
        "death": {"path": DEFAULTS["cremation"].path},
        "cremation": {"passing": "form"},
    }
    ask([about(mock, "death"), about(mock, "cremation")], purpose=PURPOSE, by=WORKER)
    assert mock.gateway.calls["death"] == 0
    assert Call.objects.count() == 2
