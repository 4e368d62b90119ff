"""Working days with 调休, on the test vectors of the calendar."""

from datetime import date

import pytest

from core import clock, workdays
from core.models import CalendarDay

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("start", "count", "end"),
    [
        ("2021-09-24", 5, "2021-09-30"),
        ("2021-09-24", 10, "2021-10-13"),
        ("2021-09-24", 15, "2021-10-20"),
        ("2021-09-24", 45, "2021-12-01"),
        ("2022-01-21", 15, "2022-02-16"),
        ("2024-02-05", 5, "2024-02-18"),
        ("2026-02-10", 5, "2026-02-24"),
        ("2026-02-10", 15, "2026-03-09"),
    ],
)
def test_days_are_counted_from_the_next_working_day(start, count, end):
    assert workdays.add_workdays(date.fromisoformat(start), count) == date.fromisoformat(end)
    assert workdays.workdays_between(date.fromisoformat(start), date.fromisoformat(end)) == count


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2021-09-26", True),  # a Sunday worked for the national day
        ("2021-10-09", True),  # a Saturday, likewise
        *((f"2021-10-0{n}", False) for n in range(1, 8)),
        ("2024-02-09", True),  # 除夕 of that year was a workday
        ("2024-02-10", False),
        ("2024-02-18", True),  # a Sunday worked for the spring festival
    ],
)
def test_the_moved_days_of_the_festivals_are_known(day, works):
    assert workdays.is_workday(date.fromisoformat(day)) is works
    assert workdays.library_says(date.fromisoformat(day)) is works


def test_a_supposed_day_counts_inside_its_block_alone():
    day, start = date(2026, 3, 2), date(2026, 2, 27)
    before = workdays.add_workdays(start, 5)
    with workdays.supposing({day: False}):
        assert not workdays.is_workday(day)
        assert workdays.add_workdays(start, 5) > before
    assert workdays.is_workday(day) and workdays.add_workdays(start, 5) == before


def test_an_administrators_day_may_be_supposed_away():
    day = date(2026, 3, 2)
    CalendarDay.objects.create(
        date=day, is_workday=False, source="台风停工", changed_by="x", changed_at=clock.now()
    )
    workdays.forget()
    with workdays.supposing({}):
        assert not workdays.is_workday(day)
    with workdays.supposing({day: None}):
        assert workdays.is_workday(day)
    workdays.forget()


def test_what_the_library_says_of_a_year_has_a_mark():
    assert workdays.is_published(2021) and not workdays.is_published(2031)
    assert dict(workdays.moved_days(2021))[date(2021, 9, 26)] is True
    assert workdays.fingerprint(2021) != workdays.fingerprint(2022)


def test_a_year_not_yet_published_is_provisional_but_answers():
    assert workdays.is_provisional(date(2031, 1, 4))
    assert not workdays.is_provisional(date(2026, 3, 2))
    assert workdays.add_workdays(date(2030, 12, 30), 45) > date(2031, 1, 1)


def test_an_administrators_day_goes_first():
    day = date(2026, 3, 2)
    assert workdays.is_workday(day)
    CalendarDay.objects.create(
        date=day, is_workday=False, source="台风停工", changed_by="x", changed_at=clock.now()
    )
    workdays.forget()
    assert not workdays.is_workday(day)
    workdays.forget()
