"""Outreach: the street contacts, the person decides, the case tells what became of it."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.db import connection

from accounts.roles import Role
from applications import household, periods, submission
from applications import states as case_states
from applications.models import Application, Benefit
from applications.models.application import Origin
from core import clock, workdays
from core.models import AuditEntry, Notice
from renewal import outreach, outreach_following, states
from renewal.models import NoContact, Outreach
from tests.factories import accounts
from tests.factories import applications as make
from tests.factories import discovery as found

pytestmark = pytest.mark.django_db

PHONE = {"way": "phone", "result": "nobody"}
REACHED = {"way": "phone", "result": "reached"}


@pytest.fixture
def clerk():
    return accounts.staff([Role.STREET, Role.WINDOW])


@pytest.fixture
def task(clerk):
    return outreach.claim(found.outreach(street=clerk.bureau), by=clerk)


def reached(task, clerk):
    outreach.attempt(task, by=clerk, **REACHED)
    return outreach.locks.fresh(task)


def test_a_clerk_of_the_street_claims_and_a_second_claim_is_the_first(clerk, task):
    assert (task.state, task.assigned_to) == (states.O_ASSIGNED, clerk)
    assert outreach.claim(task, by=clerk).pk == task.pk
    with pytest.raises(outreach.OutreachRefused, match=clerk.name):
        outreach.claim(task, by=accounts.staff(Role.STREET, bureau=clerk.bureau))


def test_another_street_a_department_and_ones_own_household_are_refused(clerk):
    row = found.outreach(street=clerk.bureau)
    other = accounts.staff(Role.STREET, bureau=accounts.another_street(clerk.bureau))
    own = accounts.staff(Role.STREET, bureau=clerk.bureau)
    own.id_index = row.person_index
    own.save()
    for staff in (other, accounts.staff(Role.REVIEWER), accounts.staff(Role.DISTRICT), own):
        with pytest.raises(outreach.OutreachRefused):
            outreach.claim(row, by=staff)
    row.refresh_from_db()
    assert (row.state, row.assigned_to) == (states.O_FOUND, None)


def test_a_street_sees_its_own_households_the_district_all_and_nobody_their_own(clerk):
    mine = found.outreach(street=clerk.bureau)
    theirs = found.outreach(street=accounts.another_street(clerk.bureau))
    assert list(outreach.visible_to(clerk)) == [mine]
    assert set(outreach.visible_to(accounts.staff(Role.DISTRICT))) == {mine, theirs}
    assert not outreach.visible_to(accounts.staff(Role.REVIEWER)).exists()
    clerk.id_index = mine.person_index
    clerk.save()
    assert not outreach.visible_to(clerk).exists()


def test_an_attempt_that_reached_nobody_sets_the_next_day_by_the_ladder(clerk, task):
    made = outreach.attempt(task, by=clerk, **PHONE)
    task.refresh_from_db()
    again = workdays.add_workdays(clock.today(), periods.of("outreach_again").value)
    assert (task.state, task.next_on, made.again_on) == (states.O_TRYING, again, again)
    assert task.contacted_at
    assert task.reached_at is None


@pytest.mark.parametrize(("way", "result"), [("notice", "reached"), ("phone", "left"), ("x", "y")])
def test_a_result_that_the_way_cannot_have_is_refused_and_changes_nothing(clerk, task, way, result):
    with pytest.raises(outreach.OutreachRefused):
        outreach.attempt(task, way=way, result=result, by=clerk)
    task.refresh_from_db()
    assert task.state == states.O_ASSIGNED
    assert not task.attempts.exists()


def test_it_may_be_handed_to_a_colleague_of_the_street_and_not_outside(clerk, task):
    colleague = accounts.staff(Role.WINDOW, bureau=clerk.bureau)
    outsider = accounts.staff(Role.STREET, bureau=accounts.another_street(clerk.bureau))
    with pytest.raises(outreach.OutreachRefused):
        outreach.give(task, to=outsider, by=clerk)
    assert outreach.give(task, to=colleague, by=clerk).assigned_to == colleague
    with pytest.raises(outreach.OutreachRefused):
        outreach.attempt(task, by=clerk, **PHONE)


def test_released_before_any_attempt_it_waits_for_colleagues_again(clerk, task):
    row = outreach.release(task, by=clerk)
    assert (row.state, row.assigned_to) == (states.O_FOUND, None)


def test_not_found_takes_three_tries_and_one_of_them_at_the_door(clerk, task):
    for way, result in (("phone", "nobody"), ("phone", "nobody"), ("phone", "wrong")):
        outreach.attempt(task, way=way, result=result, by=clerk)
    with pytest.raises(outreach.OutreachRefused, match="上过门"):
        outreach.not_found(task, by=clerk)
    outreach.attempt(task, way="notice", result="left", by=clerk)
    assert outreach.not_found(task, by=clerk).state == states.O_NOT_FOUND


def test_no_draft_is_begun_before_the_person_was_spoken_to(clerk, task):
    with pytest.raises(outreach.OutreachRefused):
        outreach.begin(task, way="online", by=clerk)
    assert not Application.objects.exists()


def test_a_draft_waits_online_for_the_person_and_no_register_was_asked(clerk, task, registers):
    task = reached(task, clerk)
    draft = outreach.begin(task, way="online", by=clerk)
    person = accounts.citizen(name=task.name, number=task.person_number)
    assert household.current_for(person.user) == draft
    assert (draft.origin, draft.street, draft.state) == (
        Origin.OUTREACH, clerk.bureau, case_states.DRAFT,
    )  # fmt: skip
    assert not draft.applicant.consents.exists()
    assert not registers.asked
    assert Notice.objects.get(person_index=task.person_index).code == "outreach.draft"
    task.refresh_from_db()
    assert (task.state, task.application, task.began_here) == (states.O_DRAFT, draft, True)
    with pytest.raises(outreach.OutreachRefused):
        outreach.begin(task, way="online", by=clerk)


def test_a_draft_at_the_window_is_the_windows_and_only_for_who_works_there(clerk, task):
    task = reached(task, clerk)
    draft = outreach.begin(task, way="window", by=clerk)
    assert (draft.channel, draft.origin, draft.created_by) == ("window", "outreach", clerk.user)
    street_only = accounts.staff(Role.STREET, bureau=clerk.bureau)
    other = reached(
        outreach.claim(found.outreach(street=clerk.bureau), by=street_only), street_only
    )
    with pytest.raises(outreach.OutreachRefused):
        outreach.begin(other, way="window", by=street_only)


def test_who_has_a_case_under_way_by_now_gets_no_second_draft(clerk, task):
    task = reached(task, clerk)
    person = make.person(name=task.name, number=task.person_number)
    make.application([person], state=case_states.JOINT_REVIEW)
    with pytest.raises(outreach.OutreachRefused, match="已经有申请"):
        outreach.begin(task, way="online", by=clerk)
    assert Application.objects.count() == 1


def test_a_draft_of_the_persons_own_is_taken_as_it_is(clerk, task):
    person = accounts.citizen(name=task.name, number=task.person_number)
    own = submission.start_draft(by=person.user, channel="online", person=person)
    assert outreach.begin(reached(task, clerk), way="online", by=clerk) == own
    own.refresh_from_db()
    assert own.origin == Origin.OWN
    task.refresh_from_db()
    assert not task.began_here
    with pytest.raises(outreach.OutreachRefused):
        outreach.delete_draft(task, by=person.user)


def test_the_person_deletes_the_draft_and_the_street_has_the_task_again(clerk, task):
    outreach.begin(reached(task, clerk), way="online", by=clerk)
    person = accounts.citizen(name=task.name, number=task.person_number)
    row = outreach.delete_draft(task, by=person.user)
    assert (row.state, row.application) == (states.O_REACHED, None)
    assert household.current_for(person.user) is None
    assert outreach.begin(row, way="online", by=clerk).state == case_states.DRAFT


def test_a_sent_case_is_followed_without_calling_back_and_its_state_is_read(clerk, task):
    draft = outreach.begin(reached(task, clerk), way="online", by=clerk)
    now = clock.now()
    Application.objects.filter(pk=draft.pk).update(
        state=case_states.SUBMITTED, submitted_at=now, state_since=now
    )
    assert outreach_following.follow_all() == 1
    task.refresh_from_db()
    assert task.state == states.O_APPLIED
    assert outreach_following.follow_all() == 0


def test_who_applies_without_us_is_followed_too_and_an_older_case_is_not(task, clerk):
    long_ago = make.person(name=task.name, number=task.person_number)
    make.application([long_ago], state=case_states.WITHDRAWN, accepted_days_ago=300)
    assert outreach_following.follow(task).state == states.O_ASSIGNED
    case = make.application([long_ago], state=case_states.ACCEPTED)
    Application.objects.filter(pk=case.pk).update(submitted_at=clock.now())
    row = outreach_following.follow(task)
    assert (row.state, row.application, row.began_here) == (states.O_APPLIED, case, False)


def test_who_gets_a_benefit_otherwise_needs_no_outreach(task):
    Benefit.objects.create(
        person_index=task.person_index, kind="subsidy", case_no="x", began_on=clock.today()
    )
    assert outreach_following.follow_all() == 1
    task.refresh_from_db()
    assert task.state == states.O_HELPED


def test_a_no_is_kept_and_never_again_too_said_to_the_clerk(clerk, task):
    with pytest.raises(outreach.OutreachRefused):
        outreach.not_wanted(task, by=clerk.user)  # nobody was spoken to
    task = reached(task, clerk)
    row = outreach.not_wanted(task, by=clerk.user, never=True, note="以后再说")
    assert (row.state, row.note) == (states.O_NOT_WANTED, "以后再说")
    assert NoContact.objects.filter(person_index=task.person_index, ended_at=None).exists()
    assert AuditEntry.objects.filter(verb="outreach.no_contact").count() == 1


def test_who_says_no_keeps_no_draft_that_they_never_agreed_to(clerk, task):
    draft = outreach.begin(reached(task, clerk), way="online", by=clerk)
    row = outreach.not_wanted(task, by=clerk.user)
    draft.refresh_from_db()
    assert (row.state, row.application, draft.state) == (
        states.O_NOT_WANTED, None, case_states.WITHDRAWN,
    )  # fmt: skip


def test_the_person_may_say_never_again_and_take_it_back(task):
    person = accounts.citizen(name=task.name, number=task.person_number)
    assert outreach.not_wanted(task, by=person.user, never=True).state == states.O_NOT_WANTED
    outreach.contact_again(task.person_index, by=person.user)
    assert not NoContact.objects.filter(ended_at=None).exists()


def test_what_nobody_worked_on_never_lapses_and_what_was_tried_does(clerk, task):
    gone = clock.today() - timedelta(days=1)
    Outreach.objects.update(expires_on=gone, next_on=gone)
    untouched = found.outreach(street=clerk.bureau, expires_on=gone)
    assert outreach_following.expire_due() == 0
    for _n in range(periods.of("outreach_tries").value):
        outreach.attempt(task, by=clerk, **PHONE)
    assert outreach_following.expire_due() == 1
    task.refresh_from_db()
    untouched.refresh_from_db()
    assert (task.state, untouched.state) == (states.O_EXPIRED, states.O_FOUND)


def test_who_it_was_is_deleted_long_after_the_end_and_only_where_no_case_came_of_it(clerk):
    long_ago = clock.now() - timedelta(days=800)
    old = found.outreach(state=states.O_NOT_FOUND, closed_at=long_ago)
    newer = found.outreach(state=states.O_NOT_WANTED, closed_at=clock.now() - timedelta(days=300))
    applied = found.outreach(
        state=states.O_APPLIED, closed_at=long_ago, application=make.application()
    )
    assert outreach_following.forget_old() == 1
    assert outreach_following.forget_old() == 0
    for row in (old, newer, applied):
        row.refresh_from_db()
    assert (old.person_number, old.name, old.address, old.evidence) == ("", "", "", {})
    assert newer.name and applied.name


def test_the_district_gives_a_household_without_street_to_one(clerk):
    row = found.outreach()
    Outreach.objects.update(street=None)
    with pytest.raises(outreach.OutreachRefused):
        outreach.place(row, clerk.bureau, by=clerk)
    placed = outreach.place(row, clerk.bureau, by=accounts.staff(Role.DISTRICT))
    assert outreach.claim(placed, by=clerk).assigned_to == clerk


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_claim_once(clerk):
    row = found.outreach(street=clerk.bureau)
    both = [clerk, accounts.staff(Role.STREET, bureau=clerk.bureau)]

    def take(staff) -> bool:
        try:
            outreach.claim(row, by=staff)
        except outreach.OutreachRefused:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(take, both)) == [False, True]
