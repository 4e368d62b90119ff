"""好差评: once a step, changeable for some days; a bad word is called about and answered."""

import threading
from datetime import timedelta

import pytest
from django.db import connection

from accounts.roles import Role
from applications import call_backs, ratings, states
from applications.models import CallBack, Rating
from core import clock, workdays
from core.models import AuditEntry, Notice, OutboxMessage, Transition
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def case():
    return make.application(2, state=states.JOINT_REVIEW)


def rate(case, level=5, step="accepted", by=None, **more):
    return ratings.rate(case, step, by=by or case.created_by, level=level, **more)


def pushed():
    rows = OutboxMessage.objects.filter(destination="province", kind="case.rating")
    return [one.payload for one in rows.order_by("pk")]


def bad(case):
    rate(case, level=1, reasons=["slow"], text="等了三个星期")
    return CallBack.objects.get()


def at_desk():
    return accounts.staff(Role.ADMIN)


def test_a_step_is_rated_once_it_is_finished(case):
    assert [one.step for one in ratings.doors(case, case.created_by)] == ["accepted"]
    with pytest.raises(ratings.RatingRefused, match="还没有办完"):
        rate(case, step="decided")
    assert not Rating.objects.exists() and not pushed()
    decided = make.application(state=states.WAITLISTED)
    assert ratings.finished(decided) == ["accepted", "decided"]
    closed = make.application(state=states.CLOSED)
    assert ratings.finished(closed) == ["accepted", "decided", "moved_in"]


def test_a_word_may_be_changed_for_seven_days(case, monkeypatch):
    rate(case, level=3)
    rate(case, level=5, reasons=["kind", "nonsense"])
    row = Rating.objects.get()
    assert (row.level, row.revision, row.reasons) == (5, 2, ["kind"])
    assert [one["revision"] for one in pushed()] == [1, 2]
    late = clock.now() + timedelta(days=8)
    monkeypatch.setattr(clock, "now", lambda: late)
    with pytest.raises(ratings.RatingRefused, match="7天"):
        rate(case, level=1)
    assert Rating.objects.get().level == 5


@pytest.mark.parametrize("level", [0, 6, -1])
def test_there_are_five_levels(case, level):
    with pytest.raises(ratings.RatingRefused, match="选择一个评价") as refused:
        rate(case, level=level)
    assert refused.value.field == "level" and not Rating.objects.exists()


def test_a_stranger_does_not_rate(case):
    with pytest.raises(ratings.RatingRefused, match="不是您的申请"):
        rate(case, by=accounts.citizen().user)


def test_a_family_rates_a_step_once(case):
    rate(case)
    spouse = case.members.get(is_applicant=False)
    other = accounts.citizen(name=spouse.name, number=spouse.id_number)
    with pytest.raises(ratings.RatingRefused, match="家人已经评价"):
        rate(case, by=other.user, level=1)


def test_what_leaves_the_platform_names_nobody(case):
    name, number = case.applicant.name, case.applicant.id_number
    rate(case, level=4, text=f"我是{name}，证件{number}，电话13800001111，住3幢502室")
    (told,) = pushed()
    assert not any(part in str(told) for part in (name, number, "13800001111"))
    assert set(told) == {"caseNo", "step", "level", "reasons", "text", "at", "revision"}
    assert Rating.objects.get().text.startswith(f"我是{name}")


@pytest.mark.django_db(transaction=True)
def test_two_tabs_leave_one_word():
    case = make.application(state=states.JOINT_REVIEW)
    done = []

    def word(level):
        try:
            done.append(rate(case, level=level).level)
        finally:
            connection.close()

    tabs = [threading.Thread(target=word, args=[level]) for level in (4, 5)]
    for one in tabs:
        one.start()
    for one in tabs:
        one.join()
    assert sorted(done) == [4, 5] and Rating.objects.get().revision == 2


# -- A bad word ----------------------------------------------------------------------------------


@pytest.mark.parametrize(("level", "calls"), [(1, 1), (2, 1), (3, 0), (4, 0), (5, 0)])
def test_a_bad_word_is_called_about(case, level, calls):
    rate(case, level=level)
    assert CallBack.objects.count() == calls
    if calls:
        row, today = CallBack.objects.get(), clock.today()
        assert row.call_by == workdays.add_workdays(today, 1)
        assert row.due_on == workdays.add_workdays(today, 5)


def test_a_word_changed_for_the_better_is_still_heard(case):
    rate(case, level=1)
    rate(case, level=5)
    rate(case, level=2)
    assert CallBack.objects.get().state == states.CALL_BACK_OPEN


