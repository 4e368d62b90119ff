"""The search over the wire: the gateway's feed and registers, on the named duty."""

from typing import Any

import pytest

from core import clock
from datashare import changes
from datashare.mock_gateway.feed import Change as Told
from datashare.mock_gateway.feed import Feed
from datashare.models import Call, FreshAnswer
from renewal import discovery, discovery_feed, tasks_discovery
from renewal.models import DiscoveryRun
from tests.datashare.conftest import mock
from tests.factories import discovery as found

__all__ = ["mock"]
pytestmark = pytest.mark.django_db


def test_a_night_over_the_wire_reads_new_aid_alone_and_keeps_no_answer(mock, monkeypatch):
    mock.live_on(clock.today())  # a feed knows no future
    people = sorted(mock.city.people)[:4]
    day = found.yesterday()
    told = [Told(day, "aid_granted", one, "low_income_aid", "低保") for one in people[:3]]
    told.append(Told(day, "job_ended", people[3], "social_insurance", "某公司"))

    def between(_feed: Feed, since: Any, until: Any) -> list[Told]:
        return told if since <= day <= until else []

    monkeypatch.setattr(Feed, "between", between)
    run = discovery.begin(today=clock.today())
    while discovery.step(run.pk, discovery_feed.of(run)):
        pass
    run.refresh_from_db()
    assert run.finished_at
    assert run.counts["seen"] == 3
    assert sum(run.counts.values()) == 6  # each of the three has one verdict
    assert set(Call.objects.values_list("basis", flat=True)) == {discovery.BASIS}
    assert Call.objects.filter(source="household_register", outcome="found").count() == 3
    assert not FreshAnswer.objects.exists()


def test_a_silent_feed_leaves_the_search_where_it_was_for_the_next_stride(monkeypatch):
    def silent(*_args: Any, **_more: Any) -> Any:
        raise changes.FeedSilent("timeout")

    monkeypatch.setattr(changes, "since", silent)
    monkeypatch.setattr(tasks_discovery, "FIRST_HOUR", 0)
    tasks_discovery.search_entrants()
    run = DiscoveryRun.objects.get()
    assert run.finished_at is None
    assert run.day == run.first_day
    assert run.held_until is None
