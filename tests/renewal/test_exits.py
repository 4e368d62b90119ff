"""Nobody is ever ended without confirmation, notice, hearing and two signatures."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from allocation import states as allocation_states
from applications import decision as letters
from applications import periods, service_consents, serving
from applications.models import Benefit, Decision
from core import clock
from core.models import AuditEntry, Notice, OutboxMessage
from core.refusals import Refusal
from renewal import campaigns, exits, states
from renewal.models import ExitCase, Recheck
from tests.factories import accounts, tenancies

pytestmark = pytest.mark.django_db

FLAG = {"rule": "HOUSING_AREA", "result": "fail", "actual": "78.00", "limit": "36.00", "op": "<=",
        "person": None, "citation": "令11号 §31", "evidence": ["resale_contract"]}  # fmt: skip


@pytest.fixture
def staff():
    return accounts.staff("district")


@pytest.fixture
def other():
    return accounts.staff("district")


@pytest.fixture
def case():
    lease = tenancies.lease(2)
    now = clock.now()
    service_consents.give(lease.application.applicant.id_index, by=lease.application.created_by)
    return ExitCase.objects.create(lease=lease, flags=[FLAG], state_since=now, opened_at=now)


def test_a_clue_opens_one_case_and_the_open_one_is_returned(staff):
    lease = tenancies.lease(1)
    ground = exits.Ground.ARREARS
    first = exits.open_case(lease, ground=ground, flags=[FLAG], by=staff.user, note="欠租六个月")
    again = exits.open_case(lease, ground=exits.Ground.IDLE, flags=[], by=staff.user)
    assert first == again and first.ground == again.ground == ground
    assert first.state == states.X_FLAGGED and not Notice.objects.exists()


def test_a_second_clue_joins_the_case_until_it_was_verified_and_never_after(case, staff):
    idle, sublet = {**FLAG, "rule": "IDLE"}, {**FLAG, "rule": "SUBLET"}
    again = exits.open_case(case.lease, ground="idle", flags=[FLAG, idle], by=staff.user)
    assert again == case and [one["rule"] for one in again.flags] == ["HOUSING_AREA", "IDLE"]
    exits.confirm(case, by=staff, second_route="契税已完税；门禁记录")
    exits.open_case(case.lease, ground="violation", flags=[sublet], by=staff.user)
    case.refresh_from_db()
    assert [one["rule"] for one in case.flags] == ["HOUSING_AREA", "IDLE"]
    assert AuditEntry.objects.filter(verb="exit.flag_too_late").count() == 1


def test_no_case_is_opened_about_a_lease_that_has_ended(staff):
    lease = tenancies.lease(1)
    type(lease).objects.filter(pk=lease.pk).update(state=allocation_states.L_CANCELLED)
    with pytest.raises(exits.ExitRefused):
        exits.open_case(lease, ground=exits.Ground.IDLE, flags=[FLAG], by=staff.user)
    assert not ExitCase.objects.exists()


def heard(case, staff):
    exits.confirm(case, by=staff, second_route="契税已完税")
    exits.serve_notice(case, by=staff)
    return exits.hear(case, by=staff.user, channel="phone", text="房子是买给儿子的", all_said=True)


def ended(case, staff, other):
    heard(case, staff)
    exits.draft_end(case, by=staff, text="已购住房，超过面积标准")
    return exits.sign_end(case, by=other)


def test_the_whole_way_out(case, staff, other):
    row = ended(case, staff, other)
    assert row.state == states.X_MOVING
    row.lease.refresh_from_db()
    assert row.lease.state == allocation_states.L_ENDING
    # the household still lives there: benefit and keys are untouched
    assert Benefit.objects.filter(ended_on=None).count() == 2
    assert not row.lease.grants.filter(state="revoked").exists()
    assert not OutboxMessage.objects.filter(kind="revoke").exists()
    exits.hand_back(row, by=staff.user, note="已验收")
    row.lease.refresh_from_db()
    assert row.lease.state == allocation_states.L_ENDED
    assert not Benefit.objects.filter(ended_on=None).exists()
    assert row.lease.grants.filter(state="revoked").count() == 2
    assert OutboxMessage.objects.filter(kind="revoke").count() == 1
    row.lease.home.refresh_from_db()
    assert row.lease.home.state == allocation_states.H_VACATING


def test_whoever_drafted_cannot_sign(case, staff):
    heard(case, staff)
    exits.draft_end(case, by=staff, text="理由")
    with pytest.raises(exits.ExitRefused):
        exits.sign_end(case, by=staff)
    case.refresh_from_db()
    assert case.state == states.X_HEARD and case.decision.signed_by is None


def test_no_step_can_be_skipped(case, staff, other):
    for step in (
        lambda: exits.serve_notice(case, by=staff),
        lambda: exits.hear(case, by=staff.user, channel="phone", text="x"),
        lambda: exits.draft_end(case, by=staff, text="x"),
        lambda: exits.sign_end(case, by=other),
        lambda: exits.hand_back(case, by=staff.user, note="x"),
    ):
        with pytest.raises(Refusal):
            step()
    case.refresh_from_db()
    assert case.state == states.X_FLAGGED and not Notice.objects.exists()


def test_the_database_refuses_an_end_without_the_chain(case):
    with pytest.raises(IntegrityError), transaction.atomic():
        ExitCase.objects.filter(pk=case.pk).update(state=states.X_MOVING)


def test_silence_ends_nothing_before_the_day_and_is_noted_by_a_person_after_it(case, staff):
    exits.confirm(case, by=staff, second_route="契税已完税")
    exits.serve_notice(case, by=staff)
    with pytest.raises(exits.ExitRefused):
        exits.close_hearing(case, by=staff)
    case.refresh_from_db()
    with clock.held_at(clock.local_midnight(case.hearing_due) + timedelta(days=1, hours=9)):
        row = exits.close_hearing(case, by=staff)
    assert row.state == states.X_HEARD and row.decision is None
    assert row.hearings.get().channel == "none"


@pytest.mark.parametrize("steps", [0, 1, 2, 3])
def test_a_clue_can_be_cleared_at_every_step_and_changes_nothing(case, staff, steps):
    for step in (
        lambda: exits.confirm(case, by=staff, second_route="契税已完税"),
        lambda: exits.serve_notice(case, by=staff),
        lambda: exits.hear(case, by=staff.user, channel="window", text="已卖出"),
    )[:steps]:
        step()
    row = exits.clear(case, by=staff, reason="合同已撤销")
    assert row.state == states.X_CLEARED
    row.lease.refresh_from_db()
    assert row.lease.state == allocation_states.L_FILED
    assert Notice.objects.filter(code="exit_cleared").count() == (1 if steps >= 2 else 0)
    assert not Decision.objects.exclude(kind=Decision.Kind.NOTICE).exists()


def test_a_confirmation_names_the_second_route(case, staff):
    with pytest.raises(exits.ExitRefused):
        exits.confirm(case, by=staff, second_route="  ")
    case.refresh_from_db()
    assert case.confirmed_by is None


def test_hearing_and_move_out_run_from_service(case, staff, other):
    row = ended(case, staff, other)
    assert row.hearing_due > clock.today()
    months = (row.move_out_until.year - clock.today().year) * 12
    assert months + row.move_out_until.month - clock.today().month == 3


def test_clearing_during_the_move_out_gives_lease_and_letter_back(case, staff, other):
    row = exits.clear(ended(case, staff, other), by=staff, reason="合同已撤销")
    assert row.state == states.X_CLEARED
    row.lease.refresh_from_db()
    assert row.lease.state in (allocation_states.L_FILED, allocation_states.L_SIGNED)
    assert Decision.objects.get(kind=Decision.Kind.END).replaced


def test_a_letter_of_an_end_is_signed_and_returned_by_its_exit_alone(case, staff, other):
    heard(case, staff)
    draft = exits.draft_end(case, by=staff, text="理由")
    with pytest.raises(letters.DecisionRefused):
        letters.sign(draft, by=other)
    with pytest.raises(letters.DecisionRefused):
        letters.withdraw_draft(draft, by=other, reason="x")
    draft.refresh_from_db()
    assert draft.signed_at is None and draft.served_at is None and not draft.replaced


def test_the_letter_of_an_end_names_nobody_by_number_and_can_be_printed(case, staff):
    person = case.lease.application.applicant
    case.flags = [{**FLAG, "person": person.id_number}]
    case.save(update_fields=["flags"])
    heard(case, staff)
    draft = exits.draft_end(case, by=staff, text="理由")
    assert person.id_number not in str(draft.reasons)
    assert draft.reasons[0]["sentence"] and draft.reasons[0]["rule"] == "HOUSING_AREA"
    assert letters.pdf(draft).startswith(b"%PDF")


def test_nobody_takes_a_step_about_their_own_household(case, staff):
    staff.id_index = case.lease.application.applicant.id_index
    staff.save(update_fields=["id_index"])
    for step in (
        lambda: exits.confirm(case, by=staff, second_route="契税已完税"),
        lambda: exits.clear(case, by=staff, reason="无关"),
    ):
        with pytest.raises(exits.ExitRefused):
            step()
    case.refresh_from_db()
    assert case.state == states.X_FLAGGED


def test_the_pages_of_an_exit_and_a_recheck_stay_closed_to_kin(client, case):
    row = Recheck.objects.create(
        campaign=campaigns.plan(2030, by=accounts.staff("admin").user, limit=0),
        lease=case.lease, state_since=clock.now(),
    )  # fmt: skip
    admin = accounts.staff("admin")
    client.force_login(admin.user)
    pages = [
        reverse("office_exit", args=[case.pk]),
        reverse("office_recheck_settle", args=[row.pk]),
    ]
    assert [client.get(page).status_code for page in pages] == [200, 200]
    admin.id_index = case.lease.application.applicant.id_index
    admin.save(update_fields=["id_index"])
    assert [client.get(page).status_code for page in pages] == [403, 403]
    index = case.lease.application.applicant.id_index
    looks = AuditEntry.objects.filter(verb="looked", subjects__contains=[index])
    assert looks.count() == 2


# -- Service between signature and effect ----------------------------------------------------------


def signed_on_paper(case, staff, other):
    applicant = case.lease.application
    heard(case, staff)  # the notice had been served; from then on the household wants paper
    service_consents.withdraw(applicant.applicant.id_index, by=applicant.created_by)
    exits.draft_end(case, by=staff, text="已购住房，超过面积标准")
    return exits.sign_end(case, by=other)


def test_a_signed_letter_ends_nothing_before_it_is_served(case, staff, other):
    row = signed_on_paper(case, staff, other)
    assert row.state == states.X_HEARD and row.decision.signed_by == other
    assert row.decided_at is None and row.move_out_until is None
    assert exits.take_effect_due() == 0
    row.lease.refresh_from_db()
    assert row.lease.state == allocation_states.L_FILED
    assert not Notice.objects.filter(code="exit_decided").exists()
    with pytest.raises(exits.ExitRefused, match="已经签发"):
        exits.sign_end(case, by=accounts.staff("district"))


def test_the_move_out_begins_once_and_runs_from_service(case, staff, other):
    row = signed_on_paper(case, staff, other)
    with clock.held_at(clock.now() + timedelta(days=20)):
        serving.hand_over(row.decision, by=staff, note="本人，身份证")
        served_on = clock.today()
        assert (exits.take_effect_due(), exits.take_effect_due()) == (1, 0)
    case.refresh_from_db()
    case.lease.refresh_from_db()
    assert case.state == states.X_MOVING and case.lease.state == allocation_states.L_ENDING
    assert case.move_out_until == periods.of("move_out").after(served_on)
    assert Notice.objects.filter(code="exit_decided").count() == 1
    assert not Notice.objects.filter(code="decision.served").exists()


def test_who_is_cleared_before_service_is_served_nothing(case, staff, other):
    row = signed_on_paper(case, staff, other)
    sent = serving.send(
        row.decision, by=staff, channel="post", address="某路1号", tracking_no="EM1"
    )
    exits.clear(case, by=staff, reason="合同已撤销")
    sent.refresh_from_db()
    assert sent.state == "stopped"
    with pytest.raises(serving.ServingRefused):
        serving.record(sent, by=staff, proof="signed", on=clock.today(), note="本人")
    assert exits.take_effect_due() == 0
    case.refresh_from_db()
    assert case.state == states.X_CLEARED


def test_the_page_of_the_exit_says_that_the_letter_waits_for_service(case, staff, other, client):
    signed_on_paper(case, staff, other)
    client.force_login(accounts.staff("district").user)
    page = client.get(reverse("office_exit", args=[case.pk])).content.decode()
    assert "决定待送达" in page and "签发终止决定" not in page
    family = case.lease.application.created_by
    client.force_login(family)
    page = client.get(reverse("my_hearing")).content.decode()
    assert "已经作出决定" not in page
