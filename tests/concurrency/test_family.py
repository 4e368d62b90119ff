"""Two helpers, double clicks and a revocation in the same second, on real PostgreSQL."""

import pytest

from applications import consent, consent_waits, drafts, mandates, stand_ins, states, submission
from applications.models import Application, Mandate, MissingConsent, PaperTwin, StandIn
from core.models import Notice
from tests.applications.registers import registers
from tests.concurrency.test_submission import _no_broker, at_once
from tests.factories import accounts
from tests.factories import applications as make

__all__ = ["_no_broker", "registers"]
pytestmark = pytest.mark.django_db(transaction=True)


def refused(results):
    return [one for one in results if isinstance(one, Exception)]


def test_a_mandate_asked_for_and_given_in_the_same_second_is_one():
    mother, son = accounts.citizen(), accounts.citizen()
    acts = [lambda: mandates.ask(mother, by=son.user)] * 3
    acts += [lambda: mandates.give(mother, son, by=mother.user)] * 3
    results = at_once(*acts)
    assert not refused(results), results
    assert Mandate.objects.standing().count() == 1
    assert set(Mandate.objects.exclude(ended_at=None).values_list("ended_because", flat=True)) <= {
        "replaced"
    }


def test_two_helpers_who_start_for_one_person_each_have_a_draft_and_one_case_comes_of_it(registers):
    mother = accounts.citizen()
    helpers = [accounts.citizen(), accounts.citizen()]
    rows = at_once(
        *(
            lambda h=h: submission.start_draft(by=h.user, channel="online", person=mother)
            for h in helpers
        )
    )
    assert not refused(rows)
    for row in rows:
        consent.give(row.applicant, method="online", by=mother.user)
        submission.confirm_household(row, [], by=row.created_by)
        submission.save_step(row, "check", by=row.created_by, street=accounts.bureau("street"))
    results = at_once(*(lambda r=r: submission.submit(r, by=r.created_by) for r in rows))
    assert len(refused(results)) == 1
    assert isinstance(refused(results)[0], submission.AlreadyInAnother)
    assert sorted(Application.objects.values_list("state", flat=True)) == ["accepted", "draft"]


def test_agreeing_and_taking_back_at_once_leaves_no_mandate_in_force():
    mother, son = accounts.citizen(), accounts.citizen()
    for _time in range(3):
        row = mandates.ask(mother, by=son.user)
        at_once(
            lambda row=row: mandates.accept(row, by=mother.user),
            lambda row=row: mandates.revoke(row, by=son.user),
        )
        row.refresh_from_db()
        assert row.ended_at is not None
        assert not Mandate.objects.standing().exists()


def test_a_stand_in_accepted_by_two_clerks_is_one_consent(registers):
    case = make.application(2, state=states.ACCEPTED, consents=False)
    member = case.members.get(position=1)
    clerks = [accounts.staff("window", bureau=case.street) for _clerk in range(3)]
    row = stand_ins.name(member, "illness", "hospital", signer="某", by=clerks[0].user)
    results = at_once(*(lambda c=c: stand_ins.accept(row, by=c) for c in clerks))
    assert len(refused(results)) == 2
    assert all(isinstance(one, stand_ins.StandInRefused) for one in refused(results))
    assert member.consents.count() == 1


def test_a_stand_in_named_twice_at_once_is_one(registers):
    case = make.application(2, state=states.ACCEPTED, consents=False)
    member = case.members.get(position=1)
    act = lambda: stand_ins.name(  # noqa: E731
        member, "illness", "hospital", signer="某", by=case.created_by
    )
    assert not refused(at_once(*([act] * 4)))
    assert StandIn.objects.count() == 1


def test_two_workers_send_one_reminder_and_an_answer_meanwhile_ends_it(registers):
    case = make.application(2, state=states.ACCEPTED, consents=False)
    make.consent(case.applicant)
    member = case.members.get(position=1)
    consent.settle(case, by=case.created_by)
    wait = MissingConsent.objects.get()
    results = at_once(*(lambda: consent_waits.remind(wait, wait.due_on) for _worker in range(4)))
    assert sorted(results) == [False, False, False, True]
    assert Notice.objects.filter(code="consent.member_reminded").count() == 1
    MissingConsent.objects.update(reminded=[])
    at_once(
        lambda: consent.give(member, method="window", by=case.created_by),
        lambda: consent_waits.remind(wait, wait.due_on),
    )
    wait.refresh_from_db()
    assert wait.settled_as == "given"


def test_a_sheet_printed_twice_at_once_has_one_code_and_one_office_takes_it(registers):
    citizen = accounts.citizen()
    row = submission.start_draft(by=citizen.user, channel="online", person=citizen)
    codes = at_once(*(lambda: drafts.code_of(row, by=citizen.user) for _click in range(4)))
    assert len(set(codes)) == 1 and PaperTwin.objects.count() == 1
    clerks = [accounts.staff("window"), accounts.staff("window", bureau=accounts.bureau("centre"))]
    results = at_once(*(lambda c=c: drafts.take_to_window(row, by=c) for c in clerks))
    assert len(refused(results)) == 1
