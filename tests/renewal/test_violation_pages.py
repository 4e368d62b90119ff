"""Pages of inspections, violations and fines: who sees what, and what each step asks."""

from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from accounts.roles import Role
from allocation import arrears
from core import clock
from core.models import AuditEntry
from renewal import violation_states as states
from renewal.models import Inspection, InspectionVisit, Violation
from renewal.occupancy import visiting
from renewal.violations import fines, kinds, leads, steps
from tests.applications.test_materials import photo
from tests.factories import accounts, rents, tenancies
from tests.factories import violations as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return make.officer()


@pytest.fixture
def other():
    return make.officer()


def tenant_of(lease):
    person = lease.application.applicant
    return accounts.citizen(name=person.name, number=person.id_number).user


def day_parts(day):
    return {"on_year": day.year, "on_month": day.month, "on_day": day.day}


@pytest.mark.parametrize("name", ["office_violations", "office_inspections"])
def test_lists_page_by_key_with_a_constant_number_of_queries(client, officer, name, monkeypatch):
    monkeypatch.setattr("renewal.violations.listing.PAGE", 3)
    client.force_login(officer.user)

    def one_more():
        lease = tenancies.lease(1)
        return make.found(lease, by=officer) and make.announced(lease, by=officer)

    def counted(address):
        with CaptureQueriesContext(connection) as seen:
            page = client.get(address)
        assert page.status_code == 200
        return len(seen), page.content.decode()

    address = reverse(name)
    client.get(address)
    one_more()
    few, _page = counted(address)
    for _ in range(6):
        one_more()
    many, page = counted(address)
    assert many == few and page.count("TEST-EST/") == 3 and 'rel="next"' in page
    last = (
        Violation.objects.order_by("-pk")[2]
        if "violations" in name
        else (Inspection.objects.order_by("-pk")[2])
    )
    _n, second = counted(f"{address}?after={last.pk}")
    assert second.count("TEST-EST/") == 3 and 'rel="prev"' in second
    assert counted(f"{address}?state=nothing&after=x")[1].count("TEST-EST/") == 3


def test_a_street_sees_its_own_inspections_and_no_violations(client):
    row = make.announced()
    street = row.lease.application.street
    own = accounts.staff(Role.STREET, bureau=street)
    strange = accounts.staff(Role.STREET, bureau=accounts.another_street(street))
    for person, status in ((own, 200), (strange, 404)):
        client.force_login(person.user)
        assert client.get(reverse("office_inspection", args=[row.pk])).status_code == status
        assert client.get(reverse("office_inspection_visit", args=[row.pk])).status_code == status
        assert client.get(reverse("office_violations")).status_code == 403


def test_the_operating_company_reads_day_and_home_but_no_name_and_no_reason(client, officer):
    row = make.announced(by=officer)
    client.force_login(accounts.staff(Role.OPERATOR).user)
    page = client.get(reverse("operator_home_checks")).content.decode()
    assert "测试小区" in page
    for secret in (row.lease.application.applicant.name, row.words, "投诉", row.case_no):
        assert secret not in page
    assert client.get(reverse("office_inspections")).status_code == 403
    assert client.get(reverse("office_violations")).status_code == 403


