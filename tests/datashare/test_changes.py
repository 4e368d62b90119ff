"""The change feed is read once, page by page, on a duty, and of nobody but whom it is about."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.db import transaction

from core import audit
from core.identity.ciphers import blind_index
from datashare import changes, queries
from datashare.mock_gateway.feed import Change as Told
from datashare.mock_gateway.feed import Feed
from datashare.models import Call, ChangeTaken, FeedCursor
from datashare.questions import Purpose, PurposeMissing
from tests.factories.departments import Departments

pytestmark = pytest.mark.django_db

WORKER = audit.System("test")
WATCH = Purpose("公共服务-00610-000-002", "YZ-FEED", "duty:change_watch")
DAY = date(2026, 3, 16)
READER = "test"


class Kept(list[Any]):
    """What a reader was given; raises instead on the page it is told to."""

    def __init__(self, fail_at: int = 0) -> None:
        self.fail_at, self.calls = fail_at, 0

    def __call__(self, new: list[Any]) -> None:
        self.calls += 1
        if self.calls == self.fail_at:
            raise RuntimeError("killed")
        self.extend(new)


@pytest.fixture
def feed(mock: Departments, monkeypatch: pytest.MonkeyPatch) -> dict[date, list[Told]]:
    """Twelve jobs that end on DAY, of as many people; four a page."""
    people = sorted(mock.city.people)[:12]
    told = {DAY: [Told(DAY, "job_ended", one, "social_insurance", "某公司") for one in people]}

    def between(_feed: Feed, since: date, until: date) -> list[Told]:
        return [one for day in sorted(told) if since <= day <= until for one in told[day]]

    monkeypatch.setattr(Feed, "between", between)
    monkeypatch.setattr(changes, "PAGE", 4)
    return told


def about(people: Any) -> dict[str, str]:
    return {blind_index(one): "YZ-CASE" for one in people}


def everybody(feed: dict[date, list[Told]]) -> dict[str, str]:
    return about(one.person for one in feed[DAY])


def take(keep: Kept, people: dict[str, str], until: date = DAY, **more: Any) -> changes.Taken:
    return changes.take(
        READER, until=until, by=WORKER, purpose=WATCH, about=people, keep=keep, **more
    )


def numbers(kept: Kept) -> list[str]:
    return [one.id_number for one in kept]


def test_a_night_is_read_page_by_page_and_only_once(feed: Any) -> None:
    kept = Kept()
    first = take(kept, everybody(feed))
    assert first.done and first.rows == first.kept == 12
    assert sorted(numbers(kept)) == sorted(one.person for one in feed[DAY])
    assert take(kept, everybody(feed)).pages == 0 and len(kept) == 12
    assert Call.objects.filter(source="changes", outcome="found").count() == 3


def test_nobody_else_is_kept_anywhere(feed: Any) -> None:
    mine = feed[DAY][5].person
    kept = Kept()
    run = take(kept, about([mine]))
    assert (run.rows, run.kept) == (12, 1) and numbers(kept) == [mine]
    assert ChangeTaken.objects.count() == 1
    lines = Call.objects.exclude(person_index="")
    assert [(one.source, one.case_no, one.basis) for one in lines] == [
        ("social_insurance", "YZ-CASE", "duty:change_watch")
    ]
    assert lines.get().person_index == blind_index(mine)


def test_a_reader_killed_in_the_middle_loses_nothing_and_repeats_nothing(feed: Any) -> None:
    kept = Kept(fail_at=9)  # six empty days, a page, and then the second page of DAY
    with pytest.raises(RuntimeError):
        take(kept, everybody(feed))
    assert len(kept) == 8 and ChangeTaken.objects.count() == 8
    assert take(kept, everybody(feed)).done
    assert len(numbers(kept)) == len(set(numbers(kept))) == 12


def test_three_nights_away_are_caught_up(mock: Departments, feed: Any) -> None:
    kept, people = Kept(), everybody(feed)
    take(kept, people)
    for night in (1, 2, 3):
        day = DAY + timedelta(days=night)
        feed[day] = [Told(day, "company", feed[DAY][night].person, "company", "某店")]
    mock.live_on(DAY + timedelta(days=5))
    mock.break_down("changes", "unknown_code")
    for night in (1, 2, 3):
        run = take(kept, people, DAY + timedelta(days=night))
        assert run.silent and not run.done
    cursor = changes.standing(READER)
    assert cursor and cursor.silent_since and cursor.error and len(kept) == 12
    mock.mend()
    assert take(kept, people, DAY + timedelta(days=4)).done
    assert [one.kind for one in kept].count("company") == 3 and len(kept) == 15
    cursor = changes.standing(READER)
    assert cursor and cursor.read_until == DAY + timedelta(days=4) and not cursor.silent_since


@pytest.mark.parametrize("mode", ["garbage", "truncated", "partial_page", "upstream", "quota"])
def test_a_page_that_is_not_whole_is_not_taken(mock: Departments, feed: Any, mode: str) -> None:
    kept = Kept()
    mock.break_down("changes", mode)
    run = take(kept, everybody(feed))
    assert run.silent and not kept and not ChangeTaken.objects.exists()
    assert Call.objects.latest("id").outcome == "unavailable"


def test_what_is_entered_late_is_found_in_the_days_read_again(feed: Any) -> None:
    kept, people = Kept(), everybody(feed)
    take(kept, people)
    feed[DAY].append(Told(DAY, "death", feed[DAY][0].person, "death"))
    take(kept, people, DAY + timedelta(days=1))
    assert len(kept) == 13 and kept[-1].kind == "death"


def test_whole_days_can_be_read_without_a_cursor(feed: Any) -> None:
    found = changes.since(DAY, DAY, by=WORKER, purpose=WATCH, kinds=["job_ended"])
    assert len(found) == 12 and not FeedCursor.objects.exists()
    assert not changes.since(DAY, DAY, by=WORKER, purpose=WATCH, kinds=["death"])


def test_a_silent_feed_gives_no_half_day(mock: Departments, feed: Any) -> None:
    mock.break_down("changes", "http_500")
    with pytest.raises(changes.FeedSilent):
        changes.since(DAY, DAY, by=WORKER, purpose=WATCH)


@pytest.mark.parametrize("basis", ["duty:annual_recheck", "duty:unknown", "consent:" + "0" * 64])
def test_nothing_is_read_without_the_duty(mock: Departments, basis: str) -> None:
    with pytest.raises(PurposeMissing):
        changes.take(
            READER, until=DAY, by=WORKER, purpose=Purpose("m", "c", basis), about={}, keep=Kept()
        )
    assert mock.gateway.requests == 0


def test_a_kind_beyond_the_duty_is_refused(mock: Departments) -> None:
    with pytest.raises(PurposeMissing):
        changes.since(DAY, DAY, by=WORKER, purpose=WATCH, kinds=["car"])
    assert mock.gateway.requests == 0


@pytest.mark.django_db(transaction=True)
def test_the_feed_is_not_waited_for_inside_a_transaction(mock: Departments) -> None:
    with transaction.atomic(), pytest.raises(queries.AskedInTransaction):
        changes.since(DAY, DAY, by=WORKER, purpose=WATCH)


def test_rows_that_make_no_sense_are_counted_and_the_rest_is_taken(
    feed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    feed[DAY][1] = Told(DAY, "job_ended", "not a number", "social_insurance")
    kept = Kept()
    run = take(kept, everybody({DAY: [feed[DAY][0], *feed[DAY][2:]]}))
    assert run.done and run.unreadable == 1 and len(kept) == 11


def test_what_was_never_sent_is_nobodys_silence(
    mock: Departments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(changes, "_call", lambda *_parts: changes.Answer(fault="no_store"))
    assert take(Kept(), {}).silent == "no_store"
    cursor = changes.standing(READER)
    assert cursor and cursor.silent_since is None and cursor.read_at is None
