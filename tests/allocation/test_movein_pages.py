"""The operating company's desks and the household's own pages, as people press their buttons."""

import json
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import get_resolver, reverse

from accounts.roles import Role
from allocation import (
    access_ends,
    dead_letters,
    handover,
    home_photos,
    leases,
    offers,
    patrols,
    reconciliation,
    repairs,
    sheets,
    spare_keys,
    states,
    viewings,
)
from allocation.models import (
    Difference,
    HandoverSheet,
    HomePhoto,
    PatrolVisit,
    Reconciliation,
    RentPayment,
    Repair,
    SpareKey,
)
from applications import paper_sweep
from applications.papers import scanning
from core import clock, outbox, workdays
from core.models import AuditEntry, OutboxMessage
from tests.allocation.test_upkeep import FULL
from tests.applications.test_materials import Infected, photo
from tests.factories import accounts, applications, rents, tenancies
from tests.factories import allocation as allotted

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
PLAIN = {"water": "1", "electricity": "2", "gas": "3", "keys": "2", "cards": "1"}


def text(answer):
    return answer.content.decode()


@pytest.fixture(autouse=True)
def papers(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def staff():
    return accounts.staff(Role.OPERATOR)


@pytest.fixture
def desk(client, staff):
    client.force_login(staff.user)
    return client


@pytest.fixture
def lease():
    return tenancies.lease(2)


@pytest.fixture
def home(client, lease):
    """A browser of the tenant."""
    client.force_login(lease.application.created_by)
    return client


def picture():
    return SimpleUploadedFile("x.jpg", photo(), "image/jpeg")


def dead(lease, destination="access"):
    message = handover.tell_again(lease, destination)
    OutboxMessage.objects.filter(pk=message.pk).update(
        state="dead", attempts=30, error="HTTPError 422"
    )
    return message.push


class TestDeadLetters:
    def test_the_list_says_why_in_plain_words(self, desk, lease):
        push = dead(lease)
        handover.post("access", "spare", lease, {})
        page = text(desk.get(reverse("operator_letters")))
        assert lease.number in page and "多半是地址或者人员信息" in page
        one = text(desk.get(reverse("operator_letter", args=[push.pk])))
        assert "这一户后面还有1条消息在等" in one
        assert AuditEntry.objects.filter(verb="looked", case_no=lease.case_no).exists()

    def test_sent_again_it_arrives(self, desk, lease, mocks):
        push = dead(lease)
        desk.post(reverse("operator_letter", args=[push.pk]), {"do": "resend"})
        outbox.deliver_due()
        push.message.refresh_from_db()
        assert push.message.state == "confirmed"
        assert AuditEntry.objects.filter(verb="outbox.retried").count() == 1

    def test_address_and_people_are_set_right_and_told_anew(self, desk, lease, mocks):
        push = dead(lease)
        form = {"do": "correct", "building": "8", "unit": "1", "room": "101"}
        for grant in lease.grants.all():
            form |= {f"name_{grant.pk}": "更正某", f"mobile_{grant.pk}": "13900002222"}
        answer = desk.post(reverse("operator_letter", args=[push.pk]), form)
        assert answer.status_code == 302
        push.message.refresh_from_db()
        assert (push.message.state, push.message.given_up_by) != ("dead", "")
        outbox.deliver_due()
        told = mocks.messages["access"][f"grant-{lease.number}.2"]
        assert told["buildingNo"] == "8"
        assert {one["name"] for one in told["persons"]} == {"更正某"}
        assert not lease.application.members.filter(name="更正某").exists()
        assert AuditEntry.objects.filter(verb="push.corrected").count() == 1

    def test_a_wrong_correction_is_refused_in_words_and_nothing_typed_is_lost(self, desk, lease):
        push, other = dead(lease), tenancies.home()
        address = reverse("operator_letter", args=[push.pk])
        form = {"do": "correct", "building": other.building, "unit": "1", "room": "101"}
        for grant in lease.grants.all():
            form |= {f"name_{grant.pk}": grant.name, f"mobile_{grant.pk}": grant.mobile}
        answer = desk.post(address, form)
        assert answer.status_code == 422 and "已经是另一套房" in text(answer)
        assert f'value="{other.building}"' in text(answer)
        bad = form | {"building": "Z9", f"mobile_{lease.grants.first().pk}": "12"}
        assert "手机号是11位数字" in text(desk.post(address, bad))
        same = form | {"building": lease.home.building}
        assert "没有改动" in text(desk.post(address, same))
        push.message.refresh_from_db()
        lease.home.refresh_from_db()
        assert (push.message.state, OutboxMessage.objects.count()) == ("dead", 1)

    def test_nobody_is_let_in_again_after_the_end_by_a_correction(self, desk, lease, mocks):
        push = dead(lease)
        access_ends.handed_back(lease, by=handover.SYSTEM, signed_by="x", document="x")
        leases.end(lease, on=clock.today(), by=offers.SYSTEM)
        form = {"do": "correct", "building": "Z9", "unit": "1", "room": "101"}
        answer = desk.post(reverse("operator_letter", args=[push.pk]), form)
        assert answer.status_code == 422 and "合同已经结束" in text(answer)
        dead_letters.resend(push, by=handover.SYSTEM)  # in its turn, before the end
        outbox.deliver_due()
        assert mocks.holdings["access"].listed() == []

    def test_a_person_gives_up_with_a_reason_and_the_ones_behind_go_on(self, desk, lease, mocks):
        push = dead(lease)
        handover.tell_again(lease, "access")
        address = reverse("operator_letter", args=[push.pk])
        assert desk.post(address, {"do": "give_up"}).status_code == 422
        assert outbox.deliver_due() == 0
        desk.post(address, {"do": "give_up", "reason": "设备已拆除"})
        assert outbox.deliver_due() == 1
        assert "设备已拆除" in text(desk.get(reverse("operator_letters")))
        with pytest.raises(outbox.PushRefused):
            outbox.give_up(push.message, by=handover.SYSTEM, reason="x")
        assert "不再推送" in text(desk.get(address))
        assert AuditEntry.objects.get(verb="outbox.given_up").detail["reason"] == "设备已拆除"

    @pytest.mark.parametrize("role", [Role.ADMIN, Role.SYSTEM])
    def test_the_office_mends_them_too(self, client, lease, role):
        push = dead(lease)
        client.force_login(accounts.staff(role).user)
        client.post(reverse("operator_letter", args=[push.pk]), {"do": "resend"})
        push.message.refresh_from_db()
        assert push.message.state == "pending"

    def test_the_list_costs_the_same_for_many(self, desk, django_assert_max_num_queries):
        for _n in range(6):
            dead(tenancies.lease())
        with django_assert_max_num_queries(12):
            desk.get(reverse("operator_letters"))


class TestDoors:
    def test_failed_locks_are_the_next_thing_and_a_code_helps_at_once(self, desk, lease):
        lease.grants.update(state="failed")
        today = text(desk.get(reverse("operator_today")))
        address = reverse("operator_household", args=[lease.number])
        assert "有住户的门打不开" in today and address in today
        assert address in text(desk.get(reverse("operator_access")))
        grant = lease.grants.first()
        told = {"grant": grant.pk, "what": "code", "reason": "打不开"}
        answer = desk.post(address, told)
        digits = OutboxMessage.objects.get(kind="spare").payload["code"]
        assert digits in text(answer) and answer["Cache-Control"] == "no-store"
        assert digits not in text(desk.get(address))

    def test_cards_are_issued_replaced_and_returned(self, desk, lease):
        address = reverse("operator_household", args=[lease.number])
        told = {"grant": lease.grants.first().pk, "what": "card", "reason": "不用手机"}
        assert "请写卡号" in text(desk.post(address, told))
        desk.post(address, {**told, "number": "C1"})
        card = SpareKey.objects.get()
        one = reverse("operator_spare", args=[card.pk])
        assert "补发新卡" in text(desk.get(one)) and "登记交回" not in text(desk.get(one))
        desk.post(one, {"do": "back"})
        assert SpareKey.objects.get().state == "valid"
        assert desk.post(one, {"do": "replace"}).status_code == 422
        desk.post(one, {"do": "replace", "number": "C2", "reason": "丢了"})
        assert set(SpareKey.objects.values_list("number", "state")) == {
            ("C1", "replaced"), ("C2", "valid"),
        }  # fmt: skip

    def test_households_are_found_by_what_is_on_the_door(self, desk, lease):
        listed = reverse("operator_access")
        assert lease.number in text(desk.get(listed, {"q": lease.home.code}))
        assert "没有找到" in text(desk.get(listed, {"q": "nowhere"}))

    def test_the_household_sees_its_own_cards_and_when_each_of_them_is_ready(
        self, home, lease, staff
    ):
        spare_keys.issue_card(lease.grants.first(), by=staff, number="C77", reason="x")
        page = text(home.get(reverse("my_keys")))
        assert page.count("已开通") >= 2 and "C77" in page
        lease.grants.filter(pk=lease.grants.last().pk).update(state="failed")
        assert "有家人的门禁没有开通" in text(home.get(reverse("my_keys")))


class TestSheets:
    def test_from_the_meters_to_the_tenants_signature(self, desk, client, lease):
        address = reverse("operator_sheet", args=["in", lease.number])
        answer = desk.post(address, {"do": "save", **PLAIN, "photos": [picture(), picture()]})
        assert answer.status_code == 302
        desk.post(address, {"do": "show"})
        page = text(desk.get(address))
        assert "请住户确认" in page and HomePhoto.objects.count() == 2
        client.force_login(lease.application.created_by)
        mine = reverse("my_sheet", args=["in"])
        assert "请核对后签名确认" in text(client.get(reverse("my_keys")))
        shown = HomePhoto.objects.first()
        assert client.get(reverse("home_photo", args=[shown.pk])).status_code == 200
        assert client.post(mine, {"do": "sign", "signature": "别人"}).status_code == 422
        client.post(mine, {"do": "sign", "signature": lease.application.applicant.name})
        assert HandoverSheet.objects.get().state == states.S_CONFIRMED
        assert "已在" in text(client.get(mine))

    def test_an_objection_reaches_the_desk_and_is_answered(self, desk, client, lease, staff):
        sheet = sheets.draw_up(lease, "in", by=staff, told=sheets.Told(**FULL))
        sheets.show(sheet, by=staff)
        client.force_login(lease.application.created_by)
        client.post(reverse("my_sheet", args=["in"]), {"do": "dispute", "text": "水表是12"})
        client.force_login(staff.user)
        assert "住户对交接单有异议" in text(client.get(reverse("operator_today")))
        address = reverse("operator_sheet", args=["in", lease.number])
        assert "水表是12" in text(client.get(address))
        client.post(address, {"do": "answer", "text": "重看过，是1"})
        sheet.refresh_from_db()
        assert sheet.state == states.S_TO_CONFIRM

    def test_an_incomplete_sheet_says_what_is_missing(self, desk, lease):
        address = reverse("operator_sheet", args=["in", lease.number])
        desk.post(address, {"do": "save", "water": "5"})
        assert "还没有写：电表、燃气表、钥匙数" in text(desk.get(address))
        desk.post(address, {"do": "show"})
        assert HandoverSheet.objects.get().state == states.S_DRAFT
        bad = desk.post(address, {"do": "save", "water": "x", "defects": "门框掉漆"})
        assert bad.status_code == 422 and "门框掉漆" in text(bad)

    def test_a_draft_is_not_the_households_business_yet(self, home, lease, staff):
        sheets.draw_up(lease, "in", by=staff, told=sheets.Told(**FULL))
        assert home.get(reverse("my_sheet", args=["in"])).status_code == 404

    def test_who_moves_out_is_inspected(self, desk, lease):
        leases.start_move_out(lease, until=clock.today(), by=offers.SYSTEM)
        assert lease.number in text(desk.get(reverse("operator_moveouts")))
        desk.post(reverse("operator_sheet", args=["out", lease.number]), {"do": "save", **PLAIN})
        assert HandoverSheet.objects.get().kind == "out"
        assert desk.get(reverse("operator_sheet", args=["up", lease.number])).status_code == 404


class TestRepairs:
    def test_a_tenant_reports_with_a_photo_and_has_the_last_word(self, desk, client, lease, staff):
        client.force_login(lease.application.created_by)
        mine = reverse("my_repair")
        assert client.post(mine, {"text": "x"}).status_code == 422
        client.post(mine, {"matter": "lock", "text": "进不了门", "photos": [picture()]})
        row = Repair.objects.get()
        assert row.urgent and row.photos.count() == 1
        client.force_login(staff.user)
        today = text(client.get(reverse("operator_today")))
        address = reverse("operator_repair", args=[row.pk])
        assert "紧急报修" in today and address in today
        day = clock.today() + timedelta(days=1)
        when = {"on_year": day.year, "on_month": day.month, "on_day": day.day, "at": "18:00"}
        assert client.post(address, {"do": "promise", **when}).status_code == 422
        client.post(address, {"do": "promise", **when, "worker": "李师傅"})
        client.post(address, {"do": "done", "text": "换了锁芯"})
        assert "等住户确认" in text(client.get(reverse("operator_repairs")))
        client.force_login(lease.application.created_by)
        assert "换了锁芯" in text(client.get(mine))
        answer = reverse("my_repair_answer", args=[row.pk])
        client.post(answer, {"do": "not_done"})
        row.refresh_from_db()
        assert row.state == states.J_DONE
        client.post(answer, {"do": "not_done", "text": "还是打不开"})
        row.refresh_from_db()
        assert (row.state, row.not_done_text) == (states.J_REPORTED, "还是打不开")
        client.post(answer, {"do": "withdraw"})
        row.refresh_from_db()
        assert row.state == states.J_WITHDRAWN

    def test_nobody_answers_for_another_household(self, home, lease):
        other = tenancies.lease()
        row = repairs.report(other, by=other.application.created_by, matter="gas", text="")
        answer = home.post(reverse("my_repair_answer", args=[row.pk]), {"do": "withdraw"})
        assert answer.status_code == 404

    def test_a_photo_is_shown_to_its_own_people_alone(self, client, lease, staff):
        row = repairs.report(lease, by=lease.application.created_by, matter="gas", text="")
        content = photo()
        shown = home_photos.add(row, content, by=lease.application.created_by)
        assert home_photos.add(row, content, by=staff.user) == shown
        address = reverse("home_photo", args=[shown.pk])
        seen = {
            lease.application.created_by: 200,
            staff.user: 200,
            tenancies.lease().application.created_by: 404,
            accounts.staff(Role.REVIEWER).user: 404,
        }
        for user, status in seen.items():
            client.force_login(user)
            assert client.get(address).status_code == status

    def test_a_patrol_is_written_down_with_its_photo(self, desk, lease):
        address = reverse("operator_patrol")
        assert "没有这个房源编号" in text(desk.post(address, {"home": "x", "seen": "good"}))
        told = {"home": lease.home.code, "seen": "safety", "photos": [picture()]}
        assert "请写明看到了什么" in text(desk.post(address, told))
        desk.post(address, told | {"text": "楼道堆物", "photos": [picture()]})
        assert PatrolVisit.objects.get().photos.count() == 1
        assert "楼道堆物" in text(desk.get(address))


class TestPhotos:
    @pytest.fixture
    def row(self, lease):
        return repairs.report(lease, by=lease.application.created_by, matter="gas", text="")

    def test_an_infected_one_is_not_kept(self, settings, row, staff):
        settings.PAPER_SCANNER = f"{Infected.__module__}.Infected"
        with pytest.raises(home_photos.PaperRefused):
            home_photos.add(row, photo(), by=staff.user)
        assert not HomePhoto.objects.exists()

    def test_one_that_waits_for_the_scanner_is_shown_to_nobody_until_then(
        self, monkeypatch, row, staff, client
    ):
        monkeypatch.setattr(scanning, "scan", lambda _content: scanning.Verdict.UNAVAILABLE)
        kept = home_photos.add(row, photo(), by=staff.user)
        client.force_login(staff.user)
        address = reverse("home_photo", args=[kept.pk])
        assert client.get(address).status_code == 404
        assert home_photos.scan_waiting() == 0
        monkeypatch.setattr(scanning, "scan", lambda _content: scanning.Verdict.CLEAN)
        assert home_photos.scan_waiting() == 1
        assert client.get(address).status_code == 200

    def test_the_sweep_of_forgotten_files_leaves_them(self, monkeypatch, row, staff):
        kept = home_photos.add(row, photo(), by=staff.user)
        monkeypatch.setattr(paper_sweep, "_ORPHAN", -5)
        paper_sweep.sweep()
        assert home_photos.picture(kept, by=staff.user)


class TestReconcile:
    @pytest.fixture
    def found(self, lease):
        run = Reconciliation.objects.create(
            day=clock.today(), destination="access", started_at=clock.now(), state="done"
        )
        return Difference.objects.create(
            destination="access", kind="longer_there", contract=lease.number, person="abc",
            lease=lease, first_seen=run, last_seen=run,
        )  # fmt: skip

    def test_a_difference_is_repaired_or_left_with_a_reason(self, desk, found):
        page = text(desk.get(reverse("operator_reconcile")))
        assert found.contract in page and "会减少对方给的权限" in page
        address = reverse("operator_difference", args=[found.pk])
        assert desk.post(address, {"do": "keep"}).status_code == 422
        desk.post(address, {"do": "keep", "reason": "已和对方核实"})
        found.refresh_from_db()
        assert (found.state, found.reason) == ("kept", "已和对方核实")
        again = desk.post(address, {"do": "repair"})
        assert again.status_code == 422 and "已经处理过" in text(again)

    def test_the_proposed_repair_is_one_button(self, desk, found):
        desk.post(reverse("operator_difference", args=[found.pk]), {"do": "repair"})
        found.refresh_from_db()
        assert found.state == "sent" and OutboxMessage.objects.filter(kind="grant").exists()


SECRETS = ("987654321", "肢体残疾二级", "urban_low_income", "取保候审")


def test_no_income_no_health_and_no_reason_reaches_the_operating_company(client, staff, mocks):
    """Every page of the company, and everything it is sent, for a household that has them all."""
    lease = tenancies.lease(2)
    case = lease.application
    case.declared = {"income": SECRETS[0], "health": SECRETS[1], "reason": SECRETS[3]}
    case.save()
    for source, rows in (("income_check", SECRETS[0]), ("disability", SECRETS[1])):
        applications.evidence(case, source, status="found", rows=[{"x": rows}])
    applications.assessment(case, findings=[applications.finding("income", actual=SECRETS[0])])
    sheet = sheets.draw_up(lease, "in", by=staff, told=sheets.Told(**FULL))
    sheets.show(sheet, by=staff)
    sheets.draw_up(lease, "out", by=staff, told=sheets.Told(**FULL))
    repair = repairs.report(lease, by=case.created_by, matter="gas", text="")
    patrols.record(lease.home, by=staff, seen="good", text="")
    card = spare_keys.issue_card(lease.grants.first(), by=staff, number="C1", reason="x")
    push = dead(lease)
    dead(lease, "operator")
    reconciliation.run_due()
    run = Reconciliation.objects.first()
    found = Difference.objects.create(
        destination="access", kind="longer_there", contract=lease.number, person="abc",
        lease=lease, first_seen=run, last_seen=run,
    )  # fmt: skip
    rents.billed(3)
    file = rents.imported(rents.line("12.00", "没有合同编号"))
    receipt = RentPayment.objects.get(file=file)
    offer = allotted.opened()  # which moves the clock to the day of the draw
    day = workdays.add_workdays(clock.today(), 1)
    viewing = viewings.ask(offer, by=offers.SYSTEM, wanted_on=day, part="am")
    client.force_login(staff.user)
    known = {
        "operator_letter": [push.pk], "operator_sheet": ["in", lease.number],
        "operator_household": [lease.number], "operator_spare": [card.pk],
        "operator_repair": [repair.pk], "operator_difference": [found.pk],
        "operator_home": [lease.home.code], "operator_rent_home": [lease.pk],
        "operator_rent_file": [file.pk], "operator_rent_match": [receipt.pk],
        "operator_viewing": [viewing.pk],
    }  # fmt: skip
    names = {str(name) for name in get_resolver().reverse_dict if str(name).startswith("operator_")}
    # these answer nothing but a redirect, or a workbook to fill in
    names -= {"operator_retry", "operator_homes_batch", "operator_home_step",
              "operator_rent_template"}  # fmt: skip
    assert len(names) >= 20
    for name in sorted(names):
        page = text(client.get(reverse(name, args=known.get(name, []))))
        hits = [word for word in (*SECRETS, lease.tier) if word in page]
        assert not hits, (name, hits)
        for member in case.members.all():
            assert member.id_number not in page, name
    access_ends.handed_back(lease, by=staff.user, signed_by="x", document="x")
    leases.end(lease, on=clock.today(), by=offers.SYSTEM)
    sent = OutboxMessage.objects.filter(destination__in=handover.PUSHES)
    assert {one.kind for one in sent} >= {"lease", "grant", "spare", "lease_ended", "revoke"}
    for message in sent:
        told = json.dumps(message.payload, ensure_ascii=False)
        assert not [word for word in (*SECRETS, lease.tier) if word in told]
        assert not {"income", "health", "tier", "category", "reason"} & set(message.payload)


def test_the_day_costs_the_company_a_fixed_number_of_queries(desk, django_assert_max_num_queries):
    for _n in range(12):
        lease = tenancies.lease()
        dead(lease)
        repairs.report(lease, by=lease.application.created_by, matter="gas", text="")
        lease.grants.update(state="failed")
    with django_assert_max_num_queries(24):
        desk.get(reverse("operator_today"))
