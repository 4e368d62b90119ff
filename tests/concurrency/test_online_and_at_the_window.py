"""One person sends on the phone in the very second in which a clerk sends for them."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from django.db import connection

from applications import consent, submission
from applications.models import Application, Consent, Member
from core.identity.ciphers import blind_index
from core.models import OutboxMessage, Transition
from tests.applications.registers import registers
from tests.applications.test_submission import draft_of
from tests.factories import accounts

__all__ = ["registers"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    """Nobody asks any register here."""
    from applications import tasks

    monkeypatch.setattr(tasks.check_application, "delay_on_commit", lambda *_a: None)
    monkeypatch.setattr(tasks.check_application, "apply_async", lambda *_a, **_k: None)


def at_the_window(citizen, clerk):
    """The same person's draft, typed by a clerk and signed on paper."""
    row = submission.start_draft(by=clerk.user, channel="window", person=citizen)
    consent.give(row.applicant, method=Consent.Method.WINDOW, by=clerk.user)
    submission.confirm_household(row, [], by=clerk.user)
    return submission.save_step(row, "check", by=clerk.user, street=accounts.bureau("street"))


def at_once(drafts):
    """Both are sent from one signal, each in a thread and connection of its own."""
    ready = Barrier(len(drafts))

    def send(draft, by):
        try:
            ready.wait(10)
            return submission.submit(draft, by=by)
        except submission.AlreadyInAnother as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(drafts)) as pool:
        return list(pool.map(lambda pair: send(*pair), drafts))


@pytest.mark.parametrize("_time", range(5))
def test_one_person_twice_in_the_same_second_is_one_case_and_one_clear_refusal(registers, _time):
    citizen, clerk = accounts.citizen(), accounts.staff("window")
    drafts = [(draft_of(citizen), citizen.user), (at_the_window(citizen, clerk), clerk.user)]
    results = at_once(drafts)
    (case,) = (one for one in results if isinstance(one, Application))
    (refusal,) = (one for one in results if isinstance(one, Exception))
    assert "已在另一份申请或保障中" in str(refusal)
    index = blind_index(citizen.id_number)
    assert Member.objects.get(id_index=index, holding=True).application_id == case.pk
    # what was refused has changed nothing
    lost = next(draft for draft, _by in drafts if draft.pk != case.pk)
    lost.refresh_from_db()
    assert lost.state == "draft" and lost.submitted_at is None
    assert not Transition.objects.filter(case_no=lost.case_no).exists()
    assert not OutboxMessage.objects.filter(case_no=lost.case_no).exists()
