"""The moves of the waiting list: append-only, rebuilt for any day, never worse without a person."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, InternalError, NotSupportedError, connection, transaction

from accounts.roles import Role
from applications import states, wait_moves, waiting
from applications.models import WaitEntry, WaitMove
from core import clock
from core.models import Notice
from tests.factories import accounts, applications
from tests.factories import review as desk

pytestmark = pytest.mark.django_db

DAY = timedelta(days=1)


def household(priority: list[str] | None = None) -> WaitEntry:
    case = applications.application(state=states.PUBLICITY)
    applications.assessment(case, priority=priority or [], tier="DB")
    return waiting.register(case, by=desk.WORKER)


def live() -> list[int]:
    rows = WaitEntry.objects.filter(ended_at=None)
    return [one.pk for one in sorted(rows, key=lambda one: (*wait_moves.place(one), one.pk))]


def replayed(day=None) -> list[int]:
    return [one.entry_id for one in wait_moves.order_on(day or clock.today())]


def district():
    return accounts.staff(Role.DISTRICT)


def test_what_the_moves_tell_is_the_list_that_lives():
    entries = [household(["AGE_70"] if n % 3 == 0 else None) for n in range(9)]
    by = district()
    waiting.end(entries[1], by=by)
    waiting.suspend(entries[2].application, by=by, words="正在核对一处房产")
    waiting.reorder(entries[4].application, by=by, draw_tier=1, words="同为孤儿，漏登了一档")
    waiting.reorder(entries[3].application, by=by, draw_tier=3, words="复核后不再属于优先对象")
    waiting.resume(entries[2].application, by=by, words="房产核对清楚，不影响")
    assert replayed() == live()
    assert len(live()) == 8
    places = [waiting.place_of(WaitEntry.objects.get(pk=pk)) for pk in live()]
    assert places == list(range(1, 9))


def test_the_list_of_an_earlier_day_stands_as_it_did():
    first, second, third = household(), household(), household()
    today = clock.today()
    before = live()
    with clock.held_at(clock.now() + 2 * DAY):
        waiting.reorder(third.application, by=district(), draw_tier=1, words="评估漏了一项优先")
        waiting.end(first, by=desk.WORKER)
        assert replayed() == live() == [third.pk, second.pk]
    with clock.held_at(clock.now() + 5 * DAY):
        assert replayed(today) == before == [first.pk, second.pk, third.pk]
        assert replayed(today - DAY) == []


def test_a_move_can_be_neither_altered_nor_removed():
    household()
    for change in (
        lambda: WaitMove.objects.update(reason="person"),
        lambda: WaitMove.objects.all().delete(),
    ):
        with pytest.raises((InternalError, NotSupportedError)), transaction.atomic():
            change()
    assert WaitMove.objects.get().kind == "registered"


def test_the_table_refuses_a_worse_place_without_the_move_of_a_person():
    entry = household(["AGE_70"])
    for field, value in (("draw_tier", 3), ("order_at", clock.now() + DAY)):
        with pytest.raises(IntegrityError, match="没有工作人员的决定"), transaction.atomic():
            WaitEntry.objects.filter(pk=entry.pk).update(**{field: value})
    WaitEntry.objects.filter(pk=entry.pk).update(draw_tier=1)
    with pytest.raises(IntegrityError), transaction.atomic():
        wait_moves.move(entry, "moved_down", "person", by=desk.WORKER, was=(2, clock.now()),
                        to=(3, clock.now()), words="没有人").save()  # fmt: skip
    with pytest.raises(IntegrityError), transaction.atomic():
        wait_moves.move(entry, "terms", "change", by=district(), was=(1, entry.registered_at),
                        to=(2, entry.registered_at), words="写了原因").save()  # fmt: skip


def test_a_worse_place_is_told_with_its_reason_and_the_way_to_object():
    entry = household(["AGE_70"])
    by = district()
    waiting.reorder(entry.application, by=by, draw_tier=3, words="复核后不再属于优先对象")
    entry.refresh_from_db()
    move = WaitMove.objects.get(kind="moved_down")
    assert (entry.draw_tier, move.by_staff, move.words) == (3, by, "复核后不再属于优先对象")
    told = Notice.objects.filter(person_index=entry.application.applicant.id_index).first()
    assert "复核后不再属于优先对象" in told.text
    assert "复核" in told.text and "15个工作日" in told.text


@pytest.mark.parametrize("role", [Role.STREET, Role.REVIEWER, Role.LEADER])
def test_only_the_centre_moves_a_household(role):
    entry = household()
    with pytest.raises(waiting.MoveRefused, match="区住房保障管理中心"):
        waiting.reorder(entry.application, by=accounts.staff(role), draw_tier=1, words="想让他快些")
    assert WaitMove.objects.count() == 1


def test_a_move_without_a_reason_is_refused_and_changes_nothing():
    entry = household()
    for attempt in (
        lambda: waiting.suspend(entry.application, by=district(), words="  "),
        lambda: waiting.reorder(entry.application, by=district(), draw_tier=1, words="好"),
        lambda: waiting.reorder(entry.application, by=district(), words="没有变化的调整"),
    ):
        with pytest.raises(waiting.MoveRefused):
            attempt()
    entry.refresh_from_db()
    assert (entry.draw_tier, entry.application.state) == (3, states.WAITLISTED)
    assert WaitMove.objects.count() == 1


def test_who_is_suspended_keeps_the_place_and_nobody_moves_back_when_they_go_on():
    first, second = household(), household()
    by = district()
    waiting.suspend(first.application, by=by, words="正在核对一处房产")
    assert first.application.state == states.WAIT_SUSPENDED
    assert waiting.why_suspended(first.application) == "正在核对一处房产"
    assert waiting.place_of(second) == 2
    waiting.resume(first.application, by=by, words="房产核对清楚，不影响")
    assert (waiting.place_of(first), waiting.place_of(second)) == (1, 2)


def test_who_came_and_went_before_a_household_explains_its_place():
    early, mid = household(), household()
    own = household()
    began = waiting.place_of(own)
    aged = household(["AGE_70"])
    late = household()
    waiting.end(early, by=desk.WORKER)
    waiting.reorder(late.application, by=district(), draw_tier=2, words="评估漏了一项优先")
    waiting.reorder(
        mid.application, by=district(), order_on=clock.today() + DAY, words="登记日期录入有误"
    )
    found = wait_moves.since(own, list(wait_moves.of(own)))
    assert (found.left, found.fell, found.came) == (1, 1, 2)
    assert waiting.place_of(own) == began - found.left - found.fell + found.came
    assert aged.draw_tier == 2


def test_a_household_that_comes_back_keeps_its_date():
    entry = household()
    case = entry.application
    waiting.end(entry, by=desk.WORKER, reason="refused")
    type(case).objects.filter(pk=case.pk).update(state=states.PUBLICITY)
    case.refresh_from_db()
    again = waiting.register(case, by=desk.WORKER)
    assert again.pk == entry.pk
    assert again.registered_at == entry.registered_at
    kinds = list(WaitMove.objects.order_by("id").values_list("kind", flat=True))
    assert kinds == ["registered", "left", "returned"]
    assert replayed() == live()


def test_a_place_is_one_query_on_the_index_of_the_order(django_assert_num_queries):
    entry = [household() for _n in range(3)][-1]
    with django_assert_num_queries(1) as queries:
        assert waiting.place_of(entry) == 3
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
        cursor.execute("EXPLAIN " + queries.captured_queries[0]["sql"])
        assert "wait_order" in " ".join(row[0] for row in cursor.fetchall())
