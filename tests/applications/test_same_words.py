"""One finding, one wording: the page, the letter and the API say the same of it."""

import pytest
from django.utils import translation

from applications import decision
from applications.eligibility import explain
from tests.factories import accounts
from tests.factories import review as desk
from tests.rules import scenarios

pytestmark = pytest.mark.django_db


@pytest.fixture
def failure() -> dict:
    """An off-plan contract as the rules themselves judge it, as it is stored."""
    contract = {"contractNo": "Y1", "contractBuyer": [{"idNo": "$A"}], "area": "89.50"}
    change = {"records": {"presale_contract": {"$A": [contract | {"contractDate": "20210315"}]}}}
    judged = scenarios.judged(scenarios.built("urban", change))
    return next(one.to_record() for one in judged.findings if one.rule == "HOUSING_OFFPLAN")


@pytest.fixture
def letter(failure):
    case = desk.at_district([failure], {"HOUSING_OFFPLAN": "confirmed_fail"})
    task = desk.task_of(case, "district")
    desk.review.opine(task, by=desk.district(), verdict="object", text="合同在备案，应当计入")
    desk.agrees_to_electronic_service(case)
    return decision.sign(case.decisions.get(), by=desk.district())


def test_page_letter_and_api_say_the_same(letter, failure, client):
    words = explain.told(failure, "zh-hans")
    assert words["change"] and words["basis"] and words["difference"]
    (kept,) = letter.reasons
    assert [kept[part] for part in ("sentence", "basis", "change")] == [
        words[part] for part in ("sentence", "basis", "change")
    ]
    case = letter.application
    client.force_login(case.created_by)
    page = client.get(f"/my/case/{case.case_no}/").content.decode()
    why = client.get(f"/my/case/{case.case_no}/why/0/").content.decode()
    for part in ("sentence", "change"):
        assert words[part] in page and words[part] in why
    assert words["basis"] in page
    client.force_login(desk.district().user)
    (told,) = client.get(f"/api/v1/cases/{case.case_no}/").json()["assessment"]["findings"]
    assert {part: told[part] for part in words} == words
    assert decision.pdf(letter).startswith(b"%PDF")


def test_a_reader_of_english_finds_the_reasons_in_english_below_the_letter(letter, failure):
    words = explain.told(failure, "en")
    with translation.override("en"):
        (ground,) = decision.grounds(letter)
    assert ground == {part: words[part] for part in ("sentence", "basis", "change")}


def test_before_a_person_has_decided_nothing_says_how_to_mend_a_failure(failure, client):
    case = desk.in_joint_review([failure])
    client.force_login(case.created_by)
    why = client.get(f"/my/case/{case.case_no}/why/0/").content.decode()
    assert explain.change(failure, "zh-hans") not in why
    assert explain.sentence(failure, "zh-hans") not in why


def test_a_letter_of_before_these_words_were_kept_is_printed_as_it_was(letter):
    letter.reasons = [{"rule": "INCOME", "sentence": "收入超过。", "clause": "令11号第7条"}]
    assert decision.grounds(letter) == [
        {"sentence": "收入超过。", "basis": "令11号第7条", "change": ""}
    ]
    assert decision.pdf(letter).startswith(b"%PDF")


def test_the_operator_reads_no_reasons(letter, client):
    client.force_login(accounts.staff("operator").user)
    assert client.get(f"/api/v1/cases/{letter.application.case_no}/").status_code in (403, 404)
