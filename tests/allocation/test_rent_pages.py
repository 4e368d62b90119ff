"""The rent on the pages of the household, the operating company and the office."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from accounts.roles import Role
from allocation import arrears, months, payments, reductions, rent_account, rent_terms, states
from allocation.models import ArrearsFlag, BankFile, Reduction, RentPayment
from applications import states as application_states
from core import clock
from core.models import AuditEntry, Notice
from tests.factories import accounts, tenancies
from tests.factories import rents as make

pytestmark = pytest.mark.django_db


def text(answer):
    return answer.content.decode()


def tenant(client, lease):
    applicant = lease.application.applicant
    user = accounts.citizen(name=applicant.name, number=applicant.id_number).user
    client.force_login(user)
    return user


def month_parts(name, day, prefix=""):
    return {f"{prefix}{name}_year": day.year, f"{prefix}{name}_month": day.month}


class TestMine:
    def test_the_sum_is_said_first_and_every_line_adds_up(self, client):
        lease = tenancies.lease(rent="962.50")
        make.billed(3)
        make.paid(lease, "1000", day=clock.today())
        tenant(client, lease)
        page = text(client.get("/my/rent/"))
        assert "过了日期" in page or "现在要付" in page
        for words in ("2,887.50元", "1,000.00元", "1,887.50元", "市场租金的70.0%", "55.00平方米"):
            assert words in page, words
        assert lease.number in page and "余" not in page

    def test_paid_owing_and_instalments_are_told_apart(self, client):
        lease = tenancies.lease(rent="100.00")
        tenant(client, lease)
        assert "租金已付清" in text(client.get("/my/rent/"))
        make.billed(4)
        assert "可以商量分期" in text(client.get("/my/rent/"))
        row = arrears.propose(
            lease, parts=2, first_due=clock.today() + timedelta(days=9), by=make.operator()
        )
        page = text(client.get("/my/rent/"))
        assert "请看分期" in page and "同意分期" in page
        client.post(reverse("my_rent_answer", args=[row.pk]), {"answer": "yes"})
        row.refresh_from_db()
        assert row.state == states.G_AGREED
        assert "按分期付就可以" in text(client.get("/my/rent/"))
        make.paid(lease, "1000")
        assert "抵以后的租金" in text(client.get("/my/rent/"))

    def test_no_lease_is_a_page_and_no_error(self, client):
        client.force_login(accounts.citizen().user)
        assert "还没有租金" in text(client.get("/my/rent/"))
        assert client.get("/my/rent/statement.pdf").status_code == 404
        assert client.get("/my/rent/help/").status_code == 404

    def test_nobody_reads_or_answers_for_another_household(self, client):
        lease = tenancies.lease(rent="123.45")
        make.billed(3)
        row = arrears.propose(
            lease, parts=2, first_due=clock.today() + timedelta(days=9), by=make.operator()
        )
        tenant(client, tenancies.lease())
        assert "123.45" not in text(client.get(f"/my/rent/?lease={lease.number}"))
        answer = client.post(reverse("my_rent_answer", args=[row.pk]), {"answer": "yes"})
        assert answer.status_code == 404
        row.refresh_from_db()
        assert row.state == states.G_PROPOSED

    def test_the_statement_is_a_pdf_in_both_languages(self, client):
        lease = tenancies.lease()
        make.billed(2)
        tenant(client, lease)
        for language in ("zh-hans", "en"):
            got = client.get("/my/rent/statement.pdf", headers={"accept-language": language})
            assert got.status_code == 200 and got.content.startswith(b"%PDF")

    def test_a_reduction_is_asked_for_and_nothing_typed_is_lost(self, client):
        lease = tenancies.lease()
        tenant(client, lease)
        this = months.first(clock.today())
        form = {"reason": "住院两个月", **month_parts("from_month", this)}
        wrong = client.post("/my/rent/help/", form)
        assert wrong.status_code == 422 and "住院两个月" in text(wrong)
        client.post("/my/rent/help/", {**form, **month_parts("to_month", months.after(this))})
        row = Reduction.objects.get()
        assert (row.reason, row.to_month) == ("住院两个月", months.after(this))
        assert "减免核对中" in text(client.get("/my/rent/"))

    def test_the_page_takes_the_same_queries_for_many_months(self, client):
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        lease = tenancies.lease()
        tenant(client, lease)
        counts = []
        for number in (1, 6):
            make.billed(number)
            make.paid(lease, "10")
            client.get("/my/rent/")
            with CaptureQueriesContext(connection) as queries:
                client.get("/my/rent/")
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 25

    def test_my_page_leads_there_from_a_closed_case(self, client):
        lease = tenancies.lease()
        assert lease.application.state == application_states.CLOSED
        tenant(client, lease)
        assert 'href="/my/rent/"' in text(client.get("/my/"))


class TestOperator:
    @pytest.fixture
    def by(self, client):
        staff = make.operator()
        client.force_login(staff.user)
        return staff

    def test_arrears_contact_and_instalments(self, client, by):
        lease = tenancies.lease(rent="100.00")
        make.billed(4)
        page = text(client.get("/operator/rent/"))
        assert lease.number in page and "还没有联系" in page
        home = reverse("operator_rent_home", args=[lease.pk])
        form = {"step": "contact", "way": "phone", "reached": "no", "helps": ["instalments"]}
        wrong = client.post(home, form)
        assert wrong.status_code == 422 and "无人接听" in text(wrong)
        assert client.post(home, {**form, "words": "无人接听"}).status_code == 302
        first = clock.today() + timedelta(days=9)
        parts = {
            "step": "parts", "parts": "3", "first_due_year": first.year,
            "first_due_month": first.month, "first_due_day": first.day,
        }  # fmt: skip
        assert client.post(home, parts).status_code == 302
        page = text(client.get("/operator/rent/"))
        assert "没有联系上" in page and "分期待确认" in page

    def test_a_household_without_a_phone_agrees_on_paper(self, client, by):
        lease = tenancies.lease(rent="100.00")
        make.billed(4)
        home = reverse("operator_rent_home", args=[lease.pk])
        assert client.post(home, {"step": "agreed", "signed": "on"}).status_code == 422
        row = arrears.propose(lease, parts=2, first_due=clock.today() + timedelta(days=9), by=by)
        assert client.post(home, {"step": "agreed"}).status_code == 422
        assert client.post(home, {"step": "nonsense"}).status_code == 200
        assert client.post(home, {"step": "agreed", "signed": "on"}).status_code == 302
        row.refresh_from_db()
        assert row.state == states.G_AGREED
        assert Notice.objects.filter(code="rent_instalments_agreed").exists()

    def test_it_sees_sums_and_never_tier_reason_or_words_of_the_household(self, client, by):
        lease = tenancies.lease(rent="962.50", tier="ZPX")
        first = make.billed(4)[0]
        user = accounts.citizen().user
        asked = reductions.ask(
            lease, from_month=first, to_month=clock.today(), reason="肾病住院", by=user
        )
        centre = accounts.staff(Role.DISTRICT)
        half = Decimal("0.5")
        reductions.grant(asked, by=centre, source="困难家庭减免办法", words="因病减半", share=half)
        rent_terms.change(
            lease, from_month=clock.today(), rent=Decimal("275.00"), tier="DB",
            reason="低保核定", by=centre.user,
        )  # fmt: skip
        pages = text(client.get("/operator/rent/"))
        pages += text(client.get(reverse("operator_rent_home", args=[lease.pk])))
        for hidden in ("肾病", "困难家庭", "因病", "低保", "ZPX", "DB<", "减免5", "70.0%"):
            assert hidden not in pages, hidden
        applicant = lease.application.applicant
        assert applicant.name not in pages and applicant.id_number not in pages
        look = AuditEntry.objects.filter(verb="looked", purpose="租金联系").get()
        assert look.subjects == [applicant.id_index]
        for address in ("/office/rent/", reverse("office_rent_lease", args=[lease.pk])):
            assert client.get(address).status_code == 403

    def test_a_file_from_upload_to_reconciliation(self, client, by):
        lease = tenancies.lease()
        content = make.content(make.line("100.10", lease.number), make.line("5", "?"))

        def upload(content):
            return client.post(
                "/operator/rent/files/", {"file": SimpleUploadedFile("六月.csv", content)}
            )

        bad = upload(make.content(make.line("x", "")))
        page = text(client.get(bad.url))
        assert "一笔都没有入账" in page and "137.50" in page and "第" not in page.split("<table")[0]
        address = upload(content).url
        page = text(client.get(address))
        assert "有1笔认不出" in page and lease.number in page
        client.post(address, {"step": "take_in"})
        assert RentPayment.objects.count() == 2
        again = upload(content)
        assert again.status_code == 422 and "不会计第二次" in text(again)
        wrong = client.post(address, {"step": "reconcile", "bank_total": "105"})
        assert wrong.status_code == 422 and "0.10元" in text(wrong)
        assert client.post(address, {"step": "undo", "reason": ""}).status_code == 422
        client.post(address, {"step": "reconcile", "bank_total": "105.10"})
        (row,) = BankFile.objects.exclude(imported_at=None)
        assert row.state == states.B_RECONCILED

    def test_a_waiting_payment_is_put_to_a_lease_by_its_number(self, client, by):
        lease = tenancies.lease()
        make.imported(make.line("5", "房租"), by=by)
        payment = payments.suspense().get()
        assert "房租" in text(client.get("/operator/rent/waiting/"))
        match = reverse("operator_rent_match", args=[payment.pk])
        assert client.post(match, {"number": "NOPE"}).status_code == 422
        client.post(match, {"number": f" {lease.number.lower()} "})
        assert rent_account.of([lease])[lease.pk].balance == Decimal("-5.00")
        assert "没有待认领" in text(client.get("/operator/rent/waiting/"))

    def test_the_template_is_a_workbook_and_an_empty_list_is_a_page(self, client, by):
        assert client.get("/operator/rent/files/layout.xlsx").content.startswith(b"PK")
        assert "没有过期的租金" in text(client.get("/operator/rent/"))


class TestOffice:
    def test_totals_by_month_and_estate_lead_to_the_household(self, client):
        lease, other = tenancies.lease(rent="100.00"), tenancies.lease(rent="50.05")
        before, _this = make.billed(2)
        make.paid(lease, "30", day=clock.today())
        client.force_login(accounts.staff(Role.LEADER).user)
        page = text(client.get("/office/rent/"))
        assert "150.05元" in page and "30.00元" in page and "已结" in page
        assert "等人决定" not in page
        homes = text(client.get(f"/office/rent/homes/?month={before:%Y-%m}&estate=TEST-EST"))
        assert "170.00元" in homes and other.number in homes
        detail = client.get(reverse("office_rent_lease", args=[lease.pk]))
        assert "写一行更正" not in text(detail)
        assert AuditEntry.objects.filter(verb="looked", purpose="租金核对").count() == 1
        assert client.get("/office/rent/?month=nonsense").status_code == 404

    def test_a_person_corrects_changes_decides_and_settles(self, client):
        lease = tenancies.lease(rent="100.00")
        this = make.billed(8)[-1]
        before = rent_account.of([lease])[lease.pk].balance
        arrears.raise_flags()
        row = reductions.ask(
            lease, from_month=this, to_month=this, reason="失业", by=accounts.citizen().user
        )
        client.force_login(accounts.staff(Role.DISTRICT).user)
        page = text(client.get("/office/rent/"))
        assert "请人核对" in page and "申请租金减免" in page
        home = reverse("office_rent_lease", args=[lease.pk])
        form = {"step": "correct", "c-amount": "-10", "c-words": "水损"}
        assert client.post(home, form).status_code == 422
        client.post(home, {**form, **month_parts("month", this, "c-")})
        term = {"step": "term", "t-rent": "90", "t-reason": "复核", **month_parts("from_month", this, "t-")}  # fmt: skip # noqa: E501
        assert client.post(home, term).status_code == 302
        decide = reverse("office_rent_decide", args=[row.pk])
        months_ = {**month_parts("from_month", this), **month_parts("to_month", this)}
        wrong = client.post(decide, {"step": "grant", "share": "50", "words": "x", **months_})
        assert wrong.status_code == 422 and "政策依据" in text(wrong)
        client.post(decide, {"step": "grant", "share": "50", "source": "办法", "words": "x", **months_})  # fmt: skip # noqa: E501
        flag = reverse("office_rent_flag", args=[ArrearsFlag.objects.get().pk])
        assert "不会因此终止租约" in text(client.get(flag))
        client.post(flag, {"words": "商量分期"})
        assert ArrearsFlag.objects.get().state == states.F_SETTLED
        # ten taken off by hand, ten by the new rent, half of ninety by the decision
        assert before - rent_account.of([lease])[lease.pk].balance == Decimal("65.00")
        assert "等人决定" not in text(client.get("/office/rent/"))

    def test_a_request_made_at_the_window_is_decided_by_a_colleague(self, client):
        lease = tenancies.lease()
        this = months.first(clock.today())
        client.force_login(accounts.staff(Role.DISTRICT).user)
        home = reverse("office_rent_lease", args=[lease.pk])
        form = {"step": "ask", "a-reason": "失业", **month_parts("from_month", this, "a-")}
        assert client.post(home, form).status_code == 422
        client.post(home, {**form, **month_parts("to_month", this, "a-")})
        row = Reduction.objects.get()
        assert "另一位同事" in text(client.get(reverse("office_rent_decide", args=[row.pk])))
        client.force_login(accounts.staff(Role.DISTRICT).user)
        assert "批准减免" in text(client.get(reverse("office_rent_decide", args=[row.pk])))

    def test_a_leader_looks_and_does_not_act(self, client):
        lease = tenancies.lease()
        this = make.billed(1)[0]
        client.force_login(accounts.staff(Role.LEADER).user)
        home = reverse("office_rent_lease", args=[lease.pk])
        form = {"step": "correct", "c-amount": "5", "c-words": "x", **month_parts("month", this, "c-")}  # fmt: skip # noqa: E501
        assert client.post(home, form).status_code == 403
        assert rent_account.of([lease])[lease.pk].balance == lease.rent_monthly
