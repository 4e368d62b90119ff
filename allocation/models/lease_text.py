"""What was agreed in writing, who signed it, and the money held as a deposit."""

from typing import ClassVar

import pgtrigger
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import states
from allocation.models.lease import Lease
from allocation.models.lease_request import LeaseRequest
from applications.models import Mandate, Member
from core.identity.fields import EncryptedJSONField, EncryptedTextField
from core.workflow import StateTable


class LeaseText(models.Model):
    """One text of a lease (合同文本): the contract, or a supplementary agreement (补充协议).

    From its first signature on the words are fixed; a later agreement is another text.
    """

    STATES: ClassVar[StateTable] = states.LEASE_TEXT

    class Kind(models.TextChoices):
        CONTRACT = "contract", _("租赁合同")
        PEOPLE = "people", _("同住人变更补充协议")
        TENANT = "tenant", _("承租人变更补充协议")
        JOINT = "joint", _("共同承租补充协议")
        RENT = "rent", _("租金调整补充协议")
        MOVE = "move", _("换房协议")

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="texts")
    # the swap or move that the agreement is about
    request = models.ForeignKey(LeaseRequest, models.PROTECT, null=True, related_name="texts")
    number = models.PositiveSmallIntegerField()  # 0 the contract, 1… the agreements after it
    kind = models.CharField(max_length=10, choices=Kind)
    state = models.CharField(
        max_length=10, choices=states.LEASE_TEXT.choices, default=states.T_TO_SIGN
    )
    state_since = models.DateTimeField()
    # {"zh": [{title, lines, key}], "en": […], "facts": {…}}; the Chinese words bind
    content = EncryptedJSONField(default=dict)
    digest = models.CharField(max_length=64, blank=True)  # SHA-256 over the content
    made_by = models.CharField(max_length=80)
    made_at = models.DateTimeField()
    explained_at = models.DateTimeField(null=True)  # 令11号 §16: before any signature
    fixed_at = models.DateTimeField(null=True)
    in_force_at = models.DateTimeField(null=True)
    applies_from = models.DateField(null=True)  # a rent: the first day of a month
    applied_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["lease", "number"]
        constraints = [
            models.UniqueConstraint(fields=["lease", "number"], name="lease_text_numbered_once"),
            models.UniqueConstraint(
                fields=["lease", "kind"],
                condition=models.Q(state=states.T_TO_SIGN),
                name="one_open_lease_text_of_a_kind",
                violation_error_message=_("这一户还有一份同样的协议没有签完。"),
            ),
            models.CheckConstraint(
                condition=models.Q(fixed_at__isnull=True)
                | ~models.Q(digest="") & models.Q(explained_at__isnull=False),
                name="lease_text_fixed_after_explained",
                violation_error_message=_("签字之前，先说明条款。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.T_IN_FORCE)
                | models.Q(fixed_at__isnull=False, in_force_at__isnull=False),
                name="lease_text_in_force_was_fixed",
            ),
        ]
        triggers = [
            pgtrigger.Trigger(
                name="signed_words_stay",
                when=pgtrigger.Before,
                operation=pgtrigger.Update,
                condition=pgtrigger.Q(old__fixed_at__isnull=False),
                func=(
                    "IF NEW.content IS DISTINCT FROM OLD.content"
                    " OR NEW.digest IS DISTINCT FROM OLD.digest"
                    " OR NEW.kind IS DISTINCT FROM OLD.kind"
                    " OR NEW.applies_from IS DISTINCT FROM OLD.applies_from"
                    " OR NEW.fixed_at IS DISTINCT FROM OLD.fixed_at THEN"
                    " RAISE EXCEPTION 'a signed text of a lease is never rewritten'; END IF;"
                    " RETURN NEW;"
                ),
            ),
            pgtrigger.Trigger(
                name="signed_text_remains",
                when=pgtrigger.Before,
                operation=pgtrigger.Delete,
                condition=pgtrigger.Q(old__fixed_at__isnull=False),
                func="RAISE EXCEPTION 'a signed text of a lease is never deleted';",
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.lease.case_no


class ClauseRead(models.Model):
    """One clause seen and understood before signing (条款说明, 令11号 §16)."""

    text = models.ForeignKey(LeaseText, models.CASCADE, related_name="reads")
    clause = models.PositiveSmallIntegerField()  # its place in the text, from 1
    by = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        ordering = ["clause"]
        constraints = [models.UniqueConstraint(fields=["text", "clause"], name="clause_read_once")]


class LeaseSignature(models.Model):
    """A place for a signature on a text, and the signature in it (合同签字)."""

    class Party(models.TextChoices):
        TENANT = "tenant", _("承租人")
        COSIGNER = "cosigner", _("共同签字的家人")
        LESSOR = "lessor", _("出租人")

    class Kind(models.TextChoices):
        PAD = "pad", _("手写签字")
        TYPED = "typed", _("登录后输入姓名")
        PAPER = "paper", _("纸上签字")
        SMS = "sms", _("登录后用短信验证码确认")

    text = models.ForeignKey(LeaseText, models.PROTECT, related_name="signatures")
    party = models.CharField(max_length=8, choices=Party)
    member = models.ForeignKey(Member, models.PROTECT, null=True, related_name="+")
    staff = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=5, choices=Kind, blank=True)
    image = EncryptedTextField(null=True)  # PNG, base64
    image_digest = models.CharField(max_length=64, blank=True)
    text_digest = models.CharField(max_length=64, blank=True)
    signed_at = models.DateTimeField(null=True)
    signed_by = models.CharField(max_length=80, blank=True)
    witness = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    # by whom it was given in the member's name (代签), where it was not the member
    mandate = models.ForeignKey(Mandate, models.PROTECT, null=True, related_name="+")
    sent_to = models.CharField(max_length=20, blank=True)  # the masked number of the code

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["text", "member"],
                condition=models.Q(member__isnull=False),
                name="lease_signed_once_by_each",
            ),
            models.UniqueConstraint(
                fields=["text"],
                condition=models.Q(party="lessor"),
                name="lease_signed_once_by_lessor",
            ),
            models.CheckConstraint(
                condition=models.Q(party="lessor", member__isnull=True)
                | ~models.Q(party="lessor") & models.Q(member__isnull=False, staff__isnull=True),
                name="lease_signature_names_its_person",
            ),
            models.CheckConstraint(
                condition=models.Q(signed_at__isnull=True, text_digest="")
                | models.Q(signed_at__isnull=False)
                & ~models.Q(text_digest="")
                & ~models.Q(kind=""),
                name="lease_signature_whole",
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="paper") | models.Q(witness__isnull=False),
                name="lease_paper_signature_has_witness",
                violation_error_message=_("纸上签字要有窗口工作人员见证。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(kind="sms") | ~models.Q(sent_to=""),
                name="lease_sms_signature_has_number",
            ),
        ]
        triggers = [
            pgtrigger.Protect(
                name="given_signature_stays",
                operation=pgtrigger.Update | pgtrigger.Delete,
                condition=pgtrigger.Q(old__signed_at__isnull=False),
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.text.case_no


class SigningCode(models.Model):
    """Six digits sent to who signs a text (签约验证码); good for the words it was asked for."""

    slot = models.ForeignKey(LeaseSignature, models.CASCADE, related_name="codes")
    person_index = models.CharField(max_length=64)  # to whom it went: the signer or the helper
    phone = EncryptedTextField()
    code_digest = models.CharField(max_length=64)
    text_digest = models.CharField(max_length=64)
    sent_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    wrong = models.PositiveSmallIntegerField(default=0)
    ended_at = models.DateTimeField(null=True)

    class Meta:
        indexes = [models.Index(fields=["person_index", "-sent_at"])]
        constraints = [
            models.UniqueConstraint(
                fields=["slot"],
                condition=models.Q(ended_at__isnull=True),
                name="signing_code_open_once",
            ),
        ]


class LessorAuthority(models.Model):
    """Who may sign for the lessor (授权签约人), by which letter of authority and until when."""

    staff = models.ForeignKey(Staff, models.PROTECT, related_name="lessor_authorities")
    document = models.CharField(max_length=80)  # the letter of authority
    starts_on = models.DateField()
    until = models.DateField()
    given_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    given_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True)
    revoked_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-given_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(staff=models.F("given_by")),
                name="lessor_authority_by_another",
                violation_error_message=_("授权要由另一个人给出。"),
            ),
            models.CheckConstraint(
                condition=models.Q(until__gte=models.F("starts_on")),
                name="lessor_authority_has_days",
            ),
        ]


