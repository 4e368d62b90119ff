"""The plan of a round: its table, its groups, its calendar, and its changes before the roster."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction

from accounts.roles import Role
from allocation import intentions, invitations, keeping_out, planning, rounds, schedule, states
from allocation import plan_table as table
from allocation.intentions import Wishes
from allocation.models import ExcludedStaff, Round
from allocation.planning import PlanRefused
from applications import states as application_states
from applications.conflicts import declare_kin
from applications.models import NamedPerson
from core import clock
from core.models import Notice
from tests.factories import accounts
from tests.factories import allocation as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
NOTHING = {"preferences": [], "any_estate": True, "needs_accessible": False}


class TestTable:
    def test_it_lists_place_number_type_area_and_rent_by_group(self):
        big = make.home(area=Decimal("60.00"))
        row = make.planned(0, [make.home(), big, make.home(unit_type="1R", accessible=True)])
        row.refresh_from_db()
        one, two = row.plan_table
        assert (one["unit_type"], one["homes"], one["accessible"]) == ("1R", 1, 1)
        assert (two["homes"], two["area"]) == (2, ["55.20", "60.00"])
        assert two["rent"]["ZPX"] == ["966.00", "1050.00"]
        assert two["rent"]["DB"] == ["138.00", "150.00"]

    def test_it_stays_as_published_when_a_rent_standard_changes(self):
        row = make.planned(0, 1)
        row.refresh_from_db()
        before = row.plan_table
        make.estate().rent_standards.create(
            starts_on=clock.today(), per_square_metre=30, source="test"
        )
        row.refresh_from_db()
        assert row.plan_table == before

    def test_only_the_groups_it_is_meant_for_are_shown(self):
        row = make.planned(0, 1, groups=["DB"])
        row.refresh_from_db()
        assert [word for word, _rent in table.shown(row)[0]["rents"]] == ["低保"]
        assert "低保" in table.groups_line(row)

    def test_a_household_of_another_group_cannot_join_and_is_told(self):
        row = make.planned(0, 1, groups=["DB"])
        household = make.waiting(tier="ZPX")
        with pytest.raises(intentions.IntentionRefused, match="其他档次"):
            intentions.register(household, row, by=household.created_by, **NOTHING)
        household.refresh_from_db()
        assert household.state == application_states.WAITLISTED
        other = make.waiting(tier="DB")
        assert intentions.register(other, row, by=other.created_by, **NOTHING)

    def test_nobody_joins_before_the_homes_are_published(self):
        row, household = make.planned(0, 0), make.waiting()
        with pytest.raises(intentions.IntentionRefused, match="房源还没有公布"):
            intentions.register(household, row, by=household.created_by, **NOTHING)
        household.refresh_from_db()
        assert household.state == application_states.WAITLISTED

    def test_an_unknown_group_is_refused(self):
        with pytest.raises(PlanRefused) as refused:
            planning.plan(make.plan(groups=["XX"]), by=make.administrator().user)
        assert refused.value.field == "groups"


def days(**changes):
    """A calendar around the Spring Festival of 2026, each step on its earliest day."""
    return schedule.Days(
        **{
            "today": date(2026, 2, 2), "intention_until": date(2026, 2, 9),
            "review_until": date(2026, 2, 10), "freeze_on": date(2026, 2, 10),
            "objection_until": date(2026, 2, 24), "event_on": date(2026, 2, 25), **changes,
        }
    )  # fmt: skip


class TestCalendar:
    def test_an_earliest_calendar_is_possible(self):
        assert schedule.refuse_impossible(days()) is None

    def test_a_proposal_of_any_day_is_possible(self):
        for n in range(0, 400, 7):
            today = date(2026, 1, 1) + timedelta(days=n)
            assert schedule.refuse_impossible(schedule.proposal(today)) is None

    @pytest.mark.parametrize(
        ("changes", "field", "words"),
        [
            ({"intention_until": date(2026, 2, 1)}, "intention_until", "2026年2月2日"),
            ({"review_until": date(2026, 2, 9)}, "review_until", "2026年2月10日"),
            ({"freeze_on": date(2026, 2, 9)}, "freeze_on", "2026年2月10日"),
            # five natural days end in the festival, so that the last one moves to a working day
            ({"objection_until": date(2026, 2, 15)}, "objection_until", "2026年2月24日"),
            ({"event_on": date(2026, 2, 24)}, "entropy_at", "2026年2月25日"),
            ({"freeze_on": date(2026, 2, 16)}, "freeze_on", "不上班"),
        ],
    )
    def test_a_day_too_early_is_refused_with_the_earliest_and_the_reason(
        self, changes, field, words
    ):
        with pytest.raises(PlanRefused, match=words) as refused:
            schedule.refuse_impossible(days(**changes))
        assert (refused.value.field == field and "：" in str(refused.value)) or "不上班" in words

    def test_what_follows_the_draw_counts_in_working_days(self):
        steps = {one.key: one for one in schedule.steps(days(choose_days=3))}
        assert list(steps) == [
            "intention_until", "review_until", "freeze_on", "objection_until", "entropy_at",
            "appointments", "choice", "filing",
        ]  # fmt: skip
        assert steps["appointments"].on == date(2026, 2, 26)
        assert steps["choice"].on == date(2026, 2, 28)  # a Saturday that is worked
        assert steps["filing"].on == steps["choice"].on + timedelta(days=30)

    def test_a_year_without_a_published_calendar_is_provisional(self):
        later = days(
            today=date(2027, 2, 1), intention_until=date(2027, 2, 8), review_until=date(2027, 2, 9),
            freeze_on=date(2027, 2, 9), objection_until=date(2027, 3, 1),
            event_on=date(2027, 3, 2),
        )  # fmt: skip
        assert all(one.provisional for one in schedule.steps(later))
        assert not any(one.provisional for one in schedule.steps(days()))

    def test_the_roster_is_not_fixed_before_its_published_day(self):
        today = clock.today()
        freeze = schedule.proposal(today).freeze_on
        row = make.planned(2, 1)
        Round.objects.filter(pk=row.pk).update(freeze_on=freeze)
        with pytest.raises(rounds.RoundRefused, match="公布的日程"):
            make.freeze(row, by=row.created_by)


class TestChange:
    def test_it_moves_days_and_tells_who_joined(self):
        household = make.waiting()
        row = make.planned([household], 1)
        later = make.plan(
            code=row.code, title=row.title,
            objection_until=row.objection_until + timedelta(days=7),
            entropy_at=row.entropy_at + timedelta(days=7),
        )  # fmt: skip
        changed = planning.change(row, later, by=row.created_by)
        assert changed.entropy_at == later.entropy_at
        told = Notice.objects.get(code="round_changed")
        assert told.person_index == household.applicant.id_index
        assert "不用重新登记" in told.text

    def test_the_end_of_the_intentions_never_moves_forward(self):
        row = make.planned(0, 1, intention_until=clock.today() + timedelta(days=1))
        sooner = make.plan(code=row.code)
        with pytest.raises(PlanRefused, match="只能延后") as refused:
            planning.change(row, sooner, by=row.created_by)
        assert refused.value.field == "intention_until"

    def test_a_frozen_plan_is_not_changed(self):
        row = make.frozen(1, 1)
        with pytest.raises(PlanRefused, match="不能再改"):
            planning.change(row, make.plan(code=row.code), by=row.created_by)

    def test_a_home_that_households_joined_for_is_not_taken_away(self):
        row = make.planned(1, 2)
        first, second = row.homes.all()
        with pytest.raises(PlanRefused, match="不能拿掉") as refused:
            planning.choose_homes(row, [first], by=row.created_by)
        assert second.code in str(refused.value)
        more = planning.choose_homes(row, [first, second, make.home()], by=row.created_by)
        assert table.homes_count(more) == 3


class TestWishes:
    def test_they_are_changed_until_the_deadline_and_not_after(self):
        row = make.planned(0, 1)
        household = make.waiting()
        intentions.register(household, row, by=household.created_by, **NOTHING)
        wishes = Wishes(["EST-A"], any_estate=False, needs_accessible=True, low_floor=True)
        after = intentions.change(household, row, wishes, by=household.created_by)
        assert after.wishes["preferences"] == ["EST-A"] and after.wishes["low_floor"]
        clock.advance(timedelta(days=1))
        with pytest.raises(intentions.IntentionRefused, match="已经截止"):
            intentions.change(household, row, wishes, by=household.created_by)

    def test_unknown_estates_change_nothing(self):
        row = make.planned(0, 1)
        household = make.waiting()
        intentions.register(household, row, by=household.created_by, **NOTHING)
        with pytest.raises(intentions.IntentionRefused, match="不在名单"):
            intentions.change(
                household, row, Wishes(["NOWHERE"], True, False), by=household.created_by
            )
        household.refresh_from_db()
        assert household.wishes["preferences"] == []


class TestKeepingOut:
    def test_declared_kin_keep_out_even_when_declared_after_the_roster(self):
        household = make.waiting()
        row = make.frozen([household], 1)
        staff = make.administrator()
        assert not keeping_out.is_excluded(row, staff.user)
        declare_kin(staff, id_number=household.applicant.id_number, relation="other", by=staff)
        make.wait_for(row.entropy_at)
        for attempt in (
            lambda: rounds.reveal(row, by=staff.user, entropy=make.ENTROPY),
            lambda: rounds.propose_void(row, by=staff, reason="x"),
            lambda: rounds.close(row, by=staff.user),
        ):
            with pytest.raises(rounds.RoundRefused, match="回避"):
                attempt()
        (kept,) = keeping_out.shown(row)
        assert (kept.staff, kept.declared) == (staff, True)

    def test_whoever_a_household_register_names_keeps_out(self):
        household, staff = make.waiting(), make.administrator()
        staff.id_index = "a" * 64
        staff.save()
        NamedPerson.objects.create(
            application=household, person_index=staff.id_index, source="household_register"
        )
        row = make.planned([household], 1)
        with pytest.raises(rounds.RoundRefused, match="回避"):
            make.freeze(row, by=staff.user)
        with pytest.raises(rounds.RoundRefused, match="回避"):
            planning.choose_homes(row, [make.home()], by=staff.user)
        make.freeze(row, by=row.created_by)
        assert not ExcludedStaff.objects.get(staff=staff).declared

    def test_only_who_runs_rounds_runs_them(self):
        row = make.frozen(1, 1)
        for role in (Role.LEADER, Role.OPERATOR, Role.STREET):
            with pytest.raises(rounds.RoundRefused, match="轮次管理员"):
                rounds.reveal(row, by=accounts.staff(role).user, entropy=make.ENTROPY)


class TestVoid:
    def test_a_proposal_is_taken_back_or_turned_down(self):
        row = make.frozen(2, 1)
        one, other = make.administrator(), make.administrator()
        with pytest.raises(rounds.RoundRefused, match="没有待确认"):
            rounds.drop_void(row, by=one)
        rounds.propose_void(row, by=one, reason="名单有误")
        rounds.drop_void(row, by=other)
        row.refresh_from_db()
        assert (row.state, row.void_proposed_by, row.void_reason) == (states.R_FROZEN, None, "")

    def test_a_second_person_does_not_replace_the_first_ones_reason(self):
        row = make.frozen(2, 1)
        rounds.propose_void(row, by=make.administrator(), reason="名单有误")
        with pytest.raises(rounds.RoundRefused, match="已有同事提出"):
            rounds.propose_void(row, by=make.administrator(), reason="别的原因")

    def test_the_database_knows_two_persons_apart(self):
        row = make.frozen(2, 1)
        one = make.administrator()
        for second in (None, one):
            with (
                pytest.raises(IntegrityError, match="round_void_by_two"),
                transaction.atomic(),
            ):
                Round.objects.filter(pk=row.pk).update(
                    state=states.R_VOID, void_reason="x", void_proposed_by=one, voided_by=second
                )


class TestInvitation:
    def test_every_waiting_household_of_the_plan_is_told_once(self, monkeypatch):
        monkeypatch.setattr(invitations, "STRIDE", 1)
        meant = [make.waiting(tier="DB") for _n in range(2)]
        make.waiting(tier="ZPX")  # another group
        make.waiting(tier="DB", unit_types=["3R"])  # no such home
        row = make.planned(0, 1, groups=["DB"])
        assert invitations.invite_due() == 2
        assert invitations.invite_due() == 0
        told = Notice.objects.filter(code="round_open")
        assert {one.person_index for one in told} == {one.applicant.id_index for one in meant}
        row.refresh_from_db()
        assert row.invited_at is not None and "窗口" in told[0].text

    def test_a_plan_without_homes_invites_nobody_yet(self):
        make.waiting()
        make.planned(0, 0)
        assert invitations.invite_due() == 0
        assert Round.objects.get().invited_at is None
