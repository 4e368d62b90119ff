"""What a month costs a household, and what was charged for it (租金账)."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from allocation.models.lease import Lease


def append_only(name: str) -> pgtrigger.Trigger:
    """Refuses to change or to remove a row of the book."""
    return pgtrigger.Trigger(
        name=name,
        when=pgtrigger.Before,
        operation=pgtrigger.Update | pgtrigger.Delete,
        func="RAISE EXCEPTION 'the rent book is append-only';",
    )


def first_of_month(field: str, name: str) -> models.CheckConstraint:
    """A month is written as its first day."""
    return models.CheckConstraint(condition=models.Q(**{f"{field}__day": 1}), name=name)


class RentTerm(models.Model):
    """The monthly rent of a lease from a month on (租金约定): appended, the newest row holds.

    ``basis`` says why: area, market rent and share at the time, as text. It names the tier and is
    for the household and the office, never for the operating company.
    """

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="rent_terms")
    from_month = models.DateField()
    rent = models.DecimalField(max_digits=8, decimal_places=2)  # 元 a month
    tier = models.CharField(max_length=10)
    basis = models.JSONField(default=dict)
    reason = models.CharField(max_length=200)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["from_month", "id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(rent__gte=0), name="rent_term_not_negative"),
            first_of_month("from_month", "rent_term_first_of_month"),
        ]
        triggers = [append_only("rent_term_append_only")]


class BillingMonth(models.Model):
    """A month of the book (账期): open until the month is over and every lease is charged."""

    month = models.DateField(unique=True)
    opened_at = models.DateTimeField()
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["month"]
        constraints = [first_of_month("month", "billing_first_of_month")]
        triggers = [
            pgtrigger.Trigger(
                name="billing_month_stays_closed",
                when=pgtrigger.Before,
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Condition("OLD.closed_at IS NOT NULL"),
                func="RAISE EXCEPTION 'a closed month is never opened again';",
            )
        ]


class RentCharge(models.Model):
    """One line of a household's book (租金账目), in yuan; negative where it takes something off.

    ``month`` is the month it is for, ``booked`` the open month in which it was written. A line is
    never altered: what was wrong gets a line of its own.
    """

    class Kind(models.TextChoices):
        MONTH = "month", _("月租金")
        REDUCTION = "reduction", _("减免")
        CORRECTION = "correction", _("更正")  # computed anew: other terms, dates or reductions
        MANUAL = "manual", _("人工更正")  # by a person, with words

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="rent_charges")
    month = models.DateField()
    booked = models.ForeignKey(BillingMonth, models.PROTECT, related_name="lines")
    kind = models.CharField(max_length=10, choices=Kind)
    amount = models.DecimalField(max_digits=9, decimal_places=2)
    starts_on = models.DateField()
    ends_on = models.DateField()  # the last day that is charged
    part = models.BooleanField(default=False)  # first or last month, by days
    due_on = models.DateField()
    reduction = models.ForeignKey(
        "allocation.Reduction", models.PROTECT, null=True, related_name="lines"
    )
    words = models.CharField(max_length=200, blank=True)
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["month", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["lease", "month"],
                condition=models.Q(kind="month"),
                name="rent_charged_once_a_month",
                violation_error_message=_("这一户这个月已经出过账。"),
            ),
            models.UniqueConstraint(
                fields=["lease", "month", "reduction"],
                condition=models.Q(kind="reduction"),
                name="rent_reduced_once_a_month",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="month") | models.Q(amount__gte=0, reduction=None),
                name="rent_charge_not_negative",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="reduction")
                | models.Q(amount__lte=0, reduction__isnull=False),
                name="rent_reduction_names_its_decision",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["correction", "manual"]) | ~models.Q(words=""),
                name="rent_correction_says_why",
            ),
            first_of_month("month", "rent_charge_first_of_month"),
        ]
        indexes = [models.Index(fields=["month", "kind"]), models.Index(fields=["due_on"])]
        triggers = [
            append_only("rent_charge_append_only"),
            pgtrigger.Trigger(
                name="rent_charge_into_open_month",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                # waits for somebody who is closing it
                func=(
                    "PERFORM 1 FROM allocation_billingmonth"
                    " WHERE id = NEW.booked_id AND closed_at IS NULL FOR SHARE;"
                    " IF NOT FOUND THEN RAISE EXCEPTION 'this month of the book is closed';"
                    " END IF; RETURN NEW;"
                ),
            ),
        ]


class RentReminder(models.Model):
    """A household was reminded (租金提醒): once a month and kind."""

    class Kind(models.TextChoices):
        DUE = "due", _("到期前")
        OVERDUE = "overdue", _("过期后")

    lease = models.ForeignKey(Lease, models.CASCADE, related_name="rent_reminders")
    month = models.DateField()
    kind = models.CharField(max_length=10, choices=Kind)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lease", "month", "kind"], name="rent_reminded_once")
        ]
