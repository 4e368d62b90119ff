"""The working calendar: two people, a preview, and every open case counted anew."""

from datetime import date

import pytest

from accounts.roles import Role
from applications import calendar_changes, deadlines, recalculation, states, tasks_clocks
from applications.calendar_changes import CalendarRefused, Day
from applications.models import Recalculation
from applications.models.review import Stage
from core import clock, workdays
from core.models import AuditEntry, CalendarChange, CalendarDay, Notice
from tests.factories import accounts
from tests.factories import clocks as make
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
DAY = date(2026, 3, 10)  # a Tuesday
NOTICE = "国办发明电〔2026〕1号"


@pytest.fixture(autouse=True)
def day(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: make.at("2026-03-02T10:00"))
    yield date(2026, 3, 2)
    workdays.forget()


def entered(day: Day | None = None, **words) -> CalendarChange:
    words = {"by": make.admin(), "source": NOTICE, "reason": "台风停工"} | words
    return calendar_changes.enter(day or Day(DAY, False), **words)


def in_force(change: CalendarChange) -> CalendarChange:
    calendar_changes.confirm(change, by=make.leader())
    workdays.forget()  # a test's transaction never commits
    change.refresh_from_db()
    return change


# -- Two people ----------------------------------------------------------------------------------


def test_an_entry_changes_nothing_before_a_second_person_confirms_it():
    change = entered()
    assert workdays.is_workday(DAY) and not CalendarDay.objects.exists()
    in_force(change)
    assert not workdays.is_workday(DAY)
    own = CalendarDay.objects.get()
    assert (own.source, own.reason) == (NOTICE, "台风停工")
    verbs = AuditEntry.objects.filter(verb__startswith="calendar.").values_list("verb", flat=True)
    assert {"calendar.entered", "calendar.confirmed", "calendar.recalculation"} <= set(verbs)


def test_who_entered_cannot_confirm():
    me = make.admin()
    change = entered(by=me)
    with pytest.raises(CalendarRefused, match="录入的人不能自己确认"):
        calendar_changes.confirm(change, by=me)
    change.refresh_from_db()
    assert change.state == "entered" and not CalendarDay.objects.exists()


@pytest.mark.parametrize("role", [Role.DISTRICT, Role.REVIEWER, Role.LEADER])
def test_only_an_administrator_enters(role):
    with pytest.raises(CalendarRefused, match="业务管理人员录入"):
        entered(by=accounts.staff(role).user)
    assert not CalendarChange.objects.exists()


def test_only_an_administrator_or_a_leader_confirms():
    change = entered()
    with pytest.raises(CalendarRefused, match="业务管理人员或者领导"):
        calendar_changes.confirm(change, by=accounts.staff(Role.DISTRICT).user)


def test_a_day_that_is_so_already_or_waits_for_somebody_is_refused():
    with pytest.raises(CalendarRefused, match="现在就是这样"):
        entered(Day(DAY, None))
    entered()
    with pytest.raises(CalendarRefused, match="在等确认"):
        entered(by=make.admin())


def test_a_day_put_aside_changes_nothing_and_may_be_entered_anew():
    change = entered()
    calendar_changes.decline(change, by=make.admin())
    assert entered().pk != change.pk
    assert workdays.is_workday(DAY)


def test_an_entry_made_on_a_day_that_has_changed_since_is_refused():
    change = entered()
    CalendarDay.objects.create(
        date=DAY, is_workday=True, source="x", changed_by="x", changed_at=clock.now()
    )
    with pytest.raises(CalendarRefused, match="已经改过"):
        calendar_changes.confirm(change, by=make.leader())


def test_undoing_is_another_entry_for_another_person_and_the_history_stays():
    change = in_force(entered())
    back = calendar_changes.undo(change, by=make.admin(), reason="没有停工")
    assert not workdays.is_workday(DAY)
    in_force(back)
    assert workdays.is_workday(DAY) and not CalendarDay.objects.exists()
    rows = list(CalendarChange.objects.order_by("pk").values_list("state", "undoes"))
    assert rows == [("confirmed", None), ("confirmed", change.pk)]


