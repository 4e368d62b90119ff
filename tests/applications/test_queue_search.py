"""What a case is found by in the queue, on the page of all cases and in the API."""

import pytest
from django.test import Client

from applications import filters, search_words
from applications.models import Application, Member, ReviewTask, SearchWord
from applications.models.review import Stage
from tests.factories import applications
from tests.factories import review as desk

pytestmark = pytest.mark.django_db


def found(text):
    return set(Application.objects.filter(filters.found(text)).values_list("case_no", flat=True))


@pytest.fixture
def case():
    people = [
        applications.person(name="陈广福"),
        applications.person("10", name="吉克·阿木", number="330212197303039928"),
    ]
    desk.under_review(members=[applications.person(name="王小雨")])
    return desk.under_review(members=people)


@pytest.mark.parametrize(
    "words",
    ["陈", "陈广", "陈广福", "chen", "chenguangfu", "chen guang", "guangfu", "fu", "cgf", "CGF",
     "cg", "吉克阿木", "吉克·阿", "jike", "9928", "吉克"],
)  # fmt: skip
def test_words_that_find_it(case, words):
    assert found(words) == {case.case_no}


def test_the_end_of_a_number_finds_it_however_much_of_it_is_typed(case):
    for length in (4, 6, 10, len(case.case_no)):
        assert case.case_no in found(case.case_no[-length:])
        assert case.case_no in found(case.case_no[-length:].lower())


@pytest.mark.parametrize("words", ["广福", "hen", "9900", "%", "_", "", "   ", "·", "chen%", "'--"])
def test_words_that_find_nothing(case, words):
    assert found(words) == set()


def test_an_id_number_ends_in_no_word_as_it_is(case):
    number = case.applicant.id_number
    assert not SearchWord.objects.filter(word__contains=number[-4:]).exists()
    assert SearchWord.objects.filter(member=case.applicant, word__startswith="#").count() == 1


def test_a_name_that_is_written_anew_is_found_by_the_new_one_alone(case):
    member = case.applicant
    member.name = "林建国"
    member.save()
    assert found("linjianguo") == {case.case_no} and found("cgf") == set()
    Member.objects.filter(pk=member.pk).update(name="高明", name_key="gao ming gm")
    assert found("gm") == {case.case_no} and found("林") == set()


def test_who_leaves_the_draft_leaves_no_word(case):
    case.members.get(position=1).delete()
    assert found("jike") == set() and found("cgf") == {case.case_no}


def test_page_and_api_find_alike(case):
    task = desk.task_of(case, Stage.STREET)
    client = Client()
    client.force_login(desk.reviewer_for(task).user)
    page = client.get("/review/", {"q": "cgf"})
    assert [row.task.pk for row in page.context["rows"]] == [task.pk]
    assert page.context["total"] == 1
    body = client.get("/api/v1/queue/", {"q": "cgf"}).json()
    assert [one["id"] for one in body["results"]] == [task.pk]
    assert body["counts"]["total"] == 1 and body["counts"]["facets"]["stage"]["street"] == 1
    assert client.get("/api/v1/queue/", {"q": "wxy"}).json()["counts"]["total"] == 1


def test_the_condition_of_nothing_is_nothing():
    assert not SearchWord.objects.filter(search_words.condition("")).exists()


def test_many_matches_are_found_like_few_and_counted_as_a_lower_bound(monkeypatch):
    for _n in range(4):
        desk.under_review(members=[applications.person(name="王小雨")])
    desk.under_review(members=[applications.person(name="陈广福")])
    reviewer = desk.reviewer_for(ReviewTask.objects.filter(stage=Stage.STREET)[0])
    ReviewTask.objects.update(bureau=reviewer.bureau)
    client = Client()
    client.force_login(reviewer.user)
    few = client.get("/review/", {"q": "wang"})
    assert not few.context["capped"] and few.context["total"] == len(few.context["rows"]) == 4
    monkeypatch.setattr(search_words, "FEW", 2)
    assert not search_words.few("wang") and search_words.few("chen")
    many = client.get("/review/", {"q": "wang"})
    assert [one.href for one in many.context["rows"]] == [one.href for one in few.context["rows"]]
    assert many.context["capped"] and 0 < many.context["total"] <= 4
    assert len(found("wang")) == 4
