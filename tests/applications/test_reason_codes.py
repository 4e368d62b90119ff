"""Reasons of an opinion: a list of data, what they must fit, and the sentence drafted from them."""

import re

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.roles import BureauKind
from applications import duties, opinion_draft, reason_codes, review
from applications.findings import How
from applications.models import Opinion
from applications.models.review import Stage
from tests.factories import applications
from tests.factories import review as desk

pytestmark = pytest.mark.django_db
FAIL = {"HOUSING_OFFPLAN": {"how": "confirmed_fail", "reason": "合同在备案"}}
CODE = "HOUSING_OFFPLAN.contract_counts"


def at_housing():
    case = desk.in_joint_review([desk.OFFPLAN])
    return case, desk.task_of(case, Stage.JOINT, BureauKind.HOUSING)


def client_of(task) -> Client:
    client = Client()
    client.force_login(desk.reviewer_for(task).user)
    return client


def test_every_rule_has_reasons_in_both_languages_with_a_clause_and_can_fail():
    table = reason_codes.table()
    for rule in duties.RULES:
        mine = reason_codes.of_rule(rule)
        assert any(one.how == How.CONFIRMED_FAIL for one in mine), rule
        assert any(one.how == How.VERIFIED_PASS for one in mine), rule
        assert any(one.how == How.OVERRIDDEN_PASS for one in mine), rule
        assert all(one.clause for one in mine), rule
    assert all(one.zh and one.en and one.zh != one.en for one in table.values())
    assert all(len(code) <= 80 for code in table)


def test_a_code_speaks_the_language_of_the_page():
    one = reason_codes.of(CODE)
    assert "备案合同" in one.words and "第7条" in one.basis
    with translation.override("en"):
        assert "filed contract" in one.words and "art. 7" in one.basis


@pytest.mark.parametrize(
    ("codes", "sentence"),
    [
        ([], "请选择不符的理由"),
        (["paper_seen"], "请选择不符的理由"),
        (["HOUSING_OFFPLAN.contract_cancelled"], "不一致"),
        (["INCOME.over_limit"], "不一致"),
        (["street.told_otherwise", CODE], "不一致"),
        (["NOTHING.there"], "没有「NOTHING.there」这个理由"),
    ],
)
def test_an_objection_without_a_fitting_reason_changes_nothing(codes, sentence):
    _case, task = at_housing()
    with pytest.raises(review.OpinionRefused, match=sentence) as refused:
        review.opine(
            task, by=desk.reviewer_for(task), verdict="object", settled=FAIL, text="不符",
            reason_codes=codes,
        )  # fmt: skip
    assert refused.value.field == "reason_codes"
    task.refresh_from_db()
    assert task.state == "open" and not Opinion.objects.filter(task=task).exists()


def test_a_street_that_objects_names_its_own_reason():
    case = desk.under_review()
    task = desk.task_of(case, Stage.STREET)
    with pytest.raises(review.OpinionRefused, match="至少一项理由"):
        review.opine(task, by=desk.reviewer_for(task), verdict="object", text="情况不符")
    review.opine(
        task, by=desk.reviewer_for(task), verdict="object", text="情况不符",
        reason_codes=["street.told_otherwise", "visited", "visited"],
    )  # fmt: skip
    assert Opinion.objects.get(task=task).reason_codes == ["street.told_otherwise", "visited"]


def test_the_district_objects_on_the_reasons_of_the_departments():
    draft = desk.refusal_drafted()
    given = Opinion.objects.get(task__application=draft.application, task__stage=Stage.DISTRICT)
    assert given.reason_codes == [reason_codes.DISTRICT, CODE]


def test_the_sentence_follows_what_was_chosen():
    said = opinion_draft.sentence(
        stage=Stage.JOINT, verdict="object", settled=FAIL, codes=[CODE, "paper_seen", "visited"]
    )
    assert said == (
        "经核实，期房合同不符合规定：备案合同的面积计入后超过规定、合同在备案"
        "（《公共租赁住房管理办法》第7条）。核实方式：已看原件、已入户核实。不同意。"
    )


