"""Claims that run out, tasks that pass to colleagues, absences, and the work of a desk."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.roles import BureauKind, Role
from applications import absences, claims, hand_overs, review, states, tasks_queue, workload
from applications.models import Absence, HandOver, ReviewTask
from applications.models.review import Stage
from core import clock
from core.models import AuditEntry, Transition
from tests.factories import accounts
from tests.factories import review as desk

pytestmark = pytest.mark.django_db


def street_task():
    return desk.task_of(desk.under_review(), Stage.STREET)


def fresh(task):
    return ReviewTask.objects.get(pk=task.pk)


def lead_of(task):
    return accounts.staff([Role.STREET, Role.ADMIN], bureau=task.bureau)


def away(staff, deputy, first=0, last=2):
    today = clock.today()
    return absences.enter(
        staff, deputy=deputy, starts_on=today + timedelta(days=first),
        ends_on=today + timedelta(days=last), by=staff,
    )  # fmt: skip


def run_out(task):
    ReviewTask.objects.filter(pk=task.pk).update(
        claim_expires_at=clock.now() - timedelta(minutes=1)
    )


# -- Claims --------------------------------------------------------------------------------------


def test_a_claim_that_ran_out_is_freed_with_its_record():
    task, other = street_task(), street_task()
    holder = desk.reviewer_for(task)
    review.claim(task, by=holder)
    review.claim(other, by=holder)
    run_out(task)
    tasks_queue.free_claims()
    assert (fresh(task).state, fresh(task).claimed_by) == (states.TASK_OPEN, None)
    assert fresh(other).claimed_by == holder
    entry = AuditEntry.objects.get(verb="review.claim_expired")
    assert entry.detail["held_by"] == holder.pk and entry.case_no == task.case_no
    last = Transition.objects.filter(thing_id=str(task.pk)).order_by("-pk")[0]
    assert (last.to_state, last.by) == (states.TASK_OPEN, "claim expired")


def test_a_claim_prolonged_meanwhile_is_not_freed():
    task = street_task()
    holder = desk.reviewer_for(task)
    review.claim(task, by=holder)
    run_out(task)
    review.claim(task, by=holder)
    assert claims.expire(task) is False and fresh(task).claimed_by == holder


def test_a_colleague_takes_over_from_a_claim_that_ran_out_and_from_no_other():
    task = street_task()
    one, other = desk.reviewer_for(task), desk.reviewer_for(task)
    review.claim(task, by=one)
    with pytest.raises(review.TaskRefused, match="正在办理"):
        review.claim(task, by=other)
    run_out(task)
    review.claim(task, by=other)
    assert fresh(task).claimed_by == other
    assert AuditEntry.objects.filter(verb="review.claim_expired").count() == 1


# -- Handing over --------------------------------------------------------------------------------


def test_a_task_passes_to_a_named_colleague_who_is_told():
    task = street_task()
    one, other = desk.reviewer_for(task), desk.reviewer_for(task)
    review.claim(task, by=one)
    made = hand_overs.give(task, by=one, to=other, note="已打过电话")
    row = fresh(task)
    assert (row.state, row.claimed_by) == (states.TASK_CLAIMED, other)
    assert row.claim_expires_at > clock.now() + timedelta(hours=8)
    assert (made.came_from, made.given_by, made.to) == (one, one, other)
    assert [told.pk for told in hand_overs.unseen(other)] == [made.pk]
    assert AuditEntry.objects.get(verb="review.handed_over").detail["to"] == other.pk
    assert hand_overs.mark_seen(by=other) == 1 and not hand_overs.unseen(other)


def test_who_received_a_task_decides_it():
    task = street_task()
    one, other = desk.reviewer_for(task), desk.reviewer_for(task)
    review.claim(task, by=one)
    hand_overs.give(task, by=one, to=other)
    with pytest.raises(review.TaskRefused, match="正在办理"):
        review.opine(task, by=one, verdict="agree")
    review.opine(task, by=other, verdict="agree", text="符合")
    assert not hand_overs.unseen(other)


def test_only_ones_own_task_may_be_given_away_but_by_the_lead():
    task = street_task()
    one, other = desk.reviewer_for(task), desk.reviewer_for(task)
    with pytest.raises(hand_overs.NotHanded, match="自己认领"):
        hand_overs.give(task, by=one, to=other)
    review.claim(task, by=one)
    with pytest.raises(hand_overs.NotHanded, match="自己认领"):
        hand_overs.give(task, by=other, to=other)
    hand_overs.give(task, by=lead_of(task), to=other)
    assert fresh(task).claimed_by == other


def test_nothing_passes_to_another_desk_another_duty_or_who_has_it():
    task = street_task()
    one = desk.reviewer_for(task)
    review.claim(task, by=one)
    elsewhere = accounts.staff(Role.REVIEWER)
    clerk = accounts.staff(Role.WINDOW, bureau=task.bureau)
    for to in (elsewhere, clerk, one):
        with pytest.raises(hand_overs.NotHanded):
            hand_overs.give(task, by=one, to=to)
    assert fresh(task).claimed_by == one and not HandOver.objects.exists()


def test_a_decided_task_is_not_handed_over():
    task = street_task()
    desk.agree(task)
    with pytest.raises(hand_overs.NotHanded, match="办完"):
        hand_overs.give(task, by=lead_of(task), to=desk.reviewer_for(task))


# -- Absences ------------------------------------------------------------------------------------


def test_what_an_absent_person_holds_goes_to_the_deputy_once():
    task, later = street_task(), street_task()
    one, deputy = desk.reviewer_for(task), desk.reviewer_for(task)
    review.claim(task, by=one)
    away(one, deputy)
    tasks_queue.begin_absences()
    assert fresh(task).claimed_by == deputy
    told = hand_overs.unseen(deputy).get()
    assert (told.given_by, told.meant_for) == (None, one)
    review.claim(later, by=one)  # back at the desk for an hour: what one takes oneself stays
    tasks_queue.begin_absences()
    assert fresh(later).claimed_by == one


def test_an_absence_of_next_week_moves_nothing_today():
    task = street_task()
    one, deputy = desk.reviewer_for(task), desk.reviewer_for(task)
    review.claim(task, by=one)
    away(one, deputy, 7, 9)
    tasks_queue.begin_absences()
    assert fresh(task).claimed_by == one


def test_what_is_meant_for_an_absent_person_reaches_the_deputy_and_ends_by_itself(monkeypatch):
    task = street_task()
    one, deputy, giver = (desk.reviewer_for(task) for _n in range(3))
    away(one, deputy)
    review.claim(task, by=giver)
    made = hand_overs.give(task, by=giver, to=one)
    assert (made.to, made.meant_for) == (deputy, one)
    after = clock.today() + timedelta(days=3)
    assert absences.receiver_of(one, after) == one
    assert absences.receiver_of(one, after - timedelta(days=1)) == deputy


def test_a_deputy_who_is_away_hands_on_and_a_circle_receives_nothing():
    task = street_task()
    one, two, three, giver = (desk.reviewer_for(task) for _n in range(4))
    away(two, three)
    Absence.objects.create(
        staff=one, deputy=two, starts_on=clock.today(), ends_on=clock.today(), entered_by=one,
        entered_at=clock.now(),
    )  # fmt: skip
    assert absences.receiver_of(one, clock.today()) == three
    Absence.objects.filter(staff=two).update(deputy=one)
    assert absences.receiver_of(one, clock.today()) is None
    review.claim(task, by=giver)
    with pytest.raises(hand_overs.NotHanded, match="不在岗"):
        hand_overs.give(task, by=giver, to=one)


def test_a_deputy_with_a_conflict_leaves_the_task_in_the_queue():
    case = desk.under_review(members=2)
    task = desk.task_of(case, Stage.STREET)
    one, deputy = desk.reviewer_for(task), desk.reviewer_for(task)
    deputy.id_index = case.members.get(position=1).id_index
    deputy.save()
    review.claim(task, by=one)
    away(one, deputy)
    hand_overs.begin_absences()
    assert (fresh(task).state, fresh(task).claimed_by) == (states.TASK_OPEN, None)


def test_an_absence_ends_early_or_is_taken_back():
    task = street_task()
    one, deputy = desk.reviewer_for(task), desk.reviewer_for(task)
    row = away(one, deputy)
    absences.end(row, by=one)
    assert absences.receiver_of(one, clock.today()) == one
    away(one, deputy)  # the days are free again


@pytest.mark.parametrize(
    ("days", "why"),
    [((2, 1), "早于"), ((-3, -1), "已经过去"), ((0, 200), "最长")],
)
def test_days_that_cannot_be_are_refused(days, why):
    task = street_task()
    with pytest.raises(absences.AbsenceRefused, match=why):
        away(desk.reviewer_for(task), desk.reviewer_for(task), *days)


def test_a_deputy_is_another_of_the_same_desk_who_is_there():
    task = street_task()
    one, two, three = (desk.reviewer_for(task) for _n in range(3))
    for deputy in (one, accounts.staff(Role.REVIEWER)):
        with pytest.raises(absences.AbsenceRefused, match="代办人"):
            away(one, deputy)
    away(two, three)
    with pytest.raises(absences.AbsenceRefused, match="也不在岗"):
        away(one, two)
    with pytest.raises(absences.AbsenceRefused, match="已经登记"):
        away(two, three, 1, 5)


def test_the_lead_enters_an_absence_for_a_colleague_and_others_do_not():
    task = street_task()
    one, two = desk.reviewer_for(task), desk.reviewer_for(task)
    today = clock.today()
    with pytest.raises(absences.AbsenceRefused, match="本人"):
        absences.enter(one, deputy=two, starts_on=today, ends_on=today, by=two)
    absences.enter(one, deputy=two, starts_on=today, ends_on=today, by=lead_of(task))
    assert Absence.objects.get().staff == one


def test_the_database_keeps_days_apart():
    task = street_task()
    one, two = desk.reviewer_for(task), desk.reviewer_for(task)
    row = away(one, two)
    with pytest.raises(IntegrityError, match="absence_once_a_day"), transaction.atomic():
        Absence.objects.create(
            staff=one, deputy=two, starts_on=row.ends_on, ends_on=row.ends_on, entered_by=one,
            entered_at=clock.now(),
        )  # fmt: skip


# -- Balancing -----------------------------------------------------------------------------------


def test_the_lead_gives_the_next_most_urgent_tasks_to_one_colleague():
    tasks = [street_task() for _n in range(4)]
    for n, one in enumerate(tasks):
        ReviewTask.objects.filter(pk=one.pk).update(due_on=clock.today() - timedelta(days=n))
    colleague = desk.reviewer_for(tasks[0])
    assert hand_overs.give_next(2, by=lead_of(tasks[0]), to=colleague) == 2
    held = ReviewTask.objects.filter(claimed_by=colleague)
    assert {one.pk for one in held} == {tasks[3].pk, tasks[2].pk}


def test_spreading_evens_out_what_everybody_holds():
    tasks = [street_task() for _n in range(7)]
    one, two = desk.reviewer_for(tasks[0]), desk.reviewer_for(tasks[0])
    absent = desk.reviewer_for(tasks[0])
    away(absent, one)
    review.claim(tasks[0], by=one)
    lead = accounts.staff(Role.LEADER, bureau=tasks[0].bureau)  # leads, and works on none
    assert hand_overs.spread(by=lead) == 6
    held = hand_overs.held_by([one, two, absent])
    assert (held[one.pk], held[two.pk], held[absent.pk]) in {(4, 3, 0), (3, 4, 0)}


def test_who_leads_a_desk():
    centre = accounts.bureau(BureauKind.CENTRE)
    leads = [
        accounts.staff(Role.DISTRICT, bureau=centre), accounts.staff(Role.LEADER, bureau=centre),
        accounts.staff([Role.REVIEWER, Role.ADMIN], bureau=accounts.bureau("civil_affairs")),
    ]  # fmt: skip
    assert all(map(absences.is_lead, leads))
    for role in (Role.REVIEWER, Role.STREET):
        task = street_task()
        person = accounts.staff(role, bureau=task.bureau)
        assert not absences.is_lead(person)
        with pytest.raises(hand_overs.NotHanded, match="负责人"):
            hand_overs.spread(by=person)
        with pytest.raises(hand_overs.NotHanded, match="负责人"):
            hand_overs.give_next(1, by=person, to=person)


def test_the_workload_counts_held_late_and_done_this_week():
    tasks = [street_task() for _n in range(3)]
    one, two = desk.reviewer_for(tasks[0]), desk.reviewer_for(tasks[0])
    ReviewTask.objects.filter(pk=tasks[0].pk).update(due_on=clock.today() - timedelta(days=9))
    ReviewTask.objects.filter(pk=tasks[1].pk).update(due_on=clock.today())
    for task in tasks[:2]:
        review.claim(task, by=one)
    review.opine(tasks[2], by=two, verdict="agree", text="符合")
    loads = {load.staff.pk: load for load in workload.of_desk(one)}
    assert (loads[one.pk].held, loads[one.pk].late, loads[one.pk].today) == (2, 1, 1)
    assert (loads[two.pk].held, loads[two.pk].done, loads[one.pk].done) == (0, 1, 0)
