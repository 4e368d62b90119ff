"""The demo city: the same size, seed and day give the same city; its past obeys the rules."""

from datetime import date

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from accounts import demo
from allocation import (
    arrears,
    attending,
    dead_letters,
    handover,
    homes,
    payments,
    pictures,
    reconciliation,
    rent_account,
    rounds,
    states,
    tenancy_list,
    verify,
    viewings,
)
from allocation.models import (
    AidReferral,
    Arrangement,
    ArrearsFlag,
    ChoiceDay,
    HandoverSheet,
    Home,
    HomeHold,
    Inspection,
    PatrolVisit,
    Reduction,
    RentStandard,
    Repair,
    Round,
)
from applications import evaluation, findings, reason_codes, settlements
from applications.models import Opinion, ReviewTask
from core import clock, outbox
from datashare.mock_gateway.city import build_city
from datashare.models import Call
from office.demo_city import build, outreach
from renewal.models import Outreach

pytestmark = pytest.mark.django_db

DAY = date(2026, 11, 23)


@pytest.fixture(autouse=True)
def _own_folder(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "papers"


def digest(households, seed, on=DAY):
    """Builds a city and takes it back again."""
    with transaction.atomic():
        built = build.build(households, seed, on)
        transaction.set_rollback(True)
    return built.digest


def test_the_same_size_seed_and_day_give_the_same_city():
    first = digest(45, 3)
    assert digest(45, 3) == first
    assert digest(45, 4) != first
    assert digest(45, 3, date(2026, 10, 12)) != first


def test_a_city_of_one_household_is_a_city():
    assert build.build(1, 1, DAY).households == 1


def test_its_homes_stand_in_many_states_with_reasons_standards_and_drawn_plans():
    build.build(1, 1, DAY)
    kinds = set(HomeHold.objects.filter(ended_at=None).values_list("kind", flat=True))
    assert kinds == {"repair", "hold"}
    for hold in HomeHold.objects.select_related("home"):
        assert hold.home.state in (states.H_REPAIR, states.H_HELD) and hold.reason
    assert {one.fit for one in Inspection.objects.all()} == {True, False}
    assert RentStandard.objects.filter(starts_on__gt=DAY).exists()
    assert len({*Home.objects.values_list("estate", "building")}) > 4
    for home in Home.objects.order_by("?")[:5]:
        plan, view = homes.pictures_of(home)
        assert "示意图" in plan.caption and pictures.content_of(view).startswith(b"\xff\xd8")


def test_its_assessments_can_be_replayed_and_its_draw_verified():
    build.build(90, 2, DAY)
    assert [difference for _row, difference in evaluation.replay() if difference] == []
    revealed = Round.objects.get(state=states.R_REVEALED, mode=Round.Mode.HOME)
    checks = verify.verify_files(rounds.files(revealed))
    assert verify.passed(checks)
    assert Call.objects.exists()
    for opinion in Opinion.objects.select_related("task__application"):
        said = {
            rule: {"how": one["how"], "reason": one["reason"]}
            for rule, one in opinion.settled.items()
        }
        read = findings.latest_assessment(opinion.task.application)
        assert settlements.checked(said, read) == opinion.settled
        failed = [rule for rule in said if findings.worst_of(read, rule) == findings.FAIL]
        named = [one.rule for one in reason_codes.named(opinion.reason_codes)]
        assert sorted(named) == sorted(said) and (opinion.verdict == "object") == bool(failed)


def test_every_override_of_its_past_has_two_people_and_every_reason_is_of_the_table():
    build.build(90, 2, DAY)
    given = list(Opinion.objects.select_related("by", "second_by"))
    overrides = [
        one for one in given
        if any(how["how"] == "verified_pass" for how in one.settled.values())
    ]  # fmt: skip
    assert overrides
    for one in overrides:
        assert one.second == "confirmed" and one.second_by_id not in (None, one.by_id)
        assert all(how["reason"] for how in one.settled.values() if how["how"] == "verified_pass")
    assert all(one.second == "" for one in given if one not in overrides)
    assert all(reason_codes.of(code) for one in given for code in one.reason_codes)


def test_a_standing_city_is_left_as_it_is_and_another_refused(capsys):
    call_command("demo_city", households=5, seed=1, on=DAY, digest=True)
    first = capsys.readouterr().out
    call_command("demo_city", households=5, seed=1, on=DAY, digest=True)
    assert capsys.readouterr().out == first
    with pytest.raises(CommandError, match="other cases"):
        call_command("demo_city", households=6, seed=1, on=DAY)


def test_its_homes_are_lived_in_and_its_rents_owed_and_reduced(monkeypatch):
    monkeypatch.setattr(build.rounds, "ENTRANTS", 20)  # so that somebody is left to choose
    monkeypatch.setattr(build.rounds, "PLANNED_ENTRANTS", 4)
    build.build(200, 2, DAY)
    somebody_has_work_at_each_desk()
    doors_and_lists_can_be_mended()
    a_choice_day_is_planned()
    found = {one.lease.pk: one.months for one in arrears.owing()}
    assert sorted(found.values(), reverse=True)[:2] == [7, 3] and len(found) == 2
    flag = ArrearsFlag.objects.get()
    assert flag.state == states.F_RAISED and found[flag.lease_id] == 7
    reduced = Reduction.objects.get()
    assert rent_account.of([reduced.lease_id])[reduced.lease_id].balance == 0
    assert payments.suspense().count() >= 1
    assert Arrangement.objects.get().state == states.G_PROPOSED


def somebody_has_work_at_each_desk():
    desk = demo.post("street").bureau
    assert ReviewTask.objects.filter(bureau__code=desk, state="open").exists()
    sheets = HandoverSheet.objects.filter(kind="in").values_list("state", flat=True)
    assert {*sheets} == {states.S_CONFIRMED, states.S_TO_CONFIRM, states.S_DISPUTED}
    assert tenancy_list.to_hand_over().count() == 4 and tenancy_list.to_inspect().count() == 2
    found = {*Repair.objects.values_list("state", "urgent", "rounds")}
    assert (states.J_REPORTED, True, 1) in found and (states.J_REPORTED, False, 2) in found
    assert {*PatrolVisit.objects.values_list("seen", flat=True)} == {*PatrolVisit.Seen.values}
    assert AidReferral.objects.get().state == states.A_OPEN
    assert viewings.of_operator().exists() and attending.open_calls()


def doors_and_lists_can_be_mended():
    (lease,) = tenancy_list.failed_locks()
    letter = dead_letters.dead().get()
    assert letter.lease == lease and "没有登记成功" in dead_letters.why(letter.message)
    kinds = [(one.kind, one.state) for one in reconciliation.standing()]
    assert sorted(kinds) == [("longer_there", "open"), ("missing_here", "open")]
    dead_letters.resend(letter, by=lease.application.created_by)
    outbox.receipt_came("access", {"key": letter.message.key, "accepted": True})
    handover.note_receipts()
    assert not tenancy_list.failed_locks().exists() and not dead_letters.dead().exists()


def a_choice_day_is_planned():
    day = ChoiceDay.objects.get()
    slots = [one.slot_at for one in day.turns.all()]
    assert slots == sorted(set(slots)) and len(slots) > 1
    assert day.starts_at > clock.local_midnight(DAY) and day.state == states.D_PLANNED


def test_its_streets_have_households_to_contact_in_several_states():
    demo.ensure()
    outreach.build(build_city(160, 3, DAY))  # nobody has applied: all are new to the platform
    states_ = set(Outreach.objects.values_list("state", flat=True))
    assert {"found", "assigned", "trying", "reached", "draft_begun", "not_wanted"} <= states_
    for row in Outreach.objects.filter(assigned_to__isnull=False):
        assert row.assigned_to.bureau_id == row.street_id
