"""A round from its plan to its end."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from allocation import (
    bundle,
    draw,
    intentions,
    ledger,
    ledgers,
    offers,
    planning,
    rounds,
    shape,
    states,
    verify,
)
from allocation.models import Home, Offer, Reveal, Round
from applications import states as application_states
from core import clock
from core.models import AuditEntry, Notice
from core.refusals import Refusal
from tests.factories import allocation as make
from tests.factories import applications
from tests.factories import review as desk

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]


def admin():
    return make.administrator().user


class TestPlan:
    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"code": "第一轮"}, "code"),
            ({"code": "YZ/2026"}, "code"),
            ({"code": "YZ-2026-0000000000001"}, "code"),
            ({"entropy_format": "^[0-9]{38}$", "entropy_example": "0" * 38}, "entropy_format"),
            ({"entropy_format": "[0-9]{40}"}, "entropy_format"),
            ({"entropy_format": "^\\d{40}$"}, "entropy_format"),
            ({"entropy_example": "12"}, "entropy_example"),
            ({"objection_until": None}, "objection_until"),
            ({"entropy_at": None}, "entropy_at"),
        ],
    )
    def test_an_unfit_plan_is_refused_at_the_field(self, changes, field):
        if changes.get("objection_until", 1) is None:
            changes = {"objection_until": clock.today()}
        if changes.get("entropy_at", 1) is None:
            changes = {"entropy_at": make.noon(clock.today() + timedelta(days=6))}
        with pytest.raises(planning.PlanRefused) as refused:
            planning.plan(make.plan(**changes), by=admin())
        assert refused.value.field == field

    def test_a_code_is_used_once(self):
        first = make.planned(0, 0)
        with pytest.raises(planning.PlanRefused, match="已经用过"):
            planning.plan(make.plan(code=first.code), by=admin())

    def test_the_database_keeps_the_event_after_the_objections(self):
        row = make.planned(0, 0)
        row.objection_until = row.entropy_at.date()
        with pytest.raises(IntegrityError, match="round_event_after_objections"):
            row.save()

    def test_a_home_stands_in_one_round_at_a_time(self):
        first = make.planned(0, 1)
        other = make.planned(0, 0)
        with pytest.raises(planning.PlanRefused, match="另一轮"):
            planning.choose_homes(other, list(first.homes.all()), by=admin())


class TestFreeze:
    def test_it_publishes_a_roster_that_verifies_and_keeps_the_secret(self):
        row = make.frozen(4, 2)
        roster = json.loads(row.roster)
        shape.refuse_bad_roster(roster)
        assert row.state == states.R_FROZEN
        assert row.roster_sha256 == draw.digest(row.roster.encode())
        assert len(roster["entrants"]) == 4
        assert [one["home"] for one in roster["homes"]] == sorted(
            row.homes.values_list("code", flat=True)
        )
        assert list(rounds.files(row)) == ["roster.json"]
        assert row.secret not in row.roster
        assert draw.commitment(bytes.fromhex(row.secret)) == roster["secret_commitment"]
        assert ledger.verify_ledger(ledgers.file(row)) == []
        assert set(row.homes.values_list("state", flat=True)) == {states.H_IN_ROUND}
        assert {e.application.state for e in row.entrants.all()} == {application_states.IN_ROUND}

    def test_the_secret_is_not_readable_in_the_database(self):
        row = make.frozen(1, 1)
        with connection.cursor() as cursor:
            cursor.execute("SELECT secret FROM allocation_round WHERE id = %s", [row.pk])
            stored = bytes(cursor.fetchone()[0])
        assert row.secret.encode() not in stored and bytes.fromhex(row.secret) not in stored
        assert not AuditEntry.objects.filter(detail__icontains=row.secret).exists()

    def test_the_roster_names_nobody(self):
        row = make.frozen(3, 1)
        for entrant in row.entrants.select_related("application"):
            assert entrant.case_no not in row.roster
            for member in entrant.application.members.all():
                assert member.name not in row.roster and member.id_number not in row.roster

    def test_it_happens_once(self):
        row = make.frozen()
        before = row.roster
        with pytest.raises(rounds.RoundRefused, match="只能定一次"):
            make.freeze(row, by=admin())
        row.refresh_from_db()
        assert row.roster == before

    def test_a_household_whose_check_is_not_in_keeps_it_waiting(self, checked):
        late, early = make.waiting(), make.waiting()
        row = make.planned([late, early], 1)
        checked[late.pk] = "pending_source"
        with pytest.raises(rounds.RoundRefused, match="还有1户"):
            make.freeze(row, by=row.created_by)
        row.refresh_from_db()
        assert (row.state, row.roster) == (states.R_PLANNED, "")
        make.freeze(row, by=row.created_by, set_aside=True)
        late.refresh_from_db()
        assert late.state == application_states.WAITLISTED
        assert list(row.entrants.values_list("application", flat=True)) == [early.pk]
        told = Notice.objects.get(code="round_set_aside")
        assert told.person_index == late.applicant.id_index and "轮候位置不变" in told.text

    def test_the_objection_window_must_still_fit(self):
        row = make.planned()
        clock.advance(timedelta(days=3))
        with pytest.raises(rounds.RoundRefused, match="公示到") as refused:
            make.freeze(row, by=row.created_by)
        assert refused.value.field == "objection_until"

    def test_nobody_is_cut_off_before_the_published_end_of_the_intentions(self):
        today = clock.today()
        row = make.planned(
            intention_until=today + timedelta(days=1), objection_until=today + timedelta(days=9),
            entropy_at=make.noon(today + timedelta(days=10)),
        )  # fmt: skip
        for _day in range(2):  # who comes on the last day itself still joins
            with pytest.raises(rounds.RoundRefused, match="意向登记到"):
                rounds.freeze(row, by=row.created_by)
            clock.advance(timedelta(days=1))
        assert rounds.freeze(row, by=row.created_by).state == states.R_FROZEN

    def test_neither_an_empty_roster_nor_one_without_homes_is_frozen(self):
        for sizes in ((0, 1), (1, 0)):
            row = make.planned(*sizes)
            with pytest.raises(rounds.RoundRefused, match="还没有"):
                make.freeze(row, by=row.created_by)

    def test_a_home_that_was_let_meanwhile_is_named(self):
        row = make.planned(1, 2)
        gone = row.homes.first()
        Home.objects.filter(pk=gone.pk).update(state=states.H_REPAIR)
        with pytest.raises(rounds.RoundRefused, match=gone.code):
            make.freeze(row, by=row.created_by)

    def test_a_weak_event_that_slipped_into_the_plan_is_refused(self):
        row = make.planned()
        row.entropy_format, row.entropy_example = "^[0-9]{6}$", "123456"
        row.save()
        with pytest.raises(Refusal, match="太短"):
            make.freeze(row, by=row.created_by)

    def test_a_household_without_a_rent_tier_is_named_before_and_not_at_the_reveal(self):
        household = make.waiting(tier="")
        row = make.planned([household], 1)
        with pytest.raises(rounds.RoundRefused, match=household.case_no):
            make.freeze(row, by=row.created_by)

    def test_related_staff_are_named_and_kept_out(self):
        related = make.administrator()
        household = make.waiting()
        related.id_index = household.members.first().id_index
        related.save()
        row = make.planned([household], 1)
        with pytest.raises(rounds.RoundRefused, match="回避"):
            make.freeze(row, by=related.user)
        row = make.freeze(row, by=row.created_by)
        assert [one.staff for one in row.excluded_staff.all()] == [related]
        make.wait_for(row.entropy_at)
        for attempt in (
            lambda: rounds.reveal(row, by=related.user, entropy=make.ENTROPY),
            lambda: rounds.propose_void(row, by=related, reason="x"),
        ):
            with pytest.raises(rounds.RoundRefused, match="回避"):
                attempt()

    def test_who_declares_a_relation_is_kept_out_too(self):
        declared = make.administrator()
        row = make.planned()
        rounds.exclude(row, declared, reason="本人申报", by=declared.user)
        with pytest.raises(rounds.RoundRefused, match="回避"):
            make.freeze(row, by=declared.user)

    def test_every_household_is_told_ticket_time_and_code(self):
        row = make.frozen(3, 1)
        for entrant in row.entrants.all():
            applicant = entrant.application.applicant
            notice = Notice.objects.get(person_index=applicant.id_index, code="appointment_booked")
            assert entrant.ticket in notice.text and applicant.name not in notice.text
            assert entrant.appointment.starts_at > row.entropy_at


class TestReveal:
    def test_it_is_refused_before_the_event_and_in_another_spelling(self):
        row = make.frozen()
        with pytest.raises(rounds.RoundRefused, match="还没有发生"):
            rounds.reveal(row, by=row.created_by, entropy=make.ENTROPY)
        make.wait_for(row.entropy_at)
        for wrong in ("", make.ENTROPY[:-1], make.ENTROPY + "1", f" {make.ENTROPY}", "a" * 40):
            with pytest.raises(rounds.RoundRefused, match="写法不对"):
                rounds.reveal(row, by=row.created_by, entropy=wrong)
        assert not Reveal.objects.exists()

    def test_it_happens_once(self):
        row = make.revealed()
        with pytest.raises(rounds.RoundRefused, match="已经揭晓"):
            rounds.reveal(row, by=row.created_by, entropy=make.ENTROPY)

    def test_nobody_changes_what_was_published(self):
        row = make.revealed()
        for thing in (row.reveal, row.assignments.first(), row.ledger.first()):
            with pytest.raises(Exception, match="pgtrigger"), transaction.atomic():
                thing.delete()

    def test_three_verifiers_accept_the_bundle_and_name_a_changed_byte(self, tmp_path):
        row = make.revealed(6, 3)
        files = rounds.files(row)
        assert verify.passed(verify.verify_files(files))
        packed = tmp_path / "bundle.zip"
        packed.write_bytes(bundle.pack(files))
        call_command("verify_draw", str(packed))
        assert stand_alone(packed).returncode == 0
        broken = {
            **files,
            "result.json": files["result.json"].replace(b'"position":1', b'"position":9'),
        }
        packed.write_bytes(bundle.pack(broken))
        with pytest.raises(SystemExit):
            call_command("verify_draw", str(packed))
        assert stand_alone(packed).returncode == 1

    def test_homes_offers_and_the_reserve_follow_the_result(self):
        row = make.revealed(5, 2)
        rows = json.loads(row.result)["assignments"]
        drawn = {one["ticket"]: one["home"] for one in rows if one["home"]}
        assert {o.entrant.ticket: o.home.code for o in Offer.objects.all()} == drawn
        for entrant in row.entrants.select_related("application"):
            expected = (
                application_states.ALLOTTED
                if entrant.ticket in drawn
                else application_states.WAITLISTED
            )
            assert entrant.application.state == expected
        reserve = [one["ticket"] for one in rows if not one["home"]]
        for place, ticket in enumerate(reserve, start=1):
            applicant = row.entrants.get(ticket=ticket).application.applicant
            notice = Notice.objects.get(person_index=applicant.id_index, code="round_reserve")
            assert f"候补第{place}位" in notice.text

    def test_a_home_that_nobody_drew_returns_to_stock(self):
        row = make.revealed(1, 3)
        states_ = sorted(row.homes.values_list("state", flat=True))
        assert states_ == [states.H_AVAILABLE, states.H_AVAILABLE, states.H_OFFERED]

    def test_the_self_check_has_its_four_findings(self):
        row = make.revealed()
        assert set(row.selfcheck) == {"submission_time", "street", "last_digit", "channel"}

    def test_the_rent_is_area_times_market_rent_times_the_tiers_share(self):
        row = make.revealed(1, 1)
        assert str(Offer.objects.get(entrant__round=row).rent_monthly) == "966.00"


class TestEnd:
    def test_it_closes_when_every_offer_is_answered(self):
        row = make.revealed(1, 1)
        with pytest.raises(rounds.RoundRefused, match="没有选完"):
            rounds.close(row, by=row.created_by)
        offers.accept(make.opened(row), by=offers.SYSTEM, via="phone")
        assert rounds.close(row, by=row.created_by).state == states.R_CLOSED

    def test_a_void_takes_two_persons_and_a_reason(self):
        row = make.frozen(2, 1)
        one, other = make.administrator(), make.administrator()
        with pytest.raises(rounds.RoundRefused, match="先由一人提出"):
            rounds.void(row, by=other)
        with pytest.raises(rounds.RoundRefused, match="原因"):
            rounds.propose_void(row, by=one, reason="  ")
        rounds.propose_void(row, by=one, reason="名单有误")
        with pytest.raises(rounds.RoundRefused, match="不能自己确认"):
            rounds.void(row, by=one)
        roster = row.roster
        row = rounds.void(row, by=other)
        assert (row.state, row.roster, row.void_reason) == (states.R_VOID, roster, "名单有误")
        assert set(row.homes.values_list("state", flat=True)) == {states.H_AVAILABLE}
        assert {e.application.state for e in row.entrants.all()} == {application_states.WAITLISTED}
        assert json.loads(row.ledger.last().text)["event"] == "void"
        assert Notice.objects.filter(code="round_void").count() == 2

    def test_a_void_after_the_reveal_takes_unanswered_offers_back(self):
        row = make.revealed(2, 1)
        rounds.propose_void(row, by=make.administrator(), reason="公开数值抄错")
        rounds.void(row, by=make.administrator())
        assert Offer.objects.get(entrant__round=row).state == states.O_LAPSED
        assert verify.passed(verify.verify_files(rounds.files(row)))

    def test_nothing_is_voided_once_a_household_has_chosen(self):
        row = make.revealed(2, 1)
        offers.accept(make.opened(row), by=offers.SYSTEM, via="phone")
        with pytest.raises(rounds.RoundRefused, match="已有家庭选了房"):
            rounds.propose_void(row, by=make.administrator(), reason="x")

    def test_a_void_leaves_households_and_homes_of_a_later_round_alone(self):
        first = make.revealed(2, 2)
        for offer in Offer.objects.filter(entrant__round=first):
            make.wait_for(offer.due_at)
        offers.lapse_due()
        household = first.entrants.first().application
        household.refresh_from_db()
        later = make.frozen([household], [first.homes.get(pk=first.homes.first().pk)])
        rounds.propose_void(first, by=make.administrator(), reason="公开数值抄错")
        rounds.void(first, by=make.administrator())
        household.refresh_from_db()
        assert household.state == application_states.IN_ROUND
        assert later.homes.get().state == states.H_IN_ROUND
        make.wait_for(later.entropy_at)
        assert rounds.reveal(later, by=later.created_by, entropy=make.ENTROPY)

    def test_a_void_before_the_roster_lets_the_households_join_another_round(self):
        household = make.waiting()
        row = make.planned([household], 1)
        rounds.propose_void(row, by=make.administrator(), reason="方案有误")
        rounds.void(row, by=make.administrator())
        household.refresh_from_db()
        assert household.state == application_states.WAITLISTED


class TestCommands:
    def test_a_round_is_frozen_and_revealed_from_the_command_line(self, capsys):
        row = make.closed(make.planned())
        name = row.created_by.username
        call_command("freeze_round", row.code, "--by", name)
        with pytest.raises(CommandError, match="还没有发生"):
            call_command("reveal_round", row.code, "--by", name, "--entropy", make.ENTROPY)
        make.wait_for(row.entropy_at)
        call_command("reveal_round", row.code, "--by", name, "--entropy", make.ENTROPY)
        assert f"{row.code} revealed: 2 homes for 4 households" in capsys.readouterr().out

    def test_unknown_names_are_told(self):
        with pytest.raises(CommandError, match="No round"):
            call_command("freeze_round", "NOPE", "--by", admin().username)
        with pytest.raises(CommandError, match="No member of staff"):
            call_command("freeze_round", make.planned().code, "--by", "nobody")


class TestIntention:
    def test_it_is_registered_with_preferences_and_starts_the_check(self):
        row = make.planned(0, 1)
        household = make.waiting()
        after = intentions.register(
            household, row, by=household.created_by, preferences=["EST-A", "EST-A"],
            any_estate=False, needs_accessible=True,
        )  # fmt: skip
        assert after.state == application_states.RE_REVIEW
        assert after.wishes["preferences"] == ["EST-A"]
        assert after.evidence.filter(round=intentions.check_round(row)).exists()

    def test_it_is_refused_when_the_time_is_over_and_for_unknown_estates(self):
        row = make.planned(0, 1)
        household = make.waiting()
        wishes = {"any_estate": True, "needs_accessible": False, "by": household.created_by}
        with pytest.raises(intentions.IntentionRefused, match="不在名单"):
            intentions.register(household, row, preferences=["NOWHERE"], **wishes)
        clock.advance(timedelta(days=1))
        with pytest.raises(intentions.IntentionRefused, match="已经结束"):
            intentions.register(household, row, preferences=[], **wishes)

    def test_a_household_leaves_until_the_roster_is_fixed(self):
        household = make.waiting()
        row = make.planned([household], 1)
        intentions.leave(household, row, by=household.created_by)
        household.refresh_from_db()
        assert household.state == application_states.WAITLISTED
        frozen = make.frozen([household], 1)
        with pytest.raises(intentions.IntentionRefused, match="不能再退出"):
            intentions.leave(household, frozen, by=household.created_by)

    def test_neither_joins_nor_leaves_by_a_round_as_it_was_before_the_roster(self):
        inside, outside = make.waiting(), make.waiting()
        row = make.planned([inside], 1)
        seen = Round.objects.get(pk=row.pk)
        make.freeze(row, by=row.created_by)
        assert seen.state == states.R_PLANNED
        with pytest.raises(intentions.IntentionRefused):
            intentions.register(
                outside, seen, by=outside.created_by, preferences=[], any_estate=True,
                needs_accessible=False,
            )  # fmt: skip
        with pytest.raises(intentions.IntentionRefused):
            intentions.leave(inside, seen, by=inside.created_by)
        states_ = [one.state for one in (inside, outside) if one.refresh_from_db() is None]
        assert states_ == [application_states.IN_ROUND, application_states.WAITLISTED]

    @pytest.mark.parametrize(
        ("doubt", "outcome"), [(desk.NO_INCOME_REPORT, "conditional"), (desk.OFFPLAN, "ineligible")]
    )
    def test_what_departments_settled_keeps_nobody_off_the_roster(
        self, monkeypatch, doubt, outcome
    ):
        monkeypatch.undo()
        case = desk.at_district([desk.NO_INCOME_REPORT], {"INCOME": "verified_pass"})
        found = "ineligible" if doubt is desk.OFFPLAN else "manual_review"
        again = applications.assessment(case, found, findings=[doubt])
        monkeypatch.setattr(intentions.verification, "is_complete", lambda *_args: True)
        monkeypatch.setattr(intentions.verification, "assess_now", lambda *_args, **_kw: again)
        assert intentions.settle(case, make.planned(0, 0), by=intentions.SYSTEM) == outcome

    def test_a_check_without_answers_is_pending(self, monkeypatch):
        monkeypatch.undo()
        household = make.waiting()
        row = make.planned([household], 1)
        applications.evidence(household, status="pending", round=intentions.check_round(row))
        assert intentions.settle(household, row, by=intentions.SYSTEM) == "pending_source"


def stand_alone(packed: Path) -> subprocess.CompletedProcess:
    """The verifier that any citizen runs: one file, the standard library, no network."""
    script = Path(settings.BASE_DIR) / "static" / "draw" / "yz_draw_verify.py"
    return subprocess.run(
        [sys.executable, "-I", str(script), str(packed)], capture_output=True, check=False
    )
