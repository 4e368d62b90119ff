"""主动救助 and 退回待认领: what staff noted about a rent leads to somebody, and a mistake back."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.roles import Role
from allocation import aid, arrears, payments, rent_account, states
from allocation.models import AidReferral, Reduction, RentPayment
from applications import periods
from applications.models import StaffNotice
from core import clock
from core.models import AuditEntry, Notice
from tests.factories import accounts, tenancies
from tests.factories import rents as make

pytestmark = pytest.mark.django_db
Outcome = AidReferral.Outcome


def street(lease):
    """Somebody of the street that the household's case belongs to."""
    return accounts.staff(Role.STREET, bureau=lease.application.street)


def referred(lease=None):
    lease = lease or tenancies.lease(2)
    arrears.note_contact(
        lease, way="phone", reached=True, words="失业在家。", helps=["aid"], by=make.operator()
    )
    return AidReferral.objects.get(lease=lease)


class TestAid:
    def test_what_was_noted_at_the_door_is_a_to_do_of_the_street_with_a_day(self):
        lease = tenancies.lease(2)
        clerk = street(lease)
        row = referred(lease)
        assert row.due_on == periods.of("aid_contact").after(clock.today())
        assert list(aid.of_street(clerk)) == [row]
        assert StaffNotice.objects.get(staff=clerk).kind == "aid"
        told = Notice.objects.get(person_index=lease.application.applicant.id_index)
        assert row.street.name in told.text and "居住不受影响" in told.text

    def test_a_second_contact_asks_the_street_once(self):
        lease = tenancies.lease()
        assert referred(lease) == referred(lease)
        assert Notice.objects.filter(code="rent_aid").count() == 1

    def test_the_database_keeps_one_open_and_no_end_without_a_person(self):
        row = referred()
        with pytest.raises(IntegrityError), transaction.atomic():
            AidReferral.objects.create(
                lease=row.lease, street=row.street, contact=row.contact, asked_by=row.asked_by,
                state_since=row.asked_at, asked_at=row.asked_at, due_on=row.due_on,
            )  # fmt: skip
        with pytest.raises(IntegrityError), transaction.atomic():
            AidReferral.objects.filter(pk=row.pk).update(state=states.A_DONE)

    def test_the_street_says_what_came_of_it_and_nothing_else_follows(self):
        row = referred()
        before = (row.lease.state, row.lease.grants.get(member__is_applicant=True).state)
        done = aid.settle(row, by=street(row.lease), outcome=Outcome.AID, words="已申请低保。")
        row.lease.refresh_from_db()
        assert done.state == states.A_DONE and not Reduction.objects.exists()
        assert (row.lease.state, row.lease.grants.get(member__is_applicant=True).state) == before
        with pytest.raises(aid.AidRefused, match="已经联系过"):
            aid.settle(row, by=street(row.lease), outcome=Outcome.AID, words="再来")

    def test_a_reduction_is_asked_for_and_decided_by_somebody_else(self):
        row = referred()
        clerk = street(row.lease)
        aid.settle(row, by=clerk, outcome=Outcome.REDUCTION, words="上月失业。")
        asked = Reduction.objects.get(lease=row.lease)
        assert asked.state == states.D_ASKED and asked.asked_staff == clerk

    def test_another_street_an_empty_word_and_ones_own_family_are_refused(self):
        row = referred()
        other = accounts.staff(Role.STREET, bureau=accounts.another_street(row.street))
        with pytest.raises(aid.AidRefused, match="办理"):
            aid.settle(row, by=other, outcome=Outcome.OTHER, words="好")
        with pytest.raises(aid.AidRefused) as refused:
            aid.settle(row, by=street(row.lease), outcome=Outcome.OTHER, words=" ")
        assert refused.value.field == "words"
        row.refresh_from_db()
        assert row.state == states.A_OPEN

    def test_pages_show_it_to_street_and_household_and_no_outcome_to_the_company(self, client):
        lease = tenancies.lease(2)
        clerk, row = street(lease), referred(lease)
        client.force_login(clerk.user)
        assert "去联系" in client.get("/review/aid/").content.decode()
        wrong = client.post(f"/review/aid/{row.pk}/", {"outcome": "", "words": ""})
        assert wrong.status_code == 422
        path = client.post(f"/review/messages/{StaffNotice.objects.get(staff=clerk).pk}/").url
        assert path == f"/review/aid/{row.pk}/"
        answer = client.post(path, {"outcome": "other", "words": "家里有病人，已联系慈善会。"})
        assert answer.status_code == 302
        assert "其他办法" in client.get("/review/aid/").content.decode()
        client.force_login(make.operator().user)
        page = client.get(reverse("operator_rent_home", args=[row.lease_id])).content.decode()
        assert row.street.name in page and "病人" not in page and "其他办法" not in page
        client.force_login(accounts.staff(Role.DISTRICT).user)
        page = client.get(reverse("office_rent_lease", args=[row.lease_id])).content.decode()
        assert "病人" in page

    def test_a_longer_list_takes_no_more_queries(self, client):
        row = referred()
        client.force_login(street(row.lease).user)
        client.get("/review/aid/")
        counts = []
        for _n in range(2):
            with CaptureQueriesContext(connection) as queries:
                client.get("/review/aid/")
            counts.append(len(queries))
            for _m in range(3):
                lease = tenancies.lease()
                lease.application.street = row.street
                lease.application.save(update_fields=["street"])
                referred(lease)
        assert counts[0] == counts[1]


