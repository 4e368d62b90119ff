"""Households are drawn so that it can be repeated, told before, and found guilty of nothing."""

from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.roles import Role
from core import clock
from core.models import Notice
from core.refusals import Refusal
from renewal import violation_states as states
from renewal.models import Inspection, InspectionPhoto, InspectionVisit, Violation
from renewal.occupancy import photos, planning, visiting
from tests.applications.test_materials import photo
from tests.factories import accounts, tenancies
from tests.factories import violations as make

pytestmark = pytest.mark.django_db


@pytest.fixture
def officer():
    return make.officer()


def test_a_draw_can_be_repeated_from_its_seed_and_its_pool(officer):
    leases = [tenancies.lease(1) for _ in range(6)]
    made = planning.draw(size=2, by=officer, seed="a seed")
    chosen = sorted(made.inspections.values_list("lease__number", flat=True))
    assert made.pool == sorted(one.number for one in leases)
    assert chosen == sorted(planning.drawn(made.pool, seed="a seed", size=2))
    assert planning.drawn(reversed(made.pool), seed="a seed", size=2) == planning.drawn(
        made.pool, seed="a seed", size=2
    )
    # who is to be visited already is not drawn again, and every draw has a seed of its own
    again = planning.draw(size=100, by=officer)
    assert again.size == 4 and again.seed != made.seed and not set(again.pool) & set(chosen)


def test_only_the_district_draws_and_only_the_own_street_visits():
    lease = tenancies.lease(1)
    street = accounts.staff(Role.STREET, bureau=lease.application.street)
    other = accounts.staff(Role.STREET, bureau=accounts.another_street(lease.application.street))
    with pytest.raises(planning.InspectionRefused):
        planning.draw(size=1, by=street)
    row = make.announced(lease)
    assert planning.why_not_visit(row, street) == ""
    assert planning.why_not_visit(row, other)
    assert planning.why_not_visit(row, accounts.staff(Role.OPERATOR))


def test_the_household_is_told_before_anybody_comes(officer):
    row = planning.plan(tenancies.lease(1), reason="complaint", words="看住着谁", by=officer)
    with pytest.raises(visiting.VisitRefused):
        visiting.record(row, by=officer, key=uuid4(), told=visiting.Told(**make.WELL))
    first = planning.earliest(clock.today())
    with pytest.raises(planning.InspectionRefused):
        planning.announce(row, on=first - timedelta(days=1), part="morning", by=officer)
    assert not Notice.objects.exists()
    row = planning.announce(row, on=first, part="morning", by=officer)
    assert Notice.objects.get().code == "inspection_notice"
    with pytest.raises(visiting.VisitRefused):  # not before the day
        visiting.record(row, by=officer, key=uuid4(), told=visiting.Told(**make.WELL))
    assert not InspectionVisit.objects.exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        Inspection.objects.filter(pk=row.pk).update(announced_at=None)


def test_nobody_at_home_is_an_attempt_and_never_a_finding(officer):
    row = make.announced(by=officer)
    visit = make.visited(row, by=officer, **make.NOBODY)
    row.refresh_from_db()
    assert visit.attempt == 1 and visit.looks == {} and row.state == states.N_ANNOUNCED
    assert not Violation.objects.exists()
    assert Notice.objects.filter(code="inspection_not_met").count() == 1
    # another day is agreed on, and the second attempt is counted
    with make.on(row.on, 15):
        row = planning.announce(
            row, on=planning.earliest(clock.today()), part="evening", by=officer
        )
    assert make.visited(row, by=officer, **make.NOBODY).attempt == 2
    with pytest.raises(IntegrityError), transaction.atomic():
        InspectionVisit.objects.filter(pk=visit.pk).update(signed="refused")


def test_a_record_says_of_every_kind_whether_it_was_seen(officer):
    row = make.announced(by=officer)
    some = {**make.WELL, "looks": {"sublet": "not_seen"}}
    for told, field in (
        (some, "lent"),
        ({**make.sees("sublet"), "facts": " "}, "facts"),
        ({**make.WELL, "companion": officer.name}, "companion"),
        ({**make.WELL, "living": ""}, "living"),
        ({**make.WELL, "signed": ""}, "signed"),
        ({**make.WELL, "signature": ""}, "signature"),
    ):
        with pytest.raises(visiting.VisitRefused) as refused:
            make.visited(row, by=officer, **told)
        assert refused.value.field == field
    refused_to_sign = {**make.WELL, "signed": "refused", "signature": ""}
    assert make.visited(row, by=officer, **refused_to_sign).signed == "refused"
    row.refresh_from_db()
    assert row.state == states.N_DONE


def test_a_form_that_is_sent_twice_is_one_visit(officer):
    row, key = make.announced(by=officer), uuid4()
    told = visiting.Told(**make.WELL)
    with make.on(row.on):
        first = visiting.record(row, by=officer, key=key, told=told)
        assert visiting.record(row, by=officer, key=key, told=told) == first
        with pytest.raises(Refusal):
            visiting.record(row, by=officer, key=uuid4(), told=told)


def test_what_was_seen_changes_nothing_until_a_person_notes_it(officer):
    visit = make.visited(make.announced(by=officer), by=officer, **make.sees("sublet"))
    assert visiting.seen(visit) == ["sublet"] and not Violation.objects.exists()


def test_photos_go_through_the_pipeline_once_and_the_household_may_see_them(
    client, officer, settings, tmp_path
):
    settings.MEDIA_ROOT = tmp_path / "papers"
    visit = make.visited(make.announced(by=officer), by=officer)
    content = photo()
    made = photos.add(visit, content, by=officer.user)
    assert photos.add(visit, content, by=officer.user) == made
    photos.scan_waiting()
    InspectionPhoto.objects.update(raw="")
    page = reverse("inspection_photo", args=[made.pk])
    tenant = visit.inspection.lease.application.applicant
    owner = accounts.citizen(name=tenant.name, number=tenant.id_number)
    client.force_login(owner.user)
    assert client.get(page)["Content-Type"] == "image/jpeg"
    client.force_login(accounts.citizen().user)
    assert client.get(page).status_code == 404
    client.force_login(accounts.staff(Role.OPERATOR).user)
    assert client.get(page).status_code in (403, 404)
