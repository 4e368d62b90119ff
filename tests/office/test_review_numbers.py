"""/office/review/: every figure again from the raw rows, and the rows kept current."""

from collections import Counter
from datetime import timedelta
from math import ceil

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from applications import deadlines, states
from applications.models import Application, Pause, Reconsideration
from core import clock, workdays
from core.models import CalendarDay
from office import review_numbers, review_page
from office.figures.figure import Moment
from office.models import DeskDays, NumbersRun, ReviewedCase
from tests.factories import accounts
from tests.office import reviewed
from tests.office.conftest import answered, log, worked

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def plain(values: list[int]) -> tuple:
    """Cases, fastest, median, P90, shares within 15 and within 45, sum."""
    ordered = sorted(values)

    def at(share: float) -> int:
        return ordered[max(0, ceil(share * len(ordered)) - 1)]

    return (
        len(ordered), ordered[0], at(0.5), at(0.9), sum(v <= 15 for v in ordered) / len(ordered),
        sum(v <= 45 for v in ordered) / len(ordered), sum(ordered),
    )  # fmt: skip


def shown(spread: review_page.Spread) -> tuple:
    return (
        spread.cases, spread.fastest, spread.median, spread.p90, spread.promised,
        spread.statutory, spread.days,
    )  # fmt: skip


@pytest.mark.usefixtures("district")
def test_durations_net_and_gross_are_those_of_the_raw_rows():
    page, cases = review_page.page(Moment.now()), reviewed.cases()
    assert len(cases) > 6
    net, gross = (one.spread for one in page["measures"])
    assert shown(net) == plain([one.net for one in cases])
    assert shown(gross) == plain([one.gross for one in cases])
    assert net.days < gross.days


@pytest.mark.usefixtures("district")
def test_a_cases_days_are_those_of_its_own_clock():
    for row in ReviewedCase.objects.select_related("application"):
        own = deadlines.clock_of(row.application, clock.today())
        assert (row.net, row.gross) == (own.net, own.gross), row


@pytest.mark.usefixtures("district")
def test_streets_months_and_desks_are_those_of_the_raw_rows():
    page, cases = review_page.page(Moment.now()), reviewed.cases()
    by_street: dict = {}
    by_month: dict = {}
    by_desk: dict = {}
    for one in cases:
        by_street.setdefault(one.row.street.name, []).append(one.net)
        by_month.setdefault(one.month, []).append(one.net)
        for key, days in one.desks.items():
            by_desk.setdefault(key, []).append(days)
    assert {str(one.name): shown(one.spread) for one in page["streets"]} == {
        name: plain(values) for name, values in by_street.items()
    }
    assert {one.href[-7:]: shown(one.spread) for one in page["months"]["lines"]} == {
        name: plain(values) for name, values in by_month.items()
    }
    assert Counter(shown(one.spread) for one in page["desks"]) == Counter(
        plain(values) for values in by_desk.values()
    )
    whole = sum(sum(values) for values in by_desk.values())
    assert [one.share for one in page["desks"]] == sorted(
        (sum(values) / whole for values in by_desk.values()), reverse=True
    )


@pytest.mark.usefixtures("district")
def test_where_time_goes_adds_up_to_the_gross_time():
    page, cases = review_page.page(Moment.now()), reviewed.cases()
    for shown_parts, field in ((page["places"], "places"), (page["pauses"], "stood")):
        sums: Counter = Counter()
        for one in cases:
            sums.update(getattr(one, field))
        found = {row["href"].rpartition("_")[2]: row["days"] for row in shown_parts["rows"]}
        assert found == {name: days for name, days in sums.items() if days}
    places = sum(row["days"] for row in page["places"]["rows"])
    assert places == sum(one.gross for one in cases)


@pytest.mark.usefixtures("district")
def test_shares_of_outcomes_say_what_they_are_shares_of():
    page, rows = review_page.page(Moment.now()), [one.row for one in reviewed.cases()]
    asked = [row for row in rows if reviewed.asked(row)]
    objected = [row for row in rows if reviewed.objected(row)]
    values = {one.key: one.value for one in page["outcomes"]}
    share = review_page.display.percent
    assert values["review_overturned"] == share(
        sum(any(reviewed.asked(row)) for row in asked) / len(asked)
    )
    assert values["review_upheld"] == share(
        sum(any(reviewed.objected(row)) for row in objected) / len(objected)
    )
    straight = [
        row for row in rows
        if not reviewed.doubted(row) and "correction" not in reviewed.went(row)
    ]  # fmt: skip
    assert values["review_straight"] == share(len(straight) / len(rows))
    assert 0 < len(straight) < len(rows)


@pytest.mark.usefixtures("district")
def test_every_number_leads_to_its_cases(client):
    client.force_login(accounts.staff(Role.LEADER).user)
    page = client.get("/office/review/").context
    links = [
        (one.href, one.spread.cases)
        for one in (*page["measures"], *page["desks"], *page["streets"], *page["months"]["lines"])
    ]
    links += [(row["href"], row["cases"]) for row in page["places"]["rows"]]
    links += [(row["href"], row["cases"]) for row in page["pauses"]["rows"]]
    assert len(links) > 12
    for href, number in links:
        assert client.get(href).context["page"].paginator.count == number, href


