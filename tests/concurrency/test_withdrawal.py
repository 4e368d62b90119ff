"""A consent withdrawn while workers ask: what has not started by then never starts."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event
from time import sleep

import pytest
from django.db import connection

from applications import archive, asking, consent, outcomes, verification
from applications.models import Evidence
from core.models import AuditEntry
from datashare.models import Call, GivenConsent
from datashare.reading import read
from datashare.sources import CATALOGUE
from tests.factories import applications as make
from tests.factories.departments import APP_KEY, APP_SECRET, departments

pytestmark = pytest.mark.django_db(transaction=True)
HOUSEHOLDS = 6


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    """Tasks are run by hand here."""
    from applications import tasks

    monkeypatch.setattr(tasks.check_application, "apply_async", lambda *_a, **_k: None)


@pytest.fixture
def mock(settings):
    """Departments that take one question of each kind at a time, some seconds in all."""
    with departments() as running:
        settings.DATASHARE_GATEWAY_URL = running.url
        settings.DATASHARE_APP_KEY, settings.DATASHARE_APP_SECRET = APP_KEY, APP_SECRET
        settings.DATASHARE_INTERFACES = {code: {"rate": 3.0, "burst": 1} for code in CATALOGUE}
        yield running


def in_a_thread(work):
    def run():
        try:
            return work()
        finally:
            connection.close()

    return run


def asked_about(mock, monkeypatch):
    """The ID numbers of the questions that reached a department, in their order."""
    seen = []
    fault = mock.gateway.world.fault

    def noting(source, person, today):
        seen.append(person)
        return fault(source, person, today)

    monkeypatch.setattr(mock.gateway.world, "fault", noting)
    return seen


def test_no_question_starts_after_a_withdrawal_was_committed(mock, monkeypatch):
    seen = asked_about(mock, monkeypatch)
    cases = [make.application(state="accepted") for _ in range(HOUSEHOLDS)]
    for case in cases:
        verification.request_checks(case, by=verification.WORKER)
    staying, leaving = cases[0].applicant, cases[-1].applicant  # whose turn comes last
    with ThreadPoolExecutor(1) as pool:
        pumped = pool.submit(in_a_thread(verification.pump))
        while not seen:
            sleep(0.01)
        consent.withdraw(leaving, by=cases[-1].created_by)
        sleep(0.3)  # what had started arrives
        arrived = seen.count(leaving.id_number)
        pumped.result()
    assert seen.count(leaving.id_number) == arrived
    assert arrived < seen.count(staying.id_number)
    assert Call.objects.about(leaving.id_index).count() == arrived
    (entry,) = AuditEntry.objects.filter(verb="call.refused")
    assert entry.subjects == [leaving.id_index]
    assert len(entry.detail["sources"]) == seen.count(staying.id_number) - arrived
    assert GivenConsent.objects.get(person_index=leaving.id_index).ends_at is not None
    assert not leaving.evidence.filter(status__in=["pending", "unavailable"]).exists()


def test_a_question_that_is_leased_before_a_withdrawal_and_asked_after_it_is_not_asked(
    mock, monkeypatch
):
    case = make.application(state="accepted")
    verification.request_checks(case, by=verification.WORKER)
    rows = Evidence.objects.count()
    assert rows > 10
    from datashare import queries

    ask_each = queries.ask_each

    def late(*args, **settings):
        consent.withdraw(case.applicant, by=case.created_by)
        return ask_each(*args, **settings)

    monkeypatch.setattr(queries, "ask_each", late)
    verification.pump()
    assert mock.calls == 0
    assert not Call.objects.exists()
    assert not Evidence.objects.exclude(status="found").exists()


@pytest.mark.parametrize("end", ["forget", "stop"])
def test_an_answer_that_is_being_written_stands_in_no_withdrawals_way(monkeypatch, end):
    case = make.application(state="accepted")
    verification.request_checks(case, by=verification.WORKER)
    (row, *_others) = asking.lease("a" * 32, "apply", 1)
    reply = read(row.source, case.applicant.id_number, [], name=case.applicant.name)
    writing, go_on, write = Event(), Event(), archive.write

    def slowly(entries):
        write(entries)
        writing.set()
        assert go_on.wait(20)

    monkeypatch.setattr(archive, "write", slowly)

    def ends():
        thing = case.applicant if end == "forget" else case
        return getattr(verification, end)(thing)

    with ThreadPoolExecutor(2) as pool:
        answers = {row.id: reply}
        written = pool.submit(in_a_thread(lambda: outcomes.write_back("a" * 32, [row], answers)))
        assert writing.wait(20)
        ended = pool.submit(in_a_thread(ends))
        sleep(0.5)  # it has begun, and waits for the row that is being written
        go_on.set()
        assert written.result() and ended.result()
    assert list(case.evidence.values_list("pk", "status")) == [(row.id, "no_record")]
