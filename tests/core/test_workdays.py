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