def test_called_checked_mended_and_told(case):
    row, staff = bad(case), at_desk()
    call_backs.reach(row, by=staff, heard="窗口让等了两次")
    call_backs.close(row, by=staff, finding="true", answer="已增开一个窗口")
    row.refresh_from_db()
    assert (row.state, row.closed_by) == (states.CALL_BACK_CLOSED, staff)
    told = Notice.objects.get(code="rating.answered")
    assert "已增开一个窗口" in told.text and "属实" in told.text
    (door,) = ratings.doors(case, case.created_by)
    assert door.call_back.answer == "已增开一个窗口"


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ({"finding": "true", "answer": "已改"}, "请先回访"),
        ({"finding": "", "answer": "已改"}, "请选择核实结果"),
        ({"finding": "unreached", "answer": " "}, "请写明"),
    ],
)
def test_an_answer_that_is_not_whole_changes_nothing(case, words, why):
    row = bad(case)
    with pytest.raises(call_backs.CallBackRefused, match=why):
        call_backs.close(row, by=at_desk(), **words)
    row.refresh_from_db()
    assert row.state == states.CALL_BACK_OPEN
    assert not Notice.objects.filter(code="rating.answered").exists()


def test_who_worked_on_the_case_neither_reads_nor_calls(case, client):
    row, staff = bad(case), at_desk()
    Transition.objects.create(
        thing_type="x", thing_id=1, case_no=case.case_no, from_state="a", to_state="b",
        by=staff.audit_label, at=clock.now(),
    )  # fmt: skip
    with pytest.raises(call_backs.CallBackRefused, match="其他同事"):
        call_backs.reach(row, by=staff, heard="x")
    client.force_login(staff.user)
    assert client.get(f"/office/ratings/{row.pk}/").status_code == 403


def test_a_desk_that_has_no_part_in_it_does_not_read_the_list(client):
    client.force_login(accounts.staff(Role.REVIEWER).user)
    assert client.get("/office/ratings/").status_code == 403


# -- Pages ---------------------------------------------------------------------------------------


def test_the_person_rates_on_the_page_of_the_case(case, client):
    client.force_login(case.created_by)
    address = f"/my/case/{case.case_no}/rate/accepted/"
    assert address in client.get(f"/my/case/{case.case_no}/").content.decode()
    missing = client.post(address, {"text": "还行"})
    assert missing.status_code == 422 and "还行" in missing.content.decode()
    assert client.post(address, {"level": 2, "reasons": ["slow"]}).status_code == 302
    page = client.get(f"/my/case/{case.case_no}/").content.decode()
    assert "不满意" in page and "我们会打电话听您说" in page
    assert client.get(f"/my/case/{case.case_no}/rate/nonsense/").status_code == 404


def test_the_desk_works_it_off_and_the_look_is_recorded(case, client):
    row = bad(case)
    client.force_login(at_desk().user)
    assert case.case_no in client.get("/office/ratings/").content.decode()
    address = f"/office/ratings/{row.pk}/"
    page = client.get(address).content.decode()
    assert "等得太久" in page and "等了三个星期" in page
    assert AuditEntry.objects.filter(verb="looked", case_no=case.case_no).exists()
    assert client.post(address, {"heard": ""}).status_code == 422
    assert client.post(address, {"heard": "等了两次"}).status_code == 302
    said = {"finding": "partly", "answer": "已提醒窗口"}
    assert client.post(address, said).status_code == 302
    assert case.case_no in client.get("/office/ratings/?done=1").content.decode()
    assert "已提醒窗口" in client.get(address).content.decode()


def test_who_was_rated_does_not_read_it_after_it_was_answered_either(case, client):
    row, rated = bad(case), at_desk()
    Transition.objects.create(
        thing_type="x", thing_id=1, case_no=case.case_no, from_state="a", to_state="b",
        by=rated.audit_label, at=clock.now(),
    )  # fmt: skip
    other = at_desk()
    call_backs.reach(row, by=other, heard="等了两次")
    call_backs.close(row, by=other, finding="partly", answer="已提醒窗口")
    client.force_login(rated.user)
    answer = client.get(f"/office/ratings/{row.pk}/")
    assert answer.status_code == 403 and "等了三个星期" not in answer.content.decode()
    client.force_login(other.user)
    assert "已提醒窗口" in client.get(f"/office/ratings/{row.pk}/").content.decode()
