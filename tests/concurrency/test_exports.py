"""Two files asked for by one person at once; one household moved by two people at once."""

from datetime import timedelta

import pytest
from django.http import QueryDict

from accounts.roles import Role
from applications import states, wait_moves, waiting
from applications.models import ReviewTask, WaitEntry, WaitMove
from core import clock
from office import exports, review_numbers, tasks
from office.models import Export, NumbersRun, ReviewedCase
from tests.concurrency.racing import at_once
from tests.factories import accounts, applications
from tests.factories import review as desk
from tests.office.conftest import answered

pytestmark = pytest.mark.django_db(transaction=True)
WHY = "每月向区政府汇总办理进度"


@pytest.fixture(autouse=True)
def _by_hand(settings, tmp_path, monkeypatch):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(tasks.make_export, "delay_on_commit", lambda *_a: None)


def test_of_two_files_asked_for_at_once_one_is_made():
    staff = accounts.staff(Role.REVIEWER, bureau="civil_affairs")
    ReviewTask.objects.create(
        application=applications.application(state=states.JOINT_REVIEW), stage="joint",
        bureau=staff.bureau, state_since=clock.now(), opened_at=clock.now(),
        due_on=clock.today() + timedelta(days=9),
    )  # fmt: skip

    def ask():
        return exports.ask("queue", "csv", QueryDict(), purpose=WHY, by=staff)

    results = at_once(ask, ask, ask)
    refused = [one for one in results if isinstance(one, exports.ExportRefused)]
    assert len(refused) == 2
    assert Export.objects.count() == 1
    row = Export.objects.get()
    made = at_once(*[lambda: exports.make(row.pk, row.attempt)] * 2)
    assert made.count(True) == 1
    row.refresh_from_db()
    assert row.state == "ready"


def test_of_two_people_who_move_a_household_at_once_both_moves_stand_in_a_row():
    case = applications.application(state=states.PUBLICITY)
    applications.assessment(case, priority=[])
    entry = waiting.register(case, by=desk.WORKER)
    one, other = accounts.staff(Role.DISTRICT), accounts.staff(Role.ADMIN)
    results = at_once(
        lambda: waiting.reorder(case, by=one, draw_tier=1, words="评估漏了一项优先"),
        lambda: waiting.reorder(case, by=other, draw_tier=2, words="评估漏了一项优先"),
    )
    assert all(isinstance(result, WaitEntry) for result in results), results
    moves = list(WaitMove.objects.filter(entry=entry).order_by("id"))
    assert [move.from_draw_tier for move in moves[1:]] == [move.to_draw_tier for move in moves[:-1]]
    entry.refresh_from_db()
    assert moves[-1].to_draw_tier == entry.draw_tier
    assert [row.entry_id for row in wait_moves.order_on(clock.today())] == [entry.pk]


def test_of_two_suspensions_at_once_one_is_refused():
    case = applications.application(state=states.PUBLICITY)
    applications.assessment(case)
    waiting.register(case, by=desk.WORKER)
    by = accounts.staff(Role.DISTRICT)
    results = at_once(*[lambda: waiting.suspend(case, by=by, words="正在核对一处房产")] * 2)
    assert sum(isinstance(one, waiting.MoveRefused) for one in results) == 1
    assert WaitMove.objects.filter(kind="suspended").count() == 1


def test_two_workers_count_each_case_once():
    accounts.bureau()
    for days in (3, 9, 20):
        answered(60, days)
    at_once(review_numbers.refresh, review_numbers.refresh)
    review_numbers.refresh()
    assert ReviewedCase.objects.count() == 3
    assert not NumbersRun.objects.filter(finished_at=None).exists()
