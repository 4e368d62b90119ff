"""Violations and fines (违规、整改、罚款; 令11号 §27, §29, §36): each step by a person."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation.models import Lease
from applications.models import Decision
from applications.models.statement import Statement
from core.identity.fields import EncryptedJSONField, EncryptedTextField
from core.workflow import StateTable
from renewal import violation_states as states
from renewal.models.exit import ExitCase
from renewal.models.inspection import InspectionVisit, Kind

_BEFORE_TOLD = [states.V_FOUND, states.V_SET_ASIDE]
_ESTABLISHED = [states.V_CONFIRMED, states.V_CASE]
_OUT_OF_SIGHT = [Kind.IDLE, Kind.ARREARS]  # followed up by records, not at the door


class Violation(models.Model):
    """违规线索和认定: a lead until a person has told the household, given days and looked again."""

    class Source(models.TextChoices):
        INSPECTION = "inspection", _("入户检查")
        PATROL = "patrol", _("日常巡查")
        COMPLAINT = "complaint", _("投诉举报")
        ACCESS = "access", _("门禁上报")
        RENT = "rent", _("租金账")

    class Service(models.TextChoices):
        ELECTRONIC = "electronic", _("电子送达")
        HAND = "hand", _("当面交给")
        MAIL = "mail", _("邮寄签收")

    STATES: ClassVar[StateTable] = states.VIOLATION

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="violations")
    kind = models.CharField(max_length=12, choices=Kind)
    source = models.CharField(max_length=12, choices=Source)
    visit = models.ForeignKey(InspectionVisit, models.PROTECT, null=True, related_name="found")
    facts = EncryptedTextField()
    state = models.CharField(
        max_length=10, choices=states.VIOLATION.choices, default=states.V_FOUND
    )
    state_since = models.DateTimeField()
    found_at = models.DateTimeField()
    found_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    checks = EncryptedJSONField(default=dict)  # explanation → yes, no, unknown: health among them
    checked_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    checked_at = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)
    told_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    speak_until = models.DateField(null=True)
    heard_at = models.DateTimeField(null=True)
    order_no = models.CharField(max_length=30, null=True, unique=True)
    order_text = EncryptedTextField(blank=True, default="")  # what is to be put right
    ordered_at = models.DateTimeField(null=True)
    ordered_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    served_on = models.DateField(null=True)
    served_how = models.CharField(max_length=10, choices=Service, blank=True)
    due_on = models.DateField(null=True)  # last day to put it right, from service
    extended_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    extended_why = EncryptedTextField(blank=True, default="")
    follow_up = models.ForeignKey(
        InspectionVisit, models.PROTECT, null=True, related_name="followed"
    )
    follow_words = EncryptedTextField(blank=True, default="")
    confirmed_at = models.DateTimeField(null=True)
    confirmed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    exit_case = models.ForeignKey(ExitCase, models.PROTECT, null=True, related_name="violations")
    closed_at = models.DateTimeField(null=True)
    closed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    closed_reason = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["lease", "kind"],
                condition=Q(state__in=states.VIOLATION.open_ids),
                name="one_open_violation_of_a_kind",
                violation_error_message=_("这一户已经有一条同类的线索在办。"),
            ),
            models.CheckConstraint(
                condition=Q(state__in=_BEFORE_TOLD)
                | Q(told_at__isnull=False, told_by__isnull=False, speak_until__isnull=False),
                name="violation_told_before_more",
                violation_error_message=_("先告知住户，再往下办。"),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_ESTABLISHED)
                | Q(
                    heard_at__isnull=False, order_no__isnull=False, ordered_by__isnull=False,
                    served_on__isnull=False, due_on__isnull=False, confirmed_at__isnull=False,
                    confirmed_by__isnull=False,
                ),
                name="violation_confirmed_by_the_book",
                violation_error_message=_("没有告知、听取、责令改正和到期复查，不能认定。"),
            ),
            models.CheckConstraint(
                condition=~Q(state__in=_ESTABLISHED)
                | Q(kind__in=_OUT_OF_SIGHT)
                | Q(follow_up__isnull=False),
                name="violation_looked_at_again",
                violation_error_message=_("整改到期要再上门看一次，才能认定。"),
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | Q(ordered_by=None)
                | ~Q(confirmed_by=F("ordered_by")),
                name="violation_confirmed_by_another",
                violation_error_message=_("责令改正的人不能自己认定，请换一位同事。"),
            ),
            models.CheckConstraint(
                condition=Q(state=states.V_CASE, exit_case__isnull=False)
                | (~Q(state=states.V_CASE) & Q(exit_case=None))
                | Q(state=states.V_CONFIRMED),
                name="violation_case_names_it",
            ),
            models.CheckConstraint(
                condition=Q(order_no=None) | Q(ordered_by__isnull=False, ordered_at__isnull=False),
                name="violation_ordered_by_somebody",
            ),
        ]  # fmt: skip
        indexes = [models.Index(fields=["state", "-id"], name="violation_list")]

    @property
    def case_no(self) -> str:
        return self.lease.case_no


class ViolationStatement(Statement):
    """What the household says about a lead or an order (陈述)."""

    violation = models.ForeignKey(Violation, models.PROTECT, related_name="statements")


class Fine(models.Model):
    """罚款 (令11号 §36): proposed by one, told, heard, decided by another; never by itself.

    Sums in yuan. ``proposed_on`` is the day on which the case was filed: 90 days run from it.
    """

    STATES: ClassVar[StateTable] = states.FINE

    violation = models.ForeignKey(Violation, models.PROTECT, related_name="fines")
    state = models.CharField(max_length=10, choices=states.FINE.choices, default=states.P_PROPOSED)
    state_since = models.DateTimeField()
    amount = models.DecimalField(max_digits=8, decimal_places=2)
    gain = models.DecimalField(max_digits=9, decimal_places=2)  # illegal gain; 0 for none
    grounds = EncryptedTextField()
    proposed_on = models.DateField()
    decide_by = models.DateField()
    proposed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    noticed_at = models.DateTimeField(null=True)
    noticed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    speak_until = models.DateField(null=True)
    hearing_asked_at = models.DateTimeField(null=True)
    hearing_held_on = models.DateField(null=True)
    hearing_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    heard_at = models.DateTimeField(null=True)
    decision = models.OneToOneField(Decision, models.PROTECT, null=True, related_name="fine")
    decided_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    paid_on = models.DateField(null=True)
    receipt = models.CharField(max_length=60, blank=True)
    closed_at = models.DateTimeField(null=True)
    closed_reason = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["violation"],
                condition=~Q(state=states.P_DROPPED),
                name="fined_once",  # 一事不再罚 (行政处罚法 §29)
                violation_error_message=_("同一件事只罚一次。"),
            ),
            models.CheckConstraint(condition=Q(amount__gt=0, gain__gte=0), name="fine_positive"),
            models.CheckConstraint(
                condition=~Q(state__in=[states.P_DECIDED, states.P_PAID])
                | Q(
                    noticed_at__isnull=False, heard_at__isnull=False, decision__isnull=False,
                    decided_by__isnull=False, decided_at__isnull=False,
                ),
                name="fine_by_the_book",
                violation_error_message=_("没有告知、听取和另一位同事的决定，不能罚款。"),
            ),
            models.CheckConstraint(
                condition=Q(decided_by=None) | ~Q(decided_by=F("proposed_by")),
                name="fine_decided_by_another",
                violation_error_message=_("建议罚款的人不能自己决定，请换一位同事。"),
            ),
            models.CheckConstraint(
                condition=Q(decided_at=None) | Q(hearing_asked_at=None)
                | Q(hearing_held_on__isnull=False),
                name="fine_hearing_held_if_asked",
                violation_error_message=_("当事人要求了听证，听证以后才能决定。"),
            ),
            models.CheckConstraint(
                condition=Q(hearing_by=None) | ~Q(hearing_by=F("proposed_by")),
                name="fine_hearing_by_another",
                violation_error_message=_("听证由没有办过这件事的同事主持。"),
            ),
        ]  # fmt: skip

    @property
    def case_no(self) -> str:
        return self.violation.case_no


class FineStatement(Statement):
    """What the household says about a proposed fine (陈述申辩)."""

    fine = models.ForeignKey(Fine, models.PROTECT, related_name="statements")
