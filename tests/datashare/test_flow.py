"""Questions in, replies out: streams, dry runs, a process that forks, settings that change."""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

import pytest

from core import audit
from datashare import asking, flow, queries
from datashare.gateway.engine import engine
from datashare.models import Call, FreshAnswer
from datashare.queries import Person, Purpose, Question
from datashare.rehearsal import planned
from tests.factories.departments import Departments, departments

pytestmark = pytest.mark.django_db
BY = audit.System("worker")
WHY = Purpose("公共服务-00610-000-002", "YZ1", "duty:annual_recheck", kind="annual_recheck")
Pair = tuple[Question, Purpose]


def pairs(mock: Departments, count: int) -> list[Pair]:
    people = mock.city.people
    asked = (
        (Question(source, Person(people[number].name, number)), WHY)
        for number in people
        for source in ("death", "vehicle", "company", "property")
    )
    return list(islice(asked, count))


def test_a_stream_holds_a_few_batches_however_many_questions_come(
    mock: Departments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "BATCH", 4)
    monkeypatch.setattr(flow, "AHEAD", 2)
    taken: list[int] = []

    def coming() -> Iterator[Pair]:
        for number, pair in enumerate(pairs(mock, 60)):
            taken.append(number)
            yield pair

    ahead = []
    for given, _reply in enumerate(queries.ask_many(coming(), by=BY)):
        ahead.append(len(taken) - given)
    assert len(ahead) == 60
    assert max(ahead) <= flow.BATCH * (flow.AHEAD + 1)


def test_replies_come_in_the_order_of_the_questions(
    mock: Departments, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(flow, "BATCH", 7)
    wanted = pairs(mock, 30)
    replies = queries.ask_each(wanted, by=BY, bulk=True)
    assert [(reply.source, reply.person_id) for reply in replies] == [
        (question.source, question.person.id_number) for question, _why in wanted
    ]
    assert Call.objects.count() == 30


def test_a_stream_that_is_broken_off_has_written_what_it_gave(mock: Departments) -> None:
    wanted = pairs(mock, 20)
    stream = queries.ask_many(wanted, by=BY)
    given = list(islice(stream, 5))
    stream.close()
    assert FreshAnswer.objects.count() >= len(given)
    before = mock.calls
    again = list(queries.ask_many(wanted[:5], by=BY, max_age=timedelta(days=1)))
    assert [reply.status for reply in again] == [reply.status for reply in given]
    assert mock.calls == before


def test_the_same_question_twice_goes_out_once(mock: Departments) -> None:
    one = pairs(mock, 1)
    assert len({id(reply) for reply in queries.ask_each(one * 3, by=BY)}) == 1
    assert mock.calls == 1


def test_a_dry_run_asks_nobody_and_says_what_it_would_ask(
    mock: Departments, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.DATASHARE_DRY_RUN = True
    caplog.set_level(logging.INFO, "datashare.rehearsal")
    wanted = pairs(mock, 4)
    replies = queries.ask_each(wanted, by=BY)
    assert {reply.error for reply in replies} == {"dry_run"}
    assert (mock.calls, Call.objects.count(), len(caplog.records)) == (0, 0, 4)
    assert wanted[0][0].person.id_number not in caplog.text
    assert "dry_run" in queries.NOT_ASKED


def test_a_plan_names_address_passing_and_parameters(mock: Departments) -> None:
    (plan,) = planned(pairs(mock, 1), "worker")
    assert plan["url"].startswith(mock.url.rstrip("/"))
    assert plan["case"] == plan["additional"]["projectId"] == "YZ1"
    assert {"appKey", "sign", "requestTime"} <= set(plan["headers"])
    assert plan["params"]


def test_other_settings_make_another_session(mock: Departments, settings: Any) -> None:
    queries.ask_each(pairs(mock, 2), by=BY)
    with departments() as elsewhere:
        settings.DATASHARE_GATEWAY_URL = elsewhere.url
        queries.ask_each(pairs(mock, 3), by=BY)
        assert (mock.calls, elsewhere.calls) == (2, 3)


def test_redis_away_makes_every_reply_unavailable(mock: Departments, settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:9/1"
    replies = queries.ask_each(pairs(mock, 4), by=BY)
    assert {(reply.status, reply.error) for reply in replies} == {("unavailable", "no_store")}
    assert mock.calls == 0


def test_a_forked_child_has_an_engine_of_its_own(mock: Departments) -> None:
    queries.ask_each(pairs(mock, 1), by=BY)
    parents = engine()
    assert engine() is parents
    child = os.fork()
    if not child:
        os._exit(0 if engine() is not parents and engine().thread.is_alive() else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    assert engine() is parents
    assert asking.send([], asking.Errand("worker", 1, False, [])).result(5) is None


def test_what_is_left_is_told_with_breaker_and_pace(mock: Departments) -> None:
    queries.ask_each(pairs(mock, 1), by=BY)
    death = queries.allowances()["death"]
    assert death["left"] == death["daily"] - 1
    assert (death["breaker"], death["rest"], death["retry_in"]) == ("closed", 0, 0)
    assert death["rate"] == 48
