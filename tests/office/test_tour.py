"""The tour: people found by situation, a clock that moves, and nothing of it in production."""

import re
import runpy
from datetime import timedelta

import pytest
from django.urls import NoReverseMatch, Resolver404, get_resolver, reverse
from django.utils.translation import override

from accounts.models import Citizen, User
from accounts.roles import Role
from applications import states
from core import clock
from core.refusals import Refusal
from datashare import mock_control
from office import situations, tour
from office.figures import article
from office.situations import SITUATIONS
from renewal import states as renewal_states
from tests.factories import accounts, review
from tests.factories import applications as make
from tests.office.conftest import exit_case, ordered
from yinzhou_housing import urls

pytestmark = pytest.mark.django_db
HAN = re.compile(r"[\u4e00-\u9fff]")


@pytest.fixture(autouse=True)
def departments(monkeypatch):
    """A register that knows three families in each situation, the first of whom has applied."""
    people = [
        {"name": f"城{word}", "id_number": accounts.id_number(), "note": ""} for word in "甲乙丙"
    ]
    down: list[dict[str, str]] = []
    monkeypatch.setattr(mock_control, "people", lambda *_about: people)
    monkeypatch.setattr(mock_control, "broken", lambda: down)
    monkeypatch.setattr(
        mock_control, "break_down", lambda source, mode: down.append({"source": source})
    )
    monkeypatch.setattr(mock_control, "mend", down.clear)
    monkeypatch.setattr(mock_control, "hurry_reports", lambda: 0)
    return people


@pytest.fixture
def set_off(monkeypatch):
    """What was queued instead of waiting for its turn."""
    queued: list[str] = []
    for task in tour.DUE:
        monkeypatch.setattr(task, "delay", lambda name=task.name: queued.append(name))
    return queued


def test_the_page_says_each_step_with_its_figure_and_its_buttons(client):
    page = client.get("/demo/")
    assert page.status_code == 200
    steps = page.context["steps"]
    assert [step.key for step in steps][:2] == ["apply", "outage"]
    assert {door.situation for step in steps for door in step.doors} == set(SITUATIONS)


def test_the_page_works_with_no_case_and_no_department(client, monkeypatch):
    def away(*_about):
        raise mock_control.NotServed

    monkeypatch.setattr(mock_control, "people", away)
    monkeypatch.setattr(mock_control, "broken", away)
    page = client.get("/demo/")
    assert page.status_code == 200
    assert "模拟的部门没有在运行" in page.content.decode()


def test_a_family_that_has_applied_is_not_offered_again(departments):
    first = situations.aided_family()
    assert first.id_number == departments[0]["id_number"]
    make.application([make.person(number=first.id_number)], state=states.JOINT_REVIEW)
    assert situations.aided_family().id_number == departments[1]["id_number"]
    assert situations.second_aided_family().id_number == departments[2]["id_number"]


def test_one_click_signs_in_as_somebody_in_the_situation(client, departments):
    answer = client.post("/demo/enter/aided_family/")
    assert answer.url == "/apply/"
    user = User.objects.get(pk=client.session["_auth_user_id"])
    citizen = Citizen.objects.with_number(departments[0]["id_number"])
    assert user == citizen.user


def test_a_departments_task_lets_in_that_very_department(client):
    case = review.in_joint_review([review.OFFPLAN])
    answer = client.post("/demo/enter/failing_task/")
    task = case.tasks.exclude(findings=[]).get()
    assert answer.url == f"/review/{task.pk}/"
    staff = User.objects.get(pk=client.session["_auth_user_id"]).as_staff
    assert staff.bureau == task.bureau
    assert Role.REVIEWER in staff.roles


def test_the_newest_case_is_gone_on_with_by_whoever_has_the_turn(client):
    review.in_joint_review()
    newest = review.in_joint_review()
    for task in newest.tasks.filter(state=states.TASK_OPEN).order_by("pk"):
        assert client.post("/demo/enter/newest_task/").url == f"/review/{task.pk}/"
        staff = User.objects.get(pk=client.session["_auth_user_id"]).as_staff
        assert staff.bureau == task.bureau
        review.agree(task)
    assert client.post("/demo/enter/newest_task/").url == (
        f"/review/{newest.tasks.get(state=states.TASK_OPEN).pk}/"
    )
    staff = User.objects.get(pk=client.session["_auth_user_id"]).as_staff
    assert Role.DISTRICT in staff.roles


def test_the_adult_whose_consent_is_awaited_is_found_in_the_newest_draft(client):
    draft = make.application(3, consents=False)
    assert client.post("/demo/enter/family_waiting_for_consent/").url == reverse("apply_join")
    citizen = User.objects.get(pk=client.session["_auth_user_id"]).as_citizen
    assert citizen.id_index == draft.members.get(relation="10").id_index


def test_the_household_that_is_heard_comes_to_its_hearing(client):
    case = exit_case(renewal_states.X_NOTICE)
    assert client.post("/demo/enter/hearing_household/").url == "/my/hearing/"
    citizen = User.objects.get(pk=client.session["_auth_user_id"]).as_citizen
    assert citizen.id_index == case.lease.application.applicant.id_index


