"""The moves of the waiting list (轮候次序变动): what it was on any day is read from them."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications.models.change import Change
from applications.models.decision import Decision, WaitEntry
from core.identity.fields import EncryptedTextField


class WaitMove(models.Model):
    """One move of one household (轮候次序变动): appended, never altered.

    ``from_…`` and ``to_…`` are the place before and after it: tier of the draw and order key (the
    time by which the household stands within its tier). ``to_draw_tier`` is null once the household
    has left. The newest move of a household says where it stands.
    """

    class Kind(models.TextChoices):
        REGISTERED = "registered", _("登记轮候")
        MOVED_UP = "moved_up", _("位置提前")
        MOVED_DOWN = "moved_down", _("位置调后")
        SUSPENDED = "suspended", _("轮候暂停，位置保留")
        RESUMED = "resumed", _("恢复轮候，位置不变")
        LEFT = "left", _("离开轮候")
        RETURNED = "returned", _("重新进入轮候")
        TERMS = "terms", _("保障标准更新，位置不变")

    class Reason(models.TextChoices):
        APPROVED = "approved", _("公示期满，登记日期就是进入轮候的日期")
        CARRIED = "carried", _("启用次序记录以前的登记，按当时的日期补记")
        CHANGE = "change", _("家庭情况有变化，按新的情况重新核对")
        HOUSED = "housed", _("已签约入住")
        REFUSED = "refused", _("决定为不符合条件")
        ENDED = "ended", _("申请已撤回或者已办结")
        OVERTURNED = "overturned", _("原来的决定已改变，登记日期不变")
        PERSON = "person", _("由工作人员决定")

    entry = models.ForeignKey(WaitEntry, models.PROTECT, related_name="moves")
    at = models.DateTimeField()
    kind = models.CharField(max_length=12, choices=Kind)
    from_draw_tier = models.PositiveSmallIntegerField(null=True)
    from_order_at = models.DateTimeField(null=True)
    to_draw_tier = models.PositiveSmallIntegerField(null=True)
    to_order_at = models.DateTimeField(null=True)
    suspended = models.BooleanField(default=False)  # after the move
    unit_type = models.CharField(max_length=10, blank=True, default="")  # of the home it got
    reason = models.CharField(max_length=12, choices=Reason)
    words = EncryptedTextField(null=True)  # typed by the person, read by the family
    by = models.CharField(max_length=80)
    by_staff = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    decision = models.ForeignKey(Decision, models.PROTECT, null=True, related_name="+")
    change = models.ForeignKey(Change, models.PROTECT, null=True, related_name="+")

    class Meta:
        verbose_name = _("轮候次序变动")
        verbose_name_plural = _("轮候次序变动")
        ordering = ["at", "id"]
        indexes = [
            models.Index(fields=["entry", "-at", "-id"], name="wait_move_newest"),
            models.Index(fields=["at"], name="wait_move_at"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="left", to_draw_tier=None, to_order_at=None)
                | ~models.Q(kind="left")
                & models.Q(to_draw_tier__isnull=False, to_order_at__isnull=False),
                name="wait_move_says_where_to",
                violation_error_message=_("次序变动要写明变动后的位置。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["moved_down", "suspended", "resumed"])
                | models.Q(by_staff__isnull=False, words__isnull=False),
                name="wait_move_worse_by_a_person",
                violation_error_message=_("调后、暂停和恢复由工作人员决定，并写明原因。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(kind__in=["moved_up", "suspended", "resumed", "terms"])
                | models.Q(to_draw_tier__lt=models.F("from_draw_tier"))
                | models.Q(
                    to_draw_tier=models.F("from_draw_tier"),
                    to_order_at__lte=models.F("from_order_at"),
                ),
                name="wait_move_never_worse_by_itself",
                violation_error_message=_("没有工作人员的决定，轮候位置不会变差。"),
            ),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
        ]

    def __str__(self) -> str:
        return f"{self.entry_id} {self.kind} {self.at:%Y-%m-%d %H:%M}"
