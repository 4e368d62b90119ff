"""Visits at home: what is kept once, what is counted, and that nothing follows by itself."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from accounts.roles import BureauKind, Role
from applications import looks, periods, review, standing, states, visit_screen, visits
from applications.models import (
    Application,
    Decision,
    Member,
    StaffNotice,
    Visit,
    VisitCall,
    VisitOrder,
)
from applications.models.review import Stage
from applications.visits import Told, VisitConflict, VisitRefused
from core import clock
from core.models import AuditEntry, Notice
from tests.applications.visiting import NOBODY, OTHERWISE, WELL, street_of, visit
from tests.factories import accounts
from tests.factories import review as desk

pytestmark = pytest.mark.django_db


def test_the_street_sees_the_households_of_its_own_review_until_somebody_was_met():
    case, other = desk.under_review(), desk.under_review(street="330212102")
    clerk = street_of(case)
    assert list(visits.to_visit(clerk)) == [case]
    visit(case, clerk, **NOBODY)
    assert list(visits.to_visit(clerk)) == [case]
    visit(case, clerk)
    assert list(visits.to_visit(clerk)) == []
    assert list(visits.to_visit(street_of(other))) == [other]
    assert list(visits.to_visit(desk.district())) == []


def test_a_department_orders_a_visit_and_the_street_hears_of_it():
    case = desk.in_joint_review()
    clerk = street_of(case)
    assert list(visits.to_visit(clerk)) == []
    desk_of = desk.reviewer_for(desk.task_of(case, Stage.JOINT, BureauKind.HOUSING))
    made = visits.order(case, by=desk_of, reason="看看是不是还住在老房子里")
    assert list(visits.to_visit(clerk)) == [case]
    assert StaffNotice.objects.get(staff=clerk).kind == "visit"
    assert "老房子" not in str(AuditEntry.objects.filter(verb="visit.ordered").values())
    visit(case, clerk)
    made.refresh_from_db()
    assert made.done_at and list(visits.to_visit(clerk)) == []


@pytest.mark.parametrize(("reason", "says"), [("  ", "请写明"), ("再看一次", "已经安排")])
def test_an_order_needs_its_reason_and_stands_once(reason, says):
    case = desk.under_review()
    visits.order(case, by=street_of(case), reason="第一次")
    with pytest.raises(VisitRefused, match=says):
        visits.order(case, by=street_of(case), reason=reason)
    assert VisitOrder.objects.count() == 1


def test_who_has_nothing_to_do_with_the_case_orders_no_visit():
    case = desk.under_review()
    elsewhere = accounts.staff(Role.STREET, bureau="330212102")
    for somebody in (elsewhere, accounts.staff(Role.REVIEWER), accounts.staff(Role.WINDOW)):
        with pytest.raises(VisitRefused):
            visits.order(case, by=somebody, reason="看看")
    assert not VisitOrder.objects.exists()


def test_another_street_is_refused_and_nothing_is_kept():
    case = desk.under_review()
    with pytest.raises(VisitRefused, match="上门核实"):
        visit(case, accounts.staff(Role.STREET, bureau="330212102"))
    with pytest.raises(VisitRefused, match="镇街初审人员"):
        visit(case, desk.district())
    assert not Visit.objects.exists()


def test_the_queue_counts_the_same_households_up_to_a_hundred(monkeypatch):
    case, other = desk.under_review(), desk.in_joint_review(street="330212005")
    clerk = street_of(case)
    where = desk.reviewer_for(desk.task_of(other, Stage.JOINT, BureauKind.HOUSING))
    visits.order(other, by=where, reason="看看")
    other.street = case.street
    other.save()
    assert visits.how_many(clerk) == visits.to_visit(clerk).count() == 2
    assert visits.how_many(desk.district()) == 0
    monkeypatch.setattr(visits, "MANY", 1)
    assert visits.how_many(clerk) == 2  # more than one
    page = Client()
    page.force_login(clerk.user)
    assert "要上门的1户以上" in page.get("/review/").content.decode()


def test_kin_keep_away_from_the_door():
    case = desk.under_review(members=2)
    kin = street_of(case)
    kin.id_index = Member.objects.get(application=case, position=1).id_index
    kin.save()
    assert list(visits.to_visit(kin)) == []
    with pytest.raises(VisitRefused, match="回避"):
        visit(case, kin)
    with pytest.raises(VisitRefused, match="回避"):
        visits.order(case, by=kin, reason="看看")


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"companion": " "}, "companion"),
        ({"outcome": "refused"}, "outcome"),
        ({"met": ""}, "met"),
        ({"lived_in": ""}, "lived_in"),
        ({"outcome": "differs", "differs": ""}, "differs"),
    ],
)
def test_what_is_missing_is_said_at_its_field(changed, field):
    case = desk.under_review()
    with pytest.raises(VisitRefused) as refused:
        visit(case, street_of(case), **{**WELL, **changed})
    assert refused.value.field == field
    assert not Visit.objects.exists()


def test_two_people_go_and_the_second_is_somebody_else():
    case = desk.under_review()
    clerk = street_of(case, "王同一")
    with pytest.raises(VisitRefused, match="另一位"):
        visit(case, clerk, **{**WELL, "companion": "王同一"})


def test_the_same_form_again_is_the_same_visit():
    case = desk.under_review()
    clerk, key = street_of(case), uuid4()
    first = visit(case, clerk, key=key, **WELL, ago=timedelta(hours=2))
    assert visit(case, clerk, key=key, **WELL, ago=timedelta(hours=3)) == first
    assert Visit.objects.count() == 1
    assert AuditEntry.objects.filter(verb="visit.recorded").count() == 1


def test_another_form_under_the_same_key_is_told_and_not_swallowed():
    case = desk.under_review()
    clerk, key = street_of(case), uuid4()
    visit(case, clerk, key=key)
    with pytest.raises(VisitConflict, match="另一个页面"):
        visit(case, clerk, key=key, **{**WELL, "persons": 3})
    with pytest.raises(VisitRefused, match="编号"):
        visit(case, street_of(case), key=key)
    assert Visit.objects.get().persons == 2


def test_a_colleague_was_there_first_it_is_told_and_may_be_kept_beside():
    case = desk.under_review()
    visit(case, street_of(case, "先到的人"))
    late = street_of(case)
    with pytest.raises(VisitConflict, match="先到的人"):
        visit(case, late, **OTHERWISE)
    kept = visit(case, late, **OTHERWISE, again=True)
    assert kept.second and Visit.objects.count() == 2


def test_the_case_went_on_it_is_told_and_may_be_kept_beside():
    case = desk.under_review()
    clerk = street_of(case)
    desk.agree(desk.task_of(case, Stage.STREET))
    with pytest.raises(VisitConflict, match="部门核对中"):
        visit(case, clerk)
    assert visit(case, clerk, **WELL, again=True).task is None


def test_a_case_that_has_ended_takes_no_visit():
    case = desk.under_review()
    Application.objects.filter(pk=case.pk).update(state=states.WITHDRAWN)
    with pytest.raises(VisitRefused, match="不用上门"):
        visit(case, street_of(case), **WELL, again=True)


def test_the_time_is_that_of_the_door_never_of_the_future_or_before_the_case():
    case = desk.under_review(accepted_days_ago=2)
    clerk = street_of(case)
    near = visit(case, clerk, **NOBODY, ago=timedelta(hours=3))
    assert timedelta(hours=2) < near.recorded_at - near.visited_at < timedelta(hours=4)
    assert visit(case, clerk, **NOBODY, ago=timedelta(days=-3)).visited_at <= clock.now()
    assert visit(case, clerk, **NOBODY, ago=timedelta(days=400)).visited_at == case.accepted_at


def test_nobody_at_home_is_counted_and_turns_into_a_call_never_into_a_refusal():
    case = desk.under_review()
    clerk, most = street_of(case), periods.of("visit_attempts").value
    for n in range(1, most + 1):
        assert not VisitCall.objects.exists()
        assert visit(case, clerk, **NOBODY).attempt == n
    call = VisitCall.objects.get()
    assert list(visits.calls_of(clerk)) == [call]
    told = Notice.objects.get(code="visit.missed")
    assert f"{most}次" in told.text and "不影响您的申请" in told.text
    case.refresh_from_db()
    assert case.state == states.STREET_REVIEW
    assert not Decision.objects.exists() and list(visits.to_visit(clerk)) == [case]


def test_what_nobody_saw_is_not_kept_of_an_attempt():
    case = desk.under_review()
    made = visit(case, street_of(case), **{**WELL, **NOBODY, "differs": "x", "signature": "y"})
    assert (made.met, made.lived_in, made.persons, made.differs, made.signature) == (
        "", "", None, "", "",
    )  # fmt: skip


def test_a_call_is_answered_once_and_the_visit_stays_on_the_list():
    case = desk.under_review()
    clerk = street_of(case)
    for _n in range(periods.of("visit_attempts").value):
        visit(case, clerk, **NOBODY)
    call = VisitCall.objects.get()
    with pytest.raises(VisitRefused, match="约了什么时间"):
        visits.called(call, by=clerk, reached=True, text=" ")
    with pytest.raises(VisitRefused, match="上门核实"):
        visits.called(
            call, by=accounts.staff(Role.STREET, bureau="330212102"), reached=True, text="x"
        )
    visits.called(call, by=clerk, reached=False, text="关机")
    with pytest.raises(VisitRefused, match="同事打过"):
        visits.called(call, by=clerk, reached=True, text="周六上午")
    assert list(visits.to_visit(clerk)) == [case] and not visits.calls_of(clerk)


def test_a_difference_is_for_a_person_to_answer_and_decides_nothing():
    case = desk.under_review()
    task = desk.task_of(case, Stage.STREET)
    clerk = street_of(case)
    visit(case, clerk, **OTHERWISE)
    case.refresh_from_db()
    assert case.state == states.STREET_REVIEW and not Decision.objects.exists()
    with pytest.raises(review.OpinionRefused, match="上门看到的"):
        review.opine(task, by=clerk, verdict="agree", text=" ")
    review.opine(task, by=clerk, verdict="agree", text="多出的两人是来探亲的父母，已看车票")
    case.refresh_from_db()
    assert case.state == states.JOINT_REVIEW


def test_the_evidence_screen_tells_all_to_the_street_and_a_department_the_day_alone():
    case = desk.under_review()
    made = visit(case, street_of(case), **OTHERWISE, remarks="门口有两辆电动车")
    whole, closed = visit_screen.seen(case, ""), visit_screen.seen(case, "housing")
    assert whole[0].differs and "门口有两辆电动车" in str(whole[0].rows)
    assert closed == [visit_screen.Seen(made.visited_at)]


def test_the_family_reads_that_somebody_came_and_when():
    case = desk.under_review()
    visit(case, street_of(case), **OTHERWISE)
    steps = standing.timeline(case)
    titles = [one.title for one in steps]
    assert titles[titles.index("已上门核实") + 1] == "街道审核中"
    told = next(one for one in steps if one.title == "已上门核实")
    assert told.who == case.street.name and "现在不用您办理" in told.line
    index = case.applicant.id_index
    lines = [one for day in looks.page(index, looks.Wanted(), 1).object_list for one in day.looks]
    assert [one.what for one in lines if one.what == "上门核实"] == ["上门核实"]
    assert "四个人" not in str(steps) + str(lines)


def test_an_attempt_reads_as_one_in_the_familys_timeline():
    case = desk.under_review()
    visit(case, street_of(case), **NOBODY)
    told = next(one for one in standing.timeline(case) if one.title == "上门没有遇到")
    assert "不影响您的申请" in told.line


def test_what_was_seen_is_encrypted_at_rest():
    from django.db import connection

    case = desk.under_review()
    visit(case, street_of(case), **OTHERWISE, remarks="门口有两辆电动车", met_name="李某")
    with connection.cursor() as cursor:
        cursor.execute("SELECT differs, remarks, met_name FROM applications_visit")
        stored = str(cursor.fetchall())
    assert "四个人" not in stored and "电动车" not in stored and "李某" not in stored


def test_a_case_that_ends_takes_its_order_along():
    case = desk.under_review()
    visits.order(case, by=street_of(case), reason="看看")
    review.leave(case, by=case.created_by, reason="withdrawn")
    assert VisitOrder.objects.get().done_at


@pytest.mark.parametrize(
    "wrong",
    [
        {"outcome": "nobody", "attempt": None, "met": "", "lived_in": ""},
        {"outcome": "nobody", "attempt": 1, "met": "applicant", "lived_in": ""},
        {"outcome": "as_declared", "attempt": None, "met": "", "lived_in": "yes"},
        {"companion": ""},
    ],
)
def test_the_database_keeps_no_visit_that_contradicts_itself(wrong):
    case = desk.under_review()
    made = visit(case, street_of(case))
    with pytest.raises(IntegrityError), transaction.atomic():
        Visit.objects.filter(pk=made.pk).update(**wrong)


def test_the_digest_tells_one_form_from_another():
    assert Told(**WELL).digest == Told(**WELL).digest != Told(**OTHERWISE).digest
