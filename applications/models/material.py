"""What the family adds by itself: papers, promises, later supplements."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from accounts.models import Staff
from applications.models.application import Application
from applications.models.household import Member
from core.identity.fields import EncryptedTextField


class Material(models.Model):
    """A paper of the family (材料): one file handed in for one item, kept outside the web root.

    The same file stands once in an item: another tab, a double click or a second try after a cut
    line find this row and go on with it. What it showed are its pages.
    """

    class State(models.TextChoices):
        HALF = "half", _("没有传完")
        QUARANTINED = "quarantined", _("等待病毒扫描")
        CLEAN = "clean", _("已扫描")
        UNSCANNED = "unscanned", _("未扫描")
        INFECTED = "infected", _("有病毒，没有收下")

    application = models.ForeignKey(Application, models.CASCADE, related_name="materials")
    member = models.ForeignKey(Member, models.CASCADE, null=True)
    kind = models.CharField(max_length=60)  # key of the item: applications.material_list
    state = models.CharField(max_length=12, choices=State, default=State.UNSCANNED)
    # the sealed file itself, only while it waits for the scanner
    file = models.CharField(max_length=200, blank=True)
    parts = models.JSONField(default=list)  # sealed parts of a file that is still coming
    received = models.PositiveIntegerField(default=0)  # bytes
    content_type = models.CharField(max_length=60)  # by content, not by name
    size = models.PositiveIntegerField()
    digest = models.CharField(max_length=64)  # SHA-256 of the file as it was sent
    added_at = models.DateTimeField()
    added_by = models.CharField(max_length=80)
    touched_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "kind", "digest"],
                name="paper_once_per_item",
                violation_error_message=_("这一页已经传过。"),
            ),
            models.CheckConstraint(
                condition=models.Q(received__lte=models.F("size")), name="paper_not_overfull"
            ),
        ]
        indexes = [
            models.Index(
                fields=["state", "touched_at"],
                condition=models.Q(state__in=["half", "quarantined"]),
                name="paper_unfinished",
            )
        ]

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""


class MaterialPage(models.Model):
    """One page of a paper: a picture drawn anew, without the file's metadata or scripts."""

    application = models.ForeignKey(Application, models.CASCADE, related_name="pages")
    material = models.ForeignKey(Material, models.CASCADE, related_name="pages")
    item = models.CharField(max_length=60)
    position = models.PositiveSmallIntegerField()  # within the item
    page_no = models.PositiveSmallIntegerField()  # within its file
    file = models.CharField(max_length=40)  # name in applications.papers.store
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    size = models.PositiveIntegerField()
    turn = models.PositiveSmallIntegerField(default=0)  # degrees clockwise

    class Meta:
        ordering = ["item", "position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["material", "page_no"], name="page_once_per_paper"),
            models.UniqueConstraint(
                fields=["application", "item", "position"],
                name="page_has_its_place",
                deferrable=models.Deferrable.DEFERRED,
            ),
            models.CheckConstraint(
                condition=models.Q(turn__in=[0, 90, 180, 270]), name="page_turns_by_quarters"
            ),
        ]

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""


class Commitment(models.Model):
    """A promise in place of a paper (告知承诺): fact, effect, check and consequence were told."""

    class State(models.TextChoices):
        OPEN = "open", _("承诺待核实")
        KEPT = "kept", _("已核实")
        DOUBTED = "doubted", _("核对中")
        FALSE = "false", _("不实（待听取）")

    application = models.ForeignKey(Application, models.CASCADE, related_name="commitments")
    member = models.ForeignKey(Member, models.CASCADE, null=True)
    fact = models.CharField(max_length=40)  # rule code or fact name that the promise settles
    text = models.TextField()
    terms = models.TextField(default="")  # the whole text as it was told, all four parts
    text_digest = models.CharField(max_length=64)  # of the terms
    state = models.CharField(max_length=10, choices=State, default=State.OPEN)
    given_at = models.DateTimeField()
    check_due = models.DateField(null=True)
    finding = EncryptedTextField(default="")  # how it was checked, and what was found
    doubted_at = models.DateTimeField(null=True)
    doubted_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")
    hearing_due = models.DateField(null=True)
    heard = EncryptedTextField(default="")  # the family's own words
    heard_at = models.DateTimeField(null=True)
    checked_at = models.DateTimeField(null=True)
    checked_by = models.CharField(max_length=80, blank=True)
    settled_by = models.ForeignKey(Staff, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["application", "member", "fact"],
                name="commitment_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=~models.Q(state="false")
                | (
                    models.Q(doubted_by__isnull=False, settled_by__isnull=False)
                    & models.Q(hearing_due__isnull=False)
                    & ~models.Q(settled_by=models.F("doubted_by"))
                ),
                name="promise_false_after_hearing",
                violation_error_message=_("认定不实之前要先听取说明，并由另一人作出。"),
            ),
        ]
        indexes = [
            models.Index(
                fields=["check_due"],
                condition=models.Q(state__in=["open", "doubted"]),
                name="promise_to_check",
            )
        ]

    @property
    def case_no(self) -> str:
        return self.application.case_no or ""


class SupplementQuerySet(models.QuerySet["Supplement"]):
    """Which items: those of the one list of a correction (补正), and those that follow (容缺)."""

    def of_correction(self) -> "SupplementQuerySet":
        return self.filter(item__startswith=Supplement.CORRECTION)

    def to_follow(self) -> "SupplementQuerySet":
        return self.exclude(item__startswith=Supplement.CORRECTION)


class Supplement(models.Model):
    """An item that may follow later (容缺): listed, with a date."""

    CORRECTION: ClassVar[str] = "correction-"  # how the keys of a correction's items begin

    objects = SupplementQuerySet.as_manager()

    application = models.ForeignKey(Application, models.CASCADE, related_name="supplements")
    item = models.CharField(max_length=40)
    text = models.CharField(max_length=600)
    due_on = models.DateField()
    received_at = models.DateTimeField(null=True)
    reminded_for = models.DateField(null=True)  # the day of which the family was reminded
    # a person looked at what came and says why it does not do; empty: nobody says so
    wrong_because = EncryptedTextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["application", "item"], name="supplement_once")
        ]
