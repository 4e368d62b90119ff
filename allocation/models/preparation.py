"""What leads to a roster and what is said about it: checks before allotment, objections."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import states
from allocation.models.round import Round
from applications.models import Application
from core.identity.fields import EncryptedTextField
from core.workflow import StateTable


class ReReview(models.Model):
    """The check of a household before a round (配租前核对, 令11号 §12).

    The rules only read; where they do not say yes, a person decides, and whoever is not through
    in time is set aside with its place kept.
    """

    STATES: ClassVar[StateTable] = states.RE_REVIEW

    round = models.ForeignKey(Round, models.PROTECT, related_name="re_reviews")
    application = models.ForeignKey(Application, models.PROTECT, related_name="re_reviews")
    state = models.CharField(
        max_length=10, choices=states.RE_REVIEW.choices, default=states.C_WAITING
    )
    state_since = models.DateTimeField()
    channel = models.CharField(max_length=10)  # online | window: where the intention was said
    registered_at = models.DateTimeField()
    due_on = models.DateField()
    reminded_at = models.DateTimeField(null=True)  # the person in charge, before the last day
    escalated_at = models.DateTimeField(null=True)  # past it: the leader's board, the household
    looked_at = models.DateTimeField(null=True)  # when a worker last asked whether all is in
    outcome = models.CharField(max_length=20, blank=True)  # as the rules read it
    decided_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)
    words = EncryptedTextField(blank=True, default="")

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["round", "application"], name="re_review_once"),
            models.CheckConstraint(
                condition=~models.Q(state=states.C_CLEARED)
                | models.Q(decided_by__isnull=False, decided_at__isnull=False),
                name="re_review_cleared_by_person",
                violation_error_message=_("核实符合要由一位工作人员办理。"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["looked_at", "id"],
                condition=models.Q(state=states.C_WAITING),
                name="re_review_queue",
            )
        ]

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""


class RosterObjection(models.Model):
    """Somebody's objection to the roster of a round (名单异议).

    With a contact it holds the reveal until a person has answered it; without one it is a clue
    (线索) that is looked into beside. Who objected is read by whoever checks it, by nobody else.
    """

    class About(models.TextChoices):
        """异议的对象: which part of what was published."""

        TICKET = "ticket", _("某个号牌的档次、户型或者意愿")
        HOMES = "homes", _("房源清单")
        MISSING = "missing", _("应该在名单里却没有")
        EVENT = "event", _("公开事件或者日期")
        STAFF = "staff", _("经办人员应当回避")
        OTHER = "other", _("其他")

    class Outcome(models.TextChoices):
        """核查结论: what a person found; the last is the voiding's."""

        NOT_UPHELD = "not_upheld", _("不属实，名单不变")
        NO_EFFECT = "no_effect", _("属实，不影响名单")
        ROSTER_WRONG = "roster_wrong", _("属实，名单有误，本轮应当作废")
        LAPSED = "lapsed", _("本轮已作废，没有继续核查")

    round = models.ForeignKey(Round, models.PROTECT, related_name="objections")
    line = models.PositiveIntegerField()  # its number on the public page
    number = models.CharField(max_length=20, unique=True)  # to follow it up by
    about = models.CharField(max_length=10, choices=About)
    ticket = models.CharField(max_length=64, blank=True)
    named = models.BooleanField()  # a contact was given
    channel = models.CharField(max_length=10)  # online | window
    text = EncryptedTextField()
    contact = EncryptedTextField(blank=True, default="")
    made_at = models.DateTimeField()
    due_on = models.DateField()
    claimed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    claim_expires_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=12, choices=Outcome, blank=True)
    answer = models.TextField(blank=True)  # published; names nobody
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["line"]
        constraints = [
            models.UniqueConstraint(fields=["round", "line"], name="roster_objection_line_once"),
            models.CheckConstraint(
                condition=models.Q(outcome="", answered_at__isnull=True, answered_by__isnull=True)
                | (
                    ~models.Q(outcome="")
                    & models.Q(answered_at__isnull=False, answered_by__isnull=False)
                ),
                name="roster_objection_answered_by_person",
                violation_error_message=_("异议由一位工作人员答复。"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["due_on", "id"],
                condition=models.Q(answered_at__isnull=True),
                name="roster_objection_queue",
            )
        ]
