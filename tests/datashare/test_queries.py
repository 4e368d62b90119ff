"""Asking departments: together, with a reason, written down, and never twice for what is fresh."""

from __future__ import annotations

import logging
import time
from datetime import UTC, date, datetime, timedelta

import pytest
from django.db import transaction

from core import audit, clock
from core.identity.ciphers import blind_index
from datashare import asking, queries
from datashare.models import Call, FreshAnswer
from datashare.queries import (
    AskedInTransaction,
    Person,
    Purpose,
    PurposeMissing,
    Question,
    ask,
    ask_each,
    household_of,
    questions_about,
)
from datashare.replies import Relative
from datashare.sources import CATALOGUE
from tests.factories.authorities import DUTY
from tests.factories.departments import Departments

pytestmark = pytest.mark.django_db
PURPOSE = Purpose("公共服务-00610-000-002", "YZ202603180001", DUTY)
WORKER = audit.System("worker")


def somebody(mock: Departments, situation: str) -> Person:
    number = mock.city.situations[situation][0]
    return Person(mock.city.people[number].name, number)


def everything_about(person: Person) -> list[Question]:
    return [Question(source, person) for source in CATALOGUE]


def test_every_source_answers_a_question(mock: Departments) -> None:
    replies = ask(everything_about(somebody(mock, "tenant")), purpose=PURPOSE, by=WORKER)
    assert {q.source for q in replies} == set(CATALOGUE)
    assert [r.source for r in replies.values() if r.unavailable] == []
    assert replies[Question("identity_card", somebody(mock, "tenant"))].found


@pytest.mark.parametrize(
    ("situation", "source", "status"),
    [
        ("tenant", "housing_benefit", "found"),
        ("offplan_buyer", "presale_contract", "found"),
        ("home_over_limit", "property", "found"),
        ("low_income_aid", "social_assistance", "found"),
        ("lower_middle", "social_insurance", "found"),
        ("lower_middle", "income_check", "found"),
        ("extreme_poverty", "extreme_poverty", "found"),
        ("tenant_dead", "death", "found"),
        ("tenant_will_die", "death", "no_record"),
        ("migrant", "residence_permit", "found"),
        ("new_employee", "education", "found"),
        ("lower_middle", "property", "no_record"),
    ],
)
def test_a_situation_shows_in_its_register(
    mock: Departments, situation: str, source: str, status: str
) -> None:
    question = Question(source, somebody(mock, situation))
    assert ask([question], purpose=PURPOSE, by=WORKER)[question].status == status


def test_a_households_questions_go_out_together(mock: Departments) -> None:
    mock.gateway.latency = 1.0
    person = somebody(mock, "tenant")
    family = [
        Person(mock.city.people[number].name, number)
        for number in mock.city.family_of(person.id_number).people
    ]
    questions = [q for member in family for q in everything_about(member)]
    ask(questions[:1], purpose=PURPOSE, by=WORKER)  # the token pair is there
    started = time.perf_counter()
    ask(questions, purpose=PURPOSE, by=WORKER)
    elapsed = time.perf_counter() - started
    one_by_one = sum(Call.objects.values_list("duration_ms", flat=True)) / 1000
    assert elapsed < one_by_one / 4
    assert mock.gateway.busiest > 10


@pytest.mark.parametrize(
    "purpose",
    [
        Purpose("", "YZ1", "consent:abc"),
        Purpose("公共服务-1", " ", "consent:abc"),
        Purpose("公共服务-1", "YZ1", ""),
        Purpose("公共服务-1", "YZ1", "consent:"),
        Purpose("公共服务-1", "YZ1", "curiosity:mine"),
    ],
)
def test_nothing_is_asked_without_a_reason(mock: Departments, purpose: Purpose) -> None:
    with pytest.raises(PurposeMissing):
        ask([Question("death", somebody(mock, "tenant"))], purpose=purpose, by=WORKER)
    assert mock.calls == 0
    assert not Call.objects.exists()


def test_nothing_is_asked_without_an_operator(mock: Departments) -> None:
    with pytest.raises(PurposeMissing):
        ask([Question("death", somebody(mock, "tenant"))], purpose=PURPOSE, by="")
    assert mock.calls == 0


@pytest.mark.django_db(transaction=True)
def test_nothing_is_asked_inside_a_transaction(mock: Departments) -> None:
    with pytest.raises(AskedInTransaction), transaction.atomic():
        ask([Question("death", somebody(mock, "tenant"))], purpose=PURPOSE, by=WORKER)
    assert mock.calls == 0


def test_a_call_is_written_down_with_who_why_and_what_came_of_it(mock: Departments) -> None:
    person = somebody(mock, "tenant")
    mock.break_down("company", "http_500")
    questions = [Question("housing_benefit", person), Question("company", person)]
    ask(questions, purpose=PURPOSE, by=WORKER)
    found, failed = (Call.objects.get(source=q.source) for q in questions)
    assert (found.case_no, found.purpose, found.basis, found.by) == (
        PURPOSE.case_no, PURPOSE.matter, PURPOSE.basis, "worker",
    )  # fmt: skip
    assert found.person_index == blind_index(person.id_number)
    assert (found.outcome, found.error_kind, found.row_count) == ("found", "", 1)
    assert found.request_id.startswith("mock")
    assert (failed.outcome, failed.error_kind, failed.attempts) == ("unavailable", "http_500", 3)


