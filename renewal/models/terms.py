"""The changed terms of a household, as it was told of them."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from allocation.models import Lease, LeaseText
from core.identity.fields import EncryptedTextField
from renewal.models.campaign import Recheck


class TermsNotice(models.Model):
    """The letter about another tier and rent (保障标准调整通知), with both sums.

    Written once, by the person who settled the re-check. An objection is answered by another
    person, who computes it again.
    """

    class Fit(models.TextChoices):
        FITS = "fits", _("户型合适")
        CROWDED = "crowded", _("住得偏紧")
        ROOMY = "roomy", _("住得偏大")
        UNKNOWN = "unknown", _("户型待核对")

    class Outcome(models.TextChoices):
        UPHELD = "upheld", _("重新计算，结果一样")
        CORRECTED = "corrected", _("重新计算，已改正")

    recheck = models.OneToOneField(Recheck, models.PROTECT, related_name="terms")
    lease = models.ForeignKey(Lease, models.PROTECT, related_name="terms_notices")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    tier_old = models.CharField(max_length=10)
    tier_new = models.CharField(max_length=10)
    rent_old = models.DecimalField(max_digits=8, decimal_places=2)  # 元 a month
    rent_new = models.DecimalField(max_digits=8, decimal_places=2)
    # the sums as rent_sums keeps them; {} where no policy and standard of the day give the rent
    sum_old = models.JSONField(default=dict)
    sum_new = models.JSONField(default=dict)
    from_month = models.DateField()
    fit = models.CharField(max_length=8, choices=Fit, default=Fit.UNKNOWN)
    text = models.OneToOneField(LeaseText, models.PROTECT, null=True, related_name="terms_notice")
    object_until = models.DateField()
    objected_at = models.DateTimeField(null=True)
    objected_by = models.CharField(max_length=80, blank=True)
    objection = EncryptedTextField(blank=True, default="")
    answered_at = models.DateTimeField(null=True)
    answered_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    outcome = models.CharField(max_length=10, choices=Outcome, blank=True)
    answer = EncryptedTextField(blank=True, default="")
    tier_final = models.CharField(max_length=10, blank=True)
    rent_final = models.DecimalField(max_digits=8, decimal_places=2, null=True)

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(answered_by__isnull=True)
                | ~models.Q(answered_by=models.F("made_by")),
                name="terms_computed_again_by_another",
                violation_error_message=_("重新计算要由另一位工作人员来做。"),
            ),
            models.CheckConstraint(
                condition=models.Q(answered_at__isnull=True, outcome="")
                | models.Q(
                    objected_at__isnull=False,
                    answered_at__isnull=False,
                    answered_by__isnull=False,
                    rent_final__isnull=False,
                )
                & ~models.Q(outcome=""),
                name="terms_answer_whole",
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.lease.case_no


class RenewalCheck(models.Model):
    """The re-check on which a renewal is decided (续租核对): the year's, or one of its own."""

    request = models.OneToOneField(
        "allocation.LeaseRequest", models.PROTECT, related_name="renewal_check"
    )
    recheck = models.ForeignKey(Recheck, models.PROTECT, related_name="renewal_checks")
    reused = models.BooleanField()
    at = models.DateTimeField()
