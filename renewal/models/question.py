"""What a household is asked in its re-check, how it is reminded, and who calls or visits it."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau, Staff
from allocation.models import Lease
from applications.models import Member
from core.identity.fields import EncryptedJSONField, EncryptedTextField
from core.workflow import StateTable
from renewal import states
from renewal.models.campaign import Recheck


class HouseholdQuestion(models.Model):
    """One open point of a re-check that only the household can clear (待家庭回答的问题).

    Made by rule from a finding, never by hand. ``basis`` keeps procedural points (silence, a
    missing consent, a proof that has run out) apart from facts: the first never make a case.
    """

    STATES: ClassVar[StateTable] = states.QUESTION

    class Kind(models.TextChoices):
        CONFIRM = "confirm", _("请确认")
        PROOF = "proof", _("请补一份证明")
        EXPLAIN = "explain", _("请说明")
        CONSENT = "consent", _("请本人授权")

    class Basis(models.TextChoices):
        PROCEDURAL = "procedural", _("手续")
        SUBSTANTIVE = "substantive", _("事实")

    class Choice(models.TextChoices):
        RIGHT = "right", _("登记的对")
        WRONG = "wrong", _("登记的不对")
        PAPER = "paper", _("已补证明或说明")
        PROMISE = "promise", _("按承诺办理")
        CONSENT = "consent", _("本人已授权")

    class Channel(models.TextChoices):
        ONLINE = "online", _("网上回答")
        WINDOW = "window", _("窗口代填")
        PHONE = "phone", _("电话回答")
        SYSTEM = "system", _("自动")

    recheck = models.ForeignKey(Recheck, models.PROTECT, related_name="questions")
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    rule = models.CharField(max_length=30)
    kind = models.CharField(max_length=8, choices=Kind)
    basis = models.CharField(max_length=12, choices=Basis)
    finding = EncryptedJSONField()  # as the assessment said it: what the page shows prefilled
    state = models.CharField(max_length=10, choices=states.QUESTION.choices, default=states.Q_OPEN)
    state_since = models.DateTimeField()
    asked_at = models.DateTimeField()
    due_on = models.DateField()
    choice = models.CharField(max_length=8, choices=Choice, blank=True)
    text = EncryptedTextField(blank=True, default="")
    channel = models.CharField(max_length=8, choices=Channel, blank=True)
    answered_at = models.DateTimeField(null=True)
    answered_by = models.CharField(max_length=80, blank=True)
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=80, blank=True)
    note = EncryptedTextField(blank=True, default="")  # why it was sent back, or how it was checked

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["recheck", "member", "rule"],
                condition=models.Q(state__in=states.QUESTION.open_ids),
                nulls_distinct=False,
                name="household_asked_once",
                violation_error_message=_("这一项已经问过了。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[states.Q_ANSWERED, states.Q_ACCEPTED])
                | models.Q(answered_at__isnull=False) & ~models.Q(choice=""),
                name="question_answered_has_answer",
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.Q_ACCEPTED)
                | models.Q(settled_at__isnull=False) & ~models.Q(settled_by=""),
                name="question_accepted_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["state", "asked_at"], name="question_by_state")]

    @property
    def case_no(self) -> str:
        return self.recheck.case_no

    @property
    def item(self) -> str:
        """Under which key the household's papers to it lie."""
        return f"recheck-{self.pk}"


class RecheckReminder(models.Model):
    """One rung of the ladder (复核提醒): told, reminded, called, visited; each once."""

    class Step(models.TextChoices):
        ASKED = "asked", _("已告知")
        FIRST = "first", _("第一次提醒")
        SECOND = "second", _("第二次提醒")
        CALL = "call", _("请镇街打电话")
        VISIT = "visit", _("请镇街上门")
        PERSON = "person", _("由工作人员决定")

    recheck = models.ForeignKey(Recheck, models.PROTECT, related_name="reminders")
    step = models.CharField(max_length=8, choices=Step)
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["recheck", "step"], name="recheck_reminded_once")
        ]


class ContactTask(models.Model):
    """Somebody of the street calls or visits a household that has not answered (联系任务)."""

    class Kind(models.TextChoices):
        CALL = "call", _("打电话")
        VISIT = "visit", _("上门")

    class About(models.TextChoices):
        QUESTIONS = "questions", _("复核还有问题没有回答")
        RENEWAL = "renewal", _("租期快到，还没有提出续租")

    class Outcome(models.TextChoices):
        REACHED = "reached", _("联系上了")
        HELP = "help", _("联系上了，需要帮助")
        NOBODY = "nobody", _("没有联系上")
        NOT_NEEDED = "not_needed", _("已经办好，不用联系")

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="contact_tasks")
    recheck = models.ForeignKey(Recheck, models.PROTECT, null=True, related_name="contact_tasks")
    about = models.CharField(max_length=10, choices=About)
    kind = models.CharField(max_length=6, choices=Kind)
    street = models.ForeignKey(Bureau, models.PROTECT, null=True, related_name="+")
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    note = EncryptedTextField(blank=True, default="")
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["lease", "recheck", "about", "kind"],
                nulls_distinct=False,
                name="contact_task_once",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome="", done_at__isnull=True)
                | ~models.Q(outcome="") & models.Q(done_at__isnull=False),
                name="contact_task_done_has_outcome",
            ),
        ]
        indexes = [
            models.Index(
                fields=["street", "due_on"], condition=models.Q(outcome=""), name="contact_open"
            )
        ]

    @property
    def case_no(self) -> str:
        return self.lease.case_no
