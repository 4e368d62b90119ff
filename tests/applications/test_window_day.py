"""咨询 and 交班: advice that leaves only a count; the day of the office as a list, and the note."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from applications import consultations, states, transfer
from applications.models import Application, Consultation, HandoverNote, Supplement
from core import clock, workdays
from core.models import AuditEntry
from tests.applications import at_window
from tests.factories import accounts
from tests.factories import applications as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def clerk(client):
    staff = accounts.staff("window", name="窗口甲")
    client.force_login(staff.user)
    return staff


@pytest.fixture
def relatives(monkeypatch):
    return at_window.family(monkeypatch)


def answers(**changes):
    """A couple on minimum living allowance, registered here, without a home or a car."""
    return {
        "q0-tie": "since_birth", "q1-persons": "2", "q2-born_year": "1980",
        "q2-born_month": "5", "q2-born_day": "5", "q3-aid": "DB", "q5-area": "0", "q5-gone": "0",
        "q6-cars": "0", "q7-months": "0", **changes,
    }  # fmt: skip


# -- 咨询 --------------------------------------------------------------------------------------


def test_all_questions_stand_on_one_page(client, clerk):
    text = client.get("/window/consult/").content.decode()
    for question in ("您的户口在哪里？", "您的社保和学历", "看结果"):
        assert question in text


def test_advice_asks_no_register_makes_no_case_and_is_counted(client, clerk, registers):
    text = client.post("/window/consult/", answers()).content.decode()
    assert "可能符合条件" in text and "申请时请带" in text and "每月租金约" in text
    assert not Application.objects.exists() and not registers.asked
    made = Consultation.objects.get()
    assert (made.word, made.bureau, made.by) == ("likely", clerk.bureau, clerk)


def test_nothing_that_was_answered_is_stored(client, clerk):
    client.post("/window/consult/", answers(**{"q4-income": "77123"}))
    kept = Consultation.objects.values().get()
    assert set(kept) == {"id", "bureau_id", "by_id", "at", "word", "category"}
    assert "77123" not in str(AuditEntry.objects.values_list("detail", flat=True))
    assert not AuditEntry.objects.exclude(subjects=[]).exists()
    assert "77123" not in str(dict(client.session.items()))


def test_looking_again_with_other_answers_is_still_one_consultation(client, clerk):
    client.post("/window/consult/", answers())
    client.post("/window/consult/", answers(**{"counted": "1", "q1-persons": "3"}))
    assert Consultation.objects.count() == 1


def test_what_is_missing_is_said_question_by_question_and_counts_nothing(client, clerk):
    answer = client.post("/window/consult/", answers(**{"q0-tie": "", "q1-persons": "99"}))
    text = answer.content.decode()
    assert answer.status_code == 422 and "请先看这几处" in text and 'value="99"' in text
    assert not Consultation.objects.exists()


def test_income_is_needed_only_where_no_aid_settles_it(client, clerk):
    answer = client.post("/window/consult/", answers(**{"q3-aid": "none"}))
    assert answer.status_code == 422
    answer = client.post("/window/consult/", answers(**{"q3-aid": "none", "q4-income": "60000"}))
    assert answer.status_code == 200


def test_the_sheet_prints_from_the_page_alone(client, clerk):
    answer = client.post("/window/consult/sheet.pdf", answers())
    assert answer.content.startswith(b"%PDF") and "no-store" in answer["Cache-Control"]
    assert not Consultation.objects.exists()  # counted with the result, not with the print
    assert client.post("/window/consult/sheet.pdf", {}).status_code == 422


def test_the_list_of_what_to_bring_asks_for_no_paper_a_register_answers():
    for category in ("urban_low_income", "new_employee", "migrant_worker"):
        words = "".join(consultations.bring(category))
        assert "身份证" in words and "房产" not in words and "收入" not in words


# -- 交班 --------------------------------------------------------------------------------------


def test_the_day_lists_what_was_done_and_what_waits(client, clerk, relatives, registers):
    row, path = at_window.open_desk(client)
    client.post(f"{path}accept/", {"programme": "public_rental", "street": clerk.bureau.pk})
    row.refresh_from_db()
    client.post("/window/park/", {"name": "林四", "queue_no": "C9"})
    client.post("/window/consult/", answers())
    away = make.application(1, state=states.ACCEPTED, street=clerk.bureau, channel="window")
    transfer.hand_over(away, reason="outside", office="海曙区住房和城乡建设局", by=clerk)
    page = client.get("/window/day/")
    told = page.context
    assert [one["case_no"] for one in told["accepted"]] == [row.case_no]
    assert [(one["case_no"], one["waiting"]) for one in told["unsigned"]] == [(row.case_no, 2)]
    assert [one.queue_no for one in told["parked"]] == ["C9"]
    assert [one["office"] for one in told["transferred"]] == ["海曙区住房和城乡建设局"]
    assert told["consulted"] == 1
    text = page.content.decode()
    assert "*一" in text and "林一" not in text and "林四" not in text  # it lies on a desk


def test_what_is_due_by_the_next_working_day_is_named(client, clerk):
    tomorrow = workdays.add_workdays(clock.today(), 1)
    row = make.application(1, state=states.STREET_REVIEW, street=clerk.bureau)
    Application.objects.filter(pk=row.pk).update(promised_due=tomorrow)
    late = make.application(1, state=states.STREET_REVIEW, street=clerk.bureau)
    Application.objects.filter(pk=late.pk).update(promised_due=tomorrow + timedelta(days=9))
    Supplement.objects.create(application=late, item="MEMBERS", text="结婚证", due_on=tomorrow)
    due = client.get("/window/day/").context["due"]
    assert {(one["case_no"], str(one["what"])) for one in due} == {
        (row.case_no, "答复"), (late.case_no, "结婚证"),
    }  # fmt: skip


def test_a_household_that_has_its_answer_is_not_due(client, clerk):
    waits = make.application(1, state=states.WAITLISTED, street=clerk.bureau)
    Application.objects.filter(pk=waits.pk).update(
        promised_due=clock.today(), decided_at=clock.now()
    )
    assert client.get("/window/day/").context["due"] == []


def test_the_day_asks_no_more_for_many_lines_than_for_one(
    client, clerk, django_assert_max_num_queries
):
    tomorrow = workdays.add_workdays(clock.today(), 1)

    def lines():
        row = make.application(2, state=states.STREET_REVIEW, street=clerk.bureau)
        Supplement.objects.create(application=row, item="MEMBERS", text="结婚证", due_on=tomorrow)
        away = make.application(2, state=states.ACCEPTED, street=clerk.bureau, channel="window")
        transfer.hand_over(away, reason="outside", office="海曙区住房和城乡建设局", by=clerk)

    lines()
    client.get("/window/day/")
    with CaptureQueriesContext(connection) as few:
        client.get("/window/day/")
    for _more in range(5):
        lines()
    with django_assert_max_num_queries(len(few)):
        client.get("/window/day/")


def test_another_offices_day_is_its_own(client, clerk, relatives, registers):
    _row, path = at_window.open_desk(client)
    client.post(f"{path}accept/", {"programme": "public_rental", "street": clerk.bureau.pk})
    client.post("/window/day/", {"text": "等公证书"})
    codes = ("330212001", "330212002")
    other = accounts.bureau(next(one for one in codes if one != clerk.bureau.code))
    client.force_login(accounts.staff("window", bureau=other).user)
    told = client.get("/window/day/").context
    assert not told["accepted"] and not told["unsigned"] and not told["notes"]


def test_yesterdays_cases_are_not_todays(client, clerk, relatives, registers):
    row = make.application(
        1, state=states.ACCEPTED, channel="window", street=clerk.bureau, accepted_days_ago=1
    )
    Application.objects.filter(pk=row.pk).update(created_by=clerk.user)
    assert client.get("/window/day/").context["accepted"] == []


def test_a_note_reaches_the_colleague_without_a_number_in_it(client, clerk):
    number = make.person().id_number
    client.post("/window/day/", {"text": f"等公证书 {number}"})
    colleague = accounts.staff("window", bureau=clerk.bureau)
    client.force_login(colleague.user)
    text = client.get("/window/").content.decode()
    assert "等公证书" in text and "窗口甲" in text and number not in text
    assert number not in HandoverNote.objects.get().text


def test_an_empty_note_is_asked_back(client, clerk):
    answer = client.post("/window/day/", {"text": " "})
    assert answer.status_code == 422 and not HandoverNote.objects.exists()


def test_the_day_is_counted_in_a_constant_number_of_queries(
    client, clerk, django_assert_max_num_queries
):
    for _one in range(5):
        row = make.application(2, state=states.ACCEPTED, channel="window", street=clerk.bureau)
        Application.objects.filter(pk=row.pk).update(
            created_by=clerk.user, accepted_at=clock.now(), promised_due=date(2020, 1, 1)
        )
    with django_assert_max_num_queries(40):
        client.get("/window/day/")


def test_who_came_of_age_on_a_guardians_word_waits_for_a_signature(client, clerk):
    row = make.application(2, state=states.STREET_REVIEW, street=clerk.bureau, channel="window")
    row.created_by = clerk.user
    row.save(update_fields=["created_by"])
    child = row.members.get(position=1)
    assert not client.get("/window/day/").context["unsigned"]
    child.consents.update(method="guardian", outgrown_at=clock.now())
    told = client.get("/window/day/").context["unsigned"]
    assert [(one["case_no"], one["waiting"]) for one in told] == [(row.case_no, 1)]
    child.consents.update(withdrawn_at=clock.now())
    assert not client.get("/window/day/").context["unsigned"]  # their own word: withdrawn
