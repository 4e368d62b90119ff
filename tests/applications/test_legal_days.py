"""What stands against a decision, and until which day: service, holidays, passed periods."""

from datetime import UTC, date, datetime

import pytest

from applications import decision, legal_days, publicity, reconsiderations, standing, states
from applications.models import Decision
from core import clock, workdays
from core.models import CalendarDay
from tests.factories import review as desk

pytestmark = pytest.mark.django_db


def served(moment, kind="refuse"):
    """A decision that was served at this moment."""
    letter = decision.sign(desk.refusal_drafted(), by=desk.district())
    Decision.objects.filter(pk=letter.pk).update(served_at=moment, kind=kind)
    letter.refresh_from_db()
    return letter


def days(letter, today=date(2026, 3, 2)):
    return {one.name: one.until for one in legal_days.of(letter, today=today)}


def test_periods_run_from_the_day_after_service():
    letter = served(datetime(2026, 3, 2, 10, tzinfo=clock.LOCAL))  # a Monday
    assert days(letter) == {
        "reconsideration_ask": date(2026, 5, 6),  # 5-01 … 5-05 are holidays
        "administrative_review": date(2026, 5, 6),
        "litigation": date(2026, 9, 2),
    }


def test_the_day_of_service_is_that_of_ningbo():
    letter = served(datetime(2026, 3, 2, 17, tzinfo=UTC))  # 1:00 on the 3rd in Ningbo
    assert days(letter)["litigation"] == date(2026, 9, 3)


def test_six_months_after_the_last_of_august_end_with_february():
    letter = served(datetime(2026, 8, 31, 9, tzinfo=clock.LOCAL))
    last = date(2027, 2, 28)
    expected = last if workdays.is_workday(last) else workdays.add_workdays(last, 1)
    assert days(letter)["litigation"] == expected
    assert [one.provisional for one in legal_days.of(letter, today=clock.today())][-1]


def test_a_last_day_that_is_no_working_day_moves_to_the_next():
    letter = served(datetime(2026, 3, 4, 9, tzinfo=clock.LOCAL))
    before = days(letter)["litigation"]
    CalendarDay.objects.create(
        date=before, is_workday=False, source="test", changed_by="test", changed_at=clock.now()
    )
    workdays.forget()
    try:
        assert days(letter)["litigation"] == workdays.add_workdays(before, 1)
    finally:
        CalendarDay.objects.all().delete()
        workdays.forget()


def test_the_end_of_a_tenancy_may_be_re_considered_too():
    letter = served(datetime(2026, 3, 2, 10, tzinfo=clock.LOCAL), kind="end")
    assert set(days(letter)) == {"reconsideration_ask", "administrative_review", "litigation"}


def test_what_has_passed_says_so():
    letter = served(datetime(2026, 3, 2, 10, tzinfo=clock.LOCAL))
    over = {one.name: one.over for one in legal_days.of(letter, today=date(2026, 5, 6))}
    assert not any(over.values())
    over = {one.name: one.over for one in legal_days.of(letter, today=date(2026, 5, 7))}
    assert over["administrative_review"] and not over["litigation"]


def test_an_approval_needs_no_remedy_and_a_draft_has_none():
    draft = desk.refusal_drafted()
    assert legal_days.of(draft, today=clock.today()) == []
    letter = served(clock.now(), kind="approve")
    assert legal_days.of(letter, today=clock.today()) == []


def test_a_re_consideration_says_by_when_it_is_answered():
    letter = decision.sign(desk.refusal_drafted(), by=desk.district())
    case = letter.application
    asked = reconsiderations.ask(letter, by=case.created_by, text="不同意")
    case.refresh_from_db()
    assert asked.due_on == workdays.add_workdays(clock.today(), 15)
    assert legal_days.answer_due(case) == asked.due_on
    assert f"{asked.due_on.day}日" in standing.of(case).line


def test_an_objection_says_by_when_it_is_checked():
    case = desk.at_district()
    posted = publicity.open_for(case, by=desk.district().user)
    publicity.object_to(posted, text="这户人家在外地还有一套住房", contact="13800000000")
    case.refresh_from_db()
    assert case.state == states.OBJECTION_CHECK
    due = workdays.add_workdays(clock.today(), 5)
    assert legal_days.answer_due(case) == due
    assert f"{due.month}月{due.day}日" in standing.of(case).line


def test_the_case_page_shows_each_way_with_its_day(client):
    letter = served(clock.now())
    client.force_login(letter.application.created_by)
    page = client.get(f"/my/case/{letter.case_no}/").content.decode()
    assert "不同意怎么办" in page and "提起行政诉讼" in page and "为止" in page
