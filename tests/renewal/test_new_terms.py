"""The changed lane: another tier, told with its sum, agreed to, objected to, computed again."""

from decimal import Decimal

import pytest
from django.db import IntegrityError, transaction
from django.urls import reverse

from accounts.roles import Role
from allocation import months
from allocation import states as allocation_states
from core import clock
from core.models import Notice
from renewal import new_terms, recheck, states
from renewal.models import TermsNotice
from tests.factories import accounts
from tests.renewal import household

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("morning")]
morning = household.morning
NEXT = months.after


def in_the_changed_lane(registers, households, *, tier="DSR"):
    """H02 is found to be 低保; its lease says another tier."""
    lease, day = household.housed(registers, households, "H02", tier=tier)
    return household.rechecked(lease, day)


def dearer(registers, households, monkeypatch=None):
    """A household whose lease is cheaper than what the re-check finds."""
    lease, day = household.housed(registers, households, "H02", tier="TK")
    lease.rent_monthly = Decimal("55.00")
    lease.save(update_fields=["rent_monthly"])
    return household.rechecked(lease, day)


def settled(row, by=None):
    recheck.settle_by_hand(row, by=(by or accounts.staff(Role.ADMIN)).user, note="已核实")
    row.refresh_from_db()
    return row.terms


def test_the_letter_shows_both_sums_and_the_month(client, registers, households):
    row = in_the_changed_lane(registers, households)
    notice = settled(row)
    assert row.state == states.K_SETTLED
    assert (notice.tier_old, notice.tier_new) == ("DSR", "DB")
    assert (notice.rent_old, notice.rent_new) == (Decimal("962.50"), Decimal("137.50"))
    assert notice.sum_new["monthly"] == "137.50"
    applicant = row.lease.application.applicant
    client.force_login(accounts.citizen(name=applicant.name, number=applicant.id_number).user)
    html = client.get("/my/recheck/terms/").content.decode()
    assert "137.50" in html and "962.50" in html and "新的月租怎么算" in html
    assert Notice.objects.filter(code="recheck_terms").count() == 1
    assert reverse("my_recheck_terms") in client.get("/my/recheck/").content.decode()


def test_a_rise_holds_from_the_next_month_at_the_earliest_and_is_to_be_agreed_to(
    registers, households
):
    row = dearer(registers, households)
    today, lease = clock.today(), row.lease
    notice = settled(row)
    first = NEXT(months.first(today))
    assert notice.from_month == first
    assert lease.agreed(today)[1] == Decimal("55.00")
    assert lease.agreed(first) == ("DB", Decimal("137.50"))
    assert notice.text.state == allocation_states.T_TO_SIGN
    assert notice.text.content["facts"]["rent"]["monthly"] == "137.50"


def test_an_objection_lets_a_rise_wait_and_another_person_computes_it(registers, households):
    row = dearer(registers, households)
    first_person = accounts.staff(Role.ADMIN)
    notice = settled(row, first_person)
    first = notice.from_month
    with pytest.raises(new_terms.TermsRefused):
        new_terms.object_to(notice, text=" ", by=accounts.citizen().user)
    notice = new_terms.object_to(notice, text="收入没有变", by=accounts.citizen().user)
    assert row.lease.agreed(first) == ("TK", Decimal("55.00"))
    with pytest.raises(new_terms.TermsRefused, match="另一位"):
        new_terms.compute_again(notice, tier="DB", by=first_person, answer="重算")
    other = accounts.staff(Role.DISTRICT)
    notice = new_terms.compute_again(notice, tier="DB", by=other, answer="民政登记为低保")
    assert notice.outcome == TermsNotice.Outcome.UPHELD
    assert row.lease.agreed(first) == ("DB", Decimal("137.50"))
    with pytest.raises(new_terms.TermsRefused):
        new_terms.object_to(notice, text="再来一次", by=accounts.citizen().user)


def test_a_corrected_sum_replaces_the_agreement_that_was_not_signed(registers, households):
    row = dearer(registers, households)
    notice = settled(row)
    before = notice.text
    notice = new_terms.object_to(notice, text="我家是特困", by=accounts.citizen().user)
    by = accounts.staff(Role.DISTRICT)
    notice = new_terms.compute_again(notice, tier="DBBY", by=by, answer="核对后为低保边缘")
    before.refresh_from_db()
    assert notice.outcome == TermsNotice.Outcome.CORRECTED
    assert before.state == allocation_states.T_WITHDRAWN
    assert notice.text is not None and notice.text.pk != before.pk
    tier, rent = row.lease.agreed(notice.from_month)
    assert (tier, rent) == ("DBBY", notice.rent_final)


def test_the_same_person_cannot_be_both_even_in_the_database(registers, households):
    notice = settled(dearer(registers, households))
    now = clock.now()
    with pytest.raises(IntegrityError, match="by_another"), transaction.atomic():
        TermsNotice.objects.filter(pk=notice.pk).update(
            objected_at=now, answered_at=now, answered_by=notice.made_by, outcome="upheld",
            rent_final=notice.rent_new,
        )  # fmt: skip


@pytest.mark.parametrize(
    ("home", "allowed", "fit"),
    [
        ("2R", ["2R"], "fits"), ("1R", ["2R"], "crowded"), ("3R", ["1R", "2R"], "roomy"),
        ("2R", [], "unknown"),
    ],
)  # fmt: skip
def test_a_home_that_is_too_small_or_too_large_is_said_and_nobody_has_to_move(home, allowed, fit):
    from allocation.models import Home

    assert new_terms.fit_of(Home(unit_type=home), {"unit_types": allowed}) == fit
