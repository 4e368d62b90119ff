"""A round of the draw and everything that is published about it."""

from typing import ClassVar

import pgtrigger
from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import states
from allocation.models.home import Home, public_code
from applications.models import Application
from core.identity.fields import EncryptedTextField
from core.workflow import StateTable


class Round(models.Model):
    """A round (摇号轮次) by YZ-DRAW-1: planned, frozen once, revealed once."""

    STATES: ClassVar[StateTable] = states.ROUND

    class Mode(models.TextChoices):
        HOME = "draw_home", _("摇号定房源")
        ORDER = "draw_order", _("摇号定顺序，选房日按顺序选")

    code = models.CharField(max_length=64, unique=True, validators=[public_code])
    title = models.CharField(max_length=80)
    mode = models.CharField(max_length=10, choices=Mode, default=Mode.HOME)
    state = models.CharField(max_length=10, choices=states.ROUND.choices, default=states.R_PLANNED)
    state_since = models.DateTimeField()
    plan = models.TextField(blank=True)  # 配租方案: what the table of the plan does not say
    groups = models.JSONField(default=list)  # rent tiers it is meant for; empty: all that wait
    plan_table = models.JSONField(default=list)  # place, number, type, area, rent (plan_table.of)
    published_at = models.DateTimeField(null=True)  # the plan with its homes, last changed
    invited_after = models.PositiveBigIntegerField(default=0)  # key of the last household told
    invited_at = models.DateTimeField(null=True)  # every waiting household was told
    intention_until = models.DateField()
    review_until = models.DateField(null=True)  # last day of the check before allotment
    freeze_on = models.DateField(null=True)  # not before that day is the roster fixed
    objection_until = models.DateField()  # last day of the objection window on the roster
    choose_days = models.PositiveSmallIntegerField(default=3)  # working days to answer an offer
    entropy_name = models.CharField(max_length=200)
    entropy_at = models.DateTimeField()
    entropy_format = models.CharField(max_length=100)
    entropy_example = models.CharField(max_length=200)
    secret = EncryptedTextField(null=True)  # 64 hex, drawn at the freeze, published at the reveal
    secret_commitment = models.CharField(max_length=64, blank=True)
    homes = models.ManyToManyField(Home, related_name="rounds")
    roster = models.TextField(blank=True)  # roster.json exactly as published
    roster_sha256 = models.CharField(max_length=64, blank=True)
    result = models.TextField(blank=True)  # result.json exactly as published
    selfcheck = models.JSONField(default=dict)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    frozen_at = models.DateTimeField(null=True)
    revealed_at = models.DateTimeField(null=True)
    closed_at = models.DateTimeField(null=True)
    void_reason = models.TextField(blank=True)
    # the first of the two persons who void a round
    void_proposed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    voided_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")  # the second

    class Meta:
        ordering = ["-created_at"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state=states.R_VOID)
                | (
                    models.Q(void_proposed_by__isnull=False, voided_by__isnull=False)
                    & ~models.Q(void_proposed_by=models.F("voided_by"))
                    & ~models.Q(void_reason="")
                ),
                name="round_void_by_two",
                violation_error_message=_("作废要由两个人办理，并写明原因。"),
            ),
            models.CheckConstraint(
                condition=models.Q(state__in=[states.R_PLANNED, states.R_VOID])
                | (models.Q(frozen_at__isnull=False) & ~models.Q(roster="")),
                name="round_frozen_has_roster",
            ),
            models.CheckConstraint(
                condition=models.Q(entropy_at__date__gt=models.F("objection_until")),
                name="round_event_after_objections",
                violation_error_message=_("公开事件必须晚于异议期。"),
            ),
        ]

    def __str__(self) -> str:
        return self.code


class Entrant(models.Model):
    """A household in a round (参加家庭). The ticket (号牌) names no person."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="entrants")
    application = models.ForeignKey(Application, models.PROTECT, related_name="entries")
    ticket = models.CharField(max_length=64, validators=[public_code])
    tier = models.PositiveSmallIntegerField()
    unit_types = models.JSONField()
    needs_accessible = models.BooleanField(default=False)
    preferences = models.JSONField(default=list)
    any_estate = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["round", "ticket"], name="ticket_once_per_round"),
            models.UniqueConstraint(fields=["round", "application"], name="entrant_once_per_round"),
        ]

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""


class Reveal(models.Model):
    """The one reveal of a round (揭晓): the public value and the seed that follows from it."""

    round = models.OneToOneField(Round, models.PROTECT, related_name="reveal")
    entropy = models.CharField(max_length=400)
    seed = models.CharField(max_length=64)
    text = models.TextField()  # reveal.json exactly as published
    at = models.DateTimeField()
    by = models.CharField(max_length=80)

    class Meta:
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class Assignment(models.Model):
    """A row of the result (摇号结果): a place in the order, and a home or the reserve list."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="assignments")
    entrant = models.OneToOneField(Entrant, models.PROTECT, related_name="assignment")
    position = models.PositiveIntegerField()
    home = models.ForeignKey(Home, models.PROTECT, null=True, related_name="assignments")

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["round", "position"], name="position_once"),
            models.UniqueConstraint(fields=["round", "home"], name="home_drawn_once"),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class LedgerLine(models.Model):
    """A line of the round's public log (公开记录), carrying the SHA-256 of the line before it."""

    round = models.ForeignKey(Round, models.PROTECT, related_name="ledger")
    number = models.PositiveIntegerField()
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["number"]
        constraints = [models.UniqueConstraint(fields=["round", "number"], name="ledger_line_once")]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class ExcludedStaff(models.Model):
    """A member of staff who is related to an entrant and keeps out of the round (回避)."""

    round = models.ForeignKey(Round, models.CASCADE, related_name="excluded_staff")
    staff = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    reason = models.CharField(max_length=100)
    # how it is known: said by the person, or found in registers; the public page says no more
    declared = models.BooleanField(default=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["round", "staff"], name="excluded_once")]
