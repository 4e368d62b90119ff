"""Handover sheets, repairs, patrols: written down by the company, confirmed by the household."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from accounts.roles import Role
from allocation import leases, offers, patrols, repairs, sheets, states
from allocation.models import HandoverSheet, PatrolVisit, Repair
from applications.signatures import NotSigned
from core import clock
from core.models import Notice, OutboxMessage
from core.workflow import TransitionRefused
from tests.factories import accounts, tenancies
from tests.factories import allocation as make

pytestmark = pytest.mark.django_db
FULL = {"water": 1, "electricity": 2, "gas": 3, "keys": 2, "cards": 1}


@pytest.fixture
def staff():
    return accounts.staff(Role.OPERATOR)


@pytest.fixture
def lease():
    return tenancies.lease(2)


def tenant(lease):
    return lease.application.created_by


class TestSheets:
    @pytest.fixture
    def shown(self, lease, staff):
        sheet = sheets.draw_up(lease, "in", by=staff, told=sheets.Told(**FULL))
        return sheets.show(sheet, by=staff)

    def test_an_incomplete_sheet_is_kept_but_not_shown(self, lease, staff):
        sheet = sheets.draw_up(lease, "in", by=staff, told=sheets.Told(water=1))
        with pytest.raises(sheets.SheetRefused, match="电表、燃气表、钥匙数"):
            sheets.show(sheet, by=staff)
        with pytest.raises(IntegrityError, match="sheet_shown_complete"), transaction.atomic():
            HandoverSheet.objects.update(state="to_confirm")
        sheet = sheets.draw_up(
            lease, "in", by=staff, told=sheets.Told(**FULL | {"gas": None, "no_gas": True})
        )
        assert sheets.show(sheet, by=staff).state == states.S_TO_CONFIRM
        assert Notice.objects.filter(code="handover.ready").count() == 1

    def test_a_name_typed_or_a_drawing_confirms_it_for_good(self, lease, staff, shown):
        for wrong in ("王二麻子", "data:image/png;base64,AAAA"):
            with pytest.raises((sheets.SheetRefused, NotSigned)):
                sheets.sign(shown, by=tenant(lease), signature=wrong)
        name = lease.application.members.get(is_applicant=False).name
        done = sheets.sign(shown, by=tenant(lease), signature=name)
        assert (done.state, done.method, done.confirmed_by) == ("confirmed", "typed", name)
        assert done.content_digest == sheets.digest(done)
        with pytest.raises(sheets.SheetRefused, match="不能再改"):
            sheets.draw_up(lease, "in", by=staff, told=sheets.Told(**FULL))
        with pytest.raises(sheets.SheetRefused, match="已经确认"):
            sheets.dispute(done, by=tenant(lease), text="x")
        assert sheets.sign(done, by=tenant(lease), signature=name).confirmed_at == done.confirmed_at

    def test_a_code_said_at_the_door_confirms_it(self, lease, staff, shown, monkeypatch):
        monkeypatch.setattr("allocation.sheets.contact.phone_of", lambda _index: "13900001111")
        monkeypatch.setattr("secrets.randbelow", lambda _n: 123456)
        row = sheets.send_code(shown, by=staff)
        assert "123456" in OutboxMessage.objects.get(kind="handover.code").payload["text"]
        assert "123456" not in row.code_index
        with pytest.raises(sheets.SheetRefused, match="不对"):
            sheets.confirm_by_code(row, by=staff.user, code="654321")
        row.refresh_from_db()
        assert row.code_tries == 1  # counted although it was refused
        assert sheets.confirm_by_code(row, by=staff.user, code="123 456").method == "code"

    def test_a_code_wears_out(self, lease, staff, shown, monkeypatch):
        monkeypatch.setattr("allocation.sheets.contact.phone_of", lambda _index: "13900001111")
        monkeypatch.setattr("secrets.randbelow", lambda _n: 123456)
        row = sheets.send_code(shown, by=staff)
        for _n in range(sheets.TRIES):
            with pytest.raises(sheets.SheetRefused):
                sheets.confirm_by_code(row, by=staff.user, code="1")
        with pytest.raises(sheets.SheetRefused, match="次数太多"):
            sheets.confirm_by_code(row, by=staff.user, code="123456")
        row = sheets.send_code(row, by=staff)
        clock.advance(timedelta(minutes=11))
        with pytest.raises(sheets.SheetRefused, match="过期"):
            sheets.confirm_by_code(row, by=staff.user, code="123456")

    def test_who_has_no_phone_signs_instead(self, staff, shown, monkeypatch):
        monkeypatch.setattr("allocation.sheets.contact.phone_of", lambda _index: "")
        type(shown.lease.application.applicant).objects.update(phone=None)
        with pytest.raises(sheets.SheetRefused, match="当面签字"):
            sheets.send_code(shown, by=staff)

    def test_an_objection_is_kept_answered_and_takes_nothing(self, lease, staff, shown):
        found = sheets.dispute(shown, by=tenant(lease), text="水表是12，不是1")
        assert set(lease.grants.values_list("state", flat=True)) == {"confirmed"}
        shown.refresh_from_db()
        with pytest.raises(sheets.SheetRefused, match="不能确认"):
            sheets.sign(shown, by=tenant(lease), signature=lease.application.applicant.name)
        with pytest.raises(sheets.SheetRefused, match="写明"):
            sheets.answer(found, by=staff, text="")
        sheets.draw_up(lease, "in", by=staff, told=sheets.Told(**FULL | {"water": 12}))
        sheets.show(shown, by=staff)
        sheets.answer(found, by=staff, text="重看过，是12")
        shown.refresh_from_db()
        done = sheets.sign(shown, by=tenant(lease), signature=lease.application.applicant.name)
        assert done.disputes.get().answer == "重看过，是12"

    def test_the_inspection_is_made_while_the_lease_is_in_force(self, lease, staff):
        make.handed_back(lease)
        leases.end(lease, on=clock.today(), by=offers.SYSTEM)
        for kind in ("in", "out"):
            with pytest.raises(sheets.SheetRefused):
                sheets.draw_up(lease, kind, by=staff, told=sheets.Told(**FULL))


class TestRepairs:
    def test_from_the_report_to_the_tenants_word(self, lease, staff):
        row = repairs.report(lease, by=tenant(lease), matter="water", text="厨房漏水")
        at = clock.now() + timedelta(hours=20)
        row = repairs.promise(row, by=staff.user, at=at, worker="李师傅")
        row = repairs.done(row, by=staff.user, text="换了角阀")
        row = repairs.not_done(row, by=tenant(lease), text="还在滴")
        assert (row.state, row.rounds, row.promised_at) == (states.J_REPORTED, 2, None)
        row = repairs.promise(row, by=staff.user, at=at, worker="李师傅")
        row = repairs.done(row, by=staff.user, text="又换了")
        assert repairs.confirm(row, by=tenant(lease)).confirmed_at
        codes = set(Notice.objects.values_list("code", flat=True))
        assert codes == {"repair.promised", "repair.done"}

    def test_gas_and_a_closed_door_are_urgent_whatever_is_ticked(self, lease):
        rows = [
            repairs.report(lease, by=tenant(lease), matter=one, text="x")
            for one in ("fitting", "gas", "lock")
        ]
        assert [one.urgent for one in rows] == [False, True, True]
        assert [one.matter for one in repairs.open_ones()] == ["gas", "lock", "fitting"]
        assert repairs.due(rows[1]) == rows[1].reported_at + timedelta(hours=24)
        assert repairs.due(rows[0]) > rows[0].reported_at

    def test_what_cannot_be_is_refused_and_changes_nothing(self, lease, staff):
        with pytest.raises(repairs.RepairRefused):
            repairs.report(lease, by=tenant(lease), matter="other", text="")
        row = repairs.report(lease, by=tenant(lease), matter="power", text="")
        with pytest.raises(repairs.RepairRefused, match="已经过了"):
            repairs.promise(row, by=staff.user, at=clock.now() - timedelta(hours=1), worker="x")
        with pytest.raises(TransitionRefused):
            repairs.done(row, by=staff.user, text="x")
        row.refresh_from_db()
        assert (row.state, row.done_text) == (states.J_REPORTED, "")
        with pytest.raises(IntegrityError, match="repair_promised_has_time"), transaction.atomic():
            Repair.objects.update(state="promised")
        assert repairs.withdraw(row, by=tenant(lease)).state == states.J_WITHDRAWN


def test_a_patrol_is_a_record_and_nothing_more(lease, staff):
    before = lease.state, OutboxMessage.objects.count()
    patrols.record(lease.home, by=staff, seen="nobody", text="")
    for seen, text in (("defect", ""), ("fine", "x")):
        with pytest.raises(patrols.PatrolRefused):
            patrols.record(lease.home, by=staff, seen=seen, text=text)
    with pytest.raises(patrols.PatrolRefused, match="还没有到"):
        patrols.record(
            lease.home, by=staff, seen="good", text="", at=clock.now() + timedelta(hours=1)
        )
    assert PatrolVisit.objects.count() == 1
    lease.refresh_from_db()
    assert (lease.state, OutboxMessage.objects.count()) == before
    assert set(lease.grants.values_list("state", flat=True)) == {"confirmed"}