class DepositEntry(models.Model):
    """Money received as a deposit, given back or kept, each with its reason (押金)."""

    class Kind(models.TextChoices):
        RECEIVED = "received", _("收到押金")
        RETURNED = "returned", _("退还押金")
        KEPT = "kept", _("抵扣")

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="deposit_entries")
    kind = models.CharField(max_length=8, choices=Kind)
    amount = models.DecimalField(max_digits=8, decimal_places=2)  # 元, above zero
    on = models.DateField()
    reason = models.CharField(max_length=200)
    receipt_no = models.CharField(max_length=40, blank=True)
    recorded_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["recorded_at", "pk"]
        constraints = [
            models.CheckConstraint(condition=models.Q(amount__gt=0), name="deposit_above_zero"),
            models.CheckConstraint(
                condition=~models.Q(reason=""),
                name="deposit_has_reason",
                violation_error_message=_("请写明原因。"),
            ),
            models.UniqueConstraint(
                fields=["lease", "receipt_no"],
                condition=~models.Q(receipt_no=""),
                name="deposit_receipt_once",
                violation_error_message=_("这张票据已经登记过。"),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]


class RenewalReminder(models.Model):
    """A household told that its lease ends (续租提醒), once for each of the days before."""

    lease = models.ForeignKey(Lease, models.CASCADE, related_name="reminders")
    days = models.PositiveSmallIntegerField()
    at = models.DateTimeField(db_default=Now())

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["lease", "days"], name="renewal_reminded_once")
        ]
