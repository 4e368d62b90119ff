"""Around a round when two people act in the same instant, on a real database."""

import json

import pytest

from allocation import intentions, ledger, ledgers, roster_objections, rounds, states
from allocation.models import ReReview
from allocation.roster_objections import Said
from tests.concurrency.test_reveal import at_once, refused
from tests.factories import allocation as make

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _checked(monkeypatch):
    monkeypatch.setattr(intentions, "settle", lambda *_args, **_kwargs: "eligible")


def said(n=0):
    return Said("homes", f"名单里少了第{n}套已经公布的房源", contact="周明 13800001111")


def test_two_answers_at_once_publish_one():
    row = make.frozen(2, 1)
    made = roster_objections.raise_(row, said())
    one, other = make.administrator(), make.administrator()
    answer = roster_objections.answer
    results = at_once(
        lambda: answer(made, by=one, outcome="no_effect", text="不影响名单"),
        lambda: answer(made, by=other, outcome="not_upheld", text="清单没有错"),
    )
    assert len(refused(results)) == 1
    events = [json.loads(line.text)["event"] for line in row.ledger.all()]
    assert events == ["frozen", "objection"]
    assert ledger.verify_ledger(ledgers.file(row)) == []


def test_objections_at_once_each_get_a_number_and_one_sent_twice_stays_one():
    row = make.frozen(2, 1)
    results = at_once(
        *(lambda n=n: roster_objections.raise_(row, said(n)) for n in (1, 2, 3, 3, 3))
    )
    assert refused(results) == []
    assert sorted(row.objections.values_list("line", flat=True)) == [1, 2, 3]


def test_one_household_registers_once_whoever_sends_it():
    row, household = make.planned(0, 1), make.waiting()

    def register(channel):
        return intentions.register(
            household, row, by=household.created_by, preferences=[], any_estate=True,
            needs_accessible=False, channel=channel,
        )  # fmt: skip

    results = at_once(lambda: register("online"), lambda: register("window"))
    assert len(refused(results)) == 1
    assert ReReview.objects.get().state == states.C_WAITING


def test_a_confirmation_and_a_refusal_of_a_void_at_once_leave_one():
    row = make.frozen(2, 1)
    rounds.propose_void(row, by=make.administrator(), reason="名单有误")
    one, other = make.administrator(), make.administrator()
    results = at_once(lambda: rounds.void(row, by=one), lambda: rounds.drop_void(row, by=other))
    assert len(refused(results)) == 1
    row.refresh_from_db()
    assert (row.state == states.R_VOID) == (row.voided_by_id is not None)
