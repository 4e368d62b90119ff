"""/office/waiting/ and the family's own page: the order of any day, every move with its reason."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from applications import states, waiting
from applications.models import WaitEntry, WaitMove
from core import clock
from core.identity.masking import mask_name
from core.models import AuditEntry
from tests.factories import accounts, applications
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)
WORDS = "复核后不再属于优先对象"


def household(priority: list[str] | None = None, **fields) -> WaitEntry:
    case = applications.application(state=states.PUBLICITY, **fields)
    applications.assessment(case, priority=priority or [], tier="DB")
    return waiting.register(case, by=desk.WORKER)


def signed_in(client, role):
    staff = accounts.staff(role)
    client.force_login(staff.user)
    return staff


# -- Staff -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("role", [Role.ADMIN, Role.LEADER, Role.DISTRICT])
def test_the_list_of_a_day_is_shown_in_its_order_with_masked_names(client, role):
    plain, aged = household(), household(["AGE_70"])
    signed_in(client, role)
    rows = client.get("/office/waiting/").context["rows"]
    assert [row.case_no for row in rows] == [aged.application.case_no, plain.application.case_no]
    assert rows[0].who == mask_name(aged.application.applicant.name)
    yesterday = (clock.today() - DAY).isoformat()
    assert client.get("/office/waiting/", {"on": yesterday}).context["rows"] == []


@pytest.mark.parametrize("day", ["nonsense", "2099-01-01", "2026-02-30"])
def test_a_day_that_cannot_be_read_is_said_and_today_shown(client, day):
    household()
    signed_in(client, Role.ADMIN)
    answer = client.get("/office/waiting/", {"on": day})
    assert "请填今天或者以前的日期" in answer.content.decode()
    assert len(answer.context["rows"]) == 1


@pytest.mark.parametrize("role", [Role.WINDOW, Role.REVIEWER, Role.OPERATOR])
def test_others_do_not_read_the_list(client, role):
    entry = household()
    signed_in(client, role)
    assert client.get("/office/waiting/").status_code == 403
    assert client.get(f"/office/waiting/{entry.application.case_no}/").status_code == 403


def test_the_list_asks_no_more_for_more_households(client, django_assert_max_num_queries):
    household()
    signed_in(client, Role.ADMIN)
    client.get("/office/waiting/")
    with CaptureQueriesContext(connection) as before:
        client.get("/office/waiting/")
    for _n in range(5):
        household()
    with django_assert_max_num_queries(len(before)):
        client.get("/office/waiting/")


def test_the_centre_moves_a_household_and_the_look_is_recorded(client):
    entry = household(["AGE_70"])
    address = f"/office/waiting/{entry.application.case_no}/"
    staff = signed_in(client, Role.DISTRICT)
    assert client.get(address).status_code == 200
    looked = AuditEntry.objects.filter(verb="looked", case_no=entry.application.case_no)
    assert looked.get().actor_id == staff.user.pk
    answer = client.post(address, {"what": "reorder", "draw_tier": "3", "words": WORDS})
    assert answer.url == address
    entry.refresh_from_db()
    assert entry.draw_tier == 3
    page = client.get(address).content.decode()
    assert WORDS in page and "位置调后" in page and staff.name in page


def test_a_move_without_words_stays_on_the_page_with_what_was_typed(client):
    entry = household()
    signed_in(client, Role.ADMIN)
    address = f"/office/waiting/{entry.application.case_no}/"
    for said in ({"what": "suspend", "words": ""}, {"what": "suspend", "words": "查"},
                 {"what": "reorder", "words": WORDS}):  # fmt: skip
        assert client.post(address, said).status_code == 422
    assert WaitMove.objects.count() == 1


def test_a_leader_reads_the_moves_and_cannot_make_one(client):
    entry = household()
    signed_in(client, Role.LEADER)
    address = f"/office/waiting/{entry.application.case_no}/"
    assert "由区住房保障管理中心决定" in client.get(address).content.decode()
    assert client.post(address, {"what": "suspend", "words": WORDS}).status_code == 422
    assert WaitMove.objects.count() == 1


def test_the_sheet_of_a_case_shows_its_moves(client):
    entry = household()
    waiting.suspend(entry.application, by=accounts.staff(Role.DISTRICT), words="正在核对一处房产")
    signed_in(client, Role.ADMIN)
    page = client.get(f"/office/cases/{entry.application.case_no}/").content.decode()
    assert "轮候暂停，位置保留" in page and "正在核对一处房产" in page


# -- The family ------------------------------------------------------------------------------------


def test_a_family_reads_its_own_moves_and_only_how_many_came_and_went(client):
    early = household()
    citizen = accounts.citizen()
    own = household(applicant=citizen)
    aged = household(["AGE_70"])
    waiting.end(early, by=desk.WORKER)
    by = accounts.staff(Role.DISTRICT)
    waiting.suspend(own.application, by=by, words="正在核对一处房产")
    client.force_login(citizen.user)
    page = client.get("/my/wait/").content.decode()
    assert "正在核对一处房产" in page
    assert "有1户已经离开" in page and "有1户因为档次靠前" in page
    assert "现在第2位" in page
    for other in (early, aged):
        assert other.application.case_no not in page
        assert other.application.applicant.name not in page
    assert by.name not in page


def test_a_family_is_told_that_the_range_is_not_known(client):
    citizen = accounts.citizen()
    household(applicant=citizen)
    client.force_login(citizen.user)
    assert "还要多久现在不知道" in client.get("/my/wait/").content.decode()


def test_a_familys_page_asks_no_more_for_a_longer_list(client, django_assert_max_num_queries):
    citizen = accounts.citizen()
    household(applicant=citizen)
    client.force_login(citizen.user)
    client.get("/my/wait/")
    with CaptureQueriesContext(connection) as before:
        client.get("/my/wait/")
    for _n in range(5):
        household(["AGE_70"])
    with django_assert_max_num_queries(len(before)):
        client.get("/my/wait/")