class TestRelease:
    def wrong(self):
        """A payment that stands with the wrong household."""
        lease = tenancies.lease(rent="100.00")
        make.billed(3)
        make.paid(lease, "150")
        return lease, RentPayment.objects.get(lease=lease)

    def test_the_page_shows_both_sums_before_anything_is_done(self, client):
        lease, row = self.wrong()
        client.force_login(make.operator().user)
        page = client.get(reverse("rent_payment", args=[row.pk]))
        found = {label: (now, then) for label, now, then in page.context["preview"]}
        assert found["已付"] == (Decimal(150), Decimal(0))
        now, then = found["过期金额"]
        assert then - now == 150
        assert rent_account.of([lease])[lease.pk].paid == 150
        looked = AuditEntry.objects.filter(verb="looked").latest("pk")
        assert looked.case_no == lease.case_no

    def test_it_goes_back_with_a_reason_and_may_be_put_to_the_same_household_again(self, client):
        lease, row = self.wrong()
        client.force_login(make.operator().user)
        path = reverse("rent_payment", args=[row.pk])
        assert client.post(path, {"reason": " "}).status_code == 422
        answer = client.post(path, {"reason": "附言写错了合同编号"})
        assert list(payments.suspense()) == [row]
        page = client.get(answer.url)
        assert page.context["form"]["number"].value() == lease.number  # the way back is at hand
        client.post(answer.url, {"number": lease.number})
        row.refresh_from_db()
        assert row.lease == lease
        assert client.get(path).status_code == 200

    def test_the_office_may_do_it_too_and_nobody_for_their_own_family(self, client):
        lease, row = self.wrong()
        centre = accounts.staff(Role.DISTRICT)
        client.force_login(centre.user)
        home = reverse("office_rent_lease", args=[lease.pk])
        assert reverse("rent_payment", args=[row.pk]) in client.get(home).content.decode()
        answer = client.post(reverse("rent_payment", args=[row.pk]), {"reason": "记错"})
        assert answer.url == home
        assert payments.why_not_release(RentPayment.objects.get(pk=row.pk), centre)

    def test_money_that_stands_with_nobody_has_no_such_page(self, client):
        make.imported(make.line("88", "没有编号"))
        row = RentPayment.objects.get()
        client.force_login(make.operator().user)
        assert client.get(reverse("rent_payment", args=[row.pk])).status_code == 404


def test_days_that_pass_without_a_call_are_a_risk_of_the_day(client):
    row = referred()
    make.imported(make.line("88", "没有编号"))
    client.force_login(accounts.staff(Role.ADMIN).user)
    clock.advance(timedelta(days=(row.due_on - clock.today()).days + 1))
    page = client.get("/office/")
    risks = {str(one.title): one.number for one in page.context["risks"]}
    assert risks["街道还没有联系的欠租家庭"] == 1 and risks["待认领的款"] == 1


def test_arrears_at_the_line_and_reductions_asked_for_are_decisions_of_the_day(client):
    lease = tenancies.lease()
    make.billed(8)
    arrears.raise_flags()
    aid.settle(referred(lease), by=street(lease), outcome=Outcome.REDUCTION, words="失业。")
    client.force_login(accounts.staff(Role.ADMIN).user)
    waiting = {str(one.title): one for one in client.get("/office/").context["decisions"]}
    assert waiting["累计欠租待核对"].number == 1 and waiting["租金减免待决定"].number == 1
    assert waiting["累计欠租待核对"].href == "/office/rent/"