def test_where_nothing_is_doubtful_the_usual_sentence_stands():
    usual = "经核对，各项条件均符合。"
    said = opinion_draft.sentence(
        stage=Stage.JOINT, verdict="agree", settled={}, codes=["paper_seen"], opening=usual
    )
    assert said == f"{usual}核实方式：已看原件。"
    assert opinion_draft.sentence(stage=Stage.JOINT, verdict="", settled={}, codes=[]) == ""


def chosen(**more):
    return {
        "how__HOUSING_OFFPLAN": "confirmed_fail", "codes__HOUSING_OFFPLAN": CODE,
        "reason__HOUSING_OFFPLAN": "合同在备案", "reason_codes": "paper_seen",
        "verdict": "object", "text": "原来的话", "drafted": "原来的话", **more,
    }  # fmt: skip


def test_the_server_drafts_the_sentence_and_saves_nothing():
    _case, task = at_housing()
    client = client_of(task)
    address = reverse("review_task", args=[task.pk])
    page = client.post(address, chosen(act="draft")).content.decode()
    assert "备案合同的面积计入后超过规定、合同在备案" in page and "已看原件。不同意。" in page
    ticked = re.findall(r'value="([^"]+)"[^>]*\bchecked\b', page)
    assert set(ticked) == {"confirmed_fail", CODE, "object", "paper_seen"}
    assert not Opinion.objects.filter(task=task).exists()


def test_an_untouched_draft_follows_the_choices_and_changed_words_stay():
    _case, task = at_housing()
    address = reverse("review_task", args=[task.pk])
    assert client_of(task).post(address, chosen()).status_code == 302
    assert Opinion.objects.get(task=task).text.startswith("经核实，期房合同不符合规定：")
    _case, task = at_housing()
    address = reverse("review_task", args=[task.pk])
    assert client_of(task).post(address, chosen(text="我自己的话")).status_code == 302
    given = Opinion.objects.get(task=task)
    assert (given.text, given.reason_codes) == ("我自己的话", [CODE, "paper_seen"])


def test_the_reasons_are_read_on_later_pages_and_in_the_api_by_whom_they_concern():
    case, task = at_housing()
    review.opine(
        task, by=desk.reviewer_for(task), verdict="object", settled=FAIL, text="见理由",
        reason_codes=[CODE],
    )  # fmt: skip
    street, other = desk.task_of(case, Stage.STREET), BureauKind.REAL_ESTATE
    whole = client_of(street).get(reverse("review_task", args=[street.pk])).content.decode()
    assert "备案合同的面积计入后超过规定" in whole
    foreign = desk.task_of(case, Stage.JOINT, other)
    page = client_of(foreign).get(reverse("review_task", args=[foreign.pk])).content.decode()
    assert "备案合同的面积计入后超过规定" not in page
    body = client_of(street).get(f"/api/v1/cases/{case.case_no}/").json()
    given = next(one for one in body["opinions"] if one["stage"] == "joint")
    assert given["reasons"][0]["code"] == CODE and given["reasons"][0]["clause"]
    body = client_of(foreign).get(f"/api/v1/cases/{case.case_no}/").json()
    closed = next(one for one in body["opinions"] if one["stage"] == "joint")
    assert (closed["verdict"], closed["reasons"], closed["text"]) == ("object", [], "")


def test_a_code_of_before_that_the_table_no_longer_has_breaks_no_page():
    case = desk.under_review()
    task = desk.task_of(case, Stage.STREET)
    desk.agree(task)
    Opinion.objects.update(reason_codes=["HOUSING_AREA", "paper_seen"])
    page = client_of(task).get(reverse("review_task", args=[task.pk]))
    assert page.status_code == 200 and "已看原件" in page.content.decode()


def test_a_department_may_promise_with_its_reason():
    case = desk.in_joint_review([applications.finding("INCOME", "unknown", limit="54406.40")])
    task = desk.task_of(case, Stage.JOINT, BureauKind.CIVIL_AFFAIRS)
    review.opine(
        task, by=desk.reviewer_for(task), verdict="agree", settled={"INCOME": "on_commitment"},
        reason_codes=["INCOME.promised"], text="按承诺",
    )  # fmt: skip
    assert Opinion.objects.get(task=task).second == ""
