"""欠租、减免、分期、提醒: a machine flags and reminds, people decide, nothing ends."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.roles import Role
from allocation import (
    arrears,
    billing,
    months,
    payments,
    reductions,
    rent_account,
    rent_reminders,
    states,
    tasks_rent,
)
from allocation.models import AccessGrant, ArrearsFlag, Reduction, RentCharge, RentReminder
from applications.models import Benefit
from core import clock
from core.models import Notice, OutboxMessage
from tests.factories import accounts, tenancies
from tests.factories import rents as make

pytestmark = pytest.mark.django_db
CENTRE = Role.DISTRICT


def centre():
    return accounts.staff(CENTRE)


def account(lease):
    return rent_account.of([lease])[lease.pk]


def asked(lease, first=None, last=None):
    this = months.first(clock.today())
    by = accounts.citizen().user
    return reductions.ask(
        lease, from_month=first or this, to_month=last or this, reason="住院", by=by
    )


class TestOwing:
    def test_months_and_sum_are_those_whose_day_is_over(self):
        lease, fine = tenancies.lease(rent="100.00"), tenancies.lease(rent="100.00")
        make.billed(4)
        make.paid(fine, "400")
        make.paid(lease, "30")
        (one,) = arrears.owing()
        today = clock.today()
        over = 3 + (account(lease).spread.items[-1].due_on < today)
        assert (one.lease, one.months) == (lease, over - 1)  # the month paid in part counts not
        assert one.amount == 100 * over - 30 and not one.at_the_line
        assert one.since == months.after(today, -3)

    def test_it_takes_the_same_queries_for_many(self):
        counts = []
        for _n in (1, 4):
            for _m in range(_n):
                tenancies.lease()
            make.billed(3)
            with CaptureQueriesContext(connection) as queries:
                arrears.owing()
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 3


class TestFlag:
    def test_six_months_flag_for_a_person_and_end_nothing(self):
        lease, short = tenancies.lease(), tenancies.lease()
        make.billed(8)
        make.paid(short, str(lease.rent_monthly * 4))
        assert arrears.raise_flags() == 1
        assert arrears.raise_flags() == 0
        flag = ArrearsFlag.objects.get()
        assert flag.lease == lease and flag.months >= 7
        lease.refresh_from_db()
        assert lease.state == states.L_FILED
        assert not OutboxMessage.objects.filter(destination="access").exists()
        assert not AccessGrant.objects.filter(state="revoked").exists()
        assert not Benefit.objects.exclude(ended_on=None).exists()

    def test_it_is_cleared_when_the_household_pays(self):
        lease = tenancies.lease()
        make.billed(8)
        arrears.raise_flags()
        make.paid(lease, str(lease.rent_monthly * 8))
        tasks_rent.bill_rents()
        assert ArrearsFlag.objects.get().state == states.F_CLEARED

    def test_a_person_settles_it_with_words_and_it_returns_only_with_another_month(self):
        tenancies.lease()
        make.billed(8)
        arrears.raise_flags()
        flag, by = ArrearsFlag.objects.get(), centre()
        with pytest.raises(arrears.ArrearsRefused, match="怎么帮"):
            arrears.settle_flag(flag, words=" ", by=by)
        flag.refresh_from_db()
        assert flag.state == states.F_RAISED
        arrears.settle_flag(flag, words="失业，已商量分期", by=by)
        assert arrears.raise_flags() == 0
        with pytest.raises(arrears.ArrearsRefused, match="已经有人"):
            arrears.settle_flag(flag, words="再来", by=by)
        clock.advance(timedelta(days=62))
        tasks_rent.bill_rents()
        clock.advance(timedelta(days=31))
        assert arrears.raise_flags() == 1


class TestInstalments:
    def test_they_are_proposed_by_staff_and_count_once_the_household_agrees(self):
        lease, by = tenancies.lease(rent="100.00"), make.operator()
        make.billed(4)
        first = clock.today() + timedelta(days=10)
        made = arrears.propose(lease, parts=3, first_due=first, by=by)
        parts = list(made.instalments.all())
        assert sum(one.amount for one in parts) == made.total == arrears.owing()[0].amount
        assert parts[0].due_on == first
        assert not arrears.is_kept(made, account(lease), clock.today())
        citizen = accounts.citizen().user
        made = arrears.answer(made, agreed=True, by=citizen)
        assert arrears.is_kept(made, account(lease), clock.today())
        assert arrears.answer(made, agreed=True, by=citizen).state == states.G_AGREED
        with pytest.raises(arrears.ArrearsRefused, match="已经答复"):
            arrears.answer(made, agreed=False, by=citizen)
        assert not arrears.is_kept(made, account(lease), first + timedelta(days=1))
        with pytest.raises(arrears.ArrearsRefused, match="为什么"):
            arrears.end_open(lease, by=by, reason=" ")
        assert arrears.end_open(lease, by=by, reason="改了约定").state == states.G_ENDED
        with pytest.raises(arrears.ArrearsRefused, match="没有分期"):
            arrears.end_open(lease, by=by, reason="x")

    def test_they_end_by_themselves_once_everything_is_paid(self):
        lease, by = tenancies.lease(rent="100.00"), make.operator()
        make.billed(4)
        first = clock.today() + timedelta(days=2)
        made = arrears.propose(lease, parts=2, first_due=first, by=by)
        arrears.answer(made, agreed=True, by=accounts.citizen().user)
        make.paid(lease, "1000")
        assert arrears.end_paid() == 0
        clock.advance(timedelta(days=70))
        assert arrears.end_paid() == 1
        made.refresh_from_db()
        assert made.state == states.G_ENDED

    @pytest.mark.parametrize(("parts", "days"), [(1, 5), (25, 5), (3, 0)])
    def test_what_cannot_be_is_refused(self, parts, days):
        lease, by = tenancies.lease(), make.operator()
        make.billed(3)
        first = clock.today() + timedelta(days=days)
        with pytest.raises(arrears.ArrearsRefused):
            arrears.propose(lease, parts=parts, first_due=first, by=by)
        assert not lease.rent_arrangements.exists() and not Notice.objects.exists()

    def test_one_at_a_time_and_only_where_rent_is_overdue(self):
        lease, by = tenancies.lease(), make.operator()
        first = clock.today() + timedelta(days=5)
        with pytest.raises(arrears.ArrearsRefused, match="没有过期"):
            arrears.propose(lease, parts=2, first_due=first, by=by)
        make.billed(3)
        arrears.propose(lease, parts=2, first_due=first, by=by)
        with pytest.raises(arrears.ArrearsRefused, match="已经有一份"):
            arrears.propose(lease, parts=2, first_due=first, by=by)


class TestContacts:
    def test_an_attempt_is_kept_with_the_help_that_was_offered(self):
        lease, by = tenancies.lease(), make.operator()
        with pytest.raises(arrears.ArrearsRefused, match="无人接听"):
            arrears.note_contact(lease, way="phone", reached=False, words="", helps=[], by=by)
        made = arrears.note_contact(
            lease, way="visit", reached=True, words="下月发工资", helps=["recheck"], by=by
        )
        assert list(lease.rent_contacts.all()) == [made] and made.helps == ["recheck"]


class TestReductions:
    def test_a_share_is_taken_off_billed_and_coming_months_and_no_other(self):
        lease, by = tenancies.lease(rent="333.33"), centre()
        first, second = make.billed(2)
        row = asked(lease, second, months.after(second, 1))
        reductions.grant(
            row, by=by, source="区租金减免办法", words="按一半收", share=Decimal("0.5")
        )
        assert account(lease).reduced == Decimal("166.67")
        line = RentCharge.objects.exclude(reduction=None).get()
        assert (line.kind, line.month, line.amount) == ("correction", second, Decimal("-166.67"))
        for _n in range(2):
            clock.advance(timedelta(days=31))
            billing.bill_due()
        lines = RentCharge.objects.filter(kind="reduction")
        assert [(one.month, one.amount) for one in lines] == [
            (months.after(second), Decimal("-166.67"))
        ]
        assert RentCharge.objects.filter(month=first).count() == 1

    def test_it_ends_by_itself_after_its_last_month_and_what_it_took_off_stays(self):
        lease, by = tenancies.lease(rent="100.00"), centre()
        make.billed(1)
        row = reductions.grant(asked(lease), by=by, source="办法", words="x", share=Decimal(1))
        assert reductions.end_over() == 0
        make.go_on()
        tasks_rent.bill_rents()
        row.refresh_from_db()
        assert row.state == states.D_OVER
        assert account(lease).reduced == Decimal("100.00") == account(lease).balance

    def test_together_they_take_no_more_than_the_rent(self):
        lease, by = tenancies.lease(rent="100.00"), centre()
        make.billed(1)
        for amount in ("70", "70"):
            reductions.grant(asked(lease), by=by, source="办法", words="x", amount=Decimal(amount))
        assert account(lease).balance == 0

    @pytest.mark.parametrize(
        ("terms", "why"),
        [
            ({"source": " ", "share": Decimal("0.5")}, "政策依据"),
            ({"share": None}, "只填一项"),
            ({"share": Decimal("0.5"), "amount": Decimal(5)}, "只填一项"),
            ({"share": Decimal("1.5")}, "1%到100%"),
            ({"amount": Decimal(-5)}, "大于0"),
        ],
    )
    def test_what_cannot_be_granted_is_refused_and_changes_nothing(self, terms, why):
        lease = tenancies.lease()
        make.billed(1)
        row = asked(lease)
        with pytest.raises(reductions.ReductionRefused, match=why):
            reductions.grant(row, by=centre(), **{"source": "办法", "words": "x", **terms})
        row.refresh_from_db()
        assert row.state == states.D_ASKED and row.decided_at is None
        assert RentCharge.objects.count() == 1 and not Notice.objects.exists()

    def test_declining_needs_words_that_the_household_reads(self):
        row = asked(tenancies.lease())
        with pytest.raises(reductions.ReductionRefused, match="原因"):
            reductions.decline(row, by=centre(), words="")
        reductions.decline(row, by=centre(), words="收入没有变化")
        assert "收入没有变化" in Notice.objects.get().text
        with pytest.raises(reductions.ReductionRefused, match="已经答复"):
            reductions.decline(row, by=centre(), words="再来")

    def test_one_is_asked_at_a_time_and_by_a_household_in_force(self):
        lease = tenancies.lease()
        asked(lease)
        with pytest.raises(reductions.ReductionRefused, match="等它的结果"):
            asked(lease)
        other = tenancies.lease()
        other.state, other.ended_by, other.ended_at = states.L_ENDED, "hand_back", clock.now()
        other.save()
        with pytest.raises(reductions.ReductionRefused, match="没有在租"):
            asked(other)

    def test_nobody_decides_on_their_own_household(self):
        lease, by = tenancies.lease(), centre()
        by.id_index = lease.application.applicant.id_index
        by.save()
        with pytest.raises(reductions.ReductionRefused, match="回避"):
            reductions.grant(asked(lease), by=by, source="办法", words="x", share=Decimal(1))

    def test_who_asked_for_the_household_does_not_decide(self):
        lease, by = tenancies.lease(), centre()
        this = months.first(clock.today())
        row = reductions.ask(lease, from_month=this, to_month=this, reason="住院", by=by.user)
        with pytest.raises(reductions.ReductionRefused, match="另一位同事"):
            reductions.grant(row, by=by, source="办法", words="x", share=Decimal(1))
        Reduction.objects.filter(pk=row.pk).update(source="办法", share=1)
        with (
            pytest.raises(IntegrityError, match="reduction_decided_by_another"),
            transaction.atomic(),
        ):
            Reduction.objects.filter(pk=row.pk).update(decided_by=by, decided_at=clock.now())
        reductions.grant(row, by=centre(), source="办法", words="x", share=Decimal(1))


class TestReminders:
    def test_before_the_day_and_once_after_it(self):
        lease = tenancies.lease()
        make.billed(1)
        due = RentCharge.objects.get().due_on
        _go_to(due - timedelta(days=5))
        assert rent_reminders.remind() == 0
        _go_to(due - timedelta(days=2))
        assert (rent_reminders.remind(), rent_reminders.remind()) == (1, 0)
        _go_to(due + timedelta(days=7))
        assert (rent_reminders.remind(), rent_reminders.remind()) == (1, 0)
        kinds = RentReminder.objects.filter(lease=lease).order_by("pk")
        assert list(kinds.values_list("kind", flat=True)) == ["due", "overdue"]

    def test_who_has_paid_or_keeps_to_instalments_hears_nothing(self):
        paid, agreed = tenancies.lease(rent="100.00"), tenancies.lease(rent="100.00")
        make.billed(1)
        due = RentCharge.objects.filter(lease=paid).get().due_on
        make.paid(paid, "100", day=clock.today())
        _go_to(due + timedelta(days=7))
        first = clock.today() + timedelta(days=20)
        row = arrears.propose(agreed, parts=2, first_due=first, by=make.operator())
        arrears.answer(row, agreed=True, by=accounts.citizen().user)
        assert rent_reminders.remind() == 0

    def test_no_sms_of_the_rent_holds_a_sum_a_link_or_a_name(self):
        from allocation import rent_terms

        templates = (
            rent_reminders.DUE, rent_reminders.OVERDUE, rent_terms.CHANGED, arrears.PROPOSED,
            reductions.GRANTED, reductions.DECLINED,
        )  # fmt: skip
        for template in templates:
            for forbidden in ("{rent}", "{amount}", "{sum}", "{name}", "元", "http"):
                assert forbidden not in str(template.sms)
            assert str(template.sms).endswith("我们不会在短信里要您转账或点链接。")


def _go_to(day):
    clock.advance(timedelta(days=(day - clock.today()).days))
    assert clock.today() == day


def test_an_undone_import_brings_the_arrears_back():
    lease = tenancies.lease()
    make.billed(8)
    row = make.paid(lease, str(lease.rent_monthly * 8))
    assert arrears.raise_flags() == 0
    payments.undo(row, by=make.operator(), reason="传错了")
    assert arrears.raise_flags() == 1