def test_what_was_not_confirmed_cannot_be_undone():
    with pytest.raises(CalendarRefused, match="已生效"):
        calendar_changes.undo(entered(), by=make.admin(), reason="x")


# -- A notice ------------------------------------------------------------------------------------


def test_a_notice_is_read_line_by_line():
    days, problems = calendar_changes.read_notice(
        "2026-04-04~2026-04-06,休,清明节\n\n2026-04-26\t班\t补劳动节\n2026年5月1日，休，劳动节\n"
        "2026-05-01，假期，劳动节\n2026-04-05,休\n2026-06-20~2026-06-01 休"
    )
    assert [(one.date.day, one.is_workday, one.note) for one in days] == [
        (4, False, "清明节"), (5, False, "清明节"), (6, False, "清明节"), (26, True, "补劳动节"),
    ]  # fmt: skip
    assert [one.line for one in problems] == [4, 5, 6, 7]
    assert "重复" in problems[2].why and "从早到晚" in problems[3].why


def test_a_notice_is_confirmed_as_a_whole_and_counted_anew_once():
    days, _none = calendar_changes.read_notice("2026-03-10~2026-03-12,休,活动")
    rows = calendar_changes.enter_all(days, by=make.admin(), source=NOTICE, reason=NOTICE)
    done = calendar_changes.confirm(rows[0], by=make.leader(), together=True)
    workdays.forget()
    assert len(done) == 3 and CalendarDay.objects.count() == 3
    assert Recalculation.objects.count() == 1


def test_one_wrong_day_of_a_document_enters_none_of_it():
    days = [Day(DAY, False), Day(date(2026, 3, 11), None)]
    with pytest.raises(CalendarRefused):
        calendar_changes.enter_all(days, by=make.admin(), source=NOTICE, reason="x")
    assert not CalendarChange.objects.exists()


# -- The cases -----------------------------------------------------------------------------------


def cases(count: int = 3):
    rows = [make.accepted("2026-03-02T09:00", state=states.STREET_REVIEW) for _n in range(count)]
    for one in rows:
        row = make.task(one, Stage.STREET, "2026-03-09T09:00")
        row.due_on = recalculation.task_due(one, row)
        row.save()
    return rows


def run_all() -> None:
    for one in recalculation.unfinished():
        while not recalculation.run(one.pk):
            pass


def test_the_effect_is_told_before_anything_changes():
    case, *_others = cases()
    make.accepted("2025-06-02T09:00", state=states.WAITLISTED)
    off = recalculation.effect_of({DAY: False})
    assert (off.moved, off.later) == (3, 3)
    on = recalculation.effect_of({date(2026, 3, 14): True})
    assert (on.moved, on.later) == (3, 0)
    none = recalculation.effect_of({date(2027, 8, 2): False})
    assert (none.moved, none.later) == (0, 0)
    before = case.promised_due
    case.refresh_from_db()
    assert case.promised_due == before


def test_a_confirmed_day_moves_cases_and_open_tasks_and_tells_each_family_once():
    rows = cases()
    before = {one.pk: (one.promised_due, one.tasks.get().due_on) for one in rows}
    in_force(entered())
    run_all()
    run = Recalculation.objects.get()
    assert (run.cases, run.moved, run.later) == (3, 3, 3) and run.finished_at
    for one in rows:
        one.refresh_from_db()
        promised, due = before[one.pk]
        assert one.promised_due == workdays.add_workdays(promised, 1) > promised
        assert one.tasks.get().due_on > due
        told = Notice.objects.filter(case_no=one.case_no, code="case.date_moved")
        assert told.count() == 1 and "现在不用您办理" in told.get().text
    assert recalculation.run(run.pk)  # a second worker finds it done
    assert Notice.objects.filter(code="case.date_moved").count() == 3


