"""Work out of the office: visits, who ordered them, calls afterwards; messages to staff."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications.models.application import Application
from applications.models.review import ReviewTask
from core.identity.fields import EncryptedTextField


class VisitOrder(models.Model):
    """上门安排: somebody at a desk asks the street to go and look; one at a time for a case."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="visit_orders")
    reason = EncryptedTextField()
    ordered_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    ordered_at = models.DateTimeField()
    done_at = models.DateTimeField(null=True)  # somebody was met, or the case ended

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=models.Q(done_at__isnull=True),
                name="visit_order_open_once",
                violation_error_message=_("这一户已经安排了上门核实。"),
            )
        ]

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""


class Visit(models.Model):
    """入户核实: what two people saw at the door; a finding for a person, never a verdict.

    ``key`` is made by the phone before anything is sent: however often the same form arrives, it is
    one visit. ``visited_at`` is told by the phone, ``recorded_at`` by the platform. A second row of
    the same errand exists only where somebody wanted it beside a colleague's (``second``).
    """

    class Outcome(models.TextChoices):
        AS_DECLARED = "as_declared", _("与申报一致")
        DIFFERS = "differs", _("与申报有不同")
        NOBODY = "nobody", _("家中无人")

    class Met(models.TextChoices):
        APPLICANT = "applicant", _("申请人本人")
        FAMILY = "family", _("家庭成员")
        OTHER = "other", _("其他人，例如房东、邻居")

    class Lived(models.TextChoices):
        YES = "yes", _("住在这里")
        NO = "no", _("没有住在这里")
        UNCLEAR = "unclear", _("看不出来")

    class Condition(models.TextChoices):
        GOOD = "good", _("完好")
        PLAIN = "plain", _("一般，能正常居住")
        POOR = "poor", _("较差，例如漏水、没有厨卫")
        DANGEROUS = "dangerous", _("可能有危险，请专业人员看")

    key = models.UUIDField(
        unique=True, error_messages={"unique": _("这次上门已经记录过。")}
    )  # made by the client
    digest = models.CharField(max_length=64)  # of what was sent: a retry is told from another form
    application = models.ForeignKey(Application, models.CASCADE, related_name="home_visits")
    order = models.ForeignKey(VisitOrder, models.RESTRICT, null=True, related_name="visits")
    task = models.ForeignKey(ReviewTask, models.RESTRICT, null=True, related_name="visits")
    second = models.BooleanField(default=False)
    by = models.ForeignKey(Staff, models.PROTECT, related_name="visits")
    companion = models.CharField(max_length=60)  # 同行人: two people go, both are named
    visited_at = models.DateTimeField()
    recorded_at = models.DateTimeField()
    outcome = models.CharField(max_length=12, choices=Outcome)
    attempt = models.PositiveSmallIntegerField(null=True)  # nobody was at home for the n-th time
    met = models.CharField(max_length=10, choices=Met, blank=True)
    met_name = EncryptedTextField(blank=True, default="")
    lived_in = models.CharField(max_length=8, choices=Lived, blank=True)
    persons = models.PositiveSmallIntegerField(null=True)
    area = models.DecimalField(max_digits=7, decimal_places=2, null=True)  # square metres, as seen
    rent = models.DecimalField(max_digits=8, decimal_places=2, null=True)  # yuan a month, as told
    condition = models.CharField(max_length=10, choices=Condition, blank=True)
    differs = EncryptedTextField(blank=True, default="")
    remarks = EncryptedTextField(blank=True, default="")
    signature = EncryptedTextField(blank=True, default="")  # PNG data URL, or the name typed

    class Meta:
        ordering = ["visited_at", "pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(outcome="nobody", attempt__isnull=False, met="", lived_in="")
                | (
                    ~models.Q(outcome="nobody")
                    & models.Q(attempt__isnull=True)
                    & ~models.Q(met="")
                    & ~models.Q(lived_in="")
                ),
                name="visit_met_somebody_or_nobody",
                violation_error_message=_("家里没有人，就不能写见到了谁、是不是住在这里。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(companion=""),
                name="visit_by_two_people",
                violation_error_message=_("上门核实要两个人，请写明同行人。"),
            ),
            models.UniqueConstraint(
                fields=["task"],
                condition=~models.Q(outcome="nobody") & models.Q(second=False),
                name="visit_once_per_review",
                violation_error_message=_("这一户已经上门核实过。"),
            ),
            models.UniqueConstraint(
                fields=["order"],
                condition=~models.Q(outcome="nobody") & models.Q(second=False),
                name="visit_once_per_order",
                violation_error_message=_("这一户已经上门核实过。"),
            ),
            models.UniqueConstraint(
                fields=["application", "attempt"],
                condition=models.Q(attempt__isnull=False),
                name="visit_attempt_counted_once",
                violation_error_message=_("这一次上门已经计入次数。"),
            ),
        ]
        indexes = [models.Index(fields=["application", "visited_at"], name="visit_of_case")]

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""

    @property
    def nobody(self) -> bool:
        return self.outcome == self.Outcome.NOBODY


class VisitCall(models.Model):
    """电话联系: nobody was at home so many times; a person calls. Nothing adverse follows."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="visit_calls")
    opened_at = models.DateTimeField()
    due_on = models.DateField()
    done_at = models.DateTimeField(null=True)
    done_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    reached = models.BooleanField(null=True)
    text = EncryptedTextField(blank=True, default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application"],
                condition=models.Q(done_at__isnull=True),
                name="visit_call_open_once",
                violation_error_message=_("这一户已经在等电话联系。"),
            ),
            models.CheckConstraint(
                condition=models.Q(done_at__isnull=True)
                | models.Q(done_by__isnull=False, reached__isnull=False),
                name="visit_call_done_by_somebody",
                violation_error_message=_("电话联系要写明谁打的、打通没有。"),
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""


class StaffNotice(models.Model):
    """工作消息: something a member of staff should know in time; it changes nothing by itself."""

    class Kind(models.TextChoices):
        SHARE = "share", _("任务时间过了大半")
        DUE = "due", _("任务今天到期")
        ESCALATED = "escalated", _("任务快到期，请关注")
        VISIT = "visit", _("有一户要上门核实")
        HOLD = "hold", _("房源的维修或保留快到期")
        OVERDUE = "overdue", _("房源的维修或保留已过期")
        AID = "aid", _("有一户可能要主动帮助")

    staff = models.ForeignKey(Staff, models.CASCADE, related_name="notices")
    kind = models.CharField(max_length=10, choices=Kind)
    key = models.CharField(max_length=40)  # what it is about: told once
    task = models.ForeignKey(ReviewTask, models.CASCADE, null=True, related_name="notices")
    # empty for what is about no household, such as a home that is held back
    application = models.ForeignKey(Application, models.CASCADE, null=True, related_name="+")
    about = models.CharField(max_length=120, blank=True, default="")  # where there is no task
    day = models.DateField(null=True)  # until when
    path = models.CharField(max_length=200, blank=True, default="")  # where it is looked after
    at = models.DateTimeField()
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["staff", "kind", "key"],
                name="staff_told_once",
                violation_error_message=_("这条消息已经发过。"),
            )
        ]
        indexes = [
            models.Index(fields=["staff", "-at"], name="staff_notices"),
            models.Index(
                fields=["staff"], condition=models.Q(read_at__isnull=True), name="staff_unread"
            ),
        ]

    @property
    def case_no(self) -> str:
        return (self.application.case_no or "") if self.application else ""