def test_where_nobody_is_in_the_situation_the_tour_says_so(client):
    page = client.post("/demo/enter/failing_task/", follow=True).content.decode()
    assert "现在没有这样的家庭或办件" in page
    assert "_auth_user_id" not in client.session


@pytest.mark.parametrize(("jump", "days"), [("day", 1), ("eight", 8)])
def test_the_clock_moves_by_working_days_and_sets_off_what_is_due(client, set_off, jump, days):
    before = clock.today()
    client.post("/demo/clock/", {"jump": jump})
    from core import workdays

    assert workdays.workdays_between(before, clock.today()) == days
    assert "applications.tasks_review.close_publicities" in set_off
    assert "allocation.tasks.lapse_offers" in set_off
    client.post("/demo/clock/", {"jump": "reset"})
    assert clock.offset() == timedelta()


def test_a_jump_that_nobody_offered_is_refused(client, set_off):
    client.post("/demo/clock/", {"jump": "century"})
    assert clock.offset() == timedelta()
    assert set_off == []


def test_the_controls_refuse_where_the_clock_may_not_move(settings, set_off):
    settings.CLOCK_MAY_MOVE = False
    with pytest.raises(clock.ClockRefused):
        tour.move_clock("day")
    assert set_off == []


def test_a_department_is_taken_down_and_brought_back(client, set_off):
    client.post("/demo/departments/", {"to": "down"})
    assert tour.strip().down == ["不动产登记"]
    client.post("/demo/departments/", {"to": "up"})
    assert tour.strip().down == []
    assert set_off == ["applications.tasks.sweep_checks"]


def test_reports_under_way_are_counted_and_asked_for_at_once(client, set_off):
    report = ordered(make.application(state=states.ACCEPTED))
    report.due_at = clock.now() + timedelta(days=3)
    report.save(update_fields=["due_at"])
    assert tour.strip().ordered == 1
    client.post("/demo/reports/")
    report.refresh_from_db()
    assert report.due_at <= clock.now()
    assert set_off == ["applications.tasks.sweep_checks", "renewal.tasks.sweep_campaigns"]


def test_reports_cannot_be_hurried_where_no_department_runs(client, set_off, monkeypatch):
    def away():
        raise mock_control.NotServed

    monkeypatch.setattr(mock_control, "hurry_reports", away)
    page = client.post("/demo/reports/", follow=True).content.decode()
    assert "模拟的部门没有在运行" in page
    assert set_off == []


def test_the_family_of_the_newest_report_follows_its_case(client):
    ordered(make.application(state=states.ACCEPTED), days_ago=4)
    newest = make.application(state=states.ACCEPTED)
    ordered(newest)
    ordered(make.application(), days_ago=0)  # a draft is no case yet
    answer = client.post("/demo/enter/family_awaiting_report/")
    assert answer.url == f"/my/case/{newest.case_no}/"
    citizen = User.objects.get(pk=client.session["_auth_user_id"]).as_citizen
    assert citizen.id_index == newest.applicant.id_index


def test_the_family_that_applies_alone_is_not_the_one_at_the_window(departments):
    assert situations.low_income_family().id_number == departments[1]["id_number"]
    assert departments[0]["name"] in situations.window_clerk().note


@pytest.mark.parametrize(
    "verb",
    [
        tour.hurry_reports,
        lambda: tour.enter("leader"),
        lambda: tour.move_clock("day"),
        lambda: tour.department("down"),
        tour.kiosk_visit,
    ],
)
def test_outside_the_demo_every_act_is_refused(settings, set_off, verb):
    settings.DEMO = False
    with pytest.raises(Refusal):
        verb()
    assert clock.offset() == timedelta()


def test_outside_the_demo_the_addresses_do_not_exist(settings, client):
    settings.DEMO = False
    wired = runpy.run_path(urls.__file__)["urlpatterns"]
    addresses = get_resolver(tuple(wired))
    for path in ("/demo/", "/demo/clock/", "/demo/departments/", "/demo/enter/leader/",
                 "/demo/as/leader/", "/demo/kiosk/", "/demo/reports/"):  # fmt: skip
        with pytest.raises(Resolver404):
            addresses.resolve(path)
    with pytest.raises(NoReverseMatch):
        reverse("tour", urlconf=tuple(wired))
    assert client.get("/demo/").status_code == 404  # and the view itself refuses, too
    assert client.post("/demo/clock/", {"jump": "day"}).status_code == 404


def test_every_text_of_the_data_files_is_complete_in_both_languages(client):
    with override("en"):
        told = [
            text
            for step in tour.steps(tour.Moment.now())
            for text in (step.title, step.sentence, *step.look, *(d.label for d in step.doors))
        ]
        quoted = article.article()
        told += [quoted.source, quoted.as_of]
        told += [t for one in quoted.figures.values() for t in (one.value, one.sentence)]
    assert told
    assert [text for text in told if HAN.search(text)] == []