def test_a_day_that_comes_sooner_moves_the_case_and_tells_nobody():
    (case,) = cases(1)
    before = case.promised_due
    in_force(entered(Day(date(2026, 3, 14), True)))
    run_all()
    case.refresh_from_db()
    assert case.promised_due < before
    assert not Notice.objects.filter(code="case.date_moved").exists()


def test_a_lost_worker_leaves_nothing_out_and_doubles_nothing(monkeypatch):
    rows = cases(5)
    in_force(entered())
    run = Recalculation.objects.get()
    real, seen = recalculation._recompute, []

    def dies(application):
        if len(seen) == 2:
            raise RuntimeError("worker lost")
        seen.append(application.pk)
        return real(application)

    monkeypatch.setattr(recalculation, "_recompute", dies)
    with pytest.raises(RuntimeError):
        recalculation.run(run.pk)
    run.refresh_from_db()
    assert (run.cases, run.moved, run.finished_at) == (2, 2, None)
    monkeypatch.setattr(recalculation, "_recompute", real)
    assert [one.pk for one in recalculation.unfinished()] == [run.pk]
    run_all()
    run.refresh_from_db()
    assert (run.cases, run.moved, run.later) == (5, 5, 5)
    assert Notice.objects.filter(code="case.date_moved").count() == len(rows)


def test_a_year_that_is_published_counts_every_open_case_anew_once(monkeypatch):
    (case,) = cases(1)
    assert recalculation.begin_for_published(clock.today()) == []  # noted as it stands
    assert recalculation.begin_for_published(clock.today()) == []
    case.promised_due = date(2026, 3, 16)  # by a calendar that was guessed
    case.save()
    known = workdays.fingerprint
    monkeypatch.setattr(
        workdays, "fingerprint", lambda year: "00000000" if year == 2026 else known(year)
    )
    (made,) = recalculation.begin_for_published(clock.today())
    assert made.key == "library-2026-00000000"
    assert recalculation.begin_for_published(clock.today()) == []
    run_all()
    case.refresh_from_db()
    assert case.promised_due == deadlines.clock_of(case, clock.today()).promised_due
    assert Notice.objects.filter(code="case.date_moved").count() == 1


def test_a_year_that_open_cases_reach_is_watched_before_it_is_published():
    case = make.accepted("2026-03-02T09:00", state=states.STREET_REVIEW)
    case.statutory_due = date(2031, 2, 3)
    case.save()
    recalculation.begin_for_published(clock.today())
    rows = Recalculation.objects.filter(key__startswith="library-2031-")
    assert rows.get().finished_at and not recalculation.unfinished().exists()


def test_a_task_keeps_its_time_from_a_correction_and_from_a_report():
    case = make.accepted("2026-02-02T09:00", state=states.JOINT_REVIEW)
    row = make.task(case, Stage.JOINT, "2026-02-03T09:00", kind="civil_affairs")
    plain = recalculation.task_due(case, row)
    make.pause(case, "correction", "2026-02-04T09:00", "2026-02-26T09:00")
    longer = recalculation.task_due(case, row)
    assert longer == workdays.add_workdays(date(2026, 2, 26), 5) > plain
    desk.applications.evidence(
        case, "income_check", status="ordered", ordered_at=clock.now(),
        expected_on=date(2026, 3, 16),
    )  # fmt: skip
    assert recalculation.task_due(case, row) == workdays.add_workdays(date(2026, 3, 16), 2)


def test_the_sweeper_takes_up_what_was_left(monkeypatch):
    given = []
    monkeypatch.setattr(tasks_clocks.recalculate, "delay", given.append)
    run = recalculation.begin("change-0", by=recalculation.SYSTEM)
    tasks_clocks.sweep_clocks()
    assert run.pk in given


# -- The pages -----------------------------------------------------------------------------------