def test_the_record_at_the_door_is_one_plain_form_with_photos(client, officer, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "papers"
    row = make.announced(by=officer)
    client.force_login(officer.user)
    address = reverse("office_inspection_visit", args=[row.pk])
    with make.on(row.on):
        page = client.get(address).content.decode()
        assert "<script>" not in page and 'enctype="multipart/form-data"' in page
        told = {**make.sees("damage"), "key": str(uuid4())}
        told |= told.pop("looks")
        wrong = client.post(address, {**told, "facts": ""})
        assert wrong.status_code == 422 and make.WELL["living"] in wrong.content.decode()
        sent = {**told, "photos": SimpleUploadedFile("a.jpg", photo(), "image/jpeg")}
        answer = client.post(address, sent)
        again = client.post(address, told)
    visit = InspectionVisit.objects.get()
    assert answer.url == again.url == reverse("office_inspection_record", args=[visit.pk])
    assert visit.photos.count() == 1 and visiting.seen(visit) == ["damage"]
    client.post(answer.url, {"kind": "sublet"})
    assert not Violation.objects.exists()
    assert client.post(answer.url, {"kind": "damage"}).status_code == 302
    assert Violation.objects.get().visit == visit


def test_an_inspection_is_planned_announced_and_called_off_on_its_page(client, officer):
    lease = tenancies.lease(1)
    client.force_login(officer.user)
    plan = reverse("office_inspection_plan")
    told = {"lease": lease.number, "reason": "complaint", "words": "看住着谁"}
    assert client.post(plan, {**told, "lease": "x"}).status_code == 422
    address = client.post(plan, told).url
    day = make.planning.earliest(clock.today())
    early = {"do": "announce", "part": "morning", **day_parts(clock.today())}
    assert client.post(address, early).status_code == 422
    assert client.post(address, {**early, **day_parts(day)}).status_code == 302
    assert Inspection.objects.get().state == states.N_ANNOUNCED
    client.post(address, {"do": "drop", "words": "住户来说明了"})
    assert Inspection.objects.get().state == states.N_DROPPED
    tenancies.lease(1)
    client.post(plan, {"do": "draw", "size": "1", "street": ""})
    made = Inspection.objects.exclude(draw=None).get()
    assert made.draw.seed in client.get(plan).content.decode()


def test_the_steps_of_a_matter_are_taken_on_its_page(client, officer, other):
    row = make.found(by=officer)
    client.force_login(officer.user)
    address = reverse("office_violation", args=[row.pk])
    assert "先逐项核实" in client.get(address).content.decode()
    assert client.post(address, {"act": "check", "kin": "no"}).status_code == 422
    client.post(address, {"act": "check", "kin": "no", "carer": "no"})
    client.post(address, {"act": "tell"})
    client.post(address, {"act": "speak", "channel": "phone", "text": "亲戚来住"})
    client.post(address, {"act": "order", "words": "请由您家自己居住"})
    assert client.post(address, {"act": "case"}).status_code == 200  # not open: nothing happens
    client.post(address, {"act": "served", "how": "hand", **day_parts(clock.today())})
    row.refresh_from_db()
    assert row.state == states.V_CORRECTING and row.due_on
    pdf = client.get(reverse("office_violation_order", args=[row.pk]))
    assert pdf.content.startswith(b"%PDF")
    page = client.get(address).content.decode()
    assert "责令改正的人不能自己认定" in page and row.order_no in page


def test_the_household_reads_what_it_was_told_and_nothing_before(client, officer):
    row = make.found(by=officer)
    user = tenant_of(row.lease)
    client.force_login(user)
    mine, address = reverse("my_checks"), reverse("my_check_matter", args=[row.pk])
    assert client.get(address).status_code == 404
    assert row.get_kind_display() not in client.get(mine).content.decode()
    row = make.told(row, officer)
    page = client.get(address).content.decode()
    assert make.FACTS in page and "第27条" in page and "现在没有任何决定" in page
    assert client.post(address, {"text": "是亲戚来住"}).status_code == 302
    assert row.statements.get().channel == "online"
    client.force_login(accounts.citizen().user)
    assert client.get(address).status_code == 404
    assert client.get(reverse("my_check_order", args=[row.pk])).status_code == 404


def test_the_household_comments_on_a_record(client, officer):
    visit = make.visited(make.announced(by=officer), by=officer, **make.sees("damage"))
    client.force_login(tenant_of(visit.inspection.lease))
    address = reverse("my_check_record", args=[visit.pk])
    assert make.FACTS in client.get(address).content.decode()
    client.post(address, {"words": "墙是上一家拆的"})
    client.force_login(officer.user)
    page = client.get(reverse("office_inspection_record", args=[visit.pk])).content.decode()
    assert "墙是上一家拆的" in page


def test_a_fine_is_walked_on_its_page_and_the_household_asks_for_a_hearing(client, officer, other):
    row = make.confirmed(make.found(by=officer), officer, other)
    client.force_login(officer.user)
    matter = reverse("office_violation", args=[row.pk])
    wrong = client.post(matter, {"act": "fine", "amount": "5000", "gain": "0", "grounds": "x"})
    assert wrong.status_code == 422
    client.post(matter, {"act": "fine", "amount": "500", "gain": "0", "grounds": make.FACTS})
    fine = row.fines.get()
    mine = reverse("my_check_fine", args=[fine.pk])
    client.force_login(tenant_of(row.lease))
    assert client.get(mine).status_code == 404
    fines.notice(fine, by=officer)
    assert "听证" in client.get(mine).content.decode()
    client.post(mine, {"text": "我要听证", "wants_hearing": "on"})
    fine.refresh_from_db()
    assert fine.hearing_asked_at is not None
    client.force_login(officer.user)
    page = client.get(reverse("office_fine", args=[fine.pk])).content.decode()
    assert "要求了听证" in page and "500.00" in page


def test_a_case_that_came_of_a_violation_is_read_on_its_page(client, officer, other):
    row = make.confirmed(make.found(by=officer), officer, other)
    client.force_login(officer.user)
    client.post(reverse("office_violation", args=[row.pk]), {"act": "case"})
    row.refresh_from_db()
    page = client.get(reverse("office_exit", args=[row.exit_case_id])).content.decode()
    assert "转租" in page and row.follow_words in page
    client.force_login(tenant_of(row.lease))
    mine = client.get(reverse("my_check_matter", args=[row.pk])).content.decode()
    assert "正在按退出程序核对" in mine


def test_kin_keep_away_and_every_look_is_recorded(client, officer, other):
    row = make.confirmed(make.found(by=officer), officer, other)
    fine = make.fine(row, officer)
    visit = row.follow_up
    pages = [
        reverse("office_violation", args=[row.pk]),
        reverse("office_violation_order", args=[row.pk]),
        reverse("office_fine", args=[fine.pk]),
        reverse("office_inspection", args=[visit.inspection_id]),
        reverse("office_inspection_visit", args=[visit.inspection_id]),
        reverse("office_inspection_record", args=[visit.pk]),
    ]
    client.force_login(officer.user)
    for page in pages:
        before = AuditEntry.objects.filter(verb="looked").count()
        assert client.get(page).status_code == 200
        assert AuditEntry.objects.filter(verb="looked").count() == before + 1
    officer.id_index = row.lease.application.applicant.id_index
    officer.save(update_fields=["id_index"])
    assert {client.get(page).status_code for page in pages} == {403}


def test_the_page_of_arrears_shows_account_and_help_first(client, officer):
    tenancies.lease(2)
    rents.billed(7)
    arrears.raise_flags()
    leads.note_arrears()
    row = Violation.objects.get()
    client.force_login(officer.user)
    page = client.get(reverse("office_violation", args=[row.pk])).content.decode()
    assert "还没有联系记录" in page and "看租金账" in page
    steps.set_aside(row, words="钱在路上", by=officer)
    assert leads.note_arrears() == 0


def test_the_law_is_named_in_the_readers_language():
    sublet = kinds.of("sublet")
    assert sublet.spoken_clause == "《公共租赁住房管理办法》第27条第1项"
    with translation.override("en"):
        assert all(one.spoken_clause.isascii() for one in kinds.TABLE.values())
