"""On what authority a department is asked: a consent in force, or a duty that covers it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from core import audit
from core.identity.ciphers import blind_index
from core.models import AuditEntry
from datashare import authorities
from datashare.duties import DUTIES, NOBODY
from datashare.models import Call, FreshAnswer, GivenConsent
from datashare.queries import (
    Person,
    Purpose,
    PurposeMissing,
    Question,
    ask,
    ask_each,
    household_of,
)
from datashare.sources import CATALOGUE
from tests.factories.authorities import DUTY, consented
from tests.factories.departments import Departments

pytestmark = pytest.mark.django_db
MATTER, CASE = "公共服务-00610-000-002", "YZ202603180001"
WORKER = audit.System("worker")
WITHDRAWN = GivenConsent.Because.WITHDRAWN


def somebody(mock: Departments, situation: str = "tenant") -> Person:
    number = mock.city.situations[situation][0]
    return Person(mock.city.people[number].name, number)


def purpose(basis: str, **fields: Any) -> Purpose:
    return Purpose(MATTER, fields.pop("case_no", CASE), basis, **fields)


def digest_of(basis: str) -> str:
    return basis.removeprefix("consent:")


def test_a_consent_in_force_lets_its_own_person_be_asked_about(mock: Departments) -> None:
    person = somebody(mock)
    question = Question("property", person)
    assert not ask([question], purpose=purpose(consented(person)), by=WORKER)[question].unavailable
    assert Call.objects.get().basis.startswith("consent:")


def test_nothing_is_asked_on_a_consent_that_nobody_registered(mock: Departments) -> None:
    with pytest.raises(PurposeMissing, match="没有登记"):
        ask([Question("property", somebody(mock))], purpose=purpose("consent:abc"), by=WORKER)
    assert mock.calls == 0
    assert not Call.objects.exists()


def test_nothing_is_asked_on_somebody_elses_consent(mock: Departments) -> None:
    other = consented(somebody(mock, "migrant"))
    with pytest.raises(PurposeMissing, match="不是被查询人本人"):
        ask([Question("property", somebody(mock))], purpose=purpose(other), by=WORKER)
    assert mock.calls == 0


def test_nothing_is_asked_for_another_case_than_the_consents_own(mock: Departments) -> None:
    person = somebody(mock)
    basis = consented(person, case_no="YZ202603180002")
    with pytest.raises(PurposeMissing, match="不是为这个办件"):
        ask([Question("property", person)], purpose=purpose(basis), by=WORKER)
    assert mock.calls == 0


def test_nothing_is_asked_for_a_purpose_that_the_consent_does_not_name(mock: Departments) -> None:
    person = somebody(mock)
    basis = consented(person, kinds=["eligibility_check"])
    with pytest.raises(PurposeMissing, match="授权的用途"):
        ask(
            [Question("property", person)],
            purpose=purpose(basis, kind="annual_recheck"),
            by=WORKER,
        )
    assert mock.calls == 0


def test_nothing_is_asked_for_a_purpose_that_the_source_does_not_permit(mock: Departments) -> None:
    person = somebody(mock)
    assert "household_draft" not in CATALOGUE["property"].purposes
    with pytest.raises(PurposeMissing, match="不能用于这个用途"):
        ask(
            [Question("property", person)],
            purpose=purpose(consented(person), kind="household_draft"),
            by=WORKER,
        )
    assert mock.calls == 0


def test_a_withdrawn_consent_ends_asking_at_once(mock: Departments) -> None:
    person = somebody(mock)
    basis = consented(person)
    ask([Question("property", person)], purpose=purpose(basis), by=WORKER)
    assert authorities.end([digest_of(basis)], because=WITHDRAWN) == 1
    with pytest.raises(PurposeMissing, match="已经撤回"):
        ask([Question("vehicle", person)], purpose=purpose(basis), by=WORKER)
    assert mock.calls == 1


def test_a_withdrawn_consent_does_not_give_out_what_was_kept(mock: Departments) -> None:
    person, day = somebody(mock), timedelta(days=1)
    question, basis = Question("property", person), consented(person)
    ask([question], purpose=purpose(basis), by=WORKER)
    authorities.end([digest_of(basis)], because=WITHDRAWN)
    with pytest.raises(PurposeMissing):
        ask([question], purpose=purpose(basis), by=WORKER, max_age=day)


def test_a_consent_that_ended_is_not_revived_by_registering_it_again(mock: Departments) -> None:
    person = somebody(mock)
    basis = consented(person)
    authorities.end([digest_of(basis)], because=WITHDRAWN)
    authorities.register(digest_of(basis), blind_index(person.id_number), case_no=CASE)
    with pytest.raises(PurposeMissing):
        ask([Question("property", person)], purpose=purpose(basis), by=WORKER)


def test_one_persons_withdrawal_does_not_stop_the_others_of_a_batch(mock: Departments) -> None:
    people = [somebody(mock, "tenant"), somebody(mock, "migrant")]
    bases = [consented(one) for one in people]
    authorities.end([digest_of(bases[0])], because=WITHDRAWN)
    pairs = [
        (Question("property", one), purpose(basis))
        for one, basis in zip(people, bases, strict=True)
    ]
    gone, answered = ask_each(pairs, by=WORKER)
    assert (gone.unavailable, gone.error) == (True, "no_authority")
    assert not answered.unavailable
    assert mock.calls == 1
    assert Call.objects.get().person_index == blind_index(people[1].id_number)


def test_what_was_not_asked_is_in_the_audit_and_in_no_log_of_calls(mock: Departments) -> None:
    person = somebody(mock)
    pairs = [
        (Question(source, person), purpose("consent:gone")) for source in ("property", "vehicle")
    ]
    ask_each(pairs, by=WORKER)
    entry = AuditEntry.objects.get(verb="call.refused")
    assert entry.subjects == [blind_index(person.id_number)]
    assert (entry.case_no, entry.purpose, entry.actor) == (CASE, MATTER, "worker")
    assert entry.detail["sources"] == ["property", "vehicle"]
    assert "没有登记" in entry.detail["missing"]
    assert not Call.objects.exists()


def test_all_questions_of_a_batch_are_checked_by_one_query(
    mock: Departments, django_assert_max_num_queries: Any
) -> None:
    people = [somebody(mock, name) for name in ("tenant", "migrant", "lower_middle")]
    pairs = [
        (Question(source, one), purpose(consented(one)))
        for one in people
        for source in ("property", "vehicle", "company")
    ]
    with django_assert_max_num_queries(1):
        assert authorities.Standing(pairs).missing == {}


@pytest.mark.parametrize("named", ["curiosity", "annual_recheck "])
def test_a_duty_that_the_table_does_not_have_is_none(mock: Departments, named: str) -> None:
    with pytest.raises(PurposeMissing, match="法定职责"):
        ask([Question("property", somebody(mock))], purpose=purpose(f"duty:{named}"), by=WORKER)
    assert mock.calls == 0


def test_a_duty_covers_its_own_sources_only(mock: Departments) -> None:
    person, duty = somebody(mock), purpose("duty:deceased_check")
    question = Question("death", person)
    assert not ask([question], purpose=duty, by=WORKER)[question].unavailable
    with pytest.raises(PurposeMissing, match="不包括查询"):
        ask([Question("property", person)], purpose=duty, by=WORKER)
    assert mock.calls == 1


def test_a_duty_covers_its_own_kind_of_purpose_only(mock: Departments) -> None:
    wrong = purpose(DUTY, kind="eligibility_check")
    with pytest.raises(PurposeMissing, match="不包括查询"):
        ask([Question("property", somebody(mock))], purpose=wrong, by=WORKER)


def test_the_check_of_interfaces_asks_about_nobodys_number_only(mock: Departments) -> None:
    check = purpose("duty:interface_check")
    (nobody,) = NOBODY
    question = Question("property", Person("测试", nobody))
    assert not ask([question], purpose=check, by=WORKER)[question].unavailable
    with pytest.raises(PurposeMissing, match="不属于任何人"):
        ask([Question("property", somebody(mock))], purpose=check, by=WORKER)
    assert mock.calls == 1


def test_the_search_for_new_entrants_is_logged_and_keeps_no_answer(mock: Departments) -> None:
    person, duty = somebody(mock), purpose("duty:proactive_discovery")
    question = Question("property", person)
    assert not ask([question], purpose=duty, by=WORKER)[question].unavailable
    assert Call.objects.get().person_index == blind_index(person.id_number)
    assert not FreshAnswer.objects.exists()
    with pytest.raises(PurposeMissing, match="不包括查询"):
        ask([Question("vehicle", person)], purpose=duty, by=WORKER)


def test_who_a_person_is_can_be_asked_by_number_alone(mock: Departments) -> None:
    number = somebody(mock).id_number
    question = Question("household_register", Person("", number))
    reply = ask([question], purpose=purpose("duty:proactive_discovery"), by=WORKER)[question]
    assert reply.records[0].name == mock.city.people[number].name


@pytest.mark.parametrize("duty", DUTIES.values(), ids=DUTIES)
def test_every_duty_names_its_law_and_sources_that_permit_it(duty: Any) -> None:
    assert str(duty.law).strip()
    assert duty.sources or duty.changes
    if not duty.nobody_only:
        assert all(set(duty.kinds) & set(CATALOGUE[code].purposes) for code in duty.sources)


def test_a_household_is_drafted_on_the_applicants_consent(mock: Departments) -> None:
    person = somebody(mock)
    basis = consented(person)
    draft = household_of(person, purpose=purpose(basis, kind="household_draft"), by=WORKER)
    assert draft.certain


def test_the_department_is_told_who_applies_and_not_who_is_asked_about(
    mock: Departments, monkeypatch: pytest.MonkeyPatch
) -> None:
    from datashare import asking

    told: list[Any] = []
    made = asking.Evidence
    monkeypatch.setattr(asking, "Evidence", lambda *parts: told.append(parts) or made(*parts))
    applicant, spouse = somebody(mock, "tenant"), somebody(mock, "migrant")
    named = purpose(consented(spouse), sponsor=applicant)
    ask([Question("property", spouse)], purpose=named, by=WORKER)
    assert [parts[-2:] for parts in told] == [(applicant.name, applicant.id_number)]
