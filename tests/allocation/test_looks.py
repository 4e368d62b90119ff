"""Every page about a household that holds or is offered a home says in the audit who read it."""

import pytest

from accounts.roles import Role
from allocation import (
    arrears,
    intentions,
    months,
    reductions,
    repairs,
    spare_keys,
)
from allocation.leases import changing
from allocation.models import ArrearsFlag, RentPayment, ReReview
from core import clock
from core.models import AuditEntry
from tests.allocation.test_movein_pages import dead
from tests.factories import accounts, declining, rents, tenancies
from tests.factories import allocation as make
from tests.factories import leases as make_lease

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("checked")]


def lease_of(address: str, role: str = Role.OPERATOR):
    def one():
        lease = tenancies.lease(2)
        path = address.format(pk=lease.pk, number=lease.number)
        return path, accounts.staff(role), lease.application

    return one


def a_repair():
    lease = tenancies.lease(2)
    made = repairs.report(lease, by=lease.application.created_by, matter="gas", text="有味道")
    return f"/operator/repairs/{made.pk}/", accounts.staff(Role.OPERATOR), lease.application


def a_spare_card():
    lease, by = tenancies.lease(2), accounts.staff(Role.OPERATOR)
    applicants = lease.grants.get(member=lease.application.applicant)
    card = spare_keys.issue_card(applicants, by=by, number="C1", reason="丢了")
    return f"/operator/spare/{card.pk}/", by, lease.application


def a_dead_letter():
    lease = tenancies.lease(2)
    push = dead(lease)
    return f"/operator/messages/{push.pk}/", accounts.staff(Role.OPERATOR), lease.application


def a_text_of_a_lease():
    lease, by = make_lease.running(2), make_lease.officer()
    month = months.first(clock.today())
    text = changing.change_rent(lease, "DB", months.after(month), by=by)
    return f"/office/leases/text/{text.pk}.pdf", by, lease.application


def a_flag():
    lease = tenancies.lease(2)
    rents.billed(7)
    arrears.raise_flags()
    flag = ArrearsFlag.objects.get(lease=lease)
    return f"/office/rent/flag/{flag.pk}/", declining.district(), lease.application


def a_reduction():
    lease, this = tenancies.lease(2), months.first(clock.today())
    by = accounts.citizen().user
    asked = reductions.ask(lease, from_month=this, to_month=this, reason="住院", by=by)
    return f"/office/rent/reduction/{asked.pk}/", declining.district(), lease.application


def a_payment():
    lease = tenancies.lease(2)
    rents.paid(lease, "100")
    row = RentPayment.objects.get(lease=lease)
    return f"/operator/rent/payment/{row.pk}/", rents.operator(), lease.application


def an_aid_referral():
    lease = tenancies.lease(2)
    arrears.note_contact(
        lease, way="phone", reached=True, words="", helps=["aid"], by=rents.operator()
    )
    row = lease.aid_referrals.get()
    reader = accounts.staff(Role.STREET, bureau=row.street)
    return f"/review/aid/{row.pk}/", reader, lease.application


def a_call():
    offer = make.opened(make.revealed(1, 1))
    return f"/office/declines/calls/{offer.pk}/", declining.district(), offer.entrant.application


def a_cause_to_note():
    offer = declining.declined()
    address = f"/office/declines/{offer.pk}/cause/"
    return address, declining.district(), offer.entrant.application


def a_cause():
    cause = declining.declined(cause=declining.ILL).cause
    address = f"/office/declines/causes/{cause.pk}/"
    return address, declining.district(), cause.offer.entrant.application


def a_ban():
    row = declining.proposal()
    return f"/office/declines/bans/{row.pk}/", declining.district(), row.application


def a_check_before_allotment():
    round_ = make.planned(0, 1)
    household = make.waiting()
    intentions.register(
        household, round_, by=household.created_by, preferences=[], any_estate=True,
        needs_accessible=False,
    )  # fmt: skip
    check = ReReview.objects.get(round=round_)
    address = f"/office/rounds/{round_.code}/checks/{check.pk}/"
    return address, make.administrator(), check.application


FILES = {
    "/office/leases/<str:number>/": lease_of("/office/leases/{number}/", Role.DISTRICT),
    "/office/leases/text/<int:pk>.pdf": a_text_of_a_lease,
    "/office/rent/lease/<int:pk>/": lease_of("/office/rent/lease/{pk}/", Role.DISTRICT),
    "/office/rent/flag/<int:pk>/": a_flag,
    "/office/rent/reduction/<int:pk>/": a_reduction,
    "/office/declines/calls/<int:pk>/": a_call,
    "/office/declines/<int:pk>/cause/": a_cause_to_note,
    "/office/declines/causes/<int:pk>/": a_cause,
    "/office/declines/bans/<int:pk>/": a_ban,
    "/office/rounds/<str:code>/checks/<int:pk>/": a_check_before_allotment,
    "/operator/access/<slug:number>/": lease_of("/operator/access/{number}/"),
    "/operator/handover/<slug:kind>/<slug:number>/": lease_of("/operator/handover/in/{number}/"),
    "/operator/rent/home/<int:pk>/": lease_of("/operator/rent/home/{pk}/"),
    "/operator/rent/payment/<int:pk>/": a_payment,
    "/review/aid/<int:pk>/": an_aid_referral,
    "/operator/repairs/<int:pk>/": a_repair,
    "/operator/spare/<int:pk>/": a_spare_card,
    "/operator/messages/<int:pk>/": a_dead_letter,
}


@pytest.mark.parametrize("path", FILES)
def test_reading_it_is_recorded_with_a_purpose_and_the_household(client, path):
    address, reader, case = FILES[path]()
    client.force_login(reader.user)
    before = AuditEntry.objects.filter(verb="looked").count()
    assert client.get(address).status_code == 200
    entries = AuditEntry.objects.filter(verb="looked").order_by("pk")
    assert entries.count() > before
    last = entries.last()
    assert last.actor_id == reader.user.pk and last.purpose.strip()
    assert last.case_no == case.case_no
    assert case.applicant.id_index in last.subjects