def typed(**more) -> dict[str, str]:
    day = {"date_year": "2026", "date_month": "3", "date_day": "10"}
    words = {"kind": "rests", "source": NOTICE, "reason": "台风停工", "act": "preview"}
    return {**day, **words, **more}


def test_the_page_shows_the_year_and_what_the_library_says(client):
    client.force_login(make.admin())
    page = client.get("/office/calendar/?year=2026").content.decode()
    assert "公布的放假和补班" in page and "2026年2月17日" in page
    page = client.get("/office/calendar/?year=2028").content.decode()
    assert "2028年的放假安排还没有公布" in page


def test_a_day_is_kept_only_after_its_effect_was_shown(client):
    cases(2)
    client.force_login(make.admin())
    first = client.post("/office/calendar/day/", typed(act="save"))
    assert "2件在办的办件日期会变，其中2件推后" in first.content.decode()
    assert not CalendarChange.objects.exists()
    seen = first.context["form"]["seen"].value()
    again = client.post("/office/calendar/day/", typed(act="save", seen=seen, reason="别的理由"))
    assert again.status_code == 200 and not CalendarChange.objects.exists()
    client.post("/office/calendar/day/", typed(act="save", seen=seen))
    assert CalendarChange.objects.get().date == DAY


def test_a_notice_names_its_wrong_lines(client):
    client.force_login(make.admin())
    lines = "2026-03-10,休,活动\n三月十一,休"
    page = client.post("/office/calendar/notice/", {"source": NOTICE, "lines": lines})
    assert page.status_code == 422
    assert "第2行" in page.content.decode() and "有1行看不懂" in page.content.decode()


def test_a_notice_goes_from_paste_to_force_by_two_people(client):
    cases(1)
    client.force_login(make.admin())
    form = {"source": NOTICE, "lines": "2026-03-10~2026-03-11,休,活动"}
    page = client.post("/office/calendar/notice/", form | {"act": "preview"})
    assert "读到2天" in page.content.decode()
    seen = page.context["form"]["seen"].value()
    client.post("/office/calendar/notice/", form | {"act": "save", "seen": seen})
    first = CalendarChange.objects.order_by("date").first()
    mine = client.get(f"/office/calendar/changes/{first.pk}/").content.decode()
    assert "录入的人不能自己确认" in mine
    client.force_login(make.leader())
    address = f"/office/calendar/changes/{first.pk}/"
    assert "整份文件一起确认" in client.get(address).content.decode()
    client.post(address, {"act": "confirm_all"})
    assert CalendarDay.objects.count() == 2
    page = client.get("/office/calendar/?year=2026").content.decode()
    assert "改过的" in page and "正在重算" in page


def test_a_change_is_undone_from_its_page_by_a_new_entry(client):
    change = in_force(entered())
    client.force_login(make.admin())
    address = f"/office/calendar/changes/{change.pk}/"
    assert client.post(address, {"act": "undo", "reason": ""}).status_code == 422
    client.post(address, {"act": "undo", "reason": "没有停工"})
    assert CalendarChange.objects.filter(undoes=change, state="entered").exists()


def test_others_are_kept_out(client):
    change = entered()
    for role in (Role.DISTRICT, Role.REVIEWER, Role.SYSTEM):
        client.force_login(accounts.staff(role).user)
        assert client.get("/office/calendar/").status_code == 403
    client.force_login(make.leader())
    assert client.get("/office/calendar/day/").status_code == 403
    assert client.get(f"/office/calendar/changes/{change.pk}/").status_code == 200


def test_the_pages_cost_the_same_for_many_changes(client, django_assert_max_num_queries):
    for n in range(1, 10):
        entered(Day(date(2026, 5, n + 10), n % 2 == 0))
    client.force_login(make.leader())
    client.get("/office/calendar/?year=2026")
    with django_assert_max_num_queries(14):
        client.get("/office/calendar/?year=2026")
