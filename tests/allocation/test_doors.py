"""Access is opened by a signature and ended by one, or by a court; cards and codes beside it."""

from datetime import timedelta

import pytest
from django.db import DatabaseError, IntegrityError, transaction

from accounts.roles import Role
from allocation import access_ends, handover, leases, offers, sheets, spare_keys, states
from allocation.models import AccessEnd, AccessGrant, SpareKey
from core import clock, outbox
from core.models import OutboxMessage
from tests.factories import accounts, tenancies
from tests.factories import allocation as make

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]


def operator():
    return accounts.staff(Role.OPERATOR)


def kept(lease):
    lease.refresh_from_db()
    open_ones = set(lease.grants.values_list("state", flat=True))
    return open_ones == {"confirmed"} and lease.state in states.L_IN_FORCE


class TestTheGround:
    def test_no_lease_ends_and_no_door_closes_without_a_hand_back_or_a_court(self):
        lease = tenancies.lease(2)
        with pytest.raises(access_ends.AccessKept, match="签字交房"):
            leases.end(lease, on=clock.today(), by=offers.SYSTEM)
        assert kept(lease) and not OutboxMessage.objects.filter(kind="revoke").exists()

    @pytest.mark.parametrize("how", ["update", "insert"])
    def test_the_database_refuses_it_too(self, how):
        lease = tenancies.lease()
        grant = lease.grants.get()
        with pytest.raises(DatabaseError, match="access ends only"), transaction.atomic():
            if how == "update":
                AccessGrant.objects.filter(pk=grant.pk).update(state="revoked")
            else:
                grant.delete()
                grant.pk, grant.state = None, "revoked"
                grant.save()

    def test_a_signed_hand_back_ends_it(self):
        lease = tenancies.lease(2)
        make.handed_back(lease)
        leases.end(lease, on=clock.today(), by=offers.SYSTEM)
        assert set(lease.grants.values_list("state", flat=True)) == {"revoked"}

    def test_a_recorded_enforcement_ends_it(self):
        lease = tenancies.lease()
        access_ends.enforced(lease, by=operator().user, document="（2026）浙0212执1号")
        leases.end(lease, on=clock.today(), by=offers.SYSTEM)
        assert lease.grants.get().state == "revoked"

    @pytest.mark.parametrize(
        "told",
        [
            {"signed_by": "", "document": "交房单"},
            {"signed_by": "张三", "document": " "},
            {"signed_by": "张三", "document": "交房单", "on": 1},
        ],
    )
    def test_an_unproved_hand_back_is_no_ground(self, told):
        lease = tenancies.lease()
        if "on" in told:
            told = {**told, "on": clock.today() + timedelta(days=1)}
        with pytest.raises(access_ends.AccessKept):
            access_ends.handed_back(lease, by=operator().user, **told)
        assert not AccessEnd.objects.exists()

    def test_the_record_stays_as_it_is_and_proves_itself(self):
        lease = tenancies.lease()
        made = make.handed_back(lease)
        assert make.handed_back(lease) == made
        with pytest.raises(DatabaseError), transaction.atomic():
            AccessEnd.objects.update(document="x")
        with pytest.raises(IntegrityError, match="access_end_is_proved"), transaction.atomic():
            AccessEnd.objects.create(
                lease=tenancies.lease(), ground="handed_back", on=clock.today(), document="x",
                recorded_by="x", recorded_at=clock.now(),
            )  # fmt: skip

    def test_the_confirmed_inspection_is_the_hand_back(self):
        lease = tenancies.lease()
        sheet = sheets.draw_up(lease, "out", by=operator(), told=complete())
        with pytest.raises(access_ends.AccessKept, match="还没有签字"):
            access_ends.of_sheet(sheet, by=operator().user)
        sheets.show(sheet, by=operator())
        name = lease.application.applicant.name
        sheet = sheets.sign(sheet, by=operator().user, signature=name)
        assert access_ends.of_sheet(sheet, by=operator().user).signed_by == name

    def test_who_survives_the_tenant_keeps_theirs(self):
        lease = tenancies.lease(2)
        tenant = lease.application.applicant
        tenant.excluded, tenant.left_because, tenant.left_at = True, "death", clock.now()
        tenant.save()
        handover.tell_again(lease, "access")
        assert kept(lease)
        told = OutboxMessage.objects.get(kind="grant").payload["persons"]
        assert len(told) == 2  # nobody was taken off, also not the one who died

    def test_who_joins_the_household_waits_for_a_receipt_that_names_them(self, mocks):
        lease = tenancies.lease(2)
        joined = lease.application.members.get(is_applicant=False)
        lease.grants.filter(member=joined).delete()
        handover.tell_again(lease, "access")
        assert lease.grants.get(member=joined).state == "queued"
        outbox.deliver_due()
        handover.note_receipts()
        assert kept(lease)


