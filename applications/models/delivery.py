"""How letters reach people (送达): the consent to electronic service, each try and its proof."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications import states
from applications.models.application import Application
from applications.models.decision import Decision, Reconsideration
from core.identity.fields import EncryptedTextField
from core.workflow import StateTable


class ServiceConsent(models.Model):
    """电子送达确认书: a person chose, in writing, that letters arrive in the app; withdrawable."""

    class Method(models.TextChoices):
        ONLINE = "online", _("本人网上确认")
        WINDOW = "window", _("窗口签字确认")

    person_index = models.CharField(max_length=64)
    method = models.CharField(max_length=10, choices=Method)
    text_version = models.CharField(max_length=20)
    text_digest = models.CharField(max_length=64)
    given_at = models.DateTimeField()
    withdrawn_at = models.DateTimeField(null=True)
    recorded_by = models.CharField(max_length=80)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person_index"],
                condition=models.Q(withdrawn_at__isnull=True),
                name="one_service_consent_in_force",
                violation_error_message=_("已经同意过电子送达。"),
            )
        ]


class Delivery(models.Model):
    """One try to serve one letter (送达): the way, when it left, what proves how it ended."""

    STATES: ClassVar[StateTable] = states.DELIVERY

    class Channel(models.TextChoices):
        ELECTRONIC = "electronic", _("电子送达")
        POST = "post", _("邮寄")
        WINDOW = "window", _("窗口领取")
        VISIT = "visit", _("上门送达")
        NOTICE = "notice", _("公告送达")

    class Proof(models.TextChoices):
        ARRIVED = "arrived", _("到达本人确认的系统")
        SIGNED = "signed", _("回执已签收")
        LEFT = "left", _("留置，有照片和见证人")
        ANNOUNCED = "announced", _("公告期满")
        RETURNED = "returned", _("被退回")
        REFUSED = "refused", _("拒收")
        ABSENT = "absent", _("没有找到人")

    application = models.ForeignKey(Application, models.CASCADE, related_name="deliveries")
    decision = models.ForeignKey(Decision, models.CASCADE, null=True, related_name="deliveries")
    reconsideration = models.ForeignKey(
        Reconsideration, models.CASCADE, null=True, related_name="deliveries"
    )
    attempt = models.PositiveSmallIntegerField()
    channel = models.CharField(max_length=10, choices=Channel)
    state = models.CharField(
        max_length=10, choices=states.DELIVERY.choices, default=states.DELIVERY_SENT
    )
    state_since = models.DateTimeField()
    consent = models.ForeignKey(ServiceConsent, models.PROTECT, null=True, related_name="+")
    address = EncryptedTextField(blank=True, default="")  # where to; of a notice: where it hangs
    tracking_no = models.CharField(max_length=40, blank=True)
    sent_at = models.DateTimeField()
    sent_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    # who confirmed an announcement, or stood by when a letter was left
    second_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    due_on = models.DateField(null=True)  # proof is expected by; an announcement runs until
    proof = models.CharField(max_length=10, choices=Proof, blank=True)
    proved_on = models.DateField(null=True)  # the day on which it happened, in Ningbo
    note = EncryptedTextField(blank=True, default="")
    recorded_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    recorded_at = models.DateTimeField(null=True)
    served_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)  # the family opened the letter itself

    class Meta:
        ordering = ["attempt"]
        indexes = [
            models.Index(
                fields=["due_on", "id"],
                condition=models.Q(state__in=[states.DELIVERY_SENT, states.DELIVERY_PROPOSED]),
                name="delivery_queue",
            )
        ]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(decision__isnull=False)
                ^ models.Q(reconsideration__isnull=False),
                name="delivery_of_one_letter",
            ),
            models.UniqueConstraint(
                fields=["decision", "reconsideration"],
                condition=models.Q(
                    state__in=[
                        states.DELIVERY_SENT, states.DELIVERY_PROPOSED, states.DELIVERY_SERVED,
                    ]
                ),
                nulls_distinct=False,
                name="one_delivery_at_a_time",
                violation_error_message=_("这份文书正在送达，或者已经送达。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state=states.DELIVERY_SERVED)
                | models.Q(
                    proof="arrived", channel="electronic", consent__isnull=False,
                    proved_on__isnull=False,
                )
                | models.Q(
                    proof="signed", recorded_by__isnull=False, proved_on__isnull=False,
                )
                | models.Q(
                    proof__in=["left", "announced"], recorded_by__isnull=False,
                    second_by__isnull=False, proved_on__isnull=False,
                ),
                name="service_is_proven",
                violation_error_message=_("没有送达的证明，不能算送达。"),
            ),
            models.CheckConstraint(
                condition=models.Q(second_by__isnull=True)
                | models.Q(sent_by__isnull=True)
                | ~models.Q(second_by=models.F("sent_by")),
                name="delivery_second_is_another",
                violation_error_message=_("要由另一位同事确认。"),
            ),
        ]  # fmt: skip

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""

    @property
    def letter(self) -> Decision | Reconsideration:
        """The letter on its way."""
        found = self.decision or self.reconsideration
        assert found is not None  # the database holds no other
        return found
