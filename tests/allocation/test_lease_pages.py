"""Pages of leases: what the household sees and signs, what the office lists and records."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Citizen
from accounts.roles import Role
from allocation import states
from allocation.leases import changing, moving, renewing, signing, texts
from allocation.models import Lease
from applications.models import Change, MaterialPage
from core import clock
from core.models import AuditEntry
from tests.applications.test_changes import report, told_of
from tests.applications.test_visit_pages import jpeg
from tests.factories import accounts
from tests.factories import allocation as make_round
from tests.factories import leases as make
from tests.factories.applications import couple_with_child

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]
DAY = timedelta(days=1)


def text(answer) -> str:
    return answer.content.decode()


def enter(client, member):
    citizen = Citizen.objects.ensure(
        name=member.name, id_number=member.id_number, phone="", authlevel=3
    )
    client.force_login(citizen.user)


def tenant(client, lease):
    enter(client, texts.tenant_of(lease))


def post(client, lease, act, **data):
    address = reverse("office_lease_step", args=[lease.number, act])
    return client.post(address, data)


# -- The household -------------------------------------------------------------------------------


def test_the_second_signer_signs_on_their_own_phone(client):
    lease = make_round.to_sign()
    spouse = texts.adults_of(lease)[0]
    signing.ask_cosigner(texts.contract_of(lease), spouse, by=make.officer())
    tenant(client, lease)
    address = reverse("my_lease")
    client.post(address, {"name": texts.tenant_of(lease).name})
    page = text(client.get(address))
    assert "等家人签字" in page and spouse.name in page and 'name="name"' not in page
    enter(client, spouse)
    assert client.post(address, {"name": "别人"}).status_code == 422
    assert client.post(address, {"name": spouse.name}).status_code == 302
    assert "已签约" in text(client.get(address))
    assert Lease.objects.get().state == states.L_SIGNED


def test_the_sum_stands_line_by_line_with_source_and_date(client):
    lease = make_round.to_sign()
    tenant(client, lease)
    page = text(client.get(reverse("my_lease")))
    for part in (
        "租金怎么算",
        "25.00元每平方米每月",
        "70.0%",
        ">test</span> 从",
        "55.20 × 25.00 × 0.7",
    ):
        assert part in page


def test_a_household_asks_to_renew_and_takes_it_back(client):
    lease = make.running(left=60)
    tenant(client, lease)
    assert "租期快到了" in text(client.get(reverse("my_lease")))
    address = reverse("my_lease_renew")
    page = text(client.get(address))
    assert "比规定的日期晚" in page and "不会自动收回" in page
    assert client.post(address, {"reason": "孩子在附近上学"}).status_code == 302
    assert "由工作人员审核" in text(client.get(address))
    client.post(address, {"withdraw": "1"})
    assert lease.requests.get().state == states.Q_WITHDRAWN


def test_another_member_sees_the_lease_and_asks_for_nothing(client):
    lease = make.running(2, left=60)
    enter(client, texts.adults_of(lease)[0])
    assert lease.number in text(client.get(reverse("my_lease")))
    assert client.post(reverse("my_lease_renew"), {"reason": ""}).status_code == 422
    assert client.post(reverse("my_lease_swap"), {"number": "x"}).status_code == 422
    assert not lease.requests.exists()


def test_the_household_that_is_asked_agrees_in_writing_or_not(client):
    one, other = make.running(number="SWAP-P1"), make.running(number="SWAP-P2")
    address = reverse("my_lease_swap")
    tenant(client, one)
    assert client.post(address, {"number": "NONE", "reason": ""}).status_code == 422
    assert client.post(address, {"number": other.number, "reason": ""}).status_code == 302
    assert "等同意" in text(client.get(address))
    tenant(client, other)
    page = text(client.get(address))
    assert "书面同意" in page and texts.tenant_of(one).name not in page
    assert client.post(address, {"name": "别人"}).status_code == 422
    assert client.post(address, {"name": texts.tenant_of(other).name}).status_code == 302
    row = moving.open_for(one)
    assert row.state == states.Q_ASKED and row.consent_digest
    client.post(address, {"withdraw": "1"})
    row.refresh_from_db()
    assert row.state == states.Q_WITHDRAWN


def test_an_agreement_is_read_signed_and_kept(client):
    lease = make.running(2)
    row = changing.change_people(lease, by=make.officer())
    tenant(client, lease)
    address = reverse("my_lease_text", args=[row.pk])
    assert address in text(client.get(reverse("my_lease")))
    name = texts.tenant_of(lease).name
    assert client.post(address, {"name": name}).status_code == 422
    client.post(address, {"step": "explained", "clause": texts.key_clauses(row)})
    assert client.post(address, {"name": name}).status_code == 302
    assert "等出租人签字" in text(client.get(address))
    assert client.get(reverse("my_lease_text_pdf", args=[row.pk])).content.startswith(b"%PDF")
    enter(client, texts.tenant_of(make.running()))
    assert client.get(address).status_code == 404
    assert client.get(reverse("my_lease_text_pdf", args=[row.pk])).status_code == 404


def test_the_page_speaks_softly_after_a_death(client):
    lease = make.running(couple_with_child())
    told = told_of(lease.application, Change.Kind.DEATH)
    tenant(client, lease)
    widowed = Citizen.objects.get(id_index=texts.tenant_of(lease).id_index)
    report(lease.application, told, by=widowed.user)
    page = text(client.get(reverse("my_lease")))
    assert "请节哀" in page and "同住家人可以继续居住" in page


# -- The office ----------------------------------------------------------------------------------


def test_the_list_shows_what_waits_and_masks_names(client):
    lease, quiet = make.running(left=60), make.running(left=700)
    renewing.ask(lease, by="x")
    client.force_login(make.officer().user)
    address = reverse("office_leases")
    page = text(client.get(address))
    assert lease.number in page and quiet.number in page
    assert texts.tenant_of(lease).name not in page
    for todo in ("asked", "ending"):
        page = text(client.get(address, {"todo": todo}))
        assert lease.number in page and quiet.number not in page
    assert "没有这样的租约" in text(client.get(address, {"todo": "late"}))
    assert quiet.number in text(client.get(address, {"q": quiet.number}))
    for todo in ("to_sign", "lessor", "unfiled", "move", "silent", "deposit", "nonsense"):
        assert client.get(address, {"todo": todo, "state": "filed"}).status_code == 200


def test_the_list_costs_the_same_with_more_leases(client):
    client.force_login(make.officer().user)
    counts = []
    for _n in range(2):
        for _m in range(3):
            make.running()
        with CaptureQueriesContext(connection) as found:
            client.get(reverse("office_leases"))
        counts.append(len(found))
    assert counts[0] == counts[1] <= 30


def test_the_page_of_a_lease_records_the_look_and_every_step(client):
    lease, officer = make.running(2, left=60), make.officer()
    client.force_login(officer.user)
    address = reverse("office_lease", args=[lease.number])
    page = text(client.get(address))
    assert "没有电子文本" in page and "登记押金" in page and "同住人变了" in page
    assert AuditEntry.objects.filter(verb="looked", purpose="看租约").exists()
    today = clock.today()
    parts = {"on_year": today.year, "on_month": today.month, "on_day": today.day}
    money = {"kind": "received", "amount": "1000", "reason": "签约", **parts}
    assert post(client, lease, "deposit", **money).status_code == 302
    answer = post(client, lease, "deposit", **money)
    assert answer.status_code == 422 and "已经收到" in text(answer)
    assert post(client, lease, "people").status_code == 302
    row = lease.texts.get()
    assert post(client, lease, "explain", of=row.pk).status_code == 302
    answer = post(client, lease, "withdraw", of=row.pk, reason="")
    assert answer.status_code == 422 and "请填写「理由」" in text(answer)
    assert post(client, lease, "withdraw", of=row.pk, reason="写错了").status_code == 302
    assert post(client, lease, "withdraw", of="99999", reason="x").status_code == 302
    assert post(client, lease, "rent", tier="DB", first="2026-").status_code == 422
    assert post(client, lease, "nonsense").status_code == 404


def test_a_renewal_is_asked_approved_and_signed_through_the_pages(client):
    lease = make.running(left=60)
    client.force_login(make.officer().user)
    post(client, lease, "ask-renewal", reason="打电话来说的")
    asked = lease.requests.get()
    answer = post(client, lease, "renewal", of=asked.pk, months=99, tier="ZPX")
    assert answer.status_code == 422 and "最长60个月" in text(answer)
    assert post(client, lease, "renewal", of=asked.pk, months=36, tier="ZPX").status_code == 302
    new = Lease.objects.get(previous=lease)
    tenant(client, lease)
    address = reverse("my_lease_text", args=[new.texts.get().pk])
    assert address in text(client.get(reverse("my_lease")))
    client.post(address, {"step": "explained", "clause": texts.key_clauses(new.texts.get())})
    client.post(address, {"name": texts.tenant_of(lease).name})
    new.refresh_from_db()
    assert new.state == states.L_AGREED
    assert lease.number in text(client.get(reverse("my_lease")))  # the one they live by


def test_a_clerk_records_a_signature_on_paper_with_its_scan(client):
    lease = make_round.to_sign()
    clerk = accounts.staff(Role.WINDOW)
    type(lease.application).objects.filter(pk=lease.application_id).update(street=clerk.bureau)
    client.force_login(clerk.user)
    row, signer = texts.contract_of(lease), texts.tenant_of(lease)
    page = text(client.get(reverse("office_lease", args=[lease.number])))
    assert "登记纸上签字" in page and "登记押金" not in page
    answer = post(client, lease, "paper", of=row.pk, member=signer.pk)
    assert answer.status_code == 422
    scan = SimpleUploadedFile("a.jpg", jpeg(), "image/jpeg")
    answer = post(client, lease, "paper", of=row.pk, member=signer.pk, scan=scan)
    assert answer.status_code == 302
    lease.refresh_from_db()
    assert lease.state == states.L_SIGNED
    assert MaterialPage.objects.filter(item=f"office-lease-{lease.pk}").count() == 1


def test_who_may_not_is_told_so_and_nothing_changes(client):
    lease = make.running(2, left=60)
    client.force_login(accounts.staff(Role.LEADER).user)
    assert client.get(reverse("office_lease", args=[lease.number])).status_code == 200
    assert post(client, lease, "people").status_code == 403
    client.force_login(accounts.staff(Role.WINDOW).user)
    assert client.get(reverse("office_lease", args=[lease.number])).status_code in (200, 404)
    assert post(client, lease, "people").status_code in (403, 404)
    client.force_login(accounts.staff(Role.OPERATOR).user)
    assert client.get(reverse("office_leases")).status_code == 403
    assert not lease.texts.exists()


def test_a_leader_names_a_signer_who_then_signs(client):
    lease, signer = make_round.signed(), make.officer()
    leader = accounts.staff(Role.LEADER)
    client.force_login(leader.user)
    address, today = reverse("office_lease_signers"), clock.today()
    parts = {
        f"{name}_{part}": getattr(day, part)
        for name, day in (("starts_on", today), ("until", today + 30 * DAY))
        for part in ("year", "month", "day")
    }
    assert client.post(address, {"staff": signer.pk, **parts}).status_code == 422
    client.post(address, {"staff": signer.pk, "document": "授权〔2026〕1号", **parts})
    assert "授权〔2026〕1号" in text(client.get(address))
    client.force_login(signer.user)
    row = texts.contract_of(lease)
    assert "代表出租人签字" in text(client.get(reverse("office_lease", args=[lease.number])))
    assert post(client, lease, "lessor", of=row.pk, name="别人").status_code == 422
    assert post(client, lease, "lessor", of=row.pk, name=signer.name).status_code == 302
    assert client.get(reverse("office_lease_text_pdf", args=[row.pk])).content.startswith(b"%PDF")
    client.force_login(leader.user)
    client.post(reverse("office_lease_signer_revoke", args=[signer.lessor_authorities.get().pk]))
    assert "已失效" in text(client.get(address))


def test_the_office_pages_are_in_english_too(client):
    lease = make.running(2, left=60)
    changing.change_people(lease, by=make.officer())
    client.force_login(make.officer().user)
    client.cookies["django_language"] = "en"
    page = text(client.get(reverse("office_lease", args=[lease.number])))
    assert "Record the deposit" in page and "What can be done" in page