def complete(**more):
    return sheets.Told(water=1, electricity=2, gas=3, keys=2, cards=1, **more)


class TestCardsAndCodes:
    def test_a_code_is_said_once_logged_and_over_after_a_day(self):
        grant = tenancies.lease().grants.get()
        made, digits = spare_keys.issue_code(grant, by=operator(), reason="门锁打不开")
        assert len(digits) == 8 and digits not in str(SpareKey.objects.values().get())
        told = OutboxMessage.objects.get(kind="spare").payload
        assert (told["code"], told["uses"]) == (digits, 1)
        clock.advance(timedelta(hours=25))
        assert spare_keys.expire_due() == 1
        made.refresh_from_db()
        assert made.state == SpareKey.State.EXPIRED
        assert OutboxMessage.objects.filter(kind="spare_ended").count() == 1
        assert grant.lease.grants.get().state == "confirmed"

    def test_who_has_no_phone_gets_a_card_that_does_not_expire_by_itself(self):
        grant = tenancies.lease().grants.get()
        spare_keys.issue_card(grant, by=operator(), number="C1", reason="不用手机", spare=False)
        clock.advance(timedelta(days=2000))
        assert spare_keys.expire_due() == 0
        assert OutboxMessage.objects.get(kind="spare").payload["endsWithContract"]

    def test_the_card_somebody_lives_with_is_replaced_before_it_stops(self):
        grant = tenancies.lease().grants.get()
        card = spare_keys.issue_card(grant, by=operator(), number="C1", reason="x", spare=False)
        with pytest.raises(spare_keys.SpareRefused, match="先补一张新卡"):
            spare_keys.give_back(card, by=operator())
        spare_keys.replace(card, by=operator(), number="C2", reason="丢了")
        valid = SpareKey.objects.filter(state="valid")
        assert [(one.number, one.kind) for one in valid] == [("C2", "card")]
        kinds = OutboxMessage.objects.order_by("pk").values_list("kind", flat=True)
        assert list(kinds) == ["spare", "spare", "spare_ended"]  # the new one first

    def test_one_card_is_in_one_hand(self):
        one, other = (tenancies.lease().grants.get() for _n in range(2))
        spare_keys.issue_card(one, by=operator(), number="C1", reason="x")
        before = OutboxMessage.objects.count()
        with pytest.raises(spare_keys.SpareRefused, match="正在别人手里"):
            spare_keys.issue_card(other, by=operator(), number="C1", reason="x")
        assert (SpareKey.objects.count(), OutboxMessage.objects.count()) == (1, before)

    def test_a_spare_card_comes_back_once_and_goes_out_again(self):
        grant = tenancies.lease().grants.get()
        card = spare_keys.issue_card(grant, by=operator(), number="C1", reason="x")
        spare_keys.give_back(card, by=operator())
        with pytest.raises(spare_keys.SpareRefused, match="已经停用"):
            spare_keys.give_back(card, by=operator())
        spare_keys.issue_card(grant, by=operator(), number="C1", reason="y")

    @pytest.mark.parametrize("told", [{"number": "", "reason": "x"}, {"number": "1", "reason": ""}])
    def test_a_card_without_number_or_reason_is_not_issued(self, told):
        grant = tenancies.lease().grants.get()
        with pytest.raises(spare_keys.SpareRefused):
            spare_keys.issue_card(grant, by=operator(), **told)
        assert not SpareKey.objects.exists()

    def test_cards_end_with_the_hand_back_and_none_is_issued_after_it(self):
        lease = tenancies.lease()
        spare_keys.issue_card(lease.grants.get(), by=operator(), number="C1", reason="x")
        make.handed_back(lease)
        leases.end(lease, on=clock.today(), by=offers.SYSTEM)
        assert SpareKey.objects.get().state == SpareKey.State.ENDED
        with pytest.raises(spare_keys.SpareRefused, match="已经交房"):
            spare_keys.issue_code(lease.grants.get(), by=operator(), reason="x")

    def test_they_reach_the_door_after_the_household_itself(self, mocks):
        lease = make.signed()
        spare_keys.issue_card(lease.grants.first(), by=operator(), number="C1", reason="x")
        mocks.modes["access"] = "down"
        outbox.deliver_due()
        mocks.modes["access"] = "ok"
        clock.advance(timedelta(hours=1))
        outbox.deliver_due()
        assert [key.split("-")[0] for key in mocks.applied["access"]] == ["grant", "spare"]
        assert list(mocks.holdings["access"].spares)
