"""Somebody who already stands elsewhere is told so early, and how to go on."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse

from applications import consent, elsewhere, submission
from applications.models import Ban, Benefit, Consent
from core import clock
from tests.applications.test_submission import draft_of
from tests.factories import accounts
from tests.factories import applications as make
from tests.factories import duplicates as pairs

pytestmark = pytest.mark.django_db


@pytest.fixture
def son():
    """H22: a grown-up son who is a member of his parents' lease and applies for himself."""
    citizen = accounts.citizen(name="倪俊")
    Benefit.objects.create(
        person_index=citizen.id_index, kind="home", case_no="YZ2025-000777",
        began_on=clock.today() - timedelta(days=400),
    )  # fmt: skip
    return citizen


def page_of(citizen, name):
    client = Client()
    client.force_login(citizen.user)
    return client.get(reverse(name)).content.decode()


def barred(index, **fields):
    today = clock.today()
    return Ban.objects.create(
        **{
            "person_index": index, "reason": "第35条", "case_no": "YZ2025-000001",
            "starts_on": today, "until": today + timedelta(days=300), "decided_by": "x", **fields,
        }
    )  # fmt: skip


def kinds(row, reader=""):
    return [
        (one.member.position, one.kind) for one in elsewhere.of_household(row, reader_index=reader)
    ]


def test_a_son_in_his_parents_home_is_told_the_way_out_at_the_household_and_before_sending(
    registers, son
):
    draft_of(son)
    for name in ("apply_household", "apply_family", "apply_check"):
        page = page_of(son, name)
        assert "请先拨0574-12345退出原来的保障" in page, name
        assert "原来的家庭会按留下的人重新核定" in page, name
        assert "YZ2025-000777" not in page, name  # the parents' case is theirs


def test_it_refuses_nothing_here_and_what_was_typed_stays(registers, son):
    row = draft_of(son)
    page_of(son, "apply_check")
    assert submission.submit(row, by=son.user).state == "accepted"


def test_a_benefit_that_ended_and_one_that_has_not_begun_hinder_nobody(registers, son):
    row = draft_of(son)
    Benefit.objects.update(ended_on=clock.today())
    assert kinds(row) == []
    Benefit.objects.update(ended_on=None, began_on=clock.today() + timedelta(days=1))
    assert kinds(row) == []


def test_the_citys_register_tells_of_support_elsewhere(registers):
    citizen = accounts.citizen()
    row = draft_of(citizen)
    line = {"sfzh": citizen.id_number, "xm": citizen.name, "htbh": "HT-9", "qsrq": "20240101"}
    told = make.evidence(row, "housing_benefit", status="found", rows=[line])
    assert kinds(row) == [(0, elsewhere.BENEFIT)]
    assert "HT-9" not in page_of(citizen, "apply_check")
    told.rows = [{**line, "zzrq": "20250101", "zt": "退出"}]
    told.save()
    assert kinds(row) == []


def test_an_application_under_way_is_told_before_the_signature(registers):
    citizen, other = accounts.citizen(), accounts.citizen()
    me = make.Person(citizen.name, citizen.id_number, "10")
    submission.submit(draft_of(other, me), by=other.user)
    draft_of(citizen)
    page = page_of(citizen, "apply_check")
    assert "已在另一份申请中" in page and other.name not in page


def test_a_ban_names_its_last_day_to_the_person_alone(registers):
    citizen = accounts.citizen()
    spouse = make.person("10")
    row = draft_of(citizen, spouse)
    ban = barred(row.members.get(relation="10").id_index)
    assert kinds(row, citizen.id_index) == []  # the spouse has not agreed to anything yet
    consent.give(row.members.get(relation="10"), method=Consent.Method.WINDOW, by=citizen.user)
    (told,) = elsewhere.of_household(row, reader_index=citizen.id_index)
    assert "本人核对" in str(told.sentence) and str(ban.until.year) not in str(told.sentence)
    barred(citizen.id_index)
    mine = elsewhere.of_household(row, reader_index=citizen.id_index)[0]
    assert f"{ban.until.year}年" in str(mine.sentence)


def test_a_ban_that_is_over_hinders_nobody(registers):
    citizen = accounts.citizen()
    row = draft_of(citizen)
    barred(citizen.id_index, until=clock.today(), starts_on=clock.today() - timedelta(days=9))
    assert kinds(row) == []


def test_nothing_is_told_of_somebody_who_has_not_agreed(registers, son):
    citizen = accounts.citizen()
    row = draft_of(citizen, make.Person(son.name, son.id_number, "20"))
    assert kinds(row, citizen.id_index) == []
    consent.give(row.members.get(relation="20"), method=Consent.Method.WINDOW, by=citizen.user)
    (told,) = elsewhere.of_household(row, reader_index=citizen.id_index)
    # which of the two it is, is the son's own business
    assert "已在另一份申请或保障中" in str(told.sentence)


def test_the_window_is_told_too(registers, son):
    clerk = accounts.staff("window")
    row = submission.start_draft(by=clerk.user, channel="window", person=son)
    consent.give(row.applicant, method=Consent.Method.WINDOW, by=clerk.user)
    client = Client()
    client.force_login(clerk.user)
    page = client.get(reverse("window_desk", args=[row.ref])).content.decode()
    assert "请先拨0574-12345退出原来的保障" in page and "YZ2025-000777" not in page


def test_what_stands_under_the_other_number_of_one_person_counts(registers):
    from applications import duplicates
    from applications.models import PossibleDuplicate

    first, second = pairs.two_entries()
    duplicates.check(first)
    duplicates.check(second)
    assert kinds(second) == []
    duplicates.resolve(
        PossibleDuplicate.objects.get(), "same", reason_code="id_seen", text="两本证件",
        by=pairs.judge(),
    )  # fmt: skip
    assert kinds(second) == [(0, elsewhere.APPLICATION)]


def test_a_large_household_costs_no_more_questions(registers, django_assert_num_queries):
    citizen = accounts.citizen()
    row = draft_of(citizen, *(make.person("20", child=True) for _n in range(5)))
    with django_assert_num_queries(7):
        elsewhere.of_household(row)
