"""Repairs, holds, inspections and retirements: who may, with what reason, and what is refused."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, InternalError, transaction

from accounts.roles import Role
from allocation import holds, inspections, offers, planning, retirements, rounds, states
from allocation.holds import HoldRefused
from allocation.inspections import InspectionRefused
from allocation.models import Home, HomeHold, Inspection
from allocation.retirements import RetirementRefused
from applications import periods
from applications.models import StaffNotice
from core import clock, workflow
from core.workflow import TransitionRefused, advance
from tests.factories import accounts
from tests.factories import allocation as make
from tests.factories import homes as stock

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
REPAIR, HOLD = HomeHold.Kind.REPAIR, HomeHold.Kind.HOLD


def state_of(home):
    return Home.objects.get(pk=home.pk).state


# -- Holds -----------------------------------------------------------------------------------


def test_a_held_home_enters_no_round_and_no_offer():
    home = make.home()
    row = stock.held(home)
    assert state_of(home) == states.H_HELD and not Home.objects.to_let().exists()
    with pytest.raises(planning.PlanRefused, match="不能配租"):
        planning.choose_homes(make.planned(0, 0), [row.home], by=make.administrator().user)
    entrant = make.revealed(2, 1).assignments.get(home=None).entrant
    with pytest.raises(TransitionRefused):
        offers.make(entrant, home, origin="reserve", by=offers.SYSTEM)
    assert state_of(home) == states.H_HELD


def test_a_home_put_into_repair_after_it_was_planned_stops_the_freeze():
    home = make.home()
    row = make.planned(2, [home])
    stock.held(home, kind=REPAIR)
    with pytest.raises(rounds.RoundRefused, match=home.code):
        make.freeze(row, by=row.created_by)
    row.refresh_from_db()
    assert row.state == states.R_PLANNED


def test_the_database_gives_no_held_home_away():
    home = make.home()
    stock.held(home)
    with pytest.raises(InternalError, match="in repair or held"), transaction.atomic():
        Home.objects.filter(pk=home.pk).update(state=states.H_OFFERED)
    with pytest.raises(IntegrityError), transaction.atomic():
        HomeHold.objects.create(
            home=home, kind=HOLD, reason="再来", starts_on=clock.today(), until=clock.today(),
            owner=stock.operator(), opened_by=stock.operator(), opened_at=clock.now(),
        )  # fmt: skip


def test_a_home_in_a_round_offered_or_let_is_not_held():
    lease = make.signed()
    drawn = make.frozen(2, 1).homes.get()
    for home in (lease.home, drawn):
        before = state_of(home)
        for kind in (REPAIR, HOLD):
            with pytest.raises(HoldRefused, match="不能转为"):
                stock.held(home, kind=kind)
        assert state_of(home) == before
    assert not HomeHold.objects.exists()


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"reason": "  "}, "reason"),
        ({"until": timedelta(days=-1)}, "until"),
        ({"until": timedelta(days=900)}, "until"),
    ],
)
def test_a_hold_needs_a_reason_and_an_end_in_reach(changes, field):
    until = clock.today() + changes.pop("until", timedelta(days=1))
    told = {"reason": "应急", "kind": HOLD, "until": until, **changes}
    home = make.home()
    with pytest.raises(HoldRefused) as refused:
        holds.hold(home, by=make.administrator(), **told)
    assert refused.value.field == field and state_of(home) == states.H_AVAILABLE


def test_a_repair_is_the_companys_and_a_hold_the_administrations():
    company = stock.operator()
    with pytest.raises(HoldRefused, match="业务管理"):
        stock.held(by=company)
    stock.held(kind=REPAIR, by=company)
    with pytest.raises(HoldRefused, match="运营公司"):
        stock.held(kind=REPAIR, by=accounts.staff(Role.REVIEWER))
    with pytest.raises(HoldRefused, match="负责人"):
        holds.hold(
            make.home(), by=make.administrator(), kind=HOLD, reason="应急",
            until=clock.today(), owner=accounts.staff(Role.REVIEWER),
        )  # fmt: skip


def test_a_held_home_goes_into_repair_and_its_hold_ends_with_that():
    row = stock.held()
    stock.held(row.home, kind=REPAIR)
    row.refresh_from_db()
    assert row.end_reason == "转为维修" and state_of(row.home) == states.H_REPAIR


def test_a_hold_whose_day_has_passed_returns_by_itself_and_says_so():
    row = stock.held()
    today = clock.today()
    assert holds.look_after(row.until)[1] == 0  # its last day still belongs to it
    assert holds.look_after(today + timedelta(days=11))[1] == 1
    assert state_of(row.home) == states.H_AVAILABLE
    last = workflow.history(row.home).last()
    assert last.by == "房源保留" and "没有人提出不放回" in last.reason
    assert holds.look_after(today + timedelta(days=12)) == (0, 0)


def test_a_repair_and_a_hold_with_an_objection_never_end_by_the_calendar():
    admin = make.administrator()
    row, repair = stock.held(by=admin), stock.held(kind=REPAIR)
    holds.object_to_end(row, by=admin, reason="安置还没有定")
    assert holds.look_after(clock.today() + timedelta(days=60))[1] == 0
    assert (state_of(row.home), state_of(repair.home)) == (states.H_HELD, states.H_REPAIR)
    with pytest.raises(HoldRefused, match="验收"):
        holds.end(repair, by=admin, reason="修好了")
    with pytest.raises(HoldRefused, match="不会到期"):
        holds.object_to_end(repair, by=admin, reason="还没修好")
    holds.prolong(row, by=admin, until=clock.today() + timedelta(days=70), reason="等方案")
    row.refresh_from_db()
    assert row.objection == ""
    assert holds.look_after(clock.today() + timedelta(days=71))[1] == 1


def test_an_owner_is_reminded_once_for_each_end():
    row = stock.held(until=clock.today() + timedelta(days=1))
    assert holds.look_after(clock.today())[0] == 1
    assert holds.look_after(clock.today())[0] == 0
    assert list(holds.to_look_after(clock.today())) == [row]
    holds.prolong(row, by=row.owner, until=clock.today() + timedelta(days=2), reason="再等")
    assert holds.look_after(clock.today())[0] == 1


def test_a_hold_is_ended_early_with_a_reason_and_once():
    admin = make.administrator()
    row = stock.held(by=admin)
    with pytest.raises(HoldRefused, match="为什么"):
        holds.end(row, by=admin, reason="")
    assert state_of(row.home) == states.H_HELD
    holds.end(row, by=admin, reason="安置取消")
    assert holds.end(row, by=admin, reason="再按一次").end_reason == "安置取消"
    assert state_of(row.home) == states.H_AVAILABLE
    with pytest.raises(HoldRefused, match="已经结束"):
        holds.prolong(row, by=admin, until=clock.today() + timedelta(days=90), reason="晚了")


# -- Inspections -----------------------------------------------------------------------------


def test_an_acquired_home_is_let_only_after_a_fit_inspection():
    home, company = stock.acquired(), stock.operator()
    with pytest.raises(InspectionRefused, match="还没有验收"):
        inspections.release(home, by=company)
    with pytest.raises(InspectionRefused, match="写明"):
        inspections.inspect(home, by=company, passed=["doors"])
    assert not Inspection.objects.exists()
    inspections.inspect(home, by=company, passed=["doors"], remarks="水管漏水，三天内换")
    with pytest.raises(InspectionRefused, match="不合格"):
        inspections.release(home, by=company)
    inspections.inspect(home, by=company, passed=inspections.ITEMS)
    inspections.release(home, by=company)
    assert state_of(home) == states.H_AVAILABLE
    assert inspections.release(home, by=company).state == states.H_AVAILABLE
    with pytest.raises(InspectionRefused, match="不用验收"):
        inspections.inspect(home, by=company, passed=inspections.ITEMS)


def test_an_inspection_before_the_repair_does_not_release_after_it():
    home = stock.inspected()
    clock.advance(timedelta(minutes=1))
    repair = stock.held(home, kind=REPAIR)
    clock.advance(timedelta(minutes=1))
    with pytest.raises(InspectionRefused, match="还没有验收"):
        inspections.release(home, by=stock.operator())
    stock.inspected(home)
    inspections.release(home, by=stock.operator())
    repair.refresh_from_db()
    assert repair.end_reason == "验收合格" and state_of(home) == states.H_AVAILABLE


def test_a_vacated_home_is_inspected_before_it_is_let_again():
    home = make.home(state=states.H_VACATING)
    with pytest.raises(InspectionRefused):
        inspections.release(home, by=stock.operator())
    inspections.release(stock.inspected(home), by=stock.operator())
    assert state_of(home) == states.H_AVAILABLE


def test_an_inspection_is_never_altered():
    stock.inspected()
    with pytest.raises(InternalError), transaction.atomic():
        Inspection.objects.update(fit=False)
    with pytest.raises(InspectionRefused, match="运营公司"):
        inspections.inspect(stock.acquired(), by=accounts.staff(Role.LEADER), passed=[])


# -- Retirements -----------------------------------------------------------------------------


def test_a_home_is_retired_by_two_persons_with_a_reason():
    home, first, second = make.home(), make.administrator(), make.administrator()
    with pytest.raises(RetirementRefused, match="为什么"):
        retirements.propose(home, by=first, reason="")
    row = retirements.propose(home, by=first, reason="整幢拆除")
    assert state_of(home) == states.H_AVAILABLE
    with pytest.raises(RetirementRefused, match="换一位"):
        retirements.confirm(row, by=first)
    with pytest.raises(RetirementRefused, match="已有人提出"):
        retirements.propose(home, by=second, reason="再提一次")
    retirements.confirm(row, by=second)
    assert retirements.confirm(row, by=second).outcome == "retired"
    assert state_of(home) == states.H_RETIRED
    assert workflow.history(home).last().reason == "整幢拆除"


def test_a_proposal_is_withdrawn_and_one_overtaken_by_a_draw_is_refused():
    home, first, second = make.home(), make.administrator(), make.administrator()
    row = retirements.propose(home, by=first, reason="太旧")
    retirements.withdraw(row, by=second)
    row = retirements.propose(home, by=first, reason="太旧")
    advance(home, states.H_IN_ROUND, by=first.user)
    with pytest.raises(RetirementRefused, match="摇号中"):
        retirements.confirm(row, by=second)
    assert state_of(home) == states.H_IN_ROUND


def test_where_the_rule_asks_for_one_person_one_is_enough(monkeypatch):
    one = periods.Period("home_retire_two", "", False, "flag", "a rule")
    before = periods.of
    monkeypatch.setattr(
        periods, "of", lambda name: one if name == "home_retire_two" else before(name)
    )
    home = stock.held(kind=REPAIR).home
    row = retirements.propose(home, by=make.administrator(), reason="修不好")
    assert row.outcome == "retired" and state_of(home) == states.H_RETIRED
    assert not holds.in_force().exists()
    with pytest.raises(RetirementRefused, match="业务管理"):
        retirements.propose(make.home(), by=stock.operator(), reason="太旧")


def test_its_owner_hears_before_it_ends_and_again_when_it_should_be_over(client):
    row = stock.held(kind=REPAIR)
    near = row.until - timedelta(days=1)
    holds.look_after(near)
    holds.look_after(near)
    told = StaffNotice.objects.get(staff=row.owner)
    assert told.kind == "hold" and told.day == row.until and row.home.code in told.about
    holds.look_after(row.until + timedelta(days=1))
    holds.look_after(row.until + timedelta(days=2))
    assert list(StaffNotice.objects.order_by("pk").values_list("kind", flat=True)) == [
        "hold", "overdue",
    ]  # fmt: skip
    client.force_login(row.owner.user)
    page = client.get("/review/messages/").content.decode()
    assert row.home.code in page and "已经过了" in page
    answer = client.post(f"/review/messages/{told.pk}/")
    assert row.home.code in answer.url and client.get(answer.url).status_code == 200
