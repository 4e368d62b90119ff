"""The check before allotment: its day, the person's part, and that silence refuses nobody."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.roles import Role
from allocation import intentions, re_reviews, states
from allocation.models import ReReview
from allocation.re_reviews import ReReviewRefused
from applications import periods
from applications import states as application_states
from core import clock
from core.models import Notice
from tests.factories import accounts, applications
from tests.factories import allocation as make
from tests.factories import review as desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]


def registered(row, household=None, **wishes):
    """A household that registered its intention by the verb, and its check."""
    household = household or make.waiting()
    wishes = {"preferences": [], "any_estate": True, "needs_accessible": False, **wishes}
    intentions.register(household, row, by=household.created_by, **wishes)
    household.refresh_from_db()
    return household, ReReview.objects.get(round=row, application=household)


def for_a_person(checked, row=None):
    row = row or make.planned(0, 1)
    household, check = registered(row)
    checked[household.pk] = "ineligible"
    return household, re_reviews.look(check)


def test_the_day_is_fifteen_working_days_from_the_intention():
    _household, check = registered(make.planned(0, 1))
    assert check.due_on == periods.of("re_review").after(clock.today())
    assert periods.of("re_review").value == 15 and periods.of("re_review").verified


def test_what_the_rules_clear_is_done_without_a_person():
    _household, check = registered(make.planned(0, 1))
    assert re_reviews.look(check).state == states.C_PASSED


def test_silent_registers_are_waited_for_and_refuse_nobody(checked):
    row = make.planned([make.waiting()], 1)
    household, check = registered(row)
    checked[household.pk] = "pending_source"
    assert re_reviews.look(check).state == states.C_WAITING
    make.freeze(row, by=row.created_by, set_aside=True)
    household.refresh_from_db()
    check.refresh_from_db()
    assert (household.state, check.state) == (application_states.WAITLISTED, states.C_ASIDE)


@pytest.mark.parametrize("outcome", ["ineligible", "manual_review"])
def test_what_would_fail_goes_to_a_person_and_the_household_is_told(checked, outcome):
    household, check = registered(make.planned(0, 1))
    checked[household.pk] = outcome
    assert re_reviews.look(check).state == states.C_PERSON
    told = Notice.objects.get(code="round_review_person")
    assert told.person_index == household.applicant.id_index
    assert "这还不是结论" in told.text and "轮候位置不变" in told.text
    household.refresh_from_db()
    assert household.state == application_states.RE_REVIEW


def test_a_person_clears_and_the_household_is_on_the_roster(checked):
    row = make.planned(0, 1)
    household, check = for_a_person(checked, row)
    re_reviews.clear(check, by=make.administrator(), words="核对了产权证，已经注销")
    make.freeze(row, by=row.created_by)
    assert row.entrants.get().application == household
    assert Notice.objects.filter(code="round_review_cleared").exists()


def test_a_person_sets_aside_and_the_place_stays(checked):
    household, check = for_a_person(checked)
    place = household.wait_entry.order_at
    re_reviews.set_aside(check, by=make.administrator(), words="房屋登记还在更正")
    household.refresh_from_db()
    assert household.state == application_states.WAITLISTED
    assert household.wait_entry.order_at == place
    assert "房屋登记还在更正" in Notice.objects.get(code="round_review_aside").text


def test_nobody_is_set_aside_or_cleared_by_the_wrong_person_or_without_words(checked):
    household, check = for_a_person(checked)
    related, street = make.administrator(), accounts.staff(Role.STREET)
    related.id_index = household.applicant.id_index
    related.save()
    attempts = [
        (related, "核对了产权证", "回避"),
        (street, "核对了产权证", "区住房保障管理中心"),
        (make.administrator(), "可以", "至少5个字"),
    ]
    for staff, words, refusal in attempts:
        for verb in (re_reviews.clear, re_reviews.set_aside):
            with pytest.raises(ReReviewRefused, match=refusal):
                verb(check, by=staff, words=words)
    check.refresh_from_db()
    assert (check.state, check.decided_by) == (states.C_PERSON, None)


def test_a_refusal_is_drafted_on_a_confirmed_failure_and_signed_by_another(checked):
    row = make.planned(0, 1)
    household, check = for_a_person(checked, row)
    name = intentions.check_round(row)
    found = [desk.OFFPLAN, desk.NO_INCOME_REPORT]
    applications.assessment(household, "ineligible", findings=found, round=name)
    by, fact = desk.district(), "购房合同仍然有效，每人29.83平方米"
    with pytest.raises(ReReviewRefused, match="没有查到不符"):  # unknown refuses nobody
        re_reviews.draft_refusal(check, by=by, rule="INCOME", fact=fact)
    made = re_reviews.draft_refusal(check, by=by, rule="HOUSING_OFFPLAN", fact=fact)
    assert made.signed_at is None and made.drafted_by == by
    household.refresh_from_db()
    assert household.state == application_states.RE_REVIEW  # nothing is decided yet
    # a roster that is fixed meanwhile leaves the household its place
    make.joined(make.waiting(), row, by=row.created_by)
    make.freeze(row, by=row.created_by, set_aside=True)
    household.refresh_from_db()
    assert household.state == application_states.WAITLISTED


def test_a_waiting_register_is_not_cleared_by_hand(checked):
    household, check = registered(make.planned(0, 1))
    checked[household.pk] = "pending_source"
    with pytest.raises(ReReviewRefused, match="等登记部门答复"):
        re_reviews.clear(check, by=make.administrator(), words="看起来没有问题")


def test_whoever_leaves_ends_the_check_and_may_come_back():
    row = make.planned(0, 1)
    household, check = registered(row)
    intentions.leave(household, row, by=household.created_by)
    check.refresh_from_db()
    assert check.state == states.C_LEFT
    household.refresh_from_db()
    assert registered(row, household)[1].state == states.C_WAITING
    assert ReReview.objects.count() == 1


def test_the_scheduler_looks_at_each_waiting_check_in_turn(checked):
    row = make.planned(0, 1)
    late, _check = registered(row)
    registered(row)
    checked[late.pk] = "pending_source"
    assert re_reviews.look_at_due() == 2
    assert set(ReReview.objects.values_list("state", flat=True)) == {"waiting", "passed"}
    clock.advance(timedelta(minutes=1))
    checked.clear()
    assert re_reviews.look_at_due() == 1


def test_a_case_that_ended_meanwhile_is_not_looked_at_again():
    household, check = registered(make.planned(0, 1))
    type(household).objects.filter(pk=household.pk).update(state=application_states.WITHDRAWN)
    assert re_reviews.look(check).state == states.C_LEFT


def test_the_database_keeps_a_clearance_with_its_person():
    _household, check = registered(make.planned(0, 1))
    wrong = pytest.raises(IntegrityError, match="re_review_cleared_by_person")
    with wrong, transaction.atomic():
        ReReview.objects.filter(pk=check.pk).update(state=states.C_CLEARED)
