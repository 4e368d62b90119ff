"""Two submissions in the same second, on real PostgreSQL with threads."""

import pytest

from applications import consent, states, submission, verification
from applications.models import Application, Evidence, Member
from core.models import Notice, Transition
from tests.applications.registers import registers
from tests.applications.test_submission import draft_of
from tests.concurrency.racing import at_once
from tests.factories import accounts
from tests.factories import applications as make

__all__ = ["registers"]
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    """Tasks are run by hand here."""
    from applications import tasks

    monkeypatch.setattr(tasks.check_application, "delay_on_commit", lambda *_a: None)
    monkeypatch.setattr(tasks.check_application, "apply_async", lambda *_a, **_k: None)


def outcome(results):
    cases = [one for one in results if isinstance(one, Application)]
    refused = [one for one in results if isinstance(one, submission.AlreadyInAnother)]
    assert len(cases) + len(refused) == len(results), results
    return cases, refused


def test_a_person_in_two_households_at_once_gets_one_case_and_one_clear_refusal(registers):
    shared = make.person("10")
    one, other = accounts.citizen(), accounts.citizen()
    drafts = [(draft_of(who, shared), who) for who in (one, other)]
    results = at_once(*(lambda d=d, w=w: submission.submit(d, by=w.user) for d, w in drafts))
    cases, refused = outcome(results)
    assert len(cases) == 1 and len(refused) == 1
    assert "已在另一份申请或保障中" in str(refused[0])
    assert (
        Member.objects.filter(
            id_index=Member.objects.filter(holding=True, position=1).get().id_index, holding=True
        ).count()
        == 1
    )
    assert sorted(Application.objects.values_list("state", flat=True)) == ["accepted", "draft"]


def test_both_spouses_apply_for_each_other_at_once_without_a_deadlock(registers):
    for _time in range(5):
        one, other = accounts.citizen(), accounts.citizen()
        drafts = [
            (draft_of(one, make.Person(other.name, other.id_number, "10")), one),
            (draft_of(other, make.Person(one.name, one.id_number, "10")), other),
        ]
        results = at_once(*(lambda d=d, w=w: submission.submit(d, by=w.user) for d, w in drafts))
        cases, refused = outcome(results)
        assert len(cases) == 1 and len(refused) == 1


def test_a_double_click_makes_one_case(registers):
    citizen = accounts.citizen()
    row = draft_of(citizen)
    results = at_once(*(lambda: submission.submit(row, by=citizen.user) for _click in range(6)))
    assert {one.case_no for one in results} == {row.case_no}
    assert Transition.objects.filter(thing_id=row.pk).count() == 2
    assert Notice.objects.filter(code="application.accepted").count() == 1


def test_two_first_clicks_make_one_draft(registers):
    citizen = accounts.citizen()

    def start():
        return submission.start_draft(by=citizen.user, channel="online", person=citizen)

    assert len({one.pk for one in at_once(*(start for _click in range(5)))}) == 1


def test_two_workers_on_one_household_ask_each_question_once(registers):
    row = make.application(make.couple_with_child(), state=states.ACCEPTED)
    verification.request_checks(row, by=row.created_by)
    results = at_once(*(lambda: verification.pump("apply") for _worker in range(4)))
    assert not [one for one in results if isinstance(one, Exception)], results
    assert set(registers.times_asked().values()) == {1}
    assert not Evidence.objects.filter(status="pending").exists()
    row.refresh_from_db()
    assert row.state == states.STREET_REVIEW and row.assessments.count() == 1


def test_a_consent_given_twice_at_once_is_one(registers):
    row = make.application(2, state=states.ACCEPTED, consents=False)
    member = row.members.get(position=1)
    results = at_once(
        *(lambda: consent.give(member, method="window", by=row.created_by) for _click in range(4))
    )
    assert len({one.pk for one in results}) == 1
