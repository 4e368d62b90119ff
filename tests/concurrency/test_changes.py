"""Changes reported while something else happens to the case in the same second."""

from uuid import uuid4

import pytest

from applications import change_settling, changes, majority, states, submission
from applications.change_effects import Told
from applications.models import Change, Member
from core import clock
from core.models import Notice
from tests.applications.test_changes import grown_up
from tests.concurrency.racing import at_once
from tests.factories import accounts
from tests.factories import applications as make
from tests.factories import review as desk

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _no_broker(monkeypatch):
    """Tasks are run by hand here."""
    from applications import tasks, tasks_changes

    monkeypatch.setattr(tasks.check_application, "apply_async", lambda *_a, **_k: None)
    monkeypatch.setattr(tasks_changes.go_on, "apply_async", lambda *_a, **_k: None)


def aid(row, key=None):
    told = Told("aid", clock.today(), None, {"aid": ""})
    return lambda: changes.report(row, told, by=row.created_by, key=key or uuid4())


def test_a_double_click_is_one_report():
    row, key = make.application(state=states.STREET_REVIEW), uuid4()
    results = at_once(*(aid(row, key) for _n in range(4)))
    assert {one.change.pk for one in results} == {Change.objects.get().pk}
    assert sum(one.new for one in results) == 1
    assert Notice.objects.filter(code="change.reported").count() == 1


def test_two_tabs_are_one_report_and_one_sentence():
    row = make.application(state=states.STREET_REVIEW)
    results = at_once(aid(row), aid(row))
    refused = [one for one in results if isinstance(one, changes.ChangeRefused)]
    assert Change.objects.count() == 1 and len(refused) == 1
    assert "已经报告过" in str(refused[0])


@pytest.mark.parametrize("_time", range(3))
def test_a_report_and_a_withdrawal_leave_no_open_change_behind(_time):
    row = make.application(state=states.STREET_REVIEW)
    told = Told("birth", clock.today(), None, {
        "name": "试小", "id_number": accounts.id_number(born=make.CHILD_BORN), "relation": "20",
    })  # fmt: skip
    at_once(
        lambda: changes.report(row, told, by=row.created_by, key=uuid4()),
        lambda: submission.withdraw(row, by=row.created_by),
    )
    row.refresh_from_db()
    assert row.state == states.WITHDRAWN
    assert not Change.objects.filter(state__in=states.CHANGE.open_ids).exists()
    assert not Member.objects.filter(holding=True).exists()


def test_a_spouse_who_joins_two_cases_at_once_is_in_one():
    rows = [make.application(state=states.STREET_REVIEW) for _n in range(2)]
    number = accounts.id_number()
    told = Told("marriage", clock.today(), None, {"name": "试偶", "id_number": number})
    results = at_once(*(
        lambda row=row: changes.report(row, told, by=row.created_by, key=uuid4()) for row in rows
    ))  # fmt: skip
    refused = [one for one in results if isinstance(one, submission.AlreadyInAnother)]
    assert len(refused) == 1 and Change.objects.count() == 1
    assert Member.objects.filter(id_number__isnull=False, relation="10").count() == 1


def test_two_desks_settle_a_change_once():
    row = make.application(2, state=states.STREET_REVIEW)
    told = Told("death", clock.today(), row.members.get(relation="10"))
    change = changes.report(row, told, by=row.created_by, key=uuid4()).change
    one, other = desk.district(), desk.district()
    results = at_once(
        lambda: change_settling.confirm(change, by=one),
        lambda: change_settling.no_effect(change, by=other, note="x"),
    )
    refused = [one for one in results if isinstance(one, change_settling.SettlingRefused)]
    assert len(refused) == 1


def test_a_birthday_is_found_once_by_two_workers():
    _row, daughter = grown_up(clock.today())
    at_once(*(lambda: majority.find(clock.today()) for _n in range(3)))
    assert daughter.changes.count() == 1
    assert Notice.objects.filter(code="change.majority").count() == 1