@pytest.mark.usefixtures("district")
def test_a_case_answered_since_is_counted_by_the_next_pass(streets):
    before = ReviewedCase.objects.count()
    review_numbers.refresh()
    assert ReviewedCase.objects.count() == before
    row = answered(20, 9, streets[0])
    log(row, states.WAITLISTED)
    review_numbers.refresh()
    assert ReviewedCase.objects.count() == before + 1
    assert ReviewedCase.objects.get(application=row).gross == reviewed.case_of(row).gross


@pytest.mark.usefixtures("district")
def test_a_later_answer_to_a_re_consideration_changes_its_case():
    open_ = Reconsideration.objects.filter(answered_at=None).first()
    case = open_.decision.application
    assert not ReviewedCase.objects.get(application=case).asked_again
    open_.answered_at, open_.overturned = clock.now(), True
    open_.save()
    review_numbers.refresh()
    row = ReviewedCase.objects.get(application=case)
    assert (row.asked_again, row.overturned) == (True, True)


@pytest.mark.usefixtures("district")
def test_a_changed_calendar_counts_everything_anew():
    case = ReviewedCase.objects.filter(gross__gt=5, net__gt=5).first()
    accepted = case.application.accepted_at
    day = _first_workday(accepted)
    CalendarDay.objects.create(
        date=day, is_workday=False, source="test", changed_by="test", changed_at=clock.now()
    )
    workdays.forget()
    review_numbers.refresh()
    again = ReviewedCase.objects.get(application=case.application)
    workdays.forget()
    assert again.gross == case.gross - 1


def _first_workday(accepted):
    return next(
        one for n in range(1, 12) if workdays.is_workday(one := reviewed.day(accepted) + n * DAY)
    )


@pytest.mark.usefixtures("district")
def test_a_pass_that_was_cut_goes_on_where_it_stopped(monkeypatch):
    everything = ReviewedCase.objects.count()
    NumbersRun.objects.all().delete()
    ReviewedCase.objects.all().delete()
    monkeypatch.setattr(review_numbers, "_PART", 5)
    review_numbers.refresh(2)
    assert review_numbers.under_way()
    assert review_numbers.as_of() is None
    upto = NumbersRun.objects.get().upto
    while review_numbers.under_way():
        review_numbers.refresh(1)
        assert NumbersRun.objects.first().upto >= upto
    assert ReviewedCase.objects.count() == everything
    assert review_numbers.as_of() is not None


def test_two_rounds_of_a_desk_are_one_line_of_its_days(streets):
    case = answered(60, 30, streets[0])
    first = worked(case, "real_estate", (1, 4))
    second = worked(case, "civil_affairs", (8, 12))
    second.task.bureau = first.task.bureau
    second.task.round = 2
    second.task.save()
    review_numbers.refresh()
    assert DeskDays.objects.count() == 1
    assert DeskDays.objects.get().days == sum(reviewed.case_of(case).desks.values()) > 0


def test_days_of_a_pause_are_nobodys(streets):
    case = answered(60, 30, streets[0])
    worked(case, "real_estate", (1, 20))
    review_numbers.refresh()
    held = DeskDays.objects.get().days
    Pause.objects.create(
        application=case, reason="source", began_at=case.accepted_at + 5 * DAY,
        ended_at=case.accepted_at + 12 * DAY,
    )  # fmt: skip
    log(case, states.WAITLISTED)
    review_numbers.refresh()
    now = DeskDays.objects.get().days
    assert now == sum(reviewed.case_of(case).desks.values()) < held


def test_the_table_refuses_a_net_time_above_the_gross(streets):
    case = answered(30, 9, streets[0])
    review_numbers.refresh()
    with pytest.raises(IntegrityError, match="reviewed_net_within_gross"), transaction.atomic():
        ReviewedCase.objects.filter(application=case).update(net=99)


# -- The page --------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.ADMIN, Role.LEADER])
@pytest.mark.usefixtures("district")
def test_leaders_and_administrators_read_it(client, role):
    client.force_login(accounts.staff(role).user)
    answer = client.get("/office/review/")
    assert answer.status_code == 200
    text = answer.content.decode()
    assert "截至" in text
    assert "从受理次日到答复当日的工作日，扣除暂停" in text


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.DISTRICT, Role.WINDOW])
def test_others_do_not(client, role):
    client.force_login(accounts.staff(role).user)
    assert client.get("/office/review/").status_code == 403


def test_before_the_first_pass_the_page_says_so(client):
    client.force_login(accounts.staff(Role.LEADER).user)
    assert "还没有统计过" in client.get("/office/review/").content.decode()
    review_numbers.refresh()
    assert "还没有答复过申请" in client.get("/office/review/").content.decode()


@pytest.mark.usefixtures("district")
def test_the_page_asks_no_more_for_more_cases(client, streets, django_assert_max_num_queries):
    client.force_login(accounts.staff(Role.LEADER).user)
    client.get("/office/review/")
    with CaptureQueriesContext(connection) as before:
        client.get("/office/review/")
    for number in range(8):
        case = answered(40, 4 + number, streets[number % 2])
        worked(case, "real_estate", (1, 3))
    log(Application.objects.latest("pk"), states.WAITLISTED)
    review_numbers.refresh()
    with django_assert_max_num_queries(len(before)):
        client.get("/office/review/")
    assert len(before) <= 20
