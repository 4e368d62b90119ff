"""Changes as agreements signed anew; deposits; renewal, swaps and moves."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, InternalError, transaction

from accounts.roles import Role
from allocation import leases, states
from allocation.leases import (
    changing,
    deposits,
    moving,
    renewing,
    requests,
    signing,
    texts,
)
from allocation.models import AccessGrant, Lease, LeaseRequest
from applications import periods
from applications.models import Benefit
from core import clock
from core.models import Notice, OutboxMessage
from tests.factories import accounts
from tests.factories import allocation as allotted
from tests.factories import leases as make

pytestmark = pytest.mark.django_db
BY, DAY = make.BY, timedelta(days=1)


def first_of_next_month() -> date:
    today = clock.today()
    return date(today.year + today.month // 12, today.month % 12 + 1, 1)


# -- Agreements ----------------------------------------------------------------------------------


def test_who_left_stands_in_an_agreement_and_the_old_text_stays():
    lease, officer = make.running(3), make.officer()
    first = make.signed_by_all(changing.change_people(lease, by=officer))
    assert first.state == states.T_IN_FORCE
    with pytest.raises(leases.LeaseRefused, match="不用改"):
        changing.change_people(lease, by=officer)
    gone = lease.application.members.last()
    type(gone).objects.filter(pk=gone.pk).update(excluded=True)
    second = changing.change_people(lease, by=officer)
    assert gone.name in str(second.content["zh"]) and "不再写入" in str(second.content["zh"])
    assert "No longer" in str(second.content["en"])
    make.signed_by_all(second)
    first.refresh_from_db()
    assert gone.name in first.content["facts"]["people"]
    assert gone.name not in changing.people_written(lease)


def test_a_new_tenant_after_a_death_is_an_agreement_and_nobody_loses_a_key():
    lease, officer = make.running(2), make.officer()
    make.signed_by_all(changing.change_people(lease, by=officer))
    members = list(lease.application.members.order_by("position"))
    make.signed_by_all(changing.change_tenant(lease, by=officer))
    with pytest.raises(leases.LeaseRefused, match="承租人没有变"):
        changing.change_tenant(lease, by=officer)
    rows = type(members[0]).objects
    rows.filter(pk=members[0].pk).update(is_applicant=False, excluded=True)
    rows.filter(pk=members[1].pk).update(is_applicant=True)
    lease = Lease.objects.get(pk=lease.pk)
    text = changing.change_tenant(lease, by=officer)
    assert text.signatures.get(party="tenant").member == members[1]
    make.signed_by_all(text)
    assert changing.tenant_written(lease) == members[1].name
    lease.refresh_from_db()
    assert lease.state == states.L_FILED
    assert set(lease.grants.values_list("state", flat=True)) == {AccessGrant.State.CONFIRMED}
    assert not OutboxMessage.objects.filter(destination="access").exists()


def test_a_joint_tenant_signs_and_signs_what_comes_after():
    lease, officer = make.running(2), make.officer()
    spouse = texts.adults_of(lease)[0]
    text = changing.add_joint_tenant(lease, spouse, by=officer)
    assert text.signatures.filter(party="cosigner", member=spouse).exists()
    make.signed_by_all(text)
    with pytest.raises(leases.LeaseRefused, match="已经是共同承租人"):
        changing.add_joint_tenant(lease, spouse, by=officer)
    later = changing.change_people(lease, by=officer)
    assert later.signatures.filter(party="cosigner", member=spouse).exists()


def test_a_rent_changes_from_its_month_and_only_signed():
    lease, officer, month = make.running(), make.officer(), first_of_next_month()
    text = changing.change_rent(lease, "DB", month, by=officer)
    assert "137.50元" in str(text.content["zh"]) and "test" in str(text.content["zh"])
    with pytest.raises(leases.LeaseRefused, match="没有签完"):
        changing.change_rent(lease, "DSR", month, by=officer)
    make.signed_by_all(text)
    assert changing.apply_due() == 0
    assert lease.agreed(clock.today()) == ("ZPX", Decimal("962.50"))
    clock.advance(timedelta(days=(month - clock.today()).days))
    assert (changing.apply_due(), changing.apply_due()) == (1, 0)
    lease.refresh_from_db()
    assert lease.agreed(clock.today()) == ("DB", Decimal("137.50"))
    assert (lease.tier, lease.rent_monthly) == ("ZPX", Decimal("962.50"))  # as it was signed
    assert lease.text_digest == ""  # nothing about what was signed before has changed


@pytest.mark.parametrize(
    ("tier", "day", "why"), [("XX", 1, "档次"), ("DB", 2, "1日"), ("ZPX", 1, "一样")]
)
def test_a_rent_that_makes_no_sense_is_refused_and_nothing_is_drafted(tier, day, why):
    lease = make.running()
    with pytest.raises(leases.LeaseRefused, match=why):
        changing.change_rent(lease, tier, first_of_next_month().replace(day=day), by=make.officer())
    assert not lease.texts.exists()


def test_an_agreement_is_taken_back_with_a_reason_before_it_has_effect():
    lease, officer = make.running(2), make.officer()
    text = changing.change_people(lease, by=officer)
    with pytest.raises(leases.LeaseRefused, match="原因"):
        changing.withdraw(text, by=officer, reason=" ")
    changing.withdraw(text, by=officer, reason="写错了")
    with pytest.raises(leases.LeaseRefused, match="撤回"):
        signing.sign_text(text, by=BY)
    assert changing.change_people(lease, by=officer).number == text.number + 1


# -- Deposit -------------------------------------------------------------------------------------


def test_a_deposit_is_received_once_and_given_back_after_the_hand_back_with_reasons():
    lease, officer, today = make.running(), make.officer(), clock.today()
    money = {"on": today, "by": officer}
    deposits.receive(lease, Decimal(1000), reason="签约", receipt_no="A1", **money)
    assert deposits.standing(lease).held == 1000
    with pytest.raises(leases.LeaseRefused, match="已经收到"):
        deposits.receive(lease, Decimal(1), reason="签约", receipt_no="A3", **money)
    with pytest.raises(leases.LeaseRefused, match="交还以后"):
        deposits.keep(lease, Decimal(1), reason="门坏了", **money)
    allotted.handed_back(lease)
    leases.end(lease, on=today, by=BY)
    lease.refresh_from_db()
    assert deposits.due_back(lease) == periods.of("lease_deposit_back").after(today)
    deposits.keep(lease, Decimal(80), reason="门锁损坏", **money)
    with pytest.raises(leases.LeaseRefused, match="多退"):
        deposits.give_back(lease, Decimal(921), reason="退", receipt_no="B1", **money)
    with pytest.raises(leases.LeaseRefused, match="原因"):
        deposits.give_back(lease, Decimal(920), reason=" ", receipt_no="B1", **money)
    deposits.give_back(lease, Decimal(920), reason="验收无误", receipt_no="B1", **money)
    now = deposits.standing(lease)
    assert (now.received, now.returned, now.kept, now.held) == (1000, 920, 80, 0)
    with pytest.raises(InternalError), transaction.atomic():
        lease.deposit_entries.update(amount=1)


# -- Renewal -------------------------------------------------------------------------------------


def told(lease, code):
    return Notice.objects.filter(case_no=lease.case_no, code=code).count()


def test_three_reminders_each_once_and_none_after_the_wish():
    lease = make.running(left=119)
    quiet = make.running(left=300)
    assert [renewing.remind_due(), renewing.remind_due()] == [1, 0]
    clock.advance(20 * DAY)
    assert renewing.remind_due() == 1
    clock.advance(10 * DAY)
    assert renewing.remind_due() == 1
    assert list(lease.reminders.order_by("days").values_list("days", flat=True)) == [90, 100, 120]
    assert (told(lease, "lease.ends"), told(quiet, "lease.ends")) == (3, 0)
    asked = make.running(left=115)
    renewing.ask(asked, by=BY)
    assert renewing.remind_due() == 0


def test_a_worker_that_slept_reminds_once_and_not_thrice():
    make.running(left=80)
    assert (renewing.remind_due(), renewing.remind_due()) == (1, 0)


def test_a_wish_comes_in_time_or_late_and_late_is_taken_too():
    early, timely, late = (make.running(left=days) for days in (200, 110, 30))
    with pytest.raises(leases.LeaseRefused, match="还早"):
        renewing.ask(early, by=BY)
    assert not renewing.ask(timely, by=BY).late
    asked = renewing.ask(late, by=BY, reason="住院了")
    assert asked.late and asked.state == states.Q_ASKED
    assert renewing.ask(late, by=BY) == asked
    assert renewing.ask_until(timely) == periods.months_later(timely.term.upper - DAY, -3)


def test_silence_ends_nothing_and_stands_on_a_list():
    lease = make.running(left=1)
    clock.advance(5 * DAY)
    renewing.remind_due()
    renewing.hand_on_due()
    assert list(renewing.silent(clock.today())) == [lease]
    lease.refresh_from_db()
    assert lease.state == states.L_FILED and not Benefit.objects.filter(ended_on__isnull=False)
    assert renewing.ask(lease, by=BY).late
    assert not renewing.silent(clock.today()).exists()


def test_the_renewed_lease_follows_on_the_old_in_the_same_home_without_losing_a_key():
    lease, officer = make.running(2, left=60), make.officer()
    row = renewing.approve(renewing.ask(lease, by=BY), by=officer, months=36, tier="DSR")
    new = lease.successor
    assert (new.home, new.term.lower, new.number) == (
        lease.home, lease.term.upper, f"{lease.number}-X2",
    )  # fmt: skip
    assert (new.tier, new.rent_monthly) == ("DSR", Decimal("550.00"))
    make.signed_by_all(texts.contract_of(new))
    new.refresh_from_db()
    assert new.state == states.L_AGREED and renewing.hand_on_due() == 0
    assert not new.grants.exists()
    clock.advance(61 * DAY)
    assert (renewing.hand_on_due(), renewing.hand_on_due()) == (1, 0)
    lease.refresh_from_db()
    new.refresh_from_db()
    row.refresh_from_db()
    assert (lease.state, new.state) == (states.L_RENEWED, states.L_SIGNED)
    assert row.state == states.Q_DONE
    assert new.grants.count() == 2
    assert not OutboxMessage.objects.filter(kind__in=["revoke", "lease_ended"]).exists()
    assert not lease.grants.filter(state=AccessGrant.State.REVOKED).exists()
    assert not Benefit.objects.filter(ended_on__isnull=False).exists()


def test_a_renewal_signed_after_the_old_term_begins_at_once_where_that_ended():
    lease = make.running(left=1)
    clock.advance(9 * DAY)
    renewing.approve(renewing.ask(lease, by=BY), by=make.officer(), months=12, tier="ZPX")
    new = lease.successor
    assert new.term.lower == lease.term.upper < clock.today()
    make.signed_by_all(texts.contract_of(new))
    new.refresh_from_db()
    assert new.state == states.L_SIGNED


def test_five_years_are_the_longest_and_a_person_decides():
    lease, officer = make.running(left=60), make.officer()
    asked = renewing.ask(lease, by=BY)
    with pytest.raises(leases.LeaseRefused, match="60个月"):
        renewing.approve(asked, by=officer, months=61, tier="ZPX")
    assert not Lease.objects.filter(previous=lease).exists()
    with pytest.raises(IntegrityError, match="by_a_person"), transaction.atomic():
        LeaseRequest.objects.filter(pk=asked.pk).update(state=states.Q_APPROVED)
    with pytest.raises(leases.LeaseRefused, match="理由"):
        requests.refuse(asked, by=officer, reason="")
    requests.refuse(asked, by=officer, reason="请先来窗口核对")
    lease.refresh_from_db()
    assert lease.state == states.L_FILED and told(lease, "lease.request_refused") == 1
    assert renewing.ask(lease, by=BY).pk != asked.pk  # it may be asked again


def test_an_approved_renewal_is_taken_back_before_it_is_signed_and_may_come_again():
    lease, officer = make.running(left=60), make.officer()
    row = renewing.approve(renewing.ask(lease, by=BY), by=officer, months=36, tier="ZPX")
    first = lease.successor
    with pytest.raises(leases.LeaseRefused, match="理由"):
        renewing.cancel(row, by=officer, reason=" ")
    row = renewing.cancel(row, by=officer, reason="承租人变了")
    first.refresh_from_db()
    lease = Lease.objects.get(pk=lease.pk)
    assert (row.state, first.state) == (states.Q_WITHDRAWN, states.L_CANCELLED)
    assert first.texts.get().state == states.T_WITHDRAWN and lease.state == states.L_FILED
    again = renewing.approve(renewing.ask(lease, by=BY), by=officer, months=36, tier="ZPX")
    second = Lease.objects.get(previous=lease)
    assert second.number == f"{lease.number}-X3"
    make.signed_by_all(texts.contract_of(second))
    with pytest.raises(leases.LeaseRefused, match="已经签好"):
        renewing.cancel(again, by=officer, reason="x")


def test_nobody_decides_about_their_own_household(monkeypatch):
    lease, officer = make.running(left=60), make.officer()
    asked = renewing.ask(lease, by=BY)
    monkeypatch.setattr(requests.permissions, "why_not_free", lambda *_args: "按回避规定")
    with pytest.raises(leases.LeaseRefused, match="回避"):
        renewing.approve(asked, by=officer, months=12, tier="ZPX")
    with pytest.raises(leases.LeaseRefused, match="回避"):
        changing.change_people(lease, by=officer)
    assert not lease.texts.exists()


# -- Swap and move -------------------------------------------------------------------------------


def test_a_swap_ends_and_begins_both_leases_on_one_day():
    one, other = make.running(2, number="SWAP-1"), make.running(2, number="SWAP-2")
    row = moving.carry_out(make.swap(one, other), by=make.officer(), note="交接单1号")
    assert row.state == states.Q_DONE
    for old, home in ((one, other.home), (other, one.home)):
        old.refresh_from_db()
        new = old.successor
        assert old.state == states.L_SUCCEEDED and old.term.upper == new.term.lower == clock.today()
        assert (new.home, new.state) == (home, states.L_SIGNED)
        assert new.home.state == states.H_LET
        assert new.grants.filter(state=AccessGrant.State.QUEUED).count() == 2
        assert set(old.grants.values_list("state", flat=True)) == {AccessGrant.State.REVOKED}
    assert not Benefit.objects.filter(ended_on__isnull=False).exists()
    assert told(one, "lease.moved") == told(other, "lease.moved") == 1


def test_a_swap_goes_no_further_without_the_other_households_consent():
    one, other = make.running(number="SWAP-3"), make.running(number="SWAP-4")
    row = make.swap(one, other, ready=False)
    with pytest.raises(leases.LeaseRefused, match="现在不能审核"):
        moving.approve(row, clock.today(), by=make.officer())
    fields = {"state": states.Q_APPROVED, "decided_at": clock.now(), "on": clock.today()}
    with pytest.raises(IntegrityError, match="by_consent"), transaction.atomic():
        LeaseRequest.objects.filter(pk=row.pk).update(decided_by=make.officer(), **fields)
    with pytest.raises(leases.LeaseRefused, match="已经有一份换房"):
        moving.ask_swap(make.running(), other.number, by=BY)
    with pytest.raises(leases.LeaseRefused, match="没有找到"):
        moving.ask_swap(one, one.number, by=BY)
    requests.withdraw(row, by=BY)
    assert moving.open_for(one) is None


def test_a_swap_waits_for_every_signature_and_for_its_day():
    one, other = make.running(number="SWAP-5"), make.running(number="SWAP-6")
    row = moving.consent(make.swap(one, other, ready=False), by=BY)
    officer = make.officer()
    row = moving.approve(row, clock.today() + 3 * DAY, by=officer)
    with pytest.raises(leases.LeaseRefused, match="没有签齐"):
        moving.carry_out(row, by=officer, note="x")
    for text in row.texts.all():
        make.signed_by_all(text)
    with pytest.raises(leases.LeaseRefused, match="约定的日期"):
        moving.carry_out(row, by=officer, note="x")
    clock.advance(3 * DAY)
    with pytest.raises(leases.LeaseRefused, match="交接单"):
        moving.carry_out(row, by=officer, note=" ")
    one.refresh_from_db()
    assert one.state == states.L_FILED and not hasattr(one, "successor")


def test_a_move_by_the_bureaus_offer_holds_the_home_and_frees_the_old_one():
    lease, home, officer = make.running(number="MOVE-1"), make.free_home(), make.officer()
    row = moving.offer_move(lease, home, by=officer, reason="电梯停用")
    home.refresh_from_db()
    assert home.state == states.H_OFFERED
    with pytest.raises(leases.LeaseRefused, match="不能配租"):
        moving.offer_move(make.running(), home, by=officer, reason="x")
    row = moving.approve(moving.consent(row, by=BY), clock.today(), by=officer)
    for text in row.texts.all():
        make.signed_by_all(text)
    moving.carry_out(row, by=officer, note="交接单2号")
    lease.refresh_from_db()
    home.refresh_from_db()
    assert lease.successor.home == home and home.state == states.H_LET
    assert type(home).objects.get(pk=lease.home_id).state == states.H_VACATING
    assert deposits.standing(lease.successor).agreed == 1000


def test_a_move_that_the_household_does_not_want_frees_the_home():
    lease, home = make.running(), make.free_home()
    row = moving.offer_move(lease, home, by=make.officer(), reason="电梯停用")
    requests.withdraw(row, by=BY)
    home.refresh_from_db()
    lease.refresh_from_db()
    assert (home.state, lease.state) == (states.H_AVAILABLE, states.L_FILED)


def test_a_leader_names_signers_and_others_do_not():
    from allocation.leases import lessor

    officer, today = make.officer(), clock.today()
    with pytest.raises(leases.LeaseRefused, match="领导"):
        lessor.authorise(
            accounts.staff(Role.ADMIN), document="x", starts_on=today, until=today, by=officer
        )
