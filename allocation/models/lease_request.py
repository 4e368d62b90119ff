"""What a household asks of its lease: to go on, to swap, to move."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation import states
from allocation.models.home import Home
from allocation.models.lease import Lease
from core.identity.fields import EncryptedTextField
from core.workflow import StateTable


class LeaseRequest(models.Model):
    """A request for another lease (续租、互换、调换, 令11号 §23, §30); a person decides on it."""

    STATES: ClassVar[StateTable] = states.LEASE_REQUEST

    class Kind(models.TextChoices):
        RENEWAL = "renewal", _("续租")
        SWAP = "swap", _("两户互换")
        MOVE = "move", _("调换住房")

    kind = models.CharField(max_length=8, choices=Kind)
    lease = models.ForeignKey(Lease, models.PROTECT, related_name="requests")
    # a swap: the lease of the other household; a move: the home that the bureau offers
    other = models.ForeignKey(Lease, models.PROTECT, null=True, related_name="asked_of")
    home = models.ForeignKey(Home, models.PROTECT, null=True, related_name="+")
    state = models.CharField(
        max_length=10, choices=states.LEASE_REQUEST.choices, default=states.Q_ASKED
    )
    state_since = models.DateTimeField()
    reason = EncryptedTextField(blank=True, default="")
    late = models.BooleanField(default=False)  # after the day of §30: taken, and shown as late
    asked_at = models.DateTimeField()
    asked_by = models.CharField(max_length=80)
    consent_by = models.CharField(max_length=80, blank=True)
    consent_at = models.DateTimeField(null=True)
    consent_digest = models.CharField(max_length=64, blank=True)  # of the words agreed to
    decided_at = models.DateTimeField(null=True)
    decided_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    decision = models.CharField(max_length=400, blank=True)  # the household reads it
    on = models.DateField(null=True)  # a swap or a move: the day of both ends and both beginnings
    closed_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-asked_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["lease", "kind"],
                condition=models.Q(state__in=states.LEASE_REQUEST.open_ids),
                name="one_open_lease_request_of_a_kind",
                violation_error_message=_("已经有一份同样的请求在办。"),
            ),
            models.UniqueConstraint(
                fields=["home"],
                condition=models.Q(state__in=states.LEASE_REQUEST.open_ids, home__isnull=False),
                name="home_held_for_one_move",
                violation_error_message=_("这套房已经为另一户留着。"),
            ),
            models.CheckConstraint(
                condition=~models.Q(state__in=[states.Q_APPROVED, states.Q_DONE])
                | models.Q(decided_by__isnull=False, decided_at__isnull=False),
                name="lease_request_decided_by_a_person",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="renewal", other__isnull=True, home__isnull=True)
                | models.Q(kind="swap", other__isnull=False, home__isnull=True)
                | models.Q(kind="move", other__isnull=True, home__isnull=False),
                name="lease_request_names_what_it_asks",
            ),
            models.CheckConstraint(
                condition=models.Q(kind="renewal")
                | ~models.Q(state__in=[states.Q_APPROVED, states.Q_DONE])
                | models.Q(consent_at__isnull=False, on__isnull=False),
                name="lease_move_by_consent",
                violation_error_message=_("没有书面同意，不能换房。"),
            ),
        ]
        indexes = [models.Index(fields=["state", "kind"])]

    @property
    def case_no(self) -> str:
        return self.lease.case_no