def test_no_id_number_stands_in_log_lines_or_call_rows(
    mock: Departments, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    person = somebody(mock, "tenant")
    mock.break_down("death", "wrong_person")
    mock.break_down("company", "garbage")
    ask(everything_about(person), purpose=PURPOSE, by=WORKER)
    columns = [str(value) for row in Call.objects.values() for value in row.values()]
    assert not any(person.id_number in text for text in [*columns, caplog.text, repr(person)])


def test_a_fresh_answer_is_not_asked_for_again(mock: Departments) -> None:
    question = Question("property", somebody(mock, "home_over_limit"))
    first = ask([question], purpose=PURPOSE, by=WORKER)[question]
    again = ask([question], purpose=PURPOSE, by=WORKER, max_age=timedelta(days=1))[question]
    assert mock.calls == 1
    assert again == first
    ask([question], purpose=PURPOSE, by=WORKER)
    assert mock.calls == 2


def test_an_answer_past_its_sources_ttl_is_asked_for_again(mock: Departments) -> None:
    question = Question("death", somebody(mock, "tenant"))
    ask([question], purpose=PURPOSE, by=WORKER)
    FreshAnswer.objects.update(expires_at=FreshAnswer.objects.get().fetched_at)
    ask([question], purpose=PURPOSE, by=WORKER, max_age=timedelta(days=30))
    assert mock.calls == 2
    assert FreshAnswer.objects.count() == 1


def test_an_unavailable_answer_is_never_kept(mock: Departments) -> None:
    question = Question("property", somebody(mock, "tenant"))
    mock.break_down("property", "garbage")
    assert ask([question], purpose=PURPOSE, by=WORKER)[question].error == "garbage"
    assert not FreshAnswer.objects.exists()
    mock.mend()
    replies = ask([question], purpose=PURPOSE, by=WORKER, max_age=timedelta(days=1))
    assert replies[question].silent


def test_one_broken_source_leaves_the_others_alone(mock: Departments) -> None:
    mock.break_down("vehicle", "reset")
    replies = ask(everything_about(somebody(mock, "tenant")), purpose=PURPOSE, by=WORKER)
    assert [r.source for r in replies.values() if r.unavailable] == ["vehicle"]


def test_a_silent_gateway_makes_every_reply_unavailable(settings, mock: Departments) -> None:
    settings.DATASHARE_GATEWAY_URL = "http://127.0.0.1:9/gateway/"
    replies = ask(everything_about(somebody(mock, "tenant")), purpose=PURPOSE, by=WORKER)
    assert {r.error for r in replies.values()} == {"no_token"}
    assert Call.objects.failed().count() == len(CATALOGUE)


@pytest.mark.parametrize("situation", ["low_income", "lower_middle_with_parent", "divorced"])
def test_the_household_is_drafted_from_the_registers(mock: Departments, situation: str) -> None:
    for number in mock.city.situations[situation]:
        person = Person(mock.city.people[number].name, number)
        draft = household_of(person, purpose=PURPOSE, by=WORKER)
        family = mock.city.family_of(number)
        kin = {other: relation[0] for other, relation in family.members[1:]}
        assert draft.certain
        assert {found.id_number: found.relation[0] for found in draft.members} == kin
        assert draft.minors == {
            i for i in kin if mock.city.people[i].birth_date > date(2008, 3, 18)
        }


def test_a_draft_says_when_a_register_was_silent(mock: Departments) -> None:
    mock.break_down("household_register", "http_500")
    assert not household_of(somebody(mock, "low_income"), purpose=PURPOSE, by=WORKER).certain


def test_an_adult_is_asked_about_more_than_a_child(mock: Departments) -> None:
    family = mock.city.family_of(somebody(mock, "low_income_aid").id_number)
    people = [Person(mock.city.people[i].name, i) for i in family.people]
    adult, child = (
        {q.source for q in questions_about(person)} for person in (people[0], people[-1])
    )
    assert {"company", "vehicle"} <= adult - child
    assert child - adult <= {"orphan"}


def test_a_thread_in_which_a_loop_turns_may_ask_too() -> None:
    async def work() -> str:
        return f"{clock.today():%Y}"

    async def inside() -> str:
        return asking.in_a_loop(work())

    with clock.held_at(datetime(2031, 5, 4, tzinfo=UTC)):
        assert asking.in_a_loop(inside()) == asking.in_a_loop(work()) == "2031"


def test_each_case_of_a_batch_keeps_its_own_purpose(mock: Departments) -> None:
    other = Purpose("公共服务-00610-000-002", "YZ202603180002", "duty:annual_recheck")
    pairs = [
        (Question("housing_benefit", somebody(mock, "tenant")), PURPOSE),
        (Question("property", somebody(mock, "home_over_limit")), other),
        (Question("housing_benefit", somebody(mock, "tenant")), other),
    ]
    replies = ask_each(pairs, by=WORKER)
    assert [reply.source for reply in replies] == ["housing_benefit", "property", "housing_benefit"]
    assert all(reply.found for reply in replies)
    assert Call.objects.of_case(other.case_no).count() == 2


@pytest.mark.parametrize(
    ("own", "other", "number", "expected"),
    [
        ("02", "28", "330212199001019912", "28"),  # the head's son-in-law stays one
        ("10", "28", "330212199001019912", ""),  # and is no son of the head's spouse
        ("10", "21", "330212201508069919", "20"),
        ("28", "02", "330212195803129912", ""),  # the head is no parent of a son-in-law
        ("20", "02", "330212195803129912", "50"),
        ("51", "02", "330212198811239947", "30"),  # a daughter who is the head
    ],
)
def test_relations_to_the_head_are_turned_to_the_applicant(own, other, number, expected) -> None:
    assert queries._to_applicant(own, Relative("某人", number, other)) == expected
