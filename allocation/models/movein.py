"""Moving in: what was told to whom, what ended access, cards and codes, both sides compared."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation.models.lease import AccessGrant, Lease
from core.models import OutboxMessage


class Push(models.Model):
    """A message about a lease to another system (联动消息); ``noted`` is its last state read."""

    lease = models.ForeignKey(Lease, models.PROTECT, related_name="pushes")
    kind = models.CharField(max_length=20)
    message = models.OneToOneField(OutboxMessage, models.PROTECT, related_name="push")
    noted = models.CharField(max_length=10, default=OutboxMessage.State.PENDING)

    class Meta:
        ordering = ["pk"]
        indexes = [models.Index(fields=["lease", "kind"])]


class ReceivedReceipt(models.Model):
    """A signed receipt that another system called in (回执); its id counts once."""

    destination = models.CharField(max_length=20)
    message_id = models.CharField(max_length=80)
    at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["destination", "message_id"], name="receipt_once")
        ]


class AccessEnd(models.Model):
    """What alone ends access (门禁停用的依据): a signed hand-back, or a court's enforcement."""

    class Ground(models.TextChoices):
        HANDED_BACK = "handed_back", _("已签字交房")
        ENFORCED = "enforced", _("法院强制执行")

    lease = models.OneToOneField(Lease, models.PROTECT, related_name="access_end")
    ground = models.CharField(max_length=12, choices=Ground)
    on = models.DateField()
    signed_by = models.CharField(max_length=80, blank=True)  # who signed the hand-back
    document = models.CharField(max_length=200)  # 交房单, or the number of the court's document
    recorded_by = models.CharField(max_length=80)
    recorded_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(document="")
                & (models.Q(ground="enforced") | ~models.Q(signed_by="")),
                name="access_end_is_proved",
                violation_error_message=_("请写明依据：谁签的交房单，或者法院文书的文号。"),
            )
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    @property
    def case_no(self) -> str:
        return self.lease.case_no


class SpareKey(models.Model):
    """A card or a one-time code (备用卡、临时密码): issued by a person, logged, with an end."""

    class Kind(models.TextChoices):
        CARD = "card", _("门禁卡")  # for who uses neither phone nor face: valid as the lease is
        SPARE = "spare", _("备用卡")
        CODE = "code", _("一次性密码")

    class State(models.TextChoices):
        VALID = "valid", _("有效")
        RETURNED = "returned", _("已交回")
        REPLACED = "replaced", _("已补新卡")
        EXPIRED = "expired", _("已到期")
        ENDED = "ended", _("随租约停用")

    grant = models.ForeignKey(AccessGrant, models.PROTECT, related_name="spares")
    kind = models.CharField(max_length=6, choices=Kind)
    number = models.CharField(max_length=40, blank=True)  # printed on the card; never a code
    code_index = models.CharField(max_length=64, blank=True)  # keyed hash of a code
    reason = models.CharField(max_length=200)
    state = models.CharField(max_length=10, choices=State, default=State.VALID)
    issued_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    issued_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["number"],
                condition=models.Q(state="valid") & ~models.Q(number=""),
                name="card_in_one_hand",
                violation_error_message=_("这张卡正在别人手里用，请核对卡号。"),
            ),
            models.CheckConstraint(
                condition=models.Q(kind="code", number="") & ~models.Q(code_index="")
                | ~models.Q(kind="code") & ~models.Q(number="") & models.Q(code_index=""),
                name="spare_is_card_or_code",
            ),
        ]
        indexes = [
            models.Index(
                fields=["expires_at"], condition=models.Q(state="valid"), name="spare_to_expire"
            )
        ]

    @property
    def case_no(self) -> str:
        return self.grant.lease.case_no


class Reconciliation(models.Model):
    """One comparison of both sides' lists (对账), once a day and system."""

    class State(models.TextChoices):
        RUNNING = "running", _("正在核对")
        DONE = "done", _("已核对")
        FAILED = "failed", _("没有取到对方名单")

    day = models.DateField()
    destination = models.CharField(max_length=20)
    state = models.CharField(max_length=8, choices=State, default=State.RUNNING)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    ours = models.PositiveIntegerField(default=0)
    theirs = models.PositiveIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)

    class Meta:
        ordering = ["-day", "destination"]
        constraints = [
            models.UniqueConstraint(fields=["day", "destination"], name="reconciled_once_a_day")
        ]


class Difference(models.Model):
    """A difference between both lists (对账差异), a piece of work with a proposed repair."""

    class Kind(models.TextChoices):
        MISSING_THERE = "missing_there", _("对方没有")
        SHORTER_THERE = "shorter_there", _("对方有效期不够")
        LONGER_THERE = "longer_there", _("对方有效期过长")
        MISSING_HERE = "missing_here", _("我们没有登记")
        SHOULD_BE_GONE = "should_be_gone", _("已退出，对方还在")

    class State(models.TextChoices):
        OPEN = "open", _("待处理")
        SENT = "sent", _("已重发，等下次核对")
        REPAIRED = "repaired", _("已一致")
        KEPT = "kept", _("已说明")

    destination = models.CharField(max_length=20)
    kind = models.CharField(max_length=15, choices=Kind)
    contract = models.CharField(max_length=40)
    person = models.CharField(max_length=64, blank=True)  # blind index; empty: the lease itself
    lease = models.ForeignKey(Lease, models.PROTECT, null=True, related_name="differences")
    ours_until = models.DateField(null=True)
    theirs_until = models.DateField(null=True)
    state = models.CharField(max_length=8, choices=State, default=State.OPEN)
    first_seen = models.ForeignKey(Reconciliation, models.PROTECT, related_name="found")
    last_seen = models.ForeignKey(Reconciliation, models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.CharField(max_length=80, blank=True)
    reason = models.CharField(max_length=300, blank=True)

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["destination", "kind", "contract", "person"],
                condition=models.Q(state__in=["open", "sent"]),
                name="difference_stands_once",
            ),
            models.CheckConstraint(
                condition=~models.Q(state="kept") | ~models.Q(reason=""),
                name="difference_kept_with_a_reason",
                violation_error_message=_("请写明为什么不改。"),
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.lease.case_no if self.lease else ""
