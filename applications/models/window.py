"""What a window keeps beside the case: sheets, signatures, attested typing, advice, lists."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Bureau, Staff
from applications import states
from applications.models.application import Application
from applications.models.household import Consent, Member
from core.identity.fields import EncryptedJSONField, EncryptedTextField
from core.workflow import StateTable


class DeskSheet(models.Model):
    """The sheet on the desk (工作单): what is typed so far, and the queue number (叫号).

    It belongs to the office, not to a session: another desk, or the next day, goes on with it. A
    sheet without an application holds a person who was parked before anything was asked.
    """

    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="+")
    application = models.OneToOneField(
        Application, models.CASCADE, null=True, related_name="desk_sheet"
    )
    queue_no = models.CharField(_("排队号"), max_length=12, blank=True)
    typed = EncryptedJSONField(default=dict)  # {form: {field: text}}
    no_phone = models.BooleanField(_("没有手机"), default=False)  # everything goes by paper
    parked_at = models.DateTimeField(null=True)
    parked_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["parked_at", "id"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(parked_at__isnull=True, parked_by__isnull=True)
                | models.Q(parked_at__isnull=False, parked_by__isnull=False),
                name="desk_sheet_parked_by_somebody",
            ),
        ]
        indexes = [models.Index(fields=["bureau", "parked_at"])]


class Attestation(models.Model):
    """The clerk's word for a number or name typed by hand (录入说明): reason and papers seen."""

    class Reason(models.TextChoices):
        UNREADABLE = "unreadable", _("证件读不出来")
        EXPIRED = "expired", _("证件过期")
        LOST = "lost", _("证件遗失，正在补办")
        RARE_CHARACTER = "rare_character", _("姓名有生僻字")
        FORMER_NAME = "former_name", _("用过别的姓名")

    application = models.ForeignKey(Application, models.CASCADE, related_name="attestations")
    member = models.ForeignKey(Member, models.CASCADE, related_name="+")
    reason = models.CharField(max_length=20, choices=Reason)
    papers = models.CharField(max_length=100)  # what the clerk held in hand instead
    remark = EncryptedTextField(blank=True, default="")  # a former name, parts of a character
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "id"]
        constraints = [
            models.UniqueConstraint(fields=["member", "reason"], name="attestation_once_a_reason"),
            models.CheckConstraint(
                condition=~models.Q(papers=""),
                name="attestation_names_papers",
                violation_error_message=_("请写明核对了哪种证件。"),
            ),
        ]


class Signature(models.Model):
    """A signature given at a window (签字): on the pad, as a typed name, or on paper.

    The image is kept encrypted; its digest and the digest of the words signed stand beside it.
    """

    class Kind(models.TextChoices):
        PAD = "pad", _("签字板手写")
        TYPED = "typed", _("键盘输入姓名")
        PAPER = "paper", _("纸上签字")

    consent = models.OneToOneField(Consent, models.CASCADE, related_name="signature")
    kind = models.CharField(max_length=6, choices=Kind)
    image = EncryptedTextField(null=True)  # PNG, base64
    image_digest = models.CharField(max_length=64, blank=True)  # SHA-256 of the PNG, or of the name
    text_digest = models.CharField(max_length=64)
    signed_at = models.DateTimeField()
    witnessed_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(kind="pad", image__isnull=False)
                | (~models.Q(kind="pad") & models.Q(image__isnull=True)),
                name="signature_pad_has_image",
            ),
        ]


class Consultation(models.Model):
    """Advice without a case (咨询): that it was given, and what it came to. Nobody is named."""

    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="+")
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    word = models.CharField(max_length=10)  # likely, not_yet, ask
    category = models.CharField(max_length=20)

    class Meta:
        indexes = [models.Index(fields=["bureau", "at"])]


class Transfer(models.Model):
    """A case handed to the office that it belongs to (转交), with what the family filled in.

    The registers' answers stay here: they were given to this office for its own decision.
    """

    class Reason(models.TextChoices):
        RESIDENCE = "residence", _("居住地由其他管委会管理")
        OUTSIDE = "outside", _("居住地不在鄞州区")

    application = models.OneToOneField(Application, models.CASCADE, related_name="transfer")
    reason = models.CharField(max_length=20, choices=Reason)
    note = models.CharField(max_length=200, blank=True)
    street = models.ForeignKey(Bureau, models.PROTECT, null=True, related_name="+")
    office = models.CharField(max_length=64)
    phone = models.CharField(max_length=40)
    bundle = EncryptedJSONField()
    digest = models.CharField(max_length=64)
    partner = models.CharField(max_length=20, blank=True)  # outbox destination; empty: by paper
    at = models.DateTimeField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")


class HandoverNote(models.Model):
    """A clerk's note to the colleague who opens next (交班)."""

    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="+")
    text = EncryptedTextField()
    by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-id"]


class EmployerList(models.Model):
    """Staff for whom an employer applies (单位名单, 令11号 §8), read but not yet, or imported."""

    STATES: ClassVar[StateTable] = states.EMPLOYER_LIST

    bureau = models.ForeignKey(Bureau, models.PROTECT, related_name="+")
    employer = models.CharField(max_length=80)
    credit_code = models.CharField(max_length=18)  # 统一社会信用代码
    contact = models.CharField(max_length=40)
    contact_phone = EncryptedTextField()
    file_name = models.CharField(max_length=120)
    file_digest = models.CharField(max_length=64)
    rows = EncryptedJSONField()  # as read; emptied once imported or discarded
    row_count = models.PositiveIntegerField()
    problems = EncryptedJSONField(default=list)  # [row, column, what, how to mend]
    problem_count = models.PositiveIntegerField()
    state = models.CharField(
        max_length=10, choices=states.EMPLOYER_LIST.choices, default=states.LIST_CHECKED
    )
    uploaded_by = models.ForeignKey(Staff, models.PROTECT, related_name="+")
    uploaded_at = models.DateTimeField()
    imported_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    imported_at = models.DateTimeField(null=True)

    class Meta:
        ordering = ["-uploaded_at", "-id"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(state="imported") | models.Q(problem_count=0),
                name="employer_list_imported_whole",
                violation_error_message=_("名单里还有要改的地方，不能导入。"),
            ),
            models.CheckConstraint(
                condition=models.Q(state="imported", imported_at__isnull=False)
                | (~models.Q(state="imported") & models.Q(imported_at__isnull=True)),
                name="employer_list_import_has_time",
            ),
        ]


class EmployerEntry(models.Model):
    """One person of an imported list: the draft made for them, and the invitation sent."""

    list = models.ForeignKey(EmployerList, models.PROTECT, related_name="entries")
    row = models.PositiveIntegerField()
    application = models.OneToOneField(Application, models.CASCADE, related_name="employer_entry")
    invited_at = models.DateTimeField(null=True)  # null: waits for the worker, or by paper

    class Meta:
        ordering = ["row"]
        constraints = [
            models.UniqueConstraint(fields=["list", "row"], name="employer_entry_once_per_row"),
        ]
