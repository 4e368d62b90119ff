"""测一测: eight questions, nothing stored, the very rules of a case."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils.translation import override

from applications.eligibility import policy as policies
from applications.eligibility import stated
from applications.eligibility.assessment import assess
from applications.eligibility.stated import HUKOU, NEITHER, PERMIT, Stated
from applications.forms.selfcheck import QUESTIONS
from core import clock

ON = datetime(2026, 3, 18, 2, tzinfo=UTC)
ANSWERS: dict[str, str] = {
    "q0-tie": "since_birth",
    "q1-persons": "3",
    "q2-born_year": "1980", "q2-born_month": "5", "q2-born_day": "6",
    "q3-aid": "none",
    "q4-income": "100000",
    "q5-area": "20", "q5-gone": "0",
    "q6-cars": "0",
    "q7-months": "0",
}  # fmt: skip
LAST = str(len(QUESTIONS) - 1)


def judged(**said: Any) -> stated.Outlook:
    on = ON.date()
    usual = {"tie": HUKOU, "persons": 3, "born": on.replace(year=1980)}
    return stated.judge(Stated(**(usual | said)), on=on, policy=policies.default_for(on))


def send(client: Client, place: str, **changes: str) -> str:
    with clock.held_at(ON):
        response = client.post("/check/", {**ANSWERS, "place": place, **changes})
    assert response.status_code == 200
    return response.content.decode()


def test_the_outlook_is_what_the_rules_say_of_the_same_household_as_a_case() -> None:
    on = ON.date()
    said = Stated(HUKOU, 3, on.replace(year=1980), income=Decimal(100_000), area=Decimal(60))
    policy = policies.default_for(on)
    outlook = stated.judge(said, on=on, policy=policy)
    case = stated.case_of(said, on)
    again = assess(case, on=on, policy=policy)
    assert outlook.assessment.findings == again.findings
    assert [one.rule for one in outlook.missing] == ["HOUSING_AREA"] == again.failed


def test_each_answer_decides_what_it_asks_about() -> None:
    on = ON.date()
    month = on.replace(day=1)
    assert judged().word == "likely"
    assert [one.rule for one in judged(tie=NEITHER).missing] == ["HUKOU"]
    short = judged(hukou_since=month)
    assert [one.rule for one in short.missing] == ["HUKOU"]
    assert [one.rule for one in judged(income=Decimal(900_000)).missing] == ["INCOME"]
    assert [one.rule for one in judged(area=Decimal(55)).missing] == ["HOUSING_AREA"]
    gone = judged(gone_area=Decimal(90), gone_on=month.replace(year=on.year - 1))
    assert [one.rule for one in gone.missing] == ["TRANSFER_LOOKBACK"]
    assert [one.rule for one in judged(cars=9).missing] == ["VEHICLE"]
    young = judged(persons=1, born=on.replace(year=on.year - 25))
    assert [one.rule for one in young.missing] == ["SINGLE_AGE"]


def test_the_category_that_fits_best_is_named() -> None:
    worker = judged(tie=PERMIT, persons=1, insured_months=40)
    assert (worker.word, worker.assessment.category) == ("likely", "migrant_worker")
    graduate = judged(
        tie=PERMIT, persons=1, insured_months=7, graduated_on=ON.date().replace(year=2025)
    )
    assert (graduate.word, graduate.assessment.category) == ("likely", "new_employee")
    aided = judged(aid="DB")
    assert (aided.word, aided.assessment.tier) == ("likely", "DB")
    assert "INCOME" not in {one.rule for one in aided.findings}


@pytest.mark.parametrize("aid", ["", "TK", "DB", "DBBY"])
@pytest.mark.parametrize("persons", [1, 2, 5, 10])
def test_what_is_not_asked_never_stands_in_the_way(aid: str, persons: int) -> None:
    """Whatever was not asked is written down as the registers of a plain household have it."""
    outlook = judged(aid=aid, persons=persons)
    silent = [one for one in outlook.assessment.findings if one.rule not in stated.ASKED]
    assert {one.result for one in silent} <= {"pass"}, silent


@pytest.mark.django_db
def test_eight_questions_one_a_page_then_the_outlook(client: Client) -> None:
    with clock.held_at(ON):
        page = client.get("/check/").content.decode()
    assert "您的户口在哪里" in page and "第1题，共8题" in page
    said: dict[str, str] = {}
    for place in range(len(QUESTIONS)):
        said |= {name: v for name, v in ANSWERS.items() if name.startswith(f"q{place}-")}
        with clock.held_at(ON):
            response = client.post("/check/", {**said, "place": str(place)})
        page = response.content.decode()
        if place < len(QUESTIONS) - 1:
            assert f"第{place + 2}题" in page
    assert "您家可能符合条件" in page and "城镇住房困难家庭" in page
    assert "租金" in page and "您自己填写的" in page


@pytest.mark.django_db
def test_nothing_is_stored(client: Client, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1):  # the rules in force
        page = send(client, LAST)
    assert "您家可能符合条件" in page
    assert set(client.cookies) <= {"csrftoken"}


@pytest.mark.django_db
def test_a_failed_item_says_by_how_much_and_from_when(client: Client) -> None:
    page = send(client, LAST, **{"q5-area": "60"})
    assert "现在还差1项" in page and "比规定多6.00平方米" in page
    page = send(
        client, LAST, **{"q0-tie": "moved_in", "q0-since_year": "2025", "q0-since_month": "9"}
    )
    assert "最早2026年9月1日起可以再申请" in page
    assert "每月租金约" not in page


@pytest.mark.django_db
def test_aid_makes_the_question_of_income_needless(client: Client) -> None:
    page = send(client, "3", **{"q3-aid": "DB"})
    assert "全家在宁波有多少住房" in page and "一共收入" not in page
    back = send(client, "5", **{"q3-aid": "DB", "back": "1"})
    assert "您家现在有民政的救助吗" in back


@pytest.mark.django_db
def test_a_wrong_answer_is_named_and_nothing_typed_is_lost(client: Client) -> None:
    page = send(client, "1", **{"q1-persons": "11"})
    assert 'value="11"' in page and 'name="q0-tie" value="since_birth"' in page
    page = send(client, LAST, **{"q2-born_year": "2031"})
    assert "这个日期还没有到" in page
    page = send(client, "0", **{"q0-tie": "moved_in"})
    assert "请写出哪年哪月迁入" in page
    page = send(client, "6", **{"q6-cars": "1"})
    assert "请填写最贵的一辆" in page
    page = send(client, "5", **{"q5-gone": "30", "q5-gone_on_year": "20x5"})
    assert "请写出年份和月份" in page


@pytest.mark.django_db
def test_what_is_left_in_a_box_that_does_not_apply_is_no_fault(client: Client) -> None:
    page = send(client, LAST, **{"q0-since_year": "2024", "q5-gone_on_year": "2025"})
    assert "您家可能符合条件" in page


@pytest.mark.django_db
@pytest.mark.parametrize("place", ["", "-1", "99", "²", "x" * 50])
def test_rubbish_is_answered_with_a_question(client: Client, place: str) -> None:
    assert client.post("/check/", {"place": place, "q0-tie": "<b>"}).status_code == 200


@pytest.mark.django_db
def test_the_answers_can_be_changed_afterwards(client: Client) -> None:
    page = send(client, str(len(QUESTIONS)), back="1")
    assert "您的社保和学历" in page and 'name="q4-income" value="100000"' in page


@pytest.mark.django_db
def test_the_outlook_reads_in_english(client: Client) -> None:
    client.cookies["django_language"] = "en"
    with override("en"):
        page = send(client, LAST)
    assert "您" not in page.split("<main")[1].split("</main>")[0]
