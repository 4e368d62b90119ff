"""The contract of answers: one class, once against the mock over HTTP, once against recordings."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from datashare.asking import is_stale
from datashare.gateway.client import Answer, Site
from datashare.gateway.faults import NOT_ASKED, VERDICTS
from datashare.questions import Person
from datashare.reading import read
from datashare.replies import Faulted, Reply
from datashare.sources import CATALOGUE
from datashare.sources.source import Asked
from tests.contract import recordings
from tests.contract.conftest import Client
from tests.contract.recordings import FOUND, NOBODY, NOTHING, OF_FAULTS, ON, Live, Recorded
from tests.factories.departments import APP_KEY, APP_SECRET, departments

AT = datetime(2026, 3, 18, 4, tzinfo=UTC)
EXAMPLES = recordings.examples()
Side = Live | Recorded
# mode on the wire → kind of the fault, tries that it takes
PATHS = {
    "quota": ("quota", 1),
    "unknown_code": ("unknown_code", 1),
    "garbage": ("garbage", 3),
    "truncated": ("garbage", 3),
    "empty": ("empty", 3),
    "upstream": ("upstream", 1),
    "code_03": ("signature", 3),
    "code_11": ("secret_expired", 3),
    "code_14": ("signature", 3),
}
# what recordings cannot play stands in test_protocol; what reading finds, in TestAnswers below
ELSEWHERE = {"timeout", "http_500", "connection", "http_400", "pages", "internal", "no_store"}
READ = {"somebody_else", "stale", "unreadable", "shape"}


@pytest.fixture(scope="module", params=["the mock over HTTP", "recorded envelopes"])
def side(request: pytest.FixtureRequest) -> Iterator[Side]:
    """The gateway's side of the contract."""
    if request.param == "recorded envelopes":
        with recordings.recorded() as player:
            yield player
    else:
        with departments(on=ON, households=1) as mock:
            mock.know(recordings.case_of_examples())
            yield Live(mock)


def asked(side: Side, source: str, person: Person, scenario: str) -> Answer:
    """One question by the real client."""
    side.play(scenario)
    site = Site(
        side.url, APP_KEY, APP_SECRET, prefix=f"test:{uuid.uuid4().hex}", timeout=10.0
    )  # a prefix of its own: what an earlier question met is forgotten
    params = CATALOGUE[source].request(Asked(person.name, person.id_number, ON))
    client = Client(site, person.id_number)
    return client.run(lambda gateway: gateway.call(source, params, client.evidence))


def reply_to(source: str, person: Person, answer: Answer) -> Reply:
    """What the platform makes of an answer."""
    fault = answer.fault or ("stale" if is_stale(answer.rows, AT) else "")
    content = Faulted(fault) if fault else list(answer.rows)
    return read(source, person.id_number, content, name=person.name, fetched_at=AT)


class TestAnswers:
    """答复"""

    @pytest.mark.parametrize("source", CATALOGUE)
    def test_what_a_register_knows_is_found(self, side: Side, source: str) -> None:
        example = EXAMPLES[source]
        answer = asked(side, source, example.person, FOUND)
        reply = reply_to(source, example.person, answer)
        assert (answer.fault, reply.status) == ("", "found")
        assert [dict(row) for row in answer.rows] == example.rows
        assert reply.records == read(source, example.person.id_number, example.rows).records

    @pytest.mark.parametrize("source", CATALOGUE)
    def test_a_register_that_knows_nothing_says_so(self, side: Side, source: str) -> None:
        reply = reply_to(source, NOBODY, asked(side, source, NOBODY, NOTHING))
        assert (reply.error, reply.status, reply.rows) == ("", "no_record", ())

    @pytest.mark.parametrize("mode", PATHS)
    def test_each_fault_has_its_path(self, side: Side, mode: str) -> None:
        person = EXAMPLES[OF_FAULTS].person
        answer = asked(side, OF_FAULTS, person, mode)
        assert (answer.fault, answer.attempts) == PATHS[mode]
        reply = reply_to(OF_FAULTS, person, answer)
        assert (reply.status, reply.error, reply.rows) == ("unavailable", answer.fault, ())

    def test_json_under_another_name_is_read_all_the_same(self, side: Side) -> None:
        person = EXAMPLES[OF_FAULTS].person
        answer = asked(side, OF_FAULTS, person, "content_type")
        assert reply_to(OF_FAULTS, person, answer).found

    def test_an_answer_about_another_person_is_refused(self, side: Side) -> None:
        person = EXAMPLES[OF_FAULTS].person
        reply = reply_to(OF_FAULTS, person, asked(side, OF_FAULTS, person, "wrong_person"))
        assert (reply.status, reply.error, reply.rows) == ("unavailable", "somebody_else", ())

    def test_what_a_register_knew_years_ago_is_no_answer(self, side: Side) -> None:
        person = EXAMPLES[OF_FAULTS].person
        reply = reply_to(OF_FAULTS, person, asked(side, OF_FAULTS, person, "stale"))
        assert (reply.status, reply.error) == ("unavailable", "stale")

    def test_of_copies_the_latest_counts(self, side: Side) -> None:
        person = EXAMPLES[OF_FAULTS].person
        answer = asked(side, OF_FAULTS, person, "duplicates")
        (record,) = reply_to(OF_FAULTS, person, answer).records
        assert len(answer.rows) == 3
        assert record.synced.year == 2021

    def test_a_masked_number_counts_with_an_equal_name_only(self, side: Side) -> None:
        person = EXAMPLES[OF_FAULTS].person
        answer = asked(side, OF_FAULTS, person, "masked")
        assert reply_to(OF_FAULTS, person, answer).found
        other = Person("别人", person.id_number)
        assert reply_to(OF_FAULTS, other, answer).error == "somebody_else"


def test_every_kind_of_fault_has_a_tested_path() -> None:
    by_wire = {kind for kind, _tries in PATHS.values()}
    assert by_wire | ELSEWHERE | READ | NOT_ASKED == set(VERDICTS)


@pytest.fixture(scope="module")
def mock_of_today() -> Iterator[object]:
    with departments(on=ON, households=1) as mock:
        mock.know(recordings.case_of_examples())
        yield mock


@pytest.mark.parametrize(("scenario", "source"), recordings.scenarios())
def test_a_recording_is_what_the_mock_answers_today(
    mock_of_today: object, scenario: str, source: str
) -> None:
    answered = recordings.answer_of(mock_of_today, scenario, source)  # type: ignore[arg-type]
    written = recordings.file_of(scenario, source).read_bytes()
    assert recordings.without_number(answered) == written


@pytest.mark.parametrize(
    ("stamp", "stale"),
    [
        ("2006-06-01 02:00:00.0", True), ("20060601", True), ("2021-06-01 02:00:00.0", False),
        (1632412800000, False), ("²²²²-01-01", False), ("\\N", False), (None, False), ([], False),
        ({"a": 1}, False),
    ],
)  # fmt: skip
def test_an_age_is_read_in_every_spelling(stamp: object, stale: bool) -> None:
    assert is_stale([{"tong_time": stamp}], AT) is stale


def test_an_entry_that_nobody_had_to_change_is_not_stale() -> None:
    assert not is_stale([{"czrksjxgxsj": "2009-03-02 10:11:12.0"}], AT)
