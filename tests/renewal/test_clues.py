"""A clue is noted once, looked at by a person, and changes nothing by itself."""

from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction

from allocation.models import Lease
from applications import periods
from applications.models import Benefit
from core import clock
from core.models import Transition
from renewal import clues, states
from renewal.models import Clue
from tests.factories import accounts, tenancies

pytestmark = pytest.mark.django_db

SEEN = {"key": "2027-03-01 home 89㎡", "what": "89㎡ 存量房买卖"}


@pytest.fixture
def lease():
    return tenancies.lease(2)


@pytest.fixture
def staff():
    return accounts.staff("district")


def noted(lease, **parts):
    given = {"kind": "home", "source": "property", "evidence": SEEN, "on": date(2027, 3, 1)}
    return clues.note(lease, by=clues.SYSTEM, **(given | parts))


def days_later(days):
    return clock.held_at(clock.local_midnight(clock.today()) + timedelta(days=days, hours=9))


def test_the_same_fact_of_the_same_source_is_one_clue(lease):
    first = noted(lease)
    assert noted(lease).pk == first.pk
    assert noted(lease, source="deed_tax").pk != first.pk
    assert noted(lease, evidence=SEEN | {"key": "another"}).pk != first.pk
    assert Clue.objects.count() == 3
    assert first.state == states.L_FOUND and first.expires_on > clock.today()


def test_a_fact_that_was_explained_does_not_come_back(lease, staff):
    row = clues.take(noted(lease), by=staff)
    clues.explain(row, by=staff, reason="同名同姓，不是本人")
    again = noted(lease)
    assert again.pk == row.pk and again.state == states.L_EXPLAINED


def test_every_kind_has_its_period():
    for kind in Clue.Kind.values:
        assert periods.of(f"clue_{kind}").value > 0


def test_nothing_is_noted_about_a_lease_that_is_over(lease):
    Lease.objects.filter(pk=lease.pk).update(state="cancelled")
    lease.refresh_from_db()
    with pytest.raises(clues.ClueRefused):
        noted(lease)
    assert not Clue.objects.exists()


def test_an_explanation_needs_the_one_who_took_it_and_words(lease, staff):
    row = noted(lease)
    with pytest.raises(clues.ClueRefused):
        clues.explain(row, by=staff, reason="没有关系")
    clues.take(row, by=staff)
    for by, words in ((accounts.staff("district"), "没有关系"), (staff, "  ")):
        with pytest.raises(clues.ClueRefused):
            clues.explain(row, by=by, reason=words)
    done = clues.explain(row, by=staff, reason="没有关系")
    assert done.state == states.L_EXPLAINED and done.closed_by == staff and done.reason
    lease.refresh_from_db()
    assert lease.state == "filed" and Benefit.objects.filter(ended_on=None).count() == 2


def test_two_cannot_take_the_same_clue(lease, staff):
    row = noted(lease)
    clues.take(row, by=staff)
    with pytest.raises(clues.ClueRefused):
        clues.take(row, by=accounts.staff("district"))
    assert Clue.objects.get().taken_by == staff


def test_a_clue_expires_by_its_date_with_a_record_and_changes_nothing(lease):
    row = noted(lease, kind="job_ended")
    with days_later((row.expires_on - clock.today()).days):
        assert clues.tend() == (0, 0)
    with days_later((row.expires_on - clock.today()).days + 1):
        assert clues.tend() == (0, 1)
        assert clues.tend() == (0, 0)
    row.refresh_from_db()
    assert row.state == states.L_EXPIRED
    assert Transition.objects.filter(to_state="expired", thing_id=row.pk).count() == 1
    lease.refresh_from_db()
    assert lease.state == "filed"


def test_a_forgotten_clue_goes_back_to_everybody(lease, staff):
    row = clues.take(noted(lease), by=staff)
    with days_later(30):
        assert clues.tend() == (1, 0)
    row.refresh_from_db()
    assert row.state == states.L_FOUND and row.taken_by is None


def test_the_database_wants_a_person_for_every_end_but_expiry(lease):
    row = noted(lease)
    for state in (states.L_LOOKING, states.L_EXPLAINED, states.L_HANDED, states.L_TO_CASE):
        with pytest.raises(IntegrityError), transaction.atomic():
            Clue.objects.filter(pk=row.pk).update(state=state)
