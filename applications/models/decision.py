"""Publicity, decisions, re-consideration and the waiting list."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications.models.application import Application
from applications.models.evidence import Assessment
from core.identity.fields import EncryptedJSONField, EncryptedTextField


class Publicity(models.Model):
    """A public notice (公示) of one household, in natural days."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="publicities")
    kind = models.CharField(
        max_length=12,
        choices=[("eligibility", _("资格公示")), ("allotment", _("选房公示"))],
        default="eligibility",
    )
    starts_on = models.DateField()
    ends_on = models.DateField()  # last day, until 24:00
    closed_at = models.DateTimeField(null=True)

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""

    class Meta:
        indexes = [models.Index(fields=["ends_on"])]
        constraints = [
            models.UniqueConstraint(
                fields=["application", "kind"],
                condition=models.Q(closed_at__isnull=True),
                name="one_open_publicity",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_on__gte=models.F("starts_on")), name="publicity_has_days"
            ),
        ]


class Objection(models.Model):
    """Somebody's objection to a notice (异议); without a contact it is a clue (线索) only.

    A clue is looked into and answered like an objection, but it never stops the clock, moves the
    case or holds it up.
    """

    publicity = models.ForeignKey(Publicity, models.CASCADE, related_name="objections")
    number = models.CharField(max_length=20, null=True, unique=True)  # to follow it up by
    named = models.BooleanField(default=True, db_default=True)  # a contact was given
    text = EncryptedTextField()
    contact = EncryptedTextField()
    made_at = models.DateTimeField()
    due_on = models.DateField(null=True)
    # 依职权: a person of the centre raised it by office, after a clue was found true
    raised_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    claimed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    claim_expires_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True)
    upheld = models.BooleanField(null=True)
    answer = EncryptedTextField(blank=True, default="")
    answered_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        indexes = [
            models.Index(
                fields=["due_on", "id"],
                condition=models.Q(answered_at__isnull=True),
                name="objection_queue",
            )
        ]

    @property
    def case_no(self) -> str:
        return self.publicity.case_no


class Poster(models.Model):
    """The paper notice of a household at its street (张贴): put up and taken down by a person.

    The end of the public notice does not depend on it; what is late is shown to the centre.
    """

    publicity = models.OneToOneField(Publicity, models.CASCADE, related_name="poster")
    place = models.CharField(max_length=120)
    posted_at = models.DateTimeField()
    posted_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()
    taken_down_at = models.DateTimeField(null=True)
    taken_down_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(taken_down_at__isnull=True, taken_down_by__isnull=True)
                | models.Q(taken_down_at__gte=models.F("posted_at"), taken_down_by__isnull=False),
                name="poster_comes_down_after_it_went_up",
                violation_error_message=_("撤下的时间不能早于张贴的时间。"),
            )
        ]

    @property
    def case_no(self) -> str:
        return self.publicity.case_no


