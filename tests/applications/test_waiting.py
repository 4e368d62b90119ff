"""The waiting list: order and estimate."""

from datetime import timedelta

import pytest

from applications import states, waiting
from applications.models import WaitEntry
from core import clock
from core.models import Notice
from core.workflow import TransitionRefused
from tests.factories import applications
from tests.factories import review as desk

pytestmark = pytest.mark.django_db


def waiting_household(priority: list[str] | None = None) -> WaitEntry:
    case = applications.application(state=states.PUBLICITY)
    applications.assessment(case, priority=priority or [], tier="DB")
    return waiting.register(case, by=desk.WORKER)


def left(days_ago: int) -> None:
    entry = waiting_household()
    with clock.held_at(clock.now() - timedelta(days=days_ago)):
        waiting.end(entry, by=desk.WORKER)


def test_registration_keeps_tier_priority_and_unit_types():
    entry = waiting_household(["AGE_70"])
    assert (entry.tier, entry.draw_tier, entry.unit_types) == ("DB", 2, ["2R"])
    assert entry.application.state == states.WAITLISTED
    assert entry.application.decided_at is not None


def test_the_best_of_several_priorities_counts():
    assert waiting_household(["AGE_70", "TK"]).draw_tier == 1


def test_a_place_follows_tier_and_then_time():
    plain, later, aged = waiting_household(), waiting_household(), waiting_household(["AGE_70"])
    assert [waiting.place_of(entry) for entry in (aged, plain, later)] == [1, 2, 3]


def test_who_left_the_list_holds_no_place():
    first, second = waiting_household(), waiting_household()
    waiting.end(first, by=desk.WORKER)
    assert waiting.place_of(second) == 1


def test_the_family_is_told_its_place():
    entry = waiting_household()
    told = Notice.objects.get(person_index=entry.application.applicant.id_index)
    assert "第1位" in told.text


def test_no_estimate_where_too_little_is_known():
    entry = waiting_household()
    left(10)
    assert waiting.estimate_of(entry, clock.today()) is None


def test_a_case_that_is_not_on_notice_is_not_registered():
    case = applications.application(state=states.JOINT_REVIEW)
    with pytest.raises(TransitionRefused):
        waiting.register(case, by=desk.WORKER)
    assert not WaitEntry.objects.exists()
