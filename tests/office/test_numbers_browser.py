"""审核统计, 轮候名单, 导出 and the family's 轮候, wide and narrow: axe, width, a download."""

from datetime import timedelta

import pytest
from django.http import QueryDict

from accounts.roles import Role
from applications import states, waiting
from applications.models import ReviewTask
from core import clock
from office import exports, review_numbers, tasks
from tests.browsing import enter, look_at
from tests.factories import accounts
from tests.factories import applications as make
from tests.factories import review as desk
from tests.office.conftest import answered, log, steps, worked

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.browser]
DAY = timedelta(days=1)


def household(**fields):
    case = make.application(state=states.PUBLICITY, **fields)
    make.assessment(case)
    return waiting.register(case, by=desk.WORKER)


@pytest.fixture
def review_(transactional_db):
    accounts.bureau()
    streets = [accounts.bureau("street")]
    for days in (4, 9, 12, 15, 18, 33, 61):
        case = answered(90, days, streets[0])
        worked(case, "real_estate", (1, min(days, 5)))
        worked(case, "civil_affairs", (1, min(days, 9)), ["INCOME"])
        steps(case, (0, states.STREET_REVIEW), (1, states.JOINT_REVIEW), (3, states.PUBLICITY))
        log(case, states.WAITLISTED, case.decided_at)
        case.pauses.create(
            reason="publicity", began_at=case.accepted_at + 3 * DAY,
            ended_at=case.accepted_at + min(days, 10) * DAY,
        )  # fmt: skip
    review_numbers.refresh()


@pytest.mark.usefixtures("review_")
def test_the_numbers_of_the_review_are_sound(live_server, page, client):
    enter(page, client, live_server, accounts.staff(Role.LEADER).user)
    look_at(page, live_server, "/office/review/", name="review")
    assert page.locator("[data-chart-canvas] canvas").count() >= 3


def test_the_waiting_list_and_one_household_are_sound(live_server, page, client):
    entries = [household() for _n in range(3)]
    by = accounts.staff(Role.DISTRICT)
    waiting.suspend(entries[1].application, by=by, words="正在核对一处房产")
    enter(page, client, live_server, by.user)
    look_at(page, live_server, "/office/waiting/", name="waiting")
    number = entries[1].application.case_no
    look_at(page, live_server, f"/office/waiting/{number}/", name="wait")


def test_the_familys_page_is_sound(live_server, page, client):
    citizen = accounts.citizen()
    early = household()
    household(applicant=citizen)
    waiting.end(early, by=desk.WORKER)
    enter(page, client, live_server, citizen.user)
    look_at(page, live_server, "/my/wait/", name="my-wait")


def test_asking_for_a_file_and_downloading_it_are_sound(
    live_server, page, client, settings, tmp_path, monkeypatch
):
    settings.MEDIA_ROOT = tmp_path
    monkeypatch.setattr(tasks.make_export, "delay_on_commit", lambda *_a: None)
    staff = accounts.staff(Role.REVIEWER, bureau="civil_affairs")
    for _n in range(3):
        ReviewTask.objects.create(
            application=make.application(state=states.JOINT_REVIEW), stage="joint",
            bureau=staff.bureau, state_since=clock.now(), opened_at=clock.now(),
            due_on=clock.today() + 9 * DAY,
        )  # fmt: skip
    enter(page, client, live_server, staff.user)
    look_at(page, live_server, "/office/exports/", name="exports-none")
    look_at(page, live_server, "/review/", name="queue")
    page.get_by_role("link", name="导出这份清单").click()
    look_at(page, live_server, "/office/exports/new/queue/", name="export-ask")
    page.get_by_label("用途").fill("每月向区政府汇总办理进度")
    page.get_by_text("CSV 文本").click()
    page.get_by_role("button", name="开始导出").click()
    page.wait_for_url("**/office/exports/")
    look_at(page, live_server, "/office/exports/", name="exports-running")
    row = exports.of(staff).get()
    assert row.format == "csv"
    assert exports.make(row.pk, row.attempt)
    page.get_by_text("可以下载").wait_for(timeout=15_000)  # the list asks again by itself
    look_at(page, live_server, "/office/exports/", name="exports-ready")
    with page.expect_download() as waited:
        page.get_by_role("button", name="下载").click()
    assert waited.value.path().stat().st_size == row_size(row)


def row_size(row):
    row.refresh_from_db()
    assert row.downloads == 1
    return row.size


def test_the_query_of_a_list_is_kept_in_the_form():
    assert exports._plain(QueryDict("stage=joint&page=3&after=x")) == {"stage": ["joint"]}
