"""One pair found by two workers, judged by two people; one person sent by two streets at once."""

import pytest

from accounts.models import Bureau
from applications import consent, duplicate_run, duplicates, states, submission
from applications.models import (
    Application,
    Consent,
    DuplicateResolution,
    DuplicateRun,
    Member,
    PossibleDuplicate,
)
from core import clock
from core.identity.ciphers import blind_index
from core.models import AuditEntry, Notice
from tests.applications.registers import registers
from tests.concurrency.racing import at_once
from tests.factories import accounts
from tests.factories import duplicates as pairs

__all__ = ["registers"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    """Tasks are run by hand here."""
    from applications import tasks, tasks_duplicates

    monkeypatch.setattr(tasks.check_application, "delay_on_commit", lambda *_a: None)
    monkeypatch.setattr(tasks.check_application, "apply_async", lambda *_a, **_k: None)
    monkeypatch.setattr(tasks_duplicates.look_for_duplicates, "delay", lambda *_a: None)


@pytest.mark.parametrize("_time", range(5))
def test_two_cases_sent_in_the_same_second_make_one_pair_and_never_none(_time):
    first, second = pairs.two_entries()
    results = at_once(lambda: duplicates.check(first), lambda: duplicates.check(second))
    assert not [one for one in results if isinstance(one, Exception)], results
    assert PossibleDuplicate.objects.count() == 1
    assert sum(results) == 1
    assert AuditEntry.objects.filter(verb="duplicate.found").count() == 1


def test_many_workers_on_one_pair_make_one():
    first, second = pairs.two_entries()
    duplicates.check(first)
    results = at_once(*(lambda: duplicates.check(second) for _worker in range(4)))
    assert sorted(results) == [0, 0, 0, 1] and PossibleDuplicate.objects.count() == 1


def test_two_people_judge_at_once_and_one_judgement_stands():
    pair = pairs.found()
    judges = [pairs.judge(), pairs.judge()]

    def say(outcome, by):
        return duplicates.resolve(pair, outcome, reason_code="asked", text="问过", by=by)

    results = at_once(lambda: say("same", judges[0]), lambda: say("different", judges[1]))
    refused = [one for one in results if isinstance(one, duplicates.ResolutionRefused)]
    (made,) = (one for one in results if isinstance(one, DuplicateResolution))
    assert len(refused) == 1 and "刚才已经有人判断过了" in str(refused[0])
    pair.refresh_from_db()
    assert pair.state == made.outcome
    assert Notice.objects.count() == int(made.outcome == "same")


def test_a_judgement_taken_back_twice_at_once_is_taken_back_once():
    pair = pairs.found()
    judge = pairs.judge()
    duplicates.resolve(pair, "different", reason_code="asked", text="问过", by=judge)
    results = at_once(
        *(lambda: duplicates.undo(pair, why="看错了", by=judge) for _click in range(3))
    )
    assert len([one for one in results if isinstance(one, DuplicateResolution)]) == 1
    pair.refresh_from_db()
    assert pair.state == states.DUPLICATE_OPEN


def test_two_nightly_runs_at_once_are_one():
    pairs.two_entries()
    at_once(*(lambda: duplicate_run.run(clock.today()) for _worker in range(3)))
    assert DuplicateRun.objects.get().finished_at and PossibleDuplicate.objects.count() == 1


@pytest.mark.parametrize("_time", range(5))
def test_two_streets_accept_one_person_in_the_same_second_and_one_of_them_is_told(registers, _time):
    citizen = accounts.citizen()
    drafts = []
    for street in Bureau.objects.streets().filter(flagged_jurisdiction=False)[:2]:
        clerk = accounts.staff("window", bureau=street)
        row = submission.start_draft(by=clerk.user, channel="window", person=citizen)
        consent.give(row.applicant, method=Consent.Method.WINDOW, by=clerk.user)
        submission.confirm_household(row, [], by=clerk.user)
        drafts.append((submission.save_step(row, "check", by=clerk.user, street=street), clerk))
    results = at_once(
        *(
            lambda row=row, clerk=clerk: submission.submit(row, by=clerk.user)
            for row, clerk in drafts
        )
    )
    (case,) = (one for one in results if isinstance(one, Application))
    (refusal,) = (one for one in results if isinstance(one, submission.AlreadyInAnother))
    assert "已在另一份申请或保障中" in str(refusal)
    held = Member.objects.get(id_index=blind_index(citizen.id_number), holding=True)
    assert held.application_id == case.pk
    lost = next(row for row, _clerk in drafts if row.pk != case.pk)
    lost.refresh_from_db()
    assert lost.state == states.DRAFT and lost.members.count() == 1