class Decision(models.Model):
    """A written decision (决定书): drafted by one person, signed by another."""

    class Kind(models.TextChoices):
        APPROVE = "approve", _("准予登记轮候")
        REFUSE = "refuse", _("不符合条件")
        END = "end", _("终止保障")
        BAN = "ban", _("限制申请")
        NOTICE = "notice", _("告知书")  # decides nothing; its proof of service counts
        FINE = "fine", _("罚款")

    # drafted, signed and carried out by a procedure of their own, after notice and hearing
    APART = (Kind.END, Kind.BAN, Kind.NOTICE, Kind.FINE)
    # another person looks at it again where the household asks (复核)
    LOOKED_AT_AGAIN = (Kind.REFUSE, Kind.END)

    application = models.ForeignKey(Application, models.CASCADE, related_name="decisions")
    assessment = models.ForeignKey(Assessment, models.PROTECT, null=True)
    kind = models.CharField(max_length=10, choices=Kind)
    heading = models.CharField(max_length=60, blank=True, default="")  # of a notice alone
    addressee = models.CharField(max_length=80, blank=True, default="")  # if not the applicant
    letter_no = models.CharField(max_length=30, unique=True)
    check_code = models.CharField(max_length=16, unique=True)  # typed at /letter/
    reasons = EncryptedJSONField(default=list)  # rule, sentence, clause: sums, health facts
    text = EncryptedTextField()
    drafted_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    drafted_at = models.DateTimeField()
    signed_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    signed_at = models.DateTimeField(null=True)
    served_at = models.DateTimeField(null=True)
    replaced = models.BooleanField(default=False)

    class Meta:
        ordering = ["drafted_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(signed_by__isnull=True, signed_at__isnull=True)
                | models.Q(signed_by__isnull=False, signed_at__isnull=False),
                name="decision_signed_by_someone",
            ),
            models.CheckConstraint(
                condition=models.Q(signed_by__isnull=True)
                | ~models.Q(signed_by=models.F("drafted_by"))
                | models.Q(kind="notice"),
                name="decision_signed_by_another",
                violation_error_message=_("拟稿人不能签发自己拟的决定。"),
            ),
            models.CheckConstraint(
                condition=models.Q(served_at__isnull=True) | models.Q(signed_at__isnull=False),
                name="decision_served_after_signature",
                violation_error_message=_("签发之后才能送达。"),
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""


class Reconsideration(models.Model):
    """A request to look at a decision again (复核申请, 令11号 §9): answered by another person."""

    decision = models.OneToOneField(Decision, models.CASCADE, related_name="reconsideration")
    text = EncryptedTextField()
    asked_at = models.DateTimeField()
    due_on = models.DateField()  # 15 working days
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    overturned = models.BooleanField(null=True)
    answer = EncryptedTextField(blank=True, default="")
    # the answer is a letter of its own
    letter_no = models.CharField(max_length=30, null=True, unique=True)
    check_code = models.CharField(max_length=16, null=True, unique=True)
    served_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(served_at__isnull=True) | models.Q(answered_at__isnull=False),
                name="reconsideration_served_after_answer",
                violation_error_message=_("答复之后才能送达。"),
            )
        ]

    @property
    def case_no(self) -> str:
        return self.decision.case_no


# a worse place needs the move that says who decided it, written before in the same transaction
_BY_A_PERSON = """
IF NOT EXISTS (
    SELECT 1 FROM applications_waitmove m
    WHERE m.id = (SELECT max(n.id) FROM applications_waitmove n WHERE n.entry_id = NEW.id)
    AND m.kind IN ('moved_down', 'returned')
    AND m.to_draw_tier = NEW.draw_tier AND m.to_order_at = NEW.order_at
) THEN
    RAISE EXCEPTION '没有工作人员的决定，轮候位置不会变差。' USING ERRCODE = 'check_violation';
END IF;
RETURN NEW;
"""


class WaitEntry(models.Model):
    """A household on the waiting list (轮候登记)."""

    application = models.OneToOneField(Application, models.CASCADE, related_name="wait_entry")
    registered_at = models.DateTimeField()
    # the time by which it stands within its tier: the registration, unless a person moved it
    order_at = models.DateTimeField(null=True)
    tier = models.CharField(max_length=10)
    draw_tier = models.PositiveSmallIntegerField()
    priority = EncryptedJSONField(default=list)  # tells who is disabled or an orphan
    unit_types = models.JSONField(default=list)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [
            models.Index(
                fields=["draw_tier", "order_at", "id"],
                condition=models.Q(ended_at__isnull=True),
                name="wait_order",
            )
        ]
        triggers = [
            pgtrigger.Trigger(
                name="order_from_registration",
                when=pgtrigger.Before,
                operation=pgtrigger.Insert,
                func="NEW.order_at := COALESCE(NEW.order_at, NEW.registered_at); RETURN NEW;",
            ),
            pgtrigger.Trigger(
                name="never_worse_by_itself",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Condition(
                    "((NEW.draw_tier, NEW.order_at) > (OLD.draw_tier, OLD.order_at))"
                ),
                func=_BY_A_PERSON,
            ),
        ]
